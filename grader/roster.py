"""The class list: who is expected to hand in, and which hand-in is whose.

A CSV file with a row for each student. The columns of a Canvas gradebook, a Gradescope or GitHub Classroom
roster and a Moodle list of participants or grading worksheet are known by their names, in any order, and so
are our own: `id,name,email,number,login,course_id,section,due,extension_hours,submitted`. The last three may
stand in any of them.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path

from .errors import UsageError
from .model import Person

MAX_FILE = 16 << 20
"""Bytes of a roster."""
MAX_HOURS = 100_000
_DELIMITERS = ",;\t"
_DECISIONS = ("due", "extension_hours", "submitted")
_KEYS = ("course_id", "number", "login", "email")
_OWN = ("id", "name", "email", "number", "login", "course_id", "section", *_DECISIONS)


@dataclass(frozen=True)
class Student:
    """One row."""

    person: Person
    ids: tuple[str, ...] = ()
    """Ids of hand-ins that are this student's, whatever they are called."""
    due: str = ""
    """When this student's hand-in is due: ISO 8601 with offset; empty where it is as for all."""
    extension_hours: Decimal | None = None
    """Hours added to the due time; None where nothing is said."""
    submitted: str = ""
    """When it was handed in, where the course system does not say so: ISO 8601 with offset."""


@dataclass(frozen=True)
class Roster:
    """Everybody in the course."""

    students: tuple[Student, ...] = ()

    def match(self, submission_id: str, person: Person) -> Student | None:
        """Whose hand-in it is; None where nobody's or where that is not certain.

        Tried in turn: the course system's id, the number, the login, the e-mail address, the id of the
        hand-in (one given in the roster, or any of those), and the name, in either order, where one student
        only has it. Upper and lower case are the same.
        """
        for key in _KEYS:
            value = getattr(person, key).casefold()
            if value and (student := self._by_key.get((key, value))):
                return student
        id = submission_id.casefold()
        for key in ("id", *_KEYS):
            if student := self._by_key.get((key, id)):
                return student
        named = {
            i
            for form in _forms(person.name or submission_id)
            for i in self._by_name.get(form, frozenset[int]())
        }
        return self.students[named.pop()] if len(named) == 1 else None

    def absent(self, found: Iterable[tuple[str, Person]]) -> tuple[Student, ...]:
        """Those to whom none of these hand-ins, given as id and person, belongs; in the order of the roster."""
        there = [self.match(id, person) for id, person in found]
        present = {id(student) for student in there if student is not None}
        return tuple(student for student in self.students if id(student) not in present)

    @cached_property
    def _by_key(self) -> Mapping[tuple[str, str], Student]:
        return {key: student for student in self.students for key in _keys(student)}

    @cached_property
    def _by_name(self) -> Mapping[str, frozenset[int]]:
        index: dict[str, frozenset[int]] = {}
        for i, student in enumerate(self.students):
            for form in _forms(student.person.name):
                index[form] = index.get(form, frozenset()) | {i}
        return index


def read(path: Path) -> Roster:
    """Read a roster; `UsageError` with the line and the field where it cannot be understood."""
    rows = _rows(path)
    try:
        _, head = next(rows)
    except StopIteration:
        raise UsageError(f"{path}: is empty; wanted a line with the names of the columns first") from None
    columns = _columns(path, head)
    students = []
    lines: dict[tuple[str, str], int] = {}
    for line, row in rows:
        if len(row) > len(head) and any(row[len(head) :]):
            raise UsageError(
                f"{path}, line {line}: found {len(row)} cells, wanted {len(head)}, as in the first line; put "
                "quotes around a text with a delimiter in it"
            )
        cells = dict(zip(head, row, strict=False))
        if not any(cells.values()) or columns.skips(cells):
            continue
        student = _student(f"{path}, line {line}", columns.read(cells))
        for key in _keys(student):
            if lines.setdefault(key, line) != line:
                raise UsageError(
                    f"{path}, line {line}, {key[0]}: found {key[1]!r}, which line {lines[key]} has too; wanted "
                    "another for each student"
                )
        students.append(student)
    return Roster(tuple(students))


@dataclass(frozen=True)
class _Columns:
    """How the rows of one kind of list are read; names of columns are in lower case."""

    read: Callable[[Mapping[str, str]], dict[str, str]]
    """Cells by column to cells by our own names."""
    skips: Callable[[Mapping[str, str]], bool] = lambda cells: False
    """Whether a row is no student's."""


def _columns(path: Path, head: list[str]) -> _Columns:
    has = set(head)
    twice = next((name for name in head if name and head.count(name) > 1), None)
    if twice is not None and (twice in _OWN or twice in _ALIASES):
        raise UsageError(f"{path}, line 1: found the column {twice!r} twice; wanted it once")
    _no_misspelt_decision(path, head)
    if {"student", "id"} <= has:
        return _Columns(_renamed(_CANVAS), _no_student_of_canvas)
    if "github_username" in has:
        return _Columns(_from_classroom)
    if "sid" in has:
        return _Columns(_renamed(_GRADESCOPE))
    if has & {"full name", "id number", "email address", "identifier"}:
        return _Columns(_from_moodle)
    unknown = [name for name in head if name not in _OWN]
    if unknown or not has & set(_OWN[:6]):
        found = repr(unknown[0]) if unknown else ", ".join(sorted(has)) or "none"
        raise UsageError(
            f"{path}, line 1: found the column {found}, wanted some of {', '.join(_OWN)}, or the columns of a "
            "Canvas, Gradescope, Moodle or GitHub Classroom list; rename or remove it"
        )
    return _Columns(dict)


