"""GitHub Classroom: a folder of clones, `assignment-username` each."""

from __future__ import annotations

import os

from ...model import Person
from ..plain_files import is_folder
from ..submission import Submission
from .commits import last_commit
from .members import hand_in
from .place import Desk, Place

ORIGIN = "GitHub Classroom"


def recognise(place: Place, desk: Desk) -> list[Submission] | None:
    """The hand-ins of the clones; None where a folder is no clone, or they have no beginning in common."""
    folders = [n for n in place.names() if is_folder(place.folder / n)]
    if not folders or not all(is_folder(place.folder / n / ".git") for n in folders):
        return None
    prefix = _prefix(folders, place.folder.name)
    if not prefix:
        return None
    return [_submission(name, name[len(prefix) :], place, desk) for name in folders]


def _prefix(folders: list[str], around: str) -> str:
    """What the names begin with, up to a hyphen; empty where a name is no longer than that.

    Classroom's own command makes the folder `assignment-submissions` around the clones. Without that, users
    who all begin alike (`lab-ann`, `lab-bo`) would lose that beginning.
    """
    told = around.removesuffix("-submissions") + "-"
    common = os.path.commonprefix(folders)  # noqa: RUF071 -- of characters is what is meant
    prefix = told if common.startswith(told) else common[: common.rfind("-") + 1]
    enough = len(folders) > 1 or prefix == told
    return prefix if enough and all(len(name) > len(prefix) for name in folders) else ""


def _submission(name: str, login: str, place: Place, desk: Desk) -> Submission:
    return hand_in(
        login,
        place.below(name),
        desk,
        person=Person(login=login),
        submitted=last_commit(place.folder / name),
        origin=ORIGIN,
    )
