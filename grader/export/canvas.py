"""A gradebook CSV for Canvas: Grades > Import.

Columns and the row of possible points are those of the Canvas Instructor Guide, "How do I import grades in the
Gradebook?": Student, ID, SIS User ID, SIS Login ID and Section in this order, then one column an assignment. Canvas
finds students by ID, else by SIS User ID, else by SIS Login ID, asks which assignment a new title is, and shows every
change before it makes any.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from ..model import ClassHead, Entry, Person
from ..report import wording
from ..report.rows import Rows
from ..report.safe_text import harmless, one_line
from .notices import Notices

COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POSSIBLE = "    Points Possible"
"""Canvas knows the second row by this word, four blanks before it."""


def write(
    head: ClassHead, entries: Iterable[Entry], file: TextIO, *, include_open: bool = False
) -> list[str]:
    """Totals after the late policy. Students whom Canvas could not find are left out, and a sentence says so."""
    rows = Rows(file)
    notices = Notices(include_open)
    rows.write(*COLUMNS, one_line(head.title))
    rows.write(POSSIBLE, "", "", "", "", wording.points(head.points))
    for entry in entries:
        ids = _ids(entry.person)
        if not any(ids):
            notices.unknown(entry)
            continue
        notices.row_of(next(filter(None, ids)), entry)
        rows.write(*_row(entry.person, ids, notices.total(entry), entry.report.submission))
    for person in head.absent:
        if any(ids := _ids(person)):
            rows.write(*_row(person, ids, "", ""))
    return notices.sentences(head, "a Canvas ID, SIS User ID or SIS Login ID")


def _ids(person: Person) -> tuple[str, str, str]:
    """ID, SIS User ID and SIS Login ID, each empty where there is none that may stand in a spreadsheet as it is."""
    course_id, number, login = (one_line(text) for text in (person.course_id, person.number, person.login))
    is_canvas = course_id.isascii() and course_id.isdigit()
    return course_id if is_canvas else "", _as_is(number), _as_is(login)


def _as_is(text: str) -> str:
    return text if harmless(text) == text else ""


def _row(person: Person, ids: tuple[str, str, str], total: str, submission: str) -> list[str]:
    return [one_line(person.name or submission), *ids, one_line(person.section), total]
