# SPDX-License-Identifier: Apache-2.0
"""Upserting, reading and deleting points (data.md 1.7, 3.2-3.4, 3.7, 3.10)."""

import json
import math

import pytest

pytestmark = pytest.mark.smoke

UUID = "550e8400-e29b-41d4-a716-446655440000"


def put_raw(collection, raw):
    return collection.client.put(f"{collection.path}/points?wait=true", raw=raw)


def test_point_comes_back_as_sent(points):
    payload = {"z": 1, "a": {"y": [1, 2.5, None, {}, []], "b": "text"}, "null": None, "t": True, "ü": "ß"}
    answer = points.upsert([{"id": 1, "vector": [0.1, -2, 3e-3, 4], "payload": payload}])
    assert answer.result["status"] == "completed"
    assert isinstance(answer.result["operation_id"], int)
    stored = points.point(1).result
    assert stored == {"id": 1, "vector": [0.1, -2.0, 0.003, 4.0], "payload": payload}
    assert list(stored["payload"]) == list(payload), "the order of the keys is kept"
    assert points.retrieve([1], with_payload=True, with_vector=True).result == [stored]


def test_floats_are_printed_shortest_and_whole_ones_with_a_zero(points):
    points.upsert([{"id": 1, "vector": [0.1, 1, 1e-8, -3.4028234e38]}]).result
    text = points.point(1).text
    assert "[0.1,1.0," in text, text
    assert json.loads(text)["result"]["vector"][3] == pytest.approx(-3.4028234e38, rel=1e-7)


def test_numbers_of_payloads_keep_their_kind(points):
    raw = ('{"points":[{"id":1,"vector":[1,2,3,4],"payload":{"i":9223372036854775807,"u":18446744073709551615,'
           '"n":-9223372036854775808,"f":1.0,"e":1e3,"big":123456789012345678901234567890,"small":1e-300}}]}')
    assert put_raw(points, raw).result["status"] == "completed"
    payload = points.point(1).result["payload"]
    assert payload["i"] == 2**63 - 1 and payload["u"] == 2**64 - 1 and payload["n"] == -2**63
    assert isinstance(payload["f"], float) and isinstance(payload["e"], float) and isinstance(payload["big"], float)
    assert payload["big"] == pytest.approx(1.2345678901234568e29)
    assert payload["small"] == 1e-300


@pytest.mark.parametrize("text", ["", "\u0000", "\"quoted\" \\ back", "line\nbreak\ttab", "\U0001f600 and é", "\u2028"])
def test_strings_of_payloads(points, text):
    points.upsert([{"id": 1, "vector": [1, 2, 3, 4], "payload": {"s": text, text or "k": 1}}]).result
    assert points.point(1).result["payload"]["s"] == text
    assert points.ids({"must": [{"key": "s", "match": {"value": text}}]}) == [1]


@pytest.mark.parametrize("sent, shown", [
    (0, 0), (2**64 - 1, 2**64 - 1), (UUID, UUID), (UUID.upper(), UUID), (UUID.replace("-", ""), UUID),
    ("{" + UUID + "}", UUID), ("urn:uuid:" + UUID, UUID),
])
def test_ids_that_are_accepted(points, sent, shown):
    points.upsert([{"id": sent, "vector": [1, 2, 3, 4]}]).result
    assert points.ids() == [shown]
    assert points.retrieve([sent]).result == [{"id": shown}]
    assert points.ids({"must": [{"has_id": [sent]}]}) == [shown]
    points.delete(points=[sent]).result
    assert points.ids() == []


@pytest.mark.parametrize("raw", ['"7"', "-1", "1.0", "1.5", "18446744073709551616", "1e3", "true", "null", "[]", "{}",
                                 '"not-a-uuid"', '""', '"550e8400-e29b-41d4-a716-44665544000"'])
def test_ids_that_are_refused_in_a_body(points, raw):
    answer = put_raw(points, f'{{"points":[{{"id":{raw},"vector":[1,2,3,4]}}]}}')
    answer.expect_error(400, "Format error in JSON body: ")
    if raw[0] in '-"1':
        assert "is not a valid point ID, valid values are either an unsigned integer or a UUID" in answer.error
    for tail in ("/points", "/points/delete"):
        key = "ids" if tail == "/points" else "points"
        bad = points.client.post(points.path + tail, raw=f'{{"{key}":[{raw}]}}')
        bad.expect_error(400, "Format error in JSON body: ")


