"""What was found in hand-ins, and what is done already of those at work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from . import rows
from .open_file import OpenFile
from .rows import DamagedRow


@dataclass(frozen=True)
class _Journal:
    """What of one hand-in is done already (see `runner.Journal`)."""

    book: OpenFile
    key: str

    def part(self, name: str) -> bytes | None:
        """What was kept under a name; what is damaged was not."""
        try:
            found = self.book.rows("progress", "WHERE key = ? AND part = ?", (self.key, name))
        except DamagedRow:
            return None
        return found[0][2] if found else None

    def keep(self, name: str, content: bytes) -> None:
        """Keep it, on disk."""
        with self.book.change() as change:
            rows.put(change, "progress", {"key": self.key, "part": name, "content": content}, clash="REPLACE")


class Found(OpenFile):
    """Findings, each under its key."""

    def finding(self, key: str, run: int | None = None) -> bytes | None:
        """What marks are made from, packed: of the run that found it, else the newest. None where nothing was found."""
        return self._found(key, run, "findings")

    def exhibits(self, key: str, run: int | None = None) -> bytes | None:
        """What reports show beside, packed: of the run that found it, else the newest. None where nothing was found."""
        return self._found(key, run, "exhibits")

    def _found(self, key: str, run: int | None, blob: Literal["findings", "exhibits"]) -> bytes | None:
        rest = "WHERE key = ?1 AND ?2 IN (run, -1) ORDER BY run DESC LIMIT 1"
        with self.alone():
            found = self.rows("finding", rest, (key, -1 if run is None else run))
            if not found:
                return None
            _, made, _, *hashes = found[0]
            blobs = self.all(f"SELECT {blob} FROM finding WHERE key = ? AND run = ?", (key, made))
        if not blobs:  # another process has pruned it in between
            return None
        ((content,),) = blobs
        if not isinstance(content, bytes) or rows.hashed(content) != hashes[blob == "exhibits"]:
            raise DamagedRow("finding", rows.named("finding", (key, made)))
        return content

    def final(self, key: str) -> int | None:
        """The run of the newest finding, if grading again would find the same and it is what was written; else None."""
        try:
            found = self.rows("finding", "WHERE key = ? ORDER BY run DESC LIMIT 1", (key,))
            if not found or not found[0][2]:
                return None
            self.finding(key)
            self.exhibits(key)
        except DamagedRow:
            return None
        return int(found[0][1])

    def journal(self, key: str) -> _Journal:
        """Where a hand-in at work keeps its finished checks."""
        return _Journal(self, key)

    def keep(self, key: str, run: int, findings: bytes, exhibits: bytes, final: bool) -> None:
        """Keep what a run found, beside what earlier ones did; its journal is done with."""
        row = {
            "key": key,
            "run": run,
            "final": int(final),
            "findings_hash": rows.hashed(findings),
            "exhibits_hash": rows.hashed(exhibits),
            "findings": findings,
            "exhibits": exhibits,
        }
        with self.change(synced=True) as change:
            rows.put(change, "finding", row, clash="REPLACE")
            change.execute("DELETE FROM progress WHERE key = ?", (key,))

    def begin_anew(self, keys: Iterable[str]) -> None:
        """Throw away journals, so that these are graded from the start. What was found stays until it is found anew."""
        with self.change() as change:
            change.executemany("DELETE FROM progress WHERE key = ?", ((key,) for key in keys))

    def findings(self) -> set[tuple[str, int]]:
        """Key and run of all that was found and can be read: a run's hashes are those of what it found."""
        with self.alone():
            return {(key, run) for key, run, *_ in rows.read(self.connection, "finding", skip=True)}
