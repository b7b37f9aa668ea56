# SPDX-License-Identifier: Apache-2.0
"""What writers know outside of the server: acknowledged states, and states that may or may not have been reached.

Every point is written by one thread, one request at a time. So after a crash a point must be exactly in its last
acknowledged state, or in one of the states that requests without an answer would have given it.
"""

import copy
import threading

ABSENT = None


class Loss(AssertionError):
    """The server holds something else than it may."""


class WriteRecord:
    """States of the points of one collection: {"vector": …, "payload": …}, or ABSENT."""

    def __init__(self, name):
        self.name = name
        self._lock = threading.Lock()
        self._acknowledged = {}
        self._possible = {}
        self.acknowledged_points = 0
        self.acknowledged_requests = 0
        self.unanswered_requests = 0

    def state(self, point):
        with self._lock:
            return copy.deepcopy(self._acknowledged.get(point))

    def begin(self, states):
        """A request that would bring points into these states is about to be sent."""
        with self._lock:
            for point, state in states.items():
                self._possible.setdefault(point, []).append(copy.deepcopy(state))

    def acknowledge(self, states):
        with self._lock:
            self.acknowledged_requests += 1
            self.acknowledged_points += len(states)
            for point, state in states.items():
                self._acknowledged[point] = copy.deepcopy(state)
                self._possible.pop(point, None)

    def refuse(self, states):
        """The server answered with an error; by contract it may still have written some of the points."""

    def unanswered(self):
        with self._lock:
            self.unanswered_requests += 1

    def expected_points(self):
        with self._lock:
            return {p for p, s in self._acknowledged.items() if s is not ABSENT and p not in self._possible}

    def compare(self, found):
        """`found` maps ids to states. Takes it over as the truth; returns a line for every contradiction."""
        faults = []
        with self._lock:
            for point in set(self._acknowledged) | set(self._possible) | set(found):
                before = self._acknowledged.get(point)
                allowed = [before] + self._possible.get(point, [])
                now = found.get(point)
                if now in allowed:
                    continue
                faults.append(self._describe(point, now, before, allowed))
            self._acknowledged = {point: copy.deepcopy(state) for point, state in found.items()}
            self._possible = {}
        return faults

    def _describe(self, point, now, before, allowed):
        where = f"{self.name}, point {point}"
        if now is ABSENT:
            return f"lost: {where}: was acknowledged as {before}"
        kept = [state for state in allowed if state is not ABSENT]
        if not kept:
            return f"phantom: {where}: {now}"
        if any(s["payload"] == now["payload"] for s in kept) and any(s["vector"] == now["vector"] for s in kept):
            return f"torn: {where}: {now}, neither of {allowed}"
        return f"wrong: {where}: {now}, allowed {allowed}"
