"""A hand-in that is only a notebook gets the marks that the same code gets in mlp.py."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from grader.grading import runner
from grader.grading.runner import Run
from grader.model import GradeReport
from tests import finding
from tests.acceptance.test_examples import EXPECTED, OPEN, by_question, untrained
from tests.conftest import SUBMISSIONS
from tests.grading.test_runner import without_accuracy
from tests.notebook.notebooks import prose, written

WITH_A_MODULE = [name for name in (*EXPECTED, *OPEN) if any((SUBMISSIONS / name).rglob("*.py"))]
BEFORE = "%matplotlib inline\nimport matplotlib.pyplot as plt\nimport seaborn as sns\nprint('hello')"
AFTER = "net = TwoLayerMLP(4, 10, 3)\nprint(net.params)\nX_train = open('/nowhere')"


def as_notebook(name: str, folder: Path) -> Path:
    """The module of an example in a notebook's cell, among cells that have nothing to do with it."""
    (found,) = finding.find([SUBMISSIONS / name], "TwoLayerMLP")
    source = (found.folder / str(found.module)).read_bytes().decode("utf-8", "replace")
    return written(folder / name, [prose("# Problem 2"), BEFORE, source, AFTER])


TRAINED = ("alice",)
"""What is graded with the trainings on the dataset, too."""
SAME_WAY = (
    "unsimplified_derivations",
    "unshifted_softmax",
    "prints_a_gigabyte",
    "factor_half_forgotten",
    "regularisation_twice",
    "biases_never_updated",
    "no_decay",
    "nan_losses",
    "predict_one_hot",
    "predict_without_bias",
    "endless_loop_in_train",
    "softplus_for_relu",
    "zero_loss",
)
"""Examples whose code is taken out of a notebook as that of others is, and only computes something else."""


def graded(path: Path, run: Run) -> GradeReport:
    """Without its execution, on which no marks depend."""
    assert run.rubric.notebook is not None
    settings = msgspec.structs.replace(run.rubric.notebook, execute="never")
    rubric = msgspec.structs.replace(run.rubric, notebook=settings)
    (found,) = finding.find([path], rubric.entry.class_name)
    return runner.grade(found, dataclasses.replace(run, rubric=rubric))


def test_the_list_is_complete():
    assert {*EXPECTED, *OPEN} - {*WITH_A_MODULE} == {"nothing_handed_in", "notebook_only"}


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in WITH_A_MODULE if name not in SAME_WAY])
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
