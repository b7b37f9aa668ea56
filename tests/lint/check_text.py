# SPDX-License-Identifier: Apache-2.0
"""Sizes, file names, licence lines and words that must not stay in the tree."""

from __future__ import annotations

import pathlib
import re

from sources import CODE_SUFFIXES, CPP_SUFFIXES, Finding, Tree, is_test

MAX_LINES = 800
MAX_FACE_LINES = 250
BANNED_STEMS = re.compile(r"^(.*_)?(util|utils|helper|helpers|misc|types|stuff)$|^common$")
# Put together from pieces, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b")
MACHINE_PATHS = re.compile(r"(?<![\w.])/(" + "|".join(["wo" + "rk", "fa" + "rm", "ro" + "ot", "ho" + "me"]) + r")/")
SLEEPS = re.compile(r"\b(sleep_" + r"for|sleep_" + r"until|u" + r"sleep|nano" + r"sleep|time\.sl" + r"eep)\s*\(")
LICENCE = "SPDX-License-Identifier: Apache-2.0"
NEEDS_LICENCE = CODE_SUFFIXES
# Data whose bytes are compared or played: no licence line, no size limit.
DATA_FOLDERS = ("tests/golden/", "tests/fuzz/", "tests/raft/scripts/")


def check_lines(name: str, text: str) -> list[Finding]:
    findings = []
    lines = text.splitlines()
    if name.endswith(CPP_SUFFIXES + (".py", ".sh")) or name == "dev":
        limit = MAX_FACE_LINES if name.startswith("include/") else MAX_LINES
        if len(lines) > limit:
            findings.append(Finding(name, len(lines), f"{len(lines)} lines, the limit is {limit}"))
    for number, line in enumerate(lines, 1):
        if UNFINISHED.search(line):
            findings.append(Finding(name, number, "a word that marks unfinished work"))
        if MACHINE_PATHS.search(line):
            findings.append(Finding(name, number, "a path of one machine"))
        if is_test(name) and SLEEPS.search(line):
            findings.append(Finding(name, number, "a test sleeps: wait for a condition with a deadline"))
    return findings


def check_name(name: str) -> list[Finding]:
    path = pathlib.PurePosixPath(name)
    if path.suffix in CODE_SUFFIXES and BANNED_STEMS.match(path.stem):
        return [Finding(name, 0, f"'{path.stem}' says nothing: name the noun")]
    return []


def check_licence(name: str, text: str) -> list[Finding]:
    script = name == "dev" or name == ".ci/run"
    if not (name.endswith(NEEDS_LICENCE) or script):
        return []
    if not any(LICENCE in line for line in text.splitlines()[:3]):
        return [Finding(name, 1, f"no '{LICENCE}' in the first lines")]
    return []


def check(tree: Tree) -> list[Finding]:
    findings = []
    for name in tree.files:
        if name == "LICENSE" or name.startswith(DATA_FOLDERS):
            continue
        findings += check_name(name)
        raw = (tree.root / name).read_bytes()
        if b"\0" in raw[:8192]:
            continue
        text = raw.decode("utf-8", errors="replace")
        findings += check_lines(name, text) + check_licence(name, text)
        if raw and not raw.endswith(b"\n"):
            findings.append(Finding(name, 0, "no line end at the end of the file"))
        if name.endswith(".hpp") and "#pragma once" not in text:
            findings.append(Finding(name, 0, "no #pragma once"))
    return findings
