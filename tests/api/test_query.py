# SPDX-License-Identifier: Apache-2.0
"""Nearest points by vector or id; the legacy search calls (search.md 1)."""

import math

import pytest

pytestmark = pytest.mark.smoke

VECTORS = {1: [1, 0], 2: [0, 1], 3: [-1, 0], 4: [2, 2], 5: [0.5, 0.1]}
UUID = "550e8400-e29b-41d4-a716-446655440000"


def score(distance, a, b):
    if distance == "Cosine":
        return sum(x * y for x, y in zip(a, b)) / (math.hypot(*a) * math.hypot(*b))
    if distance == "Dot":
        return sum(x * y for x, y in zip(a, b))
    if distance == "Euclid":
        return math.dist(a, b)
    return sum(abs(x - y) for x, y in zip(a, b))


def ordered(distance, query, points):
    """(id, score) of every point, best first."""
    scored = [(point, score(distance, query, vector)) for point, vector in points.items()]
    return sorted(scored, key=lambda hit: hit[1], reverse=distance in ("Cosine", "Dot"))


def assert_hits(points, expected):
    assert [(p["id"], pytest.approx(p["score"], abs=1e-5, rel=1e-5)) for p in points] == expected


@pytest.fixture(params=["Cosine", "Dot", "Euclid", "Manhattan"])
def distance(request):
    return request.param


@pytest.fixture
def filled(new_collection, distance):
    collection = new_collection(size=2, distance=distance)
    collection.upsert([{"id": i, "vector": v, "payload": {"n": i}} for i, v in VECTORS.items()]).result
    return collection


QUERY = [0.9, 0.3]


def test_scores_and_order(filled, distance):
    expected = ordered(distance, QUERY, VECTORS)
    for body in ({"query": QUERY}, {"query": {"nearest": QUERY}}, {"query": QUERY, "params": {"exact": True}},
                 {"query": QUERY, "params": {"hnsw_ef": 64}}, {"query": QUERY, "using": ""}):
        assert_hits(filled.query(**body).result["points"], expected)
    assert_hits(filled.search(vector=QUERY, limit=10).result, expected)
    assert_hits(filled.search(vector={"name": "", "vector": QUERY}, top=10).result, expected)


def test_limit_and_offset(filled, distance):
    expected = ordered(distance, QUERY, VECTORS)
    assert_hits(filled.query(query=QUERY, limit=2).result["points"], expected[:2])
    assert_hits(filled.query(query=QUERY, limit=2, offset=1).result["points"], expected[1:3])
    assert filled.query(query=QUERY, offset=5).result["points"] == []
    for huge in (10**9, 2**63, 2**64 - 1):
        assert_hits(filled.query(query=QUERY, limit=huge).result["points"], expected)
        assert filled.query(query=QUERY, offset=huge, limit=huge).result["points"] == []


def test_thresholds_are_strict(filled, distance):
    expected = ordered(distance, QUERY, VECTORS)
    middle = expected[2][1]
    better = [hit for hit in expected if (hit[1] > middle if distance in ("Cosine", "Dot") else hit[1] < middle)]
    sign = 1 if distance in ("Cosine", "Dot") else -1
    assert_hits(filled.query(query=QUERY, score_threshold=middle + sign * 1e-4).result["points"], better)
    assert_hits(filled.query(query=QUERY, score_threshold=middle - sign * 1e-4).result["points"], expected[:3])
    assert_hits(filled.search(vector=QUERY, limit=10, score_threshold=middle - sign * 1e-4).result, expected[:3])
    exactly = filled.query(query=[1, 0], score_threshold=score(distance, [1, 0], VECTORS[1])).result["points"]
    assert 1 not in [hit["id"] for hit in exactly]


def test_a_point_as_query_leaves_itself_out(filled, distance):
    others = {i: v for i, v in VECTORS.items() if i != 4}
    expected = ordered(distance, VECTORS[4], others)
    for query in (4, {"nearest": 4}):
        points = filled.query(query=query).result["points"]
        assert [p["score"] for p in points] == [pytest.approx(s, abs=1e-5) for _, s in expected]
        assert sorted(p["id"] for p in points) == sorted(others)
    filtered = filled.query(query=4, filter={"must": [{"has_id": [3, 4]}]}).result["points"]
    assert [p["id"] for p in filtered] == [3]


