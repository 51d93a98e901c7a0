"""Gradescope: `Export Submissions` gives folders `submission_1234` and a list of who handed them in.

The list, `submission_metadata.yml`, is a Ruby program's: keys begin with a colon, and times may be objects.
It is read as nothing but texts, lists and mappings: no tag makes an object, no alias is expanded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..errors import UsageError
from ..model import Person
from ..submission import Submission, is_folder, printable, read_plain
from .archives import MAX_METADATA, METADATA, is_archive
from .members import hand_in
from .moodle import beside
from .place import Desk, Place, id_of

ORIGIN = "Gradescope export"
MAX_NESTED = 100
"""Lists and mappings within one another."""
_FOLDER = re.compile(r"submission_\d{1,19}", re.ASCII)
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)? ?(Z|UTC|[+-]\d\d:?\d\d)", re.ASCII)


def recognise(place: Place, desk: Desk) -> list[Submission] | None:
    """The hand-ins of an export, other folders beside them too; None where there is no list.

    `UsageError` where the list cannot be read.
    """
    names = place.names()
    if METADATA not in names:
        return None
    listed = _listed(place)
    found = [_submission(name, listed[name], place, desk) for name in sorted(listed)]
    others = [n for n in names if n not in listed and (is_folder(place.folder / n) or is_archive(n))]
    return [*found, *beside(others, place, desk)]


def _listed(place: Place) -> dict[str, dict[str, Any]]:
    import yaml

    path = place.folder / METADATA
    content, why = read_plain(path, MAX_METADATA)
    why = next((r.why for r in place.refused if r.path == (METADATA,)), why)
    if not why:
        try:
            text = content.decode("utf-8-sig")
            _shallow(yaml.parse(text, Loader=_loader()))
            return _as_list(yaml.load(text, Loader=_loader()))
        except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
            why = " ".join(str(error).split())[:200]
    raise UsageError(
        f"{printable(str(path))}: cannot be read: {printable(why)}; export from Gradescope again, or remove it"
    )


def _loader() -> Any:
    """Everything as text: without tags, so without objects, times and numbers, and without merged mappings."""
    import yaml

    return getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def _shallow(events: Iterable[Any]) -> None:
    """`ValueError` past `MAX_NESTED`: the loader calls itself for each level."""
    import yaml

    depth = 0
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_NESTED:
            raise ValueError(f"more than {MAX_NESTED} lists and mappings within one another")


def _as_list(data: Any) -> dict[str, dict[str, Any]]:
    if not isinstance(data, dict):
        raise ValueError("found no mapping of submissions")
    listed = {k: v for k, v in data.items() if isinstance(v, dict) and _FOLDER.fullmatch(str(k))}
    if not listed:
        raise ValueError("found no key such as submission_1234")
    return listed


def _submission(name: str, about: dict[str, Any], place: Place, desk: Desk) -> Submission:
    submitters = about.get(":submitters")
    persons = (
        [_person(one) for one in submitters if isinstance(one, dict)] if isinstance(submitters, list) else []
    )
    first = persons[0] if persons else Person()
    notes = []
    if len(persons) > 1:
        named = ", ".join(printable(p.name or p.email or p.number or "somebody") for p in persons[:20])
        notes.append(f"handed in by a group: {named}")
    found = hand_in(
        id_of(first.name, first.number or first.email) if first.name else id_of(first.email or name),
        place.below(name),
        desk,
        person=first,
        submitted=_time(about.get(":created_at")),
        origin=ORIGIN,
        notes=notes,
    )
    return replace(found, partners=tuple(persons[1:]))


def _person(about: dict[str, Any]) -> Person:
    name, number, email = (
        " ".join(value.split())[:200] if isinstance(value := about.get(key), str) else ""
        for key in (":name", ":sid", ":email")
    )
    return Person(name=name, number=number, email=email)


def _time(value: Any) -> str:
    """ISO 8601 with offset, to the second; empty where it is something else."""
    if isinstance(value, dict):  # a Ruby time with its zone
        value = value.get("utc")
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return ""
    offset = "+00:00" if match[3] in ("Z", "UTC") else match[3]
    try:
        return datetime.fromisoformat(f"{match[1]}T{match[2]}{offset}").isoformat()
    except ValueError:
        return ""
