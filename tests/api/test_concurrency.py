# SPDX-License-Identifier: Apache-2.0
"""Many readers and writers at once: every answer is one consistent state, and no acknowledged write is missed."""

import threading

import pytest

from support.waiting import Deadline

pytestmark = pytest.mark.smoke

SIZE = 16
POINTS = 120
SECONDS = 3


def vector_of(stamp):
    return [float((stamp * (i + 1)) % 997) for i in range(SIZE)]


class Crowd:
    """Threads that run until the time is over or one of them fails."""

    def __init__(self, client):
        self._client = client
        self._deadline = Deadline(SECONDS)
        self._failures = []
        self._threads = []

    def going(self):
        return not self._deadline.passed() and not self._failures

    def add(self, work, *arguments):
        def guarded():
            try:
                while self.going():
                    work(*arguments)
            except BaseException as failure:  # noqa: BLE001 - handed to the test's own thread
                self._failures.append(failure)
            finally:
                self._client.close()
        self._threads.append(threading.Thread(target=guarded))

    def run(self):
        for thread in self._threads:
            thread.start()
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise self._failures[0]


def assert_whole(record):
    """Vector and payload of one answer were written together."""
    assert record["vector"] == vector_of(record["payload"]["stamp"]), record


@pytest.mark.parametrize("shards", [1, 3])
def test_reads_see_whole_points_while_they_change(new_collection, seed, shards):
    collection = new_collection({"vectors": {"size": SIZE, "distance": "Dot"}, "shard_number": shards,
                                 "optimizers_config": {"indexing_threshold": 1}, "hnsw_config": {"full_scan_threshold": 10}})
    collection.upsert([{"id": i, "vector": vector_of(i), "payload": {"stamp": i, "writer": i % 3}} for i in range(POINTS)]).result
    crowd = Crowd(collection.client)
    counters = [0] * 3
    done = {"writes": 0, "reads": 0}

    def write(me, rng):
        counters[me] += 1
        stamp = 1000 + counters[me] * 3 + me
        ids = [i for i in rng.sample(range(POINTS), 8) if i % 3 == me] or [me]
        if rng.random() < 0.15:
            collection.delete(points=ids).result
        collection.upsert([{"id": i, "vector": vector_of(stamp), "payload": {"stamp": stamp, "writer": me}} for i in ids]).result
        # What was acknowledged is seen by the next read, and nobody else writes these points.
        for record in collection.retrieve(ids, with_payload=True, with_vector=True).result:
            assert record["payload"]["stamp"] == stamp
            assert_whole(record)
        done["writes"] += 1

    def read(rng):
        filter = {"must": [{"key": "writer", "match": {"value": rng.randrange(3)}}]}
        query = vector_of(rng.randrange(2000))
        points = collection.query(query=query, limit=20, filter=filter, with_payload=True, with_vector=True).result["points"]
        assert len({p["id"] for p in points}) == len(points)
        for point in points:
            assert_whole(point)
            assert point["payload"]["writer"] == point["id"] % 3
            assert point["score"] == pytest.approx(sum(x * y for x, y in zip(query, point["vector"])), rel=1e-5)
        assert [p["score"] for p in points] == sorted((p["score"] for p in points), reverse=True)
        records = collection.scroll(limit=500, with_vector=True).result["points"]
        assert [r["id"] for r in records] == sorted({r["id"] for r in records})
        for record in records:
            assert_whole(record)
        assert collection.count().result["count"] <= POINTS
        done["reads"] += 1

    def change_indexes(rng):
        if rng.random() < 0.5:
            collection.create_index("writer", rng.choice(["integer", "float"])).result
        else:
            collection.drop_index("writer").result
        collection.patch({"hnsw_config": {"m": rng.choice([8, 16, 24])}}).result
        assert collection.info().result["status"] in ("green", "yellow")

    for me in range(3):
        crowd.add(write, me, seed.rng(f"writer {me}"))
    for reader in range(3):
        crowd.add(read, seed.rng(f"reader {reader}"))
    crowd.add(change_indexes, seed.rng("indexes"))
    crowd.run()
    assert done["writes"] >= 3 and done["reads"] >= 3
    assert collection.ids() == list(range(POINTS))


def test_collections_come_and_go_under_requests(rest, seed):
    """A request to a collection that is dropped meanwhile is answered, or told that there is none."""
    crowd = Crowd(rest)
    there = rest.collection("coming-and-going")
    rounds = [0]

    def change():
        assert there.create({"vectors": {"size": 2, "distance": "Dot"}, "shard_number": 2}).status in (200, 409)
        there.upsert([{"id": i, "vector": [i, 1]} for i in range(20)])
        assert there.drop().result in (True, False)
        rounds[0] += 1

    def use(rng):
        answers = (there.query(query=[1, 0], limit=5), there.scroll(), there.count(), there.info(),
                   there.upsert([{"id": rng.randrange(50), "vector": [1, 1]}]), rest.get("/collections"))
        for answer in answers:
            # 503 while the collection is being closed: the client may try again, and will then be told 404.
            assert answer.status in (200, 404, 503), str(answer)
            if answer.status == 404:
                assert "Collection `coming-and-going` doesn't exist!" in answer.error
    crowd.add(change)
    for me in range(3):
        crowd.add(use, seed.rng(str(me)))
    crowd.run()
    assert rounds[0] >= 2
    there.drop()


def test_writers_of_one_point_are_put_in_one_order(points):
    """The last state of a point is the last write of one of its writers, wholly."""
    crowd = Crowd(points.client)
    last = [0] * 4
    points.upsert([{"id": 1, "vector": [0, 0, 0, 0], "payload": {"by": 0, "n": 0}}]).result

    def write(me):
        number = last[me] + 1
        points.upsert([{"id": 1, "vector": [me, number % 1000, me, 1], "payload": {"by": me, "n": number}}]).result
        last[me] = number
    for me in range(4):
        crowd.add(write, me)
    crowd.run()
    record = points.point(1).result
    by, number = record["payload"]["by"], record["payload"]["n"]
    assert number == last[by]
    assert record["vector"] == [float(by), float(number % 1000), float(by), 1.0]
