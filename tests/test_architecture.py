"""Imports point one way, so that each part can be read, tested and replaced alone."""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "grader"

FILES = {"__init__", "__main__", "cli", "entry", "entry_point", "errors", "known_types"}
"""What is at the top, beside the rooms: how the command line starts, and what every room speaks of."""
COMMON = {"entry_point", "errors", "known_types", "model"}
"""Those that import no room, and that every room may import."""
MAY_IMPORT = {
    "model": set(),
    "machine": set(),
    "assignment": {"machine"},
    "student": {"machine"},
    "handin": {"machine", "student"},
    "notebook": {"assignment", "handin", "machine", "student"},
    "reading": {"assignment", "handin", "notebook", "student"},
    "written": {"assignment", "machine"},
    "checks": {"assignment", "student"},
    "api": {"checks", "student"},
    "batteries": {"api"},
    "coded": {"api", "assignment", "checks", "machine", "student"},
    "marking": {"assignment", "written"},
    "report": {"machine", "marking"},
    "gradebook": {"assignment", "handin", "marking", "report"},
    "review": {"assignment", "gradebook", "report"},
    "export": {"gradebook", "handin", "machine", "marking", "report"},
    "similar": {"assignment", "handin", "notebook", "reading", "report", "student"},
    "grading": {
        *("api", "assignment", "checks", "coded", "gradebook", "handin", "machine", "marking"),
        *("notebook", "reading", "report", "student", "written"),
    },
    "cluster": {"assignment", "grading", "handin", "machine", "student"},
    "entry": {"machine"},
    "editions": {
        *("assignment", "entry", "export", "grading", "handin", "machine", "marking", "report"),
        "student",
    },
    "selftest": {
        "api",
        "assignment",
        "coded",
        "grading",
        "handin",
        "machine",
        "notebook",
        "reading",
        "student",
    },
    "commands": {
        *(
            "assignment",
            "cluster",
            "coded",
            "editions",
            "entry",
            "export",
            "gradebook",
            "grading",
            "handin",
            "machine",
        ),
        *("marking", "report", "review", "selftest", "similar", "student", "written"),
    },
    "cli": {"commands", "entry"},
    "__main__": {"cli"},
}
"""From the ground up: a room, or a file at the top, to the rooms that it may import besides itself and `COMMON`."""
KNOW_ONLY_RESULTS = {
    "report": {"rendering.py"},
    "export": {"ci.py", "feedback.py"},
}
"""Rooms whose files, but for these, are renderers: they know results, each other, and each other's room for words."""


def part_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imported(path: Path, for_types: bool = True) -> set[str]:
    """What a file imports of the package, at its top or inside functions: dotted names of modules and of things."""
    package = ["grader", *path.relative_to(PACKAGE).parts[:-1]]
    found = set()
    tree = ast.parse(path.read_text())
    if not for_types:
        tree.body = [node for node in tree.body if not ast.unparse(node).startswith("if TYPE_CHECKING:")]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1] + (node.module.split(".") if node.module else [])
            names = [".".join([*base, alias.name]) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        found |= {name for name in names if name.startswith("grader.")}
    return found


def imported_parts(path: Path) -> set[str]:
    return {name.split(".")[1] for name in imported(path)}


SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if "_assets" not in path.parts)
ROOMS = sorted(path.parent for path in PACKAGE.glob("*/__init__.py"))


def test_at_most_eight_files_are_beside_the_rooms():
    assert {path.stem for path in PACKAGE.glob("*.py")} == FILES
    assert len(FILES) <= 8


def test_the_table_has_every_room_and_points_one_way():
    assert set(MAY_IMPORT) == {room.name for room in ROOMS} | FILES - COMMON - {"__init__"}
    order = list(MAY_IMPORT)
    assert [part for part in order if not MAY_IMPORT[part] <= set(order[: order.index(part)])] == []


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_says_what_it_is_for(room: Path):
    assert ast.get_docstring(ast.parse((room / "__init__.py").read_text()))


def test_imports_point_one_way():
    too_far = {
        str(path.relative_to(PACKAGE)): too_many for path in SOURCES if (too_many := not_allowed(path))
    }
    assert too_far == {}


def not_allowed(path: Path) -> set[str]:
    """The parts that a file imports and must not."""
    part, found = part_of(path), imported_parts(path)
    allowed = {part, "__version__"} | (MAY_IMPORT[part] | COMMON if part in MAY_IMPORT else set())
    if path.name not in KNOW_ONLY_RESULTS.get(part, {path.name}):
        allowed &= {part, "model", "report"}
    return found - allowed