def test_ids_in_the_path(points):
    points.upsert([{"id": 5, "vector": [1, 2, 3, 4]}, {"id": UUID, "vector": [1, 2, 3, 4]}]).result
    assert points.point(5).result["id"] == 5
    assert points.point(UUID).result["id"] == UUID
    assert points.point(UUID.upper().replace("-", "")).result["id"] == UUID
    points.point("x").expect_error(400, 'Wrong input: Can not recognize "x" as point id')
    points.point("-1").expect_error(400, 'Can not recognize "-1" as point id')
    points.point(7).expect_error(404, "Not found: Point with id 7 does not exists!")
    missing = "550e8400-e29b-41d4-a716-446655440001"
    points.point(missing).expect_error(404, f"Not found: Point with id {missing} does not exists!")


def test_upsert_replaces_the_whole_point(new_collection):
    collection = new_collection({"vectors": {"a": {"size": 2, "distance": "Dot"}, "b": {"size": 1, "distance": "Dot"}}})
    collection.upsert([{"id": 1, "vector": {"a": [1, 2], "b": [3]}, "payload": {"x": 1, "y": 2}}]).result
    collection.upsert([{"id": 1, "vector": {"b": [4]}, "payload": {"z": None}}]).result
    assert collection.point(1).result == {"id": 1, "vector": {"b": [4.0]}, "payload": {"z": None}}
    for absent in ({}, {"payload": None}):
        collection.upsert([{"id": 1, "vector": {}, **absent}]).result
        assert collection.point(1).result == {"id": 1, "vector": {}, "payload": {}}
    assert collection.count().result == {"count": 1}


def test_last_of_two_equal_ids_wins(points):
    points.upsert([{"id": 1, "vector": [1, 1, 1, 1], "payload": {"n": 1}}, {"id": 2, "vector": [2, 2, 2, 2]},
                   {"id": 1, "vector": [3, 3, 3, 3], "payload": {"m": 3}}]).result
    assert points.point(1).result == {"id": 1, "vector": [3.0] * 4, "payload": {"m": 3}}
    assert points.count().result == {"count": 2}
    assert [hit["id"] for hit in points.query(query=[1, 0, 0, 0]).result["points"]] == [1, 2]


def test_vectors_is_another_name_of_vector(points):
    points.upsert([{"id": 1, "vectors": [1, 2, 3, 4]}]).result
    assert points.point(1).result["vector"] == [1.0, 2.0, 3.0, 4.0]


def test_the_empty_name_is_the_unnamed_vector(points):
    points.upsert([{"id": 1, "vector": {"": [1, 2, 3, 4]}}]).result
    assert points.point(1).result["vector"] == [1.0, 2.0, 3.0, 4.0]
    assert points.query(query=[1, 0, 0, 0], using="").result["points"][0]["score"] == 1.0


@pytest.mark.parametrize("body, status, part", [
    ({"points": []}, 400, "Bad request: Empty update request"),
    ({"points": [{"id": 1}]}, 400, "Format error in JSON body: "),
    ({"points": [{"vector": [1, 2, 3, 4]}]}, 400, "Format error in JSON body: "),
    ({"points": [{"id": 1, "vector": [1, 2, 3, "x"]}]}, 400, "Format error in JSON body: "),
    ({"points": [{"id": 1, "vector": "x"}]}, 400, "Format error in JSON body: "),
    ({"points": [{"id": 1, "vector": [1, 2, 3, 4], "payload": [1]}]}, 400, "Format error in JSON body: "),
    ({"points": [{"id": 1, "vector": [1, 2, 3, 4], "payload": "x"}]}, 400, "Format error in JSON body: "),
    ({"points": {"id": 1}}, 400, "Format error in JSON body: "),
    ({}, 400, "Invalid PointInsertOperations format"),
    ({"other": []}, 400, "Invalid PointInsertOperations format"),
    ([], 400, "Format error in JSON body: "),
    ({"points": [{"id": 1, "vector": [1, 2, 3]}]}, 400,
     "Wrong input: Vector dimension error: expected dim: 4, got 3"),
    ({"points": [{"id": 1, "vector": [1, 2, 3, 4]}, {"id": 2, "vector": [1] * 5}]}, 400,
     "Wrong input: Vector dimension error: expected dim: 4, got 5"),
    ({"points": [{"id": 1, "vector": {"x": [1, 2, 3, 4]}}]}, 400, "Wrong input: Not existing vector name error: x"),
    ({"points": [{"id": 1, "vector": {"": {"indices": [1], "values": [1.0]}}}]}, 400,
     "Conversion between sparse and regular vectors failed"),
    ({"points": [{"id": 1, "vector": []}]}, 422, "dense vector must not be empty"),
])
def test_bad_upserts_change_nothing(points, body, status, part):
    points.upsert([{"id": 1, "vector": [9, 9, 9, 9], "payload": {"kept": True}}]).result
    answer = points.client.put(f"{points.path}/points?wait=true", body)
    answer.expect_error(status, part)
    assert points.point(1).result == {"id": 1, "vector": [9.0] * 4, "payload": {"kept": True}}
    assert points.count().result == {"count": 1}


