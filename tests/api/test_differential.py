# SPDX-License-Identifier: Apache-2.0
"""Random operations on the server, on the original engine in process, and on the client's in-memory mode.

The original engine is the first judge, the in-memory mode the second. Where one of them is known to read a filter in
another way than the served behaviour, its `differs_on` names the case, and the other one judges alone.
QDRANTD_DIFFERENTIAL_STEPS sets the length of each run.
"""

import os

import pytest

from support.comparison import assert_same_hits, assert_same_records
from support.edge_oracle import EdgeOracle
from support.local_oracle import LocalOracle
from support.random_input import RandomInput

STEPS = int(os.environ.get("QDRANTD_DIFFERENTIAL_STEPS", "120"))
ALL = 2**31

CONFIGURATIONS = {
    "dot": ({"": (5, "Dot")}, 1),
    "cosine": ({"": (5, "Cosine")}, 1),
    "euclid-3-shards": ({"": (5, "Euclid")}, 3),
    "manhattan": ({"": (5, "Manhattan")}, 1),
    "named": ({"a": (4, "Cosine"), "b": (3, "Euclid")}, 1),
    "named-3-shards": ({"a": (4, "Dot"), "b": (3, "Manhattan")}, 3),
}

_PATHS = {
    "delete": ("POST", "/points/delete"),
    "set_payload": ("POST", "/points/payload"),
    "overwrite_payload": ("PUT", "/points/payload"),
    "delete_payload": ("POST", "/points/payload/delete"),
    "clear_payload": ("POST", "/points/payload/clear"),
    "update_vectors": ("PUT", "/points/vectors"),
    "delete_vectors": ("POST", "/points/vectors/delete"),
    "create_index": ("PUT", "/index"),
    "upsert": ("PUT", "/points"),
}


class Served:
    """The server behind the operations that the oracles have; `rng` chooses between equal ways of asking."""

    def __init__(self, collection, vectors, rng):
        self.collection = collection
        self._vectors = vectors
        self._rng = rng

    def apply(self, kind, body):
        if kind == "delete_index":
            return self.collection.drop_index(body["field_name"]).result
        if kind == "upsert" and self._rng.random() < 0.4:
            body = self._columnar(body)
        if kind != "create_index" and self._rng.random() < 0.25:
            results = self.collection.batch([{kind: body}]).result
            assert [one["status"] for one in results] == ["completed"]
            return results[0]
        method, tail = _PATHS[kind]
        # Not waiting must make no difference to a later call that does wait (data.md 3.12).
        wait = self._rng.random() < 0.85
        result = self.collection._write(method, tail, body, wait).result
        # The same index again is no change, and may be called completed at once.
        assert result["status"] == ("completed" if wait else "acknowledged") or kind == "create_index"
        if not wait:
            assert self.collection.delete(points=[0xFFFF_FFFF_0000]).result["status"] == "completed"
        return result

    def _columnar(self, body):
        """The same points by column, where all of them have the same vectors."""
        points = body["points"]
        shapes = {tuple(sorted(p["vector"])) if isinstance(p["vector"], dict) else "list" for p in points}
        if len(shapes) != 1 or shapes == {()}:
            return body
        batch = {"ids": [p["id"] for p in points], "payloads": [p.get("payload") for p in points]}
        if shapes == {"list"}:
            batch["vectors"] = [p["vector"] for p in points]
        else:
            batch["vectors"] = {name: [p["vector"][name] for p in points] for name in points[0]["vector"]}
        return {"batch": batch, **{key: value for key, value in body.items() if key != "points"}}

    def state(self):
        return self.collection.scroll_all(page=self._rng.choice([1, 7, 64, 1000]) if self._rng.random() < 0.1 else 1000,
                                          with_payload=True, with_vector=True)

    def scroll(self, filter, limit, offset):
        body = {"limit": limit, "with_payload": True, "with_vector": True}
        if filter is not None:
            body["filter"] = filter
        if offset is not None:
            body["offset"] = offset
        result = self.collection.scroll(**body).result
        return result["points"], result["next_page_offset"]

    def count(self, filter):
        return self.collection.count(**({"filter": filter} if filter is not None else {})).result["count"]

    def nearest(self, query, using, filter, limit, offset, threshold, exact=True):
        body = {"query": query, "limit": limit}
        if exact:
            body["params"] = {"exact": True}
        if offset:
            body["offset"] = offset
        for key, value in (("using", using or None), ("filter", filter), ("score_threshold", threshold)):
            if value is not None:
                body[key] = value
        form = self._rng.randrange(3)
        if form == 0:
            points = self.collection.query_batch([body]).result[0]["points"]
        elif form == 1 and isinstance(query, list):
            legacy = {key: value for key, value in body.items() if key not in ("query", "using")}
            legacy["vector"] = {"name": using, "vector": query} if using else query
            points = self.collection.search(**legacy).result
        else:
            points = self.collection.query(**body).result["points"]
        return [(p["id"], p["score"]) for p in points]


