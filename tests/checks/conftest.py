"""Grading settings for the tables of hand-ins: one without the long trainings, one with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grader.checks.accuracy import Accuracy
from grader.model import GradeReport
from grader.rubric import Rubric
from grader.runner import Run
from grader.selftest import without
from grader.selftest.inside import Inside

from . import local

Grade = Callable[[str], GradeReport]


@pytest.fixture(scope="session")
def without_accuracy(ps3: Rubric) -> Rubric:
    """The repository's rubric without the trainings on a dataset and the questions for a person."""
    return without(ps3, {Accuracy.kind})


@pytest.fixture
def grade(on_digits: Run, without_accuracy: Rubric, tmp_path: Path) -> Grade:
    """Grade a source text without the accuracy checks, in this process."""
    run = replace(on_digits, rubric=without_accuracy, worker=Inside)
    return lambda source: local.grade_source(source, run, tmp_path / "handin")


@pytest.fixture
def grade_whole(on_digits: Run, tmp_path: Path) -> Grade:
    """Grade a source text with every check, in workers."""
    return lambda source: local.grade_source(source, on_digits, tmp_path / "handin")
