"""The gradebook: nothing that was written is lost, and whoever holds it up is told of in a line."""

from __future__ import annotations

import sqlite3
import threading
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import gradebook
from grader.errors import GradebookError, GraderError, UsageError
from grader.gradebook import Gradebook, HandIn, Hashes, MarkRecord
from grader.model import CheckResult, Mark, Outcome, Person
from tests.report import report_samples as samples

HASHES = Hashes("ps3", "r1", "a1", "ref", "grader", "digits", "d1", "s1", "A")
AT = "2026-01-31T09:00:00+00:00"


@pytest.fixture
def book(tmp_path: Path) -> Gradebook:
    with Gradebook(tmp_path) as book:
        yield book


def begun(
    book: Gradebook, *hand_ins: tuple[str, str], hashes: Hashes = HASHES, kind: str = "grade"
) -> tuple[int, bool]:
    return book.begin(
        hashes, {"points": Decimal("2.5")}, (Path("rubrics/ps3.toml"), None), hand_ins, AT, kind
    )


def test_what_is_written_is_there_for_the_next_one(tmp_path: Path):
    report = samples.partly_failed()
    hand_in = HandIn(
        "ann", "f1", "k1", "", ("a note",), (Person("Ann", number="7"), Person("Ben")), AT, "Canvas download"
    )
    with Gradebook(tmp_path) as book:
        number, _ = begun(book, ("ann", "f1"))
        book.keep("k1", number, b"findings", b"exhibits", True)
        book.record(number, hand_in, report)
        book.end(number, AT)
    with Gradebook(tmp_path) as book:
        assert (book.finding("k1"), book.exhibits("k1"), book.final("k1")) == (b"findings", b"exhibits", True)
        assert book.hand_ins() == [(number, hand_in)]
        assert book.run(number).ended == AT
        rows = book.results(number, "ann")
    checks = {check.id: check for question in report.questions for check in question.checks}
    assert {row.check: (row.earned, row.points, row.message) for row in rows} == {
        id: (check.earned, check.points, check.message.encode("utf-8", "backslashreplace").decode())
        for id, check in checks.items()
    }


def test_points_come_back_exactly(book: Gradebook):
    check = CheckResult("c", "C", Outcome.PARTIAL, Decimal("0.1"), Decimal("0.3"), "")
    question = samples.question_result("Q", "Q", Decimal("0.3"), [check])
    number, _ = begun(book, ("ann", "f1"))
    book.record(number, HandIn("ann", "f1", "k1"), samples.report(question))
    (row,) = book.results(number)
    assert (row.earned * 3, row.points) == (Decimal("0.3"), Decimal("0.3"))


def test_a_run_that_has_not_ended_goes_on(book: Gradebook):
    first = begun(book, ("ann", "f1"), ("ben", "f2"))
    assert begun(book, ("ben", "f2"), ("ann", "f1")) == (first[0], True)
    book.end(first[0], AT)
    assert begun(book, ("ann", "f1"), ("ben", "f2")) == (first[0] + 1, False)


def test_only_the_last_run_goes_on(book: Gradebook):
    """What is graded last counts: were an earlier one continued, one in between would count after it."""
    first, _ = begun(book, ("ann", "f1"))
    other = msgspec.structs.replace(HASHES, tier="practice")
    second, _ = begun(book, ("ann", "f1"), hashes=other)
    book.record(second, HandIn("ann", "f1", "of practice"), None)
    book.end(second, AT)
    third, goes_on = begun(book, ("ann", "f1"))
    assert (first, second, third, goes_on) == (1, 2, 3, False)
    book.record(third, HandIn("ann", "f1", "of tier A"), None)
    assert [one.finding for _, one in book.hand_ins()] == ["of tier A"]


@pytest.mark.parametrize("kind", ["again", "remark"])
def test_another_kind_of_run_never_goes_on_with_this_one(book: Gradebook, kind: str):
    begun(book, ("ann", "f1"))
    assert begun(book, ("ann", "f1"), kind=kind) == (2, False)


def test_assignments_in_one_book_do_not_mix(book: Gradebook):
    for assignment in ("ps3", "ps4"):
        hashes = msgspec.structs.replace(HASHES, assignment=assignment)
        number, _ = begun(book, ("ann", "f1"), hashes=hashes)
        book.record(number, HandIn("ann", "f1", assignment), None)
        book.end(number, AT)
        book.add_marks([MarkRecord(assignment, "ann", "Q1", Mark(Decimal(number), "kim", AT))])
    assert [one.finding for _, one in book.hand_ins(assignment="ps3")] == ["ps3"]
    assert book.marks("ps3")["ann"]["Q1"].mark.points == 1
    assert book.marks("ps4")["ann"]["Q1"].mark.points == 2
    assert book.marks("ps5") == {}