def test_dimension_errors_are_immediate_without_waiting(points):
    answer = points.upsert([{"id": 1, "vector": [1, 2, 3]}], wait=False)
    answer.expect_error(400, "Vector dimension error: expected dim: 4, got 3")


def test_an_unnamed_vector_for_a_collection_of_named_ones(new_collection):
    collection = new_collection({"vectors": {"a": {"size": 2, "distance": "Dot"}}})
    collection.upsert([{"id": 1, "vector": [1, 2]}]).expect_error(400, "Not existing vector name error: ")
    answer = collection.upsert([{"id": 1, "vector": {"a": [1, 2, 3]}}])
    answer.expect_error(400, "Wrong input: Vector dimension error: expected dim: 2, got 3")
    assert collection.ids() == []


@pytest.mark.parametrize("raw", ["NaN", "Infinity", "-Infinity", "1e999", "nan", "0x10", "01", "+1", ".5", "1."])
def test_numbers_that_are_no_json_or_no_finite_floats(points, raw):
    answer = put_raw(points, f'{{"points":[{{"id":1,"vector":[{raw},2,3,4]}}]}}')
    assert answer.status in (400, 422) and answer.error, str(answer)
    assert points.ids() == []


def test_a_value_beyond_single_precision_is_never_stored_as_infinity(points):
    """1e39 is a number, but no float32: refused, or stored as something finite."""
    answer = put_raw(points, '{"points":[{"id":1,"vector":[1e39,2,3,4]}]}')
    if answer.status == 200:
        assert all(math.isfinite(x) for x in points.point(1).result["vector"])
    else:
        assert answer.status in (400, 422) and answer.error
        assert points.ids() == []


# -- columns -----------------------------------------------------------------------------------


def test_columns_unnamed_and_named(points, new_collection):
    points.upsert_batch([1, UUID], [[1, 2, 3, 4], [5, 6, 7, 8]], [{"a": 1}, None]).result
    assert points.retrieve([1, UUID], with_payload=True, with_vector=True).result == [
        {"id": 1, "payload": {"a": 1}, "vector": [1.0, 2.0, 3.0, 4.0]},
        {"id": UUID, "payload": {}, "vector": [5.0, 6.0, 7.0, 8.0]}]
    named = new_collection({"vectors": {"a": {"size": 1, "distance": "Dot"}, "b": {"size": 2, "distance": "Dot"}}})
    named.upsert_batch([1, 2], {"a": [[1], [2]], "b": [[3, 4], [5, 6]]}).result
    assert [r["vector"] for r in named.scroll_all(with_vector=True)] == [
        {"a": [1.0], "b": [3.0, 4.0]}, {"a": [2.0], "b": [5.0, 6.0]}]


@pytest.mark.parametrize("batch, part", [
    ({"ids": [1, 2], "vectors": [[1, 2, 3, 4]]}, "batch: number of ids and vectors must be equal (2 != 1)"),
    ({"ids": [1], "vectors": [[1, 2, 3, 4]], "payloads": [{}, {}]},
     "batch: number of ids and payloads must be equal (1 != 2)"),
])
def test_columns_of_unequal_length(points, batch, part):
    answer = points.client.put(f"{points.path}/points?wait=true", {"batch": batch})
    answer.expect_error(422, part)
    assert points.ids() == []


