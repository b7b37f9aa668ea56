#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adds up the test reports of a run of `./dev test` and prints how many cases of each kind ran.

The last line has the form of pytest's closing line. Exit status 1 when a case or a stage failed, or when no case ran.
"""

import argparse
import pathlib
import sys
import xml.etree.ElementTree as xml


def count_file(path: pathlib.Path) -> tuple[int, int, int]:
    """Returns (passed, failed, skipped) of one JUnit file, as gtest and pytest write it."""
    root = xml.parse(path).getroot()
    suites = [root] if root.tag == "testsuite" else root.findall("testsuite")
    total = sum(int(suite.get("tests", 0)) for suite in suites)
    failed = sum(int(suite.get("failures", 0)) + int(suite.get("errors", 0)) for suite in suites)
    skipped = sum(int(suite.get("skipped", 0)) + int(suite.get("disabled", 0)) for suite in suites)
    return total - failed - skipped, failed, skipped


def collect(reports: pathlib.Path) -> dict[str, list[int]]:
    kinds: dict[str, list[int]] = {}
    for path in sorted(reports.rglob("*.xml")):
        kind = path.stem if path.parent == reports else path.parent.name
        counts = kinds.setdefault(kind, [0, 0, 0])
        for i, number in enumerate(count_file(path)):
            counts[i] += number
    return kinds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("--stages", type=int, required=True)
    parser.add_argument("--failed-stages", default="")
    args = parser.parse_args()

    kinds = collect(args.reports)
    print("== cases of each kind (passed, failed, skipped)")
    for kind, (passed, failed, skipped) in kinds.items():
        print(f"{kind:14} {passed:6} {failed:6} {skipped:6}")
    passed, failed, skipped = (sum(counts[i] for counts in kinds.values()) for i in range(3))
    broken = args.failed_stages.split()
    if broken:
        print(f"FAILED stages: {' '.join(broken)}")
    # A stage can fail without a failed case (a build, a lint check): it counts as one failure of its own.
    failed = max(failed, len(broken))
    parts = ([f"{failed} failed"] if failed else []) + [f"{passed} passed"]
    if skipped:
        parts.append(f"{skipped} skipped")
    print(f"===== {', '.join(parts)} in {args.seconds}.00s ({args.stages} stages) =====")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
