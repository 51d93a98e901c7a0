"""Marks that persons give, one at a time or by sheet: read, checked and applied. The gradebook keeps them.

`found` is everywhere the reports of a class by id (see `classbook`), with the marks that were given before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TextIO

import msgspec

from . import tables
from .errors import UsageError
from .gradebook import MarkRecord
from .model import (
    ZERO,
    CheckResult,
    GradeReport,
    Mark,
    Outcome,
    QuestionResult,
    marked,
    round_points,
)
from .report.rows import Rows
from .report.safe_text import as_written, one_line

KEY = "k"
"""What a key begins with: no spreadsheet takes it for a number."""
Found = Mapping[str, GradeReport]
COLUMNS = ("question", "hand-ins", "answer", "suggested", "mark", "note", "key")
"""Of a sheet. `key` says which answer a mark was given for, out of how many points: both must be the same when it comes
back."""


def applied(report: GradeReport, marks: Mapping[str, MarkRecord]) -> GradeReport:
    """The report with the marks for it, by question. What no longer fits it is said in notes.

    A mark counts on where the answer has changed since: somebody has to look whether it should. Where the points of the
    question have changed, it does not count, and neither does what the checks earned: the question waits for a person.
    """
    off = misfits({question.id: question.points for question in report.questions}, marks)
    questions = {
        question.id: _waiting(question, marks[question.id], off[question.id])
        if question.id in off
        else question
        for question in report.questions
    }
    fitting = {id: record.mark for id, record in marks.items() if id not in off}
    notes = [
        f"{id} was marked by {marks[id].mark.by} before its answer changed: look whether the mark still stands"
        for id in fitting
        if marks[id].answer not in ("", _text_key(questions[id]))
    ]
    notes += [f"a mark for {id} does not count: {_told(marks[id].mark)}: {why}" for id, why in off.items()]
    found = msgspec.structs.replace(
        report, questions=tuple(questions.values()), notes=(*report.notes, *notes)
    )
    return marked(found, fitting)


def misfits(worth: Mapping[str, Decimal], marks: Mapping[str, MarkRecord]) -> dict[str, str]:
    """Which marks of a hand-in, by question, do not count where questions are worth so much, and why, in words."""
    found = {}
    for id, record in marks.items():
        if id not in worth:
            found[id] = "the rubric has no such question now"
        elif record.worth not in (None, worth[id]):
            found[id] = f"the question had {record.worth} points then, and has {worth[id]} now"
        elif not 0 <= record.mark.points <= worth[id]:
            found[id] = f"the question has {worth[id]} points now"
    return found


def _waiting(question: QuestionResult, record: MarkRecord, why: str) -> QuestionResult:
    """The question with all of its points open, and a check that says which mark waits."""
    waits = CheckResult(
        id=f"{question.id}-mark",
        title="A person's mark waits for a look",
        outcome=Outcome.NEEDS_REVIEW,
        earned=ZERO,
        points=question.points - question.open_points,
        message=f"A person gave {record.mark.points}; {why}. Until a person has looked, no points are decided here.",
        detail=f"{_told(record.mark)}. What is given now with `grade mark` counts.",
    )
    outcome = Outcome.ERROR if question.outcome is Outcome.ERROR else Outcome.NEEDS_REVIEW
    return msgspec.structs.replace(
        question,
        outcome=outcome,
        earned=ZERO,
        open_points=question.points,
        checks=(*question.checks, waits),
    )


def _told(mark: Mark) -> str:
    """What was given, by whom and when."""
    return f"{mark.points} by {one_line(mark.by)} on {mark.at[:10]}" + (
        f" ({mark.note})" if mark.note else ""
    )


def given(
    found: Found, submission: str, question: str, points: str, by: str, at: str, note: str
) -> MarkRecord:
    """One mark; `points` is a number or `suggested`. `UsageError` where it is neither, or does not fit."""
    if points == "suggested":
        worth = suggested(found, submission, question)
    else:
        try:
            worth = Decimal(points)
        except InvalidOperation:
            raise UsageError(f"points: found {points!r}, wanted a number or `suggested`") from None
    if trouble := misfit(found, submission, question, worth):
        raise UsageError(trouble)
    return _record(found, submission, question, Mark(worth, by, at, one_line(note)))


def _record(found: Found, submission: str, question: str, mark: Mark) -> MarkRecord:
    result = next(q for q in found[submission].questions if q.id == question)
    return MarkRecord(found[submission].rubric, submission, question, mark, _text_key(result), result.points)


def _text_key(result: QuestionResult) -> str:
    """First 12 hex digits of a hash of the answer's text, white space aside."""
    return hashlib.sha256(" ".join(result.answer.split()).encode("utf-8", "replace")).hexdigest()[:12]


def misfit(found: Found, submission: str, question: str, points: Decimal) -> str:
    """Why a mark cannot be given, in words; empty where it can."""
    if submission not in found:
        return f"there is no report of {submission!r}; graded are {_some(found)}"
    questions = {q.id: q for q in found[submission].questions}
    if question not in questions:
        return f"{submission} has no question {question!r}; it has {_some(questions)}"
    most = questions[question].points
    if not points.is_finite() or not 0 <= points <= most or points != round_points(points):
        return f"{question}: found {points}, wanted 0 to {most} points, in hundredths at most"
    return ""


