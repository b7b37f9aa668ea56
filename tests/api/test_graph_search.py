# SPDX-License-Identifier: Apache-2.0
"""Search through the graph, at a size where it is one: recall, filters, changes and restarts."""

import numpy
import pytest

from support.waiting import wait_until

POINTS = 6000
SIZE = 24
QUERIES = 40
K = 10


class Data:
    """Clustered vectors and the exact answers."""

    def __init__(self):
        rng = numpy.random.default_rng(11)
        centres = rng.standard_normal((40, SIZE))
        self.rows = (centres[rng.integers(0, 40, POINTS)] + 0.6 * rng.standard_normal((POINTS, SIZE))).astype(numpy.float32)
        self.queries = (centres[rng.integers(0, 40, QUERIES)] + 0.6 * rng.standard_normal((QUERIES, SIZE))).astype(numpy.float32)
        self.unit = self.rows / numpy.linalg.norm(self.rows, axis=1, keepdims=True)

    def scores(self, query):
        return self.unit @ (query / numpy.linalg.norm(query))

    def kth_best(self, query, allowed):
        scores = numpy.where(allowed, self.scores(query), -9)
        return numpy.sort(scores)[-min(K, int(allowed.sum()))]


@pytest.fixture(scope="module")
def data():
    return Data()


@pytest.fixture
def graph(new_server, data):
    server = new_server().start()
    collection = server.client.collection("graph")
    collection.create({"vectors": {"size": SIZE, "distance": "Cosine"}, "optimizers_config": {"indexing_threshold": 10},
                       "hnsw_config": {"full_scan_threshold": 10}}).result
    for start in range(0, POINTS, 500):
        collection.upsert([{"id": i, "vector": data.rows[i].tolist(), "payload": {"n": i, "mod": i % 100}} for i in range(start, start + 500)]).result
    collection.server = server
    wait_until_indexed(collection)
    return collection


def wait_until_indexed(collection):
    wait_until(lambda: (info := collection.info().result)["status"] == "green" and info["indexed_vectors_count"] >= POINTS * 0.9,
               "the graph holds the points", 60, poll=0.1)


def recall(collection, data, allowed, filter=None, exact=False):
    """Share of hits at least as good as the k-th exact one; every hit must be allowed and rightly scored."""
    good = wanted = 0
    for query in data.queries:
        body = {"query": query.tolist(), "limit": K, "params": {"exact": exact, "hnsw_ef": 128}}
        if filter:
            body["filter"] = filter
        hits = collection.query(**body).result["points"]
        assert len(hits) == min(K, int(allowed.sum()))
        scores = data.scores(query)
        for hit in hits:
            assert allowed[hit["id"]] and hit["score"] == pytest.approx(float(scores[hit["id"]]), abs=1e-5)
        bar = data.kth_best(query, allowed) - 1e-5
        good += sum(hit["score"] >= bar for hit in hits)
        wanted += len(hits)
    return good / wanted


def test_recall_with_filters_changes_and_restart(graph, data):
    everything = numpy.ones(POINTS, dtype=bool)
    numbers = numpy.arange(POINTS)
    assert recall(graph, data, everything) >= 0.97
    assert recall(graph, data, everything, exact=True) == 1.0
    graph.create_index("mod", "integer").result
    for below in (0, 1, 5, 50, 90):
        allowed = numbers % 100 < below
        filter = {"must": [{"key": "mod", "range": {"lt": below}}]}
        if below == 0:
            assert graph.query(query=data.queries[0].tolist(), filter=filter).result["points"] == []
            continue
        assert recall(graph, data, allowed, filter) >= 0.95, f"{below} % match"
    # Deleted points never show, and those that are left are still found.
    graph.delete(filter={"must": [{"key": "mod", "range": {"gte": 40}}]}).result
    left = numbers % 100 < 40
    assert recall(graph, data, left) >= 0.95
    # Points that moved are found where they are now.
    moved = data.rows.copy()
    moved[:200] = -moved[:200]
    for start in range(0, 200, 100):
        graph.upsert([{"id": i, "vector": moved[i].tolist(), "payload": {"n": i, "mod": i % 100}} for i in range(start, start + 100)]).result
    after = Data()
    after.unit[:200] = -after.unit[:200]
    left = left | (numbers < 200)
    assert recall(graph, after, left) >= 0.95
    assert graph.server.stop() == 0
    graph.server.start()
    again = graph.server.client.collection("graph")
    assert recall(again, after, left, exact=True) == 1.0
    assert recall(again, after, left) >= 0.95
    again.server = graph.server
    graph.server.kill()
    graph.server.start()
    killed = graph.server.client.collection("graph")
    assert recall(killed, after, left) >= 0.95
    assert killed.count().result == {"count": int(left.sum())}
