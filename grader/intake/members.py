"""One hand-in of a class: a folder or an archive, whatever is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from .. import submission
from ..model import Person
from ..shortage import shortage
from ..submission import Submission, Unreadable, is_folder, names_in, printable, read_plain, safe_id
from ..unpacking.entry import BadArchive
from ..unpacking.plan import NOT_READ, is_archive, is_other_archive
from .archives import ONE, unpack
from .place import Desk, Place, Refused, writing

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
) -> Submission:
    """The hand-in in a folder; where it has no module, an archive in it is unpacked too.

    `archives` are those to look at instead of the ones in the folder. Never an exception for what it holds.
    """
    if place.refused and not os.path.lexists(place.folder):
        place = replace(
            place, folder=desk.fresh()
        )  # its folder could not be made: what was to be in it is said
    one = submission.member(name, place.folder, desk.class_name)
    refused = place.refused
    if one.module is None and not one.problem:
        found = _archives_in(place.folder) if archives is None else archives
        refused += tuple(Refused((n,), NOT_READ) for n in _names(place.folder) if is_other_archive(n))
        if found:
            one, more = _with_archive(one, found, name, desk)
            refused += more
    one = _said(one, (*refused, *place.outside))
    return replace(
        one,
        notes=(*notes, *one.notes),
        person=person or Person(),
        submitted=submitted,
        origin=origin,
    )


def from_archive(name: str, path: Path, desk: Desk) -> Submission:
    """The hand-in in the archive of one student."""
    try:
        place = opened(unpack(path, ONE, desk))
    except BadArchive as error:
        problem = f"{printable(path.name)} cannot be unpacked: {error}"
        return Submission(safe_id(name), desk.fresh(), None, None, problem=problem, origin="archive")
    return hand_in(name, place, desk, archives={}, origin="archive")


def opened(place: Place) -> Place:
    """What an archive holds, without the folders around all of it."""
    while (inner := place.only_folder()) is not None:
        place = inner
    return place


def _names(folder: Path) -> list[str]:
    try:
        return names_in(folder)
    except Unreadable:
        return []


def _archives_in(folder: Path) -> dict[str, Path]:
    return {n: folder / n for n in _names(folder) if is_archive(n) and not is_folder(folder / n)}


def _with_archive(
    one: Submission, archives: Mapping[str, Path], name: str, desk: Desk
) -> tuple[Submission, tuple[Refused, ...]]:
    """The hand-in with what the last of the archives holds, and what was refused of that."""
    # Of several numbered copies the last is the latest download, as with modules.
    chosen = max(archives, key=submission.with_numbers)
    try:
        place = opened(unpack(archives[chosen], ONE, desk))
    except BadArchive as error:
        return one, (Refused((chosen,), str(error)),)
    inner = submission.member(name, place.folder, desk.class_name)
    refused = (*place.refused, *place.outside)
    if one.notebook is not None and inner.module is None:
        return one, ()  # an archive of data, say
    others = f" (of {len(archives)} archives)" if len(archives) > 1 else ""
    note = f"unpacked from {printable(chosen)}{others}"
    if one.notebook is not None:
        inner, more = _with_notebook(inner, one)
        refused += more
    return replace(inner, notes=(note, *one.notes, *inner.notes)), refused


def _with_notebook(inner: Submission, one: Submission) -> tuple[Submission, tuple[Refused, ...]]:
    """An unpacked module with the notebook that lay beside the archive."""
    name = str(one.notebook)
    content, why = read_plain(one.folder / name, submission.MAX_NOTEBOOK)
    if why:
        return replace(inner, notebook=None), (Refused((name,), why),)
    try:
        with writing():
            (inner.folder / name).unlink(missing_ok=True)
            (inner.folder / name).write_bytes(content)
            (inner.folder / name).chmod(0o644)
    except OSError as error:  # a folder of that name, say
        if shortage(error):
            raise
        return replace(inner, notebook=None), (Refused((name,), f"it cannot be copied ({error.strerror})"),)
    return replace(inner, notebook=name), ()


def _said(one: Submission, refused: Sequence[Refused]) -> Submission:
    """The hand-in with notes on what was left out, and a problem where that may have been an answer.

    What leads out of an archive was no honest answer; it matters only where nothing else is there.
    """
    if not refused or one.problem:
        return one
    said = [f"{printable('/'.join(r.path))} was left out: {r.why}" for r in refused[:MAX_SAID]]
    if len(refused) > MAX_SAID:
        said.append(f"{len(refused) - MAX_SAID} more were left out")
    lost = {r.path[-1].lower().rpartition(".")[2] for r in refused if r.answer}
    nothing = one.module is None and one.notebook is None
    gap = (one.module is None and bool(lost - {"ipynb"})) or (one.notebook is None and "ipynb" in lost)
    problem = said[0] if nothing or gap else ""
    return replace(one, notes=(*one.notes, *said), problem=problem)
