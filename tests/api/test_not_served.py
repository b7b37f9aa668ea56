# SPDX-License-Identifier: Apache-2.0
"""Parts of the API that are not there yet are refused with a clear error; whatever is there answers rightly.

When a part arrives it gets a suite of its own, and its line here goes.
"""

import pytest


@pytest.fixture
def filled(new_collection):
    collection = new_collection(size=2)
    collection.upsert([{"id": i, "vector": [i, 1], "payload": {
        "t": f"word{i} other", "d": f"2024-01-0{i}T00:00:00Z", "n": i, "g": {"lon": float(i), "lat": 0.0}}} for i in range(1, 6)]).result
    return collection


def refused_or(answer, check):
    """An error that says something, or a right answer."""
    if answer.status == 200:
        check(answer.result)
        return
    assert answer.status in (400, 422, 501), str(answer)
    assert len(answer.error) > 15, str(answer)


def ids(result):
    return sorted(p["id"] for p in (result["points"] if isinstance(result, dict) else result))


@pytest.mark.parametrize("condition, matching", [
    ({"key": "t", "match": {"text": "word2"}}, [2]), ({"key": "t", "match": {"text_any": "word2 word3"}}, [2, 3]),
    ({"key": "t", "match": {"phrase": "word2 other"}}, [2]), ({"key": "t", "match": {"prefix": "word4"}}, [4]),
    ({"key": "d", "range": {"gte": "2024-01-04"}}, [4, 5]),
    ({"key": "g", "geo_radius": {"center": {"lon": 1.0, "lat": 0.0}, "radius": 1000}}, [1]),
    ({"key": "g", "geo_bounding_box": {"top_left": {"lon": 1.5, "lat": 1}, "bottom_right": {"lon": 3.5, "lat": -1}}}, [2, 3]),
    ({"key": "g", "geo_polygon": {"exterior": {"points": [{"lon": 1.5, "lat": -1}, {"lon": 3.5, "lat": -1}, {"lon": 3.5, "lat": 1},
                                                           {"lon": 1.5, "lat": 1}, {"lon": 1.5, "lat": -1}]}}}, [2, 3]),
])
def test_conditions(filled, condition, matching):
    filter = {"must": [condition]}

    def check(result):
        assert ids(result) == matching
    refused_or(filled.scroll(filter=filter), check)
    refused_or(filled.query(query=[1, 0], filter=filter), check)
    negated = {"must_not": [condition]}
    refused_or(filled.scroll(filter=negated), lambda r: ids(r) == sorted(set(range(1, 6)) - set(matching)))
    answer = filled.delete(filter=filter)
    assert filled.ids() == [i for i in range(1, 6) if answer.status != 200 or i not in matching]


def test_slices(filled):
    parts = [filled.scroll(filter={"must": [{"slice": {"total": 2, "index": i}}]}) for i in (0, 1)]
    if parts[0].status == 200:
        assert sorted(ids(parts[0].result) + ids(parts[1].result)) == [1, 2, 3, 4, 5]
    else:
        assert parts[0].error


@pytest.mark.parametrize("body", [
    {"query": {"recommend": {"positive": [1]}}}, {"query": {"discover": {"target": 1, "context": []}}},
    {"query": {"context": [{"positive": 1, "negative": 2}]}}, {"query": {"sample": "random"}},
    {"query": {"fusion": "rrf"}, "prefetch": [{"query": [1, 0]}, {"query": [0, 1]}]},
    {"query": [1, 0], "prefetch": [{"query": [0, 1], "limit": 2}]}, {"prefetch": [{"query": [0, 1], "limit": 2}]},
    {"query": {"formula": {"sum": ["$score", 1]}}, "prefetch": [{"query": [0, 1]}]},
    {"query": {"nearest": [1, 0], "mmr": {"diversity": 0.5}}}, {"query": [1, 0], "lookup_from": {"collection": "absent"}},
    {"query": {"text": "some text", "model": "some/model"}},
])
def test_queries_of_other_kinds(filled, body):
    answer = filled.query(**body)
    if answer.status == 200:
        assert set(ids(answer.result)) <= {1, 2, 3, 4, 5} and "lookup_from" not in body and "text" not in body["query"]
        if "recommend" in str(body):
            assert 1 not in ids(answer.result)
        if body.get("prefetch") == [{"query": [0, 1], "limit": 2}]:
            assert "query" in body and len(ids(answer.result)) == 2
    else:
        assert 400 <= answer.status < 600 and len(answer.error) > 15


@pytest.mark.parametrize("order", ["n", {"key": "n", "direction": "desc"}])
def test_order_by(filled, order):
    def check(result):
        found = [p["id"] for p in result["points"]]
        assert found == ([1, 2, 3, 4, 5] if order == "n" else [5, 4, 3, 2, 1])
    assert filled.scroll(order_by=order).status >= 400, "there is no index to order by"
    filled.create_index("n", "integer").result
    refused_or(filled.scroll(order_by=order), check)
    refused_or(filled.query(query={"order_by": order}), check)


@pytest.mark.parametrize("body", [
    {"sparse_vectors": {"s": {}}}, {"vectors": {"size": 2, "distance": "Dot", "multivector_config": {"comparator": "max_sim"}}},
    {"vectors": {"size": 2, "distance": "Dot", "datatype": "uint8"}}, {"vectors": {"size": 2, "distance": "Dot", "datatype": "float16"}},
    {"vectors": {"size": 2, "distance": "Dot"}, "quantization_config": {"scalar": {"type": "int8"}}},
    {"vectors": {"size": 2, "distance": "Dot"}, "sharding_method": "custom"},
])
def test_collections_of_other_kinds(rest, body):
    collection = rest.collection("other-kind")
    answer = collection.create(body)
    try:
        if answer.status == 200:
            shown = collection.info().result["config"]
            for key, value in body.items():
                assert shown.get(key, shown["params"].get(key)) == value, "accepted, so it must be shown"
        else:
            assert answer.status in (400, 422, 501) and len(answer.error) > 15, str(answer)
            assert collection.info().status == 404
    finally:
        collection.drop()


@pytest.mark.parametrize("schema", ["geo", "datetime", "text", "uuid", {"type": "text", "tokenizer": "word"}])
def test_other_indexes(filled, schema):
    kind = schema if isinstance(schema, str) else schema["type"]
    answer = filled.create_index("d", schema)
    if answer.status == 200:
        assert filled.info().result["payload_schema"]["d"]["data_type"] == kind
    else:
        assert answer.status in (400, 422, 501) and kind in answer.error, str(answer)
        assert filled.info().result["payload_schema"] == {}


@pytest.mark.parametrize("method, path, body", [
    ("POST", "/points/query/groups", {"query": [1, 0], "group_by": "n"}), ("POST", "/points/recommend", {"positive": [1], "limit": 1}),
    ("POST", "/points/discover", {"target": 1, "context": [], "limit": 1}), ("POST", "/facet", {"key": "n"}),
    ("POST", "/points/search/matrix/pairs", {"sample": 3}), ("POST", "/points/search/groups", {"vector": [1, 0], "group_by": "n", "limit": 1, "group_size": 1}),
    ("PUT", "/shards", {"shard_key": "x"}), ("POST", "/snapshots", None),
])
def test_other_calls_never_answer_wrongly(filled, method, path, body):
    answer = filled.client.request(method, filled.path + path, body)
    if answer.status != 200:
        assert 400 <= answer.status < 600
    else:
        assert answer.result is not None
