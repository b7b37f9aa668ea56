# SPDX-License-Identifier: Apache-2.0
"""Random points, filters and operations in the REST form, small enough to collide often.

Every choice comes from the `random.Random` given, so a seed replays a run.
"""

import uuid

WORDS = ["red", "green", "blue", "Red", "1", "", "naïve", "中", "a b"]
# Paths that hold something in generated payloads, and some that never do.
SCALAR_PATHS = ["k", "n", "f", "b", "o.x", "o.y", "o.z.w", "a[].x", "a[].y", "a[0].x", "a.x", "a[].t[]",
                "a[].t", "m[]", "m[][]", "m[0]", '"with.dot"', '"two words"', "ключ", "absent", "o.absent.deep"]
WHOLE_PATHS = ["k", "n", "f", "b", "o", "o.z", "a", "a[].t", "m", "m[1]", "absent", "o.y"]
INDEXES = [("k", "keyword"), ("n", "integer"), ("f", "float"), ("b", "bool"), ("o.x", "integer"),
           ("o.y", "keyword"), ("a[].x", "integer"), ("a[].y", "keyword"), ('"with.dot"', "integer"),
           ("n", {"type": "integer", "lookup": True, "range": False}),
           ("n", {"type": "integer", "lookup": False, "range": True}), ("n", "float"), ("k", "integer")]