def _no_misspelt_decision(path: Path, head: list[str]) -> None:
    """A course system's list has columns that are nobody's business here; one that is nearly ours would be lost."""
    for name in head:
        near = difflib.get_close_matches(name.replace(" ", "_"), _DECISIONS, n=1, cutoff=0.8)
        if name not in _DECISIONS and near:
            raise UsageError(
                f"{path}, line 1: found the column {name!r}, wanted {near[0]!r}; rename or remove it"
            )


_CANVAS = {
    "student": "name",
    "id": "course_id",
    "sis user id": "number",
    "sis login id": "login",
    "section": "section",
}
_GRADESCOPE = {"name": "name", "sid": "number", "email": "email", "sections": "section", "section": "section"}
_MOODLE = {
    "full name": "name",
    "id number": "number",
    "email address": "email",
    "username": "login",
    "groups": "section",
    "identifier": "course_id",
}
_CLASSROOM = {"github_username": "login", "name": "name"}
_ALIASES = frozenset({*_CANVAS, *_GRADESCOPE, *_MOODLE, *_CLASSROOM, "first name", "last name", "surname"})


def _renamed(names: Mapping[str, str]) -> Callable[[Mapping[str, str]], dict[str, str]]:
    def read(cells: Mapping[str, str]) -> dict[str, str]:
        own = {key: cells[key] for key in _DECISIONS if key in cells}
        for column, key in names.items():
            own[key] = own.get(key) or cells.get(column, "")
        first, last = cells.get("first name", ""), cells.get("last name") or cells.get("surname", "")
        own["name"] = own.get("name") or " ".join(filter(None, (first, last)))
        return own

    return read


def _no_student_of_canvas(cells: Mapping[str, str]) -> bool:
    """Canvas has rows for the points possible, for posting, and for a student to try things with."""
    name = cells.get("student", "").casefold()
    if name.startswith("points possible"):
        return True
    return name == "student, test" or not (name or cells.get("id"))


def _from_moodle(cells: Mapping[str, str]) -> dict[str, str]:
    own = _renamed(_MOODLE)(cells)
    own["course_id"] = re.sub(r"\D*(\d+)\Z", r"\1", own["course_id"], flags=re.ASCII)  # "Participant 123"
    return own


def _from_classroom(cells: Mapping[str, str]) -> dict[str, str]:
    own = _renamed(_CLASSROOM)(cells)
    identifier = cells.get("identifier", "")
    own["email" if "@" in identifier else "number"] = identifier
    return own


def _student(where: str, cells: Mapping[str, str]) -> Student:
    fields = ("name", "email", "number", "login", "course_id", "section")
    person = Person(**{field: cells.get(field, "") for field in fields})
    ids = tuple(dict.fromkeys(cells.get("id", "").split()))
    if not ids and not any(getattr(person, field) for field in fields[:-1]):
        raise UsageError(
            f"{where}: found nothing that says who it is; wanted an id, a name, an e-mail or a number"
        )
    return Student(
        person,
        ids,
        _time(where, "due", cells.get("due", "")),
        _hours(where, cells.get("extension_hours", "")),
        _time(where, "submitted", cells.get("submitted", "")),
    )


def _time(where: str, field: str, text: str) -> str:
    try:
        time = datetime.fromisoformat(text) if text else None
        if time is not None and time.utcoffset() is None:
            raise ValueError
    except ValueError:
        raise UsageError(
            f"{where}, {field}: found {text[:100]!r}, wanted a time with offset such as 2026-10-01T23:59+02:00"
        ) from None
    return time.isoformat() if time is not None else ""


def _hours(where: str, text: str) -> Decimal | None:
    if not text:
        return None
    try:
        hours = Decimal(text)
        if hours.is_finite() and 0 <= hours <= MAX_HOURS:
            return hours
    except InvalidOperation:
        pass
    raise UsageError(
        f"{where}, extension_hours: found {text[:100]!r}, wanted a number of hours from 0 to {MAX_HOURS}"
    )


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Number of the line on which each row ends, and its cells without space around; the first in lower case."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE + 1)
        if len(content) > MAX_FILE:
            raise UsageError(f"{path}: has more than {MAX_FILE >> 20} MB; wanted a class list")
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8 (byte {error.start}); save it as CSV UTF-8") from None
    # A spreadsheet may say which delimiter it used.
    told = re.match(r"sep=([,;\t])\r?\n", text)
    start = told.end() if told else 0
    first = text[start:].lstrip("\r\n").partition("\n")[0]
    delimiter = told[1] if told else max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text[start:], newline=""), delimiter=delimiter, strict=True)
    before = int(told is not None)
    is_head = True
    try:
        for row in reader:
            cells = [" ".join(cell.split()) for cell in row]
            if not any(cells):
                continue
            yield reader.line_num + before, [c.casefold() for c in cells] if is_head else cells
            is_head = False
    except csv.Error as error:
        line = reader.line_num + before
        raise UsageError(f"{path}, line {line}: is no CSV ({error}); save it as CSV UTF-8 again") from None


def _keys(student: Student) -> list[tuple[str, str]]:
    """What identifies a student, as kind and value."""
    own = [(key, getattr(student.person, key).casefold()) for key in _KEYS]
    return [(key, value) for key, value in own if value] + [("id", id.casefold()) for id in student.ids]


def _forms(name: str) -> set[str]:
    """The letters of a name in both orders: of `Doe, Jane` and `Jane Doe` both `doejane` and `janedoe`."""
    family, comma, given = name.partition(",")
    if not comma:
        words = name.split()
        given, family = " ".join(words[:-1]), "".join(words[-1:])
    one, other = _letters(family), _letters(given)
    return {one + other, other + one} - {""}


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in plain if c.isalnum())
