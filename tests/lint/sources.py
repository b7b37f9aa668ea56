# SPDX-License-Identifier: Apache-2.0
"""What the checks look at: the files of the repository, and the floors as cmake/Layers.cmake declares them."""

from __future__ import annotations

import dataclasses
import pathlib
import re
import subprocess

CPP_SUFFIXES = (".cpp", ".hpp")
CODE_SUFFIXES = (".cpp", ".hpp", ".py", ".sh", ".cmake", ".txt", ".yaml", ".yml", ".proto")


@dataclasses.dataclass(frozen=True)
class Finding:
    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}" if self.line else f"{self.path}: {self.text}"


@dataclasses.dataclass(frozen=True)
class Layer:
    floor: int
    module: str
    uses: tuple[str, ...]


class Tree:
    """A repository: its root and the files git knows or would add."""

    def __init__(self, root: pathlib.Path, files: list[str] | None = None):
        self.root = root
        self.files = sorted(files if files is not None else self._git_files())

    def _git_files(self) -> list[str]:
        output = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=self.root, check=True, capture_output=True, text=True).stdout
        return [name for name in output.split("\0") if name and (self.root / name).is_file()]

    def text(self, name: str) -> str:
        return (self.root / name).read_text(encoding="utf-8", errors="replace")

    def cpp(self) -> list[str]:
        return [name for name in self.files if name.endswith(CPP_SUFFIXES)]

    def layers(self) -> list[Layer]:
        rows = re.findall(r'"(\d+)\|([^|"]+)\|([^"]*)"', self.text("cmake/Layers.cmake"))
        if not rows:
            raise SystemExit("cmake/Layers.cmake declares no floor; has its form changed?")
        return [Layer(int(floor), module, tuple(uses.split())) for floor, module, uses in rows]


def is_test(name: str) -> bool:
    return name.startswith("tests/") or name.endswith(("_test.cpp", "_bench.cpp", "_fuzz.cpp"))
