"""Write the report files of hand-ins whose reports have changed; leave those of the others as they are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from .gradebook import Gradebook
from .model import GradeReport
from .rendering import CannotRender, Renderer
from .report import for_students
from .report.files import distinct_names


def report_folders(book: Gradebook, out: Path, more: Iterable[str] = ()) -> dict[str, Path]:
    """Where the report of each hand-in of a gradebook is, or will be, below `out`; `more` are ids about to come in."""
    return {id: out / name for id, name in distinct_names([*book.ids(), *more]).items()}


@dataclass
class Publisher:
    """Sends reports to a renderer, and notes in the gradebook what the files were made from."""

    book: Gradebook
    renderer: Renderer
    folders: Mapping[str, Path]
    """Where the report of each hand-in goes, by id."""
    _on_their_way: list[tuple[str, str, Future[None]]] = field(default_factory=list)
    """Id, the hash of what it is made from, and its end."""

    def publish(self, light: GradeReport, key: str, audience: str, whole: Callable[[], GradeReport]) -> None:
        """Write a report where it differs from the files that are there. Waits where too many are on their way.

        `light` is the report without exhibits, `whole` makes it with them, `key` says which finding it is made of.
        """
        content = json.dumps([key, audience, msgspec.to_builtins(light)])
        token = f"{audience} {hashlib.sha256(content.encode()).hexdigest()}"
        folder = self.folders[light.submission]
        if self.book.rendered(light.submission) == token and _is_there(folder):
            return
        report = for_students(whole()) if audience == "student" else whole()
        self._on_their_way.append((light.submission, token, self.renderer.submit(report, folder)))

    def settle(self, wait: bool = False) -> list[CannotRender]:
        """Note what has been written by now, or with `wait` all; what could not be drawn comes back.

        `GraderError` where a folder cannot be written.
        """
        faults = []
        for one in [one for one in self._on_their_way if wait or one[2].done()]:
            id, token, future = one
            try:
                future.result()
                self.book.set_rendered(id, token)
            except CannotRender as fault:
                faults.append(fault)
            self._on_their_way.remove(one)
        return faults

    def audience(self, id: str) -> str:
        """Whom the report that is there was written for; staff where there is none."""
        return self.book.rendered(id).partition(" ")[0] or "staff"


def _is_there(folder: Path) -> bool:
    return all((folder / f"report.{kind}").is_file() for kind in ("html", "md", "json"))
