"""The class list: who is expected to hand in, and which hand-in is whose.

A CSV file with a row for each student. The columns of a Canvas gradebook, a Gradescope or GitHub Classroom
roster and a Moodle list of participants or grading worksheet are known by their names, in any order, and so
are our own: `id,name,email,number,login,course_id,section,due,extension_hours,submitted`. The last three may
stand in any of them.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from itertools import islice
from pathlib import Path

from ..errors import UsageError
from ..model import Person
from . import tables

MAX_HOURS = 100_000
_DECISIONS = ("due", "extension_hours", "submitted")
_KEYS = ("course_id", "number", "login", "email")
_SPOKEN = {"course_id": "id in the course", "number": "number", "login": "login", "email": "e-mail address"}
MOST_WRONG = 20
"""Rows that cannot be understood that are named."""
MOST_NEAR = 3
"""Students who may be meant that are named."""
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
        only has it. Whatever agrees, nobody is taken of whom a key of these kinds is known on both sides and differs.
        """
        agreeing = self._agreeing(submission_id, person)
        return agreeing if agreeing is not None and not contradicts(agreeing.person, person) else None

    def _agreeing(self, submission_id: str, person: Person) -> Student | None:
        """The student whom the strongest key that anybody has names."""
        for key in _KEYS:
            value = _folded(key, getattr(person, key))
            if value and (student := self._by_key.get((key, value))):
                return student
        for key in ("id", *_KEYS):
            if student := self._by_key.get((key, _folded(key, submission_id))):
                return student
        named = {
            i
            for form in _forms(person.name or submission_id)
            for i in self._by_name.get(form, frozenset[int]())
        }
        return self.students[named.pop()] if len(named) == 1 else None

    def near(self, submission_id: str, person: Person) -> tuple[tuple[Student, str], ...]:
        """Those who may be meant where `match` finds nobody, and why none of them is taken; the first few."""
        found = ((student, _why_not(student.person, submission_id, person)) for student in self.students)
        return tuple(islice(((student, why) for student, why in found if why), MOST_NEAR))

    def strangers(self, found: Iterable[tuple[str, Person]]) -> dict[str, str]:
        """The hand-ins that are on nobody's row, by id, and who may be meant, as a sentence without full stop."""
        told = {}
        for id, person in found:
            if self.match(id, person) is None:
                near = [f"{_who(student.person)}, but {why}" for student, why in self.near(id, person)]
                told[id] = f"perhaps of {'; or of '.join(near)}" if near else "nobody on it is like that"
        return told

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
    """Read a roster; `UsageError` with the line and the field of all that cannot be understood.

    One wrong row is enough: without it somebody's hand-in would be a stranger's, and somebody's extension lost.
    """
    rows = _rows(path)
    try:
        _, head = next(rows)
    except StopIteration:
        raise UsageError(f"{path}: is empty; wanted a line with the names of the columns first") from None
    columns = _columns(path, head)
    students, wrong = [], []
    lines: dict[tuple[str, str], int] = {}
    for line, row in rows:
        try:
            student = _read_row(f"{path}, line {line}", head, row, columns)
            if student is not None:
                _no_key_twice(f"{path}, line {line}", student, line, lines)
                students.append(student)
        except UsageError as trouble:
            wrong.append(str(trouble))
    if wrong:
        more = [f"and {len(wrong) - MOST_WRONG} more"] if len(wrong) > MOST_WRONG else []
        raise UsageError("\n".join([*wrong[:MOST_WRONG], *more]))
    return Roster(tuple(students))


def _read_row(where: str, head: list[str], row: list[str], columns: _Columns) -> Student | None:
    """The student of one row; None where it is nobody's."""
    if len(row) > len(head) and any(row[len(head) :]):
        raise UsageError(
            f"{where}: found {len(row)} cells, wanted {len(head)}, as in the first line; put quotes around a text "
            "with a delimiter in it"
        )
    cells = dict(zip(head, row, strict=False))
    if not any(cells.values()) or columns.skips(cells):
        return None
    return _student(where, columns.read(cells))


def _no_key_twice(where: str, student: Student, line: int, lines: dict[tuple[str, str], int]) -> None:
    for key in [(kind, value.casefold()) for kind, value in _keys(student)]:
        if lines.setdefault(key, line) != line:
            raise UsageError(
                f"{where}, {key[0]}: found {key[1]!r}, which line {lines[key]} has too; wanted another for each "
                "student"
            )


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
    hours = tables.number(text)
    if hours is not None and hours.is_finite() and 0 <= hours <= MAX_HOURS:
        return hours
    raise UsageError(
        f"{where}, extension_hours: found {text[:100]!r}, wanted a number of hours from 0 to {MAX_HOURS}"
    )


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Number of the line on which each row ends, and its cells without space around; the first in lower case."""
    is_head = True
    for row in tables.read(path, "a class list"):
        cells = [" ".join(cell.split()) for cell in row.cells]
        yield row.line, [c.casefold() for c in cells] if is_head else cells
        is_head = False


def contradicts(one: Person, other: Person) -> bool:
    """Whether a key of one kind is known of both and differs: then they are two persons, whatever they are called."""
    return any(
        a and b and a != b
        for a, b in ((_folded(key, getattr(p, key)) for p in (one, other)) for key in _KEYS)
    )


def keys_of(person: Person) -> Iterator[tuple[str, str]]:
    """What tells somebody from all others, as pairs of kind and value; a name does not."""
    return ((key, _folded(key, value)) for key in _KEYS if (value := getattr(person, key)))


def _folded(key: str, value: str) -> str:
    """A key for comparing: upper and lower case are the same but in e-mail addresses, where nobody promises that."""
    return value if key == "email" else value.casefold()


def _why_not(known: Person, submission_id: str, person: Person) -> str:
    """Why somebody on the roster who is nearly that person is not taken; empty where nothing is near."""
    for key in _KEYS:
        ours = getattr(known, key)
        for theirs in filter(None, (getattr(person, key), submission_id)):
            if ours and ours != theirs and _loose(ours) == _loose(theirs):
                return f"the {_SPOKEN[key]} is {ours!r} there and {theirs!r} here"
    name = person.name or submission_id
    same = bool(_forms(known.name) & _forms(name))
    for key in _KEYS:
        ours, theirs = getattr(known, key), getattr(person, key)
        if same and ours and theirs and _folded(key, ours) != _folded(key, theirs):
            return f"the {_SPOKEN[key]} is {ours!r} there and {theirs!r} here"
    ours_words, their_words = _words(known.name), _words(name)
    fewer = min(ours_words, their_words, key=len)
    if (
        len(fewer) > 1
        and fewer <= (ours_words | their_words)
        and (ours_words <= their_words or their_words <= ours_words)
    ):
        return (
            f"the name is {known.name!r} there and {name!r} here" if not same else "others have that name too"
        )
    return ""


def _loose(value: str) -> str:
    """What is the same in near matches: leading zeros, and upper and lower case."""
    return value.casefold().lstrip("0")


def _words(name: str) -> frozenset[str]:
    return frozenset(filter(None, (_letters(word) for word in re.split(r"[\W_]+", name))))


def _who(person: Person) -> str:
    others = (person.number, person.login, person.email, person.course_id)
    known = next(filter(None, others), "")
    return f"{person.name} ({known})" if person.name and known else person.name or known


def _keys(student: Student) -> list[tuple[str, str]]:
    """What identifies a student, as kind and value."""
    own = [(key, _folded(key, getattr(student.person, key))) for key in _KEYS]
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
