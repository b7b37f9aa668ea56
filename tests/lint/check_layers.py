# SPDX-License-Identifier: Apache-2.0
"""Floors: a module includes what cmake/Layers.cmake lets it use, and third-party libraries stay behind their module."""

from __future__ import annotations

import re

from sources import Finding, Layer, Tree, is_test

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')

# Library -> the modules (or the single files) whose sources may include it.
CONFINED = {
    "rocksdb/": ("store",),
    "boost/beast": ("net", "api/rest"),
    "spdlog/": ("common/log.cpp",),
    "yaml-cpp/": ("daemon",),
    "CLI/": ("daemon",),
    "grpcpp/": ("p2p", "api/grpc"),
    "google/protobuf/": ("p2p", "api/grpc"),
    "hnswlib/": ("index/hnswlib_peer.cpp",),
}
# Behind one source file each.
SINGLE_SOURCE = ("spdlog/", "yaml-cpp/", "CLI/")
LOWEST_FLOOR_OF_ASIO = 6
NOT_IN_FACES = ("nlohmann/json.hpp", "simdjson", "rocksdb/", "boost/beast")


def module_of(name: str, layers: list[Layer]) -> Layer | None:
    """The module a file belongs to, or None for files outside src/ and include/qdrantd/."""
    for prefix in ("src/", "include/qdrantd/"):
        if name.startswith(prefix):
            inside = name[len(prefix):]
            owners = [layer for layer in layers if inside.startswith(layer.module + "/")]
            return max(owners, key=lambda layer: len(layer.module), default=None)
    return None


def included_module(form: str, path: str, layers: list[Layer]) -> Layer | None:
    if form == "<" and not path.startswith("qdrantd/"):
        return None
    inside = path.removeprefix("qdrantd/")
    owners = [layer for layer in layers if inside.startswith(layer.module + "/")]
    return max(owners, key=lambda layer: len(layer.module), default=None)


def check_declaration(layers: list[Layer]) -> list[Finding]:
    floors = {layer.module: layer.floor for layer in layers}
    findings = []
    for layer in layers:
        for used in layer.uses:
            if used not in floors:
                findings.append(Finding("cmake/Layers.cmake", 0, f"{layer.module} uses unknown {used}"))
            elif floors[used] >= layer.floor:
                findings.append(Finding("cmake/Layers.cmake", 0,
                                        f"{layer.module} (floor {layer.floor}) may not use {used} "
                                        f"(floor {floors[used]}): only lower floors"))
    return findings


def check_include(name: str, number: int, form: str, path: str, owner: Layer,
                  layers: list[Layer]) -> list[Finding]:
    findings = []
    face = name.startswith("include/")
    target = included_module(form, path, layers)
    if target is not None and target.module != owner.module:
        if target.module not in owner.uses:
            findings.append(Finding(name, number, f"{owner.module} may not include {target.module}"))
        if form == '"':
            findings.append(Finding(name, number, f"private header of {target.module}: {path}"))
    if form == '"' and path.startswith("tests/") and not is_test(name):
        findings.append(Finding(name, number, "only tests include tests/"))
    inside = name.removeprefix("src/").removeprefix("include/qdrantd/")
    for library, homes in CONFINED.items():
        if path.startswith(library) and owner.module not in homes and inside not in homes:
            findings.append(Finding(name, number, f"{library} belongs behind {', '.join(homes)}"))
    if path.startswith("boost/asio") and owner.floor < LOWEST_FLOOR_OF_ASIO:
        findings.append(Finding(name, number, f"Asio is for floor {LOWEST_FLOOR_OF_ASIO} and up"))
    if face and path.startswith(NOT_IN_FACES):
        findings.append(Finding(name, number, f"{path} in a public header"))
    return findings


def check(tree: Tree) -> list[Finding]:
    layers = tree.layers()
    findings = check_declaration(layers)
    users: dict[str, set[str]] = {library: set() for library in SINGLE_SOURCE}
    for name in tree.cpp():
        owner = module_of(name, layers)
        if owner is None:
            if name.startswith(("src/", "include/")):
                findings.append(Finding(name, 0, "belongs to no module of cmake/Layers.cmake"))
            continue
        for number, line in enumerate(tree.text(name).splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            form, path = match.groups()
            findings += check_include(name, number, form, path, owner, layers)
            for library in SINGLE_SOURCE:
                if path.startswith(library):
                    users[library].add(name)
    for library, names in users.items():
        if len(names) > 1:
            findings.append(Finding(sorted(names)[1], 0, f"{library} stays behind one source: {sorted(names)[0]}"))
    return findings
