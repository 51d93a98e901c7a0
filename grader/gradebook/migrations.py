"""How a gradebook with tables of an earlier version gets those of today: a function for each step.

What people decided stays: points, who, when, why, and in which order. The function of a step ends in the tables of the
next version; only the last one may use `schema.TABLES`.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable
from typing import Any

from .rows import hashed, put
from .schema import VERSION, statements


def migrate(db: sqlite3.Connection, version: int) -> None:
    """Change the tables of a file that has those of `version`, in the transaction that is open."""
    for step in STEPS[version - 1 :]:
        step(db)
    db.execute(f"PRAGMA user_version = {VERSION}")


def _from_1(db: sqlite3.Connection) -> None:
    """A digest for each row; findings for each run that made them; check results packed, the same ones once; nonces."""
    for table in ("rubric", "run", "finding", "progress", "graded", "result", "rendered", "mark"):
        db.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
    for index in ("run_by_signature", "graded_by_submission", "mark_by_submission"):
        db.execute(f"DROP INDEX {index}")
    for statement in statements():
        db.execute(statement)
    for table in ("rubric", "progress", "rendered"):
        for row in _rows(db, f"old_{table}"):
            put(db, table, row)
    for row in _rows(db, "old_run"):
        (count,) = db.execute("SELECT count(*) FROM old_graded WHERE run = ?", (row["id"],)).fetchone()
        put(db, "run", {**row, "hand_ins": None if row["ended"] is None else count, "nonce": ""})
    made = {}
    for row in _rows(db, "old_finding"):
        made[row["key"]] = row["run"]
        hashes = {f"{name}_hash": hashed(row[name]) for name in ("findings", "exhibits")}
        put(db, "finding", {**row, **hashes})
    results: dict[tuple[int, str], list[list[Any]]] = {}
    for row in _rows(db, 'old_result ORDER BY run, submission, "check"'):
        run, submission, *rest = row.values()
        rest[-2] = json.loads(rest[-2])  # the mistakes
        results.setdefault((run, submission), []).append(rest)
    for row in _rows(db, "old_graded"):
        content = packed(results.get((row["run"], row["submission"]), []))
        put(db, "results", {"hash": hashed(content), "content": content}, clash="IGNORE")
        more = {"nonce": "", "found_in": made.get(row["finding"], 0), "results": hashed(content)}
        put(db, "graded", {**row, **more})
    for row in _rows(db, "old_mark ORDER BY id"):
        put(db, "mark", {**row, "number": row["id"]})
    for table in ("rubric", "run", "finding", "progress", "result", "graded", "rendered", "mark"):
        db.execute(f"DROP TABLE old_{table}")


STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (_from_1,)


def _rows(db: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    cursor = db.execute(f"SELECT * FROM {table}")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def packed(rows: list[list[Any]]) -> bytes:
    """The check results of a hand-in, from its question on, as they are kept; the same ones are the same bytes."""
    return zlib.compress(json.dumps(rows, ensure_ascii=False).encode("utf-8", "backslashreplace"), 6)
