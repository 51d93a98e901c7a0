"""What is taken from a report to be compared."""

from __future__ import annotations

import msgspec
import pytest

from grader.model import (
    CheckResult,
    GradeReport,
    NotebookResult,
    Outcome,
    Person,
    PrintedValue,
    QuestionResult,
)
from grader.similar import Claim, of_report
from tests.report import report_samples as samples

SOURCE = "import numpy as np\n\ndef f(x):\n    return np.exp(x) * 2\n"


def report() -> GradeReport:
    check = CheckResult(
        "loss", "Loss", Outcome.FAILED, samples.points("0"), samples.points("2"), "Raised in line 4.",
        mistakes=("odd", "usual"),
    )  # fmt: skip
    points = samples.points("2")
    first = QuestionResult("Q2.1", "Loss", Outcome.FAILED, points * 0, points, points * 0, (check,))
    again = msgspec.structs.replace(first, id="Q2.2")
    written = msgspec.structs.replace(first, id="Q1.1", checks=(), answer="So $x$.")
    values = (
        PrintedValue("Loss", "Q2.1", 1, "differs", 0.25, 0.5),
        PrintedValue("Accuracy", "Q2.1", 2, "not compared", 0.9, None),
    )
    made = samples.report(written, first, again)
    notebook = NotebookResult("ps3.ipynb", "Executed.", values=values)
    return msgspec.structs.replace(made, sources={"mlp.py": SOURCE}, notebook=notebook)


def test_everything_that_is_compared():
    work = of_report(report(), (Person("Ana"), Person(number="7")), "ana/report.html")
    assert (work.names, work.link, work.source) == ("Ana", "ana/report.html", "")
    assert work.code == {"mlp.py": SOURCE}
    assert work.answers == {"Q1.1": "So $x$."}
    assert [(one.name, one.question) for one in work.mistakes] == [("odd", "Q2.1"), ("usual", "Q2.1")]
    assert set(work.mistakes[0].lines.values()) == {("mlp.py", 4)}
    assert work.claims == (Claim("Loss", 0.25, 0.5, False), Claim("Accuracy", 0.9, None, True))


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_lines_are_those_that_python_sees(ends: str, start: str):
    source = start + "# all of it is one comment\n".replace("\n", ends) + SOURCE.replace("\n", ends)
    made = msgspec.structs.replace(report(), sources={"mlp.py": source})
    work = of_report(made)
    assert work.code["mlp.py"].split("\n")[1:] == SOURCE.split("\n")
    assert set(work.mistakes[0].lines.values()) == {("mlp.py", 4)}
    assert work.content == of_report(msgspec.structs.replace(made, sources=dict(work.code))).content


def test_half_a_unit_of_what_is_claimed():
    assert [Claim("", value, None, False).half_unit for value in (0.25, 3.0, 0.913, 12000.0)] == [
        0.005, 0.5, 0.0005, 0.5
    ]  # fmt: skip


def test_numbers_that_are_none_are_equal_to_nothing():
    assert Claim("", float("nan"), None, False).half_unit == 0.5
