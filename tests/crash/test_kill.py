# SPDX-License-Identifier: Apache-2.0
"""SIGKILL at random moments under writes, also during recovery, in every durability mode; then compare with the record.

QDRANTD_KILLS sets the number of kills.
"""

import os
import time

from support.rest_client import NotAnswering
from support.server_process import StartFailed
from support.waiting import let_run
from support.writers import Writers, two_targets, verify

KILLS = int(os.environ.get("QDRANTD_KILLS", "60"))
DURABILITIES = ["disk", "interval", "os"]


class CollectionChurn:
    """Creates and drops collections between kills, with a record of which must be there."""

    def __init__(self, rng):
        self._rng = rng
        self._there = {}
        self._number = 0

    def step(self, client):
        """One change; the state of its collection is open where no answer comes."""
        self._number += 1
        try:
            if self._there and self._rng.random() < 0.4:
                name = self._rng.choice(sorted(self._there))
                self._there[name] = {True, False}
                assert client.collection(name).drop().result in (True, False)
                self._there[name] = {False}
            else:
                name = f"churn-{self._number}"
                self._there[name] = {True, False}
                assert client.collection(name).create({"vectors": {"size": 2, "distance": "Dot"}}).result is True
                self._there[name] = {True}
        except NotAnswering:
            pass

    def compare(self, client):
        listed = {one["name"] for one in client.get("/collections").result["collections"]}
        faults = [f"collection {name}: {'there' if name in listed else 'gone'}, allowed {allowed}"
                  for name, allowed in self._there.items() if (name in listed) not in allowed]
        for name in sorted(listed & set(self._there)):
            answer = client.collection(name).count()
            if answer.status != 200:
                faults.append(f"collection {name} does not work: {answer}")
        strangers = [name for name in listed if name.startswith("churn-") and name not in self._there]
        faults += [f"collection {name} was never made" for name in strangers]
        self._there = {name: {True} for name in listed if name in self._there}
        return faults


def test_sigkill_loses_nothing_and_tears_nothing(new_server, seed, say):
    rng = seed.rng("schedule")
    targets = two_targets()
    writers = Writers(targets, seed)
    server = new_server(durability=rng.choice(DURABILITIES)).start()
    for target in targets:
        assert server.client.collection(target.name).create(target.body).result is True
    server.client.collection("plain").create_index("owner", "integer").result
    churn = CollectionChurn(seed.rng("churn"))
    kills = during_recovery = 0
    slowest_start = 0.0
    faults = []
    began = time.monotonic()
    while kills < KILLS:
        writers.start(server)
        let_run(rng.uniform(0.02, 0.7))
        if rng.random() < 0.5:
            churn.step(server.client)
        server.kill()
        kills += 1
        writers.stop()
        server.durability = rng.choice(DURABILITIES)
        while rng.random() < 0.25 and kills < KILLS:
            server.launch()
            let_run(rng.uniform(0.0, 0.15))
            assert server.running(), f"ended by itself while recovering\n{server.log_tail()}"
            server.kill()
            kills += 1
            during_recovery += 1
        start = time.monotonic()
        server.start()
        slowest_start = max(slowest_start, time.monotonic() - start)
        faults = verify(server.client, targets, rng) + churn.compare(server.client)
        assert not faults, f"after {kills} kills: " + "\n".join(faults[:10]) + f"\n{seed.replay()}"
    assert server.stop() == 0
    server.start()
    faults = verify(server.client, targets, rng)
    assert not faults, "after a clean stop: " + "\n".join(faults[:10])
    acknowledged = sum(t.record.acknowledged_requests for t in targets)
    points = sum(t.record.acknowledged_points for t in targets)
    unanswered = sum(t.record.unanswered_requests for t in targets)
    assert acknowledged > 5 * kills, f"only {acknowledged} writes in {kills} rounds: the test shows nothing"
    say(f"{kills} kills ({during_recovery} during recovery): {acknowledged} writes of {points} points acknowledged, 0 lost, 0 torn, "
        f"{unanswered} unanswered, slowest start {slowest_start:.2f} s, {time.monotonic() - began:.0f} s; replay: {seed.replay()}")


def test_a_second_server_on_the_same_storage_is_refused(new_server):
    first = new_server().start()
    first.client.collection("c").create({"vectors": {"size": 2, "distance": "Dot"}}).result
    first.client.collection("c").upsert([{"id": 1, "vector": [1, 2]}]).result
    second = new_server(storage=first.storage)
    try:
        second.start()
    except StartFailed as refused:
        assert refused.exit_code not in (0, None), refused
    else:
        # Storage opened lazily: then at least the shard that is in use must not open twice.
        answer = second.client.collection("c").upsert([{"id": 2, "vector": [1, 2]}])
        assert answer.status >= 400, "two servers write to one storage"
    first.assert_running()
    assert first.client.collection("c").ids() == [1]
