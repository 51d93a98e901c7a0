"""Hand-ins of other years: told what to write, or supplied with what they miss, as the rubric says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from grader import runner
from grader.legacy import supplied_names
from grader.model import Outcome
from grader.runner import Run
from grader.student.child import compat
from tests.test_runner import SOLUTION, checks, handed_in, without_accuracy

OLD = """
from past.builtins import xrange
numbers = [np.float(i) for i in xrange(3)]
text = [basestring, unicode]
limits = np.Inf, np.product([2, 3]), reduce(lambda a, b: a + b, numbers)
"""


@pytest.fixture
def quick(on_digits: Run) -> Run:
    return replace(on_digits, rubric=without_accuracy(on_digits.rubric))


def test_old_names_are_supplied_where_the_rubric_says_so_and_the_report_tells_which(
    tmp_path: Path, quick: Run
):
    rubric = msgspec.structs.replace(quick.rubric, compat=compat.KINDS)
    report = runner.grade(handed_in(tmp_path / "old", SOLUTION + OLD), replace(quick, rubric=rubric))
    assert all(
        check.outcome is Outcome.PASSED for check in checks(report).values() if not check.outcome.is_open
    )
    assert report.open_points == 55
    (note,) = [note for note in report.notes if "no longer has" in note]
    assert note.endswith("basestring, np.Inf, np.float, np.product, reduce, unicode, xrange")


def test_without_it_the_first_of_them_is_named(tmp_path: Path, quick: Run):
    report = runner.grade(handed_in(tmp_path / "old", SOLUTION + "\nx = np.float(1)\n"), quick)
    found = checks(report)["module"]
    assert found.outcome is Outcome.FAILED
    assert found.diagnosis == "This was written for NumPy before 1.24: `np.float` is gone; use `float`."
    assert not report.notes


def test_every_replacement_exists_and_what_is_there_is_left_alone():
    for name, instead in compat.NUMPY.items():
        assert name in vars(np) or compat._found(instead, np) is not None
    for instead in compat.BUILTINS.values():
        assert callable(compat._found(instead, np))
    stand_in = type("Module", (), {"bool": "its own", "float64": float, "inf": 1e999, "nan": 0.0})
    for name in {value.removeprefix("np.") for value in compat.NUMPY.values() if value.startswith("np.")}:
        if not hasattr(stand_in, name):
            setattr(stand_in, name, name)
    compat.supply(["numpy1"], stand_in)
    assert stand_in.bool == "its own"
    assert stand_in.float is float


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x = np.float(1)", True),
        ("x = 'np.float'  # np.float", False),
        ("x = self.np.product", True),
        ("x = xrange(3)", True),
        ("x = thing.reduce(3)", False),
        ("x = np.float64(1)", False),
        ("x = (", False),
    ],
)
def test_only_names_in_the_code_count(tmp_path: Path, source: str, found: bool):
    (tmp_path / "mlp.py").write_text(source)
    assert bool(supplied_names(tmp_path, compat.KINDS)) == found
    assert supplied_names(tmp_path, ()) == ()