def judges_of(filter, edge, local):
    return [judge for judge in (edge, local) if not judge.differs_on(filter)]


def compare_reads(source, served, edge, local, state, context):
    """One round of random reads."""
    rng = source.rng
    for _ in range(3):
        filter = source.filter()
        where = f"{context}, filter {filter}"
        for judge in judges_of(filter, edge, local):
            limit = rng.choice([1, 2, 5, 10, 100])
            offset = rng.choice([None, None, source.id()])
            ours, our_next = served.scroll(filter, limit, offset)
            theirs, their_next = judge.scroll(filter, limit, offset)
            assert_same_records(ours, theirs, f"scroll from {offset} limit {limit} against {judge.name}: {where}")
            assert our_next == their_next, f"next page {our_next} / {their_next} against {judge.name}: {where}"
            assert served.count(filter) == judge.count(filter), f"count against {judge.name}: {where}"
    using = rng.choice(sorted(source.vectors))
    vector = source.vector(source.vectors[using])
    filter = source.filter() if rng.random() < 0.7 else None
    limit, offset = rng.choice([1, 3, 10, 1000]), rng.choice([0, 0, 0, 2, 50])
    threshold = round(rng.uniform(-2, 4), 2) if rng.random() < 0.3 else None
    asked = f"nearest to {vector} by {using!r}, limit {limit}, offset {offset}, threshold {threshold}, filter {filter}"
    for judge in judges_of(filter, edge, local):
        ours = served.nearest(vector, using, filter, limit, offset, threshold)
        theirs = judge.nearest(vector, using, filter, limit, offset, threshold)
        assert_same_hits(ours, theirs, f"{asked} against {judge.name}: {context}")
        approximate = served.nearest(vector, using, filter, limit, offset, threshold, exact=False)
        assert len(approximate) == len(theirs), f"without `exact`: {asked}: {context}"
    compare_query_by_id(source, served, edge, local, state, context)


def compare_query_by_id(source, served, edge, local, state, context):
    """A stored point as query: its own vector, and itself left out."""
    rng = source.rng
    using = rng.choice(sorted(source.vectors))
    vectors = {r["id"]: r["vector"] if isinstance(r["vector"], list) else r["vector"].get(using) for r in state}
    holders = sorted((i for i in vectors if vectors[i] is not None), key=str)
    if not holders:
        return
    chosen = rng.choice(holders)
    ours = served.nearest(chosen, using, None, 10, 0, None)
    for judge in (edge, local):
        theirs = judge.nearest(vectors[chosen], using, {"must_not": [{"has_id": [chosen]}]}, 10, 0, None)
        assert_same_hits(ours, theirs, f"nearest to point {chosen} by {using!r} against {judge.name}: {context}")


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_agrees_with_the_original_engine_and_the_local_mode(name, new_collection, seed):
    run(name, new_collection, seed.rng(name), STEPS)


@pytest.mark.smoke
@pytest.mark.parametrize("name", ["cosine", "named-3-shards"])
def test_agrees_for_a_short_run(name, new_collection, seed):
    run(name, new_collection, seed.rng(f"short {name}"), 25)


def run(name, new_collection, rng, steps):
    vectors, shards = CONFIGURATIONS[name]
    params = {key: {"size": size, "distance": distance} for key, (size, distance) in vectors.items()}
    collection = new_collection({"vectors": params[""] if set(vectors) == {""} else params, "shard_number": shards})
    edge, local = EdgeOracle(vectors), LocalOracle(vectors)
    try:
        served = Served(collection, vectors, rng)
        source = RandomInput(rng, {key: size for key, (size, _) in vectors.items()},
                             judged=lambda filter: len(judges_of(filter, edge, local)) == 2)
        done = []
        for step in range(steps):
            known = [record["id"] for record in edge.scroll(limit=ALL)[0]]
            kind, body = source.operation(known)
            done.append((kind, body))
            context = f"step {step}, last operations {done[-2:]}"
            for target in (edge, local):
                target.apply(kind, body)
            served.apply(kind, body)
            if step % 3 and step != steps - 1:
                continue
            expected = edge.scroll(limit=ALL)[0]
            state = served.state()
            assert_same_records(state, expected, f"against edge: {context}")
            assert_same_records(state, local.scroll(limit=ALL)[0], f"against local: {context}")
            compare_reads(source, served, edge, local, expected, context)
    finally:
        edge.close()
        local.close()
