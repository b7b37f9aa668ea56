#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Joins the figures of the index and of the server into one list {name, value, unit, peer, ratio}.

The server has no peer of its own: its CPU is compared with what hnswlib, measured by the index benchmark in the same run,
needed to build the same graph and to answer one search at recall 0.99. `ratio` of the server is value / peer: its bars are
upper bounds. The index benchmark states its own ratios so that more is better.
"""

import argparse
import json
import sys
from pathlib import Path

# Figure of the server -> the figure of the index benchmark whose peer it is compared with; the same ef_construct.
PEERS = {
    "server_cpu_until_indexed": "build_cpu_seconds_efc100",
    "server_cpu_per_search_at_recall_0.99": "search_efc100_cpu_ms_at_recall_0.99",
}
SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}


def read(path):
    if not path.is_file():
        return []
    return json.loads(path.read_text())


def with_peer(figure, index):
    wanted = PEERS.get(figure["name"])
    if wanted is None or not index:
        return figure
    matching = [other for other in index if other["name"] == wanted]
    if not matching or not matching[0]["peer"]:
        names = ", ".join(other["name"] for other in index)
        raise SystemExit(f"the index benchmark gave no peer '{wanted}'; it gave: {names}")
    peer = matching[0]["peer"] * SECONDS[matching[0]["unit"]] / SECONDS[figure["unit"]]
    return figure | {"peer": peer, "ratio": figure["value"] / peer}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--server", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    index = read(args.index)
    for figure in index:
        if not figure["peer"]:
            figure |= {"peer": None, "ratio": None}
    results = index + [with_peer(figure, index) for figure in read(args.server)]
    if not results:
        raise SystemExit("no figures to join")
    args.out.write_text(json.dumps(results, indent=1) + "\n")
    for figure in results:
        ratio = "" if not figure["ratio"] else f"  peer {figure['peer']:.4g}, ratio {figure['ratio']:.2f}"
        print(f"{figure['name']:44} {figure['value']:12.4g} {figure['unit']:8}{ratio}")
    print(f"written: {args.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
