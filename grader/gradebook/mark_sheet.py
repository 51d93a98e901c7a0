"""A sheet of all answers to a question, for marking in a spreadsheet: written, and taken back.

A row is for hand-ins with one answer and one mark. It carries a key: which answer it is, out of how many points, and
which mark stood there when it was written. So a row that nobody changed changes nothing, and one that meets a mark that
somebody has given since is refused, with both shown.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TextIO

import msgspec

from ..errors import UsageError
from ..handin import tables
from ..model import ZERO, GradeReport, Mark, QuestionResult, round_points
from ..report import wording
from ..report.rows import Rows
from ..report.safe_text import as_written, one_line
from . import MarkRecord, manual_marks
from .manual_marks import Found

COLUMNS = ("question", "hand-ins", "answer", "found", "suggested", "mark", "note", "key")
WITHDRAW = "withdraw"
"""In place of a mark: the one that is there is taken back."""
_FOUND = {
    "nothing": "no answer: nothing was written",
    "not found": "no answer was found in the notebook: look into it",
    "not read": "not readable: open the file itself",
    "elsewhere": "in another file: open that",
    "picture": "a picture: see the report",
}
"""What to do with an answer that is not only words."""


def write(found: Found, question: str, file: TextIO) -> None:
    """Write all answers to a question that wait for a mark or have one as CSV, what is equal in one row."""
    question = manual_marks.any_question_id(found, question)
    groups: dict[str, list[tuple[str, QuestionResult]]] = {}
    for id, report in found.items():
        for result in report.questions:
            if result.id == question and (result.open_points or result.mark):
                groups.setdefault(f"{_key(result)} {_waits(result)}", []).append((id, result))
    file.write(tables.MARK)
    rows = Rows(file)
    rows.write(*COLUMNS)
    for group in groups.values():
        first = group[0][1]
        points = manual_marks.suggestion(first)
        rows.write(
            question,
            json.dumps([id for id, _ in group], ensure_ascii=False),
            first.answer,
            " ".join(filter(None, (_FOUND.get(first.answered, ""), _waits(first)))),
            "" if points is None else wording.points(points),
            "" if first.mark is None else wording.points(first.mark.points),
            "" if first.mark is None else first.mark.note,
            _key(first),
        )


@dataclass(frozen=True)
class Taken:
    """What a sheet that comes back decides."""

    records: list[MarkRecord]
    refused: list[str]
    """Rows of which nothing counts, a line each that says which and why."""
    unchanged: int
    """Rows that decide nothing."""


def taken_back(found: Found, content: bytes, name: str, by: str, at: str) -> Taken:
    """The marks of a sheet that are others than were there when it was written; a row counts as a whole, or not at all.

    `UsageError` for what is no such sheet.
    """
    rows = tables.rows(content, name)
    head = next((row.cells for row in rows), ())
    missing = [column for column in COLUMNS if column not in head and column != "found"]
    if missing:
        raise UsageError(f"{name}: line 1: no column {missing[0]!r}; wanted {', '.join(COLUMNS)}")
    entries: dict[tuple[str, str], MarkRecord] = {}
    refused, unchanged = [], 0
    for row in rows:
        cells = dict.fromkeys(head, "") | dict(zip(head, row.cells, strict=False))
        try:
            new = {(one.submission, one.question): one for one in _entries(cells, found, by, at)}
            if twice := new.keys() & entries.keys():
                id, question = min(twice)
                raise UsageError(f"{id!r} has a mark for {question} further up")
        except UsageError as error:
            refused.append(f"{name}: line {row.line}: {error}")
            continue
        entries |= new
        unchanged += not new
    return Taken(list(entries.values()), refused, unchanged)


def _entries(row: Mapping[str, str], found: Found, by: str, at: str) -> Iterator[MarkRecord]:
    """What a row decides; nothing where it is as it was written."""
    text, note = row["mark"].strip(), one_line(as_written(row["note"]))
    withdraws = text.casefold() == WITHDRAW
    points = None if withdraws or not text else _points(text)
    before = row["key"].partition("-")[2]
    if not withdraws and _mark_key(points, note) == before:
        return
    if not text:
        if not note and before == _mark_key(None, ""):
            return
        raise UsageError(
            "found a note without a mark; give the mark, or empty the note"
            if before == _mark_key(None, "")
            else f"mark: found nothing, where a mark was when the sheet was written; put it back, or write {WITHDRAW}"
        )
    question = row["question"].strip()
    for id in _ids(row):
        if trouble := manual_marks.misfit(found, id, question, ZERO if points is None else points):
            raise UsageError(trouble)
        result = _result(found[id], manual_marks.question_id(found, id, question))
        there = None if result.mark is None else result.mark.points
        own = "" if result.mark is None else one_line(result.mark.note)
        if (points, note) == (there, own) or (withdraws and there is None and not _waits(result)):
            continue  # somebody has done the same since
        _same_answer(id, result, row["key"])
        if _key(result) != row["key"]:
            raise UsageError(_crossing(id, result, text, note))
        mark = Mark(ZERO if points is None else points, by, at, note)
        if result.mark is not None and points == there:  # another note: what it is made of stays
            mark = msgspec.structs.replace(mark, items=result.mark.items, adjustment=result.mark.adjustment)
        yield manual_marks.record(found, id, result.id, mark, withdrawn=withdraws)


def _same_answer(id: str, result: QuestionResult, key: str) -> None:
    if _key(result).partition("-")[0] != key.partition("-")[0]:
        raise UsageError(
            f"the answer of {id}, or the points of the question, have changed since the sheet was written; make a "
            "new sheet"
        )


def _crossing(id: str, result: QuestionResult, text: str, note: str) -> str:
    """A mark of a sheet and one that is newer than the sheet, both shown."""
    said = f"{text} ({note})" if note else text
    newer = wording.mark(result.mark) if result.mark else "its mark was withdrawn."
    return (
        f"{id} {result.id}: the sheet says {said}, and since it was written: {newer} Make a new sheet, or decide with "
        f"grade mark {id} {result.id}"
    )


def _points(text: str) -> Decimal:
    points = tables.number(text)
    if points is None:
        raise UsageError(f"mark: found {text!r}, wanted a number, or {WITHDRAW}")
    return points


def _ids(row: Mapping[str, str]) -> list[str]:
    try:
        return msgspec.json.decode(row["hand-ins"], type=list[str])
    except msgspec.DecodeError:
        raise UsageError(f"hand-ins: found {row['hand-ins']!r}, wanted the list as it was written") from None


def _result(report: GradeReport, question: str) -> QuestionResult:
    return next(q for q in report.questions if q.id == question)


def _waits(result: QuestionResult) -> str:
    """Which mark waits for a look there, in words; empty where none does."""
    return next(
        (
            f"{c.title}: {c.detail.partition('. What')[0]}"
            for c in result.checks
            if c.id == f"{result.id}-mark"
        ),
        "",
    )


def _key(result: QuestionResult) -> str:
    """Begins with a letter and has a dash in it, so that no spreadsheet takes it for a number."""
    asked = f"{result.answer_key}\0{result.answered}\0{round_points(result.points)}"
    mark = result.mark
    own = _mark_key(None, "") if mark is None else _mark_key(mark.points, one_line(mark.note))
    return f"k{_hash(asked)}-{own}"


def _mark_key(points: Decimal | None, note: str) -> str:
    if points is None and not note:
        return "none"
    return _hash(f"{'' if points is None else points.normalize() + 0}\0{note}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