@pytest.mark.parametrize("batch, part", [
    ({"ids": [1]}, "Format error in JSON body: "), ({"vectors": [[1, 2, 3, 4]]}, "Format error in JSON body: "),
    ({"ids": [], "vectors": []}, "Bad request: Empty update request"),
    ({"ids": [1], "vectors": [[1, 2, 3]]}, "Vector dimension error: expected dim: 4, got 3"),
])
def test_bad_columns(points, batch, part):
    points.client.put(f"{points.path}/points?wait=true", {"batch": batch}).expect_error(400, part)


# -- what is stored ----------------------------------------------------------------------------


def test_cosine_vectors_come_back_normalised(new_collection):
    collection = new_collection(size=2, distance="Cosine")
    collection.upsert([{"id": 1, "vector": [3, 4]}, {"id": 2, "vector": [0, 0]}, {"id": 3, "vector": [0.6, 0.8]}]).result
    got = {r["id"]: r["vector"] for r in collection.scroll_all(with_vector=True)}
    assert got[1] == [pytest.approx(0.6), pytest.approx(0.8)]
    assert got[2] == [0.0, 0.0]
    assert got[3] == [0.6, 0.8], "a vector of unit length is left as it was"


@pytest.mark.parametrize("distance", ["Dot", "Euclid", "Manhattan"])
def test_other_vectors_come_back_as_sent(new_collection, distance):
    collection = new_collection(size=2, distance=distance)
    collection.upsert([{"id": 1, "vector": [3, -4]}]).result
    assert collection.point(1).result["vector"] == [3.0, -4.0]


# -- reading -----------------------------------------------------------------------------------


def test_retrieve_order_duplicates_and_defaults(points):
    points.upsert([{"id": i, "vector": [i, 0, 0, 0], "payload": {"n": i}} for i in range(5)]).result
    assert points.retrieve([3, 99, 1, 3]).result == [{"id": 3}, {"id": 1}], "neither payload nor vector by default"
    assert points.retrieve([]).result == []
    for name in ("with_vector", "with_vectors"):
        assert points.retrieve([2], **{name: True}).result == [{"id": 2, "vector": [2.0, 0.0, 0.0, 0.0]}]
    assert points.retrieve([2], with_payload=True).result == [{"id": 2, "payload": {"n": 2}}]
    points.client.post(f"{points.path}/points", {}).expect_error(400, "Format error in JSON body: ")


# -- deleting ----------------------------------------------------------------------------------


def test_delete_by_ids_and_by_filter(points):
    points.upsert([{"id": i, "vector": [i, 0, 0, 0], "payload": {"n": i % 3}} for i in range(12)]).result
    assert points.delete(points=[0, 99, 5]).result["status"] == "completed"
    assert points.ids() == [1, 2, 3, 4, 6, 7, 8, 9, 10, 11]
    assert points.delete(filter={"must": [{"key": "n", "match": {"value": 1}}]}).result["status"] == "completed"
    assert points.ids() == [2, 3, 6, 8, 9, 11]
    assert points.delete(points=[2], filter={}).result["status"] == "completed"
    assert points.ids() == [3, 6, 8, 9, 11], "ids win over the filter"
    assert points.delete(filter={"must": [{"key": "n", "match": {"value": 77}}]}).result["status"] == "completed"
    assert points.delete(filter={}).result["status"] == "completed"
    assert points.ids() == []
    assert points.query(query=[1, 0, 0, 0]).result == {"points": []}


@pytest.mark.parametrize("body, part", [
    ({"points": []}, "Bad request: Empty update request"), ({}, "Format error in JSON body: "),
    ({"points": 1}, "Format error in JSON body: "), ({"filter": []}, "Format error in JSON body: "),
    ({"filter": {"musst": []}}, "Format error in JSON body: "),
])
def test_bad_deletes(points, body, part):
    points.upsert([{"id": 1, "vector": [1, 2, 3, 4]}]).result
    points.client.post(f"{points.path}/points/delete?wait=true", body).expect_error(400, part)
    assert points.ids() == [1]


def test_a_deleted_id_can_come_back_without_its_past(points):
    points.upsert([{"id": 1, "vector": [1, 2, 3, 4], "payload": {"old": 1}}]).result
    points.delete(points=[1]).result
    points.upsert([{"id": 1, "vector": {}}]).result
    assert points.point(1).result == {"id": 1, "payload": {}, "vector": {}}
