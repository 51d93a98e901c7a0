"""Hand-ins of other years: told what to write, or supplied with what they miss, as the rubric says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from grader.grading import runner
from grader.grading.runner import Run
from grader.handin.legacy import supplied_names
from grader.model import Outcome
from grader.student.child import compat
from tests.grading.test_runner import SOLUTION, checks, handed_in, without_accuracy

OLD = """
from past.builtins import xrange
numbers = [np.float(i) for i in xrange(3)]
text = [basestring, unicode]
limits = np.Inf, np.product([2, 3]), reduce(lambda a, b: a + b, numbers)
"""


@pytest.fixture
def quick(on_digits: Run) -> Run:
    return replace(on_digits, rubric=without_accuracy(on_digits.rubric))


@pytest.mark.slow
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


@pytest.mark.slow
def test_without_it_the_first_of_them_is_named(tmp_path: Path, quick: Run):
    report = runner.grade(handed_in(tmp_path / "old", SOLUTION + "\nx = np.float(1)\n"), quick)
    found = checks(report)["module"]
    assert found.outcome is Outcome.FAILED
    assert found.diagnosis == "This was written for NumPy before 1.24: `np.float` is gone; use `float`."
    assert not report.notes


QUOTIENT = ("max(num_train // batch_size, 1)", "max(num_train / batch_size, 1)")
"""Of whole numbers: in Python 2 a whole number, and in Python 3 a float, which no `range` takes."""


def by_quotient(counter: str) -> str:
    source = SOLUTION.replace(*QUOTIENT)
    loop = "range(iterations_per_epoch)"
    assert source != SOLUTION and source.count(loop) == 1
    return source.replace(loop, f"{counter}(iterations_per_epoch)")


@pytest.mark.slow
def test_a_quotient_counts_under_xrange_what_it_counted_in_python_2(tmp_path: Path, quick: Run):
    rubric = msgspec.structs.replace(quick.rubric, compat=("python2-builtins",))
    report = runner.grade(handed_in(tmp_path / "old", by_quotient("xrange")), replace(quick, rubric=rubric))
    decided = [check for check in checks(report).values() if not check.outcome.is_open]
    assert all(check.earned == check.points and not check.diagnosis for check in decided)


@pytest.mark.slow
@pytest.mark.parametrize("compat_of", [(), ("python2-builtins",)])
def test_in_python_3_a_quotient_is_one_mistake_with_one_line(
    tmp_path: Path, quick: Run, compat_of: tuple[str, ...]
):
    rubric = msgspec.structs.replace(quick.rubric, compat=compat_of)
    report = runner.grade(handed_in(tmp_path / "new", by_quotient("range")), replace(quick, rubric=rubric))
    lost = {
        id: check
        for id, check in checks(report).items()
        if check.earned < check.points and not check.outcome.is_open
    }
    first, *others = lost.values()
    line = 1 + by_quotient("range").split("range(iterations_per_epoch)")[0].count("\n")
    assert first.id == "histories"
    assert first.message == (
        f"Your code raised TypeError in mlp.py, line {line}, in train: `for i in range(iterations_per_epoch):`."
    )
    assert first.diagnosis.startswith("A count or an index is a float here. `/` gives one in Python 3")
    assert {check.id for check in others} == {"step-weights", "step-biases", "epoch", "decay", "untouched"}
    for check in others:
        assert re.fullmatch(
            r"Ended by the same exception in mlp\.py, line \d+, as: train returns its histories\.",
            check.message,
        )
        assert (check.diagnosis, check.hint) == ("", "")


def test_xrange_takes_what_range_takes_and_floats():
    xrange = compat._found("range", np)
    assert [*xrange(3)] == [*xrange(3.9)] == [*xrange(np.float64(3))] == [0, 1, 2]
    assert [*xrange(1, 7.5, 2)] == [1, 3, 5]
    for wrong in ("3", None, float("nan")):
        with pytest.raises((TypeError, ValueError)):
            xrange(wrong)


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
