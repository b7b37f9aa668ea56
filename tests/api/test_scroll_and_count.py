# SPDX-License-Identifier: Apache-2.0
"""Paging, counting and what records show (data.md 3.4-3.6)."""

import pytest

pytestmark = pytest.mark.smoke

UUIDS = ["00000000-0000-0000-0000-00000000000a", "550e8400-e29b-41d4-a716-446655440000",
         "ffffffff-ffff-ffff-ffff-ffffffffffff"]
IDS = [0, 1, 9, 10, 255, 256, 2**32, 2**63, 2**64 - 1] + UUIDS


@pytest.fixture(params=[1, 3])
def filled(request, new_collection):
    collection = new_collection(shard_number=request.param)
    shuffled = IDS[::2] + IDS[1::2]
    collection.upsert([{"id": i, "vector": [1, 0, 0, 0], "payload": {"n": IDS.index(i)}} for i in shuffled]).result
    return collection


def test_numbers_come_before_uuids(filled):
    assert [r["id"] for r in filled.scroll(limit=100).result["points"]] == IDS


@pytest.mark.parametrize("page", [1, 2, 5, 12, 13])
def test_pages_hold_every_point_once(filled, page):
    assert [r["id"] for r in filled.scroll_all(page=page)] == IDS


def test_offset_is_inclusive_and_need_not_exist(filled):
    first = filled.scroll(limit=3).result
    assert [r["id"] for r in first["points"]] == IDS[:3] and first["next_page_offset"] == IDS[3]
    assert [r["id"] for r in filled.scroll(offset=10, limit=2).result["points"]] == [10, 255]
    assert [r["id"] for r in filled.scroll(offset=11, limit=2).result["points"]] == [255, 256]
    last = filled.scroll(offset=UUIDS[1], limit=10).result
    assert [r["id"] for r in last["points"]] == UUIDS[1:] and last["next_page_offset"] is None


def test_the_next_page_is_the_next_match(filled):
    even = {"should": [{"key": "n", "match": {"value": n}} for n in range(0, 12, 2)]}
    page = filled.scroll(limit=2, filter=even).result
    assert [r["id"] for r in page["points"]] == [IDS[0], IDS[2]]
    assert page["next_page_offset"] == IDS[4]
    page = filled.scroll(limit=6, filter=even).result
    assert page["next_page_offset"] is None


def test_defaults_of_scroll(filled):
    records = filled.scroll().result["points"]
    assert len(records) == 10
    assert records[0] == {"id": 0, "payload": {"n": 0}}


def test_records_show_what_was_asked_for(filled):
    assert filled.scroll(limit=1, with_payload=False, with_vector=True).result["points"] == [
        {"id": 0, "vector": [1.0, 0.0, 0.0, 0.0]}]
    assert filled.scroll(limit=1, with_payload=False).result["points"] == [{"id": 0}]


@pytest.mark.parametrize("body, status, part", [
    ({"limit": 0}, 422, "Validation error in JSON body: [scroll_request.limit: value 0 invalid, must be 1 or larger]"),
    ({"limit": -1}, 400, "Format error in JSON body: "), ({"limit": "5"}, 400, "Format error in JSON body: "),
    ({"limit": 1.5}, 400, "Format error in JSON body: "), ({"offset": "x"}, 400, "Format error in JSON body: "),
    ({"offset": -1}, 400, "Format error in JSON body: "), ({"with_payload": 1}, 400, "Format error in JSON body: "),
    ({"with_payload": {"include": ["a"], "other": 1}}, 400, "Format error in JSON body: "),
    ({"with_payload": {"unknown": ["a"]}}, 400, "Format error in JSON body: "),
    ({"with_vector": ["x"]}, 400, "Not existing vector name error: x"),
    ([], 400, "Format error in JSON body: "), (1, 400, "Format error in JSON body: "),
])
def test_bad_scrolls(points, body, status, part):
    points.client.post(f"{points.path}/points/scroll", body).expect_error(status, part)


