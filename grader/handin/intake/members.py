"""One hand-in of a class: a folder or an archive, whatever is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...model import Person
from ..plain_files import Unreadable, is_folder, printable
from ..search import (
    Candidate,
    Choice,
    Entry,
    Found,
    Tree,
    choose,
    family,
    found_in,
    is_meant_as,
    listed,
    newness,
    search,
)
from ..submission import Submission, safe_id
from ..unpacking.entry import BadArchive
from ..unpacking.plan import COMPRESSED, GRADABLE, NOT_READ, is_archive, is_other_archive, stem
from .archives import ONE, unpack
from .place import Desk, Place, Refused

MAX_ARCHIVES = 20
"""Archives of one hand-in, or in one of its archives, that are opened."""
MAX_WITHIN = 3
"""Archives within one another."""
MAX_SAID = 5
"""Files left out of a hand-in that are named one by one."""


def hand_in(
    name: str,
    place: Place,
    desk: Desk,
    *,
    archives: Mapping[str, Path] | None = None,
    person: Person | None = None,
    submitted: str = "",
    origin: str = "",
    notes: Sequence[str] = (),
    module: str = "",
) -> Submission:
    """The hand-in in a folder, in whatever folders and archives there.

    `archives` are further ones, by the name they were handed in under; `module` is what the module may be called beside
    its own name. Never an exception for what it holds.
    """
    if place.refused and not os.path.lexists(place.folder):
        place = replace(
            place, folder=desk.fresh()
        )  # its folder could not be made: what was to be in it is said
    try:
        if place.folder.is_symlink():
            raise Unreadable(place.folder, "it is a symbolic link")
        one = _searched(name, place, desk, archives, module)
    except Unreadable as error:
        one = Submission(safe_id(name), place.folder, None, None, problem=error.reason)
    return replace(
        one,
        notes=(*notes, *one.notes),
        person=person or Person(),
        submitted=submitted,
        origin=origin,
    )


def _searched(
    name: str, place: Place, desk: Desk, given: Mapping[str, Path] | None, module: str
) -> Submission:
    top = listed(place.folder)
    extra = tuple(Entry((n,), path) for n, path in sorted((given or {}).items()))
    unpacked = Unpacked([replace(top, entries=(*top.entries, *extra))], [*place.refused, *place.outside], [])
    found = found_in(unpacked.entries, desk.wanted, desk.look, module)
    for archive in _to_open(unpacked.entries):
        if found.is_filled and found.notebook.meant is not None:
            break
        if unpacked.add(archive, desk):
            found = found_in(unpacked.entries, desk.wanted, desk.look, module)
    one = search(name, place.folder, unpacked.trees, found, desk.wanted, unpacked.opened)
    closed = [Refused(path, why) for tree in unpacked.trees for path, why in tree.closed]
    others = [Refused(e.path, NOT_READ) for e in unpacked.entries if _is_other(e.name, one, desk)]
    return _said(one, [*unpacked.refused, *closed, *others], found, desk)


def _is_other(name: str, one: Submission, desk: Desk) -> bool:
    """Whether that is an archive which cannot be opened, and which may hold what is missing."""
    if not is_other_archive(name) or one.module is not None:
        return False
    return one.notebook is None or not name.lower().endswith(COMPRESSED) or desk.wanted.may_be_code(name)


def _to_open(entries: Sequence[Entry]) -> Iterator[Entry]:
    """The archives of a hand-in, copies of one by their age, the newest first."""
    archives = [one for one in entries if is_archive(one.name) and not is_folder(one.real)]
    archives.sort(key=lambda one: newness(stem(one.name)), reverse=True)
    yield from sorted(archives, key=lambda one: len(one.path))[:MAX_ARCHIVES]


@dataclass
class Unpacked:
    """The folder of a hand-in, and what was unpacked of the archives in it."""

    trees: list[Tree]
    refused: list[Refused]
    opened: list[Entry]
    gave: set[tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=set)
    """Folder and family of those that held something that may be graded."""

    @property
    def entries(self) -> list[Entry]:
        """All files but the archives that were opened."""
        return [one for tree in self.trees for one in tree.entries if one not in self.opened]

    def add(self, archive: Entry, desk: Desk, depth: int = 1) -> bool:
        """Open an archive, and those in it; whether that gave anything that may be graded.

        One that is an older copy of one that did is left closed.
        """
        own = (archive.folder, family(stem(archive.name)))
        if own in self.gave:
            return False
        try:
            place = unpack(archive.real, ONE, desk)
        except BadArchive as error:
            self.refused.append(Refused(archive.path, str(error)))
            return False
        tree = listed(place.folder, archive.path)
        within = [one for one in tree.entries if is_archive(one.name)] if depth < MAX_WITHIN else []
        gave = any(one.name.lower().endswith(GRADABLE) for one in tree.entries)
        self.refused += (replace(r, path=(*archive.path, *r.path)) for r in (*place.refused, *place.outside))
        self.trees.append(tree)
        for inner in _to_open(within):
            gave = self.add(inner, desk, depth + 1) or gave
        if gave:
            self.gave.add(own)
        if tree.entries or place.refused:
            self.opened.append(archive)
        return gave


def from_archive(name: str, path: Path, desk: Desk) -> Submission:
    """The hand-in in the archive of one student."""
    try:
        place = unpack(path, ONE, desk)
    except BadArchive as error:
        problem = f"{printable(path.name)} cannot be unpacked: {error}"
        return Submission(safe_id(name), desk.fresh(), None, None, problem=problem, origin="archive")
    return hand_in(name, place, desk, archives={}, origin="archive")


def _said(one: Submission, refused: Sequence[Refused], found: Found, desk: Desk) -> Submission:
    """The hand-in with notes on what was left out, and a problem where that may have been an answer.

    What leads out of an archive was no honest answer; it matters only where nothing else is there.
    """
    if not refused:
        return one
    said = [_left_out(r) for r in refused[:MAX_SAID]]
    if len(refused) > MAX_SAID:
        said.append(f"{len(refused) - MAX_SAID} more were left out")
    answers = [r for r in refused if r.answer]
    lost = {r.path[-1] for r in answers if _may_be_answer(r.path[-1], desk)}
    notebooks = {name for name in lost if name.lower().endswith(".ipynb")}
    nothing = one.module is None and one.notebook is None
    gap = (one.module is None and bool(lost - notebooks)) or (one.notebook is None and bool(notebooks))
    before = [
        *_before(answers, found.module, found.is_filled, desk.wanted.entry.module),
        *_before(answers, found.notebook, True, desk.wanted.notebook_name),
    ]
    problem = one.problem
    if (nothing or gap or before) and not found.module.several:
        problem = _left_out(before[0]) if before else said[0]
    return replace(one, notes=(*one.notes, *said), problem=problem)


def _left_out(one: Refused) -> str:
    return f"{printable('/'.join(one.path))} was left out: {one.why}"


def _before(lost: Sequence[Refused], choice: Choice, is_answer: bool, wanted: str) -> list[Refused]:
    """Those that may have been taken in place of what was chosen, had they been read.

    `is_answer`: whether what was chosen holds an answer; else only one that is named as the `wanted` file may.
    """
    if choice.meant is None:
        return []
    ending = wanted.rpartition(".")[2]
    rivals = {
        Entry(r.path, Path()): r
        for r in lost
        if r.path[-1].lower().endswith(f".{ending}")
        and not (is_answer and not is_meant_as(r.path[-1], wanted))
    }
    taken = Candidate(choice.meant, "", handed_out=not is_answer)
    again = choose([taken, *(Candidate(one, repr(one.path)) for one in rivals)], wanted)
    return [r for one, r in rivals.items() if one is again.meant or one in again.several]


def _may_be_answer(name: str, desk: Desk) -> bool:
    """Whether a file or folder of that name may hold the module or the notebook."""
    plain = name.lower()
    return (
        plain.endswith(GRADABLE)
        or is_archive(plain)
        or is_other_archive(plain)
        or desk.wanted.may_be_code(name)
        or "." not in name
    )
