"""Rows that tell when they are damaged: each carries a digest of what was written, which is checked when it is read."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..errors import GradebookError
from ..model import spell_text
from .records import digest

COLUMNS: dict[str, tuple[str, ...]] = {
    "rubric": ("fingerprint", "content"),
    "run": (
        *("id", "signature", "started", "ended", "hand_ins", "rubric", "assignment", "asking", "rubric_path"),
        *("roster_path", "reference", "grader", "dataset", "dataset_hash", "secret", "tier", "nonce"),
    ),
    "finding": ("key", "run", "final", "findings_hash", "exhibits_hash"),
    "progress": ("key", "part", "content"),
    "graded": (
        *("run", "submission", "files", "finding", "found_in", "trouble", "notes", "persons", "submitted"),
        *("origin", "nonce", "results"),
    ),
    "results": ("hash", "content"),
    "rendered": ("submission", "token"),
    "mark": (
        *("number", "assignment", "submission", "question", "points", "by", "at", "note", "answer", "items"),
    ),
    "item": (
        *("number", "assignment", "question", "id", "text", "points", "key", "part", "base", "by", "at"),
    ),
    "flag": ("number", "assignment", "submission", "question", "raised", "by", "at", "note"),
    "opinion": (
        *("number", "assignment", "submission", "question", "points", "by", "at", "note", "answer", "items"),
        "first",
    ),
    "looked": ("number", "assignment", "left", "right", "by", "at", "note", "content"),
}
"""Of each table what its digest is made of, the columns that name a row first. `finding` holds two blobs besides, which
are read apart and compared with their hashes."""


_NAMED_BY_ONE = ("run", "rubric", "results", "rendered", "looked", "item", "flag", "opinion")


class DamagedRow(GradebookError):
    """A row that is not what was written."""

    def __init__(self, table: str, name: str) -> None:
        super().__init__(
            f"the gradebook holds a damaged row of `{table}` ({name}); see `grade gradebook check`"
        )
        self.table, self.name = table, name


def hashed(content: bytes) -> str:
    """SHA-256 in hex digits."""
    return hashlib.sha256(content).hexdigest()


def row_digest(table: str, values: Iterable[Any]) -> str:
    """Of the columns of a row, in their order.

    A mark without items has the digest that it had before there were any: so its line in `marks.jsonl`, which nobody
    writes anew, stays that of its row. So does a note on two hand-ins from before it said what they held.
    """
    values = tuple(values)
    if table in ("mark", "looked") and not values[-1]:
        values = values[:-1]
    return digest(table, *(hashed(value) if isinstance(value, bytes) else value for value in values))


def put(db: sqlite3.Connection, table: str, values: Mapping[str, Any], clash: str = "ABORT") -> None:
    """Write a row with its digest; `clash` is what becomes of one that is there (ABORT, REPLACE, IGNORE)."""
    sealed = {**values, "digest": row_digest(table, (values[name] for name in COLUMNS[table]))}
    names = ", ".join(f'"{name}"' for name in sealed)
    places = ", ".join("?" * len(sealed))
    db.execute(f"INSERT OR {clash} INTO {table} ({names}) VALUES ({places})", tuple(sealed.values()))


def read(
    db: sqlite3.Connection, table: str, rest: str = "", parameters: Iterable[Any] = (), skip: bool = False
) -> Iterator[tuple[Any, ...]]:
    """The rows that `rest` of a query chooses, as `COLUMNS`; `DamagedRow` at one that is damaged, or without these."""
    names = ", ".join(f'{table}."{name}"' for name in (*COLUMNS[table], "digest"))
    for *values, sealed in db.execute(f"SELECT {names} FROM {table} {rest}", tuple(parameters)):
        if row_digest(table, values) == sealed:
            yield tuple(values)
        elif not skip:
            raise DamagedRow(table, named(table, values))


def named(table: str, values: Iterable[Any]) -> str:
    """What tells a row from others, as far as it can be read."""
    first = [str(value) for value in values][: 1 if table in _NAMED_BY_ONE else 2]
    return ascii(" ".join(first))[1:-1][:80]


def text(text: str) -> str:
    """Text that SQLite can hold: what is no Unicode is escaped."""
    return str(spell_text(text))
