"""Gradescope: `Export Submissions` gives folders `submission_1234` and a list of who handed them in.

The list, `submission_metadata.yml`, is read by the confined process: see `grader.handin.unpacking.listed`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ...errors import UsageError
from ...model import Person
from ...student.program import CannotRead, TooMuch
from ..plain_files import is_folder, open_plain, printable
from ..submission import Submission
from ..unpacking.listed import FOLDER
from ..unpacking.messages import Listed, Reply, Task
from ..unpacking.plan import MAX_METADATA, METADATA, is_archive
from .archives import ONE, OURS
from .members import hand_in
from .moodle import beside
from .place import Desk, Place, id_of

ORIGIN = "Gradescope export"


def recognise(place: Place, desk: Desk) -> list[Submission] | None:
    """The hand-ins of an export, other folders beside them too; None where there is no list.

    `UsageError` where the list cannot be read.
    """
    names = place.names()
    if METADATA not in names:
        return None
    listed = {one.folder: one for one in _listed(place, desk)}
    found = [_submission(listed[name], place, desk) for name in sorted(listed)]
    others = [n for n in names if n not in listed and (is_folder(place.folder / n) or is_archive(n))]
    return [*found, *beside(others, place, desk)]


def _listed(place: Place, desk: Desk) -> tuple[Listed, ...]:
    path = place.folder / METADATA
    found: tuple[Listed, ...] = ()
    why = next((r.why for r in place.refused if r.path == (METADATA,)), "")
    if not why:
        found, why = _read(path, desk)
    if why:
        raise UsageError(
            f"{printable(str(path))}: cannot be read: {why}; export from Gradescope again, or remove it"
        )
    return found


def _read(path: Path, desk: Desk) -> tuple[tuple[Listed, ...], str]:
    """What a list holds, or why it cannot be read."""
    descriptor, why = open_plain(path, MAX_METADATA)
    if descriptor is None:
        return (), why
    try:
        return desk.opener.ask(Task("list", ONE), descriptor, _taken), ""
    except TooMuch as error:
        return (), f"it {error}"
    except CannotRead:
        return (), OURS
    except ValueError as error:
        return (), printable(str(error))
    finally:
        os.close(descriptor)


def _taken(replies: Iterable[Reply]) -> tuple[Listed, ...]:
    """The hand-ins in the list; `ValueError` with why it cannot be read."""
    found: tuple[Listed, ...] = ()
    for reply in replies:
        found += reply.listed
        if reply.bad:
            raise ValueError(reply.bad)
    if not all(FOLDER.fullmatch(one.folder) for one in found):
        raise CannotRead("reading a list gave a folder of another name")
    return found


def _submission(listed: Listed, place: Place, desk: Desk) -> Submission:
    persons = listed.persons
    first = persons[0] if persons else Person()
    notes = []
    if len(persons) > 1:
        named = ", ".join(printable(p.name or p.email or p.number or "somebody") for p in persons[:20])
        notes.append(f"handed in by a group: {named}")
    found = hand_in(
        id_of(first.name, first.number or first.email) if first.name else id_of(first.email or listed.folder),
        place.below(listed.folder),
        desk,
        person=first,
        submitted=listed.submitted,
        origin=ORIGIN,
        notes=notes,
    )
    return replace(found, partners=persons[1:])
