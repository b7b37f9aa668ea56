# SPDX-License-Identifier: Apache-2.0
"""Compares answers: exact where the contract is exact, within the stated tolerance for floating point."""

import math

SCORE_TOLERANCE = 1e-5


def close(a, b, tolerance=SCORE_TOLERANCE):
    return math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance)


def same_json(a, b):
    """Equal as JSON: 1, 1.0 and true are three different values."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same_json(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same_json(x, y) for x, y in zip(a, b))
    return type(a) is type(b) and a == b


def same_vector(a, b, tolerance=1e-6):
    if a is None or b is None:
        return (a or {}) == (b or {})
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same_vector(a[name], b[name], tolerance) for name in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(close(x, y, tolerance) for x, y in zip(a, b))
    return False


def assert_same_records(ours, theirs, context):
    assert [r["id"] for r in ours] == [r["id"] for r in theirs], f"ids differ: {context}"
    for mine, other in zip(ours, theirs):
        assert same_json(mine["payload"], other["payload"] or {}), (
            f"payload of {mine['id']} differs: {mine['payload']} / {other['payload']}: {context}")
        assert same_vector(mine["vector"], other["vector"]), (
            f"vector of {mine['id']} differs: {mine['vector']} / {other['vector']}: {context}")


def assert_same_hits(ours, theirs, context):
    """Hits are (id, score), best first. Points of equal score may change places, also across the end of the list."""
    assert len(ours) == len(theirs), f"{len(ours)} hits, not {len(theirs)}: {ours} / {theirs}: {context}"
    for position, ((_, mine), (_, other)) in enumerate(zip(ours, theirs)):
        assert close(mine, other), f"score {position}: {mine} / {other}: {ours} / {theirs}: {context}"
    assert len({point for point, _ in ours}) == len(ours), f"a point twice: {ours}: {context}"
    if not ours:
        return
    # Away from the first and last score the two lists must hold the same points.
    edges = (theirs[0][1], theirs[-1][1])
    expected = {point for point, score in theirs if not any(close(score, edge) for edge in edges)}
    got = {point for point, score in ours if not any(close(score, edge) for edge in edges)}
    assert expected == got, f"other points: {ours} / {theirs}: {context}"
