# SPDX-License-Identifier: Apache-2.0
"""The official Python client, unmodified, against the real server."""

import uuid

import numpy
import pytest
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

pytestmark = pytest.mark.smoke

SIZE = 8


@pytest.fixture
def client(server):
    client = QdrantClient(url=server.url, timeout=60)
    yield client
    client.close()


@pytest.fixture
def name(client):
    name = f"client-{uuid.uuid4().hex[:8]}"
    assert client.create_collection(name, vectors_config=models.VectorParams(size=SIZE, distance=models.Distance.COSINE))
    yield name
    client.delete_collection(name)


@pytest.fixture
def rows():
    return numpy.random.default_rng(7).standard_normal((500, SIZE)).astype(numpy.float32)


def nearest(rows, query, k):
    unit = rows / numpy.linalg.norm(rows, axis=1, keepdims=True)
    scores = unit @ (query / numpy.linalg.norm(query))
    order = numpy.argsort(-scores)[:k]
    return [(int(i), float(scores[i])) for i in order]


def test_collections(client, name):
    assert client.collection_exists(name) and not client.collection_exists("absent")
    assert name in [c.name for c in client.get_collections().collections]
    info = client.get_collection(name)
    assert info.config.params.vectors.size == SIZE and info.status == models.CollectionStatus.GREEN
    assert client.update_collection(name, optimizers_config=models.OptimizersConfigDiff(indexing_threshold=1000),
                                    hnsw_config=models.HnswConfigDiff(m=20))
    info = client.get_collection(name)
    assert info.config.optimizer_config.indexing_threshold == 1000 and info.config.hnsw_config.m == 20
    with pytest.raises(UnexpectedResponse) as refused:
        client.create_collection(name, vectors_config=models.VectorParams(size=1, distance=models.Distance.DOT))
    assert refused.value.status_code == 409
    assert client.delete_collection("absent") is False
    assert client.recreate_collection(name, vectors_config=models.VectorParams(size=SIZE, distance=models.Distance.DOT))


def test_server_information(client):
    assert client.info().version == "1.19.0"


@pytest.mark.parametrize("how", ["points", "columns", "collection", "parallel"])
def test_uploads(client, name, rows, how):
    payloads = [{"n": i, "group": f"g{i % 3}"} for i in range(len(rows))]
    if how == "points":
        client.upload_points(name, (models.PointStruct(id=i, vector=rows[i].tolist(), payload=payloads[i]) for i in range(len(rows))),
                             batch_size=64, wait=True)
    elif how == "columns":
        client.upsert(name, models.Batch(ids=list(range(len(rows))), vectors=rows.tolist(), payloads=payloads), wait=True)
    else:
        client.upload_collection(name, vectors=rows, payload=payloads, ids=range(len(rows)), batch_size=50, wait=True,
                                 parallel=2 if how == "parallel" else 1)
    assert client.count(name).count == len(rows)
    query = rows[3] + 0.1
    hits = client.query_points(name, query=query.tolist(), limit=10, with_payload=True,
                               search_params=models.SearchParams(exact=True)).points
    expected = nearest(rows, query, 10)
    assert [h.id for h in hits] == [i for i, _ in expected]
    assert [h.score for h in hits] == [pytest.approx(s, abs=1e-5) for _, s in expected]
    assert hits[0].payload == payloads[hits[0].id]


@pytest.fixture
def filled(client, name, rows):
    client.upload_collection(name, vectors=rows, payload=[{"n": i, "group": f"g{i % 3}", "tags": [f"t{i % 5}", "all"]}
                                                          for i in range(len(rows))], ids=range(len(rows)), wait=True)
    return name


def keyword(value):
    return models.Filter(must=[models.FieldCondition(key="group", match=models.MatchValue(value=value))])


