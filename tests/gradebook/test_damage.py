"""Damage is found and said, and no mark that a person gave is lost by it: faults are really injected."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import GradebookError, UsageError
from grader.gradebook import FILE, Gradebook, examine, marks_file, repair
from tests.conftest import ROOT
from tests.gradebook import books

NOISE = random.Random(7)
MARKS = marks_file.FILE


def damages(size: int) -> list[tuple[int, bytes]]:
    """What to write where: at every class of offset of every page, zeros and noise."""
    found = []
    for page in range(0, size, books.PAGE):
        found += [(page, bytes(books.PAGE)), (page, NOISE.randbytes(books.PAGE))]
        start = page + (100 if page == 0 else 0)
        for offset, length in ((0, 8), (8, 4), (12, 64), (500, 32), (2000, 512), (books.PAGE - 40, 40)):
            found += [(start + offset, bytes(length)), (start + offset, NOISE.randbytes(length))]
    return found + [(offset, NOISE.randbytes(4)) for offset in range(0, 100, 4)]


@pytest.mark.slow
def test_every_damage_is_said_or_changes_nothing_and_repair_brings_all_marks_back(
    sound: Path, tmp_path: Path
):
    """The marks, who gave them, when and in which order."""
    whole, marks = books.contents(sound), books.points(sound)
    said, tried = 0, damages((sound / FILE).stat().st_size)[::5]
    for i, (at, content) in enumerate(tried):
        folder = tmp_path / str(i)
        shutil.copytree(sound, folder)
        books.overwrite(folder / FILE, at, content)
        found = books.read(folder)
        is_told = isinstance(found, str) or bool(found["remarks"])
        assert is_told or found == whole, (at, content[:8])
        said += is_told
        assert bool(examine(folder)) == is_told, (at, content[:8])
        repair(folder)
        assert books.points(folder) == marks, (at, content[:8])
        assert examine(folder) == []
        shutil.rmtree(folder)
    assert said > len(tried) / 3


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_named_and_repaired(folder: Path, share: float):
    marks, size = books.points(folder), (folder / FILE).stat().st_size
    with (folder / FILE).open("r+b") as file:
        file.truncate(int(size * share))
    assert "damaged" in str(books.read(folder))
    repair(folder)
    assert books.points(folder) == marks
    assert (folder / f"{FILE}.damaged").stat().st_size == int(size * share), "the damaged one is kept"


def test_damage_that_sqlite_tells_in_no_text_is_told(folder: Path):
    """It quotes the name of a damaged table, whatever bytes that has now."""
    marks, content = books.points(folder), (folder / FILE).read_bytes()
    at = content.index(b"CREATE TABLE")
    books.overwrite(folder / FILE, at - 3, b"\x80\xff")  # the end of its name, which stands before
    books.overwrite(folder / FILE, at, b"CREATE\x80")
    assert "malformed" in " ".join(map(str, examine(folder)))
    repair(folder)
    assert books.points(folder) == marks


def test_a_damaged_row_that_is_found_anew_is_said_and_stops_nobody(folder: Path):
    content = (folder / FILE).read_bytes()
    with Gradebook(folder) as book:
        at = content.index(book.exhibits("k-ben", 2)[9000:9100])
    books.overwrite(folder / FILE, at, bytes(50))
    with Gradebook(folder, create=False, read_only=True) as book:
        (line,) = book.remarks
        assert "what was found in ben" in line and "damaged" in line
        assert book.final("k-ben") is None
        assert book.final("k-ann") == 2
        with pytest.raises(GradebookError):
            book.exhibits("k-ben", 2)
        assert book.exhibits("k-ben", 1), "what an earlier run found is its own"


def test_a_finding_from_a_copy_is_graded_again(folder: Path):
    """What an older copy says was found stands until somebody looks again."""
    content = (folder / FILE).read_bytes()
    with Gradebook(folder) as book:
        at = content.index(book.finding("k-ben", 2)[1000:1100])
        assert (folder / f"{FILE}.bak").is_file()
    books.overwrite(folder / FILE, at, bytes(50))
    (line,) = examine(folder)
    assert "ben" in line
    repair(folder)
    with Gradebook(folder) as book:
        assert book.finding("k-ben", 2) is not None
        assert book.final("k-ben") is None
        assert book.final("k-ann") == 2
        assert len(book.hand_ins()) == 3


def test_a_mark_that_is_changed_in_the_file_is_found(folder: Path):
    """A digit of the points, as one bit does it."""
    content = (folder / FILE).read_bytes()
    at = content.index(b"note 3")
    books.overwrite(folder / FILE, at + 5, b"8")
    assert "a row of `mark` (4 ps3)" in str(books.read(folder))
    repair(folder)
    assert [note for *_, note in books.points(folder)] == ["note 0", "note 1", "note 2", "note 3"]


# ---- gone, empty, without its log ----


@pytest.mark.parametrize("beside", ["marks", "copy", "reports"])
@pytest.mark.parametrize("read_only", [True, False])
def test_an_empty_file_is_not_begun_anew(folder: Path, beside: str, read_only: bool):
    """Neither by those that read nor by those that write."""
    for path in folder.iterdir():
        path.unlink()
    (folder / FILE).touch()
    match beside:
        case "marks":
            (folder / MARKS).write_bytes(b"")
        case "copy":
            (folder / f"{FILE}.bak.1").write_bytes(b"")
        case "reports":
            (folder / "ann").mkdir()
            (folder / "ann" / "report.json").write_text("{}")
    with pytest.raises(GradebookError, match=r"is empty, and beside it stands .* repair"):
        Gradebook(folder, read_only=read_only)
    assert (folder / FILE).stat().st_size == 0


def test_an_empty_file_with_nothing_beside_is_a_new_one(tmp_path: Path):
    (tmp_path / FILE).touch()
    with pytest.raises(UsageError, match="grade first"):
        Gradebook(tmp_path, create=False, read_only=True)
    with Gradebook(tmp_path) as book:
        assert book.runs() == []


@pytest.mark.parametrize("gone", ["removed", "emptied", "tables emptied"])
def test_marks_come_back_where_the_whole_file_is_lost(folder: Path, gone: str):
    marks = books.points(folder)
    for copy in folder.glob(f"{FILE}.bak*"):
        copy.unlink()
    (folder / FILE).unlink()
    if gone == "emptied":
        (folder / FILE).touch()
    if gone == "tables emptied":
        with sqlite3.connect(folder / FILE) as db:
            db.execute("PRAGMA journal_mode = WAL")  # what a lost log leaves of a young file
    for read_only in (True, False):
        with pytest.raises(GradebookError, match="repair"):
            Gradebook(folder, read_only=read_only)
    said = repair(folder)
    assert "4 marks of persons in all" in said
    assert books.points(folder) == marks
    assert repair(folder) == [f"{folder / FILE}: nothing is damaged"]


def test_a_lost_log_loses_no_mark(folder: Path, tmp_path: Path):
    """As a copy taken without it, or somebody who tidies up."""
    book = Gradebook(folder)
    book.add_marks([books.given("ann", 5, "in the log")])
    killed = tmp_path / "killed"
    shutil.copytree(folder, killed)  # as SIGKILL would leave it
    book.close()
    assert (killed / f"{FILE}-wal").stat().st_size > 0
    (killed / f"{FILE}-wal").unlink()
    assert "lacks 1 of the marks in marks.jsonl" in str(books.read(killed))
    assert examine(killed) == [f"1 marks of persons are in {MARKS} and not in {FILE}"]
    repair(killed)
    assert books.points(killed) == books.points(folder)
    assert books.points(killed)[-1][-1] == "in the log"


def test_a_log_that_a_killed_process_left_is_read_without_a_trace(folder: Path, tmp_path: Path):
    with Gradebook(folder) as book:
        book.add_marks([books.given("ann", 5, "in the log")])
        shutil.copytree(folder, tmp_path / "killed")
    for missing in ((), ("-shm",)):
        killed = tmp_path / f"without{''.join(missing)}"
        shutil.copytree(tmp_path / "killed", killed)
        for end in missing:
            (killed / f"{FILE}{end}").unlink()
        before = sorted(killed.iterdir())
        assert books.points(killed)[-1][-1] == "in the log"
        assert sorted(killed.iterdir()) == before


# ---- any writes, any damage ----


STEPS = ("mark", "mark", "two", "same", "reopen", "finding", "copy back")


def write(folder: Path, steps: list[str]) -> list[tuple[str, str]]:
    """Do what people do; the marks that they were told are saved, in order."""
    acknowledged: list[tuple[str, str]] = []
    book, kept = Gradebook(folder), b""
    for i, step in enumerate(steps):
        if step in ("reopen", "copy back"):
            book.close()
            kept = kept or (folder / FILE).read_bytes()
            if step == "copy back":  # an older file is put in place: later marks are in one place only
                (folder / FILE).write_bytes(kept)
            book = Gradebook(folder)
        elif step == "finding":
            book.keep(f"k{i}", 1, b"x" * 5000, b"y" * 9000, True)
        else:
            count = 2 if step == "two" else 1
            notes = ["again" if step == "same" else f"{i} {n} ä\n\"'\u2028" for n in range(count)]
            book.add_marks([books.given("ann", n, note) for n, note in enumerate(notes)])
            acknowledged += [(str(n), note) for n, note in enumerate(notes)]
    book.close()
    return acknowledged


def harm(path: Path, how: str, data: st.DataObject) -> None:
    """Damage a file."""
    size = path.stat().st_size
    if how == "remove":
        path.unlink()
    elif how == "truncate":
        with path.open("r+b") as file:
            file.truncate(data.draw(st.integers(0, size)))
    elif how == "overwrite" and size:
        for _ in range(data.draw(st.integers(1, 4))):
            content = data.draw(st.binary(min_size=1, max_size=64)) * data.draw(st.sampled_from([1, 64]))
            books.overwrite(path, data.draw(st.integers(0, size - 1)), content)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_repair_brings_back_every_mark_once_whatever_happened_to_one_of_the_two(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
):
    folder = tmp_path_factory.mktemp("any")
    acknowledged = write(folder, data.draw(st.lists(st.sampled_from(STEPS), min_size=1, max_size=12)))
    harmed = folder / data.draw(st.sampled_from([FILE, FILE, MARKS]))
    if harmed.exists() and (folder / MARKS).exists():  # without it, no mark was given
        harm(
            harmed,
            data.draw(st.sampled_from(["nothing", "remove", "truncate", "overwrite", "overwrite"])),
            data,
        )
    first = repair(folder)
    for _ in range(2):
        found = [(str(mark), note) for _, mark, _, _, note in books.points(folder)]
        assert found == acknowledged, first
        assert examine(folder) == []
        assert repair(folder) == [f"{folder / FILE}: nothing is damaged"]


# ---- repair itself is stopped, or finds what is unusual ----

REPAIRING = """
import os, sys
from pathlib import Path
from grader.gradebook import repair
left = int(sys.argv[2])
def counted(function):
    def call(*arguments, **options):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), 9)
        return function(*arguments, **options)
    return call
