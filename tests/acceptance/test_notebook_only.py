"""A hand-in that is only a notebook gets the marks that the same code gets in mlp.py."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from grader import runner
from grader.model import GradeReport
from grader.runner import Run
from tests import finding
from tests.acceptance.test_examples import EXPECTED, OPEN, by_question
from tests.conftest import SUBMISSIONS
from tests.notebook.notebooks import prose, written
from tests.test_runner import without_accuracy

WITH_A_MODULE = [name for name in (*EXPECTED, *OPEN) if any((SUBMISSIONS / name).rglob("*.py"))]
BEFORE = "%matplotlib inline\nimport matplotlib.pyplot as plt\nimport seaborn as sns\nprint('hello')"
AFTER = "net = TwoLayerMLP(4, 10, 3)\nprint(net.params)\nX_train = open('/nowhere')"


def as_notebook(name: str, folder: Path) -> Path:
    """The module of an example in a notebook's cell, among cells that have nothing to do with it."""
    (found,) = finding.find([SUBMISSIONS / name], "TwoLayerMLP")
    source = (found.folder / str(found.module)).read_bytes().decode("utf-8", "replace")
    return written(folder / name, [prose("# Problem 2"), BEFORE, source, AFTER])


TRAINED = ("alice", "relu_mask_omitted")
"""Examples that are graded with the trainings on the dataset, too."""
NO_ACCURACY = ("nan_losses", "endless_loop_in_train", "exits_in_train", "python2")
"""Examples that earn something for training with the sigmoid, but nothing for its accuracy."""


def untrained(name: str) -> tuple[str, ...]:
    """What an example earns where there are no points for the accuracy, which are one in each of two questions."""
    *before, sigmoid, relu = EXPECTED[name]
    if name not in NO_ACCURACY and sigmoid != "0":
        sigmoid = str(Decimal(sigmoid) - 1)
    return (*before, sigmoid, relu if relu == "0" else str(Decimal(relu) - 1))


def graded(path: Path, run: Run) -> GradeReport:
    """Without its execution, on which no marks depend."""
    assert run.rubric.notebook is not None
    settings = msgspec.structs.replace(run.rubric.notebook, execute=False)
    rubric = msgspec.structs.replace(run.rubric, notebook=settings)
    (found,) = finding.find([path], rubric.class_name)
    return runner.grade(found, dataclasses.replace(run, rubric=rubric))


def test_the_list_is_complete():
    assert {*EXPECTED, *OPEN} - {*WITH_A_MODULE} == {"nothing_handed_in", "notebook_only"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [name for name in WITH_A_MODULE if name != "prints_a_gigabyte"]
)  # a minute of CPU
def test_a_notebook_gets_the_marks_of_its_module(name: str, tmp_path: Path, on_digits: Run):
    trained = name in TRAINED
    rubric = on_digits.rubric if trained else without_accuracy(on_digits.rubric)
    report = graded(as_notebook(name, tmp_path), dataclasses.replace(on_digits, rubric=rubric))
    assert not runner.has_errors(report)
    if name in OPEN:
        assert report.open_points == Decimal(OPEN[name]) - (0 if trained else 2)
    else:
        assert by_question(report) == (EXPECTED[name] if trained else untrained(name))
        assert report.open_points == 55
    assert "there is no mlp.py; the TwoLayerMLP that ps3.ipynb defines was graded" in report.notes
