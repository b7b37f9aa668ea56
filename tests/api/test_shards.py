# SPDX-License-Identifier: Apache-2.0
"""A collection of several shards answers exactly like one of a single shard."""

import pytest

pytestmark = pytest.mark.smoke


@pytest.fixture(scope="module")
def pair(shared_server):
    """The same 300 points in one shard and in three."""
    rest = shared_server.client
    made = []
    for shards in (1, 3):
        collection = rest.collection(f"shards-{shards}")
        assert collection.create({"vectors": {"size": 4, "distance": "Dot"}, "shard_number": shards}).result is True
        made.append(collection)
        for start in range(0, 300, 100):
            collection.upsert([{"id": i, "vector": [i % 17, (i * 7) % 23, (i * i) % 29, i / 300],
                                "payload": {"n": i, "g": i % 5}} for i in range(start, start + 100)]).result
    yield made
    for collection in made:
        collection.drop()


def both(pair, ask):
    one, three = (ask(collection) for collection in pair)
    assert one == three
    return three


def test_counts_and_pages(pair):
    assert both(pair, lambda c: c.info().result["points_count"]) == 300
    assert both(pair, lambda c: c.count().result) == {"count": 300}
    for page in (1, 7, 100, 299, 300, 301):
        assert both(pair, lambda c: [r["id"] for r in c.scroll_all(page=page, with_payload=False)]) == list(range(300))


@pytest.mark.parametrize("limit, offset", [(1, 0), (10, 0), (10, 5), (100, 250), (1000, 0), (5, 400)])
@pytest.mark.parametrize("filter", [None, {"must": [{"key": "g", "match": {"value": 3}}]}, {"must": [{"has_id": [1, 2, 200]}]}])
def test_merged_searches(pair, limit, offset, filter):
    body = {"query": [1, 0.5, 0.25, 3], "limit": limit, "offset": offset, "params": {"exact": True}}
    if filter:
        body["filter"] = filter
    points = both(pair, lambda c: [(p["id"], p["score"]) for p in c.query(**body).result["points"]])
    assert [s for _, s in points] == sorted((s for _, s in points), reverse=True)
    assert len(set(points)) == len(points)


def test_retrieve_keeps_the_order_over_shards(pair):
    ids = [299, 3, 150, 7, 1000, 3, 42]
    assert both(pair, lambda c: [r["id"] for r in c.retrieve(ids).result]) == [299, 3, 150, 7, 42]


def test_query_by_id_over_shards(pair):
    for i in (0, 42, 299):
        points = both(pair, lambda c: [(p["id"], p["score"]) for p in c.query(query=i, limit=20, params={"exact": True}).result["points"]])
        assert len(points) == 20 and i not in [p for p, _ in points]


def test_threshold_over_shards(pair):
    points = both(pair, lambda c: [(p["id"], p["score"]) for p in c.query(
        query=[1, 1, 1, 1], limit=500, score_threshold=40, params={"exact": True}).result["points"]])
    assert points and all(score > 40 for _, score in points)


def test_writes_reach_every_shard(new_collection):
    collection = new_collection(shard_number=4)
    collection.upsert([{"id": i, "vector": [i, 0, 0, 0], "payload": {"n": i}} for i in range(80)]).result
    collection.set_payload({"s": 1}, filter={}).result
    assert collection.count(filter={"must": [{"key": "s", "match": {"value": 1}}]}).result == {"count": 80}
    collection.create_index("n", "integer").result
    assert collection.info().result["payload_schema"]["n"]["points"] == 80
    collection.delete(filter={"must": [{"key": "n", "range": {"gte": 40}}]}).result
    assert collection.ids() == list(range(40))
    collection.set_payload({"t": 1}, points=[1, 500]).expect_error(404, "No point with id 500 found")
    collection.upsert([{"id": 1, "vector": [1, 2, 3, 4]}, {"id": 2, "vector": [1, 2, 3]}]).expect_error(400, "expected dim: 4, got 3")
    collection.clear_payload(points=list(range(40))).result
    assert {str(r["payload"]) for r in collection.scroll_all()} == {"{}"}
    collection.delete(points=list(range(40))).result
    assert collection.count().result == {"count": 0}
