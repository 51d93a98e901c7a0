"""What a person should look at beside answers: claims of notebooks that do not hold, and what could not be graded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import GradebookError
from ..gradebook import HandIn
from ..report import wording
from .answers import Answers, Gone
from .places import Place, handle


@dataclass(frozen=True)
class Claim:
    """A hand-in whose notebook claims what execution does not bear out."""

    place: Place
    """One of its answers, by which its page goes."""
    flags: tuple[str, ...]
    """Sentences."""


@dataclass(frozen=True)
class Failed:
    """A hand-in that has no marks."""

    handle: str
    hand_in: HandIn
    why: str


class Attention:
    """What there is to look at in a class; for several threads."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._lock = threading.Lock()
        self._claims: list[Claim] = []
        self.is_read = threading.Event()

    def read(self, stop: Callable[[], bool] = lambda: False) -> None:
        """Read what the notebooks of a class claim. It is much, so answers are shown before it is done."""
        book, found = self._answers.book, []
        for _, one in book.graded:
            if stop():
                return
            try:
                notebook = book.notebook(one)
            except GradebookError:  # which is said where that hand-in is shown
                continue
            if notebook and (flags := wording.flags(notebook)) and (place := self._place(one.submission)):
                found.append(Claim(place, flags))
        with self._lock:
            self._claims = sorted(found, key=lambda claim: claim.place.handle)
        self.is_read.set()

    def _place(self, submission: str) -> Place | None:
        """One answer of a hand-in."""
        for question in self._answers.questions:
            try:
                return self._answers.place(
                    question, handle(self._answers.book.rubric.id, question, submission)
                )
            except Gone:
                continue
        return None

    def claims(self) -> list[Claim]:
        """The hand-ins with claims that do not hold, in an order that tells no names."""
        with self._lock:
            return self._claims

    def failed(self) -> list[Failed]:
        """The hand-ins that could not be graded, by id."""
        book = self._answers.book
        return [
            Failed(handle(book.rubric.id, "", one.submission), one, book.failed[one.submission])
            for one in book.hand_ins
            if one.submission in book.failed
        ]

    def failure(self, handle: str) -> Failed:
        """One of these; `Gone` where it is none."""
        found = next((one for one in self.failed() if one.handle == handle), None)
        if found is None:
            raise Gone
        return found