class RandomInput:
    """`vectors` maps each vector name ("" = unnamed) to its dimension.

    `judged` says of a filter whether every oracle reads it as the server does; filters that select what to change are
    drawn until it holds, so that the states never part.
    """

    def __init__(self, rng, vectors, judged=lambda filter: True, id_count=60):
        self.rng = rng
        self._judged = judged
        self.vectors = vectors
        uuids = [str(uuid.UUID(int=rng.getrandbits(128), version=4)) for _ in range(id_count // 3)]
        numbers = [rng.choice([rng.randrange(40), rng.randrange(2**32), 2**63 + rng.randrange(2**62), 2**64 - 1])
                   for _ in range(id_count - len(uuids))]
        self.ids = sorted(set(numbers)) + sorted(set(uuids))

    # -- values -------------------------------------------------------------------------------

    def number(self):
        return self.rng.choice([self.rng.randrange(-3, 8), self.rng.randrange(8), 2**53 + 1, -2**63, 2**63 - 1])

    def real(self):
        return self.rng.choice([float(self.rng.randrange(5)), round(self.rng.uniform(-4, 4), 2), 1e300, -0.5])

    def word(self):
        return self.rng.choice(WORDS)

    def scalar(self):
        return self.rng.choice([self.number, self.real, self.word, lambda: self.rng.random() < 0.5, lambda: None])()

    def _mostly(self, make):
        """A value of the usual kind, a list of such, or something odd."""
        draw = self.rng.random()
        if draw < 0.62:
            return make()
        if draw < 0.82:
            return [make() for _ in range(self.rng.randrange(4))]
        return self.rng.choice([None, [], {}, self.scalar(), [None], [None, make()], [make(), self.scalar()], [[make()]]])

    def element(self):
        value = {}
        if self.rng.random() < 0.8:
            value["x"] = self._mostly(self.number)
        if self.rng.random() < 0.8:
            value["y"] = self._mostly(self.word)
        if self.rng.random() < 0.5:
            value["t"] = [self.number() for _ in range(self.rng.randrange(3))]
        return value

    def payload(self):
        makers = {
            "k": lambda: self._mostly(self.word),
            "n": lambda: self._mostly(self.number),
            "f": lambda: self._mostly(self.real),
            "b": lambda: self._mostly(lambda: self.rng.random() < 0.5),
            "o": lambda: {"x": self._mostly(self.number), "y": self._mostly(self.word),
                          "z": self.rng.choice([{"w": self.number()}, {}, None, 3])},
            "a": lambda: self.rng.choice([[self.element() for _ in range(self.rng.randrange(4))], self.element(), []]),
            "m": lambda: [[self.number() for _ in range(self.rng.randrange(3))] for _ in range(self.rng.randrange(3))],
            "with.dot": lambda: self._mostly(self.number),
            "two words": lambda: self._mostly(self.word),
            "ключ": lambda: self._mostly(self.word),
        }
        return {key: make() for key, make in makers.items() if self.rng.random() < 0.55}

    def vector(self, dimension):
        if self.rng.random() < 0.02:
            return [0.0] * dimension
        return [round(self.rng.uniform(-2, 2), 3) for _ in range(dimension)]

    def named_vectors(self, at_least_one=False):
        """The `vector` of a point: some or all of the configured ones."""
        if set(self.vectors) == {""}:
            if at_least_one or self.rng.random() < 0.93:
                return self.vector(self.vectors[""])
            return {}
        chosen = {name: self.vector(size) for name, size in self.vectors.items() if self.rng.random() < 0.75}
        if at_least_one and not chosen:
            name = self.rng.choice(sorted(self.vectors))
            chosen[name] = self.vector(self.vectors[name])
        return chosen

    def id(self):
        return self.rng.choice(self.ids)

    def some_ids(self, most=6):
        return self.rng.sample(self.ids, self.rng.randint(1, min(most, len(self.ids))))

    def point(self, point_id=None):
        point = {"id": self.id() if point_id is None else point_id, "vector": self.named_vectors()}
        if self.rng.random() < 0.9:
            point["payload"] = self.payload()
        return point

    # -- filters ------------------------------------------------------------------------------

    def _match(self):
        rng = self.rng
        kind = rng.randrange(6)
        if kind == 0:
            return {"value": rng.choice([self.number(), self.word(), rng.random() < 0.5])}
        if kind == 1:
            return {"value": rng.choice([rng.randrange(-3, 8), self.word()])}
        words = rng.random() < 0.5
        listed = [self.word() if words else self.number() for _ in range(rng.randrange(5))]
        return {"any" if kind in (2, 3) else "except": listed}

    def _range(self):
        rng = self.rng
        bounds = {}
        for low in rng.sample(["gt", "gte"], rng.randrange(2)):
            bounds[low] = rng.choice([rng.randrange(-3, 5), round(rng.uniform(-4, 4), 1)])
        for high in rng.sample(["lt", "lte"], rng.randrange(2)):
            bounds[high] = rng.choice([rng.randrange(0, 8), round(rng.uniform(-4, 6), 1)])
        return bounds

    def _count(self):
        bounds = {self.rng.choice(["gt", "gte", "lt", "lte"]): self.rng.randrange(4)}
        if self.rng.random() < 0.3:
            bounds[self.rng.choice(["gt", "gte", "lt", "lte"])] = self.rng.randrange(4)
        return bounds

    def field_condition(self, path=None):
        rng = self.rng
        kind = rng.randrange(10)
        if kind < 4:
            return {"key": path or rng.choice(SCALAR_PATHS), "match": self._match()}
        if kind < 6:
            return {"key": path or rng.choice(SCALAR_PATHS), "range": self._range()}
        if kind == 6:
            return {"key": path or rng.choice(WHOLE_PATHS), "values_count": self._count()}
        if kind == 7:
            return {"key": path or rng.choice(WHOLE_PATHS), "is_empty": rng.random() < 0.5}
        if kind == 8:
            return {"key": path or rng.choice(WHOLE_PATHS), "is_null": rng.random() < 0.5}
        return {"key": path or rng.choice(["k", "n", "f", "b"]), "match": self._match()}

    def condition(self, depth):
        rng = self.rng
        kind = rng.randrange(14)
        if kind == 0:
            return {"is_empty": {"key": rng.choice(WHOLE_PATHS)}}
        if kind == 1:
            return {"is_null": {"key": rng.choice(WHOLE_PATHS)}}
        if kind == 2:
            return {"has_id": self.some_ids(12) if rng.random() < 0.9 else []}
        if kind == 3:
            return {"has_vector": rng.choice(sorted(self.vectors))}
        if kind in (4, 5):
            return {"nested": {"key": rng.choice(["a", "a[]"]), "filter": self._nested_filter()}}
        if kind == 6 and depth > 0:
            return self.filter(depth - 1)
        return self.field_condition()

    def _nested_filter(self):
        conditions = [self.field_condition(self.rng.choice(["x", "y", "t", "t[]", "absent"]))
                      for _ in range(self.rng.randint(1, 2))]
        return {self.rng.choice(["must", "must", "should", "must_not"]): conditions}

    def filter(self, depth=2):
        rng = self.rng
        made = {}
        for clause in ("must", "should", "must_not"):
            if rng.random() < 0.4:
                made[clause] = [self.condition(depth) for _ in range(rng.randint(1, 2))]
        if rng.random() < 0.15:
            conditions = [self.condition(depth) for _ in range(rng.randint(1, 3))]
            made["min_should"] = {"conditions": conditions, "min_count": rng.randint(1, 3)}
        if rng.random() < 0.04:
            made[rng.choice(["must", "should", "must_not"])] = []
        if not made and rng.random() < 0.9:
            made["must"] = [self.condition(depth)]
        return made

    # -- operations ---------------------------------------------------------------------------

    def selecting_filter(self, make=None):
        while True:
            made = make() if make else self.filter(1)
            if self._judged(made):
                return made

    def _selector(self, known):
        """Ids that are `known` to exist, or a filter."""
        if known and self.rng.random() < 0.65:
            chosen = self.rng.sample(known, min(len(known), self.rng.randint(1, 5)))
            return {"points": chosen}
        return {"filter": self.selecting_filter()}

    def operation(self, known):
        """(kind, body) of one change; `known` are ids that exist now."""
        rng = self.rng
        draw = rng.random()
        if draw < 0.34 or not known:
            body = {"points": [self.point() for _ in range(rng.randint(1, 8))]}
            if rng.random() < 0.4:
                # Conditions on a point that occurs twice in one request are left undefined: each id once.
                body = {"points": [self.point(one) for one in self.some_ids(8)]}
                body["update_mode"] = rng.choice(["upsert", "insert_only", "update_only"])
                if rng.random() < 0.6:
                    body["update_filter"] = self.selecting_filter()
            return "upsert", body
        if draw < 0.42:
            if rng.random() < 0.75:
                return "delete", {"points": self.some_ids(4)}
            two = self.selecting_filter(lambda: {"must": [self.field_condition(), self.condition(0)]})
            return "delete", {"filter": two}
        if draw < 0.54:
            body = {"payload": self.payload(), **self._selector(known)}
            if rng.random() < 0.3:
                body["payload"] = {"x": self.number(), "new": self.word()}
                body["key"] = rng.choice(["o", "o.z", "a[]", "a[0]", "a[9]", "fresh.deep", "k", '"with.dot"'])
            return "set_payload", body
        if draw < 0.60:
            return "overwrite_payload", {"payload": self.payload(), **self._selector(known)}
        if draw < 0.69:
            keys = rng.sample(["k", "n", "o.x", "o.z.w", "a[].x", "a[0].y", "a[0]", "a[]", "m[]", '"with.dot"', "absent"],
                              rng.randint(1, 3))
            return "delete_payload", {"keys": keys, **self._selector(known)}
        if draw < 0.73:
            return "clear_payload", self._selector(known)
        if draw < 0.84:
            chosen = rng.sample(known, min(len(known), rng.randint(1, 4)))
            body = {"points": [{"id": i, "vector": self.named_vectors(at_least_one=True)} for i in chosen]}
            if rng.random() < 0.2:
                body["update_filter"] = self.selecting_filter()
            return "update_vectors", body
        if draw < 0.89:
            names = rng.sample(sorted(self.vectors), rng.randint(1, len(self.vectors)))
            return "delete_vectors", {"vector": names, **self._selector(known)}
        if draw < 0.95:
            field, schema = rng.choice(INDEXES)
            return "create_index", {"field_name": field, "field_schema": schema}
        return "delete_index", {"field_name": rng.choice(INDEXES)[0]}
