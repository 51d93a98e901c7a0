"""Grading settings for the tables of hand-ins: one without the long trainings, one with."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grader import rubric, runner
from grader.checks import KINDS
from grader.checks.accuracy import Accuracy
from grader.model import GradeReport
from grader.rubric import Rubric
from grader.runner import Run

from . import local

Grade = Callable[[str], GradeReport]


@pytest.fixture(scope="session")
def without_accuracy(ps3: Rubric, tmp_path_factory: pytest.TempPathFactory) -> Rubric:
    """The repository's rubric without the trainings on a dataset and the questions for a person."""
    text = ps3.path.read_text()
    head, *questions = text.split("[[questions]]\n")
    kept = []
    left_out = 0.0
    for question in questions:
        first, *parts = question.split("[[questions.checks]]\n")
        if not parts:
            left_out += float(tomllib.loads(first)["points"])
            continue
        short = [part for part in parts if tomllib.loads(part)["kind"] != Accuracy.kind]
        gone = sum(float(tomllib.loads(part)["points"]) for part in parts if part not in short)
        points = tomllib.loads(first)["points"]
        kept.append("[[questions.checks]]\n".join([_points(first, points, points - gone), *short]))
        left_out += gone
    head = _points(head, ps3.points, float(ps3.points) - left_out)
    path = tmp_path_factory.mktemp("rubrics") / "ps3.toml"
    path.write_text("[[questions]]\n".join([head, *kept]))
    return rubric.load(path, KINDS)


def _points(text: str, old: object, new: float) -> str:
    assert text.count(f"\npoints = {old}\n") == 1
    return text.replace(f"\npoints = {old}\n", f"\npoints = {new:g}\n")


@pytest.fixture
def grade(on_digits: Run, without_accuracy: Rubric, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Grade:
    """Grade a source text without the accuracy checks, in this process."""
    monkeypatch.setattr(runner, "Student", local.LocalStudent)
    run = replace(on_digits, rubric=without_accuracy)
    return lambda source: local.grade_source(source, run, tmp_path / "handin")


@pytest.fixture
def grade_whole(on_digits: Run, tmp_path: Path) -> Grade:
    """Grade a source text with every check, in workers."""
    return lambda source: local.grade_source(source, on_digits, tmp_path / "handin")
