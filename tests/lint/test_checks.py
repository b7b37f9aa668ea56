# SPDX-License-Identifier: Apache-2.0
"""Each check of `./dev lint` finds a planted mistake and passes what is right."""

import json
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import check_compile  # noqa: E402
import check_docs  # noqa: E402
import check_layers  # noqa: E402
import check_text  # noqa: E402
from sources import Tree  # noqa: E402

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
LAYERS = 'set(QD_LAYERS\n  "0|common|"\n  "1|store|common"\n  "2|vector|common"\n  "8|api/rest|common vector"\n)\n'


@pytest.fixture
def plant(tmp_path):
    """Writes files into an empty tree and returns it."""

    def write(files: dict[str, str]) -> Tree:
        for name, text in ({"cmake/Layers.cmake": "# " + SPDX[3:] + LAYERS} | files).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Tree(tmp_path, sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()))

    return write


def texts(findings) -> str:
    return "\n".join(str(finding) for finding in findings)


@pytest.mark.parametrize("name, line, wanted", [
    ("src/store/a.cpp", "#include <qdrantd/vector/x.hpp>", "store may not include vector"),
    ("src/vector/a.cpp", "#include <qdrantd/store/x.hpp>", "vector may not include store"),
    ("src/api/rest/a.cpp", '#include "vector/inside.hpp"', "private header of vector"),
    ("src/vector/a.cpp", "#include <rocksdb/db.h>", "belongs behind store"),
    ("src/store/a.cpp", "#include <boost/asio.hpp>", "Asio is for floor 6"),
    ("src/vector/a.cpp", "#include <boost/beast.hpp>", "belongs behind net"),
    ("include/qdrantd/common/a.hpp", "#include <nlohmann/json.hpp>", "in a public header"),
    ("src/vector/a.cpp", '#include "tests/support/x.hpp"', "only tests include tests/"),
    ("src/nowhere/a.cpp", "#include <vector>", "belongs to no module"),
])
def test_layers_finds(plant, name, line, wanted):
    assert wanted in texts(check_layers.check(plant({name: SPDX + line + "\n"})))


def test_layers_passes_what_is_allowed(plant):
    tree = plant({"src/api/rest/a.cpp": SPDX + '#include <qdrantd/vector/x.hpp>\n#include "api/rest/b.hpp"\n'
                                               "#include <boost/beast.hpp>\n",
                  "src/vector/a_test.cpp": SPDX + '#include "tests/support/x.hpp"\n#include <vector>\n'})
    assert check_layers.check(tree) == []


def test_layers_finds_upward_use(plant):
    tree = plant({"cmake/Layers.cmake": 'set(QD_LAYERS\n  "0|common|store"\n  "1|store|common"\n)\n'})
    assert "only lower floors" in texts(check_layers.check(tree))


def test_layers_finds_second_source_of_a_confined_library(plant):
    tree = plant({"cmake/Layers.cmake": 'set(QD_LAYERS\n  "9|daemon|"\n)\n',
                  "src/daemon/a.cpp": SPDX + "#include <yaml-cpp/yaml.h>\n",
                  "src/daemon/b.cpp": SPDX + "#include <yaml-cpp/yaml.h>\n"})
    assert "behind one source" in texts(check_layers.check(tree))


@pytest.mark.parametrize("name, text, wanted", [
    ("src/store/a.cpp", "int a;\n", "no 'SPDX"),
    ("src/store/a.cpp", SPDX + "int a;\n" * 800, "801 lines"),
    ("include/qdrantd/store/a.hpp", SPDX + "#pragma once\n" + "int a;\n" * 250, "252 lines"),
    ("src/store/a.hpp", SPDX + "int a;\n", "no #pragma once"),
    ("src/store/string_utils.cpp", SPDX + "int a;\n", "says nothing"),
    ("src/store/a.cpp", SPDX + "int a;  // TO" + "DO later\n", "unfinished"),
    ("src/store/a.cpp", SPDX + 'auto p = "/ro' + 'ot/x";\n', "path of one machine"),
    ("src/store/a_test.cpp", SPDX + "std::this_thread::sleep_" + "for(x);\n", "a test sleeps"),
    ("tests/api/test_a.py", "# " + SPDX[3:] + "time.sl" + "eep(1)\n", "a test sleeps"),
    ("src/store/a.cpp", SPDX + "int a;", "no line end"),
])
def test_text_finds(plant, name, text, wanted):
    assert wanted in texts(check_text.check(plant({name: text})))


