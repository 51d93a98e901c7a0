"""Canvas: `Download Submissions` gives files of all students side by side.

Their names are `lastfirst_LATE_12345_67890_mlp-1.py`: the letters of the name, `LATE` where it is, the id of
the user, that of the attachment, and the name as handed in, with `-1` added where it had been handed in before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ...errors import UsageError
from ...model import Person
from ..plain_files import is_folder, printable
from ..submission import Submission
from ..unpacking.plan import GRADABLE, is_archive
from .members import hand_in
from .place import Desk, Place, collect, id_of

ORIGIN = "Canvas download"
_NAME = re.compile(
    r"(?P<slug>[^_]{1,200})_(?:(?P<late>LATE)_)?(?P<user>\d{1,19})"
    r"_(?:(?P<attachment>\d{1,19})_(?P<name>.+)|(?:text|link)\.html)",
    re.DOTALL | re.ASCII,
)
_AGAIN = re.compile(r"-\d{1,4}(?=\.[^.]+\Z)", re.ASCII)


@dataclass(frozen=True)
class _File:
    stored: str
    slug: str
    late: bool
    user: str
    attachment: int
    name: str
    """As it was first handed in; empty for a text or link typed into Canvas."""
    returned_as: str
    """Its name up to the attachment's id, by which Canvas knows whose a file is that comes back."""


def recognise(place: Place, desk: Desk) -> list[Submission] | None:
    """The hand-ins of a download; None where the names are others.

    `UsageError` where other gradable files lie among those of several students: they are nobody's.
    """
    names = [n for n in place.names() if not is_folder(place.folder / n)]
    files = [file for file in map(_parsed, names) if file is not None]
    if not any(_counts(file.name) for file in files):
        return None
    known = {file.stored for file in files}
    strays = [n for n in names if n not in known and _counts(n)]
    persons: dict[tuple[str, str], list[_File]] = {}
    for file in files:
        persons.setdefault((file.slug, file.user), []).append(file)
    if strays and len(persons) < 2:
        return None
    if strays:
        raise UsageError(
            f"{printable(str(place.folder / strays[0]))}: lies among the files of a Canvas download and is no "
            "student's; move it into a folder of its own"
        )
    return [_submission(slug, user, own, place, desk) for (slug, user), own in sorted(persons.items())]


def _parsed(stored: str) -> _File | None:
    match = _NAME.fullmatch(stored)
    if match is None:
        return None
    name = _AGAIN.sub("", match["name"] or "")
    returned_as = stored[: match.start("name")] if match["attachment"] else ""
    return _File(
        stored,
        match["slug"],
        bool(match["late"]),
        match["user"],
        int(match["attachment"] or 0),
        name,
        returned_as,
    )


def _counts(name: str) -> bool:
    return name.lower().endswith(GRADABLE) or is_archive(name)


def _submission(slug: str, user: str, own: list[_File], place: Place, desk: Desk) -> Submission:
    newest: dict[str, _File] = {}
    for file in sorted(own, key=lambda file: file.attachment):
        newest[file.name] = file
    refused = {r.path[0]: r.why for r in place.refused if len(r.path) == 1}
    files = {n or f.stored: f for n, f in newest.items() if not is_archive(n)}
    archives = {n: f for n, f in newest.items() if is_archive(n)}
    collected = collect(
        {n: place.folder / f.stored for n, f in files.items() if f.stored not in refused},
        {n: refused[f.stored] for n, f in newest.items() if f.stored in refused},
        desk,
    )
    notes = [f"of {n} files called {printable(name)}, the newest was read" for name, n in _repeated(own)]
    if any(file.late for file in own):
        notes.append("Canvas marks it as late")
    if any(not file.name for file in own):
        notes.append("a text or link typed into Canvas was not read")
    one = hand_in(
        id_of(slug, user),
        collected,
        desk,
        archives={n: place.folder / f.stored for n, f in archives.items() if f.stored not in refused},
        person=Person(name=slug, course_id=user),
        origin=ORIGIN,
        notes=notes,
    )
    return replace(one, returned_as=_returned_as(own))


def _returned_as(own: list[_File]) -> str:
    """The newest file counts, one that is graded before others; empty where none is an attachment."""
    newest = sorted(own, key=lambda file: (_counts(file.name), file.attachment))
    return next((file.returned_as for file in reversed(newest) if file.returned_as), "")


def _repeated(own: list[_File]) -> list[tuple[str, int]]:
    counts = {name: sum(file.name == name for file in own) for name in {file.name for file in own}}
    return sorted((name, n) for name, n in counts.items() if n > 1 and _counts(name))
