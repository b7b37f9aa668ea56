# SPDX-License-Identifier: Apache-2.0
"""Damages files of a stopped server's storage folder."""

import re
import shutil

PAGE = 4096


def kind_of(relative):
    """What kind of file this is: its path without the numbers and identities in it."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "<id>", str(relative))
    return re.sub(r"\d+", "#", text)


def files_by_kind(storage):
    """Every file with content, or none: {kind: [relative path]}, sorted, so that a seed replays."""
    found = {}
    for path in sorted(storage.rglob("*")):
        if path.is_file():
            relative = path.relative_to(storage)
            found.setdefault(kind_of(relative), []).append(relative)
    return found


class Damage:
    """One mutation; `apply` makes it, `touched` are the files that differ from the original."""

    def __init__(self, rng, storage, kind, kinds):
        self._rng = rng
        self._storage = storage
        self.kind = kind
        self.file = rng.choice(kinds[kind])
        others = [f for same in ([kinds[kind]] * 3 + list(kinds.values())) for f in same if f != self.file]
        self._other = rng.choice(others) if others else None
        self.way = rng.choice(["flip", "flip", "flip", "truncate", "truncate", "zero", "swap", "delete", "append", "replace"])
        if self._other is None and self.way in ("swap", "replace"):
            self.way = "flip"
        if (storage / self.file).stat().st_size == 0 and self.way in ("flip", "truncate", "zero"):
            self.way = "append"
        self.touched = [self.file]
        self.detail = ""

    def __str__(self):
        return f"{self.way} {self.file} {self.detail}"

    def apply(self):
        path = self._storage / self.file
        getattr(self, f"_{self.way}")(path)

    def changes_nothing(self, original):
        """Whether every touched file still has its original content, such as after the swap of two equal files."""
        for relative in self.touched:
            now, before = self._storage / relative, original / relative
            if now.exists() != before.exists() or (now.exists() and now.read_bytes() != before.read_bytes()):
                return False
        return True

    def _flip(self, path):
        data = bytearray(path.read_bytes())
        position = self._rng.randrange(len(data))
        bit = self._rng.randrange(8)
        data[position] ^= 1 << bit
        path.write_bytes(data)
        self.detail = f"bit {bit} of byte {position} of {len(data)}"

    def _truncate(self, path):
        size = path.stat().st_size
        left = self._rng.choice([0, size // 2, max(0, size - 1), self._rng.randrange(size)])
        with open(path, "r+b") as file:
            file.truncate(left)
        self.detail = f"to {left} of {size}"

    def _zero(self, path):
        data = bytearray(path.read_bytes())
        start = self._rng.randrange(len(data)) // PAGE * PAGE
        end = min(len(data), start + PAGE)
        data[start:end] = b"\0" * (end - start)
        path.write_bytes(data)
        self.detail = f"bytes {start} to {end} of {len(data)}"

    def _swap(self, path):
        other = self._storage / self._other
        hold = path.with_name(path.name + ".swapping")
        path.rename(hold)
        other.rename(path)
        hold.rename(other)
        self.touched.append(self._other)
        self.detail = f"with {self._other}"

    def _replace(self, path):
        shutil.copyfile(self._storage / self._other, path)
        self.detail = f"by a copy of {self._other}"

    def _delete(self, path):
        path.unlink()

    def _append(self, path):
        with open(path, "ab") as file:
            file.write(self._rng.randbytes(self._rng.choice([1, 7, 100, PAGE])))
