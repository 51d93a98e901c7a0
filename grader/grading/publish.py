"""Write the report files of hand-ins whose reports have changed; leave those of the others as they are.

Several processes draw into one folder: a run at work, and persons who mark. Whoever changes something draws after it,
and whoever finds, having drawn, that something has changed meanwhile draws again. So what is written last shows the
newest state, and nobody waits for anybody.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import msgspec

from ..gradebook import Gradebook
from ..model import Cover, GradeReport
from ..report.audience import for_students
from ..report.files import distinct_names, fingerprint, link_to
from ..report.rendering import CannotRender, Renderer


def report_folders(book: Gradebook, out: Path, more: Iterable[str] = ()) -> dict[str, Path]:
    """Where the report of each hand-in of a gradebook is, or will be, below `out`; `more` are ids about to come in."""
    return {id: out / name for id, name in distinct_names([*book.ids(), *more]).items()}


@dataclass(frozen=True)
class Current:
    """What a report has to show, as the gradebook has it at a moment."""

    light: GradeReport
    """Without exhibits."""
    key: str
    """Which finding it is made of."""
    whole: Callable[[], GradeReport]
    """Makes it with exhibits."""
    names: tuple[str, ...] = ()
    """Of those who handed it in."""


@dataclass(frozen=True)
class _Drawing:
    """A report on its way."""

    id: str
    audience: str
    read: Callable[[], Current | None]
    version: str
    """Of what the gradebook has of the hand-in, before it was read."""
    token: str
    """Hash of what it is made from."""
    written: Future[str]


@dataclass
class Publisher:
    """Sends reports to a renderer, and notes in the gradebook what the files were made from, and what they hold."""

    book: Gradebook
    renderer: Renderer
    folders: Mapping[str, Path]
    """Where the report of each hand-in goes, by id."""
    _on_their_way: list[_Drawing] = field(default_factory=list)

    def publish(self, id: str, audience: str, read: Callable[[], Current | None]) -> Current | None:
        """Write a report where it differs from the files that are there. Waits where too many are on their way.

        `read` reads the gradebook each time it is called; None where there is nothing to draw. What it read comes back.
        """
        version = self.book.version(id)
        current = read()
        if current is None:
            return None
        cover = Cover(current.names, links=self.links(id) if audience == "staff" else ())
        content = json.dumps([current.key, audience, *map(msgspec.to_builtins, (current.light, cover))])
        token = f"{audience} {hashlib.sha256(content.encode()).hexdigest()}"
        there = fingerprint(self.folders[id])
        if not there or self.book.rendered(id) != f"{token} {there}":
            whole = current.whole()
            report = for_students(whole) if audience == "student" else whole
            written = self.renderer.submit(msgspec.structs.replace(report, cover=cover), self.folders[id])
            self._on_their_way.append(_Drawing(id, audience, read, version, token, written))
        return current

    def links(self, id: str) -> tuple[tuple[str, str], ...]:
        """From the report of one of a class to its page, and to those before and after it by id."""
        if len(self.folders) < 2:
            return ()
        place = self._order[id]
        around = (("previous", place - 1), ("next", place + 1))
        return (
            ("the class", "../index.html"),
            *(
                (f"{word}: {self._ids[at]}", f"../{link_to(self.folders[self._ids[at]].name)}/report.html")
                for word, at in around
                if 0 <= at < len(self._ids)
            ),
        )

    @cached_property
    def _ids(self) -> list[str]:
        return sorted(self.folders)

    @cached_property
    def _order(self) -> dict[str, int]:
        return {id: place for place, id in enumerate(self._ids)}

    def settle(self, wait: bool = False) -> list[CannotRender]:
        """Note what has been written by now, or with `wait` all; what could not be drawn comes back.

        What has changed since it was read is drawn again. `GraderError` where a folder cannot be written.
        """
        faults = []
        while done := [one for one in self._on_their_way if wait or one.written.done()]:
            for one in done:
                try:
                    self._note(one, one.written.result())
                except CannotRender as fault:
                    faults.append(fault)
                self._on_their_way.remove(one)
        return faults

    def _note(self, one: _Drawing, written: str) -> None:
        if self.book.version(one.id) == one.version:
            self.book.set_rendered(one.id, f"{one.token} {written}")
        else:
            self.publish(one.id, one.audience, one.read)

    def audience(self, id: str) -> str:
        """Whom the report that is there was written for; staff where there is none."""
        return self.book.rendered(id).partition(" ")[0] or "staff"
