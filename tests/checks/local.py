"""Grade sources that these tests make themselves, and read what came out."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from grader.grading import runner
from grader.handin.submission import Submission
from grader.model import CheckResult, GradeReport


def grade_source(source: str, run: runner.Run, folder: Path) -> GradeReport:
    """Write a hand-in into a folder and grade it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mlp.py").write_text(source)
    state = np.random.get_state()
    try:
        return runner.grade(Submission("someone", folder, "mlp.py", None), run)
    finally:
        np.random.set_state(state)


def checks(report: GradeReport) -> dict[str, CheckResult]:
    """Every check by id."""
    return {check.id: check for question in report.questions for check in question.checks}


def lost(report: GradeReport) -> dict[str, str]:
    """Questions that lost points, and how many (open points are no loss)."""
    return {
        q.id: str(q.points - q.open_points - q.earned)
        for q in report.questions
        if q.points - q.open_points != q.earned
    }
