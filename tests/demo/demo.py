#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Loads data with the official Python client, measures recall, and answers searches in words. Run it with `./dev demo`."""

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from qdrant_client import QdrantClient, models  # noqa: E402

from support import shared_data  # noqa: E402
from support.server_process import ServerProcess  # noqa: E402
from support.waiting import wait_until  # noqa: E402

COLLECTION = "demo"
BATCH = 256
MEASURED_QUERIES = 200
SHOWN_QUERIES = 4
INDEX_SECONDS = 600


class ProgressBar:
    """A bar that is redrawn on a terminal; elsewhere a line for each tenth."""

    WIDTH = 36

    def __init__(self, title, total, unit=""):
        self.title = title
        self.unit = unit  # of the rate; none is shown without
        self.total = total
        self.began = time.monotonic()
        self.tenth = -1
        self.terminal = sys.stdout.isatty()

    def show(self, done):
        share = done / self.total
        seconds = time.monotonic() - self.began
        rate = done / seconds if seconds else 0.0
        line = f"{self.title} [{'#' * int(share * self.WIDTH):<{self.WIDTH}}] {share:4.0%} {done}"
        if self.unit:
            line += f" ({rate:.0f} {self.unit})"
        if self.terminal:
            print("\r" + line, end="" if done < self.total else "\n", flush=True)
        elif int(share * 10) > self.tenth:
            self.tenth = int(share * 10)
            print(line, flush=True)


def upload(client, data):
    client.create_collection(
        COLLECTION,
        vectors_config=models.VectorParams(size=data.vectors.shape[1], distance=models.Distance.COSINE))
    bar = ProgressBar("upload", len(data), "points/s")
    began = time.monotonic()
    for start in range(0, len(data), BATCH):
        end = min(start + BATCH, len(data))
        client.upsert(COLLECTION, wait=True, points=models.Batch(
            ids=list(range(start, end)),
            vectors=data.vectors[start:end].tolist(),
            payloads=[json.loads(text) for text in data.payloads[start:end]]))
        bar.show(end)
    seconds = time.monotonic() - began
    print(f"uploaded {len(data)} points in {seconds:.1f} s: {len(data) / seconds:.0f} points/s (one Python client)")
    return began


def wait_indexed(client, count, began):
    bar = ProgressBar("index ", count)
    waited_from = time.monotonic()

    def indexed():
        info = client.get_collection(COLLECTION)
        done = min(info.indexed_vectors_count or 0, count)
        if done < count:
            bar.show(done)
        return info.status == models.CollectionStatus.GREEN and done == count

    wait_until(indexed, "all points indexed", INDEX_SECONDS, poll=0.2)
    bar.show(count)
    now = time.monotonic()
    print(f"fully indexed {now - waited_from:.1f} s after the upload, {now - began:.1f} s after its first request")


def measure_recall(client, data):
    count = min(MEASURED_QUERIES, len(data.queries))
    total = 0.0
    began = time.monotonic()
    for number in range(count):
        hits = client.query_points(COLLECTION, query=data.queries[number].tolist(), limit=10, with_payload=False)
        total += data.recall(number, [point.id for point in hits.points])
    seconds = time.monotonic() - began
    recall = total / count
    print(f"recall@10 against the exact neighbours: {recall:.4f} over {count} queries "
          f"({seconds / count * 1000:.1f} ms each, client included)")
    return recall


def answer_in_words(client, data):
    # Questions that have something near: spread over the better third by the exact best score.
    by_score = sorted(range(len(data.queries)), key=lambda number: -data.exact_scores[number, 0])
    step = max(1, len(by_score) // 3 // SHOWN_QUERIES)
    for number in by_score[step::step][:SHOWN_QUERIES]:
        hits = client.query_points(COLLECTION, query=data.queries[number].tolist(), limit=3, with_payload=True)
        print(f"\n  searching for: {data.texts[number]}")
        for point in hits.points:
            payload = point.payload or {}
            print(f"    {point.score:.3f}  {payload.get('name', point.id)}: {payload.get('summary', '')}")
    print()


def run(url, data):
    client = QdrantClient(url=url, timeout=120)
    print(f"{data.name}: {len(data)} points of {data.vectors.shape[1]} dimensions -> {url}")
    if client.collection_exists(COLLECTION):
        client.delete_collection(COLLECTION)
    began = upload(client, data)
    wait_indexed(client, len(data), began)
    recall = measure_recall(client, data)
    answer_in_words(client, data)
    return recall


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="use this running server; its collection 'demo' is replaced")
    parser.add_argument("--limit", type=int, help="load only the first LIMIT points")
    args = parser.parse_args()
    data = shared_data.load(args.limit)
    if args.url:
        run(args.url, data)
        return 0
    folder = Path(tempfile.mkdtemp(prefix="qdrantd-demo-"))
    server = ServerProcess(folder)
    try:
        server.start()
        run(server.url, data)
        status = server.stop()
        print(f"server stopped with status {status}")
        return status
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
