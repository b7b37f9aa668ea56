# SPDX-License-Identifier: Apache-2.0
"""Threads that write to a server and keep a record of what was acknowledged, for crash tests."""

import copy
import itertools
import threading
import uuid

from support.rest_client import NotAnswering
from support.write_record import ABSENT, WriteRecord

OWNERS = 4
POINTS_PER_OWNER = 60
GROUPS = 5


def vector_of(stamp, size):
    """Exact in single precision, and made from the stamp alone, so that a torn vector shows."""
    return [float(stamp % 16_000_000)] + [float((stamp * (31 + i) + i * 7) % 1021) for i in range(size - 1)]


class Target:
    """One collection under writes."""

    def __init__(self, name, vectors, shards):
        self.record = WriteRecord(name)
        self.name = name
        self.vectors = vectors
        self.body = {"vectors": {n: {"size": s, "distance": "Dot"} for n, s in vectors.items()}, "shard_number": shards}
        if set(vectors) == {""}:
            self.body["vectors"] = self.body["vectors"][""]

    def vector(self, stamp):
        made = {name: vector_of(stamp, size) for name, size in self.vectors.items()}
        return made[""] if set(made) == {""} else made

    def read_all(self, client):
        """Every point of the collection, each id once; ids map to states."""
        found = {}
        for record in client.collection(self.name).scroll_all(page=500, with_payload=True, with_vector=True):
            assert record["id"] not in found, f"{self.name}: point {record['id']} comes twice"
            found[record["id"]] = {"vector": record["vector"], "payload": record["payload"]}
        return found


def two_targets():
    return [Target("plain", {"": 12}, 1), Target("named", {"a": 8, "b": 4}, 3)]


class Writers:
    """OWNERS threads; each changes only points of its own. `stamps` makes every write unlike any other."""

    def __init__(self, targets, seed):
        self.targets = targets
        self._seed = seed
        self._stamps = itertools.count(1)
        self._rounds = itertools.count()
        self.failures = []

    def start(self, server):
        """Writes until the server stops answering, or `stop` is called."""
        self._stop = threading.Event()
        round_number = next(self._rounds)
        self._threads = [threading.Thread(target=self._guarded, args=(server.client, owner, round_number), daemon=True)
                         for owner in range(OWNERS)]
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        assert not self.failures, self.failures[0]

    def acknowledged(self):
        return sum(target.record.acknowledged_requests for target in self.targets)

    def _guarded(self, client, owner, round_number):
        try:
            self._write(client, owner, self._seed.rng(f"writer {owner} round {round_number}"))
        except NotAnswering:
            pass
        except BaseException as failure:  # noqa: BLE001 - handed over by stop()
            self.failures.append(failure)
        finally:
            client.close()

    def _ids(self, owner):
        numbers = [owner + OWNERS * i for i in range(POINTS_PER_OWNER)]
        return numbers + [str(uuid.UUID(int=(owner << 64) + i)) for i in range(POINTS_PER_OWNER // 4)]

    def _write(self, client, owner, rng):
        ids = self._ids(owner)
        while not self._stop.is_set():
            target = rng.choice(self.targets)
            method, tail, body, states = self._operation(target, owner, ids, rng)
            if not states:
                continue
            target.record.begin(states)
            try:
                answer = client.request(method, f"/collections/{target.name}{tail}", body, wait=rng.random() < 0.8)
            except NotAnswering:
                target.record.unanswered()
                raise
            if answer.status == 200:
                target.record.acknowledge(states)
            else:
                self.refused(answer)

    def refused(self, answer):
        raise AssertionError(f"a write failed: {answer}")

    def _operation(self, target, owner, ids, rng):
        """(method, path, body, resulting states) of a random change."""
        held = {i: s for i in ids if (s := target.record.state(i)) is not ABSENT}
        stamp = next(self._stamps)
        draw = rng.random()
        if draw < 0.5 or not held:
            points, states = [], {}
            for point in rng.sample(ids, rng.randint(1, 6)):
                payload = {"stamp": stamp, "owner": owner, "group": rng.randrange(GROUPS), "text": "x" * rng.randrange(200)}
                states[point] = {"vector": target.vector(stamp), "payload": payload}
                points.append({"id": point, **states[point]})
            return "PUT", "/points", {"points": points}, states
        some = rng.sample(sorted(held, key=str), min(len(held), rng.randint(1, 4)))
        if draw < 0.6:
            return "POST", "/points/delete", {"points": some}, {i: ABSENT for i in some}
        if draw < 0.67:
            group = rng.randrange(GROUPS)
            gone = {i: ABSENT for i, s in held.items() if s["payload"].get("group") == group and s["payload"].get("owner") == owner}
            both = [{"key": "owner", "match": {"value": owner}}, {"key": "group", "match": {"value": group}}]
            return "POST", "/points/delete", {"filter": {"must": both}}, gone
        if draw < 0.8:
            return "POST", "/points/payload", {"payload": {"mark": stamp}, "points": some}, self._changed(held, some, {"mark": stamp})
        if draw < 0.86:
            new = {"owner": owner, "only": stamp}
            return "PUT", "/points/payload", {"payload": new, "points": some}, {i: {**held[i], "payload": new} for i in some}
        if draw < 0.9:
            states = copy.deepcopy({i: held[i] for i in some})
            for state in states.values():
                state["payload"].pop("mark", None)
            return "POST", "/points/payload/delete", {"keys": ["mark"], "points": some}, states
        vector = target.vector(stamp)
        return ("PUT", "/points/vectors", {"points": [{"id": i, "vector": vector} for i in some]},
                {i: {**held[i], "vector": vector} for i in some})

    @staticmethod
    def _changed(held, some, extra):
        return {i: {**held[i], "payload": {**held[i]["payload"], **extra}} for i in some}


def verify(client, targets, rng):
    """Compares the server with the record, and its ways of reading with each other; returns what is wrong."""
    faults = []
    for target in targets:
        found = target.read_all(client)
        faults += target.record.compare(found)
        faults += _compare_reads(client.collection(target.name), target, found, rng)
    return faults


def _compare_reads(collection, target, found, rng):
    faults = []

    def check(what, got, expected):
        if got != expected:
            faults.append(f"{target.name}: {what}: {got}, expected {expected}")
    check("count", collection.count().result["count"], len(found))
    owner = rng.randrange(OWNERS)
    filter = {"must": [{"key": "owner", "match": {"value": owner}}]}
    matching = sorted((i for i, s in found.items() if s["payload"].get("owner") == owner), key=_id_order)
    check("filtered scroll", collection.ids(filter), matching)
    check("filtered count", collection.count(filter=filter).result["count"], len(matching))
    using = rng.choice(sorted(target.vectors))
    query = [float(rng.randrange(3)) for _ in range(target.vectors[using])]

    def vector(state):
        return state["vector"] if isinstance(state["vector"], list) else state["vector"].get(using)
    scores = {i: sum(x * y for x, y in zip(query, vector(s))) for i, s in found.items() if vector(s)}
    for params in ({"exact": True}, {}):
        hits = collection.query(query=query, using=using, limit=len(found) + 10, params=params).result["points"]
        wrong = [h for h in hits if h["id"] not in scores or abs(h["score"] - scores[h["id"]]) > 1e-5 * max(1.0, abs(scores[h["id"]]))]
        if wrong:
            faults.append(f"{target.name}: wrong hits with {params}: {wrong[:3]}")
        if params:
            check("points found by exact search", sorted((h["id"] for h in hits), key=_id_order), sorted(scores, key=_id_order))
    return faults


def _id_order(point):
    return (isinstance(point, str), point)
