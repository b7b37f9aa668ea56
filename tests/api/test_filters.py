# SPDX-License-Identifier: Apache-2.0
"""Every kind of condition, with and without a payload index (data.md 5)."""

import pytest

# data.md 5.9
PAYLOADS = {1: {"a": 1}, 2: {"a": 1.0}, 3: {"a": "1"}, 4: {"a": [1, 2]}, 5: {"a": []}, 6: {"a": None}, 7: {},
            8: {"a": [{"b": 1}, {"b": [1, 2]}]}, 9: {"a": True}}


def field(key, **clause):
    return {"key": key, **clause}


# name: (filter, the points it holds for, what an integer index on `a` may make of it instead)
EXAMPLES = {
    "match integer": ({"must": [field("a", match={"value": 1})]}, {1, 4}, {1, 2, 4}),
    "match string": ({"must": [field("a", match={"value": "1"})]}, {3}, None),
    "match bool": ({"must": [field("a", match={"value": True})]}, {9}, None),
    "any": ({"must": [field("a", match={"any": [1, 2]})]}, {1, 4}, {1, 2, 4}),
    "any of nothing": ({"must": [field("a", match={"any": []})]}, set(), None),
    "except": ({"must": [field("a", match={"except": [1]})]}, {2, 3, 4, 8, 9}, {4}),
    "not any": ({"must_not": [field("a", match={"any": [1]})]}, {2, 3, 5, 6, 7, 8, 9}, {3, 5, 6, 7, 8, 9}),
    "range": ({"must": [field("a", range={"gte": 1})]}, {1, 2, 4}, None),
    "empty range": ({"must": [field("a", range={})]}, {1, 2, 4}, None),
    "array path": ({"must": [field("a[].b", match={"value": 1})]}, {8}, None),
    "no array path": ({"must": [field("a.b", match={"value": 1})]}, set(), None),
    "two or more values": ({"must": [field("a", values_count={"gte": 2})]}, {4, 8}, None),
    "no value": ({"must": [field("a", values_count={"lt": 1})]}, {5, 6, 7}, None),
    "is_empty": ({"must": [{"is_empty": {"key": "a"}}]}, {5, 6, 7}, None),
    "is_null": ({"must": [{"is_null": {"key": "a"}}]}, {6}, None),
    "nested": ({"must": [{"nested": {"key": "a", "filter": {"must": [field("b", match={"value": 2})]}}}]}, {8}, None),
}


@pytest.fixture
def examples(points):
    points.upsert([{"id": i, "vector": [i, 0, 0, 0], "payload": p} for i, p in PAYLOADS.items()]).result
    return points


def found_in_every_way(collection, filter):
    """The ids of a filter by scroll, after checking that count, search and delete-free reads agree."""
    by_scroll = collection.ids(filter)
    assert collection.count(filter=filter).result == {"count": len(by_scroll)}
    for params in ({}, {"exact": True}):
        hits = collection.query(query=[1, 0, 0, 0], filter=filter, limit=100, params=params).result["points"]
        assert sorted(hit["id"] for hit in hits) == by_scroll
    unscored = collection.query(filter=filter, limit=100).result["points"]
    assert [hit["id"] for hit in unscored] == by_scroll
    return set(by_scroll)


@pytest.mark.smoke
@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_without_an_index(examples, name):
    filter, expected, _ = EXAMPLES[name]
    assert found_in_every_way(examples, filter) == expected


