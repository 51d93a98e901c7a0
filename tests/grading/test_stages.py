"""Each stage of a hand-in fails alone: what it would have given is open for a person, the rest is graded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.grading import runner
from grader.grading.runner import Run
from grader.marking import findings
from grader.marking.findings import Exhibits
from grader.model import GradeReport, Image, Outcome
from grader.reading.messages import Part
from grader.reading.process import CannotRead, Here, TooMuch
from grader.report import html
from tests import finding
from tests.conftest import SUBMISSIONS
from tests.grading.test_runner import checks, without_accuracy
from tests.report.report_samples import partly_failed

ALICE = SUBMISSIONS / "alice"


@pytest.fixture
def quick(on_digits: Run) -> Run:
    return replace(on_digits, rubric=without_accuracy(on_digits.rubric))


def failing(part: Part, error: Exception) -> Any:
    """A reader that fails in one part."""

    class Failing(Here):
        def ask(self, asked: Part, outputs: Mapping[int, bytes] | None = None) -> Any:
            if asked == part:
                raise error
            return super().ask(asked, outputs)

    return Failing


def graded(folder: Path, run: Run, part: Part, error: Exception) -> GradeReport:
    (found,) = finding.find([folder], run.rubric.entry.class_name)
    return runner.grade(found, replace(run, reader=failing(part, error)))


OURS, MUCH = CannotRead("a fault"), TooMuch("takes more than 5 seconds of computing")


@pytest.mark.slow
@pytest.mark.parametrize("part", ["cells", "answers", "changed", "module", "names"])
@pytest.mark.parametrize("error", [OURS, MUCH], ids=["ours", "too much"])
def test_what_fails_in_one_part_costs_no_points(part: Part, error: Exception, quick: Run):
    report = graded(ALICE, quick, part, error)
    outcomes = {id: check.outcome for id, check in checks(report).items()}
    assert Outcome.FAILED not in outcomes.values()
    code = {q.id for q in quick.rubric.questions if q.checks}
    earned = {q.id: q.earned == q.points for q in report.questions if q.id in code}
    written = [c.outcome for q in report.questions if q.id not in code for c in q.checks]
    match part:
        case "answers":
            wanted = Outcome.ERROR if error is OURS else Outcome.NEEDS_REVIEW
            assert set(written) == {wanted} and all(earned.values())
        case "names":
            assert outcomes["module"] is (Outcome.ERROR if error is OURS else Outcome.NEEDS_REVIEW)
            assert Outcome.PASSED in written
        case "cells" | "changed" | "module":
            assert all(earned.values()) and Outcome.PASSED in written
    assert runner.has_errors(report) == (error is OURS and part in ("answers", "names"))
    assert any("ps3.ipynb" in note or "imports" in note or "handed out" in note for note in report.notes)
    assert bool(report.host.errors) == (error is OURS)
    assert "a fault" not in str(report.notes)


@pytest.mark.slow
def test_the_template_beside_a_notebook_that_cannot_be_read_is_no_zero(quick: Run, tmp_path: Path):
    (tmp_path / "mlp.py").write_text((quick.reference.handed_out / "mlp.py").read_text() + "\n\n")
    (tmp_path / "ps3.ipynb").write_bytes((ALICE / "ps3.ipynb").read_bytes())
    report = graded(tmp_path, quick, "module", MUCH)
    assert checks(report)["module"].outcome is Outcome.NEEDS_REVIEW
    assert "takes more than 5 seconds" in checks(report)["module"].message
    assert not any(check.outcome is Outcome.FAILED for check in checks(report).values())


# ---- what a hand-in can make large -------------------------------------------------------------------


@pytest.mark.slow
def test_a_page_that_would_be_too_large_leaves_out_and_says_so():
    report = partly_failed()
    assert "left out of this page" not in html.render(report)
    outputs = {f"code cell {i}": "<" * 16_000 for i in range(40)}
    printed = msgspec.structs.replace(report, host=msgspec.structs.replace(report.host, outputs=outputs))
    page = html.render(printed)
    assert len(page) <= html.MAX_PAGE and "left out of this page" in page
    large = Image("x", "image/png", "A" * html.MAX_PAGE)
    questions = tuple(
        msgspec.structs.replace(q, images=(large,), answer="&" * 200_000) for q in printed.questions
    )
    page = html.render(msgspec.structs.replace(printed, questions=questions))
    assert len(page) <= html.MAX_PAGE and "all but the beginning of answers" in page


@pytest.mark.slow
def test_what_is_kept_of_a_hand_in_has_a_most():
    import random

    noise = random.Random(0).randbytes(findings.MAX_EXHIBITS).hex()
    for exhibits in (
        Exhibits(outputs={"x": noise}),
        Exhibits(images={"Q1.1": (Image("x", "image/png", noise),)}),
    ):
        kept = findings.packed_exhibits(exhibits)
        assert len(kept) <= findings.MAX_EXHIBITS
        assert "left out" in findings.unpacked(kept, Exhibits).outputs["notebook"]
    small = Exhibits(outputs={"x": "y"})
    assert findings.unpacked(findings.packed_exhibits(small), Exhibits) == small
