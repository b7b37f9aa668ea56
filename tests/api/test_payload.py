# SPDX-License-Identifier: Apache-2.0
"""Set, overwrite, delete and clear payloads; paths into them (data.md 3.8, 3.9)."""

import pytest

pytestmark = pytest.mark.smoke


@pytest.fixture
def three(points):
    """Points 1, 2 and 3, all with the payload {"a": 1, "o": {"x": 1, "y": 2}}."""
    points.upsert([{"id": i, "vector": [i, 0, 0, 0], "payload": {"a": 1, "o": {"x": 1, "y": 2}}} for i in (1, 2, 3)]).result
    return points


def payload(collection, point=1):
    return collection.point(point).result["payload"]


def with_payload(collection, value):
    collection.overwrite_payload(value, points=[1]).result
    return collection


def test_set_merges_at_the_top_and_null_removes(three):
    three.set_payload({"b": [1], "a": None, "o": {"x": 5}}, points=[1, 3]).result
    assert payload(three, 1) == payload(three, 3) == {"o": {"x": 5}, "b": [1]}
    assert payload(three, 2) == {"a": 1, "o": {"x": 1, "y": 2}}
    assert three.point(1).result["vector"] == [1.0, 0.0, 0.0, 0.0]


def test_set_by_filter_and_ids_win_over_it(three):
    three.set_payload({"b": 1}, filter={"must": [{"has_id": [2, 3]}]}).result
    assert ["b" in payload(three, i) for i in (1, 2, 3)] == [False, True, True]
    three.set_payload({"c": 1}, points=[1], filter={"must": [{"has_id": [2]}]}).result
    assert ["c" in payload(three, i) for i in (1, 2, 3)] == [True, False, False]
    three.set_payload({"d": 1}, filter={"must": [{"key": "none", "match": {"value": 1}}]}).result
    three.set_payload({"e": 1}, filter={}).result
    assert all("e" in payload(three, i) and "d" not in payload(three, i) for i in (1, 2, 3))


def test_overwrite_replaces_and_keeps_nulls(three):
    three.overwrite_payload({"n": None, "m": {}}, points=[2]).result
    assert payload(three, 2) == {"n": None, "m": {}}
    three.overwrite_payload({}, points=[2]).result
    assert payload(three, 2) == {}
    three.overwrite_payload({"z": 1}, points=[2], key="o").result
    assert payload(three, 2) == {"z": 1}, "a key is ignored"
    assert payload(three, 1) == {"a": 1, "o": {"x": 1, "y": 2}}


def test_clear(three):
    three.clear_payload(points=[1]).result
    three.clear_payload(filter={"must": [{"has_id": [3]}]}).result
    assert [payload(three, i) for i in (1, 2, 3)] == [{}, {"a": 1, "o": {"x": 1, "y": 2}}, {}]
    assert three.point(1).result["vector"] == [1.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("keys, left", [
    (["a"], {"o": {"x": 1, "y": 2}, "l": [{"p": 1, "q": 2}, {"p": 3}], "d.d": 1}),
    (["o.x"], {"a": 1, "o": {"y": 2}, "l": [{"p": 1, "q": 2}, {"p": 3}], "d.d": 1}),
    (["o.x", "o.y"], {"a": 1, "o": {}, "l": [{"p": 1, "q": 2}, {"p": 3}], "d.d": 1}),
    (["l[].p"], {"a": 1, "o": {"x": 1, "y": 2}, "l": [{"q": 2}, {}], "d.d": 1}),
    (["l[0].p"], {"a": 1, "o": {"x": 1, "y": 2}, "l": [{"q": 2}, {"p": 3}], "d.d": 1}),
    (["l[]"], {"a": 1, "o": {"x": 1, "y": 2}, "l": [], "d.d": 1}),
    (["l[0]"], {"a": 1, "o": {"x": 1, "y": 2}, "l": [{"p": 1, "q": 2}, {"p": 3}], "d.d": 1}),
    (['"d.d"'], {"a": 1, "o": {"x": 1, "y": 2}, "l": [{"p": 1, "q": 2}, {"p": 3}]}),
    (["d.d", "absent", "a.b.c", "l.p"],
     {"a": 1, "o": {"x": 1, "y": 2}, "l": [{"p": 1, "q": 2}, {"p": 3}], "d.d": 1}),
])
def test_delete_paths(three, keys, left):
    with_payload(three, {"a": 1, "o": {"x": 1, "y": 2}, "l": [{"p": 1, "q": 2}, {"p": 3}], "d.d": 1})
    assert three.delete_payload(keys, points=[1]).result["status"] == "completed"
    assert payload(three) == left


def test_delete_by_filter(three):
    three.delete_payload(["a"], filter={"must": [{"has_id": [1, 2]}]}).result
    assert ["a" in payload(three, i) for i in (1, 2, 3)] == [False, False, True]


@pytest.mark.parametrize("start, key, value, end", [
    ({"o": {"x": 1}}, "o", {"y": 2}, {"o": {"x": 1, "y": 2}}),
    ({"o": {"x": 1}}, "o", {"x": {"z": 2}}, {"o": {"x": {"z": 2}}}),
    ({}, "a.b.c", {"y": 2}, {"a": {"b": {"c": {"y": 2}}}}),
    ({"a": 5}, "a", {"y": 2}, {"a": {"y": 2}}),
    ({"a": 5}, "a.b", {"y": 2}, {"a": {"b": {"y": 2}}}),
    ({"a": [{"x": 1}, {"x": 2}]}, "a[]", {"y": 2}, {"a": [{"x": 1, "y": 2}, {"x": 2, "y": 2}]}),
    ({"a": [{"x": 1}, {"x": 2}]}, "a[1]", {"y": 2}, {"a": [{"x": 1}, {"x": 2, "y": 2}]}),
    ({"a": [{"x": 1}]}, "a[3]", {"y": 2}, {"a": [{"x": 1}]}),
    ({}, "a[3]", {"y": 2}, {"a": []}),
    ({"a": 5}, "a[0]", {"y": 2}, {"a": []}),
    ({"a": 5}, "a[]", {"y": 2}, {"a": []}),
    ({}, '"d.d"', {"y": 2}, {"d.d": {"y": 2}}),
    ({"a": [{"b": {"x": 1}}]}, "a[].b", {"y": 2}, {"a": [{"b": {"x": 1, "y": 2}}]}),
])
def test_set_at_a_path(three, start, key, value, end):
    with_payload(three, start)
    assert three.set_payload(value, points=[1], key=key).result["status"] == "completed"
    assert payload(three) == end


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b", "a[", "a]", "a[x]", "a[-1]", "[0]", 'a"b', '"open', "a b",
                                  "a[0]b", "a[1.5]"])
