"""A gradebook of an earlier version: read as it is, changed with a copy beside it; of a later one, left alone."""

from __future__ import annotations

import shutil
import sqlite3
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from grader.errors import GradebookError, GraderError
from grader.gradebook import (
    FILE,
    Gradebook,
    LookedRecord,
    examine,
    flags,
    looked,
    marks_file,
    migrations,
    opinions,
    repair,
    schema,
)
from grader.model import Mark
from tests.gradebook import books

TEXT = (Path(__file__).parent / "version_1.sql").read_text()


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A folder with a gradebook of version 1."""
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute("PRAGMA journal_mode = WAL")  # which version 1 left so
        db.executescript(TEXT)
    db.close()
    return tmp_path


def check(book: Gradebook) -> None:
    assert [(m.submission, m.mark.points, m.mark.by, m.mark.at, m.mark.note) for m in book.all_marks()] == [
        ("ann", Decimal(2), "kim", "2026-01-03T00:00:00+00:00", "first"),
        ("ann", Decimal(1), "lee", "2026-01-01T00:00:00+00:00", "later, by a clock set back"),
    ]
    assert book.marks("ps3")["ann"]["Q1"].mark.by == "lee"
    assert [(run.id, run.ended is None, run.roster_path) for run in book.runs()] == [
        (1, False, ""),
        (2, True, "class.csv"),
    ]
    ann, ben = (one for _, one in book.hand_ins(1))
    assert (ann.finding, ann.found_in, ann.notes, ann.person.number) == ("k1", 1, ("a note",), "7")
    assert (ben.finding, ben.found_in, ben.trouble) == (None, 0, "It cannot be read.")
    assert (book.finding("k1", 1), book.exhibits("k1"), book.final("k1")) == (b"\1\2", b"\3\4", 1)
    assert [(row.check, row.earned, row.message, row.mistakes) for row in book.results(1)] == [
        ("accuracy", 0, "", ()),
        ("loss", Decimal("0.1"), "märchen", ("twice",)),
    ]
    assert book.results(2, "ann") == []
    assert book.rubric("r1") == {"points": "2.5"}
    assert book.journal("k2").part("relu") == b"\5"
    assert book.rendered("ann") == "staff 1"


def test_every_version_before_this_one_has_a_step():
    assert len(migrations.STEPS) == schema.VERSION - 1


def test_reading_an_old_one_changes_nothing(old: Path):
    before = {path.name: path.read_bytes() for path in old.iterdir()}
    with Gradebook(old, create=False, read_only=True) as book:
        check(book)
    assert {path.name: path.read_bytes() for path in old.iterdir()} == before


def test_writing_migrates_and_keeps_the_old_one_beside(old: Path):
    with Gradebook(old) as book:
        check(book)
        (line,) = book.remarks
        assert "version 1" in line and f"{FILE}.version-1" in line
        book.add_marks([books.given("ann", 5)])
    with sqlite3.connect(old / f"{FILE}.version-1") as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (1,)
        assert copy.execute("SELECT count(*) FROM mark").fetchone() == (2,)
    assert len(marks_file.read(old).marks) == 3
    with Gradebook(old) as book:
        assert book.remarks == ()
        assert len(book.all_marks()) == 3
    assert examine(old) == []


def test_an_old_copy_put_back_beside_newer_marks_doubles_none(old: Path):
    with Gradebook(old) as book:
        book.add_marks([books.given("ann", 5)])
    (old / FILE).write_bytes((old / f"{FILE}.version-1").read_bytes())
    assert "lacks 1 of the marks" in str(books.read(old))
    with Gradebook(old) as book:
        assert [mark.mark.points for mark in book.all_marks()] == [2, 1, 5]


def test_a_migration_that_is_stopped_leaves_the_old_version(old: Path, monkeypatch: pytest.MonkeyPatch):
    def stopped(db: sqlite3.Connection) -> None:
        migrations._from_1(db)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(migrations, "STEPS", (stopped,))
        with pytest.raises(KeyboardInterrupt):
            Gradebook(old)
    with Gradebook(old) as book:
        check(book)


def test_a_damaged_old_one_is_refused_and_its_marks_are_saved(old: Path):
    content = (old / FILE).read_bytes()
    at = content.index(b"Canvas download")
    books.overwrite(old / FILE, at - at % books.PAGE, bytes(books.PAGE))
    for read_only in (True, False):
        with pytest.raises(GradebookError, match=r"damaged.*repair"):
            Gradebook(old, read_only=read_only)
    repair(old)
    with Gradebook(old) as book:
        assert [record.mark.by for record in book.all_marks()] == ["kim", "lee"]


@pytest.mark.parametrize("version", [schema.VERSION + 1, 99, -1])
@pytest.mark.parametrize("read_only", [True, False])
def test_a_newer_one_is_refused_in_a_line_and_left_alone(old: Path, version: int, read_only: bool):
    with sqlite3.connect(old / FILE) as db:
        db.execute(f"PRAGMA user_version = {version}")
    db.close()
    before = (old / FILE).read_bytes()
    with pytest.raises(GraderError, match=f"version {version}.*newer") as error:
        Gradebook(old, read_only=read_only)
    assert "\n" not in str(error.value)
    with pytest.raises(GraderError, match="newer"):
        repair(old)
    assert (old / FILE).read_bytes()[100:] == before[100:]


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """A folder with a gradebook of version 2, and the marks beside it."""
    folder = tmp_path / "second"
    folder.mkdir()
    with sqlite3.connect(folder / FILE) as db:
        db.executescript((Path(__file__).parent / "version_2.sql").read_text())
    db.close()
    shutil.copy(Path(__file__).parent / "version_2.jsonl", folder / marks_file.FILE)
    return folder


MARKS = [
    ("ann", Decimal(2), "kim", "2026-01-03T00:00:00+00:00", "first"),
    ("ann", Decimal(1), "lee", "2026-01-01T00:00:00+00:00", "later, by a clock set back"),
]


def test_version_2_is_read_as_it_is_and_changes_nothing(second: Path):
    before = {path.name: path.read_bytes() for path in second.iterdir()}
    assert books.points(second) == MARKS
    assert {path.name: path.read_bytes() for path in second.iterdir()} == before


def test_version_2_gets_items_and_its_rows_and_lines_stay_as_they_were_written(second: Path):
    lines = (second / marks_file.FILE).read_bytes()
    with sqlite3.connect(second / FILE) as db:
        digests = db.execute("SELECT digest FROM mark ORDER BY number").fetchall()
    with Gradebook(second) as book:
        (remark,) = book.remarks
        assert "version 2" in remark and f"{FILE}.version-2" in remark
        assert [record.worth for record in book.all_marks()] == [2, None]
        assert all(record.mark.items == () for record in book.all_marks())
        assert book.all("SELECT digest FROM mark ORDER BY number") == digests
        assert (book.results(1)[1].message, book.journal("k2").part("relu")) == ("märchen", b"\5")
        book.add_marks([books.given("ann", 5)])
    assert books.points(second)[:2] == MARKS
    assert (second / marks_file.FILE).read_bytes().startswith(lines)
    assert examine(second) == []
    with sqlite3.connect(second / f"{FILE}.version-2") as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (2,)


def test_marks_of_a_damaged_version_2_are_saved(second: Path):
    (second / marks_file.FILE).unlink()
    content = (second / FILE).read_bytes()
    at = content.index(b"Canvas download")
    books.overwrite(second / FILE, at - at % books.PAGE, bytes(books.PAGE))
    repair(second)
    assert books.points(second) == MARKS


@pytest.fixture
def third(tmp_path: Path) -> Path:
    """A folder with a gradebook of version 3, and the marks beside it."""
    folder = tmp_path / "third"
    folder.mkdir()
    with sqlite3.connect(folder / FILE) as db:
        db.executescript((Path(__file__).parent / "version_3.sql").read_text())
    db.close()
    shutil.copy(Path(__file__).parent / "version_3.jsonl", folder / marks_file.FILE)
    return folder


def test_version_3_is_read_as_it_is_and_changes_nothing(third: Path):
    before = {path.name: path.read_bytes() for path in third.iterdir()}
    with Gradebook(third, create=False, read_only=True) as book:
        assert opinions.newest(book, "ps3") == {}
        assert len(book.all_marks()) == 3
    assert {path.name: path.read_bytes() for path in third.iterdir()} == before


def test_version_3_gets_opinions_and_keeps_marks_of_items_items_and_flags(third: Path):
    lines = (third / marks_file.FILE).read_bytes()
    with Gradebook(third) as book:
        (remark,) = book.remarks
        assert "version 3" in remark and f"{FILE}.version-3" in remark
        first = book.marks("ps3")["ann"]["Q1"]
        assert [(item.text, item.points) for item in first.mark.items] == [("it is slow", 2)]
        assert [one.text for one in book.edited_items("ps3")["Q1"]] == ["it is slow"]
        assert flags.raised(book, "ps3")["ann", "Q1"].note == "look"
        opinions.add(book, msgspec.structs.replace(first, mark=Mark(Decimal(0), "lee", first.mark.at)))
        (found,) = opinions.newest(book, "ps3").values()
        assert found.first == opinions.marks(book, "ps3")[-1].digest
    assert (third / marks_file.FILE).read_bytes() == lines
    assert examine(third) == []
    with sqlite3.connect(third / f"{FILE}.version-3") as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (3,)


@pytest.fixture
def fourth(tmp_path: Path) -> Path:
    """A folder with a gradebook of version 4, and the marks beside it, which are those of version 3."""
    folder = tmp_path / "fourth"
    folder.mkdir()
    with sqlite3.connect(folder / FILE) as db:
        db.executescript((Path(__file__).parent / "version_4.sql").read_text())
    db.close()
    shutil.copy(Path(__file__).parent / "version_3.jsonl", folder / marks_file.FILE)
    return folder


def test_version_4_keeps_its_notes_on_two_hand_ins_as_they_were_written(fourth: Path):
    before = {path.name: path.read_bytes() for path in fourth.iterdir()}
    with Gradebook(fourth, create=False, read_only=True) as book:
        assert looked.newest(book, "ps3")["ann", "ben"].note == "märchen: asked both"
    assert {path.name: path.read_bytes() for path in fourth.iterdir()} == before
    with sqlite3.connect(fourth / FILE) as db:
        digests = db.execute("SELECT digest FROM looked ORDER BY number").fetchall()
    with Gradebook(fourth) as book:
        assert "version 4" in book.remarks[0]
        assert book.all("SELECT digest FROM looked ORDER BY number") == digests
        kept = looked.newest(book, "ps3")["ann", "ben"]
        assert (kept.by, kept.content) == ("lee", "")
        looked.add(book, LookedRecord("ps3", "ann", "ben", "kim", kept.at, "again", "c1"))
        assert looked.newest(book, "ps3")["ann", "ben"].content == "c1"
        assert [row[-2] for row in book.rows("looked")] == [
            *("nothing", "same tutor", "märchen: asked both"),
            "again",
        ]
    assert examine(fourth) == []


@pytest.mark.slow
@pytest.mark.parametrize("version", [0, 1, 2, 3, 4, 99])
def test_a_version_number_that_is_damaged_alone_is_no_other_version(tmp_path: Path, version: int):
    folder = books.filled(tmp_path / "out").parent
    marks = books.points(folder)
    books.overwrite(folder / FILE, 60, version.to_bytes(4))  # user_version: sqlite.org/fileformat2.html
    assert "damaged" in str(books.read(folder))
    repair(folder)
    assert books.points(folder) == marks
