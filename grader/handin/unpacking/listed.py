"""Gradescope's list of who handed in, `submission_metadata.yml`.

It is a Ruby program's: keys begin with a colon, and times may be objects. It is read as nothing but texts, lists and
mappings: no tag makes an object, no alias is expanded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ...model import Person
from .messages import Listed

MAX_NESTED = 100
"""Lists and mappings within one another."""
FOLDER = re.compile(r"submission_\d{1,19}", re.ASCII)
"""The folder of one hand-in."""
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)? ?(Z|UTC|[+-]\d\d:?\d\d)", re.ASCII)


def read(content: bytes) -> tuple[Listed, ...]:
    """The hand-ins in the list, sorted by folder; `ValueError` where it is something else."""
    import yaml

    try:
        text = content.decode("utf-8-sig")
        _shallow(yaml.parse(text, Loader=_loader()))
        data = yaml.load(text, Loader=_loader())
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None
    if not isinstance(data, dict):
        raise ValueError("found no mapping of submissions")
    listed = {k: v for k, v in data.items() if isinstance(v, dict) and FOLDER.fullmatch(str(k))}
    if not listed:
        raise ValueError("found no key such as submission_1234")
    return tuple(_listed(folder, listed[folder]) for folder in sorted(listed))


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


def _listed(folder: str, about: dict[str, Any]) -> Listed:
    submitters = about.get(":submitters")
    one_by_one = submitters if isinstance(submitters, list) else []
    return Listed(
        folder,
        tuple(_person(one) for one in one_by_one if isinstance(one, dict)),
        _time(about.get(":created_at")),
    )


def _person(about: dict[str, Any]) -> Person:
    name, number, email = (_text(about.get(key)) for key in (":name", ":sid", ":email"))
    return Person(name=name, number=number, email=email)


def _text(value: Any) -> str:
    """A line of at most 200 characters, all of which can be written as UTF-8."""
    line = " ".join(value.split())[:200] if isinstance(value, str) else ""
    return line.encode("utf-8", "replace").decode()


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
