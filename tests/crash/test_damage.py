# SPDX-License-Identifier: Apache-2.0
"""Damaged files: bits flipped, pages zeroed, files cut, swapped, replaced, missing, in every kind of file there is.

Each answer of the damaged collection is right or an error, never something else; all other collections are whole. Where
the damaged file belongs to no collection, as those of the catalog, the server refuses to start and says why, or everything
is whole. No collection is forgotten, and no shard's folder is taken away, whatever the damage.
QDRANTD_DAMAGES sets the number of damages.
"""

import collections
import os
import re
import shutil
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.damage import Damage, files_by_kind
from support.file_systems import folder_in_memory
from support.rest_client import NotAnswering
from support.server_process import ServerProcess, StartFailed
from support.waiting import DeadlinePassed, wait_until

# Four of five on storage that was closed cleanly, one of five on what a SIGKILL left behind.
DAMAGES = int(os.environ.get("QDRANTD_DAMAGES", "500"))
POINTS = 400
SIZE = 16
COLLECTIONS = {"graph": 1, "sharded": 2, "other": 1}
REASON = re.compile(r"^Error: \S.*", re.MULTILINE)
QUERY = [float((i * 5) % 7) for i in range(SIZE)]


def vector_of(point):
    return [float((point * (i + 3) + i * i) % 101) for i in range(SIZE)]


def payload_of(point):
    return {"n": point, "k": f"key{point % 10}", "text": f"{point}-" * 30}


def fill(server):
    """Creates all collections with their points; returns which sub-folders belong to which collection."""
    owners = {}
    known = set(p for p in server.storage.rglob("*") if p.is_dir())
    for name, shards in COLLECTIONS.items():
        collection = server.client.collection(name)
        collection.create({"vectors": {"size": SIZE, "distance": "Dot"}, "shard_number": shards,
                           "hnsw_config": {"full_scan_threshold": 10}, "optimizers_config": {"indexing_threshold": 1}}).result
        collection.create_index("n", "integer").result
        for start in range(0, POINTS, 100):
            collection.upsert([{"id": i, "vector": vector_of(i), "payload": payload_of(i)} for i in range(start, start + 100)]).result
        now = set(p for p in server.storage.rglob("*") if p.is_dir())
        for path in now - known:
            owners[path.relative_to(server.storage)] = name
        known = now
    for name in COLLECTIONS:
        info = server.client.collection(name).info
        wait_until(lambda: info().result["status"] == "green", "indexing is done", 30)
    return owners


def make_original(folder):
    """A storage folder of a server that was stopped cleanly, twice; and the owners of its sub-folders."""
    server = ServerProcess(folder, durability="os").start()
    owners = fill(server)
    assert server.stop() == 0
    server.start()
    for name in COLLECTIONS:
        # Some life after the first stop: new versions of points, and log behind the last checkpoint.
        server.client.collection(name).upsert([{"id": i, "vector": vector_of(i), "payload": payload_of(i)} for i in range(0, POINTS, 3)]).result
    assert server.stop() == 0
    server.start()
    for name in COLLECTIONS:
        assert judge(server.client.collection(name), name) == ([], []), "undamaged storage is whole"
    assert server.stop() == 0
    return server.storage, owners


def make_killed(folder):
    """The same, but killed after writes that are only in the logs; every one of them was acknowledged as durable."""
    storage, owners = make_original(folder)
    server = ServerProcess(folder, durability="disk").start()
    for name in COLLECTIONS:
        collection = server.client.collection(name)
        for start in range(0, POINTS, 40):
            collection.upsert([{"id": i, "vector": vector_of(i), "payload": payload_of(i)} for i in range(start, start + 40)]).result
        collection.delete(points=[7]).result
        collection.upsert([{"id": 7, "vector": vector_of(7), "payload": payload_of(7)}]).result
        collection.set_payload({"extra": 1}, points=[8]).result
        collection.overwrite_payload(payload_of(8), points=[8]).result
    server.kill()
    return storage, owners


def owner_of(relative, owners):
    for parent in relative.parents:
        if parent in owners:
            return owners[parent]
    return None


EXPECTED_SCORES = {i: sum(x * y for x, y in zip(QUERY, vector_of(i))) for i in range(POINTS)}
BEST = sorted(EXPECTED_SCORES.values(), reverse=True)