def test_unknown_fields_are_ignored(filled):
    assert len(filled.scroll(limit=2, some_unknown={"a": 1}).result["points"]) == 2


def test_huge_limits_are_served(filled):
    for limit in (10**9, 2**32, 2**63, 2**64 - 1):
        result = filled.scroll(limit=limit).result
        assert [r["id"] for r in result["points"]] == IDS and result["next_page_offset"] is None


def test_count(filled):
    assert filled.count().result == {"count": len(IDS)}
    assert filled.count(filter={"must": [{"key": "n", "range": {"lt": 5}}]}).result == {"count": 5}
    assert filled.count(filter={"must": [{"has_id": IDS[:2] + [77]}]}, exact=True).result == {"count": 2}
    assert filled.count(exact=False).result == {"count": len(IDS)}
    assert filled.count(filter={}).result == {"count": len(IDS)}
    estimate = filled.count(exact=False, filter={"must": [{"key": "n", "match": {"value": 1}}]}).result["count"]
    assert 0 <= estimate <= len(IDS)


@pytest.mark.parametrize("body", [{"exact": "yes"}, {"filter": {"unknown": []}}, [], {"filter": 1}])
def test_bad_counts(points, body):
    points.client.post(f"{points.path}/points/count", body).expect_error(400, "Format error in JSON body: ")


# -- selectors ---------------------------------------------------------------------------------

STORED = {"a": {"b": 1, "c": {"d": 2, "e": [1, 2]}}, "l": [{"x": 1, "y": 2}, {"x": 3}], "s": "text", "d.d": 5}


@pytest.mark.parametrize("selector, shown", [
    (True, STORED), (["s"], {"s": "text"}), (["a.b"], {"a": {"b": 1}}), (["a.c.d", "s"], {"a": {"c": {"d": 2}}, "s": "text"}),
    ({"include": ["a"]}, {"a": STORED["a"]}), ({"include": []}, {}), ([], {}), ({"include": ["l[].x"]}, {"l": [{"x": 1}, {"x": 3}]}),
    ({"include": ["l.x"]}, {"l": []}), ({"include": ['"d.d"']}, {"d.d": 5}), ({"include": ["absent"]}, {}),
    ({"exclude": ["s", "l", '"d.d"']}, {"a": STORED["a"]}),
    ({"exclude": ["a.c", "l[].x", "s"]}, {"a": {"b": 1}, "l": [{"y": 2}, {}], "d.d": 5}),
    ({"exclude": []}, STORED), ({"exclude": ["l[0].x", "absent"]}, STORED),
])
def test_payload_selectors(points, selector, shown):
    points.upsert([{"id": 1, "vector": [1, 2, 3, 4], "payload": STORED}]).result
    assert points.retrieve([1], with_payload=selector).result[0]["payload"] == shown
    assert points.scroll(with_payload=selector).result["points"][0]["payload"] == shown
    assert points.query(query=[1, 0, 0, 0], with_payload=selector).result["points"][0]["payload"] == shown


@pytest.mark.parametrize("selector, shown", [
    (True, {"a": [1.0], "b": [2.0]}), (["b"], {"b": [2.0]}), (["a", "b"], {"a": [1.0], "b": [2.0]}), ([], {})])
def test_vector_selectors(new_collection, selector, shown):
    collection = new_collection({"vectors": {"a": {"size": 1, "distance": "Dot"}, "b": {"size": 1, "distance": "Dot"}}})
    collection.upsert([{"id": 1, "vector": {"a": [1], "b": [2]}}]).result
    for record in (collection.retrieve([1], with_vector=selector).result[0],
                   collection.scroll(with_vector=selector).result["points"][0],
                   collection.query(query=[1], using="a", with_vector=selector).result["points"][0]):
        assert record.get("vector", {}) == shown
