# SPDX-License-Identifier: Apache-2.0
"""Real embeddings with payloads, queries in words and exact neighbours; generated ones where the real data is absent.

The real data is looked for in the folder QDRANTD_DATA, else in ../shared/data beside the repository.
"""

import gzip
import json
import os
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[2]
# A hit is right if its score is at least the k-th exact score minus this: near-duplicates are many.
SCORE_SLACK = 1e-5


def normalised(rows):
    rows = np.asarray(rows, dtype=np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class DataSet:
    """`vectors` and `queries` are float32 of unit length; `exact_scores[q, k]` is the k-th best cosine."""

    def __init__(self, name, vectors, queries, texts, exact_scores, payloads):
        self.name = name
        self.vectors = vectors
        self.queries = queries
        self.texts = texts
        self.exact_scores = exact_scores
        self.payloads = payloads  # JSON text of each row

    def __len__(self):
        return len(self.vectors)

    def recall(self, query, ids, k=10):
        """Share of the k best that `ids` hold for query number `query`; a point named twice counts once."""
        found = list(dict.fromkeys(ids))[:k]
        if not found:
            return 0.0
        scores = self.vectors[found] @ self.queries[query]
        return float(np.sum(scores >= self.exact_scores[query, k - 1] - SCORE_SLACK)) / k


def data_folder():
    """The folder of the real data, or None."""
    named = os.environ.get("QDRANTD_DATA")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    if (folder / "vectors.f16.npy").is_file():
        return folder
    if named:
        raise SystemExit(f"QDRANTD_DATA={named} holds no vectors.f16.npy")
    return None


def exact_scores(vectors, queries, k):
    """The k best cosines of each query, best first."""
    best = []
    for start in range(0, len(queries), 100):
        scores = queries[start:start + 100] @ vectors.T
        top = np.partition(scores, -k, axis=1)[:, -k:]
        best.append(-np.sort(-top, axis=1))
    return np.concatenate(best)


def load_real(folder, limit=None):
    vectors = normalised(np.load(folder / "vectors.f16.npy")[:limit])
    queries = normalised(np.load(folder / "queries.f16.npy"))
    with open(folder / "queries.jsonl", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    with gzip.open(folder / "payload.jsonl.gz", "rt", encoding="utf-8") as lines:
        payloads = [line.rstrip("\n") for _, line in zip(range(len(vectors)), lines)]
    whole = limit is None or limit >= len(np.load(folder / "vectors.f16.npy", mmap_mode="r"))
    scores = np.load(folder / "scores.f32.npy") if whole else exact_scores(vectors, queries, 10)
    return DataSet(f"real data, {folder.name}", vectors, queries, texts, scores, payloads)


def generate(count=20_000, dimension=128, seed=1):
    """Clusters in a latent space, lifted and blurred, which gives recall curves like those of real embeddings."""
    draw = np.random.default_rng(seed)
    centres = draw.normal(size=(200, 24))
    lift = draw.normal(size=(24, dimension))
    colours = ["red", "green", "blue", "yellow", "violet", "white", "black", "grey", "brown", "orange"]
    shapes = ["lamp", "chair", "table", "clock", "cup", "plate", "knife", "boat", "kite", "wheel",
              "shoe", "glove", "drum", "bell", "ladder", "brush", "mirror", "basket", "candle", "key"]
    clusters = [f"{colour} {shape}" for colour in colours for shape in shapes]

    def points(number):
        which = draw.integers(0, len(centres), number)
        latent = centres[which] + 0.45 * draw.normal(size=(number, 24))
        return normalised(latent @ lift + 0.3 * draw.normal(size=(number, dimension))), which

    vectors, which = points(count)
    queries, asked = points(200)
    payloads = [json.dumps({"name": f"item {i}", "summary": f"a {clusters[c]}", "price": int(draw.integers(1, 1000))})
                for i, c in enumerate(which)]
    texts = [f"something like a {clusters[c]}" for c in asked]
    return DataSet("generated data", vectors, queries, texts, exact_scores(vectors, queries, 10), payloads)


def load(limit=None):
    folder = data_folder()
    return generate(limit or 20_000) if folder is None else load_real(folder, limit)
