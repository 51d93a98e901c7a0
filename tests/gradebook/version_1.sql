-- A gradebook of version 1, as grade 1.0 made it: the tables, two runs, and marks of persons.
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
    tier TEXT NOT NULL
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

INSERT INTO rubric VALUES ('r1', '{"points": "2.5"}');
INSERT INTO run VALUES (1, 'sig', '2026-01-01T00:00:00+00:00', '2026-01-01T00:05:00+00:00', 'r1', 'ps3', 'a1',
    'rubrics/ps3.toml', '', 'ref', 'grader', 'digits', 'd1', 's1', 'A');
INSERT INTO run VALUES (2, 'sig2', '2026-01-02T00:00:00+00:00', NULL, 'r1', 'ps3', 'a1',
    'rubrics/ps3.toml', 'class.csv', 'ref', 'grader', 'digits', 'd1', 's1', 'A');
INSERT INTO finding VALUES ('k1', 1, 1, x'0102', x'0304');
INSERT INTO progress VALUES ('k2', 'relu', x'05');
INSERT INTO graded VALUES (1, 'ann', 'f1', 'k1', '', '["a note"]', '[{"name": "Ann", "number": "7"}]', '', 'Canvas download');
INSERT INTO graded VALUES (1, 'ben', '', NULL, 'It cannot be read.', '[]', '[]', '', '');
INSERT INTO graded VALUES (2, 'ann', 'f1', 'k1', '', '[]', '[]', '', '');
INSERT INTO result VALUES (1, 'ann', 'Q1', 'loss', 'passed', '0.1', '0.3', 'märchen', '', '["twice"]', '');
INSERT INTO result VALUES (1, 'ann', 'Q1', 'accuracy', 'failed', '0', '1', '', 'why', '[]', 'loss');
INSERT INTO rendered VALUES ('ann', 'staff 1');
INSERT INTO mark VALUES (3, 'ps3', 'ann', 'Q1', '2', 'kim', '2026-01-03T00:00:00+00:00', 'first', 'h');
INSERT INTO mark VALUES (5, 'ps3', 'ann', 'Q1', '1', 'lee', '2026-01-01T00:00:00+00:00', 'later, by a clock set back', 'h');
PRAGMA user_version = 1;
