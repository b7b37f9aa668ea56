# SPDX-License-Identifier: Apache-2.0
"""wait, ordering and timeout of writes; batches of operations (data.md 1.5, 3.11, 3.12)."""

import pytest

pytestmark = pytest.mark.smoke


def put(collection, query, points=None):
    body = {"points": points or [{"id": 1, "vector": [1, 2, 3, 4]}]}
    return collection.client.put(f"{collection.path}/points{query}", body)


def test_wait_decides_the_status(points):
    assert put(points, "").result["status"] == "acknowledged"
    assert put(points, "?wait=false").result["status"] == "acknowledged"
    assert put(points, "?wait=true").result["status"] == "completed"


def test_a_later_wait_covers_earlier_writes(points):
    for i in range(50):
        points.upsert([{"id": i, "vector": [i, 0, 0, 0]}], wait=False).result
    points.upsert([{"id": 50, "vector": [50, 0, 0, 0]}]).result
    assert points.ids() == list(range(51))


def test_operation_ids_grow(points):
    numbers = [put(points, "?wait=true").result["operation_id"] for _ in range(5)]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("query", ["?ordering=weak&wait=true", "?ordering=medium&wait=true",
                                   "?ordering=strong&wait=true", "?wait=true&timeout=5", "?timeout=0&wait=false",
                                   "?unknown=1&wait=true"])
def test_accepted_parameters(points, query):
    assert put(points, query).result["status"] in ("completed", "acknowledged")


def test_a_timeout_of_zero_is_no_error(points):
    assert put(points, "?wait=true&timeout=0").result["status"] in ("completed", "wait_timeout")
    points.upsert([{"id": 2, "vector": [1, 2, 3, 4]}]).result
    assert points.ids() == [1, 2], "the operation stays queued and is applied"


@pytest.mark.parametrize("query", ["?wait=maybe", "?ordering=best", "?timeout=-1", "?timeout=x", "?timeout=1.5"])
def test_refused_parameters(points, query):
    put(points, query).expect_error(400, "Deserialize error in query parameters: ")
    assert points.ids() == []


@pytest.mark.parametrize("value, accepted", [("", True), ("1", True), ("2", True), ("majority", True), ("quorum", True),
                                             ("all", True), ("0", False), ("some", False), ("-1", False)])
def test_consistency_of_reads(points, value, accepted):
    answers = [points.client.post(f"{points.path}/points{tail}?consistency={value}", body) for tail, body in (
        ("", {"ids": [1]}), ("/scroll", {}), ("/count", {}), ("/query", {"limit": 1}))]
    for answer in answers:
        if accepted:
            assert answer.status == 200, str(answer)
        else:
            assert 400 <= answer.status < 500 and answer.error, str(answer)


@pytest.mark.parametrize("value", ["0", "-1", "x"])
def test_refused_timeouts_of_reads(points, value):
    answer = points.client.post(f"{points.path}/points/scroll?timeout={value}", {})
    answer.expect_error(400, "Deserialize error in query parameters: ")


def test_accepted_timeout_of_reads(points):
    assert points.client.post(f"{points.path}/points/scroll?timeout=3", {}).result["points"] == []


# -- batch -------------------------------------------------------------------------------------


def test_batch_runs_every_kind_in_order(new_collection):
    collection = new_collection({"vectors": {"a": {"size": 1, "distance": "Dot"}, "b": {"size": 1, "distance": "Dot"}}})
    results = collection.batch([
        {"upsert": {"points": [{"id": i, "vector": {"a": [i], "b": [i]}, "payload": {"n": i}} for i in (1, 2, 3)]}},
        {"upsert": {"batch": {"ids": [4, 5], "vectors": {"a": [[4], [5]]}, "payloads": [{"n": 4}, None]}}},
        {"delete": {"points": [3]}},
        {"set_payload": {"payload": {"s": 1}, "points": [1]}},
        {"overwrite_payload": {"payload": {"o": 1}, "filter": {"must": [{"key": "n", "match": {"value": 2}}]}}},
        {"set_payload": {"payload": {"p": 1, "q": 1}, "points": [4]}},
        {"delete_payload": {"keys": ["p"], "points": [4]}},
        {"clear_payload": {"points": [5]}},
        {"update_vectors": {"points": [{"id": 1, "vector": {"b": [9]}}]}},
        {"delete_vectors": {"vector": ["a"], "points": [2]}},
        {"delete": {"filter": {"must": [{"has_id": [5]}]}}},
    ]).result
    assert [one["status"] for one in results] == ["completed"] * 11
    assert collection.scroll_all(with_vector=True) == [
        {"id": 1, "vector": {"a": [1.0], "b": [9.0]}, "payload": {"n": 1, "s": 1}},
        {"id": 2, "vector": {"b": [2.0]}, "payload": {"o": 1}},
        {"id": 4, "vector": {"a": [4.0]}, "payload": {"n": 4, "q": 1}}]


def test_batch_without_operations_or_waiting(points):
    assert points.batch([]).result == []
    results = points.batch([{"upsert": {"points": [{"id": 1, "vector": [1, 2, 3, 4]}]}}], wait=False).result
    assert [one["status"] for one in results] == ["acknowledged"]


def test_batch_stops_at_the_first_failure_and_keeps_what_was_done(points):
    answer = points.batch([
        {"upsert": {"points": [{"id": 1, "vector": [1, 2, 3, 4], "payload": {"n": 1}}]}},
        {"set_payload": {"payload": {"n": 2}, "points": [77]}},
        {"set_payload": {"payload": {"n": 3}, "points": [1]}},
    ])
    answer.expect_error(404, "Not found: No point with id 77 found")
    assert points.point(1).result["payload"] == {"n": 1}


@pytest.mark.parametrize("body", [{}, {"operations": {}}, {"operations": [{}]}, {"operations": [{"unknown": {}}]},
                                  {"operations": [{"delete": {}}]}, {"operations": [{"upsert": {}}]}])
def test_bad_batches(points, body):
    points.client.post(f"{points.path}/points/batch?wait=true", body).expect_error(400, "")
