"""Marks that persons give: kept in `marks.toml` beside the reports, where regrading finds them again.

Lines are only ever added; the last mark for a question counts.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TextIO

import msgspec

from .errors import UsageError
from .model import GradeReport, Mark, QuestionResult, from_json, marked, round_points
from .report import write
from .report.safe_text import one_line

FILE = "marks.toml"
COLUMNS = ("question", "hand-ins", "answer", "suggested", "mark", "note", "key")
"""Of a sheet. `key` says which answer a mark was given for: it must still be the same when the sheet comes back."""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One mark in the file."""

    submission: str
    question: str
    points: Decimal
    by: str
    at: str
    note: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mark: tuple[Entry, ...] = ()


def read(out: Path) -> dict[str, dict[str, Mark]]:
    """The marks that count, by hand-in and question; none where there is no file. `UsageError` if it is damaged."""
    path = out / FILE
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        entries = msgspec.convert(data, _File).mark
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UsageError(f"{path}: cannot be read ({error}); put it right, or back from a copy") from None
    marks: dict[str, dict[str, Mark]] = {}
    for entry in entries:
        marks.setdefault(entry.submission, {})[entry.question] = Mark(
            entry.points, entry.by, entry.at, entry.note
        )
    return marks


def applied(report: GradeReport, marks: Mapping[str, Mapping[str, Mark]]) -> GradeReport:
    """The report with the marks for it, those that no longer fit its questions left out with a note."""
    own = marks.get(report.submission, {})
    points = {question.id: question.points for question in report.questions}
    fitting = {id: mark for id, mark in own.items() if id in points and 0 <= mark.points <= points[id]}
    lost = tuple(
        f"marks.toml has a mark for {id} that does not fit this rubric" for id in own if id not in fitting
    )
    return msgspec.structs.replace(marked(report, fitting), notes=(*report.notes, *lost))


def entry(out: Path, submission: str, question: str, points: str, by: str, at: str, note: str) -> Entry:
    """One mark, as typed: a number of points, or `suggested`. `UsageError` where it is neither."""
    if points == "suggested":
        return Entry(
            submission, question, suggested(dict(reports(out)), submission, question), by, at, one_line(note)
        )
    try:
        return Entry(submission, question, Decimal(points), by, at, one_line(note))
    except InvalidOperation:
        raise UsageError(f"points: found {points!r}, wanted a number or `suggested`") from None


def record(out: Path, entries: Iterable[Entry]) -> list[Path]:
    """Add marks to the file, and to the reports that are there; the reports' paths come back.

    `UsageError`, and nothing is written, where a report or question is missing or the points are out of range.
    """
    entries = tuple(entries)
    found = dict(reports(out))
    for entry in entries:
        if trouble := misfit(found, entry.submission, entry.question, entry.points):
            raise UsageError(trouble)
    with (out / FILE).open("a", encoding="utf-8") as file:
        file.write("".join(_toml(entry) for entry in entries))
    changed = []
    marks = read(out)
    for id in dict.fromkeys(entry.submission for entry in entries):
        folder, report = found[id]
        changed.append(write(marked(report, marks[id]), folder))
    return changed


def reports(out: Path) -> Iterator[tuple[str, tuple[Path, GradeReport]]]:
    """The reports below a folder, as id and (folder, report), sorted by folder."""
    for path in sorted(out.rglob("report.json")):
        try:
            report = from_json(path.read_bytes())
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            raise UsageError(
                f"{path}: is no report of this version ({error}); grade the hand-in again"
            ) from None
        yield report.submission, (path.parent, report)


def misfit(
    found: Mapping[str, tuple[Path, GradeReport]], submission: str, question: str, points: Decimal
) -> str:
    """Why a mark cannot be given, in words; empty where it can."""
    if submission not in found:
        return f"there is no report of {submission!r}; graded are {_some(found)}"
    questions = {q.id: q for q in found[submission][1].questions}
    if question not in questions:
        return f"{submission} has no question {question!r}; it has {_some(questions)}"
    most = questions[question].points
    if not points.is_finite() or not 0 <= points <= most or points != round_points(points):
        return f"{question}: found {points}, wanted 0 to {most} points, in hundredths at most"
    return ""


def suggested(found: Mapping[str, tuple[Path, GradeReport]], submission: str, question: str) -> Decimal:
    """The points that the report suggests; `UsageError` where it suggests none."""
    if trouble := misfit(found, submission, question, Decimal(0)):
        raise UsageError(trouble)
    result = next(q for q in found[submission][1].questions if q.id == question)
    points = _suggestion(result)
    if points is None:
        raise UsageError(f"the report of {submission} suggests no points for {question}; give a number")
    return points