def test_hits_show_what_was_asked_for(filled):
    hit = filled.query(query=QUERY, limit=1).result["points"][0]
    assert set(hit) == {"id", "version", "score"}
    hit = filled.query(query=QUERY, limit=1, with_payload=True, with_vector=True).result["points"][0]
    assert hit["payload"] == {"n": hit["id"]} and len(hit["vector"]) == 2
    hit = filled.search(vector=QUERY, limit=1, with_payload=True, with_vectors=True).result[0]
    assert set(hit) == {"id", "version", "score", "payload", "vector"}


def test_without_a_query_points_come_by_id(filled):
    points = filled.query(limit=3, with_payload=True).result["points"]
    assert points == [{"id": i, "version": 0, "score": 1.0, "payload": {"n": i}} for i in (1, 2, 3)]
    assert [p["id"] for p in filled.query(limit=3, offset=3).result["points"]] == [4, 5]
    assert [p["id"] for p in filled.query().result["points"]] == [1, 2, 3, 4, 5]


def test_versions_grow(filled):
    def version(point):
        return next(p["version"] for p in filled.query(query=QUERY).result["points"] if p["id"] == point)
    before = version(1)
    filled.upsert([{"id": 1, "vector": [1, 0]}]).result
    assert version(1) > before


def test_batches_keep_the_order(filled, distance):
    searches = [{"query": v, "limit": n} for n, v in enumerate(VECTORS.values(), start=1)]
    searches.append({"query": QUERY, "filter": {"must": [{"key": "n", "match": {"value": 3}}]}})
    results = filled.query_batch(searches).result
    for search, result in zip(searches[:-1], results):
        points = result["points"]
        expected = ordered(distance, search["query"], VECTORS)[:search["limit"]]
        assert [p["score"] for p in points] == [pytest.approx(s, abs=1e-5) for _, s in expected]
    assert [p["id"] for p in results[-1]["points"]] == [3]
    legacy = filled.search_batch([{"vector": QUERY, "limit": 2}, {"vector": QUERY, "limit": 1}]).result
    assert [len(one) for one in legacy] == [2, 1]
    assert filled.query_batch([]).result == []


def test_one_bad_element_fails_the_batch(filled):
    filled.query_batch([{"query": QUERY}, {"query": [1, 2, 3]}]).expect_error(400, "expected dim: 2, got 3")


def test_filtered_search_is_full(new_collection):
    """As many hits as asked for, whenever that many points match, at any share of matches."""
    collection = new_collection(size=4, distance="Cosine")
    collection.upsert([{"id": i, "vector": [i % 7 + 1, i % 11, i % 13, 1], "payload": {"n": i}} for i in range(2000)]).result
    for index in (False, True):
        if index:
            collection.create_index("n", "integer").result
        for below in (1, 9, 10, 11, 100, 1999, 5000):
            filter = {"must": [{"key": "n", "range": {"lt": below}}]}
            hits = collection.query(query=[1, 2, 3, 4], filter=filter, limit=10).result["points"]
            assert len(hits) == min(10, below)
            assert all(hit["id"] < below for hit in hits)


def test_named_vectors(new_collection):
    collection = new_collection({"vectors": {"a": {"size": 2, "distance": "Dot"}, "b": {"size": 1, "distance": "Euclid"}}})
    collection.upsert([{"id": 1, "vector": {"a": [1, 0], "b": [5]}}, {"id": 2, "vector": {"a": [2, 0]}},
                       {"id": UUID, "vector": {"b": [7]}}]).result
    assert_hits(collection.query(query=[1, 0], using="a").result["points"], [(2, 2.0), (1, 1.0)])
    assert_hits(collection.query(query=[7.5], using="b").result["points"], [(UUID, 0.5), (1, 2.5)])
    assert_hits(collection.query(query=1, using="b").result["points"], [(UUID, 2.0)])
    assert_hits(collection.search(vector={"name": "a", "vector": [1, 0]}, limit=1).result, [(2, 2.0)])
    text = "Wrong input: Not existing vector name error: "
    collection.query(query=[1, 0]).expect_error(400, text)
    collection.query(query=[1, 0], using="x").expect_error(400, text + "x")
    collection.search(vector={"name": "x", "vector": [1, 0]}, limit=1).expect_error(400, text + "x")
    collection.query(query=UUID, using="a").expect_error(404, 'Not found: Vector with name "a" for point not found')


