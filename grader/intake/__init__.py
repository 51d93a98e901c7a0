"""Find the hand-ins in whatever a course system exports.

`find` tries, in this order: a folder with a module by its name is one hand-in; the exports of Gradescope,
Canvas, Moodle and GitHub Classroom; one file for each student (`flat`); one hand-in; a class, each folder
or archive in it a hand-in. An archive is unpacked and then looked at in the same way. Which file is graded,
and why, is decided by `grader.submission` in all of them; a plain folder is found as it finds it.

One bad hand-in has its place and its `problem`; only what the user named can be a `UsageError`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from .. import submission
from ..errors import UsageError
from ..model import Person
from ..submission import MEANT_AS_MODULE, Submission, is_folder, names_in, printable, with_note
from . import canvas, classroom, flat, gradescope, moodle
from .archives import CLASS, is_archive, stem, unpack
from .entry import BadArchive
from .members import from_archive, hand_in, opened
from .place import GRADABLE, Desk, Place

__all__ = ["Row", "describe", "find"]

_EXPORTS: tuple[Callable[[Place, Desk], list[Submission] | None], ...] = (
    gradescope.recognise,
    canvas.recognise,
    moodle.recognise,
    classroom.recognise,
    flat.recognise,
)


@dataclass(frozen=True)
class Row:
    """One hand-in as `grade intake --list` shows it: texts without control characters."""

    id: str
    who: str
    """Name and, in brackets, what else identifies the person; empty where nothing is known."""
    module: str
    notebook: str
    how: str
    """How it was recognised."""
    submitted: str
    remarks: tuple[str, ...]
    """The problem first, if there is one, then the notes."""
    problem: bool
    """Whether a person has to look before anything can be graded."""


def find(paths: Iterable[Path], class_name: str, workspace: Path) -> list[Submission]:
    """Find the hand-ins at `paths`, in order; `UsageError` for a path that is not there or makes no sense.

    `class_name` recognises a module under another name. `workspace` is a private folder that lives as long
    as the run: archives and single files come into new folders in it.
    """
    desk = Desk(class_name, workspace)
    found: list[Submission] = []
    seen = set()
    unpacked: dict[str, Path] = {}
    for path in paths:
        if not os.path.lexists(path) or path.suffix.lower() in GRADABLE:
            found += submission.find([path], class_name)
            continue
        real = path.resolve()
        if real not in seen:
            seen.add(real)
            here = _at(path, real, desk)
            for one in here:
                if one.origin and unpacked.setdefault(one.id, path) != path:
                    raise UsageError(
                        f"{path} and {unpacked[one.id]}: both have a hand-in {one.id}, and their reports would "
                        "overwrite each other; grade them with two commands and two --out folders"
                    )
            found += here
    return submission.with_unique_ids(found)


def describe(found: Iterable[Submission]) -> list[Row]:
    """What would be graded and why, a row for each hand-in."""
    return [
        Row(
            one.id,
            _who(one.person),
            printable(one.module or ""),
            printable(one.notebook or ""),
            one.origin or "folder",
            printable(one.submitted),
            tuple(printable(text) for text in ([one.problem] if one.problem else []) + [*one.notes]),
            bool(one.problem),
        )
        for one in found
    ]


def _who(person: Person) -> str:
    others = (person.login, person.email, person.number, person.course_id, person.section)
    inside = ", ".join(printable(text) for text in others if text)
    return f"{printable(person.name)} ({inside})".strip() if inside else printable(person.name)


def _at(path: Path, real: Path, desk: Desk) -> list[Submission]:
    if os.path.isdir(real):  # noqa: PTH112 -- unlike Path.is_dir, never an exception
        return _in_folder(real, desk)
    if is_archive(path.name):
        return _in_archive(real, stem(path.name), desk)
    raise UsageError(
        f"{path}: neither a folder, a .py or .ipynb file, nor an archive (.zip, .tar, .tar.gz, .tgz, .tar.xz, "
        ".tar.bz2); give one of these"
    )


def _in_folder(folder: Path, desk: Desk) -> list[Submission]:
    place = Place(folder)
    if (found := _export(place, desk)) is not None:
        return found
    if not names_in(folder):
        return submission.in_folder(folder, desk.class_name)  # which says what is wrong
    archives = [n for n in names_in(folder) if is_archive(n) and not is_folder(folder / n)]
    folders = [n for n in names_in(folder) if is_folder(folder / n)]
    one = submission.hand_in(folder.name, folder, desk.class_name)
    if one is not None and one.folder != folder and archives:
        # One folder and archives: a class of both, or the hand-in of one student with something beside it.
        if len({stem(name) for name in archives}) > 1:
            return _class(place, desk)
        return [with_note(one, f"{printable(archives[0])} beside it was left out")]
    if one is not None:
        return [one]
    if not (archives or folders):
        return [hand_in(folder.name, place, desk)]
    if len(archives) == 1 and not folders:
        return _in_archive(folder / archives[0], stem(archives[0]), desk)
    return _class(place, desk)


def _in_archive(path: Path, name: str, desk: Desk) -> list[Submission]:
    try:
        place = opened(unpack(path, CLASS, desk))
    except BadArchive as error:
        raise UsageError(f"{path}: cannot be unpacked: {error}; unpack it by hand, or get it anew") from None
    names = place.names()
    if not names and not place.outside:
        raise UsageError(f"{path}: holds no Python file, no notebook and no folder; give another archive")
    if (found := _export(place, desk)) is None:
        one = submission.hand_in(name, place.folder, desk.class_name)
        several = any(is_folder(place.folder / n) for n in names) or sum(map(is_archive, names)) > 1
        if one is not None or not several:
            return [hand_in(name, place, desk, origin="archive")]
        found = [replace(one, origin="archive") for one in _class(place, desk)]
    if place.outside:
        first = place.outside[0]
        raise UsageError(
            f"{path}: {printable(first.path[0])}: {first.why}, so this is not the archive of a class as a course "
            "system makes it; look at it before you unpack it by hand"
        )
    return found


def _export(place: Place, desk: Desk) -> list[Submission] | None:
    """The hand-ins of an export, which may lie in the only folder there; None where it is none."""
    for where in (place, place.only_folder()):
        if where is None or any(MEANT_AS_MODULE.fullmatch(name) for name in where.names()):
            return None
        for recognise in _EXPORTS:
            if (found := recognise(where, desk)) is not None:
                return _distinct(found)
    return None


def _class(place: Place, desk: Desk) -> list[Submission]:
    """Each folder and each archive is a hand-in; of a folder and archives of one name the folder is."""
    names = place.names()
    members = {n: n for n in names if os.path.isdir(place.folder / n)}  # noqa: PTH112 -- never an exception
    for name in sorted((n for n in names if is_archive(n)), key=submission.with_numbers):
        if name not in members and not os.path.isdir(place.folder / stem(name)):  # noqa: PTH112
            members[stem(name)] = name
    return _distinct([_one(member, name, names, place, desk) for member, name in sorted(members.items())])


def _one(member: str, name: str, names: list[str], place: Place, desk: Desk) -> Submission:
    if member == name:
        one = hand_in(member, place.below(name), desk)
    else:
        refused = [r.why for r in place.refused if r.path == (name,)]
        one = from_archive(member, place.folder / name, desk)
        if refused:
            one = replace(one, problem=f"{printable(name)} cannot be unpacked: {refused[0]}")
    others = [n for n in names if n != name and is_archive(n) and stem(n) == member]
    return replace(
        one, notes=(*one.notes, *(f"{printable(n)} was left out: there is {printable(name)}" for n in others))
    )


def _distinct(found: list[Submission]) -> list[Submission]:
    """The same with a number added to each id that is there already."""
    ids: set[str] = set()
    distinct = []
    for one in found:
        id, number = one.id, 1
        while id in ids:
            number += 1
            id = f"{one.id}-{number}"
        ids.add(id)
        distinct.append(replace(one, id=id))
    return distinct