@pytest.mark.parametrize("field", Hashes.__struct_fields__)
def test_other_settings_are_another_run(book: Gradebook, field: str):
    first, _ = begun(book, ("ann", "f1"))
    other = msgspec.structs.replace(HASHES, **{field: "other"})
    assert begun(book, ("ann", "f1"), hashes=other) == (first + 1, False)
    assert begun(book, ("ann", "changed")) == (first + 2, False)


def test_findings_are_kept_under_all_that_can_change_them():
    keys = {HASHES.finding_key("f1", "1"), HASHES.finding_key("f2", "1"), HASHES.finding_key("f1", "2")}
    for field in ("asking", "reference", "grader", "dataset_hash", "secret", "tier"):
        keys.add(msgspec.structs.replace(HASHES, **{field: "other"}).finding_key("f1", "1"))
    assert len(keys) == 9
    assert msgspec.structs.replace(HASHES, rubric="other points").finding_key("f1", "1") in keys


def test_a_journal_is_kept_until_the_finding_is(tmp_path: Path):
    with Gradebook(tmp_path) as book:
        book.journal("k1").keep("relu", b"1")
        book.journal("k2").keep("relu", b"2")
    with Gradebook(tmp_path) as book:
        assert book.journal("k1").part("relu") == b"1"
        assert book.journal("k1").part("loss") is None
        book.keep("k1", 1, b"", b"", True)
        assert book.journal("k1").part("relu") is None
        assert book.journal("k2").part("relu") == b"2"


def test_the_newest_grading_of_each_counts(book: Gradebook):
    for files, ids in (("f1", ("ann", "ben")), ("f2", ("ann",))):
        number, _ = begun(book, *((id, files) for id in ids))
        for id in ids:
            book.record(number, HandIn(id, files, files), None)
        book.end(number, AT)
    assert [(run, one.submission, one.files) for run, one in book.hand_ins()] == [
        (2, "ann", "f2"),
        (1, "ben", "f1"),
    ]
    assert [one.files for _, one in book.hand_ins(1)] == ["f1", "f1"]


def test_a_change_is_all_or_nothing(book: Gradebook):
    book.keep("k1", 1, b"old", b"", True)
    with pytest.raises(ZeroDivisionError), book.change() as change:
        change.execute("DELETE FROM finding")
        raise ZeroDivisionError
    assert book.finding("k1") == b"old"


