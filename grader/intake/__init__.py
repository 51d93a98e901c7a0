"""Find the hand-ins in whatever a course system exports.

`find` tries, in this order: a folder with a module by its name is one hand-in; the exports of Gradescope,
Canvas, Moodle and GitHub Classroom; one file for each student (`flat`); one hand-in; a class, each folder
or archive in it a hand-in. An archive is unpacked and then looked at in the same way. Which file is graded,
and why, is decided by `grader.submission` in all of them; a plain folder is found as it finds it.

A hand-in can be made to look like an export, and would then give others their marks. So an export is looked for only
at the top of what the user named, and not where that is named after one student: see `_export`.

One bad hand-in has its place and its `problem`; only what the user named can be a `UsageError`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from .. import submission
from ..errors import UsageError
from ..model import Person
from ..submission import (
    MEANT_AS_MODULE,
    Submission,
    Unreadable,
    is_folder,
    may_be_member,
    names_in,
    printable,
    safe_id,
    with_note,
)
from ..unpacking.entry import BadArchive
from ..unpacking.plan import GRADABLE, is_archive, is_other_archive, stem
from . import canvas, classroom, flat, gradescope, moodle
from .archives import CLASS, unpack
from .members import from_archive, hand_in, opened
from .names import says_export, says_one_student
from .place import Desk, Place
from .place import desk as set_up

__all__ = ["Row", "describe", "find"]

_EXPORTS: tuple[Callable[[Place, Desk], list[Submission] | None], ...] = (
    gradescope.recognise,
    canvas.recognise,
    moodle.recognise,
    classroom.recognise,
    flat.recognise,
)
_OF_FOLDERS = (gradescope.recognise, moodle.recognise, classroom.recognise)
"""Those in which no answer lies at the top."""


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
    with set_up(class_name, workspace) as desk:
        return submission.with_unique_ids(_find(paths, desk))


def _find(paths: Iterable[Path], desk: Desk) -> list[Submission]:
    found: list[Submission] = []
    seen = set()
    unpacked: dict[str, Path] = {}
    for path in paths:
        if not os.path.lexists(path) or path.suffix.lower() in GRADABLE:
            found += submission.find([path], desk.class_name)
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
    return found


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
    if (found := _export(place, folder.name, desk)) is not None:
        return found
    if not names_in(folder):
        return submission.in_folder(folder, desk.class_name)  # which says what is wrong
    archives = [n for n in names_in(folder) if is_archive(n) and not is_folder(folder / n)]
    folders = [n for n in names_in(folder) if may_be_member(folder / n)]
    one = submission.hand_in(folder.name, folder, desk.class_name)
    if one is not None and one.folder != folder and archives:
        if _is_class_of_both(archives, folder.name):
            return _class(place, desk)
        return [with_note(one, f"{printable(archives[0])} beside it was left out")]
    if one is not None:
        return [submission.with_links_named(one, folder)]
    if not (archives or folders):
        return [hand_in(folder.name, place, desk)]
    if len(archives) == 1 and not folders:
        if _is_one_students(place, folder.name):
            return _of_several(folder / archives[0], folder.name, desk) or [hand_in(folder.name, place, desk)]
        if says_one_student(stem(archives[0])):
            return [from_archive(stem(archives[0]), folder / archives[0], desk)]
        return _in_archive(folder / archives[0], stem(archives[0]), desk)
    return _class(place, desk)


def _of_several(path: Path, owner: str, desk: Desk) -> list[Submission] | None:
    """What the only archive in a folder is, where it holds the files of several students, which are never one hand-in.

    One that is named as an export is; of any other a person has to say it, as `owner` may be a student's name.
    """
    try:
        found = _recognised(opened(unpack(path, CLASS, desk)), desk, strict=False)
    except BadArchive:
        return None
    if found is None or len(found.hand_ins) < 2:
        return None
    if says_export(stem(path.name)):
        return _in_archive(path, stem(path.name), desk)
    problem = (
        f"{printable(path.name)} holds files of {len(found.hand_ins)} students: if it is a class, name the archive "
        "itself, in place of the folder that it lies in"
    )
    return [Submission(safe_id(owner), desk.fresh(), None, None, problem=problem)]


def _in_archive(path: Path, name: str, desk: Desk) -> list[Submission]:
    try:
        top = unpack(path, CLASS, desk)
    except BadArchive as error:
        raise UsageError(f"{path}: cannot be unpacked: {error}; unpack it by hand, or get it anew") from None
    place = opened(top)
    names = place.names()
    if not names and not place.outside:
        raise UsageError(f"{path}: holds no Python file, no notebook and no folder; give another archive")
    if (found := _export(top, name, desk)) is None:
        one = submission.hand_in(name, place.folder, desk.class_name)
        archives = [n for n in names if is_archive(n) and not is_folder(place.folder / n)]
        several = any(is_folder(place.folder / n) for n in names) or len(archives) > 1
        if one is not None and one.folder != place.folder and archives:
            one = None if _is_class_of_both(archives, name) else one
        if one is not None or not several:
            return [hand_in(name, place, desk, origin="archive")]
        found = _class(place, desk)
    found = [replace(one, origin=one.origin or "archive") for one in found]
    if place.outside:
        first = place.outside[0]
        raise UsageError(
            f"{path}: {printable(first.path[0])}: {first.why}, so this is not the archive of a class as a course "
            "system makes it; look at it before you unpack it by hand"
        )
    return found


def _is_class_of_both(archives: list[str], name: str) -> bool:
    """Whether one folder with a hand-in and archives are a class, and not one student's with something beside it."""
    stems = {stem(one) for one in archives}
    return len(stems) > 1 or (all(map(says_one_student, stems)) and not says_one_student(name))