def test_queries(client, filled, rows):
    hits = client.query_points(filled, query=rows[7].tolist(), query_filter=keyword("g1"), limit=5, with_vectors=True).points
    assert len(hits) == 5 and hits[0].id == 7 and hits[0].score == pytest.approx(1.0, abs=1e-5)
    assert all(h.id % 3 == 1 for h in hits)
    unit = rows[7] / numpy.linalg.norm(rows[7])
    assert hits[0].vector == [pytest.approx(float(x), abs=1e-6) for x in unit]
    by_id = client.query_points(filled, query=7, limit=5).points
    assert 7 not in [h.id for h in by_id] and len(by_id) == 5
    batch = client.query_batch_points(filled, requests=[
        models.QueryRequest(query=rows[1].tolist(), limit=1), models.QueryRequest(query=rows[2].tolist(), limit=2, filter=keyword("g2"))])
    assert [b.points[0].id for b in batch] == [1, 2] and len(batch[1].points) == 2
    assert client.query_points(filled, query=rows[0].tolist(), score_threshold=0.999).points[0].id == 0
    assert [p.id for p in client.query_points(filled, limit=4).points] == [0, 1, 2, 3]


def test_reading(client, filled):
    seen, offset = [], None
    while True:
        page, offset = client.scroll(filled, scroll_filter=keyword("g0"), limit=50, offset=offset)
        seen += [p.id for p in page]
        if offset is None:
            break
    assert seen == list(range(0, 500, 3))
    assert client.count(filled, count_filter=keyword("g0"), exact=True).count == len(seen)
    records = client.retrieve(filled, [3, 999, 1], with_payload=["n"], with_vectors=False)
    assert [(r.id, r.payload, r.vector) for r in records] == [(3, {"n": 3}, None), (1, {"n": 1}, None)]
    with pytest.raises(UnexpectedResponse) as missing:
        client.retrieve("absent", [1])
    assert missing.value.status_code == 404


def test_changes(client, filled):
    done = models.UpdateStatus.COMPLETED
    assert client.set_payload(filled, {"x": 1}, points=[1, 2], wait=True).status == done
    assert client.overwrite_payload(filled, {"y": 1}, points=[3], wait=True).status == done
    assert client.delete_payload(filled, ["n"], points=[1], wait=True).status == done
    assert client.clear_payload(filled, points_selector=[4], wait=True).status == done
    assert client.set_payload(filled, {"deep": {"z": 1}}, points=keyword("g0"), wait=True).status == done
    assert client.set_payload(filled, {"w": 2}, key="deep", points=[0], wait=True).status == done
    records = {r.id: r.payload for r in client.retrieve(filled, [0, 1, 3, 4])}
    assert records[0]["deep"] == {"z": 1, "w": 2}
    assert records[1] == {"group": "g1", "tags": ["t1", "all"], "x": 1}
    assert records[3] == {"y": 1} and records[4] == {}
    assert client.update_vectors(filled, [models.PointVectors(id=5, vector=[1.0] * SIZE)], wait=True).status == done
    assert client.query_points(filled, query=[1.0] * SIZE, limit=1).points[0].id == 5
    assert client.delete_vectors(filled, [""], points=[5], wait=True).status == done
    assert client.retrieve(filled, [5], with_vectors=True)[0].vector == {}
    assert client.delete(filled, points_selector=[6, 7], wait=True).status == done
    assert client.delete(filled, points_selector=models.FilterSelector(filter=keyword("g2")), wait=True).status == done
    assert all(i % 3 != 2 and i not in (6, 7) for i in (p.id for p in client.scroll(filled, limit=1000)[0]))
    results = client.batch_update_points(filled, [
        models.UpsertOperation(upsert=models.PointsList(points=[models.PointStruct(id=1000, vector=[0.5] * SIZE)])),
        models.SetPayloadOperation(set_payload=models.SetPayload(payload={"q": 1}, points=[1000])),
        models.DeleteOperation(delete=models.PointIdsList(points=[1]))], wait=True)
    assert [r.status for r in results] == [done] * 3
    assert client.retrieve(filled, [1000, 1])[0].payload == {"q": 1}


def test_conditional_upsert(client, filled):
    client.upsert(filled, [models.PointStruct(id=1, vector=[1.0] * SIZE, payload={"v": 2})], wait=True, update_filter=keyword("other"))
    assert client.retrieve(filled, [1])[0].payload["n"] == 1
    client.upsert(filled, [models.PointStruct(id=1, vector=[1.0] * SIZE, payload={"v": 2})], wait=True, update_filter=keyword("g1"))
    assert client.retrieve(filled, [1])[0].payload == {"v": 2}