def test_many_threads_write_at_once(book: Gradebook):
    def keep(name: str) -> None:
        for i in range(20):
            book.journal(name).keep(str(i), name.encode())

    threads = [threading.Thread(target=keep, args=(f"k{i}",)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert book.all("SELECT count(*) FROM progress") == [(160,)]


@settings(max_examples=25, deadline=None)
@given(text=st.text(st.characters()))
def test_any_text_is_kept(tmp_path_factory: pytest.TempPathFactory, text: str):
    """Lone surrogates too, which file names and student output may hold."""
    check = CheckResult("c", "C", Outcome.FAILED, Decimal(0), Decimal(1), text, diagnosis=text)
    question = samples.question_result("Q", "Q", Decimal(1), [check])
    with Gradebook(tmp_path_factory.mktemp("book")) as book:
        number, _ = begun(book, ("ann", "f1"))
        hand_in = HandIn("ann", "f1", "k1", text, (text,), (Person(text),), "", text)
        book.record(number, hand_in, samples.report(question))
        ((_, found),) = book.hand_ins(number)
        readable = text.encode("utf-8", "backslashreplace").decode()
        assert (found.trouble, found.notes, found.person.name) == (readable, (readable,), readable)
        assert book.results(number)[0].message == readable


def test_no_gradebook_is_a_mistake_of_the_user(tmp_path: Path):
    with pytest.raises(UsageError, match="grade first"):
        Gradebook(tmp_path, create=False)
    with Gradebook(tmp_path) as book, pytest.raises(UsageError, match="no run 3"):
        book.run(3)


def one_line(error: Exception, *words: str) -> None:
    assert "\n" not in str(error)
    for word in words:
        assert word in str(error)


def test_a_file_of_something_else_is_named(tmp_path: Path):
    (tmp_path / "gradebook.sqlite").write_text("marks, marks, marks\n" * 100)
    with pytest.raises(GradebookError) as error:
        Gradebook(tmp_path)
    one_line(error.value, "gradebook.sqlite", "is no gradebook", "--out")


def test_a_gradebook_of_another_version_is_left_alone(tmp_path: Path):
    Gradebook(tmp_path).close()
    with sqlite3.connect(tmp_path / "gradebook.sqlite") as other:
        other.execute("PRAGMA user_version = 99")
    with pytest.raises(GraderError, match="version 99"):
        Gradebook(tmp_path)


def test_one_that_is_held_by_another_program_is_waited_for_and_then_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(gradebook.opening, "PATIENCE_S", 0.1)
    with Gradebook(tmp_path) as book:
        other = sqlite3.connect(tmp_path / "gradebook.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(GradebookError) as error:
            book.keep("k1", 1, b"", b"", True)
        one_line(error.value, "gradebook.sqlite", "another program")
        other.execute("ROLLBACK")
        book.keep("k1", 1, b"kept", b"", True)
        assert book.finding("k1") == b"kept"


def test_a_full_disk_is_told_and_loses_nothing(book: Gradebook):
    book.keep("k1", 1, b"kept", b"", True)
    (pages,) = book.all("PRAGMA page_count")[0]
    book.all(f"PRAGMA max_page_count = {pages}")  # SQLite then says what it says on a full disk
    with pytest.raises(GradebookError) as error:
        book.keep("k2", 1, b"x" * 1_000_000, b"", True)
    one_line(error.value, "the disk is full", "goes on where it was")
    book.all("PRAGMA max_page_count = 1000000")
    assert (book.finding("k1"), book.finding("k2")) == (b"kept", None)
    book.keep("k2", 1, b"kept too", b"", True)


def test_two_runs_do_not_grade_into_one_folder(tmp_path: Path):
    with gradebook.grading(tmp_path):
        with pytest.raises(GraderError) as error, gradebook.grading(tmp_path):
            pass
        one_line(error.value, "another run", "--out")
    with gradebook.grading(tmp_path):
        pass


def test_what_an_earlier_run_found_stays_beside_what_a_later_one_did(book: Gradebook):
    for run in (1, 2):
        book.keep("k1", run, f"found by {run}".encode(), b"", True)
    book.keep("k1", 3, b"not for certain", b"", False)
    assert [book.finding("k1", run) for run in (1, 2, 3, 4, None)] == [
        b"found by 1",
        b"found by 2",
        b"not for certain",
        None,
        b"not for certain",
    ]
    assert book.final("k1") is None, "the newest counts"


@pytest.mark.slow
def test_a_run_in_which_nothing_changes_adds_little(tmp_path: Path):
    report = samples.partly_failed()

    def graded(number: int) -> int:
        with Gradebook(tmp_path) as book:
            run, _ = begun(book, ("ann", "f1"))
            for i in range(200):
                book.record(run, HandIn(f"student-{i:03}", f"f{i}", f"k{i}", found_in=1), report)
            book.end(run, AT)
        return book.path.stat().st_size

    first, *_, last = [graded(number) for number in range(5)]
    assert (last - first) / 4 / 200 < 400, "bytes for a hand-in in each run"
    with Gradebook(tmp_path) as book:
        gradebook.prune(book, 1)
        assert [run.id for run in book.runs()] == [1, 5], "the first one found what counts"
        assert len(book.hand_ins()) == 200
        assert len(book.results(5)) == 200 * len(book.results(5, "student-007"))
    assert book.path.stat().st_size < last / 2


def test_pruning_keeps_of_each_assignment_and_hand_in_what_counts(book: Gradebook):
    """Ann was graded in the first run only, ben in both, and both in another assignment before."""
    for run, (assignment, ids) in enumerate(
        [("ps4", ("ann", "ben")), ("ps3", ("ann", "ben")), ("ps3", ("ben",))], 1
    ):
        number, _ = begun(
            book, *((id, "f") for id in ids), hashes=msgspec.structs.replace(HASHES, assignment=assignment)
        )
        for id in ids:
            book.keep(f"{id} {run}", number, b"x", b"y", True)
            book.record(number, HandIn(id, "f", f"{id} {run}", found_in=number), None)
        book.end(number, AT)
    before = [book.hand_ins(assignment=one) for one in ("ps3", "ps4")]
    book.add_marks([MarkRecord("ps3", "ann", "Q1", Mark(Decimal(1), "kim", AT))])
    gradebook.prune(book, 1)
    assert [book.hand_ins(assignment=one) for one in ("ps3", "ps4")] == before
    assert sorted(book.findings()) == [("ann 1", 1), ("ann 2", 2), ("ben 1", 1), ("ben 3", 3)]
    assert len(book.all_marks()) == 1


def test_pruning_keeps_what_each_try_was_judged_on(book: Gradebook):
    """Else whoever hands in again would meet inputs that were seen before."""
    for files, nonce in (("f1", "1"), ("f2", "2"), ("f2", "2"), ("f3", "3"), ("f3", "3")):
        number, _ = begun(book, ("ann", files))
        book.record(number, HandIn("ann", files, None, nonce=nonce), None)
        book.end(number, AT)
    before = book.tries("ps3")
    gradebook.prune(book, 1)
    assert [run.id for run in book.runs()] == [1, 3, 5]
    assert {*book.tries("ps3")["ann"]} == {*before["ann"]} == {("f1", "1"), ("f2", "2"), ("f3", "3")}
