"""Find out what of a gradebook is damaged."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .rows import COLUMNS, hashed, named, row_digest
from .schema import VERSION, statements

_FOUND_ANEW = frozenset({"finding", "progress", "results", "rendered"})
"""Tables whose rows the next run makes again; who was graded and marked is in the others."""


@dataclass(frozen=True)
class Damage:
    """Something that is not as it was written."""

    table: str
    """Empty where it is the file itself."""
    name: str
    """What tells the row from others, or what SQLite says of the file."""
    hand_ins: tuple[str, ...] = ()
    """Whose finding it is."""

    @property
    def is_found_anew(self) -> bool:
        """Whether the next run makes good for it."""
        return self.table in _FOUND_ANEW

    def __str__(self) -> str:
        if self.table == "finding" and self.hand_ins:
            return f"what was found in {', '.join(self.hand_ins)}"
        return f"a row of `{self.table}` ({self.name})" if self.table else self.name


def scan(db: sqlite3.Connection) -> list[Damage]:
    """All that is damaged in a file of the present version: its pages, its tables, and every row."""
    inside = db.in_transaction
    try:
        if not inside:
            db.execute("BEGIN")  # or what others write meanwhile looks like a damage
        found = list(pages(db))
        found += [] if found else _tables(db)
        if not found:
            for table in COLUMNS:
                found += _rows(db, table)
            found += _counts(db)
    except sqlite3.Error as error:
        found = [Damage("", str(error))]
    finally:
        if not inside and db.in_transaction:
            db.execute("ROLLBACK")
    return found


def in_a_line(found: Iterable[Damage]) -> str:
    """What is damaged, the first few by name."""
    texts = list(map(str, found))
    return ", ".join(texts[:3]) + (f" and {len(texts) - 3} more" if len(texts) > 3 else "")


def pages(db: sqlite3.Connection) -> Iterator[Damage]:
    """What SQLite itself finds wrong with a file of any version."""
    for (text,) in db.execute("PRAGMA integrity_check(5)"):
        if text != "ok":
            yield Damage("", " ".join(text.split())[:200])


def version(db: sqlite3.Connection) -> int:
    """The version of the tables, 0 where there are none; `sqlite3.DatabaseError` where the number was changed alone."""
    (said,) = db.execute("PRAGMA user_version").fetchone()
    made = _made(db)
    if said != VERSION and (made == set(statements()) or (said == 0 and made)):
        raise sqlite3.DatabaseError(f"it says that it is of version {said}, and its tables are of another")
    return int(said)


def _made(db: sqlite3.Connection) -> set[str]:
    return {sql for (sql,) in db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}


def _tables(db: sqlite3.Connection) -> Iterator[Damage]:
    if _made(db) != set(statements()):
        yield Damage("", f"its tables are not those of version {VERSION}")


def _rows(db: sqlite3.Connection, table: str) -> Iterator[Damage]:
    columns = COLUMNS[table]
    blobs = ("findings", "exhibits") if table == "finding" else ()
    names = ", ".join(f'"{name}"' for name in (*columns, "digest", *blobs))
    for row in db.execute(f"SELECT {names} FROM {table}"):
        values, sealed, contents = row[: len(columns)], row[len(columns)], row[len(columns) + 1 :]
        if row_digest(table, values) != sealed or any(
            not isinstance(content, bytes) or hashed(content) != values[3 + i]
            for i, content in enumerate(contents)
        ):
            yield Damage(table, named(table, values), _whose(db, values) if blobs else ())


def _whose(db: sqlite3.Connection, finding: tuple[object, ...]) -> tuple[str, ...]:
    rows = db.execute(
        "SELECT DISTINCT submission FROM graded WHERE finding = ? AND found_in = ? ORDER BY submission",
        finding[:2],
    )
    return tuple(ascii(submission)[1:-1] for (submission,) in rows)


def _counts(db: sqlite3.Connection) -> Iterator[Damage]:
    """Rows that are gone without a trace, as a page that is an older one of its own takes them along."""
    there: Counter[int] = Counter(dict(db.execute("SELECT run, count(*) FROM graded GROUP BY run")))
    for id, wanted in db.execute("SELECT id, hand_ins FROM run WHERE hand_ins IS NOT NULL"):
        if there[id] != wanted:
            yield Damage("graded", f"run {id} has {there[id]} of {wanted} hand-ins")
