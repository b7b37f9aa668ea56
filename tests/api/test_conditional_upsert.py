# SPDX-License-Identifier: Apache-2.0
"""Upserts with `update_filter` and `update_mode` (data.md 3.2)."""

import threading

import pytest

pytestmark = pytest.mark.smoke

MATCHES = {"must": [{"key": "v", "match": {"value": 1}}]}


@pytest.fixture
def two(points):
    """Point 1 matches the condition, point 2 does not, point 3 does not exist."""
    points.upsert([{"id": 1, "vector": [1, 0, 0, 0], "payload": {"v": 1}},
                   {"id": 2, "vector": [2, 0, 0, 0], "payload": {"v": 2}}]).result
    return points


@pytest.mark.parametrize("mode, condition, written", [
    (None, None, [1, 2, 3]), ("upsert", None, [1, 2, 3]), ("insert_only", None, [3]), ("update_only", None, [1, 2]),
    (None, MATCHES, [1, 3]), ("upsert", MATCHES, [1, 3]), ("insert_only", MATCHES, [3]), ("update_only", MATCHES, [1]),
    ("upsert", {}, [1, 2, 3]),
])
@pytest.mark.parametrize("columns", [False, True])
def test_modes_and_conditions(two, mode, condition, written, columns):
    extra = {}
    if mode is not None:
        extra["update_mode"] = mode
    if condition is not None:
        extra["update_filter"] = condition
    ids = [1, 2, 3]
    if columns:
        answer = two.upsert_batch(ids, [[9, 9, 9, 9]] * 3, [{"new": True}] * 3, **extra)
    else:
        answer = two.upsert([{"id": i, "vector": [9, 9, 9, 9], "payload": {"new": True}} for i in ids], **extra)
    assert answer.result["status"] == "completed"
    records = {r["id"]: r for r in two.scroll_all(with_vector=True)}
    assert [i for i in ids if i in records and records[i]["payload"] == {"new": True}] == written
    for left in {1, 2} - set(written):
        assert records[left] == {"id": left, "vector": [float(left), 0.0, 0.0, 0.0], "payload": {"v": left}}


@pytest.mark.parametrize("extra", [{"update_mode": "other"}, {"update_mode": 1}, {"update_filter": []},
                                   {"update_filter": {"mus": []}}])
def test_bad_conditions(two, extra):
    answer = two.upsert([{"id": 1, "vector": [9, 9, 9, 9]}], **extra)
    answer.expect_error(400, "Format error in JSON body: ")
    assert two.point(1).result["payload"] == {"v": 1}


def test_compare_and_set_lets_one_writer_win_each_round(points):
    """Several writers count one version up; no step is lost and none is taken twice."""
    points.upsert([{"id": 1, "vector": [0, 0, 0, 0], "payload": {"version": 0, "by": -1}}]).result
    rounds, writers = 12, 4
    wins = [0] * writers
    gate = threading.Barrier(writers)

    def write(me):
        for version in range(rounds):
            gate.wait(30)
            points.upsert([{"id": 1, "vector": [version, me, 0, 0], "payload": {"version": version + 1, "by": me}}],
                          update_filter={"must": [{"key": "version", "match": {"value": version}}]}).result
            gate.wait(30)
            record = points.point(1).result
            assert record["payload"]["version"] == version + 1
            assert record["vector"] == [float(version), float(record["payload"]["by"]), 0.0, 0.0]
            wins[me] += record["payload"]["by"] == me

    threads = [threading.Thread(target=write, args=(me,)) for me in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(wins) == rounds
