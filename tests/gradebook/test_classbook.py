"""A class as the gradebook has it: whose marks count, and under which rubric they can be made."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from grader.errors import UsageError
from grader.gradebook import Gradebook
from grader.gradebook.classbook import ClassBook
from grader.grading import batch, remarking
from grader.grading.batch import Batch
from grader.grading.progress import Outcome
from grader.grading.runner import Run
from grader.handin.roster import Roster, Student
from grader.handin.submission import Submission
from grader.model import Person
from grader.report import rendering
from tests.grading.test_batch import BROKEN, hand_ins, not_ended
from tests.grading.test_runner import without_accuracy

ANN, BEN, CY = Person("Ann", number="1"), Person("Ben", number="2"), Person("Cy", number="3")


@pytest.fixture
def quick(on_digits: Run) -> Run:
    return dataclasses.replace(on_digits, rubric=without_accuracy(on_digits.rubric))


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    (tmp_path / "out").mkdir()
    with Gradebook(tmp_path / "out") as book:
        yield book


@pytest.fixture
def group(tmp_path: Path) -> Submission:
    (one,) = hand_ins(tmp_path / "class", ann=BROKEN.format(1))
    return dataclasses.replace(one, person=ANN, partners=(BEN,))


def grade(book: Gradebook, run: Run, *found: Submission) -> None:
    batch.grade(found, Batch(run, book, rendering.Here(), book.path.parent, "staff", Outcome()))


def class_of(book: Gradebook, run: Run, roster: Roster | None = None, **rubric: object) -> ClassBook:
    changed = msgspec.structs.replace(run.rubric, **rubric)
    return ClassBook(book, changed, run.reference.fingerprint, roster)


@pytest.mark.slow
def test_every_member_of_a_group_has_a_row_and_none_is_absent(book: Gradebook, quick: Run, group: Submission):
    grade(book, quick, group)
    roster = Roster((Student(ANN), Student(BEN, extension_hours=Decimal(24)), Student(CY)))
    one = class_of(book, quick, roster)
    assert [entry.person.name for entry in one.entries(per_person=True)] == ["Ann", "Ben"]
    assert [entry.person.name for entry in one.entries()] == ["Ann"], "one hand-in, one report"
    assert one.head().absent == (CY,)


def test_findings_under_another_secret_or_reference_give_no_marks(
    book: Gradebook, quick: Run, group: Submission
):
    grade(book, quick, group)
    other = class_of(book, quick, secret="another")
    assert "another course secret" in other.failed["ann"]
    assert (list(other.entries()), other.head().failed_persons) == ([], {"ann": ANN})
    corrected = ClassBook(book, quick.rubric, "another")
    assert "another reference" in corrected.failed["ann"]
    for changed in (other, corrected):
        with pytest.raises(UsageError, match="grade first"):
            remarking.remark(changed)
    assert class_of(book, quick).failed == {}


@pytest.mark.slow
def test_marking_again_is_a_run_of_its_own(book: Gradebook, quick: Run, group: Submission):
    """It never ends a grading that was killed."""
    grade(book, quick, group)
    not_ended(book)
    number, changed = remarking.remark(class_of(book, quick))
    assert (number, changed) == (2, 0)
    assert [run.ended is None for run in book.runs()] == [True, False]
    assert book.results(1) == [msgspec.structs.replace(row, run=1) for row in book.results(2)]


def test_an_empty_book_is_told(book: Gradebook, quick: Run):
    with pytest.raises(UsageError, match="grade first"):
        class_of(book, quick).head()
