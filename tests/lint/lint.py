#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the checks of `./dev lint` and prints what they find. Exit status 1 when there is a finding."""

from __future__ import annotations

import argparse
import pathlib
import subprocess
import sys
import time

import check_compile
import check_docs
import check_layers
import check_text
from sources import Finding, Tree

TIDY_BUDGET_SECONDS = 20.0


def check_selftest(tree: Tree) -> list[Finding]:
    """A check that cannot fail is none: each is shown a planted mistake."""
    result = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/lint"],
                            cwd=tree.root, capture_output=True, text=True, check=False)
    print("   " + (result.stdout.strip().splitlines() or ["no output"])[-1])
    return [Finding("tests/lint", 0, result.stdout + result.stderr)] if result.returncode else []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="clang-tidy without a time budget")
    parser.add_argument("--only", action="append", help="run only this check")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()

    tree = Tree(pathlib.Path(__file__).resolve().parents[2])
    budget = None if args.all else TIDY_BUDGET_SECONDS
    checks = {
        "format": lambda: check_compile.check_format(tree, args.jobs),
        "text": lambda: check_text.check(tree),
        "layers": lambda: check_layers.check(tree),
        "headers": lambda: check_compile.check_headers(tree, args.jobs),
        "docs": lambda: check_docs.check(tree),
        "selftest": lambda: check_selftest(tree),
        "tidy": lambda: check_compile.check_tidy(tree, args.jobs, budget),
    }
    wanted = args.only or list(checks)
    unknown = [name for name in wanted if name not in checks]
    if unknown:
        parser.error(f"unknown check {unknown[0]}; there are {' '.join(checks)}")
    total = 0
    for name in wanted:
        started = time.monotonic()
        findings = checks[name]()
        for finding in findings:
            print(finding)
        print(f"lint {name}: {len(findings)} findings in {time.monotonic() - started:.1f} s", flush=True)
        total += len(findings)
    print("lint: clean" if total == 0 else f"lint: {total} findings")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
