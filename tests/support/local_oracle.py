# SPDX-License-Identifier: Apache-2.0
"""The official client's in-memory mode behind the same operations as the server.

Where it is known to differ from the served behaviour, `differs_on` says so, exactly, and the caller leaves it out.
"""

from qdrant_client import QdrantClient, models
from qdrant_client.local.local_collection import LocalCollection

COLLECTION = "oracle"


def _filter(body):
    return None if body is None else models.Filter.model_validate(body)


def _conditions(body):
    """Every condition of a filter, at any depth."""
    for clause in ("must", "should", "must_not"):
        listed = body.get(clause) or []
        for one in listed if isinstance(listed, list) else [listed]:
            yield one
            if "nested" in one:
                yield from _conditions(one["nested"]["filter"])
            elif not {"key", "is_empty", "is_null", "has_id", "has_vector"} & one.keys():
                yield from _conditions(one)
    if body.get("min_should"):
        yield from _conditions({"must": body["min_should"]["conditions"]})


class LocalOracle:
    """`vectors` maps names ("" = unnamed) to (size, distance)."""

    name = "local"

    def __init__(self, vectors):
        self._client = QdrantClient(":memory:")
        params = {name: models.VectorParams(size=size, distance=models.Distance(distance))
                  for name, (size, distance) in vectors.items()}
        self._unnamed = set(vectors) == {""}
        self._client.create_collection(COLLECTION, vectors_config=params[""] if self._unnamed else params)

    def close(self):
        self._client.close()

    @staticmethod
    def differs_on(filter):
        """Whether local mode reads this filter in another way than the server does."""
        if filter is None:
            return False
        for condition in _conditions(filter):
            # `[null]` counts as null here; on the server only for the form {"key", "is_null"} (data.md 5.6).
            if "is_null" in condition and "key" not in condition:
                return True
            # An array that a path ends at by index is not looked into here; on the server its elements are tried.
            if condition.get("key", "").endswith("]") and {"match", "range"} & condition.keys():
                return True
        return False

    def apply(self, kind, body):
        client = self._client
        selector = models.Filter.model_validate(body["filter"]) if "filter" in body else body.get("points")
        if kind == "upsert":
            # Local mode takes deleted points for existing ones where a mode is given, so the mode is applied here.
            points, mode = body["points"], body.get("update_mode", "upsert")
            if mode != "upsert":
                held = {p.id for p in client.retrieve(COLLECTION, [p["id"] for p in points], with_payload=False)}
                points = [p for p in points if (p["id"] in held) == (mode == "update_only")]
            if points:
                client.upsert(COLLECTION, points=[models.PointStruct(**p) for p in points],
                              update_filter=_filter(body.get("update_filter")))
        elif kind == "delete":
            client.delete(COLLECTION, points_selector=selector)
        elif kind == "set_payload":
            ids = body.get("points") or [r["id"] for r in self.scroll(body["filter"], limit=2**31)[0]]
            client.set_payload(COLLECTION, payload=body["payload"], points=ids, key=body.get("key"))
            # Local mode keeps nulls; on the server a null removes its key (data.md 3.8).
            nulls = [f'"{key}"' for key, value in body["payload"].items() if value is None]
            if nulls and "key" not in body:
                client.delete_payload(COLLECTION, keys=nulls, points=ids)
        elif kind == "overwrite_payload":
            client.overwrite_payload(COLLECTION, payload=body["payload"], points=selector)
        elif kind == "delete_payload":
            client.delete_payload(COLLECTION, keys=body["keys"], points=selector)
        elif kind == "clear_payload":
            client.clear_payload(COLLECTION, points_selector=selector)
        elif kind == "update_vectors":
            client.update_vectors(COLLECTION, points=[models.PointVectors(**p) for p in body["points"]],
                                  update_filter=_filter(body.get("update_filter")))
        elif kind == "delete_vectors":
            client.delete_vectors(COLLECTION, vectors=body["vector"], points=selector)
        else:
            assert kind in ("create_index", "delete_index"), kind

    def scroll(self, filter=None, limit=10, offset=None, with_payload=True, with_vector=True):
        points, following = self._client.scroll(
            COLLECTION, scroll_filter=_filter(filter), limit=limit, offset=offset, with_payload=with_payload,
            with_vectors=with_vector)
        return [{"id": p.id, "payload": p.payload, "vector": p.vector} for p in points], following

    def count(self, filter=None):
        return self._client.count(COLLECTION, count_filter=_filter(filter), exact=True).count

    def nearest(self, vector, using="", filter=None, limit=10, offset=0, threshold=None):
        hits = self._client.query_points(
            COLLECTION, query=vector, using=using or None, query_filter=_filter(filter), limit=limit, offset=offset,
            score_threshold=threshold, search_params=models.SearchParams(exact=True)).points
        return [(hit.id, hit.score) for hit in hits]