class Refused(Exception):
    """An error of the server, as opposed to a wrong answer."""


def result_of(answer):
    if answer.status != 200:
        assert 400 <= answer.status < 600 and answer.error, str(answer)
        raise Refused(answer.error)
    return answer.result


def read_points(collection):
    records, offset = [], None
    while True:
        body = {"limit": 150, "with_payload": True, "with_vector": True}
        if offset is not None:
            body["offset"] = offset
        result = result_of(collection.scroll(**body))
        records += result["points"]
        offset = result["next_page_offset"]
        if offset is None:
            return records


def judge(collection, name):
    """(wrong answers, errors) of one collection."""
    wrong, errors = [], []

    def ask(what, read, right):
        try:
            got = read()
        except Refused as refused:
            errors.append(f"{name}: {what}: {refused}")
            return
        if not right(got):
            wrong.append(f"{name}: {what}: {str(got)[:300]}")
    everything = [{"id": i, "payload": payload_of(i), "vector": vector_of(i)} for i in range(POINTS)]
    ask("scroll", lambda: read_points(collection), lambda got: got == everything)
    some = [0, 1, 77, POINTS - 1]
    ask("retrieve", lambda: result_of(collection.retrieve(some, with_payload=True, with_vector=True)),
        lambda got: got == [everything[i] for i in some])
    ask("count", lambda: result_of(collection.count()), lambda got: got == {"count": POINTS})
    ask("filtered count", lambda: result_of(collection.count(filter={"must": [{"key": "n", "range": {"lt": 50}}]})), lambda got: got == {"count": 50})
    ask("filter without index", lambda: result_of(collection.count(filter={"must": [{"key": "k", "match": {"value": "key3"}}]})),
        lambda got: got == {"count": POINTS // 10})

    def scores_are_right(got):
        return all(abs(EXPECTED_SCORES.get(hit["id"], -1) - hit["score"]) < 0.01 for hit in got["points"])
    ask("exact search", lambda: result_of(collection.query(query=QUERY, limit=20, params={"exact": True})),
        lambda got: scores_are_right(got) and [hit["score"] for hit in got["points"]] == BEST[:20])
    # The graph may be rebuilt, so only what every search owes: full, right scores, no stranger, and most of the best.
    ask("search", lambda: result_of(collection.query(query=QUERY, limit=20, params={"hnsw_ef": 200})),
        lambda got: scores_are_right(got) and len(got["points"]) == 20 and sum(hit["score"] >= BEST[19] for hit in got["points"]) >= 12)
    ask("filtered search", lambda: result_of(collection.query(query=QUERY, limit=20, filter={"must": [{"key": "n", "range": {"lt": 15}}]})),
        lambda got: scores_are_right(got) and len(got["points"]) == 15)
    return wrong, errors


class Outcome:
    def __init__(self, damage, verdict, faults):
        self.damage, self.verdict, self.faults = damage, verdict, faults


def try_damage(number, seed, original, owners, kinds):
    """Copies the storage, damages it, starts a server on it, and says what came of it."""
    rng = seed.rng(f"damage {number}")
    order = sorted(kinds)
    with tempfile.TemporaryDirectory(prefix="damage-", dir=original.parent.parent) as scratch:
        folder = Path(scratch)
        storage = folder / "storage"
        shutil.copytree(original, storage)
        damage = Damage(rng, storage, order[number % len(order)], kinds)
        damage.apply()
        if damage.changes_nothing(original):
            return Outcome(damage, "nothing changed", [])
        shards = shard_folders(storage)
        server = ServerProcess(folder, durability="os")
        try:
            outcome = judge_server(server, damage, {owner_of(file, owners) for file in damage.touched})
        finally:
            server.kill()
        taken = shards - shard_folders(storage)
        if taken:
            outcome.faults.append(f"folders of shards were taken away: {sorted(map(str, taken))}; {server.log_tail(15)}")
        return outcome


def shard_folders(storage):
    return {path.relative_to(storage) for path in storage.glob("collections/[0-9]*/[0-9]*") if path.is_dir()}


def judge_server(server, damage, hit):
    faults, verdicts = [], []
    try:
        server.start(15)
    except (StartFailed, DeadlinePassed) as refused:
        code = getattr(refused, "exit_code", None)
        if None not in hit:
            faults.append(f"the server did not start, though only {sorted(hit)} is damaged: {refused}")
        elif code is None or code <= 0 or not REASON.search(server.log_text()):
            faults.append(f"no clean refusal (exit code {code}): {refused}")
        return Outcome(damage, "start refused", faults)
    listed = server.client.get("/collections")
    names = {one["name"] for one in listed.result["collections"]} if listed.status == 200 else str(listed)
    if names != set(COLLECTIONS):
        faults.append(f"the list of collections is {names}")
    for name in COLLECTIONS:
        try:
            wrong, errors = judge(server.client.collection(name), name)
        except (NotAnswering, AssertionError) as failed:
            faults.append(f"{name}: {failed}; server {'running' if server.running() else 'dead'}\n{server.log_tail(15)}")
            return Outcome(damage, "died", faults)
        faults += wrong
        if errors and name not in hit:
            faults.append(f"no file of {name} is damaged, but it answers {errors[0]}")
        if any("doesn't exist" in one for one in errors):
            faults.append(f"{name} is said not to exist")
        verdicts.append("failed" if errors else "whole")
    verdict = "failed" if "failed" in verdicts else "whole"
    if not server.running():
        faults.append(f"the server died\n{server.log_tail(15)}")
    return Outcome(damage, verdict, faults)


def run(original, owners, kinds, number, seed, say):
    began = time.monotonic()
    with ThreadPoolExecutor(max_workers=2) as pool:
        outcomes = list(pool.map(lambda n: try_damage(n, seed, original, owners, kinds), range(number)))
    table = collections.defaultdict(collections.Counter)
    for outcome in outcomes:
        table[outcome.damage.kind][outcome.verdict] += 1
    lines = [f"  {kind}: {', '.join(f'{verdict} {n}' for verdict, n in sorted(counts.items()))}" for kind, counts in sorted(table.items())]
    bad = [outcome for outcome in outcomes if outcome.faults]
    say(f"{number} damages over {len(kinds)} kinds of files, {len(bad)} served wrongly, {time.monotonic() - began:.0f} s; "
        f"replay: {seed.replay()}\n    " + "\n    ".join(lines))
    assert not bad, f"{len(bad)} of {number}:\n" + "\n".join(f"{o.damage}: {o.faults[0]}" for o in bad[:12])


@pytest.fixture
def scratch(tmp_path):
    with folder_in_memory(tmp_path) as folder:
        yield folder


def test_no_damage_is_served_as_if_whole(scratch, seed, say):
    original, owners = make_original(scratch / "original")
    kinds = files_by_kind(original)
    assert len(kinds) >= 10, kinds
    assert len(shard_folders(original)) == sum(COLLECTIONS.values())
    assert any(kind.startswith("catalog/") for kind in kinds), kinds
    run(original, owners, kinds, DAMAGES - DAMAGES // 5, seed, say)


def test_no_damage_of_a_catalog_after_a_kill_forgets_a_collection(scratch, seed, say):
    server = ServerProcess(scratch / "original", durability="disk").start()
    owners = fill(server)
    server.kill()
    kinds = {kind: files for kind, files in files_by_kind(server.storage).items() if not kind.startswith("collections")}
    assert any(kind.startswith("catalog/") for kind in kinds), kinds
    run(server.storage, owners, kinds, DAMAGES // 10, seed, say)


def test_no_damage_after_a_kill_is_served_as_if_whole(scratch, seed, say):
    original, owners = make_killed(scratch / "original")
    kinds = {kind: files for kind, files in files_by_kind(original).items() if kind.startswith("collections")}
    logs = [file for files in kinds.values() for file in files if file.suffix == ".log"]
    assert sum((original / file).stat().st_size for file in logs) > 100_000, "the writes are not in the logs"
    # The logs hold what nothing else holds yet: they get half of the damages.
    (log_kind,) = {kind for kind, files in kinds.items() if files[0].suffix == ".log"}
    weighted = dict(kinds)
    weighted.update({f"{log_kind} ({i})": kinds[log_kind] for i in range(len(kinds) - 1)})
    run(original, owners, weighted, DAMAGES // 5, seed, say)