@pytest.mark.parametrize("body, status, part", [
    ({"query": [1, 2, 3]}, 400, "Wrong input: Vector dimension error: expected dim: 2, got 3"),
    ({"query": []}, 400, "Wrong input: Vector dimension error: expected dim: 2, got 0"),
    ({"query": [1, 2], "limit": 0}, 422, "Validation error in JSON body: [internal.limit: value 0 invalid, must be 1 or larger]"),
    ({"query": [1, 2], "limit": -1}, 400, "Format error in JSON body: "), ({"query": [1, 2], "limit": 1.5}, 400, "Format error in JSON body: "),
    ({"query": [1, 2], "limit": 2**64}, 400, "Format error in JSON body: "), ({"query": [1, 2], "offset": -1}, 400, "Format error in JSON body: "),
    ({"query": [1, "x"]}, 400, "Format error in JSON body: "), ({"query": "not-an-id"}, 400, "Format error in JSON body: "),
    ({"query": {"unknown": 1}}, 400, "Format error in JSON body: "), ({"query": True}, 400, "Format error in JSON body: "),
    ({"query": -3}, 400, "Format error in JSON body: "), ({"query": 77}, 404, "Not found: No point with id 77 found"),
    ({"query": UUID}, 404, f"Not found: No point with id {UUID} found"),
    ({"query": {"indices": [1], "values": [1.0]}}, 400, "Conversion between sparse and regular vectors failed"),
    ({"query": [[1, 2], [3, 4]]}, 400, "Conversion between multi and regular vectors failed"),
    ({"score_threshold": 0.5}, 400, "Bad request: A query is needed to use the score_threshold. Can't have score_threshold without defining a query."),
    ({"query": [1, 2], "params": {"hnsw_ef": 0}}, 422, "hnsw_ef"), ({"query": [1, 2], "params": {"exact": 1}}, 400, "Format error in JSON body: "),
    ({"query": [1, 2], "with_vector": ["x"]}, 400, "Not existing vector name error: x"),
    ({"query": [1, 2], "score_threshold": "x"}, 400, "Format error in JSON body: "),
    ({"query": [1, 2], "using": 1}, 400, "Format error in JSON body: "),
])
def test_bad_queries(new_collection, body, status, part):
    collection = new_collection(size=2)
    collection.upsert([{"id": 1, "vector": [1, 2]}]).result
    collection.query(**body).expect_error(status, part)


@pytest.mark.parametrize("body, status, part", [
    ({"vector": [1, 2]}, 400, "Format error in JSON body: "), ({"limit": 1}, 400, "Format error in JSON body: "),
    ({"vector": [1, 2], "limit": 0}, 422, "must be 1 or larger"), ({"vector": [1], "limit": 1}, 400, "expected dim: 2, got 1"),
    ({"vector": "x", "limit": 1}, 400, "Format error in JSON body: "), ({"vector": {"name": "a"}, "limit": 1}, 400, "Format error in JSON body: "),
])
def test_bad_legacy_searches(new_collection, body, status, part):
    collection = new_collection(size=2)
    collection.search(**body).expect_error(status, part)


@pytest.mark.parametrize("raw", ["NaN", "Infinity", "1e999", "1e39"])
def test_queries_of_no_finite_number(new_collection, raw):
    collection = new_collection(size=2)
    collection.upsert([{"id": 1, "vector": [1, 2]}]).result
    answer = collection.client.post(f"{collection.path}/points/query", raw=f'{{"query":[{raw},1]}}')
    if answer.status == 200:
        assert raw == "1e39"
        assert math.isfinite(answer.result["points"][0]["score"])
    else:
        assert answer.status in (400, 422) and answer.error


def test_an_empty_collection_answers_nothing(new_collection, distance):
    collection = new_collection(size=2, distance=distance)
    assert collection.query(query=QUERY).result == {"points": []}
    assert collection.query().result == {"points": []}
    assert collection.search(vector=QUERY, limit=5).result == []
