"""The code that was graded, line by line, with those lines marked that the report speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..model import CheckResult, GradeReport

_NUMBERS = re.compile(r"\blines? (\d{1,5})(?: (?:to|and) (\d{1,5}))?")


class Line(NamedTuple):
    """One line of a file."""

    number: int
    text: str
    marked: bool


class Source(NamedTuple):
    """One file."""

    name: str
    lines: list[Line]
    marked: str
    """Which lines the report speaks of, in words; empty for none."""


def sources(report: GradeReport) -> list[Source]:
    """The files that a report holds, in order."""
    places = set(_places(report))
    found = []
    for name, text in report.sources.items():
        own = {line for file, line in places if file == name}
        lines = [Line(n, line, n in own) for n, line in enumerate(text.splitlines(), 1)]
        numbers = [str(line.number) for line in lines if line.marked]
        marked = f"line{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}" if numbers else ""
        found.append(Source(name, lines, marked))
    return found


def _places(report: GradeReport) -> Iterator[tuple[str, int]]:
    """Files and lines that checks which lost points speak of; a sentence without a file means the module."""
    module = next(iter(report.sources), "")
    for question in report.questions:
        for check in question.checks:
            yield from places(check, module)


def places(check: CheckResult, module: str) -> Iterator[tuple[str, int]]:
    """Files and lines that a check speaks of; those without a file are of the `module`."""
    if check.place is not None:
        yield check.place.file, check.place.line
    for first, last in _NUMBERS.findall(f"{check.message} {check.diagnosis}"):
        for number in range(int(first), min(int(last or first), int(first) + 50) + 1):
            yield module, number
