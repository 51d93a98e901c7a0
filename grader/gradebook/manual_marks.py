"""Marks that persons give one at a time: read and checked. The gradebook keeps them; `standing` says what they count.

`found` is everywhere the reports of a class by id (see `classbook`), with the marks that were given before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from ..errors import UsageError
from ..model import ZERO, GradeReport, Mark, QuestionResult, round_points
from ..report.safe_text import one_line
from . import MarkRecord

Found = Mapping[str, GradeReport]


def question_id(found: Found, submission: str, name: str) -> str:
    """The id of a question that somebody typed, in upper or lower case, with or without its `Q`."""
    if submission not in found:
        raise UsageError(f"there is no report of {submission!r}; graded are {_some(found)}")
    known = [question.id for question in found[submission].questions]
    if name in known:
        return name
    alike = [id for id in known if _bare(id) == _bare(name)]
    if len(alike) == 1:
        return alike[0]
    raise UsageError(f"{submission} has no question {name!r}; it has {_some(known)}")


def _bare(id: str) -> str:
    folded = id.casefold().strip()
    return folded.removeprefix("q") or folded


def given(
    found: Found, submission: str, question: str, points: str, by: str, at: str, note: str
) -> MarkRecord:
    """One mark; `points` is a number or `suggested`. `UsageError` where it is neither, or does not fit."""
    question = question_id(found, submission, question)
    if points == "suggested":
        worth = suggested(found, submission, question)
    else:
        worth = number(points, "points", "a number or `suggested`")
    if trouble := misfit(found, submission, question, worth):
        raise UsageError(trouble)
    return record(found, submission, question, Mark(worth, by, at, one_line(note)))


def number(text: str, what: str, wanted: str = "a number") -> Decimal:
    """What somebody typed, with a point or a comma; `UsageError` where it is no number."""
    try:
        return Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        raise UsageError(f"{what}: found {text!r}, wanted {wanted}") from None


def withdrawn(found: Found, submission: str, question: str, by: str, at: str, note: str) -> MarkRecord:
    """That a mark is taken back. `UsageError` where there is none."""
    question = question_id(found, submission, question)
    return record(found, submission, question, Mark(ZERO, by, at, one_line(note)), withdrawn=True)


@dataclass(frozen=True)
class Emptied:
    """What becomes of a question for all who wrote nothing."""

    records: list[MarkRecord]
    marked_already: list[str]
    """Ids of those who wrote nothing and have a mark of a person."""
    to_look_at: list[str]
    """Ids of those of whom it is not certain that they wrote nothing, and who have no mark."""


def for_the_empty(found: Found, question: str, points: str, by: str, at: str, note: str) -> Emptied:
    """A mark for each who wrote nothing under a question, and has no mark of a person."""
    done = Emptied([], [], [])
    id = any_question_id(found, question)
    for submission, report in found.items():
        result = next((q for q in report.questions if q.id == id), None)
        if result is None or result.answered in ("written", "picture"):
            continue
        if result.answered == "":
            raise UsageError(
                f"{id} is answered by code: there is nothing to find empty; name one that is written"
            )
        if result.answered != "nothing":
            if result.mark is None:
                done.to_look_at.append(submission)
        elif result.mark is not None or any(check.id == f"{id}-mark" for check in result.checks):
            done.marked_already.append(submission)
        else:
            done.records.append(given(found, submission, id, points, by, at, note))
    return done


def any_question_id(found: Found, name: str) -> str:
    """The id of a question that some report has; `UsageError` where none has it."""
    for submission in found:
        try:
            return question_id(found, submission, name)
        except UsageError:
            continue
    known = dict.fromkeys(question.id for report in found.values() for question in report.questions)
    raise UsageError(f"no hand-in has a question {name!r}; there are {_some(known)}")


def record(found: Found, submission: str, question: str, mark: Mark, withdrawn: bool = False) -> MarkRecord:
    """The mark with what it is given for."""
    report = found[submission]
    result = next(q for q in report.questions if q.id == question)
    return MarkRecord(report.rubric, submission, question, mark, result.answer_key, result.points, withdrawn)


def misfit(found: Found, submission: str, question: str, points: Decimal) -> str:
    """Why a mark cannot be given, in words; empty where it can."""
    try:
        question = question_id(found, submission, question)
    except UsageError as error:
        return str(error)
    most = next(q.points for q in found[submission].questions if q.id == question)
    if not points.is_finite() or not 0 <= points <= most or points != round_points(points):
        return f"{question}: found {points}, wanted 0 to {most} points, in hundredths at most"
    return ""


def suggested(found: Found, submission: str, question: str) -> Decimal:
    """The points that the report suggests; `UsageError` where it suggests none."""
    question = question_id(found, submission, question)
    points = suggestion(next(q for q in found[submission].questions if q.id == question))
    if points is None:
        raise UsageError(f"the report of {submission} suggests no points for {question}; give a number")
    return points


def suggestion(result: QuestionResult) -> Decimal | None:
    """What the checks earned and suggest together; None where one that is open suggests nothing."""
    open_ones = [check for check in result.checks if check.outcome.is_open]
    if not open_ones or any(check.suggested is None for check in open_ones):
        return None
    earned = sum((check.earned for check in result.checks), ZERO)
    return round_points(earned + sum((check.suggested or ZERO for check in open_ones), ZERO))


def _some(ids: Iterable[str]) -> str:
    names = list(ids)
    return ", ".join(names[:8]) + (", ..." if len(names) > 8 else "") or "none"
