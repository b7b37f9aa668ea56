# SPDX-License-Identifier: Apache-2.0
"""Creating, showing and dropping payload indexes (data.md 4)."""

import pytest

pytestmark = pytest.mark.smoke

VALUES = {1: {"k": "a", "n": 1, "f": 1.5, "b": True}, 2: {"k": ["a", "b"], "n": [2, 3], "f": 2, "b": [True, False]},
          3: {"k": 7, "n": "x", "f": "x", "b": 1}, 4: {"k": None, "n": None, "f": None, "b": None}, 5: {"n": 4.0}, 6: {"n": 4.5}}


@pytest.fixture
def filled(points):
    points.upsert([{"id": i, "vector": [i, 0, 0, 0], "payload": p} for i, p in VALUES.items()]).result
    return points


def schema(collection):
    return collection.info().result["payload_schema"]


@pytest.mark.parametrize("field, kind, indexed", [("k", "keyword", 2), ("n", "integer", 3), ("f", "float", 2), ("b", "bool", 2)])
def test_index_is_shown_with_its_points(filled, field, kind, indexed):
    assert filled.create_index(field, kind).result["status"] == "completed"
    assert schema(filled) == {field: {"data_type": kind, "points": indexed}}
    filled.delete(points=[1]).result
    assert schema(filled)[field]["points"] == indexed - 1
    filled.upsert([{"id": 1, "vector": [1, 0, 0, 0], "payload": VALUES[1]}]).result
    assert schema(filled)[field]["points"] == indexed
    assert filled.drop_index(field).result["status"] == "completed"
    assert schema(filled) == {}


def test_object_form_echoes_what_was_set(filled):
    filled.create_index("n", {"type": "integer", "lookup": True, "range": False}).result
    filled.create_index("k", {"type": "keyword", "is_tenant": True}).result
    shown = schema(filled)
    assert shown["n"] == {"data_type": "integer", "params": {"type": "integer", "lookup": True, "range": False}, "points": 3}
    assert shown["k"]["params"] == {"type": "keyword", "is_tenant": True}


def test_same_again_is_fine_and_another_kind_replaces(filled):
    for _ in range(2):
        assert filled.create_index("n", "integer").result["status"] == "completed"
    assert filled.create_index("n", "float").result["status"] == "completed"
    assert schema(filled)["n"]["data_type"] == "float"
    assert filled.ids({"must": [{"key": "n", "range": {"gte": 4}}]}) == [5, 6]


def test_paths_with_arrays_and_quotes(points):
    points.upsert([{"id": 1, "vector": [1, 0, 0, 0], "payload": {"a": [{"x": 1}, {"x": 2}], "d.d": 5}}]).result
    for path in ("a[].x", '"d.d"'):
        assert points.create_index(path, "integer").result["status"] == "completed"
    assert {path: one["points"] for path, one in schema(points).items()} == {"a[].x": 1, '"d.d"': 1}
    assert points.drop_index("a[].x").result["status"] == "completed"
    assert list(schema(points)) == ['"d.d"']


def test_field_type_is_another_name(points):
    answer = points.client.put(f"{points.path}/index?wait=true", {"field_name": "k", "field_type": "keyword"})
    assert answer.result["status"] == "completed"
    assert schema(points)["k"]["data_type"] == "keyword"


def test_dropping_what_is_not_there(points):
    assert points.drop_index("absent").result["status"] == "completed"


@pytest.mark.parametrize("body, status, part", [
    ({"field_name": "k"}, 400, "Bad request: Can't auto-detect field type, please specify `field_schema` in the request"),
    ({"field_schema": "keyword"}, 400, "Format error in JSON body: "),
    ({"field_name": "k", "field_schema": "Keyword"}, 400, "Format error in JSON body: "),
    ({"field_name": "k", "field_schema": {"type": "other"}}, 400, "Format error in JSON body: "),
    ({"field_name": "k", "field_schema": {}}, 400, "Format error in JSON body: "),
    ({"field_name": "k", "field_schema": 1}, 400, "Format error in JSON body: "),
    ({"field_name": "n", "field_schema": {"type": "integer", "lookup": False, "range": False}}, 422,
     "the 'lookup' and 'range' capabilities can't be both disabled"),
])
def test_bad_indexes(points, body, status, part):
    points.client.put(f"{points.path}/index?wait=true", body).expect_error(status, part)
    assert schema(points) == {}


def test_results_stay_the_same_while_indexes_come_and_go(filled):
    filters = [{"must": [{"key": "k", "match": {"any": ["a", "c"]}}]}, {"must": [{"key": "n", "range": {"gt": 1, "lt": 4.2}}]},
               {"must_not": [{"key": "b", "match": {"value": True}}]}, {"must": [{"key": "f", "range": {"gte": 2}}]},
               {"must": [{"key": "k", "is_empty": False}]}, {"must": [{"key": "n", "values_count": {"gte": 2}}]}]
    before = [filled.ids(f) for f in filters]
    for field, kind in (("k", "keyword"), ("n", "integer"), ("f", "float"), ("b", "bool")):
        filled.create_index(field, kind).result
        assert [filled.ids(f) for f in filters] == before
    for field in "knfb":
        filled.drop_index(field).result
        assert [filled.ids(f) for f in filters] == before