@pytest.mark.parametrize("kind", ["integer", "keyword", "float", "bool"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_with_an_index(examples, name, kind):
    filter, expected, with_integer_index = EXAMPLES[name]
    assert examples.create_index("a", kind).result["status"] == "completed"
    found = found_in_every_way(examples, filter)
    allowed = [expected]
    if kind == "integer" and with_integer_index is not None:
        allowed.append(with_integer_index)
    if kind == "keyword" and name == "except":
        allowed.append({3})  # values of another type are not seen by an index
    assert found in allowed


def test_index_made_before_the_points(points):
    points.create_index("a", "integer").result
    points.upsert([{"id": i, "vector": [i, 0, 0, 0], "payload": p} for i, p in PAYLOADS.items()]).result
    assert found_in_every_way(points, {"must": [field("a", range={"gte": 1})]}) == {1, 2, 4}
    points.set_payload({"a": 7}, points=[7]).result
    points.delete(points=[1]).result
    assert found_in_every_way(points, {"must": [field("a", range={"gte": 1})]}) == {2, 4, 7}


# -- clauses -----------------------------------------------------------------------------------

LOW = field("n", range={"lt": 5})
EVEN = field("even", match={"value": True})
NEVER = field("n", match={"value": 99})


@pytest.fixture
def numbers(points):
    points.upsert([{"id": n, "vector": [n, 0, 0, 0], "payload": {"n": n, "even": n % 2 == 0}} for n in range(10)]).result
    return points


@pytest.mark.parametrize("filter, expected", [
    ({}, range(10)), ({"must": []}, range(10)), ({"should": []}, range(10)), ({"must_not": []}, range(10)),
    ({"must": None, "should": None, "must_not": None, "min_should": None}, range(10)),
    ({"must": LOW}, range(5)), ({"should": [LOW, EVEN]}, [0, 1, 2, 3, 4, 6, 8]), ({"must_not": [LOW, EVEN]}, [5, 7, 9]),
    ({"must": [LOW], "should": [EVEN]}, [0, 2, 4]), ({"must": [LOW], "must_not": [EVEN]}, [1, 3]),
    ({"must": [LOW], "should": [NEVER]}, []), ({"should": [NEVER, EVEN], "must_not": LOW}, [6, 8]),
    ({"min_should": {"conditions": [LOW, EVEN, NEVER], "min_count": 1}}, [0, 1, 2, 3, 4, 6, 8]),
    ({"min_should": {"conditions": [LOW, EVEN, NEVER], "min_count": 2}}, [0, 2, 4]),
    ({"min_should": {"conditions": [LOW, EVEN, NEVER], "min_count": 3}}, []),
    ({"min_should": {"conditions": [LOW], "min_count": 5}}, []),
    ({"must": [{"should": [LOW, EVEN]}, {"must_not": [{"has_id": [0, 1]}]}]}, [2, 3, 4, 6, 8]),
    ({"must": [{}]}, range(10)), ({"must_not": [{}]}, []),
    ({"must": [{"has_id": [3, 5, 77]}]}, [3, 5]), ({"must": [{"has_id": []}]}, []), ({"must_not": [{"has_id": [3]}]}, [0, 1, 2, 4, 5, 6, 7, 8, 9]),
    ({"must": [field("n", range={"gt": 3, "lte": 6})]}, [4, 5, 6]), ({"must": [field("n", range={"gt": 1.5, "lt": 3.5})]}, [2, 3]),
    ({"must": [field("n", range={"gt": 6, "lt": 3})]}, []), ({"must": [field("n", range={"gte": None, "lt": 2})]}, [0, 1]),
    ({"must": [field("n", match={"any": [1, 2, 99]})]}, [1, 2]), ({"must": [field("n", match={"except": [0, 1, 2, 3, 4, 5, 6]})]}, [7, 8, 9]),
    ({"must": [field("n", match={"except": []})]}, range(10)), ({"must": [field("absent", match={"except": []})]}, []),
    ({"must": [field("n", is_empty=False), field("absent", is_empty=True), field("absent", is_null=False)]}, range(10)),
    ({"must": [field("absent", is_empty=False)]}, []), ({"must": [field("n", values_count={"gte": 1, "lte": 1})]}, range(10)),
    ({"must": [field("absent", values_count={"lt": 1})]}, range(10)),
])
@pytest.mark.parametrize("index", [None, "integer"])
def test_clauses(numbers, filter, expected, index):
    if index:
        numbers.create_index("n", index).result
    assert found_in_every_way(numbers, filter) == set(expected)


@pytest.mark.parametrize("value, is_empty, is_null, null_field", [
    ({}, True, False, False), ({"k": None}, True, True, True), ({"k": []}, True, False, False),
    ({"k": [None]}, False, (False, True), True), ({"k": [None, 1]}, False, (False, True), True), ({"k": 0}, False, False, False),
    ({"k": ""}, False, False, False), ({"k": False}, False, False, False), ({"k": {}}, False, False, False),
    ({"k": [[]]}, False, False, False), ({"k": [1]}, False, False, False),
])
@pytest.mark.parametrize("index", [None, "keyword"])
def test_empty_and_null(points, value, is_empty, is_null, null_field, index):
    if index:
        points.create_index("k", index).result
    points.upsert([{"id": 1, "vector": [1, 0, 0, 0], "payload": value}]).result

    def holds(condition):
        return found_in_every_way(points, {"must": [condition]}) == {1}

    # A pair: without an index, and what an index may make of it.
    allowed = is_null if isinstance(is_null, tuple) else (is_null,)
    assert holds({"is_empty": {"key": "k"}}) is is_empty
    assert holds(field("k", is_empty=True)) is is_empty and holds(field("k", is_empty=False)) is not is_empty
    assert holds({"is_null": {"key": "k"}}) in (allowed if index else allowed[:1])
    assert holds(field("k", is_null=True)) is null_field and holds(field("k", is_null=False)) is not null_field


ROWS = {1: {"a": [{"x": 1, "y": 1}, {"x": 2, "y": 2}]}, 2: {"a": [{"x": 1, "y": 2}]}, 3: {"a": {"x": 1, "y": 2}}, 4: {"a": []},
        5: {}, 6: {"a": [{"x": [1, 5], "y": 2, "z": [{"q": 1}]}]}, 7: {"o": {"a": [{"x": 1, "y": 2}]}}, 8: {"a": [1, "x", {"x": 1}]}}
X1, Y2 = field("x", match={"value": 1}), field("y", match={"value": 2})


@pytest.mark.parametrize("filter, expected", [
    ({"must": [{"nested": {"key": "a", "filter": {"must": [X1, Y2]}}}]}, {2, 6}),
    ({"must": [{"nested": {"key": "a[]", "filter": {"must": [X1, Y2]}}}]}, {2, 6}),
    ({"must": [field("a[].x", match={"value": 1}), field("a[].y", match={"value": 2})]}, {1, 2, 6}),
    ({"must": [{"nested": {"key": "a", "filter": {"must_not": [X1]}}}]}, {1}),
    ({"must_not": [{"nested": {"key": "a", "filter": {"must": [X1]}}}]}, {3, 4, 5, 7}),
    ({"must": [{"nested": {"key": "o.a", "filter": {"must": [X1]}}}]}, {7}),
    ({"must": [{"nested": {"key": "a", "filter": {"must": [{"nested": {"key": "z", "filter": {"must": [field("q", match={"value": 1})]}}}]}}}]}, {6}),
    ({"must": [{"nested": {"key": "a", "filter": {"must": [{"has_id": [1, 2]}]}}}]}, set()),
    ({"must": [{"nested": {"key": "a", "filter": {"must": [{"has_vector": ""}]}}}]}, set()),
    ({"must": [{"nested": {"key": "a", "filter": {"should": [X1, Y2]}}}]}, {1, 2, 6, 8}),
    ({"must": [field("a[0].x", match={"value": 1})]}, {1, 2, 6}), ({"must": [field("a[1].x", match={"value": 2})]}, {1}),
    ({"must": [field("a[].x[]", match={"value": 5})]}, {6}), ({"must": [field("a.x", match={"value": 1})]}, {3}),
    ({"must": [field("a[].z[].q", match={"value": 1})]}, {6}), ({"must": [field("a[]", match={"value": "x"})]}, {8}),
    ({"must": [field("a[].x", values_count={"gte": 2})]}, {6}), ({"must": [field("a[9].x", match={"value": 1})]}, set()),
    ({"must": [field("o.a[].y", range={"gte": 2})]}, {7}),
])
@pytest.mark.parametrize("index", [None, "a[].x"])
def test_arrays_of_objects(points, filter, expected, index):
    if index:
        points.create_index(index, "integer").result
    points.upsert([{"id": i, "vector": [i, 0, 0, 0], "payload": p} for i, p in ROWS.items()]).result
    if index and filter == {"must": [{"nested": {"key": "a", "filter": {"must_not": [X1]}}}]}:
        # Elements that are no objects (point 8) have no value to look at: both readings are served by real deployments.
        assert found_in_every_way(points, filter) in ({1}, {1, 8})
        return
    assert found_in_every_way(points, filter) == expected


@pytest.mark.parametrize("key, value", [("plain", 1), ("with-dash", 2), ("under_score", 3), ("ключ", 4), ("k9", 5)])
def test_raw_keys(points, key, value):
    points.upsert([{"id": 1, "vector": [1, 0, 0, 0], "payload": {key: value}}]).result
    assert points.ids({"must": [field(key, match={"value": value})]}) == [1]
    assert points.ids({"must": [field(f'"{key}"', match={"value": value})]}) == [1]


@pytest.mark.parametrize("key", ["a.b", "two words", "a[0]", "", "$x", "{", "\U0001f600"])
def test_quoted_keys(points, key):
    points.upsert([{"id": 1, "vector": [1, 0, 0, 0], "payload": {key: 1}}]).result
    if key:
        assert points.ids({"must": [field(f'"{key}"', match={"value": 1})]}) == [1]
        assert points.ids({"must": [field(f'outer."{key}"', match={"value": 1})]}) == []


def test_uuid_texts_are_plain_strings_without_an_index(points):
    text = "550E8400-E29B-41D4-A716-446655440000"
    points.upsert([{"id": 1, "vector": [1, 0, 0, 0], "payload": {"u": text}}]).result
    assert points.ids({"must": [field("u", match={"value": text})]}) == [1]
    assert points.ids({"must": [field("u", match={"value": text.lower()})]}) == []


@pytest.mark.parametrize("number", [2**53, 2**53 + 1, 2**63 - 1, -2**63])
@pytest.mark.parametrize("index", [None, "integer"])
def test_large_integers_are_exact(points, number, index):
    if index:
        points.create_index("n", index).result
    others = [n for n in (number - 1, number + 1) if -2**63 <= n < 2**63]
    points.upsert([{"id": 1, "vector": [1, 0, 0, 0], "payload": {"n": number}}]
                  + [{"id": 2 + i, "vector": [1, 0, 0, 0], "payload": {"n": n}} for i, n in enumerate(others)]).result
    assert points.ids({"must": [field("n", match={"value": number})]}) == [1]
    assert points.ids({"must": [field("n", match={"any": [number]})]}) == [1]
    assert 1 not in points.ids({"must": [field("n", match={"except": [number]})]})


# -- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize("filter, status, part", [
    ({"unknown": []}, 400, "Format error in JSON body: "),
    ({"must": [{"unknown": 1}]}, 400, "Expected some form of condition"),
    ({"must": [1]}, 400, "Format error in JSON body: "), ({"must": "x"}, 400, "Format error in JSON body: "), ([], 400, "Format error in JSON body: "),
    ({"must": [{"key": 5, "match": {"value": 1}}]}, 400, "Filter condition 'key' must be a string"),
    ({"must": [{"key": "a"}]}, 422, "At least one field condition must be specified"),
    ({"must": [{"key": "a", "match": {"value": 1.5}}]}, 400, "Format error in JSON body: "),
    ({"must": [{"key": "a", "match": {"any": [1, "x"]}}]}, 400, "Format error in JSON body: "),
    ({"must": [{"key": "a", "match": {"any": "x"}}]}, 400, "Format error in JSON body: "),
    ({"must": [{"key": "a", "match": "x"}]}, 400, "Format error in JSON body: "), ({"must": [{"key": "a", "match": {}}]}, 400, "Format error in JSON body: "),
    ({"must": [{"key": "a", "range": {"gte": True}}]}, 400, "Format error in JSON body: "),
    ({"must": [{"key": "a", "range": {"gte": "no date"}}]}, 400, "Format error in JSON body: "),
    ({"must": [{"key": "a", "values_count": {"gte": 1.5}}]}, 400, "Format error in JSON body: "),
    ({"must": [{"has_id": ["x"]}]}, 400, "Format error in JSON body: "), ({"must": [{"has_id": 1}]}, 400, "Format error in JSON body: "),
    ({"must": [{"is_empty": "a"}]}, 400, "Format error in JSON body: "), ({"must": [{"is_null": {}}]}, 400, "Format error in JSON body: "),
    ({"min_should": {"conditions": [], "min_count": 0}}, 422, "min_count"),
    ({"min_should": {"conditions": []}}, 400, "Format error in JSON body: "), ({"must": [{"nested": {"key": "a"}}]}, 400, "Format error in JSON body: "),
    ({"must": [{"nested": {"key": "a", "filter": {"bad": 1}}}]}, 400, "Format error in JSON body: "),
    ({"must": [{"key": "a[", "match": {"value": 1}}]}, 400, "nvalid json path: 'a['"),
])
def test_bad_filters_are_refused_everywhere(points, filter, status, part):
    points.upsert([{"id": 1, "vector": [1, 0, 0, 0], "payload": {"a": 1}}]).result
    for answer in (points.scroll(filter=filter), points.count(filter=filter), points.query(query=[1, 0, 0, 0], filter=filter),
                   points.search(vector=[1, 0, 0, 0], limit=1, filter=filter)):
        answer.expect_error(status, part)
    changed = points.set_payload({"a": 2}, filter=filter)
    assert changed.status >= 400, str(changed)
    deleted = points.delete(filter=filter)
    if status == 400:
        assert deleted.status == 400, str(deleted)
        assert points.point(1).result["payload"] == {"a": 1}
