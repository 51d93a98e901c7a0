"""Moodle: `Download all submissions`, in folders or without.

Their names are `Jane Doe_12345_assignsubmission_file_`: the name, the participant's number, and what kind of
hand-in it is; `onlinetext` is a text typed into Moodle. Without folders each file's own name follows that.
"""

from __future__ import annotations

import re

from ...model import Person
from ..plain_files import is_folder
from ..submission import Submission
from ..unpacking.plan import is_archive, stem
from .members import from_archive, hand_in
from .place import Desk, Place, collect, id_of

ORIGIN = "Moodle download"
_NAME = re.compile(
    r"(?P<name>.{1,200})_(?P<participant>\d{1,19})_assignsubmission_(?P<kind>file|onlinetext)_?",
    re.DOTALL | re.ASCII,
)
_FILE = re.compile(_NAME.pattern.removesuffix("_?") + "_(?P<file>.+)", re.DOTALL | re.ASCII)
"""A file of a download without folders."""


def is_file(name: str) -> bool:
    """Whether a file is called as those of a download without folders are."""
    return _FILE.fullmatch(name) is not None


def recognise(place: Place, desk: Desk) -> list[Submission] | None:
    """The hand-ins of a download, other folders and archives beside them too; None where no name is Moodle's."""
    persons: dict[tuple[str, str], dict[str, str]] = {}
    alone: dict[tuple[str, str], dict[str, str]] = {}
    others = []
    for name in place.names():
        folder = place.has_folder(name)
        if match := (_NAME if folder else _FILE).fullmatch(name):
            who = (match["name"], match["participant"])
            if folder:
                persons.setdefault(who, {})[match["kind"]] = name
            else:
                alone.setdefault(who, {})[match["file"]] = name
        elif folder or is_archive(name):
            others.append(name)
    if not persons and not alone:
        return None
    found = [_submission(*who, folders, place, desk) for who, folders in sorted(persons.items())]
    found += [_of_files(*who, files, place, desk) for who, files in sorted(alone.items())]
    return [*found, *beside(others, place, desk)]


def beside(names: list[str], place: Place, desk: Desk) -> list[Submission]:
    """Hand-ins that somebody has put beside an export."""
    return [
        from_archive(stem(name), place.folder / name, desk)
        if is_archive(name) and not is_folder(place.folder / name)
        else hand_in(name, place.below(name), desk)
        for name in names
    ]


def _submission(name: str, participant: str, folders: dict[str, str], place: Place, desk: Desk) -> Submission:
    return hand_in(
        id_of(name, participant),
        place.below(folders.get("file") or folders["onlinetext"]),
        desk,
        person=Person(name=name, course_id=participant),
        origin=ORIGIN,
        notes=["a text typed into Moodle was not read"] if "onlinetext" in folders else [],
    )


def _of_files(name: str, participant: str, files: dict[str, str], place: Place, desk: Desk) -> Submission:
    """The hand-in of one student in a download without folders, by the names it was handed in under."""
    refused = {r.path[0]: r.why for r in place.refused if len(r.path) == 1}
    archives = {own: place.folder / stored for own, stored in files.items() if is_archive(own)}
    collected = collect(
        {own: place.folder / n for own, n in files.items() if own not in archives and n not in refused},
        {own: refused[n] for own, n in files.items() if n in refused},
        desk,
    )
    return hand_in(
        id_of(name, participant),
        collected,
        desk,
        archives={own: path for own, path in archives.items() if files[own] not in refused},
        person=Person(name=name, course_id=participant),
        origin=ORIGIN,
    )