def _export(place: Place, name: str, desk: Desk) -> list[Submission] | None:
    """The hand-ins of an export; None where there is none in a place of that name.

    Nothing in the files tells an export from a hand-in that was made to look like one, but names may: `alice` is one
    student's, whatever is in it, and so are a clone and a folder with an answer at its top. And it is looked for in
    what the user named; in the only folder there, where that says nothing else.
    """
    whose: tuple[str, Place] | None = None
    at_top, where, own = True, place, name
    while not any(MEANT_AS_MODULE.fullmatch(one) for one in where.names()):
        if whose is None and _is_one_students(where, own):
            whose = own, where
        if found := _recognised(where, desk, strict=whose is None and at_top):
            if whose is None and at_top and not found.beside_an_answer:
                return _distinct(found.hand_ins)
            return [_doubtful(*(whose or (name, place)), desk)]
        inner = where.only_folder()
        if inner is None or not _can_be_listed(inner):
            return None
        at_top = at_top and (_plain(own) == _plain(inner.folder.name) or says_export(inner.folder.name))
        where, own = inner, inner.folder.name
    return None


def _is_one_students(place: Place, name: str) -> bool:
    return says_one_student(name) or is_folder(place.folder / ".git")


def _can_be_listed(place: Place) -> bool:
    try:
        place.names()
    except Unreadable:
        return False
    return True


def _plain(name: str) -> str:
    """A name without the numbers of copies."""
    return re.sub(r"( ?\(\d+\))+$", "", name).casefold()


@dataclass(frozen=True)
class _Recognised:
    hand_ins: list[Submission]
    beside_an_answer: bool
    """Whether a module or notebook lies at the top of folders, and is in none of them."""


def _recognised(place: Place, desk: Desk, strict: bool) -> _Recognised | None:
    """What the first course system makes of a place; what one cannot read is an error where that is `strict`."""
    for recognise in _EXPORTS:
        try:
            found = recognise(place, desk)
        except UsageError:
            if strict:
                raise
            found = []
        if found is not None:
            return _Recognised(found, recognise in _OF_FOLDERS and _has_answer(place, desk))
    return None


def _has_answer(place: Place, desk: Desk) -> bool:
    files = [name for name in place.names() if not is_folder(place.folder / name)]
    scripts = [name for name in files if name.lower().endswith(".py")]
    return any(name.lower().endswith(".ipynb") for name in files) or bool(
        submission.defining(place.folder, scripts, desk.class_name)
    )


def _doubtful(name: str, place: Place, desk: Desk) -> Submission:
    """The one hand-in that this is, though it looks like the export of several."""
    one = hand_in(name, place, desk)
    looks = (
        "it looks like the hand-ins of several students, and was taken for that of one; if it is a class, rename it to "
        "submissions, and let nothing else lie in it"
    )
    nothing = one.module is None and one.notebook is None and not one.problem
    return replace(with_note(one, looks), problem=looks[:1].upper() + looks[1:] if nothing else one.problem)


def _class(place: Place, desk: Desk) -> list[Submission]:
    """Each folder and each archive is a hand-in; of a folder and archives of one name the folder is."""
    names = place.names()
    folders = {n: n for n in names if _is_member(n, place)}
    members = dict(folders)
    for name in sorted((n for n in names if is_archive(n)), key=submission.with_numbers):
        if name not in folders and stem(name) not in folders:
            members[stem(name)] = name
    return _distinct([_one(member, name, names, place, desk) for member, name in sorted(members.items())])


def _is_member(name: str, place: Place) -> bool:
    """Whether that is a student's folder, or something that may have been one and was left out."""
    if may_be_member(place.folder / name):
        return True
    is_file = name.lower().endswith(GRADABLE) or is_archive(name) or is_other_archive(name)
    return any(len(r.path) > 1 or not is_file or "\\" in name for r in place.refused if r.path[0] == name)


def _one(member: str, name: str, names: list[str], place: Place, desk: Desk) -> Submission:
    refused = [r.why for r in place.refused if r.path == (name,)]
    if member == name and refused:
        problem = f"{printable(name)} was left out: {refused[0]}"
        one = Submission(safe_id(name), desk.fresh(), None, None, problem=problem)
    elif member == name:
        one = hand_in(member, place.below(name), desk)
    else:
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
