#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the whole server on real data: CPU until indexed, upload rate, CPU per REST search at equal recall, memory,
time to the first answer. Writes a list of {name, value, unit, peer, ratio}; merge_results.py adds the peer's figures of the
same run. Run it with `./dev bench`.

CPU is user and system time of the server process, read from the kernel before and after: it does not count the client.
Bodies are made before the clock starts. Searches are sent one at a time over one kept connection.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import shared_data  # noqa: E402
from support.server_process import ServerProcess  # noqa: E402
from support.waiting import wait_until  # noqa: E402

COLLECTION = "bench"
BATCH = 256
# As the in-process benchmark builds its graphs.
M = 16
EF_CONSTRUCT = 100
EF_SWEEP = (16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
RECALL_BAR = 0.99
ROUNDS = 3
STARTS = 5
INDEX_SECONDS = 900
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """User and system time of a process so far; resolution 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def upload_bodies(data):
    """Request bodies of all points, as bytes."""
    bodies = []
    for start in range(0, len(data), BATCH):
        rows = range(start, min(start + BATCH, len(data)))
        points = ",".join(
            f'{{"id":{i},"vector":[{",".join(f"{x:.7g}" for x in data.vectors[i])}],"payload":{data.payloads[i]}}}'
            for i in rows)
        bodies.append(f'{{"points":[{points}]}}'.encode())
    return bodies


def send(server, method, path, body):
    answer = server.client.request(method, path, raw=body)
    if answer.status != 200:
        raise SystemExit(f"{method} {path} -> {answer}")
    return answer


class Figures:
    def __init__(self, path):
        self.path = path
        self.lines = []

    def add(self, name, value, unit):
        self.lines.append({"name": name, "value": value, "unit": unit, "peer": None, "ratio": None})
        print(f"  {name}: {value:.4g} {unit}", flush=True)

    def write(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.lines, indent=1) + "\n")


def measure_starts(folder, figures):
    """Median time from exec to the first answer of a server with no data."""
    seconds = []
    for number in range(STARTS):
        server = ServerProcess(folder / f"empty{number}")
        began = time.monotonic()
        server.start()
        seconds.append(time.monotonic() - began)
        resident = server.resident_bytes()
        server.stop()
    figures.add("server_start_to_first_answer", statistics.median(seconds), "s")
    figures.add("server_resident_empty", resident / 2**20, "MiB")


def measure_upload(server, data, figures):
    path = f"/collections/{COLLECTION}"
    send(server, "PUT", path, json.dumps({
        "vectors": {"size": data.vectors.shape[1], "distance": "Cosine"},
        "hnsw_config": {"m": M, "ef_construct": EF_CONSTRUCT}}))
    bodies = upload_bodies(data)
    pid = server.process.pid
    cpu_before, began = cpu_seconds(pid), time.monotonic()
    for body in bodies:
        send(server, "PUT", f"{path}/points?wait=true", body)
    uploaded = time.monotonic()
    cpu_uploaded = cpu_seconds(pid)

    def indexed():
        info = server.client.get(path).result
        return info["status"] == "green" and info["indexed_vectors_count"] >= len(data)

    wait_until(indexed, "all points indexed", INDEX_SECONDS, poll=0.1)
    done = time.monotonic()
    figures.add("server_upload_rate", len(data) / (uploaded - began), "points/s")
    figures.add("server_cpu_per_uploaded_point", (cpu_uploaded - cpu_before) / len(data) * 1e6, "us")
    figures.add("server_seconds_until_indexed", done - began, "s")
    figures.add("server_cpu_until_indexed", cpu_seconds(pid) - cpu_before, "s")


def sweep(server, data):
    """For each ef: (recall@10, CPU microseconds for one search), the median of some rounds."""
    path = f"/collections/{COLLECTION}/points/query"
    vectors = [",".join(f"{x:.7g}" for x in query) for query in data.queries]
    points = []
    for ef in EF_SWEEP:
        bodies = [f'{{"query":[{vector}],"limit":10,"params":{{"hnsw_ef":{ef}}}}}'.encode() for vector in vectors]
        costs = []
        for _ in range(ROUNDS):
            before = cpu_seconds(server.process.pid)
            answers = [send(server, "POST", path, body) for body in bodies]
            costs.append((cpu_seconds(server.process.pid) - before) / len(bodies) * 1e6)
        recall = statistics.fmean(data.recall(number, [hit["id"] for hit in answer.result["points"]])
                                  for number, answer in enumerate(answers))
        points.append((recall, statistics.median(costs)))
        print(f"  ef {ef:4}: recall@10 {recall:.4f}, {points[-1][1]:.0f} us CPU per search", flush=True)
        if recall >= 0.999:
            break
    return points


def cost_at(points, recall):
    """The cost at a recall, interpolated between the two nearest points of the sweep."""
    points = sorted(points)
    if points[0][0] >= recall:
        return points[0][1]
    for (low, cheap), (high, dear) in zip(points, points[1:]):
        if low < recall <= high:
            return cheap + (dear - cheap) * (recall - low) / (high - low)
    raise SystemExit(f"no ef of the sweep reaches recall {recall}: best {points[-1][0]:.4f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, required=True, help="file for the figures")
    parser.add_argument("--limit", type=int, help="only the first LIMIT points; for trying the benchmark itself")
    args = parser.parse_args()
    data = shared_data.load(args.limit)
    print(f"server benchmark on {data.name}: {len(data)} points of {data.vectors.shape[1]} dimensions, "
          f"m {M}, ef_construct {EF_CONSTRUCT}", flush=True)
    figures = Figures(args.json)
    folder = Path(tempfile.mkdtemp(prefix="qdrantd-bench-"))
    server = ServerProcess(folder / "loaded")
    try:
        measure_starts(folder, figures)
        server.start()
        measure_upload(server, data, figures)
        points = sweep(server, data)
        figures.add(f"server_cpu_per_search_at_recall_{RECALL_BAR}", cost_at(points, RECALL_BAR), "us")
        figures.add("server_resident_loaded", server.resident_bytes() / 2**20, "MiB")
        server.stop()
        began = time.monotonic()
        server.start(120)
        figures.add("server_start_to_first_answer_loaded", time.monotonic() - began, "s")
        server.stop()
        figures.write()
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
