"""Small assignments with checks of their own, written into a folder, and hand-ins graded by them in this process."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path

from grader.assignment.datasets import NONE
from grader.grading import runner
from grader.grading.loading import load_assignment
from grader.grading.runner import Run
from grader.handin.submission import Submission
from grader.model import CheckResult, GradeReport
from grader.reading.process import Here
from grader.selftest.inside import Inside
from grader.student.sandbox import Practice
from grader.student.slots import Slots

RUBRIC = """
id = "small"
module = "small.py"
{entry}
secret = "a secret of the tests"
"""
SOLUTION = """
import numpy as np

class Net:
    def __init__(self, size):
        self.params = {"w": np.random.randn(size)}

    def loss(self, x, factor=1.0):
        return factor * (self.params["w"] * x).sum(), factor * x

    def train(self, x, steps):
        for _ in range(steps):
            _, gradient = self.loss(x)
            self.params["w"] = self.params["w"] - 0.1 * gradient
        return steps
"""
CHECKS = """
from grader.api import check

def nets(t):
    net, right = t.both(4)
    params = {"w": t.random("w").standard_normal(4)}
    net.params = right.params = params
    return net, right, t.random("x").standard_normal(4)

@check("Loss", points=2, question="Q1")
def loss(t):
    net, right, x = nets(t)
    t.close(net.loss(x)[0], right.loss(x)[0], "the loss")

@check("Gradient", points=2, question="Q2")
def gradient(t):
    net, right, x = nets(t)
    t.close(net.loss(x)[1], right.loss(x)[1], "the gradient")

@check("Train", points=2, question="Q3", supply="loss")
def train(t):
    net, right, x = nets(t)
    net.train(x, 3)
    right.train(x, 3)
    t.close(net.params["w"], right.params["w"], "w after training")
"""
MISTAKES = """
from grader.api import mistake

MISTAKES = [
    mistake("negated", "The loss has the wrong sign.", {"return factor * (": "return -factor * ("}),
    mistake("doubled", "The gradient is twice what it should be.", {"factor * x\\n": "factor * 2 * x\\n"}),
    mistake("uphill", "The steps go uphill.", {"- 0.1 * gradient": "+ 0.1 * gradient"}),
    mistake("squared", "Everything is squared first.", {"def loss(self, x, factor=1.0):\\n": "def loss(self, x, factor=1.0):\\n        x = x * x\\n"}),
]
"""


@dataclass
class Assignment:
    """One in a folder of its own."""

    folder: Path
    rubric: Path

    def write(self, name: str, text: str) -> None:
        """Write a file of the reference folder."""
        path = self.folder / "reference/small" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))

    def grade(self, source: str | None, notebook: str = "") -> GradeReport:
        """The report of a hand-in with this module; none where it is None."""
        handin = self.folder / f"handin{len(list(self.folder.iterdir()))}"
        handin.mkdir()
        if source is not None:
            (handin / "small.py").write_text(textwrap.dedent(source))
        if notebook:
            (handin / "small.ipynb").write_text(notebook)
        rubric, reference = load_assignment(self.rubric)
        work = self.folder / "work"
        work.mkdir(exist_ok=True)
        run = Run(rubric, reference, NONE, Practice(), Slots(1), work, Inside, Here)
        module = "small.py" if source is not None else None
        return runner.grade(
            Submission("someone", handin, module, "small.ipynb" if notebook else None, stage_as="small.py"),
            run,
        )


def assignment(
    folder: Path,
    solution: str = SOLUTION,
    checks: str = CHECKS,
    mistakes: str = MISTAKES,
    entry: str = 'class_name = "Net"',
    more: str = "",
) -> Assignment:
    """An assignment of these texts."""
    made = Assignment(folder, folder / "rubrics/small.toml")
    made.rubric.parent.mkdir(parents=True)
    made.rubric.write_text(RUBRIC.format(entry=entry) + textwrap.dedent(more))
    for name, text in (("solution.py", solution), ("checks.py", checks), ("mistakes.py", mistakes)):
        if text:
            made.write(name, text)
    return made


def results(report: GradeReport) -> dict[str, CheckResult]:
    """The checks by id."""
    return {check.id: check for question in report.questions for check in question.checks}


def lost(report: GradeReport) -> dict[str, float]:
    """Points lost by check."""
    found = {id: float(r.points - r.earned) for id, r in results(report).items()}
    return {id: points for id, points in found.items() if points}
