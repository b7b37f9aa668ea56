# SPDX-License-Identifier: Apache-2.0
"""Updating and deleting the vectors of points (data.md 3.7)."""

import pytest

pytestmark = pytest.mark.smoke


@pytest.fixture
def named(new_collection):
    """Points 1, 2 and 3 with the vectors a and b and a payload."""
    collection = new_collection({"vectors": {"a": {"size": 2, "distance": "Dot"}, "b": {"size": 1, "distance": "Dot"}}})
    collection.upsert([{"id": i, "vector": {"a": [i, 0], "b": [i]}, "payload": {"n": i}} for i in (1, 2, 3)]).result
    return collection


def vectors(collection, point):
    return collection.point(point).result["vector"]


def test_update_replaces_only_what_is_sent(named):
    assert named.update_vectors([{"id": 1, "vector": {"a": [9, 9]}}, {"id": 2, "vector": {"b": [8]}}]).result["status"] == "completed"
    assert vectors(named, 1) == {"a": [9.0, 9.0], "b": [1.0]}
    assert vectors(named, 2) == {"a": [2.0, 0.0], "b": [8.0]}
    assert named.point(1).result["payload"] == {"n": 1}
    hits = named.query(query=[1, 0], using="a", limit=3).result["points"]
    assert [(h["id"], h["score"]) for h in hits] == [(1, 9.0), (3, 3.0), (2, 2.0)]


def test_update_of_the_unnamed_vector(points):
    points.upsert([{"id": 1, "vector": [1, 2, 3, 4], "payload": {"n": 1}}]).result
    points.update_vectors([{"id": 1, "vector": [4, 3, 2, 1]}]).result
    assert points.point(1).result == {"id": 1, "vector": [4.0, 3.0, 2.0, 1.0], "payload": {"n": 1}}


def test_update_gives_a_vector_that_was_missing(named):
    named.upsert([{"id": 4, "vector": {}}]).result
    named.update_vectors([{"id": 4, "vector": {"b": [50]}}]).result
    assert vectors(named, 4) == {"b": [50.0]}
    assert named.query(query=[1], using="b", limit=1).result["points"][0]["id"] == 4


def test_update_with_a_condition(named):
    named.update_vectors([{"id": i, "vector": {"b": [0]}} for i in (1, 2, 3)],
                         update_filter={"must": [{"key": "n", "range": {"gte": 2}}]}).result
    assert [vectors(named, i)["b"] for i in (1, 2, 3)] == [[1.0], [0.0], [0.0]]


@pytest.mark.parametrize("body, status, part", [
    ({"points": [{"id": 1, "vector": {}}]}, 422, "must specify vectors to update for point"),
    ({"points": [{"id": 1, "vector": {"a": [1]}}]}, 400, "Vector dimension error: expected dim: 2, got 1"),
    ({"points": [{"id": 1, "vector": {"x": [1]}}]}, 400, "Wrong input: Not existing vector name error: x"),
    ({"points": [{"id": 1, "vector": [1, 2]}]}, 400, "Wrong input: Not existing vector name error: "),
    ({"points": [{"id": 1}]}, 400, "Format error in JSON body: "),
    ({}, 400, "Format error in JSON body: "),
    ({"points": [{"id": 77, "vector": {"a": [1, 2]}}]}, 404, "Not found: No point with id 77 found"),
])
def test_bad_updates(named, body, status, part):
    named.client.put(f"{named.path}/points/vectors?wait=true", body).expect_error(status, part)
    assert vectors(named, 1) == {"a": [1.0, 0.0], "b": [1.0]}
    assert named.ids() == [1, 2, 3]


def test_delete_by_ids_and_by_filter(named):
    named.delete_vectors(["a"], points=[1]).result
    assert vectors(named, 1) == {"b": [1.0]}
    assert [h["id"] for h in named.query(query=[1, 0], using="a").result["points"]] == [3, 2]
    named.delete_vectors(["a", "b"], filter={"must": [{"key": "n", "match": {"value": 2}}]}).result
    assert vectors(named, 2) == {}
    assert named.point(2).result["payload"] == {"n": 2}
    named.delete_vectors(["a"], points=[1, 2]).result
    assert named.count().result == {"count": 3}


def test_both_selectors_of_delete_apply(named):
    named.delete_vectors(["b"], points=[1], filter={"must": [{"has_id": [3]}]}).result
    assert ["b" in vectors(named, i) for i in (1, 2, 3)] == [False, True, False]


def test_delete_of_the_unnamed_vector(points):
    points.upsert([{"id": 1, "vector": [1, 2, 3, 4]}, {"id": 2, "vector": [1, 0, 0, 0]}]).result
    points.delete_vectors([""], points=[1]).result
    assert points.point(1).result["vector"] == {}
    assert [h["id"] for h in points.query(query=[1, 0, 0, 0]).result["points"]] == [2]
    assert points.ids({"must": [{"has_vector": ""}]}) == [2]


@pytest.mark.parametrize("body, status, part", [
    ({"vector": [], "points": [1]}, 422, "must specify vector names to delete"),
    ({"vector": ["a"]}, 400, "No filter or points provided"),
    ({"points": [1]}, 400, "Format error in JSON body: "),
    ({"vector": ["x"], "points": [1]}, 400, "Not existing vector name error: x"),
    ({"vector": ["a"], "points": [77]}, 404, "Not found: No point with id 77 found"),
])
def test_bad_deletes(named, body, status, part):
    named.client.post(f"{named.path}/points/vectors/delete?wait=true", body).expect_error(status, part)
    assert vectors(named, 1) == {"a": [1.0, 0.0], "b": [1.0]}


def test_vectors_is_another_name_of_vector_in_delete(named):
    answer = named.client.post(f"{named.path}/points/vectors/delete?wait=true", {"vectors": ["a"], "points": [1]})
    assert answer.result["status"] == "completed"
    assert vectors(named, 1) == {"b": [1.0]}


def test_has_vector(named):
    named.delete_vectors(["a"], points=[2]).result
    assert named.ids({"must": [{"has_vector": "a"}]}) == [1, 3]
    assert named.ids({"must_not": [{"has_vector": "a"}]}) == [2]
    assert named.ids({"must": [{"has_vector": "unknown"}]}) == []