for name in ("fsync", "link", "write", "ftruncate"):
    setattr(os, name, counted(getattr(os, name)))
Path.replace = counted(Path.replace)
Path.hardlink_to = counted(Path.hardlink_to)
print(repair(Path(sys.argv[1])))
"""


@pytest.mark.slow
def test_a_repair_that_is_killed_anywhere_is_done_by_the_next(folder: Path, tmp_path: Path):
    marks = books.points(folder)
    with Gradebook(folder):
        shutil.copytree(folder, tmp_path / "damaged")
    books.overwrite(tmp_path / "damaged" / FILE, books.PAGE, bytes(books.PAGE))
    with (tmp_path / "damaged" / MARKS).open("ab") as file:
        file.write(b"torn")
    killed = 0
    for moment in range(100):
        copy = tmp_path / str(moment)
        shutil.copytree(tmp_path / "damaged", copy)
        process = subprocess.run(
            [sys.executable, "-c", REPAIRING, str(copy), str(moment)],
            cwd=ROOT,
            capture_output=True,
            check=False,
        )
        killed += process.returncode == -signal.SIGKILL
        repair(copy)
        assert books.points(copy) == marks, moment
        assert examine(copy) == [], moment
        if process.returncode == 0:
            break
    assert killed >= 6


@pytest.mark.slow
def test_a_damaged_log_of_a_killed_process_loses_no_mark(folder: Path, tmp_path: Path):
    """SQLite takes the first frame whose checksum is wrong for the end of the log, and says nothing."""
    with Gradebook(folder) as book:
        for i in range(3):
            book.add_marks([books.given("ann", i, f"in the log {i}")])
        marks = [*books.points(folder)]
        shutil.copytree(folder, tmp_path / "killed")
    log = tmp_path / "killed" / f"{FILE}-wal"
    for at in range(0, log.stat().st_size, 1500):
        copy = tmp_path / str(at)
        shutil.copytree(tmp_path / "killed", copy)
        books.overwrite(copy / log.name, at, NOISE.randbytes(200))
        (copy / f"{FILE}-shm").unlink()
        assert isinstance(books.read(copy), str) or books.points(copy) == marks, at
        repair(copy)
        assert books.points(copy) == marks, at


@pytest.mark.parametrize("harm", ["bytes", "gone"])
def test_a_file_that_is_a_link_is_repaired_where_it_lies(folder: Path, tmp_path: Path, harm: str):
    marks, real = books.points(folder), tmp_path / "real"
    real.mkdir()
    (folder / FILE).replace(real / FILE)
    (folder / FILE).symlink_to(real / FILE)
    with Gradebook(folder) as book:
        book.add_marks([books.given("ann", 5)])
    if harm == "bytes":
        books.overwrite(real / FILE, 0, bytes(100))
    else:
        (real / FILE).unlink()
    repair(folder)
    assert books.points(folder)[:-1] == marks
    assert (folder / FILE).is_symlink()


def test_without_hard_links_the_damaged_file_is_kept_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    def refused(path: Path, target: Path) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    books.overwrite(folder / FILE, 0, bytes(100))
    damaged = (folder / FILE).read_bytes()
    repair(folder)
    assert (folder / f"{FILE}.damaged").read_bytes() == damaged


@pytest.mark.slow
def test_a_file_that_is_written_while_it_is_looked_through_is_not_damaged(folder: Path):
    """Runs end, and are pruned, in one process, while another one reads and counts."""
    writing = subprocess.Popen([sys.executable, "-c", WRITING, str(folder)], cwd=ROOT, stdout=subprocess.PIPE)
    assert writing.stdout is not None
    writing.stdout.readline()
    times = 0
    while writing.poll() is None:
        assert isinstance(books.read(folder), dict)
        assert examine(folder) == []
        times += 1
    writing.stdout.close()
    assert (writing.returncode, times > 3) == (0, True)


def test_a_finding_that_another_process_prunes_meanwhile_is_none(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    with Gradebook(folder) as book:
        rows = book.rows

        def then_pruned(*arguments: Any) -> list[tuple[Any, ...]]:
            found = rows(*arguments)
            with book.change() as change:
                change.execute("DELETE FROM finding WHERE key = 'k-ann'")
            return found

        monkeypatch.setattr(book, "rows", then_pruned)
        assert book.finding("k-ann") is None


WRITING = """
import sys
from pathlib import Path
from grader.gradebook import Gradebook, HandIn, prune
from tests.gradebook import books
with Gradebook(Path(sys.argv[1])) as book:
    print(flush=True)
    for i in range(30):
        run, _ = book.begin(books.HASHES, {"p": 1}, (Path("ps3.toml"), None), [("ann", str(i))], books.AT)
        for id in books.IDS:
            book.keep(f"k-{id}", run, bytes(3000), bytes(3000), True)
            book.record(run, HandIn(id, "f", f"k-{id}", found_in=run), None)
        book.end(run, books.AT)
        if i % 10 == 9:
            prune(book, 2)
"""
