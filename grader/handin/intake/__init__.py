"""Find the hand-ins in whatever a course system exports.

`find` tries, in this order: a folder with a module by its name is one hand-in; the exports of Gradescope,
Canvas, Moodle and GitHub Classroom; one file for each student (`flat`); one hand-in; a class, each folder
or archive in it a hand-in. An archive is unpacked and then looked at in the same way. Which file is graded,
and why, is decided by `grader.handin.search` in all of them; a plain folder is found as it finds it.

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

from ...errors import UsageError
from ...model import Person
from ..caps import MAX_FILES, TOOLS
from ..plain_files import Unreadable, is_folder, names_in, printable
from ..search import Wanted, is_meant_as, newness
from ..submission import Submission, safe_id
from ..unpacking.entry import BadArchive
from ..unpacking.plan import GRADABLE, is_archive, is_other_archive, stem
from . import canvas, classroom, flat, gradescope, moodle
from .archives import CLASS, unpack
from .members import from_archive, hand_in
from .names import says_export, says_one_student, telling_words
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


def find(paths: Iterable[Path], wanted: Wanted, workspace: Path) -> list[Submission]:
    """Find the hand-ins at `paths`, in order; `UsageError` for a path that is not there or makes no sense.

    `workspace` is a private folder that lives as long as the run: archives and single files come into new folders in
    it.
    """
    with set_up(wanted, workspace) as desk:
        return with_unique_ids(_find(paths, desk))


def _find(paths: Iterable[Path], desk: Desk) -> list[Submission]:
    found: list[Submission] = []
    seen = set()
    unpacked: dict[str, Path] = {}
    for path in paths:
        if not os.path.lexists(path):
            raise UsageError(f"{path}: no such file or folder; give the folder of a hand-in or of a class")
        if path.suffix.lower() in GRADABLE and not os.path.isdir(path):  # noqa: PTH112 -- never an exception
            found.append(_file(path))
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


def _file(path: Path) -> Submission:
    """The hand-in that is one file: it is graded as what it is, whatever it is called."""
    is_module = path.suffix.lower() == ".py"
    parent = path.parent.resolve()
    return Submission(
        safe_id(parent.name), parent, path.name if is_module else None, None if is_module else path.name
    )


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
            tuple(
                printable(text)
                for text in dict.fromkeys((one.problem or one.notebook_problem, *one.notes))
                if text
            ),
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
    if not any(folder.iterdir()):
        raise UsageError(f"{folder}: the folder is empty; give the folder of a hand-in or of a class")
    names = names_in(folder)
    archives = [n for n in names if is_archive(n) and not is_folder(folder / n)]
    if (
        len(archives) == 1
        and not any(may_be_member(folder / n) for n in names)
        and not _answer_at_top(place, desk)
    ):
        if _is_one_students(place, folder.name):
            return _of_several(folder / archives[0], folder.name, desk) or [hand_in(folder.name, place, desk)]
        if says_one_student(stem(archives[0])):
            return [from_archive(stem(archives[0]), folder / archives[0], desk)]
        return _in_archive(folder / archives[0], stem(archives[0]), desk)
    return _one_or_class(place, folder.name, desk)


def _of_several(path: Path, owner: str, desk: Desk) -> list[Submission] | None:
    """What the only archive in a folder is, where it holds the files of several students, which are never one hand-in.

    A person has to say so: in the folder of a student no archive is ever taken for a class, whatever it is called.
    """
    try:
        found = _recognised(unpack(path, CLASS, desk), desk, strict=False)
    except BadArchive:
        return None
    if found is None or len(found.hand_ins) < 2:
        return None
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
    if not any(top.folder.iterdir()) and not top.refused and not top.outside:
        raise UsageError(f"{path}: holds no file and no folder; give another archive")
    if (found := _export(top, name, desk)) is None:
        found = _one_or_class(top, name, desk)
        if len(found) == 1 and found[0].id == safe_id(name):
            return [replace(found[0], origin=found[0].origin or "archive")]
    found = [replace(one, origin=one.origin or "archive") for one in found]
    if top.outside:
        first = top.outside[0]
        raise UsageError(
            f"{path}: {printable(first.path[0])}: {first.why}, so this is not the archive of a class as a course "
            "system makes it; look at it before you unpack it by hand"
        )
    return found


def _one_or_class(place: Place, name: str, desk: Desk) -> list[Submission]:
    """One hand-in where an answer lies at the top, or nothing there is named as a student may be; else a class."""
    top, own = place, name
    while (inner := place.only_folder()) is not None and _can_be_listed(inner):
        if says_export(own):
            top, own = inner, inner.folder.name
        place = inner
    if _answer_at_top(place, desk) or not _is_class(place, own if place is top else place.folder.name):
        return [hand_in(own, top, desk)]
    return _class(place, desk)


def _is_class(place: Place, name: str) -> bool:
    """Whether two of the folders and archives there are named as students may be; one where it is called an export."""
    members = [n for n in place.names() if _is_member(n, place)]
    members += [stem(n) for n in place.names() if is_archive(n) and not is_folder(place.folder / n)]
    students = {m for m in members if telling_words(m) or m.isdecimal() or says_one_student(m)}
    return len(students) > 1 or (bool(students) and says_export(name))


def _answer_at_top(place: Place, desk: Desk) -> bool:
    """Whether a module or a notebook lies directly there."""
    files = [name for name in place.names() if not is_folder(place.folder / name)]
    return any(is_meant_as(name, desk.wanted.entry.module) for name in files) or _has_answer(place, desk)


def _export(place: Place, name: str, desk: Desk) -> list[Submission] | None:
    """The hand-ins of an export; None where there is none in a place of that name.

    Nothing in the files tells an export from a hand-in that was made to look like one, but names may: `alice` is one
    student's, whatever is in it, and so are a clone and a folder with an answer at its top. And it is looked for in
    what the user named; in the only folder there, where that says nothing else.
    """
    whose: tuple[str, Place] | None = None
    at_top, where, own = True, place, name
    while not any(is_meant_as(one, desk.wanted.entry.module) for one in where.names()):
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
    files = [n for n in place.names() if not is_folder(place.folder / n) and not moodle.is_file(n)]
    scripts = [place.folder / name for name in files if name.lower().endswith(".py")]
    return any(name.lower().endswith(".ipynb") for name in files) or any(
        desk.wanted.facts(path).defines for path in scripts[:MAX_FILES]
    )


def _doubtful(name: str, place: Place, desk: Desk) -> Submission:
    """The one hand-in that this is, though it looks like the export of several."""
    one = hand_in(name, place, desk)
    looks = (
        "it looks like the hand-ins of several students, and was taken for that of one; if it is a class, rename it to "
        "submissions, and let nothing else lie in it"
    )
    doubtful = looks[:1].upper() + looks[1:]
    deeper = one.module is None or one.folder != place.folder
    return replace(one, notes=(*one.notes, looks), problem=one.problem or (doubtful if deeper else ""))


def _class(place: Place, desk: Desk) -> list[Submission]:
    """Each folder and each archive is a hand-in; of a folder and archives of one name the folder is."""
    names = place.names()
    folders = {n: n for n in names if _is_member(n, place)}
    members = dict(folders)
    for name in sorted((n for n in names if is_archive(n)), key=lambda n: newness(stem(n)), reverse=True):
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


def may_be_member(path: Path) -> bool:
    """Whether that is a folder, or a link to one or to nothing: such a link is named as a hand-in, and not followed."""
    # `os.path`, unlike `Path`, raises for no name.
    leads_nowhere = os.path.islink(path) and not os.path.exists(path)  # noqa: PTH110, PTH114
    return (os.path.isdir(path) and path.name not in TOOLS) or (leads_nowhere and not path.suffix)  # noqa: PTH112


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


def with_unique_ids(found: list[Submission]) -> list[Submission]:
    """One hand-in for each id. Two paths into one folder are one: the module by one, the notebook by the other."""
    kept: dict[str, Submission] = {}
    for one in found:
        known = kept.setdefault(one.id, one)
        if known.folder != one.folder:
            raise UsageError(
                f"{one.folder} and {known.folder} have the same name, {one.id}: their reports would overwrite "
                "each other; grade them with two commands and two --out folders"
            )
        module = known.module or one.module
        notebook = known.notebook or one.notebook
        if (one.module or module, one.notebook or notebook) != (module, notebook):
            raise UsageError(
                f"{one.folder}: two modules or two notebooks of one folder; give the folder itself"
            )
        notes = tuple(dict.fromkeys((*known.notes, *one.notes)))
        kept[one.id] = replace(known, module=module, notebook=notebook, notes=notes)
    return list(kept.values())
