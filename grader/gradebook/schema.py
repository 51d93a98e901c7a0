"""The tables of the gradebook."""

from __future__ import annotations

VERSION = 2
"""Of the tables; a file that says another one is left alone."""
TABLES = """
CREATE TABLE rubric (fingerprint TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT;
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    signature TEXT NOT NULL,
    started TEXT NOT NULL,
    ended TEXT,
    rubric TEXT NOT NULL REFERENCES rubric,
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
    nonce TEXT NOT NULL
) STRICT;
CREATE TABLE finding (
    key TEXT PRIMARY KEY,
    run INTEGER NOT NULL,
    final INTEGER NOT NULL,
    findings BLOB NOT NULL,
    exhibits BLOB NOT NULL
) STRICT;
CREATE TABLE progress (
    key TEXT NOT NULL,
    part TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (key, part)
) STRICT, WITHOUT ROWID;
CREATE TABLE graded (
    run INTEGER NOT NULL REFERENCES run,
    submission TEXT NOT NULL,
    files TEXT NOT NULL,
    finding TEXT,
    trouble TEXT NOT NULL,
    notes TEXT NOT NULL,
    persons TEXT NOT NULL,
    submitted TEXT NOT NULL,
    origin TEXT NOT NULL,
    nonce TEXT NOT NULL,
    PRIMARY KEY (run, submission)
) STRICT, WITHOUT ROWID;
CREATE TABLE result (
    run INTEGER NOT NULL,
    submission TEXT NOT NULL,
    question TEXT NOT NULL,
    "check" TEXT NOT NULL,
    outcome TEXT NOT NULL,
    earned TEXT NOT NULL,
    points TEXT NOT NULL,
    message TEXT NOT NULL,
    diagnosis TEXT NOT NULL,
    mistakes TEXT NOT NULL,
    carried_from TEXT NOT NULL,
    PRIMARY KEY (run, submission, "check"),
    FOREIGN KEY (run, submission) REFERENCES graded ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TABLE rendered (submission TEXT PRIMARY KEY, token TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE mark (
    id INTEGER PRIMARY KEY,
    assignment TEXT NOT NULL,
    submission TEXT NOT NULL,
    question TEXT NOT NULL,
    points TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL,
    note TEXT NOT NULL,
    answer TEXT NOT NULL
) STRICT;
CREATE INDEX run_by_signature ON run (signature);
CREATE INDEX graded_by_submission ON graded (submission);
CREATE INDEX mark_by_submission ON mark (submission);
"""