@pytest.mark.slow
def test_every_room_that_may_be_imported_is():
    """The table allows no more than there is."""
    used: dict[str, set[str]] = {}
    for path in SOURCES:
        used.setdefault(part_of(path), set()).update(imported_parts(path))
    assert {part: may - used[part] for part, may in MAY_IMPORT.items() if may - used[part]} == {}


@pytest.mark.slow
def test_files_import_each_other_in_no_circle():
    """Within a room, too. On the child side what takes turns in one process imports each other late."""
    modules = {module_of(path): path for path in SOURCES if "child" not in path.parts}
    needs = {}
    for module, path in modules.items():
        names = {
            name if name in modules else name.rpartition(".")[0] for name in imported(path, for_types=False)
        }
        needs[module] = names & set(modules) - {module}
    graphlib.TopologicalSorter(needs).prepare()  # CycleError names the circle


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


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
    heavy = {
        "numpy",
        "rich",
        "jinja2",
        "matplotlib",
        "sklearn",
        "nbformat",
        "msgspec",
        "psutil",
        "lark",
        "distributed",
    }
    assert not heavy & set(loaded)


@pytest.mark.parametrize("room", ["reading", "handin.unpacking"])
def test_what_reads_student_bytes_sees_all_of_this_package_that_it_imports(room: str):
    from grader.handin.unpacking.process import SEEN as UNPACKING
    from grader.reading.process import SEEN as READING

    code = f"import sys, grader.{room}.work; print(*[m.__file__ for n, m in sys.modules.items() if 'grader' in n])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    names = {"reading": READING, "handin.unpacking": UNPACKING}[room]
    seen = [PACKAGE / name for name in names] + [PACKAGE / "student" / "child"]
    hidden = [f for f in loaded.split() if not any(Path(f).is_relative_to(path) for path in seen)]
    assert not hidden


OF_A_NETWORK = re.compile(
    r"\b(?:activation|W1|784|mlp\.py|TwoLayerMLP|TwoLayerNet|neural_net|sigmoid|epoch)\b"
)
"""Words of one assignment. What they are about is asked and judged in its own folder."""
NO_SOURCE = {"_assets", "__pycache__"}
OF_FORMULAS = "the language of formulas has a letter for a network's activation, and a function of this name"
OF_THE_RUBRIC = "a rubric says which cell is meant by the activation that it names"
MAY_SAY = {
    "assignment/notebook_settings.py": OF_THE_RUBRIC,
    "assignment/raw_images.py": "an image of MNIST has so many pixels",
    "notebook/plots.py": OF_THE_RUBRIC,
    "notebook/values.py": OF_THE_RUBRIC,
    "notebook/wording.py": "a question that is asked about an activation is the assignment's, whichever it is",
    "report/formula.py": "LaTeX has no command of this name: it is set upright",
    "written/comparing.py": OF_FORMULAS,
    "written/contradictions.py": OF_FORMULAS,
    "written/explain.py": OF_FORMULAS,
    "written/nodes.py": OF_FORMULAS,
    "written/orientation.py": OF_FORMULAS,
    "written/primes.py": OF_FORMULAS,
    "written/products.py": OF_FORMULAS,
    "written/scene.py": OF_FORMULAS,
    "written/spelling.py": OF_FORMULAS,
    "written/tokens.py": OF_FORMULAS,
    "written/tree.py": OF_FORMULAS,
    "written/values.py": OF_FORMULAS,
}
"""Files that say one of these words all the same, and why. A file that no longer does has to leave the list."""


def test_the_house_knows_no_assignment():
    sources = [path for path in PACKAGE.rglob("*") if path.is_file() and not NO_SOURCE & set(path.parts)]
    said = {
        str(path.relative_to(PACKAGE)): sorted(set(OF_A_NETWORK.findall(path.read_text())))
        for path in sources
        if OF_A_NETWORK.search(path.read_text())
    }
    assert {name: words for name, words in said.items() if name not in MAY_SAY} == {}
    assert sorted(set(MAY_SAY) - set(said)) == []


OF_AN_ASSIGNMENT = {
    "answered.py": set(),
    "answers.py": {"assignment"},
    "kinds": {"assignment", "checks", "student"},
    "diagnosis": {"assignment", "checks", "student"},
    "second_tries.py": {"assignment", "checks", "grading", "student"},
}
"""What of Problem Set 3 is loaded for grading, to the rooms that it may import; nothing of the package imports it."""


@pytest.mark.parametrize("name", OF_AN_ASSIGNMENT)
def test_an_assignment_imports_what_it_is_judged_with(name: str):
    path = ROOT / "reference" / "ps3" / name
    parts = set()
    for source in path.glob("*.py") if path.is_dir() else [path]:
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("grader."):
                parts.add(node.module.split(".")[1])
    assert parts - COMMON == OF_AN_ASSIGNMENT[name]
