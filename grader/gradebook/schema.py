"""The tables of the gradebook, as they are now. How a file with older ones gets there is in `migrations`."""

from __future__ import annotations

VERSION = 5
"""Of the tables. Whatever changes them raises it, with a function in `migrations`."""

TABLES = """
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
CREATE TABLE opinion (
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
) STRICT;
CREATE TABLE looked (
    number INTEGER PRIMARY KEY,
    assignment TEXT NOT NULL,
    "left" TEXT NOT NULL,
    "right" TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL,
    note TEXT NOT NULL,
    content TEXT NOT NULL,
    digest TEXT NOT NULL
) STRICT;
CREATE INDEX run_by_signature ON run (signature);
CREATE INDEX graded_by_submission ON graded (submission);
CREATE INDEX mark_by_submission ON mark (submission);
"""
"""Every row carries a digest of its other columns (see `rows`). `finding` is kept for each run that found it anew;
`results` under the hash of its content, so that a run in which nothing has changed adds little."""


def statements(tables: str = TABLES) -> list[str]:
    """The statements, one by one."""
    return [statement.strip() for statement in tables.split(";") if statement.strip()]