def sheet(out: Path, question: str, file: TextIO) -> None:
    """Write all answers to a question that wait for a mark as CSV, equal ones in one row."""
    groups: dict[str, list[tuple[str, QuestionResult]]] = {}
    known = False
    for id, (_, report) in reports(out):
        for result in report.questions:
            if result.id == question:
                known = True
                if result.open_points or result.mark:
                    groups.setdefault(_key(result), []).append((id, result))
    if not known:
        raise UsageError(f"{out}: no report there has a question {question!r}")
    rows = csv.writer(file)
    rows.writerow(COLUMNS)
    for key, group in groups.items():
        first = group[0][1]
        points = _suggestion(first)
        rows.writerow(
            [
                question,
                json.dumps([id for id, _ in group], ensure_ascii=False),
                _harmless(first.answer),
                "" if points is None else str(points),
                "" if first.mark is None else str(first.mark.points),
                "" if first.mark is None else _harmless(first.mark.note),
                key,
            ]
        )


@dataclass(frozen=True)
class _Row:
    question: str
    submissions: list[str]
    points: Decimal
    note: str


def from_sheet(out: Path, content: str, name: str, by: str, at: str) -> list[Entry]:
    """The marks of a sheet. `UsageError` with a line for each thing that does not fit; then none of it counts."""
    found = dict(reports(out))
    rows = csv.DictReader(io.StringIO(content, newline=""))
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise UsageError(f"{name}: line 1: no column {missing[0]!r}; wanted {', '.join(COLUMNS)}")
    entries: list[Entry] = []
    troubles = []
    for row in rows:
        if not (row["mark"] or "").strip():
            continue
        try:
            new = list(_entries(row, found, by, at))
            twice = [
                e.submission
                for e in new
                if any((x.submission, x.question) == (e.submission, e.question) for x in entries)
            ]
            if twice:
                raise UsageError(f"{twice[0]!r} has a mark for {row['question']} further up")
            entries += new
        except UsageError as error:
            troubles.append(f"{name}: line {rows.line_num}: {error}")
    if troubles:
        raise UsageError("\n".join(troubles))
    return entries


def _entries(
    row: Mapping[str, str], found: Mapping[str, tuple[Path, GradeReport]], by: str, at: str
) -> Iterator[Entry]:
    try:
        points = Decimal(row["mark"].strip().replace(",", "."))
    except InvalidOperation:
        raise UsageError(f"mark: found {row['mark']!r}, wanted a number") from None
    try:
        ids = msgspec.json.decode(row["hand-ins"] or "", type=list[str])
    except msgspec.DecodeError:
        raise UsageError(f"hand-ins: found {row['hand-ins']!r}, wanted the list as it was written") from None
    for id in ids:
        if trouble := misfit(found, id, row["question"], points):
            raise UsageError(trouble)
        result = next(q for q in found[id][1].questions if q.id == row["question"])
        if _key(result) != row["key"]:
            raise UsageError(f"the answer of {id} has changed since the sheet was written; make a new sheet")
        yield Entry(id, row["question"], points, by, at, one_line((row["note"] or "").removeprefix("'")))


def _key(result: QuestionResult) -> str:
    """First 12 hex digits of a hash of the answer, white space aside."""
    pasted = "".join(image.data for image in result.images)
    return hashlib.sha256(f"{' '.join(result.answer.split())}\0{pasted}".encode()).hexdigest()[:12]


def _suggestion(result: QuestionResult) -> Decimal | None:
    """What the checks earned and suggest together; None where one that is open suggests nothing."""
    open_ones = [check for check in result.checks if check.outcome.is_open]
    if not open_ones or any(check.suggested is None for check in open_ones):
        return None
    earned = sum((check.earned for check in result.checks), Decimal(0))
    return earned + sum((check.suggested or Decimal(0) for check in open_ones), Decimal(0))


def _harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@", "'")) else text


def _toml(entry: Entry) -> str:
    """A JSON string is a TOML string, but for the DEL character."""
    lines = [
        f"submission = {_string(entry.submission)}",
        f"question = {_string(entry.question)}",
        f"points = {entry.points}",
        f"by = {_string(entry.by)}",
        f"at = {_string(entry.at)}",
    ]
    if entry.note:
        lines.append(f"note = {_string(entry.note)}")
    return "\n".join(("[[mark]]", *lines, "", ""))


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _some(ids: Iterable[str]) -> str:
    names = list(ids)
    return ", ".join(names[:8]) + (", ..." if len(names) > 8 else "") or "none"
