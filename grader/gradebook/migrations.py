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

from .rows import COLUMNS, hashed, put, row_digest
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
    for statement in statements(TABLES_2):
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
        values = (row["id"], *(row[name] for name in COLUMNS["mark"][1:-1]))
        sealed = {**row, "number": row["id"], "digest": row_digest("mark", (*values, ""))}
        db.execute(
            f"INSERT INTO mark ({', '.join(map(_quoted, sealed))}) VALUES ({', '.join('?' * len(sealed))})",
            tuple(sealed.values()),
        )
    for table in ("rubric", "run", "finding", "progress", "result", "graded", "rendered", "mark"):
        db.execute(f"DROP TABLE old_{table}")


def _from_2(db: sqlite3.Connection) -> None:
    """Items of marks; what was changed of the rubric's items, and what is flagged, in tables of their own.

    Rows stay as they were written, each with its digest: one that was damaged is still found to be.
    """
    kept = f"id, {', '.join(map(_quoted, COLUMNS['mark'][:-1]))}, digest"
    db.execute("ALTER TABLE mark RENAME TO old_mark")
    db.execute("DROP INDEX mark_by_submission")
    for statement in statements(NEW_IN_3):
        db.execute(statement)
    db.execute(f"INSERT INTO mark ({kept}, items) SELECT {kept}, '' FROM old_mark ORDER BY id")
    db.execute("DROP TABLE old_mark")


def _from_3(db: sqlite3.Connection) -> None:
    """Second opinions, in a table of their own."""
    db.execute(NEW_IN_4)


def _from_4(db: sqlite3.Connection) -> None:
    """Notes on two hand-ins say what these held. Of those that are there nobody knows it; they stay as they were."""
    kept = ", ".join(map(_quoted, (*COLUMNS["looked"][:-1], "digest")))
    db.execute("ALTER TABLE looked RENAME TO old_looked")
    (new,) = (one for one in statements() if one.startswith("CREATE TABLE looked "))
    db.execute(new)
    db.execute(f"INSERT INTO looked ({kept}, content) SELECT {kept}, '' FROM old_looked ORDER BY number")
    db.execute("DROP TABLE old_looked")


STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (_from_1, _from_2, _from_3, _from_4)


def _quoted(name: str) -> str:
    return f'"{name}"'


def _rows(db: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    cursor = db.execute(f"SELECT * FROM {table}")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def packed(rows: list[list[Any]]) -> bytes:
    """The check results of a hand-in, from its question on, as they are kept; the same ones are the same bytes."""
    return zlib.compress(json.dumps(rows, ensure_ascii=False).encode("utf-8", "backslashreplace"), 6)


TABLES_2 = """
CREATE TABLE rubric (fingerprint TEXT PRIMARY KEY, content TEXT NOT NULL, digest TEXT NOT NULL) STRICT;
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    signature TEXT NOT NULL,
    started TEXT NOT NULL,
    ended TEXT,
    hand_ins INTEGER,
    rubric TEXT NOT NULL,
    assignment TEXT NOT NULL,
    asking TEXT NOT NULL,
    rubric_path TEXT NOT NULL,
    roster_path TEXT NOT NULL,
    reference TEXT NOT NULL,
    grader TEXT NOT NULL,
    dataset TEXT NOT NULL,
    dataset_hash TEXT NOT NULL,
    secret TEXT NOT NULL,
    tier TEXT NOT NULL,
    nonce TEXT NOT NULL,
    digest TEXT NOT NULL
) STRICT;
CREATE TABLE finding (
    key TEXT NOT NULL,
    run INTEGER NOT NULL,
    final INTEGER NOT NULL,
    findings_hash TEXT NOT NULL,
    exhibits_hash TEXT NOT NULL,
    digest TEXT NOT NULL,
    findings BLOB NOT NULL,
    exhibits BLOB NOT NULL,
    PRIMARY KEY (key, run)
) STRICT;
CREATE TABLE progress (
    key TEXT NOT NULL,
    part TEXT NOT NULL,
    content BLOB NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (key, part)
) STRICT, WITHOUT ROWID;
CREATE TABLE graded (
    run INTEGER NOT NULL,
    submission TEXT NOT NULL,
    files TEXT NOT NULL,
    finding TEXT,
    found_in INTEGER NOT NULL,
    trouble TEXT NOT NULL,
    notes TEXT NOT NULL,
    persons TEXT NOT NULL,
    submitted TEXT NOT NULL,
    origin TEXT NOT NULL,
    nonce TEXT NOT NULL,
    results TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (run, submission)
) STRICT, WITHOUT ROWID;
CREATE TABLE results (hash TEXT PRIMARY KEY, content BLOB NOT NULL, digest TEXT NOT NULL) STRICT;
CREATE TABLE rendered (submission TEXT PRIMARY KEY, token TEXT NOT NULL, digest TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE mark (
    id INTEGER PRIMARY KEY,
    number INTEGER NOT NULL,
    assignment TEXT NOT NULL,
    submission TEXT NOT NULL,
    question TEXT NOT NULL,
    points TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL,
    note TEXT NOT NULL,
    answer TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE looked (
    number INTEGER PRIMARY KEY,
    assignment TEXT NOT NULL,
    "left" TEXT NOT NULL,
    "right" TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL,
    note TEXT NOT NULL,
    digest TEXT NOT NULL
) STRICT;
CREATE INDEX run_by_signature ON run (signature);
CREATE INDEX graded_by_submission ON graded (submission);
CREATE INDEX mark_by_submission ON mark (submission);
"""
"""Those of version 2, in which the first step ends."""

NEW_IN_3 = """
CREATE TABLE mark (
    id INTEGER PRIMARY KEY,
    number INTEGER NOT NULL,
    assignment TEXT NOT NULL,
    submission TEXT NOT NULL,
    question TEXT NOT NULL,
    points TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL,
    note TEXT NOT NULL,
    answer TEXT NOT NULL,
    items TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE item (
    number INTEGER PRIMARY KEY,
    assignment TEXT NOT NULL,
    question TEXT NOT NULL,
    id TEXT NOT NULL,
    text TEXT NOT NULL,
    points TEXT NOT NULL,
    key TEXT NOT NULL,
    part TEXT NOT NULL,
    base TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL,
    digest TEXT NOT NULL
) STRICT;
CREATE TABLE flag (
    number INTEGER PRIMARY KEY,
    assignment TEXT NOT NULL,
    submission TEXT NOT NULL,
    question TEXT NOT NULL,
    raised INTEGER NOT NULL,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL,
    note TEXT NOT NULL,
    digest TEXT NOT NULL
) STRICT;
CREATE INDEX mark_by_submission ON mark (submission);
"""
"""What the second step makes: marks that have items, and two tables more."""

NEW_IN_4 = """CREATE TABLE opinion (
    number INTEGER PRIMARY KEY,
    assignment TEXT NOT NULL,
    submission TEXT NOT NULL,
    question TEXT NOT NULL,
    points TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL,
    note TEXT NOT NULL,
    answer TEXT NOT NULL,
    items TEXT NOT NULL,
    first TEXT NOT NULL,
    digest TEXT NOT NULL
) STRICT"""
"""What the third step makes."""