def test_payload_indexes(client, filled):
    for field, schema in (("group", models.PayloadSchemaType.KEYWORD), ("n", models.IntegerIndexParams(type="integer", lookup=True, range=True)),
                          ("tags", "keyword")):
        assert client.create_payload_index(filled, field, field_schema=schema, wait=True).status == models.UpdateStatus.COMPLETED
    info = client.get_collection(filled)
    assert {k: v.points for k, v in info.payload_schema.items()} == {"group": 500, "n": 500, "tags": 500}
    both = models.Filter(must=[models.FieldCondition(key="tags", match=models.MatchAny(any=["t1", "t2"])),
                               models.FieldCondition(key="n", range=models.Range(gte=10, lt=20))])
    assert [p.id for p in client.scroll(filled, scroll_filter=both, limit=100)[0]] == [11, 12, 16, 17]
    assert client.delete_payload_index(filled, "tags", wait=True).status == models.UpdateStatus.COMPLETED
    assert set(client.get_collection(filled).payload_schema) == {"group", "n"}


def test_filters_of_every_kind(client, filled):
    def ids(**clauses):
        return [p.id for p in client.scroll(filled, scroll_filter=models.Filter(**clauses), limit=1000)[0]]
    field = models.FieldCondition
    assert ids(must=[field(key="n", range=models.Range(lt=3))]) == [0, 1, 2]
    assert ids(must=[models.HasIdCondition(has_id=[4, 5])], must_not=[field(key="n", match=models.MatchValue(value=4))]) == [5]
    assert ids(must=[models.IsEmptyCondition(is_empty=models.PayloadField(key="absent"))]) == list(range(500))
    assert ids(must=[models.IsNullCondition(is_null=models.PayloadField(key="n"))]) == []
    assert ids(must=[field(key="n", match=models.MatchExcept(**{"except": list(range(2, 500))}))]) == [0, 1]
    assert ids(must=[field(key="tags", values_count=models.ValuesCount(gte=3))]) == []
    assert ids(min_should=models.MinShould(min_count=2, conditions=[
        field(key="n", range=models.Range(lt=4)), field(key="group", match=models.MatchValue(value="g0")),
        field(key="tags", match=models.MatchValue(value="t3"))])) == [0, 3] + [i for i in range(4, 500) if i % 3 == 0 and i % 5 == 3]


def test_aliases(client, filled):
    alias = f"alias-{filled}"
    assert client.update_collection_aliases([models.CreateAliasOperation(
        create_alias=models.CreateAlias(collection_name=filled, alias_name=alias))])
    assert [a.alias_name for a in client.get_collection_aliases(filled).aliases] == [alias]
    assert alias in [a.alias_name for a in client.get_aliases().aliases]
    assert client.count(alias).count == 500
    assert client.update_collection_aliases([models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=alias))])
    assert client.get_collection_aliases(filled).aliases == []


def test_named_vectors_and_uuids(client):
    name = f"client-{uuid.uuid4().hex[:8]}"
    client.create_collection(name, vectors_config={"text": models.VectorParams(size=2, distance=models.Distance.DOT),
                                                   "image": models.VectorParams(size=3, distance=models.Distance.EUCLID)})
    try:
        ids = [str(uuid.UUID(int=i)) for i in range(1, 4)]
        client.upsert(name, [models.PointStruct(id=one, vector={"text": [i, 1], "image": [i, i, i]}) for i, one in enumerate(ids)], wait=True)
        assert client.query_points(name, query=[1.0, 0.0], using="text", limit=1).points[0].id == ids[2]
        assert client.query_points(name, query=[0.0, 0.0, 0.0], using="image", limit=1).points[0].id == ids[0]
        record = client.retrieve(name, [ids[1]], with_vectors=["image"])[0]
        assert record.vector == {"image": [1.0, 1.0, 1.0]}
    finally:
        client.delete_collection(name)
