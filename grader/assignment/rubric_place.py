"""Where in a rubric's file a field stands: its line, and the question and the check that it belongs to.

TOML's own parser tells no lines. It is asked for the shortest beginning of the file in which the field is there: what
begins on the line after the longest one without it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

_NAMES = ("id", "symbol", "title", "text")
"""What an entry of a list is called, the first that it has."""
_STEP = re.compile(r"\.([A-Za-z0-9_-]+)|\[(\d+)\]")


class Source(NamedTuple):
    """A rubric's file."""

    path: Path
    content: str
    data: dict[str, Any]
    """As TOML has it."""


def said(source: Source, field: str, message: str) -> str:
    """What is wrong with a field, `$.questions[7].checks[1].points`, and where that stands."""
    return f"{source.path}: {told(source.content, source.data, field)}: {message}"


def told(content: str, data: Any, field: str) -> str:
    """`line 512, [Q2.2] gradient-b: questions[7].checks[1].points` of the field `$.questions[7].checks[1].points`.

    Of a field that is not there, the line of what it is missing in; without a line where that is the whole file.
    """
    number: int | None = None
    inner = field
    while number is None and inner not in ("", "$"):
        number = _line(content, _steps(inner))
        outer = re.sub(r"(?:\.[A-Za-z0-9_-]+|\[\d+\])\Z", "", inner)
        inner = outer if outer != inner else ""  # `$.mistakes[...]`: which one, is not told
    owner = _owner(data, _steps(field))
    place = ", ".join(filter(None, (f"line {number}" if number else "", owner)))
    name = field.removeprefix("$").removeprefix(".") or "top level"
    return f"{place}: {name}" if place else name


def _steps(field: str) -> list[str | int]:
    return [name or int(index) for name, index in _STEP.findall(field)]


def _owner(data: Any, steps: Sequence[str | int]) -> str:
    """`[Q2.2] gradient-b`: the entries of lists on the way, by what they are called."""
    called: list[str] = []
    for step in steps:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(step, int) and isinstance(data, dict):
            name = next((str(data[key]) for key in _NAMES if data.get(key)), "")
            called.append(f"[{name}]" if name and not called else name)
    return " ".join(filter(None, called))[:120]


def _line(content: str, steps: Sequence[str | int]) -> int | None:
    """The line on which a field begins; None where it is not there."""
    lines = content.splitlines(keepends=True)
    without, having = 0, len(lines)
    if not _has(_read(lines), steps):
        return None
    while True:
        middle = (without + having) // 2
        around = sorted(range(without + 1, having), key=lambda n: (abs(n - middle), n))
        found = next(((n, data) for n in around if (data := _read(lines[:n])) is not None), None)
        if found is None:
            break
        number, data = found
        if _has(data, steps):
            having = number
        else:
            without = number
    begun = (n for n in range(without, having) if lines[n].strip() and not lines[n].lstrip().startswith("#"))
    return next(begun, without) + 1


def _read(lines: Sequence[str]) -> Any:
    try:
        return tomllib.loads("".join(lines), parse_float=Decimal)
    except tomllib.TOMLDecodeError:
        return None


def _has(data: Any, steps: Sequence[str | int]) -> bool:
    for step in steps:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True
