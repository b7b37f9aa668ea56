# SPDX-License-Identifier: Apache-2.0
"""Documents that list things list all of them: links lead somewhere, modules, tests, decisions and formats are named.

`python3 tests/lint/check_docs.py --write` writes the table of modules in docs/ARCHITECTURE.md from cmake/Layers.cmake.
"""

from __future__ import annotations

import pathlib
import re
import sys

from sources import Finding, Tree

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
ARCHITECTURE = "docs/ARCHITECTURE.md"
TABLE = re.compile(r"(<!-- modules:begin[^\n]*-->\n).*?(<!-- modules:end -->)", re.DOTALL)
DECISION = re.compile(r"^docs/decisions/(\d{4})-[a-z0-9-]+\.md$")


def module_table(tree: Tree) -> str:
    rows = ["| floor | module | may use |", "|---:|---|---|"]
    for layer in tree.layers():
        if f"src/{layer.module}/CMakeLists.txt" in tree.files:
            uses = ", ".join(f"`{used}`" for used in layer.uses) or "nothing of ours"
            rows.append(f"| {layer.floor} | `{layer.module}` | {uses} |")
    return "\n".join(rows) + "\n"


def check_links(tree: Tree, name: str) -> list[Finding]:
    findings = []
    for number, line in enumerate(tree.text(name).splitlines(), 1):
        for target in LINK.findall(line):
            if "://" in target or target.startswith("mailto:"):
                continue
            if not (tree.root / pathlib.PurePosixPath(name).parent / target).exists():
                findings.append(Finding(name, number, f"dead link {target}"))
    return findings


def check_table(tree: Tree) -> list[Finding]:
    match = TABLE.search(tree.text(ARCHITECTURE))
    if not match:
        return [Finding(ARCHITECTURE, 0, "the table of modules is gone")]
    if match.group(0) != match.group(1) + module_table(tree) + match.group(2):
        return [Finding(ARCHITECTURE, 0, "the table of modules differs from cmake/Layers.cmake: "
                                         "run tests/lint/check_docs.py --write")]
    return []


def check_index(tree: Tree, folder: str) -> list[Finding]:
    """Every page of a folder is linked from the README of that folder."""
    pages = [name for name in tree.files
             if name.startswith(folder) and name.endswith(".md") and not name.endswith("README.md")]
    if not pages:
        return []
    index = folder + "README.md"
    if index not in tree.files:
        return [Finding(index, 0, "missing: it lists the pages of its folder")]
    linked = set(LINK.findall(tree.text(index)))
    return [Finding(index, 0, f"does not list {page}") for page in pages
            if page.removeprefix(folder) not in linked]


def check_decisions(tree: Tree) -> list[Finding]:
    numbers = []
    findings = []
    for name in tree.files:
        if name.startswith("docs/decisions/") and not name.endswith("README.md"):
            match = DECISION.match(name)
            if match:
                numbers.append(int(match.group(1)))
            else:
                findings.append(Finding(name, 0, "decision records are named NNNN-title.md"))
    if sorted(numbers) != list(range(1, len(numbers) + 1)):
        findings.append(Finding("docs/decisions", 0, f"numbers must run from 1 without gap: {sorted(numbers)}"))
    return findings


def check_test_folders(tree: Tree) -> list[Finding]:
    text = tree.text("tests/README.md")
    folders = sorted({name.split("/")[1] for name in tree.files
                      if name.startswith("tests/") and name.count("/") >= 2})
    return [Finding("tests/README.md", 0, f"does not name tests/{folder}") for folder in folders
            if f"`tests/{folder}" not in text]


def check(tree: Tree) -> list[Finding]:
    findings = []
    for name in tree.files:
        if name.endswith(".md"):
            findings += check_links(tree, name)
    for needed in ("README.md", ARCHITECTURE, "docs/CHANGELOG.md", "tests/README.md"):
        if needed not in tree.files:
            return findings + [Finding(needed, 0, "missing")]
    return (findings + check_table(tree) + check_index(tree, "docs/decisions/")
            + check_index(tree, "docs/formats/") + check_decisions(tree) + check_test_folders(tree))


def main() -> int:
    if sys.argv[1:] != ["--write"]:
        print(__doc__)
        return 2
    tree = Tree(pathlib.Path(__file__).resolve().parents[2])
    path = tree.root / ARCHITECTURE
    path.write_text(TABLE.sub(lambda m: m.group(1) + module_table(tree) + m.group(2), path.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
