"""Whether a call leaves its arguments alone, and answers the same when it is asked again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..api import Trial
from ..api.answers import plain, same
from ..api.sides import Remote, RemoteObject


def untouched(t: Trial, of: Remote | RemoteObject, name: str, *args: Any) -> None:
    """Lost where a function (`of` is `t.student`) or a method changes the arrays that it is given."""
    t.that(
        not of.changed(name, *args),
        f"{name} changes the arrays that it is given; it should work on copies of its own.",
    )


def repeatable(t: Trial, ask: Callable[[], Any], what: str) -> None:
    """Lost where what is asked twice is not answered the same, to the last bit."""
    first, second = plain(ask()), plain(ask())
    t.that(
        same(first, second, near=0.0),
        f"{what[:1].upper()}{what[1:]} is another one when it is asked for again.",
    )
