# SPDX-License-Identifier: Apache-2.0
"""The one place where tests wait: for a condition, with a deadline.

Time limits are stretched by QDRANTD_TEST_SLOWDOWN (default 1), which sanitizer runs set.
"""

import os
import threading
import time

SLOWDOWN = float(os.environ.get("QDRANTD_TEST_SLOWDOWN", "1"))


class Deadline:
    """A point in time that several waits can share."""

    def __init__(self, seconds):
        self._end = time.monotonic() + seconds * SLOWDOWN

    def left(self):
        return max(0.0, self._end - time.monotonic())

    def passed(self):
        return self.left() == 0.0


class DeadlinePassed(AssertionError):
    """A condition did not come true in time."""


def wait_until(condition, what, seconds=10.0, poll=0.01):
    """Calls `condition` until it returns something true, and returns that; fails after `seconds`."""
    deadline = Deadline(seconds)
    pause = threading.Event()
    while True:
        value = condition()
        if value:
            return value
        if deadline.passed():
            raise DeadlinePassed(f"not within {seconds * SLOWDOWN:g} s: {what}")
        pause.wait(min(poll, deadline.left() or poll))


def let_run(seconds, stop=None):
    """Lets other threads work for a chosen time, or until the event `stop` is set: a part of a fault schedule."""
    (stop or threading.Event()).wait(seconds)
