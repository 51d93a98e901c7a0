"""What a hand-in prints."""

from __future__ import annotations

from collections.abc import Callable

from ..api import Trial


def printed(t: Trial, ask: Callable[[], object], pattern: str, times: int, what: str) -> None:
    """Lost where a pattern is not found so many times in what is printed while something is asked.

    `what` says what the lines are, for students: `a line with the loss`. Other lines cost nothing.
    """
    found = t.student.times_printed(pattern, ask)
    t.that(
        found == times,
        f"{what[:1].upper()}{what[1:]} should be printed {_so_often(times)}; it is {_so_often(found)}.",
    )


def _so_often(times: int) -> str:
    return {0: "not at all", 1: "once", 2: "twice"}.get(times, f"{times} times")
