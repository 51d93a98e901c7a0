"""Whether a mark that a person gave still stands for the answer and the points that there are now.

The one place that decides it: reports, pages, queues, sheets and exports show what comes out of here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from ..assignment.rubric import GivenMarks
from ..model import ZERO, CheckResult, GradeReport, Mark, Outcome, QuestionResult, marked, round_points
from ..report.safe_text import one_line
from . import MarkRecord

_NOT_TOLD = ("", "e3b0c44298fc")
"""What marks on code have noted of the answer where nobody looked at it yet: nothing, or the hash of no text."""


@dataclass(frozen=True)
class Standing:
    """A mark and what it is worth now."""

    mark: Mark
    """As it counts, or as it was given where it does not."""
    why: str = ""
    """Why it waits for a look or counts for other points, without full stop; empty where it stands as it is."""
    waits: bool = False


def standings(
    questions: Mapping[str, QuestionResult], marks: Mapping[str, MarkRecord], policy: GivenMarks
) -> dict[str, Standing]:
    """Of the marks of a hand-in, by question. `questions` are as the checks left them."""
    return {id: _standing(questions.get(id), record, policy) for id, record in marks.items()}


def _standing(question: QuestionResult | None, record: MarkRecord, policy: GivenMarks) -> Standing:
    mark = record.mark
    if question is None:
        return Standing(mark, "the rubric has no such question now", waits=True)
    if _answer_changed(question, record):
        what = "code" if not question.answered else "answer"
        return Standing(mark, f"it was given for another {what}, which was handed in before", waits=True)
    if record.worth not in (None, question.points):
        return _weighed(question.points, record, policy)
    if not 0 <= mark.points <= question.points:
        return Standing(mark, f"the question has {question.points} points now", waits=True)
    return Standing(mark)


def _answer_changed(question: QuestionResult, record: MarkRecord) -> bool:
    if not question.answered and record.answer in _NOT_TOLD:
        return False
    return record.answer not in ("", question.answer_key) and bool(question.answer_key)


def _weighed(points: Decimal, record: MarkRecord, policy: GivenMarks) -> Standing:
    """A mark whose question has other points now, as the rubric says."""
    mark, worth = record.mark, record.worth
    why = f"the question had {worth} points then, and has {points} now"
    given = f"{mark.points} of {worth}"
    if policy == "scale" and worth:
        scaled = round_points(mark.points * points / worth)
        return Standing(msgspec.structs.replace(mark, points=scaled, was=given), f"{why}: scaled to {scaled}")
    if policy == "keep" and 0 <= mark.points <= points:
        return Standing(msgspec.structs.replace(mark, was=given), f"{why}: kept")
    return Standing(mark, why, waits=True)


def applied(report: GradeReport, marks: Mapping[str, MarkRecord], policy: GivenMarks = "wait") -> GradeReport:
    """The report with the marks for it, by question: those that stand count, and where one waits, so does its question.

    What waits is open, whatever the checks earned: nothing is decided there until a person has looked.
    """
    found = standings({question.id: question for question in report.questions}, marks, policy)
    waiting = {id: one for id, one in found.items() if one.waits}
    questions = tuple(
        _waiting(question, waiting[question.id]) if question.id in waiting else question
        for question in report.questions
    )
    notes = (f"a mark for {id} does not count: {told(one.mark)}: {one.why}" for id, one in waiting.items())
    fitting = {id: one.mark for id, one in found.items() if not one.waits}
    return marked(
        msgspec.structs.replace(report, questions=questions, staff_notes=(*report.staff_notes, *notes)),
        fitting,
    )


def _waiting(question: QuestionResult, standing: Standing) -> QuestionResult:
    """The question with all of its points open, and a check that says which mark waits."""
    waits = CheckResult(
        id=f"{question.id}-mark",
        title="A person's mark waits for a look",
        outcome=Outcome.NEEDS_REVIEW,
        earned=ZERO,
        points=question.points - question.open_points,
        message=f"A person gave {standing.mark.points}; {standing.why}. Until a person has looked, no points are "
        "decided here.",
        detail=f"{told(standing.mark)}. What is given now with `grade mark` counts; `--withdraw` takes it back.",
    )
    outcome = Outcome.ERROR if question.outcome is Outcome.ERROR else Outcome.NEEDS_REVIEW
    return msgspec.structs.replace(
        question,
        outcome=outcome,
        earned=ZERO,
        open_points=question.points,
        checks=(*question.checks, waits),
    )


def told(mark: Mark) -> str:
    """What was given, by whom and when."""
    return f"{mark.points} by {one_line(mark.by)} on {mark.at[:10]}" + (
        f" ({mark.note})" if mark.note else ""
    )
