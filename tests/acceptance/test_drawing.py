"""Several real processes at once mark and grade one class: in the end every page is what a fresh drawing gives."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from grader.commands import common
from grader.gradebook import Gradebook
from grader.gradebook.classbook import ClassBook
from grader.grading.loading import load_assignment
from grader.grading.publish import Publisher, report_folders
from grader.model import Cover
from grader.report import rendering
from grader.report.files import write
from tests.classes import tiny_class
from tests.conftest import ROOT
from tests.hostile import assignment

IDS = ("student-0000", "student-0001", "student-0002")
QUESTIONS = ("Q2.1", "Q2.2", "Q2.3")


class Marking:
    """A class of three that was graded, and processes at work on it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out, self.rubric = folder, folder / "reports", folder / "ps3.toml"
        tiny_class(folder / "class", len(IDS))
        assignment.write(ROOT / "rubrics/ps3.toml", self.rubric, "of a test, and long enough for one")
        self.end(self.grade())

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        """`grade ...`, at once."""
        return subprocess.Popen(
            [sys.executable, "-m", "grader", *map(str, arguments)],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def grade(self, *more: str) -> subprocess.Popen[str]:
        return self.start("class", "--dataset", "digits", "--rubric", self.rubric, "--jobs", 2, *more)

    def mark(self, number: random.Random) -> subprocess.Popen[str]:
        """A mark of one of three for one of three questions."""
        where = number.choice(IDS), number.choice(QUESTIONS)
        return self.start("mark", *where, number.randrange(13) / 4, "--note", number.random())

    def end(self, *processes: subprocess.Popen[str]) -> None:
        for process in processes:
            _, said = process.communicate(timeout=300)
            assert process.returncode == 0, said

    def stale(self) -> list[str]:
        """The pages that are not what the gradebook and the rubric give now."""
        rubric, reference = load_assignment(self.rubric)
        fresh, pages = self.folder / "fresh", ["index.html"]
        with Gradebook(self.out, create=False, read_only=True) as book:
            one = ClassBook(book, rubric, reference.fingerprint)
            common.writable(fresh)
            common.write_class_page(one, fresh)
            for _, hand_in in one.graded:
                id = hand_in.submission
                links = Publisher(book, rendering.Here(), report_folders(book, self.out)).links(id)
                shown = msgspec.structs.replace(one.report(hand_in, "all"), cover=Cover(links=links))
                write(shown, fresh / id)
                pages += [f"{id}/report.{kind}" for kind in ("html", "md", "json")]
        assert len(pages) == 1 + 3 * len(IDS)
        return [page for page in pages if (fresh / page).read_bytes() != (self.out / page).read_bytes()]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Marking:
    return Marking(tmp_path_factory.mktemp("marking"))


@pytest.mark.slow
def test_several_persons_mark_at_once(graded: Marking):
    number = random.Random(1)
    graded.end(*(graded.mark(number) for _ in range(6)))
    assert graded.stale() == []


@pytest.mark.slow
def test_persons_mark_while_a_run_is_at_work(graded: Marking):
    number = random.Random(3)
    run = graded.grade("--again")
    while run.poll() is None:
        graded.end(*(graded.mark(number) for _ in range(2)))
    graded.end(run)
    assert graded.stale() == []


@pytest.mark.slow
def test_persons_mark_while_a_class_is_marked_by_other_points(graded: Marking):
    number, text = random.Random(4), graded.rubric.read_text()
    for turn in range(2):
        before = [graded.mark(number) for _ in range(2)]
        title = f'title = "Turn {turn}: Neural"'
        graded.rubric.write_text(text.replace('title = "Problem Set 3: Neural Networks"', title))
        assert title in graded.rubric.read_text()
        graded.end(graded.start("remark"), *before, *(graded.mark(number) for _ in range(2)))
        assert graded.stale() == []


@pytest.mark.slow
def test_what_a_killed_run_left_damaged_is_drawn_again(graded: Marking):
    number = random.Random(5)
    for id, damaged in zip(IDS, (b"", b"<!doctype", bytes(4096)), strict=True):
        for kind in ("html", "md", "json"):
            (graded.out / id / f"report.{kind}").write_bytes(damaged)
    (graded.out / "index.html").write_bytes(b"")
    graded.end(graded.mark(number))
    graded.end(graded.grade())
    assert graded.stale() == []


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0, 0.5])
@pytest.mark.parametrize("away", [shutil.move, lambda path, _: path.unlink()], ids=["moved", "deleted"])
def test_a_gradebook_that_is_gone_while_a_run_is_at_work_ends_it_in_a_line(
    graded: Marking, tmp_path: Path, away: Callable[[Path, Path], object], seconds: float
):
    book = graded.out / "gradebook.sqlite"
    shutil.copytree(graded.out, tmp_path / "kept")
    run = graded.grade("--again")
    while run.poll() is None and not book.with_name("gradebook.sqlite-wal").exists():
        pass
    time.sleep(seconds)
    away(book, tmp_path / "elsewhere")
    _, said = run.communicate(timeout=300)
    shutil.rmtree(graded.out)
    shutil.copytree(tmp_path / "kept", graded.out)
    assert run.returncode == 3, said
    assert "Traceback" not in said
    assert len([line for line in said.splitlines() if "gradebook.sqlite: " in line]) == 1, said
