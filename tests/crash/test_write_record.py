# SPDX-License-Identifier: Apache-2.0
"""The record of writes must itself be able to find every fault it is there for."""

import pytest

from support.write_record import ABSENT, WriteRecord

OLD = {"vector": [1.0], "payload": {"stamp": 1}}
NEW = {"vector": [2.0], "payload": {"stamp": 2}}


@pytest.fixture
def record():
    record = WriteRecord("c")
    record.begin({1: OLD, 2: OLD})
    record.acknowledge({1: OLD, 2: OLD})
    return record


def kinds(faults):
    return sorted(fault.split(":")[0] for fault in faults)


def test_what_is_right_is_no_fault(record):
    assert record.compare({1: OLD, 2: OLD}) == []
    record.begin({1: NEW, 3: NEW})
    assert record.compare({1: NEW, 2: OLD}) == [], "an open request may be done in part, each point wholly"
    assert record.state(1) == NEW and record.state(3) is ABSENT


def test_faults_are_told_apart(record):
    assert kinds(record.compare({1: OLD})) == ["lost"]
    assert kinds(record.compare({1: OLD, 9: OLD})) == ["phantom"]


def test_torn_and_wrong_points(record):
    record.begin({1: NEW, 2: ABSENT})
    record.unanswered()
    found = {1: {"vector": NEW["vector"], "payload": OLD["payload"]}, 2: {"vector": [7.0], "payload": {}}}
    assert kinds(record.compare(found)) == ["torn", "wrong"]


def test_deleted_points_do_not_come_back(record):
    record.begin({1: ABSENT})
    record.acknowledge({1: ABSENT})
    assert kinds(record.compare({1: OLD, 2: OLD})) == ["phantom"]


def test_an_acknowledged_state_replaces_the_one_before(record):
    record.begin({1: NEW})
    record.acknowledge({1: NEW})
    assert kinds(record.compare({1: OLD, 2: OLD})) == ["wrong"]
