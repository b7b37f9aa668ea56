# SPDX-License-Identifier: Apache-2.0
"""The original engine, in process (qdrant-edge-py), behind the same operations as the server.

It is kept without payload indexes: what it answers unindexed is the reference of every filter, indexed or not.
"""

import shutil
import tempfile
import uuid

import qdrant_edge as edge


def _id(value):
    return uuid.UUID(value) if isinstance(value, str) else value


def _plain_id(value):
    return str(value) if isinstance(value, uuid.UUID) else value


def _listed(clause):
    if clause is None:
        return None
    return [_condition(one) for one in (clause if isinstance(clause, list) else [clause])]


def _match(match):
    if "value" in match:
        return edge.MatchValue(match["value"])
    if "any" in match:
        return edge.MatchAny(match["any"])
    return edge.MatchExcept(match["except"])


def _condition(condition):
    if "key" in condition:
        made = {name: condition[name] for name in ("is_empty", "is_null") if name in condition}
        if "match" in condition:
            made["match"] = _match(condition["match"])
        if "range" in condition:
            made["range"] = edge.RangeFloat(**condition["range"])
        if "values_count" in condition:
            made["values_count"] = edge.ValuesCount(**condition["values_count"])
        return edge.FieldCondition(condition["key"], **made)
    if "is_empty" in condition:
        return edge.IsEmptyCondition(condition["is_empty"]["key"])
    if "is_null" in condition:
        return edge.IsNullCondition(condition["is_null"]["key"])
    if "has_id" in condition:
        return edge.HasIdCondition({_id(one) for one in condition["has_id"]})
    if "has_vector" in condition:
        return edge.HasVectorCondition(condition["has_vector"])
    if "nested" in condition:
        return edge.NestedCondition(condition["nested"]["key"], edge_filter(condition["nested"]["filter"]))
    return edge_filter(condition)


def edge_filter(body):
    if body is None:
        return None
    least = body.get("min_should")
    return edge.Filter(
        must=_listed(body.get("must")), should=_listed(body.get("should")), must_not=_listed(body.get("must_not")),
        min_should=edge.MinShould(_listed(least["conditions"]), least["min_count"]) if least else None)


def _read_otherwise(body):
    if isinstance(body, dict):
        match = body.get("match")
        # The Python binding turns a match on true or false into one on 1 or 0.
        if isinstance(match, dict) and isinstance(match.get("value"), bool):
            return True
        # The field form of is_empty holds here if any resolved value is empty; data.md 5.6 wants all of them empty.
        if "is_empty" in body and "[]" in body.get("key", ""):
            return True
        return any(_read_otherwise(value) for value in body.values())
    return isinstance(body, list) and any(_read_otherwise(value) for value in body)


_MODES = {"upsert": edge.UpdateMode.Upsert, "insert_only": edge.UpdateMode.InsertOnly,
          "update_only": edge.UpdateMode.UpdateOnly}


class EdgeOracle:
    """One shard. `vectors` maps names ("" = unnamed) to (size, distance)."""

    name = "edge"

    def __init__(self, vectors):
        self._folder = tempfile.mkdtemp(prefix="edge-oracle-")
        params = {name: edge.EdgeVectorParams(size=size, distance=getattr(edge.Distance, distance))
                  for name, (size, distance) in vectors.items()}
        self._unnamed = set(vectors) == {""}
        self._shard = edge.EdgeShard.create(
            self._folder, edge.EdgeConfig(vectors=params[""] if self._unnamed else params))

    def close(self):
        self._shard.close()
        shutil.rmtree(self._folder)

    @staticmethod
    def differs_on(filter):
        """Whether the engine, or its binding, reads this filter in another way than data.md."""
        return filter is not None and _read_otherwise(filter)

    def apply(self, kind, body):
        for change in self._changes(kind, body):
            self._shard.update(change)

    def _changes(self, kind, body):
        update = edge.UpdateOperation
        ids = [_id(one) for one in body["points"]] if kind not in ("upsert", "update_vectors") and "points" in body else None
        where = edge_filter(body.get("filter"))
        if kind == "upsert":
            points = [edge.Point(_id(p["id"]), p["vector"], p.get("payload")) for p in body["points"]]
            yield update.upsert_points(points, edge_filter(body.get("update_filter")),
                                       _MODES[body.get("update_mode", "upsert")])
        elif kind == "delete":
            yield update.delete_points(ids) if ids is not None else update.delete_points_by_filter(where)
        elif kind == "set_payload":
            if ids is None:
                ids = [_id(record["id"]) for record in self.scroll(body["filter"], limit=2**31)[0]]
            if not ids:
                return
            yield update.set_payload(ids, body["payload"], body.get("key"))
            # A point without payload keeps the nulls here; data.md 3.8 lets a null remove its key on every point.
            nulls = [f'"{name}"' for name, value in body["payload"].items() if value is None]
            if nulls and "key" not in body:
                yield update.delete_payload(ids, nulls)
        elif kind == "overwrite_payload":
            yield (update.overwrite_payload(ids, body["payload"]) if ids is not None
                   else update.overwrite_payload_by_filter(where, body["payload"]))
        elif kind == "delete_payload":
            yield (update.delete_payload(ids, body["keys"]) if ids is not None
                   else update.delete_payload_by_filter(where, body["keys"]))
        elif kind == "clear_payload":
            yield update.clear_payload(ids) if ids is not None else update.clear_payload_by_filter(where)
        elif kind == "update_vectors":
            points = [edge.PointVectors(_id(p["id"]), p["vector"]) for p in body["points"]]
            yield update.update_vectors(points, edge_filter(body.get("update_filter")))
        elif kind == "delete_vectors":
            yield (update.delete_vectors(ids, body["vector"]) if ids is not None
                   else update.delete_vectors_by_filter(where, body["vector"]))
        else:
            assert kind in ("create_index", "delete_index"), kind

    def scroll(self, filter=None, limit=10, offset=None, with_payload=True, with_vector=True):
        points, following = self._shard.scroll(edge.ScrollRequest(
            offset=_id(offset) if offset is not None else None, limit=limit, filter=edge_filter(filter),
            with_payload=with_payload, with_vector=with_vector))
        records = [{"id": _plain_id(p.id), "payload": p.payload, "vector": p.vector} for p in points]
        return records, _plain_id(following)

    def count(self, filter=None):
        return self._shard.count(edge.CountRequest(exact=True, filter=edge_filter(filter)))

    def nearest(self, vector, using="", filter=None, limit=10, offset=0, threshold=None):
        hits = self._shard.query(edge.QueryRequest(
            limit=limit + offset, query=edge.Query.Nearest(vector, using=using or None),
            filter=edge_filter(filter), score_threshold=threshold, params=edge.SearchParams(exact=True)))
        # A shard leaves the offset to the collection above it, which is not here.
        return [(_plain_id(hit.id), hit.score) for hit in hits][offset:]
