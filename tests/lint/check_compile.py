# SPDX-License-Identifier: Apache-2.0
"""Checks that run a compiler front end: clang-format, headers that compile alone, clang-tidy.

clang-tidy keeps a stamp for each source that passed, named by the content of the source, of every project header it
reaches, of .clang-tidy and of its command line; such a source is not looked at again. The others are checked within a
time budget: the program before its tests, last changed first. What the budget left out is printed and passes: `./dev lint --all` checks it.
"""

from __future__ import annotations

import concurrent.futures
import hashlib
import json
import pathlib
import re
import shlex
import shutil
import subprocess
import time

from sources import Finding, Tree, is_test

PROJECT_INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]((?:qdrantd/|tests/|[a-z_]+/)[^>"]+)[>"]', re.MULTILINE)
# Options that clang 14 does not know, or that lead to g++'s precompiled header.
UNKNOWN_TO_CLANG = ("-Wno-maybe-uninitialized", "-Wno-restrict", "-Wno-stringop-overflow", "-Wno-tsan",
                    "-Winvalid-pch", "-Werror")
TIDY = "clang-tidy-14"
FORMAT = "clang-format-14"


def run(command: list[str], cwd: pathlib.Path) -> subprocess.CompletedProcess:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def check_format(tree: Tree, jobs: int) -> list[Finding]:
    names = tree.cpp()
    groups = [group for group in (names[i::jobs] for i in range(jobs)) if group]
    findings = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for result in pool.map(lambda group: run([FORMAT, "--dry-run", "-Werror", *group], tree.root), groups):
            found = re.findall(r"^(\S+?):(\d+):\d+: error: (.*)$", result.stderr, re.MULTILINE)
            first = {path: int(line) for path, line, _ in reversed(found)}
            findings += [Finding(path, line, "clang-format wants it otherwise (./dev format)")
                         for path, line in first.items()]
            if result.returncode and not found:
                findings.append(Finding(FORMAT, 0, result.stderr.strip() or f"status {result.returncode}"))
    return findings


def check_headers(tree: Tree, jobs: int) -> list[Finding]:
    """Compiles a source that includes nothing but the header, with the warnings of the build and without its
    precompiled header. ccache makes the second run cheap."""
    faces = [name for name in tree.cpp() if name.endswith(".hpp") and name.startswith("include/")]
    folder = tree.root / "build/lint/headers"
    folder.mkdir(parents=True, exist_ok=True)
    launcher = ["ccache"] if shutil.which("ccache") else []

    def compile_one(name: str) -> list[Finding]:
        source = folder / (name.removeprefix("include/").replace("/", "_") + ".cpp")
        text = f"#include <{name.removeprefix('include/')}>\n"
        if not source.exists() or source.read_text() != text:
            source.write_text(text)
        result = run([*launcher, "g++", "-std=c++20", "-Wall", "-Wextra", "-Werror", "-I", "include", "-c",
                      str(source), "-o", str(source.with_suffix(".o"))], tree.root)
        return [Finding(name, 0, "does not compile alone:\n" + result.stderr)] if result.returncode else []

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        return [finding for findings in pool.map(compile_one, faces) for finding in findings]


class TidyRun:
    """One run of clang-tidy over the sources that need it."""

    def __init__(self, tree: Tree, jobs: int, budget_seconds: float | None):
        self.tree = tree
        self.jobs = jobs
        self.deadline = None if budget_seconds is None else time.monotonic() + budget_seconds
        self.stamps = tree.root / "build/lint/tidy"
        self.stamps.mkdir(parents=True, exist_ok=True)
        self.commands = self.read_commands()
        version = run([TIDY, "--version"], tree.root).stdout
        self.base = version + tree.text(".clang-tidy")
        self.left_out: list[str] = []

    def read_commands(self) -> dict[str, list[str]]:
        """Source -> its compiler's arguments, as clang understands them."""
        commands = {}
        for entry in json.loads((self.tree.root / "build/release/compile_commands.json").read_text()):
            try:
                name = str(pathlib.Path(entry["file"]).relative_to(self.tree.root))
            except ValueError:
                continue
            if name not in self.tree.files:
                continue  # the source of a precompiled header
            arguments = shlex.split(entry["command"])
            kept = ["-std=c++20", "-include", str(self.tree.root / "cmake/precompiled.hpp")]
            skip = False
            for argument, following in zip(arguments, arguments[1:] + [""]):
                if skip:
                    skip = False
                elif argument in ("-I", "-isystem"):
                    kept += [argument, following]
                    skip = True
                elif argument.startswith(("-I", "-isystem", "-D", "-m", "-W")):
                    if argument not in UNKNOWN_TO_CLANG:
                        kept.append(argument)
            commands[name] = kept
        return commands

    def reached(self, name: str) -> list[str]:
        """The project's files that a source includes, itself among them."""
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            current = waiting.pop()
            if current in seen:
                continue
            seen.add(current)
            for path in PROJECT_INCLUDE.findall(self.tree.text(current)):
                for candidate in ("include/" + path, "src/" + path, path):
                    if (self.tree.root / candidate).is_file():
                        waiting.append(candidate)
        return sorted(seen)

    def stamp(self, name: str) -> pathlib.Path:
        digest = hashlib.sha256(self.base.encode())
        digest.update("\0".join(self.commands[name]).replace(str(self.tree.root), "").encode())
        for path in self.reached(name):
            digest.update(path.encode() + b"\0" + (self.tree.root / path).read_bytes())
        return self.stamps / digest.hexdigest()

    def by_age(self) -> list[str]:
        """The sources: those of the program before tests and benchmarks, uncommitted ones first, then by the commit that
        touched them last."""
        history = run(["git", "log", "--name-only", "--format=", "-n", "300"], self.tree.root).stdout.split("\n")
        uncommitted = [line[3:] for line in run(["git", "status", "--porcelain"], self.tree.root).stdout.split("\n")]
        rank: dict[str, int] = {}
        for name in uncommitted + history:
            rank.setdefault(name, len(rank))
        return sorted(self.commands, key=lambda name: (is_test(name), rank.get(name, len(rank)), name))

    def check_one(self, name: str) -> list[Finding]:
        stamp = self.stamp(name)
        if stamp.exists():
            return []
        if self.deadline is not None and time.monotonic() > self.deadline:
            self.left_out.append(name)
            return []
        result = run([TIDY, "--quiet", name, "--", *self.commands[name]], self.tree.root)
        if result.returncode == 0:
            stamp.touch()
            return []
        found = re.findall(r"^(\S+?):(\d+):\d+: (?:error|warning): (.*)$", result.stdout, re.MULTILINE)
        findings = [Finding(path.removeprefix(str(self.tree.root) + "/"), int(line), text)
                    for path, line, text in found]
        return findings or [Finding(name, 0, f"{TIDY}: {result.stderr.strip()[-2000:]}")]


def check_tidy(tree: Tree, jobs: int, budget_seconds: float | None) -> list[Finding]:
    tidy = TidyRun(tree, jobs, budget_seconds)
    names = tidy.by_age()
    if not names:
        return [Finding("build/release/compile_commands.json", 0, "names no source of this repository")]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        results = list(pool.map(tidy.check_one, names))
    unique = {str(finding): finding for findings in results for finding in findings}
    print(f"   clang-tidy: {len(names)} sources, {len(tidy.left_out)} left out by the time budget")
    for name in tidy.left_out:
        print(f"   left out: {name}")
    return list(unique.values())
