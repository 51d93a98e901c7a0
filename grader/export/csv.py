"""A flat table of our own for spreadsheets: everything, one row a student."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from ..model import ClassHead, Entry, Misfit, Person, QuestionResult
from ..report import wording
from ..report.rows import Rows
from ..report.safe_text import one_line
from .notices import Notices

BEFORE = ("id", "name", "email", "number", "login", "section", "submitted")
AFTER = (
    "earned",
    "open",
    "late deduction",
    "total",
    "outcome",
    "remark",
    "tier",
    "dataset",
    "provisional",
    "published secret",
)
"""The columns around those of the questions, which are called by their ids."""


def write(
    head: ClassHead, entries: Iterable[Entry], file: TextIO, *, include_open: bool = False
) -> list[str]:
    """Hand-ins in their order, then those that could not be graded, then the absent; cells are never formulas."""
    rows = Rows(file)
    notices = Notices(include_open)
    ids = [question.id for question in head.questions]
    rows.write(*BEFORE, *map(one_line, ids), *AFTER)
    for entry in entries:
        report = entry.report
        marks = {question.id: _marks(question) for question in report.questions}
        rows.write(
            *[
                one_line(report.submission),
                *_person(entry.person),
                one_line(entry.submitted),
                *(marks.get(id, "") for id in ids),
                wording.points(report.earned),
                wording.points(report.open_points),
                wording.points(entry.late.deduction) if entry.late else "",
                notices.total(entry),
                "waits for a person" if report.open_points else "graded",
                _remark(entry, [one for one in head.misfits if one.submission == report.submission]),
                one_line(report.host.tier),
                one_line(report.dataset),
                "yes" if report.provisional else "no",
                "yes" if report.published_secret else "no",
            ]
        )
    nothing = [""] * len(ids)
    for id, reason in head.failed.items():
        rows.write(
            *[
                one_line(id),
                *_person(head.failed_persons.get(id, Person())),
                "",
                *nothing,
                *[""] * 4,
                "not graded",
                one_line(reason),
                *[""] * 4,
            ]
        )
    for person in head.absent:
        rows.write("", *_person(person), "", *nothing, *[""] * 4, "handed in nothing", *[""] * 5)
    return notices.sentences(head)


def _remark(entry: Entry, misfits: list[Misfit]) -> str:
    """What being late does, and which marks of persons wait for a look."""
    waits = (f"{one.question}: a person's mark waits for a look: {wording.misfit(one)}." for one in misfits)
    return one_line(" ".join(filter(None, (entry.late.why if entry.late else "", *waits))))


def _marks(question: QuestionResult) -> str:
    """Empty, never a zero, where nothing is earned yet and a person still decides."""
    return "" if question.open_points and not question.earned else wording.points(question.earned)


def _person(person: Person) -> list[str]:
    return [one_line(t) for t in (person.name, person.email, person.number, person.login, person.section)]
