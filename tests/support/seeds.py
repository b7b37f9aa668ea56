# SPDX-License-Identifier: Apache-2.0
"""Seeds of random tests: QDRANTD_SEED, or a fresh one; the replay command is printed where a test fails."""

import os
import random
import secrets


class Seed:
    """One seed for one test; `rng(name)` gives independent streams that do not depend on thread timing."""

    def __init__(self, node_id, offset=0):
        given = os.environ.get("QDRANTD_SEED")
        self.value = int(given) if given else secrets.randbits(40)
        self._node_id = node_id
        self._offset = offset

    def rng(self, name=""):
        return random.Random(f"{self.value}/{self._offset}/{name}")

    def replay(self):
        return f"QDRANTD_SEED={self.value} pytest '{self._node_id}'"
