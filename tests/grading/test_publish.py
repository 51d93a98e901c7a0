"""Report files show the newest state of the gradebook, whoever draws beside whom, and are drawn again where damaged."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from grader.commands import common
from grader.gradebook import Gradebook, MarkRecord
from grader.gradebook.classbook import ClassBook
from grader.grading import remarking
from grader.grading.publish import Publisher, report_folders
from grader.grading.runner import Run
from grader.model import Cover, GradeReport, Mark
from grader.report import class_page, rendering
from grader.report.files import write
from tests.grading.test_batch import BROKEN, grade, hand_ins
from tests.grading.test_runner import without_accuracy

NAMES = ("report.html", "report.md", "report.json")


@pytest.fixture(scope="module")
def quick(on_digits: Run) -> Run:
    return dataclasses.replace(on_digits, rubric=without_accuracy(on_digits.rubric))


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory, quick: Run) -> Path:
    """A class of two that was graded once. Tests add marks, and take nothing away."""
    folder = tmp_path_factory.mktemp("class")
    (folder / "out").mkdir()
    with Gradebook(folder / "out") as book:
        grade(book, quick, hand_ins(folder / "hand-ins", ann=BROKEN.format(1), ben=BROKEN.format(2)))
    return folder / "out"


@pytest.fixture
def one(out: Path, quick: Run) -> Iterator[ClassBook]:
    with Gradebook(out) as book:
        yield ClassBook(book, quick.rubric, quick.reference.fingerprint)


def give(out: Path, points: object, id: str = "ann") -> None:
    """A mark, as another process gives it."""
    with Gradebook(out) as book:
        book.add_marks(
            [MarkRecord("ps3", id, "Q1.6", Mark(Decimal(str(points)), "kim", "2026-01-31T09:00:00"))]
        )


class Late:
    """A renderer that is slow: before it writes, something happens."""

    def __init__(self, *meanwhile: Callable[[], None]) -> None:
        self.meanwhile = list(meanwhile)
        self.drawn: list[str] = []

    def submit(self, report: GradeReport, folder: Path) -> Future[str]:
        self.drawn.append(report.submission)
        if self.meanwhile:
            self.meanwhile.pop(0)()
        return rendering.Here().submit(report, folder)


def is_newest(one: ClassBook, tmp_path: Path) -> bool:
    """Whether all reports are what a fresh drawing gives."""
    out, fresh = one.book.path.parent, one.anew()
    same = []
    for _, hand_in in fresh.graded:
        id = hand_in.submission
        links = Publisher(one.book, rendering.Here(), report_folders(one.book, out)).links(id)
        shown = msgspec.structs.replace(fresh.report(hand_in, "all"), cover=Cover(links=links))
        write(shown, tmp_path / "fresh" / id)
        same += [(tmp_path / "fresh" / id / n).read_bytes() == (out / id / n).read_bytes() for n in NAMES]
    return len(same) == 6 and all(same)


@pytest.mark.slow
def test_an_older_version_that_is_written_late_does_not_stay(one: ClassBook, tmp_path: Path):
    out = one.book.path.parent

    def another() -> None:
        """Marks and draws, all of it before the older one is written."""
        give(out, "2")
        with Gradebook(out) as book:
            remarking.publish(dataclasses.replace(one, book=book), rendering.Here(), out, ["ann"])

    give(out, "1")
    late = Late(another)
    remarking.publish(one, late, out, ["ann"])
    assert late.drawn == ["ann", "ann"]
    assert is_newest(one, tmp_path)


def test_marks_that_are_given_while_reports_are_on_their_way_are_in_them(one: ClassBook, tmp_path: Path):
    out = one.book.path.parent
    list(one.entries())  # what was read before the marks is not relied on
    give(out, "0.25")
    give(out, "1", "ben")
    late = Late(lambda: give(out, "3"), lambda: give(out, "4"), lambda: give(out, "0.5", "ben"))
    remarking.publish(one, late, out)
    assert is_newest(one, tmp_path)
    remarking.publish(one, again := Late(), out)
    assert again.drawn == []


def test_a_run_at_work_draws_marks_that_are_given_meanwhile(one: ClassBook, quick: Run, tmp_path: Path):
    out = one.book.path.parent
    give(out, "1")
    late = Late(lambda: give(out, "3.5"))
    grade(one.book, quick, hand_ins(out.parent / "hand-ins"), renderer=late)
    assert late.drawn[:2] == ["ann", "ann"]
    assert is_newest(one, tmp_path)


def test_the_page_of_the_class_is_drawn_again_where_somebody_marks_meanwhile(
    one: ClassBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    out, render = one.book.path.parent, class_page.render
    meanwhile = [lambda: give(out, "2.25"), lambda: give(out, "2.75")]

    def slow(*arguments: object) -> str:
        page = render(*arguments)  # type: ignore[arg-type]
        if meanwhile:
            meanwhile.pop()()
        return page

    monkeypatch.setattr(class_page, "render", slow)
    page = common.write_class_page(one, out).read_bytes()
    monkeypatch.undo()
    (tmp_path / "fresh").mkdir()
    assert page == common.write_class_page(one.anew(), tmp_path / "fresh").read_bytes()
    assert b"2.25" in page


DAMAGE: dict[str, Callable[[bytes], bytes | None]] = {
    "empty": lambda content: b"",
    "cut off": lambda content: content[: len(content) // 2],
    "its last byte gone": lambda content: content[:-1],
    "zeros": lambda content: bytes(len(content)),
    "another byte": lambda content: content[:99] + bytes([content[99] ^ 1]) + content[100:],
    "gone": lambda content: None,
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", NAMES)
def test_damaged_files_are_drawn_again_and_no_others(one: ClassBook, tmp_path: Path, name: str, damage: str):
    out = one.book.path.parent
    remarking.publish(one, rendering.Here(), out)
    content = (out / "ann" / name).read_bytes()
    damaged = DAMAGE[damage](content)
    if damaged is None:
        (out / "ann" / name).unlink()
    else:
        (out / "ann" / name).write_bytes(damaged)
    remarking.publish(one, late := Late(), out)
    assert late.drawn == ["ann"]
    assert (out / "ann" / name).read_bytes() == content


def test_a_run_draws_damaged_files_again(one: ClassBook, quick: Run, tmp_path: Path):
    out = one.book.path.parent
    remarking.publish(one, rendering.Here(), out)
    (out / "ann" / "report.md").write_bytes(b"")
    _, told = grade(one.book, quick, hand_ins(out.parent / "hand-ins"), renderer=(late := Late()))
    assert (late.drawn, told.started_ids) == (["ann"], [])
    assert is_newest(one, tmp_path)
