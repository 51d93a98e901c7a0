"""`marks.jsonl`: a mark is on disk twice before anybody is told that it is saved."""

from __future__ import annotations

import fcntl
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import GradebookError
from grader.gradebook import FILE, Gradebook, examine, marks_file, opening, repair, rows
from tests.conftest import ROOT
from tests.gradebook import books

MARKS = marks_file.FILE


def lines(folder: Path) -> list[str]:
    return (folder / MARKS).read_text().splitlines()


def test_a_line_says_who_when_and_why(folder: Path):
    assert [json.loads(line)["note"] for line in lines(folder)] == ["note 0", "note 1", "note 2", "note 3"]
    last = json.loads(lines(folder)[-1])
    del last["digest"]
    assert last == {
        "number": 4, "assignment": "ps3", "submission": "ann", "question": "Q1", "points": "3", "by": "kim",
        "at": books.AT, "note": "note 3", "answer": "answer",
    }  # fmt: skip


@pytest.mark.parametrize("note", ["\n\r\u2028\x00\x1b", "\udc80", "ü" * 5000, '{"number": 1}\n{"number": 2}'])
def test_any_note_is_one_line(folder: Path, note: str):
    with Gradebook(folder) as book:
        book.add_marks([books.given("ann", 1, note)])
    assert len((folder / MARKS).read_bytes().split(b"\n")) == 6
    assert examine(folder) == []


@pytest.mark.parametrize(
    "rest", [b'{"number": 5, "assig', b"\0" * 300, b"\xff\xfe", b'{"number": 5}', b"[]", b"[" * 99]
)
def test_a_torn_last_line_is_tolerated_said_and_tidied(folder: Path, rest: bytes):
    with (folder / MARKS).open("ab") as file:
        file.write(rest)
    marks = books.points(folder)
    with Gradebook(folder, read_only=True) as book:
        assert "last line is torn" in book.remarks[0]
    with Gradebook(folder) as book:
        book.add_marks([books.given("ben", 2)])
    assert len(marks_file.read(folder).marks) == 5, "the next one does not end up in that line"
    assert len(examine(folder)) == 1
    repair(folder)
    assert examine(folder) == []
    assert books.points(folder)[:4] == marks
    assert rest in (folder / f"{MARKS}.damaged").read_bytes()


def test_a_last_line_without_its_end_is_whole(folder: Path):
    (folder / MARKS).write_bytes((folder / MARKS).read_bytes()[:-1])
    with Gradebook(folder) as book:
        assert book.remarks == ()
        book.add_marks([books.given("ben", 2)])
    assert len(lines(folder)) == 5


def test_lines_and_rows_that_the_other_lacks_are_brought_together_in_order(folder: Path):
    """Of the table the second is damaged, of the file the third: none is lost, and none comes after a later one."""
    marks = books.points(folder)
    found = lines(folder)
    (folder / MARKS).write_text(
        "\n".join([*found[:2], found[2].replace("note 2", "note 9"), found[3]]) + "\n"
    )
    at = (folder / FILE).read_bytes().index(b"note 1")
    books.overwrite(folder / FILE, at, b"X")
    repair(folder)
    assert books.points(folder) == marks
    assert [json.loads(line)["note"] for line in lines(folder)] == [mark[-1] for mark in marks]


def test_a_file_that_is_gone_is_written_again(folder: Path):
    before = lines(folder)
    (folder / MARKS).unlink()
    with Gradebook(folder, read_only=True) as book:
        assert len(book.all_marks()) == 4
    assert not (folder / MARKS).exists()
    Gradebook(folder).close()
    assert lines(folder) == before


def test_lines_twice_are_one_mark(folder: Path):
    (folder / MARKS).write_bytes((folder / MARKS).read_bytes() * 2)
    assert examine(folder) == []
    (folder / FILE).unlink()
    repair(folder)
    assert len(books.points(folder)) == 4


def test_a_mark_whose_line_cannot_be_written_is_not_given(folder: Path):
    marks = books.points(folder)
    (folder / MARKS).rename(folder / "away")
    with Gradebook(folder) as book:
        (folder / MARKS).unlink()
        (folder / MARKS).mkdir()
        with pytest.raises(GradebookError, match=r"marks\.jsonl.*no mark was saved"):
            book.add_marks([books.given("ben", 2)])
    (folder / MARKS).rmdir()
    assert books.points(folder) == marks


def test_a_mark_whose_row_cannot_be_written_has_no_line(folder: Path):
    before = lines(folder)
    with Gradebook(folder) as book:
        book.all("PRAGMA max_page_count = 1")
        with pytest.raises(GradebookError, match="disk is full"):
            book.add_marks([books.given("ben", 2, "x" * 100_000)])
    assert lines(folder) == before
    assert examine(folder) == []


