"""Who marks, what such a person says of an answer, and who is at which."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from decimal import Decimal

from ..errors import UsageError
from ..gradebook import MarkRecord
from ..model import MarkItem
from ..report.safe_text import one_line
from .places import Alike, Place

_OPEN_S = 120
"""How long an answer that somebody has opened is passed over by others."""


@dataclass
class Session:
    """One person at a browser."""

    name: str
    suggests: bool = False
    """Whether points that the grader suggests are shown before a decision."""
    flash: str = ""
    """What the next page says of what was done."""
    skipped: set[tuple[str, str]] = field(default_factory=set)
    saves: list[Save] = field(default_factory=list)


@dataclass(frozen=True)
class Save:
    """What one key press saved, and what was there before."""

    question: str
    handle: str
    given: tuple[MarkRecord, ...]
    before: tuple[MarkRecord | None, ...]
    """For each the mark that counted; None where there was none."""
    is_second: bool = False
    """Whether it was a second opinion, and no mark."""


@dataclass(frozen=True)
class Choice:
    """What a person says of an answer."""

    items: tuple[MarkItem, ...]
    adjustment: Decimal
    note: str
    group: Alike = "one"


class Opened:
    """Which answers persons are at; for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._opened: dict[tuple[str, str], tuple[Session, float]] = {}

    def note(self, session: Session, place: Place) -> str:
        """Note that somebody looks at an answer; the name of another person who does, or nothing."""
        key, now = (place.question, place.handle), time.monotonic()
        with self._lock:
            other, since = self._opened.get(key, (session, now))
            self._opened[key] = session, now
        return other.name if other is not session and now - since < _OPEN_S else ""

    def close(self, question: str, handle: str) -> None:
        """Note that nobody does any more."""
        with self._lock:
            self._opened.pop((question, handle), None)

    def holds(self, place: Place) -> bool:
        """Whether somebody is at an answer."""
        with self._lock:
            found = self._opened.get((place.question, place.handle))
        return found is not None and time.monotonic() - found[1] < _OPEN_S


def of_name(text: str) -> str:
    """A person's name as it is kept; `UsageError` where it is none."""
    name = one_line(text).strip()
    if not 0 < len(name) <= 60:
        raise UsageError("name: wanted 1 to 60 characters")
    return name
