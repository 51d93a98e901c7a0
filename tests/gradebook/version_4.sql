-- A gradebook of version 4, as its grader made it of that of version 3, with two notes on two hand-ins.
BEGIN TRANSACTION;
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
INSERT INTO "finding" VALUES('k1',1,1,'a12871fee210fb8619291eaea194581cbd2531e4b23759d225f6806923f63222','0ce3940bebf2b22a5d2108ecf0c368a0541c7e3c45703f8540921b4eafc82947','02ac4b12bbe031e9332f80b2114732a2',X'0102',X'0304');
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
INSERT INTO "flag" VALUES(1,'ps3','ann','Q1',1,'lee','2026-01-06T00:00:00+00:00','look','f77d58e5a4e51237587901b9eb21c533');
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
INSERT INTO "graded" VALUES(1,'ann','f1','k1',1,'','["a note"]','[{"name": "Ann", "email": "", "number": "7", "login": "", "course_id": "", "section": "", "returned_as": ""}]','','Canvas download','','8a3bae7d696da2b59c17a10ccce6b906962d231dbe02d71b6665e75812d7c6b1','24060886978f1d826abdcf021fc79082');
INSERT INTO "graded" VALUES(1,'ben','',NULL,0,'It cannot be read.','[]','[]','','','','c0e1fdbceef2169404b4b0d00dc0a74311d8445f417435b697e580eb2c6b0cd9','368160bb54d03c78f3fe63102c507c74');
INSERT INTO "graded" VALUES(2,'ann','f2','k2',2,'','[]','[]','','','','c0e1fdbceef2169404b4b0d00dc0a74311d8445f417435b697e580eb2c6b0cd9','3ebac611273b24ce158c4fe3ade5c35e');
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
INSERT INTO "item" VALUES(1,'ps3','Q1','slow','it is slow','2','1','','','kim','2026-01-05T00:00:00+00:00','09095b9ef2eb3c592c0f315d50641e07');
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
INSERT INTO "looked" VALUES(1,'ps3','ann','ben','kim','2026-01-04T00:00:00+00:00','nothing','54f6530111d2623534462cd24bcfba4d');
INSERT INTO "looked" VALUES(2,'ps3','ann','ben','kim','2026-02-01T00:00:00+00:00','same tutor','755521ecf36d74752ff448fbaf657597');
INSERT INTO "looked" VALUES(3,'ps3','ann','ben','lee','2026-02-02T00:00:00+00:00','märchen: asked both','f928e9f2ddb044c902cc484c74b47b42');
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
INSERT INTO "mark" VALUES(1,1,'ps3','ann','Q1','2','kim','2026-01-03T00:00:00+00:00','first','abc of 2','','52da15797f298acb67c1845a1cc25367');
INSERT INTO "mark" VALUES(2,2,'ps3','ann','Q1','1','lee','2026-01-01T00:00:00+00:00','later, by a clock set back','','','db6a876677bb5bd9734de196a5297651');
INSERT INTO "mark" VALUES(3,3,'ps3','ann','Q1','1.5','kim','2026-01-05T00:00:00+00:00','of items','abc of 2','{"items":[{"id":"slow","text":"it is slow","points":"2","part":""}],"adjustment":"-0.5","since":""}','847ad28eee8af7dc01b6f04823f8eefb');
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
CREATE TABLE progress (
    key TEXT NOT NULL,
    part TEXT NOT NULL,
    content BLOB NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (key, part)
) STRICT, WITHOUT ROWID;
INSERT INTO "progress" VALUES('k2','relu',X'05','e10978bd406990118b4409a246bd84f3');
CREATE TABLE rendered (submission TEXT PRIMARY KEY, token TEXT NOT NULL, digest TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "rendered" VALUES('ann','staff 1','acfe7c73ef9eb995f7f4e43b55e2fb73');
CREATE TABLE results (hash TEXT PRIMARY KEY, content BLOB NOT NULL, digest TEXT NOT NULL) STRICT;
INSERT INTO "results" VALUES('8a3bae7d696da2b59c17a10ccce6b906962d231dbe02d71b6665e75812d7c6b1',X'789C8B8E560A3454D251504A4C4E2E2D4A4CAE04B1D31233735253402C0310019687E2E858100D2460FA72F28B8B41744162514966620E58939E215C5BEEE12545C919A97930ED4A25E599C9A94A10536201B5121FAC','1120a2d0ca3c6cf2e99a9651c25d4662');
INSERT INTO "results" VALUES('c0e1fdbceef2169404b4b0d00dc0a74311d8445f417435b697e580eb2c6b0cd9',X'789C8B8E0500011500B9','b116df2d0e60902e0b22ea5bd48a0f89');
CREATE TABLE rubric (fingerprint TEXT PRIMARY KEY, content TEXT NOT NULL, digest TEXT NOT NULL) STRICT;
INSERT INTO "rubric" VALUES('r1','{"points": "2.5"}','2b5158cd3f253a4211bd9427edb08f77');
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
INSERT INTO "run" VALUES(1,'c8458e50f12672ffc3bbf1c3c9366931','2026-01-01T00:00:00+00:00','2026-01-01T00:00:00+00:00',2,'r1','ps3','a1','/tmp/ps3.toml','','ref','grader','digits','d1','s1','A','','f67e4488e9543a5a2bc172f01220266c');
INSERT INTO "run" VALUES(2,'d43ba5d0b01272d983478179443e39b4','2026-01-02T00:00:00+00:00',NULL,NULL,'r1','ps3','a1','/tmp/ps3.toml','/tmp/class.csv','ref','grader','digits','d1','s1','A','','a29658510e5510bb1ed574b6826aa496');
CREATE INDEX run_by_signature ON run (signature);
CREATE INDEX graded_by_submission ON graded (submission);
CREATE INDEX mark_by_submission ON mark (submission);
COMMIT;
PRAGMA user_version = 4;
