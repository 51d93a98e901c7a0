"""Imports point one way, so that each part can be read, tested and replaced alone."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "grader"

MAY_IMPORT = {
    "model": set(),
    "errors": set(),
    "entry_point": set(),
    "processes": set(),
    "known_types": set(),
    "machine_paths": set(),
    "shortage": set(),
    "entry": {"errors", "shortage"},
    "assets": {"errors"},
    "datasets": {"errors", "folders", "idx", "known_types"},
    "folders": set(),
    "fonts": set(),
    "workspace": {"student"},
    "idx": {"errors"},
    "rubric": {"entry_point", "errors", "model", "rubric_place", "secret"},
    "rubric_place": set(),
    "secret": {"errors"},
    "gate": {"model"},
    "submission": {"errors", "model", "shortage"},
    "search": {"entry_point", "errors", "shortage", "submission"},
    "intake": {"errors", "model", "search", "submission", "shortage", "student", "unpacking"},
    "unpacking": {"errors", "model", "shortage", "student", "submission", "known_types"},
    "tables": {"errors", "submission"},
    "roster": {"errors", "model", "tables"},
    "reference": {"errors", "model"},
    "imports": set(),
    "legacy": {"imports", "student"},
    "student": {"entry_point", "errors", "model", "machine_paths"},
    "notebook": {
        "entry_point",
        "errors",
        "model",
        "rubric",
        "submission",
        "reference",
        "student",
        "datasets",
        "machine_paths",
    },
    "reading": {
        "entry_point",
        "errors",
        "imports",
        "legacy",
        "model",
        "notebook",
        "rubric",
        "student",
        "known_types",
    },
    "checks": {"errors", "model", "rubric", "reference", "datasets", "student"},
    "diagnosis": {"model", "checks", "reference", "rubric", "student"},
    "api": {"checks", "model", "student"},
    "batteries": {"api"},
    "coded": {
        "api",
        "checks",
        "datasets",
        "entry_point",
        "errors",
        "model",
        "reference",
        "rubric",
        "student",
    },
    "newer_python": set(),
    "explain": {"model", "checks", "newer_python", "student"},
    "told_once": {"model", "rubric"},
    "written": {"errors", "model", "processes", "rubric", "reference", "known_types"},
    "report": {"model"},
    "findings": {"errors", "model", "written", "known_types"},
    "given_methods": {"model", "rubric"},
    "marking": {"findings", "given_methods", "model", "rubric", "written"},
    "gradebook": {"errors", "model"},
    "compare_runs": {"gradebook", "model"},
    "standing": {"gradebook", "model", "report", "rubric"},
    "manual_marks": {"errors", "gradebook", "model", "report"},
    "mark_sheet": {"errors", "gradebook", "manual_marks", "model", "report", "tables"},
    "who": {"errors", "model", "report"},
    "late": {"errors", "model", "rubric"},
    "export": {"model", "report"},
    "rendering": {"errors", "findings", "model", "processes", "report", "known_types"},
    "publish": {"gradebook", "model", "rendering", "report"},
    "classbook": {
        "errors",
        "findings",
        "gradebook",
        "late",
        "marking",
        "model",
        "roster",
        "rubric",
        "standing",
    },
    "feedback": {
        *(
            "classbook",
            "errors",
            "findings",
            "gradebook",
            "model",
            "processes",
            "rendering",
            "report",
            "shortage",
        ),
    },
    "similar": {
        *("errors", "model", "notebook", "reading", "reference", "report", "rubric", "student", "submission"),
    },
    "packing": {"errors", "report", "shortage"},
    "ci": {"errors", "export", "model", "report", "submission"},
}
"""Part of the package to the parts that it may import besides itself; those below may import anything above."""
TOP = [
    "assignment", "confinement", "doctor", "run", "stages", "runner", "batch", "remarking", "progress", "practice",
    "handout", "autograder", "upload", "selftest", "commands", "cli", "__main__",
]  # fmt: skip


def part_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imported_parts(path: Path) -> set[str]:
    """Parts of the package that a file imports, at its top or inside functions."""
    package = ["grader", *path.relative_to(PACKAGE).parts[:-1]]
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1] + (node.module.split(".") if node.module else [])
            names = [".".join([*base, alias.name]) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("grader.")}
    return found


FILES = sorted(path for path in PACKAGE.rglob("*.py") if "_assets" not in path.parts)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path):
    part = part_of(path)
    allowed = {part, "__version__"}
    if part in TOP:
        allowed |= set(MAY_IMPORT) | set(TOP[: TOP.index(part) + 1])
    elif part != "__init__":
        allowed |= MAY_IMPORT[part]
    assert imported_parts(path) <= allowed


@pytest.mark.parametrize("path", sorted((PACKAGE / "student" / "child").glob("*.py")), ids=lambda p: p.name)
def test_the_child_side_needs_only_the_standard_library_and_numpy_or_jupyter(path: Path):
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            if node.level == 0:
                names.add(str(node.module).partition(".")[0])
            else:  # a neighbour: the folder is put on the path of the worker, alone
                assert node.level == 1
    assert names <= sys.stdlib_module_names | OF_NOTEBOOKS.get(path.name, {"numpy"})


OF_NOTEBOOKS = {
    "notebook.py": {"nbformat"},
    "client.py": {"nbclient", "jupyter_client"},
    "jupyter.py": {"ipykernel", "traitlets"},
}
"""What those files of the child side import that execute notebooks."""


def test_help_imports_nothing_heavy():
    code = "import sys, grader.cli; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {"numpy", "rich", "jinja2", "matplotlib", "sklearn", "nbformat", "msgspec", "psutil", "lark"}
    assert not heavy & set(loaded)


@pytest.mark.parametrize("room", ["reading", "unpacking"])
def test_what_reads_student_bytes_sees_all_of_this_package_that_it_imports(room: str):
    from grader.reading.process import SEEN as READING
    from grader.unpacking.process import SEEN as UNPACKING

    code = f"import sys, grader.{room}.work; print(*[m.__file__ for n, m in sys.modules.items() if 'grader' in n])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    names = {"reading": READING, "unpacking": UNPACKING}[room]
    seen = [PACKAGE / name for name in names] + [PACKAGE / "student" / "child"]
    hidden = [f for f in loaded.split() if not any(Path(f).is_relative_to(path) for path in seen)]
    assert not hidden


KNOWS_ONE_ASSIGNMENT = ("checks", "diagnosis", "reference")
"""Parts that are Problem Set 3's alone; the rest knows of an assignment what its rubric and its folder say."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_house_knows_no_assignment_by_name(path: Path):
    if part_of(path) in KNOWS_ONE_ASSIGNMENT:
        return
    text = path.read_text()
    assert [word for word in ("mlp.py", "TwoLayerMLP", "TwoLayerNet", "neural_net") if word in text] == []
