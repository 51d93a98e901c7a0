"""Moodle: `Download all submissions`, in folders.

Their names are `Jane Doe_12345_assignsubmission_file_`: the name, the participant's number, and what kind of
hand-in it is; `onlinetext` is a text typed into Moodle.
"""

from __future__ import annotations

import re

from ..model import Person
from ..submission import Submission, is_folder
from ..unpacking.plan import is_archive, stem
from .members import from_archive, hand_in
from .place import Desk, Place, id_of

ORIGIN = "Moodle download"
_NAME = re.compile(
    r"(?P<name>.{1,200})_(?P<participant>\d{1,19})_assignsubmission_(?P<kind>file|onlinetext)_?",
    re.DOTALL | re.ASCII,
)


def recognise(place: Place, desk: Desk) -> list[Submission] | None:
    """The hand-ins of a download, other folders and archives beside them too; None where no name is Moodle's."""
    persons: dict[tuple[str, str], dict[str, str]] = {}
    others = []
    for name in place.names():
        if place.has_folder(name):
            if match := _NAME.fullmatch(name):
                persons.setdefault((match["name"], match["participant"]), {})[match["kind"]] = name
            else:
                others.append(name)
        elif is_archive(name):
            others.append(name)
    if not persons:
        return None
    found = [_submission(*who, folders, place, desk) for who, folders in sorted(persons.items())]
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