def test_text_passes_what_is_right(plant):
    tree = plant({"src/store/a.cpp": SPDX + "int a;\n" * 799,
                  "include/qdrantd/store/a.hpp": SPDX + "#pragma once\nint a;\n"})
    assert check_text.check(tree) == []


DOCS = {
    "README.md": "[a](docs/ARCHITECTURE.md)\n",
    "docs/ARCHITECTURE.md": "<!-- modules:begin -->\n| floor | module | may use |\n|---:|---|---|\n"
                            "| 1 | `store` | `common` |\n<!-- modules:end -->\n",
    "docs/CHANGELOG.md": "x\n",
    "docs/decisions/README.md": "[one](0001-one.md)\n",
    "docs/decisions/0001-one.md": "x\n",
    "tests/README.md": "`tests/api/`\n",
    "tests/api/test_a.py": "\n",
    "src/store/CMakeLists.txt": "\n",
}


def test_docs_pass_when_complete(plant):
    assert check_docs.check(plant(DOCS)) == []


@pytest.mark.parametrize("change, wanted", [
    ({"README.md": "[a](gone.md)\n"}, "dead link gone.md"),
    ({"docs/decisions/0003-two.md": "x\n"}, "without gap"),
    ({"docs/decisions/0002-two.md": "x\n"}, "does not list docs/decisions/0002-two.md"),
    ({"docs/formats/log.md": "x\n"}, "docs/formats/README.md: missing"),
    ({"tests/crash/test_b.py": "\n"}, "does not name tests/crash"),
    ({"src/vector/CMakeLists.txt": "\n"}, "differs from cmake/Layers.cmake"),
])
def test_docs_finds(plant, change, wanted):
    assert wanted in texts(check_docs.check(plant(DOCS | change)))


def test_format_finds_bad_layout(plant):
    tree = plant({"src/store/a.cpp": SPDX + "int   a  ;\n", ".clang-format": "BasedOnStyle: Google\n"})
    assert "clang-format" in texts(check_compile.check_format(tree, 1))


def test_headers_finds_one_that_leans_on_another(plant):
    good = SPDX + "#pragma once\n#include <string>\ninline std::string a() { return {}; }\n"
    tree = plant({"include/qdrantd/store/good.hpp": good,
                  "include/qdrantd/store/bad.hpp": good.replace("#include <string>\n", "")})
    findings = check_compile.check_headers(tree, 1)
    assert [finding.path for finding in findings] == ["include/qdrantd/store/bad.hpp"]


def test_tidy_finds_a_bad_name_and_remembers_what_passed(plant):
    root = pathlib.Path(__file__).resolve().parents[2]
    tree = plant({".clang-tidy": (root / ".clang-tidy").read_text(), "cmake/precompiled.hpp": "#pragma once\n",
                  "src/store/good.cpp": SPDX + "int good_name() { return 1; }\n",
                  "src/store/bad.cpp": SPDX + "int BadName() { return 1; }\n"})
    subprocess.run(["git", "init", "-q"], cwd=tree.root, check=True)
    entries = [{"directory": str(tree.root), "file": str(tree.root / name), "command": "g++ -c x"}
               for name in ("src/store/good.cpp", "src/store/bad.cpp")]
    database = tree.root / "build/release/compile_commands.json"
    database.parent.mkdir(parents=True)
    database.write_text(json.dumps(entries))
    for _ in range(2):
        findings = check_compile.check_tidy(tree, 1, None)
        assert {finding.path for finding in findings} == {"src/store/bad.cpp"}
        assert "BadName" in texts(findings)
    assert len(list((tree.root / "build/lint/tidy").iterdir())) == 1
    assert check_compile.check_tidy(tree, 1, -1.0) == []  # nothing is checked past the budget, and it says so
