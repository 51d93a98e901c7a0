"""Which class is graded, where there is a module, a notebook that defines it, or both."""

from __future__ import annotations

import pytest

from grader.entry_point import EntryPoint
from grader.notebook.choose import Chosen, choose
from grader.notebook.file import Cell, Notebook
from tests.conftest import SUBMISSIONS

OURS = "class TwoLayerMLP:\n    x = 1\n"
OTHER = "class TwoLayerMLP:\n    x = 2\n"


@pytest.fixture
def chosen():
    def chosen(module: str | None, *cells: str, prefer: str = "module") -> Chosen:
        notebook = Notebook("ps3.ipynb", tuple(Cell("code", cell) for cell in cells)) if cells else Notebook()
        return choose(
            module, notebook, prefer, EntryPoint("mlp.py", ("TwoLayerMLP",)), "# template\n" + OTHER
        )

    return chosen


def test_the_module_where_the_notebook_imports_it(chosen):
    found = chosen(OURS, "from mlp import TwoLayerMLP")
    assert (found.source, found.notes, found.problem) == (None, (), "")


def test_the_same_class_twice_is_no_remark(chosen):
    assert chosen(OURS, "# here\n" + OURS).notes == ()


def test_the_notebook_where_there_is_no_module(chosen):
    found = chosen(None, "import x", OURS)
    assert found.source == OURS
    assert found.notes == ("there is no mlp.py; the TwoLayerMLP that ps3.ipynb defines was graded",)
    assert found.lines == ((2, 1), (2, 2))


@pytest.mark.parametrize(
    ("prefer", "source"), [("module", OURS), ("notebook", "class TwoLayerMLP:\n    x = 3\n")]
)
def test_two_that_differ_are_said(chosen, prefer: str, source: str):
    found = chosen(OURS, "class TwoLayerMLP:\n    x = 3\n", prefer=prefer)
    assert (found.source or OURS) == source
    (note,) = found.notes
    assert note.startswith("mlp.py and ps3.ipynb both define TwoLayerMLP, with different code; ")


def test_the_template_gives_way(chosen):
    found = chosen(OTHER + "\n\n", OURS)
    assert found.source == OURS
    assert "as it was handed out" in found.notes[0]


def test_nothing_to_grade_is_left_to_a_person(chosen):
    assert chosen(None, "x = 1").problem == "There is no mlp.py, and ps3.ipynb defines no TwoLayerMLP"
    assert chosen(None).problem == ""  # no notebook either: there is nothing to look at


def test_what_takes_running_code_is_left_to_a_person(chosen):
    found = chosen(None, "size = ask()", "class TwoLayerMLP:\n    def f(self): return size\n")
    assert "TwoLayerMLP uses size, which code cell 1 of ps3.ipynb makes by running code" in found.problem


def test_alice_has_one_class():
    assert "class TwoLayerMLP" not in (SUBMISSIONS / "alice" / "ps3.ipynb").read_text()
