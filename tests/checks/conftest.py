"""Grading settings for the tables of hand-ins: one without the long trainings, one with."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grader.assignment.rubric import Rubric
from grader.grading.runner import Run
from grader.model import GradeReport
from grader.reading.process import Here
from grader.selftest import without
from grader.selftest.inside import Inside
from grader.student.slots import Slots
from tests.ps3 import kinds

from . import local

Grade = Callable[[str], GradeReport]


@pytest.fixture(scope="session")
def without_accuracy(ps3: Rubric) -> Rubric:
    """The repository's rubric without the trainings on a dataset and the questions for a person."""
    return without(ps3, {kinds.accuracy.Accuracy.kind})


@pytest.fixture(scope="session")
def inside(on_digits: Run, without_accuracy: Rubric) -> Run:
    """Settings without the accuracy checks, where all is done in this process."""
    return replace(on_digits, rubric=without_accuracy, worker=Inside, reader=Here, slots=Slots(1))


@pytest.fixture
def grade_anew(inside: Run, tmp_path: Path) -> Grade:
    """Grade a source text without the accuracy checks, in this process."""
    return lambda source: local.grade_source(source, inside, tmp_path / "handin")


@pytest.fixture(scope="session")
def grade(inside: Run, tmp_path_factory: pytest.TempPathFactory) -> Grade:
    """The same, each source once: the same source gets the same report."""
    return functools.cache(
        lambda source: local.grade_source(source, inside, tmp_path_factory.mktemp("graded") / "handin")
    )


@pytest.fixture
def grade_whole(on_digits: Run, tmp_path: Path) -> Grade:
    """Grade a source text with every check, in workers."""
    return lambda source: local.grade_source(source, on_digits, tmp_path / "handin")