# ---- other processes ----

GIVING = """
import os, sys
from pathlib import Path
from grader.gradebook import Gradebook, marks_file
from tests.gradebook import books
folder, moment, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
if moment == "before the line":
    marks_file.adding = lambda folder: os.kill(os.getpid(), 9)
if moment == "in the line":
    fsync = os.fsync
    def torn(file):
        os.ftruncate(file, os.fstat(file).st_size - 20)
        os.kill(os.getpid(), 9)
    os.fsync = torn
if moment == "after the line":
    os.fsync = lambda file: os.kill(os.getpid(), 9)
with Gradebook(folder) as one:
    for i in range(count):
        one.add_marks([books.given("ben", i, f"{os.getpid()} {i}")])
        print(i, flush=True)
    if moment == "before closing":
        os.kill(os.getpid(), 9)
"""


def start(folder: Path, moment: str = "never", count: int = 1) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", GIVING, str(folder), moment, str(count)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("moment", ["before the line", "in the line", "after the line", "before closing"])
def test_a_process_killed_between_the_writes_loses_nothing_that_it_said(folder: Path, moment: str):
    marks = books.points(folder)
    process = start(folder, moment)
    said = len(process.communicate()[0].split())
    assert (process.returncode, said) == (-signal.SIGKILL, moment == "before closing")
    read = books.read(folder)
    assert isinstance(read, str) == (moment == "after the line"), "only then the two differ"
    with Gradebook(folder) as book:
        book.add_marks([books.given("cleo", 4, "next")])
    repair(folder)
    assert examine(folder) == []
    found = books.points(folder)
    assert found[: len(marks)] == marks
    assert found[-1][-1] == "next"
    assert len(found) == len(marks) + 1 + (moment in ("after the line", "before closing"))


def test_several_processes_give_marks_at_once_while_others_read(folder: Path):
    processes = [start(folder, count=8) for _ in range(3)]
    while any(process.poll() is None for process in processes):
        assert isinstance(books.read(folder), dict), (
            "nobody is told of a damage that is only a mark on its way"
        )
    assert [process.wait() for process in processes] == [0, 0, 0]
    for process in processes:
        process.stdout.close()
    assert len(books.points(folder)) == 4 + 24
    assert len(lines(folder)) == 28
    assert len({json.loads(line)["number"] for line in lines(folder)}) == 28
    assert examine(folder) == []
    left = {path.name for path in folder.glob(f"{FILE}-*")}
    assert left <= {f"{FILE}-wal", f"{FILE}-shm"}, "which a reader may have kept from being taken away"


def test_what_is_written_while_it_is_copied_is_copied_again(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """A killed process has left its log, so that readers copy; meanwhile who ends a run puts the log into the file."""
    start(folder, "before closing").communicate()
    (folder / f"{FILE}-shm").unlink()
    copy, kept = shutil.copyfile, []

    def copied(source: Path, target: Path) -> None:
        copy(source, target)
        if not kept:
            kept.append(source)
            db = opening.for_writing(folder / FILE)
            rows.put(db, "progress", {"key": "k-ann", "part": "relu", "content": b"meanwhile"})
            opening.settle(db)
            db.close()

    monkeypatch.setattr(opening.shutil, "copyfile", copied)
    found = books.read(folder)
    assert kept
    assert isinstance(found, dict)
    assert [row[2] for row in found["progress"] if row[0] == "k-ann"] == [b"meanwhile"]


def test_no_mark_is_given_between_the_copy_of_the_table_and_the_look_at_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    """Such a mark would be in the file beside and not in the copy: a damage that is none."""
    start(folder, "before closing").communicate()
    (folder / f"{FILE}-shm").unlink()
    may_give = []

    def see(at: str) -> None:
        with (folder / "marks.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                may_give.append((at, True))
            except BlockingIOError:
                may_give.append((at, False))

    copy, read = shutil.copyfile, marks_file.read
    monkeypatch.setattr(opening.shutil, "copyfile", lambda *paths: (see("copy"), copy(*paths)))
    monkeypatch.setattr(marks_file, "read", lambda folder: (see("look"), read(folder))[1])
    assert isinstance(books.read(folder), dict)
    assert set(may_give) == {("copy", False), ("look", False)}
    see("afterwards")
    assert may_give[-1] == ("afterwards", True)


def test_a_file_replaced_meanwhile_takes_no_mark(folder: Path):
    with Gradebook(folder) as book:
        shutil.copy(folder / FILE, folder / "new")
        (folder / "new").replace(folder / FILE)
        for change in (
            lambda: book.add_marks([books.given("ben", 2)]),
            lambda: book.set_rendered("ann", "x"),
        ):
            with pytest.raises(GradebookError, match="since it was opened"):
                change()
    assert len(lines(folder)) == 4