def test_bad_paths_are_refused(three, path):
    for answer in (three.set_payload({"x": 1}, points=[1], key=path), three.delete_payload([path], points=[1]),
                   three.scroll(filter={"must": [{"key": path, "match": {"value": 1}}]}),
                   three.scroll(filter={"must": [{"is_empty": {"key": path}}]}),
                   three.create_index(path, "keyword"), three.retrieve([1], with_payload=[path])):
        assert answer.status == 400, str(answer)
        assert f"nvalid json path: '{path}'" in answer.error, answer.error
    assert payload(three) == {"a": 1, "o": {"x": 1, "y": 2}}


@pytest.mark.parametrize("method, tail, body", [
    ("POST", "/points/payload", {"payload": {"a": 1}}), ("PUT", "/points/payload", {"payload": {"a": 1}}),
    ("POST", "/points/payload/delete", {"keys": ["a"]}),
])
def test_no_selector(three, method, tail, body):
    answer = three.client.request(method, three.path + tail, body, wait=True)
    answer.expect_error(400, "Either list of point ids or filter must be provided")


@pytest.mark.parametrize("method, tail, body", [
    ("POST", "/points/payload", {"points": [1]}), ("POST", "/points/payload", {"payload": [], "points": [1]}),
    ("POST", "/points/payload", {"payload": "x", "points": [1]}), ("POST", "/points/payload/delete", {"points": [1]}),
    ("POST", "/points/payload/delete", {"keys": "a", "points": [1]}), ("POST", "/points/payload/clear", {}),
    ("POST", "/points/payload", {"payload": {"a": 1}, "points": ["x"]}),
    ("POST", "/points/payload", {"payload": {"a": 1}, "filter": {"mus": []}}),
])
def test_bad_bodies(three, method, tail, body):
    answer = three.client.request(method, three.path + tail, body, wait=True)
    answer.expect_error(400, "Format error in JSON body: ")
    assert payload(three) == {"a": 1, "o": {"x": 1, "y": 2}}


def test_empty_list_of_ids(three):
    three.set_payload({"a": 2}, points=[]).expect_error(400, "Bad request: Empty update request")


def test_missing_ids_are_reported(three):
    for answer in (three.set_payload({"new": 1}, points=[1, 77]), three.overwrite_payload({"new": 1}, points=[77]),
                   three.delete_payload(["a"], points=[77]), three.clear_payload(points=[77])):
        answer.expect_error(404, "Not found: No point with id 77 found")
    assert payload(three) == {"a": 1, "o": {"x": 1, "y": 2}, "new": 1}, "existing points keep the change"
    assert three.ids() == [1, 2, 3]


def test_missing_ids_are_hidden_without_waiting(three):
    assert three.set_payload({"new": 1}, points=[77], wait=False).result["status"] == "acknowledged"
    assert three.ids() == [1, 2, 3]