def suggested(found: Found, submission: str, question: str) -> Decimal:
    """The points that the report suggests; `UsageError` where it suggests none."""
    if trouble := misfit(found, submission, question, Decimal(0)):
        raise UsageError(trouble)
    result = next(q for q in found[submission].questions if q.id == question)
    points = _suggestion(result)
    if points is None:
        raise UsageError(f"the report of {submission} suggests no points for {question}; give a number")
    return points


def sheet(found: Found, question: str, file: TextIO) -> None:
    """Write all answers to a question that wait for a mark as CSV, equal ones in one row."""
    groups: dict[str, list[tuple[str, QuestionResult]]] = {}
    known = False
    for id, report in found.items():
        for result in report.questions:
            if result.id == question:
                known = True
                if result.open_points or result.mark:
                    groups.setdefault(_key(result), []).append((id, result))
    if not known:
        raise UsageError(f"no hand-in has a question {question!r}")
    file.write(tables.MARK)
    rows = Rows(file)
    rows.write(*COLUMNS)
    for key, group in groups.items():
        first = group[0][1]
        points = _suggestion(first)
        rows.write(
            question,
            json.dumps([id for id, _ in group], ensure_ascii=False),
            first.answer,
            "" if points is None else str(points),
            "" if first.mark is None else str(first.mark.points),
            "" if first.mark is None else first.mark.note,
            key,
        )


@dataclass(frozen=True)
class _Row:
    question: str
    submissions: list[str]
    points: Decimal
    note: str


@dataclass(frozen=True)
class Sheet:
    """What was read of a sheet."""

    records: tuple[MarkRecord, ...]
    troubles: tuple[str, ...]
    """Of each row that does not fit, its line and why."""


def from_sheet(found: Found, content: bytes, name: str, by: str, at: str) -> Sheet:
    """The marks of a sheet. `UsageError` where it is none; a row that does not fit undoes no other."""
    rows = tables.rows(content, name)
    head = next((row.cells for row in rows), ())
    missing = [column for column in COLUMNS if column not in head]
    if missing:
        raise UsageError(f"{name}: line 1: no column {missing[0]!r}; wanted {', '.join(COLUMNS)}")
    entries: list[MarkRecord] = []
    troubles = []
    for line, cells in rows_of(rows, head):
        if not cells["mark"].strip():
            continue
        try:
            new = list(_entries(cells, found, by, at))
            twice = [
                e.submission
                for e in new
                if any((x.submission, x.question) == (e.submission, e.question) for x in entries)
            ]
            if twice:
                raise UsageError(f"{twice[0]!r} has a mark for {cells['question']} further up")
            entries += new
        except UsageError as error:
            troubles.append(f"{name}: line {line}: {error}")
    return Sheet(tuple(entries), tuple(troubles))


def rows_of(rows: Iterable[tables.Row], head: tuple[str, ...]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The line of each row, and its cells by column; those that are not there are empty."""
    for row in rows:
        cells = dict.fromkeys(head, "") | dict(zip(head, row.cells, strict=False))
        yield row.line, cells


def _entries(row: Mapping[str, str], found: Found, by: str, at: str) -> Iterator[MarkRecord]:
    points = tables.number(row["mark"])
    if points is None:
        raise UsageError(f"mark: found {row['mark']!r}, wanted a number")
    try:
        ids = msgspec.json.decode(row["hand-ins"] or "", type=list[str])
    except msgspec.DecodeError:
        raise UsageError(f"hand-ins: found {row['hand-ins']!r}, wanted the list as it was written") from None
    for id in ids:
        if trouble := misfit(found, id, row["question"], points):
            raise UsageError(trouble)
        result = next(q for q in found[id].questions if q.id == row["question"])
        if _key(result) != KEY + row["key"].strip().removeprefix(KEY):
            raise UsageError(
                f"the answer of {id}, or the points of the question, have changed since the sheet was written; make a "
                "new sheet"
            )
        note = one_line(as_written(row["note"] or ""))
        yield _record(found, id, row["question"], Mark(points, by, at, note))


def _key(result: QuestionResult) -> str:
    """A letter and 12 hex digits of a hash of the answer, white space aside, and of what the question is worth."""
    pasted = "".join(image.data for image in result.images)
    worth = round_points(result.points)
    return (
        KEY
        + hashlib.sha256(f"{' '.join(result.answer.split())}\0{pasted}\0{worth}".encode()).hexdigest()[:12]
    )


def _suggestion(result: QuestionResult) -> Decimal | None:
    """What the checks earned and suggest together; None where one that is open suggests nothing."""
    open_ones = [check for check in result.checks if check.outcome.is_open]
    if not open_ones or any(check.suggested is None for check in open_ones):
        return None
    earned = sum((check.earned for check in result.checks), Decimal(0))
    return earned + sum((check.suggested or Decimal(0) for check in open_ones), Decimal(0))


def _some(ids: Iterable[str]) -> str:
    names = list(ids)
    return ", ".join(names[:8]) + (", ..." if len(names) > 8 else "") or "none"
