"""Marks that persons give: recorded once, shown with who and when, and never lost by grading again."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.gradebook import Gradebook, MarkRecord, manual_marks, standing
from grader.model import (
    CheckResult,
    GradeReport,
    Host,
    Mark,
    Outcome,
    QuestionResult,
    question_result,
)
from grader.report import html, markdown
from grader.written.answered import key

NOW = "2026-01-31T09:00:00+00:00"


def asked(points: str, checks: list[CheckResult], answer: str) -> QuestionResult:
    """A question with a written answer."""
    made = question_result("Q1", "Why", Decimal(points), checks, answer)
    how = "written" if answer else "nothing"
    return msgspec.structs.replace(made, answered=how, answer_key=key(answer))


def graded(id: str, answer: str, suggested: str | None = "3") -> GradeReport:
    waiting = CheckResult(
        id="Q1-manual",
        title="Waits",
        outcome=Outcome.NEEDS_REVIEW,
        earned=Decimal(0),
        points=Decimal(5),
        message="",
        suggested=None if suggested is None else Decimal(suggested),
    )
    question = asked("5", [waiting], answer)
    return GradeReport(
        schema=1, submission=id, rubric="r", title="T", dataset="digits", marked_on="digits", provisional=False,
        audience="staff", earned=Decimal(0), points=Decimal(5), open_points=Decimal(5), questions=(question,), files={},
        notes=(), fingerprints={}, host=Host("A", {}, {}),
    )  # fmt: skip


@pytest.fixture
def found() -> dict[str, GradeReport]:
    answers = (("ann", "Because."), ("ben", "=HYPERLINK(1)"), ("cleo", " Because. \n"))
    return {id: graded(id, answer) for id, answer in answers}


def marked(found: dict[str, GradeReport], records: list[MarkRecord]) -> dict[str, GradeReport]:
    """The reports with these marks."""
    with Gradebook(Path(tempfile.mkdtemp())) as book:
        book.add_marks(records)
        return {id: standing.applied(one, book.marks("r").get(id, {})) for id, one in found.items()}


def given_mark(found: dict[str, GradeReport], points: str = "3.5", note: str = "half of it") -> MarkRecord:
    return manual_marks.given(found, "ann", "Q1", points, "kim", NOW, note)


def test_a_mark_is_in_the_report_with_who_and_when(found):
    one = marked(found, [given_mark(found)])["ann"]
    assert (one.earned, one.open_points) == (Decimal("3.5"), 0)
    assert one.questions[0].outcome is Outcome.PARTIAL
    for text in (html.render(one), markdown.render(one)):
        assert "Marked by kim on 2026-01-31, 3.5 points: half of it" in text


def test_the_last_mark_counts_and_none_is_taken_out(tmp_path: Path, found):
    with Gradebook(tmp_path) as book:
        for points in ("1", "5"):
            book.add_marks([given_mark(found, points)])
    with Gradebook(tmp_path) as book:
        assert standing.applied(found["ann"], book.marks("r")["ann"]).earned == 5
        assert [record.mark.points for record in book.all_marks(submission="ann")] == [1, 5]


def other_points(report: GradeReport, points: str, earned: str | None = None) -> GradeReport:
    """The report under a rubric in which its question has other points; with `earned`, decided by a check."""
    waiting = msgspec.structs.replace(report.questions[0].checks[0], points=Decimal(points))
    if earned is not None:
        waiting = msgspec.structs.replace(waiting, outcome=Outcome.PARTIAL, earned=Decimal(earned))
    question = asked(points, [waiting], report.questions[0].answer)
    return msgspec.structs.replace(report, questions=(question,), points=Decimal(points))


@pytest.mark.parametrize("given", ["0", "3.5", "5"])
@pytest.mark.parametrize("points", ["2", "4.99", "5.01", "10"])
@pytest.mark.parametrize("earned", [None, "0", "1.5"])
def test_a_mark_waits_for_a_look_where_its_question_has_other_points(found, given, points, earned):
    record = given_mark(found, given)
    assert record.worth == 5
    changed = marked({"ann": other_points(found["ann"], points, earned)}, [record])["ann"]
    assert (changed.earned, changed.open_points) == (0, Decimal(points)), (
        "nothing is decided, and nothing lost"
    )
    question = changed.questions[0]
    assert (question.outcome, question.mark) == (Outcome.NEEDS_REVIEW, None)
    check = question.checks[-1]
    assert f"A person gave {given}" in check.message
    assert f"had 5 points then, and has {points} now" in check.message
    assert "kim on 2026-01-31 (half of it)" in check.detail
    assert "a mark for Q1 does not count" in changed.staff_notes[0]
    for text in (html.render(changed), markdown.render(changed)):
        assert "waits for a look" in text


def test_a_mark_counts_again_once_a_person_has_looked_or_the_points_are_back(found):
    first = given_mark(found, "4")
    changed = {"ann": other_points(found["ann"], "10")}
    again = manual_marks.given(marked(changed, [first]), "ann", "Q1", "8", "lee", NOW, "")
    assert again.worth == 10
    one = marked(changed, [first, again])["ann"]
    assert (one.earned, one.open_points, one.staff_notes) == (8, 0, ())
    assert marked(found, [first])["ann"].earned == 4


@pytest.mark.parametrize("same", ["5", "5.0", "5.00"])
def test_equal_points_written_differently_are_equal(found, same):
    assert marked({"ann": other_points(found["ann"], same)}, [given_mark(found)])["ann"].earned == Decimal(
        "3.5"
    )


def test_a_mark_of_which_nobody_noted_the_points_counts_where_it_fits(found):
    old = msgspec.structs.replace(given_mark(found, "4"), worth=None)
    assert marked({"ann": other_points(found["ann"], "10")}, [old])["ann"].earned == 4
    waits = marked({"ann": other_points(found["ann"], "3")}, [old])["ann"]
    assert (waits.earned, waits.open_points) == (0, 3)


def test_a_mark_whose_question_is_gone_is_a_note_with_who_and_when(found):
    question = question_result("Q7", "Why", Decimal(5), ())
    renamed = {"ann": msgspec.structs.replace(found["ann"], questions=(question,))}
    changed = marked(renamed, [given_mark(found, "5")])["ann"]
    assert changed.earned == 0
    assert "Q1" in changed.staff_notes[0]
    assert "5 by kim on 2026-01-31 (half of it)" in changed.staff_notes[0]


def test_where_a_mark_waits_a_suggestion_is_none(found):
    changed = marked({id: other_points(one, "10") for id, one in found.items()}, [given_mark(found, "4")])
    with pytest.raises(UsageError, match="suggests no points"):
        manual_marks.given(changed, "ann", "Q1", "suggested", "kim", NOW, "")


@pytest.mark.parametrize(
    ("id", "question", "points", "words"),
    [
        ("dora", "Q1", "1", ["'dora'", "ann, ben, cleo"]),
        ("ann", "Q9", "1", ["'Q9'", "Q1"]),
        ("ann", "Q1", "6", ["found 6", "0 to 5"]),
        ("ann", "Q1", "-1", ["0 to 5"]),
        ("ann", "Q1", "1.234", ["hundredths"]),
        ("ann", "Q1", "NaN", ["0 to 5"]),
        ("ann", "Q1", "many", ["'many'", "suggested"]),
    ],
)
def test_what_does_not_fit_is_refused(found, id: str, question: str, points: str, words: list[str]):
    with pytest.raises(UsageError) as error:
        manual_marks.given(found, id, question, points, "kim", NOW, "")
    for word in words:
        assert word in str(error.value)


def test_a_suggestion_counts_once_a_person_takes_it(found):
    assert found["ann"].earned == 0
    assert marked(found, [given_mark(found, "suggested")])["ann"].earned == 3


def test_no_suggestion_is_no_zero():
    with pytest.raises(UsageError, match="suggests no points"):
        given_mark({"ann": graded("ann", "x", suggested=None)}, "suggested")


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters()), st.text(st.characters()))
def test_any_text_is_kept(tmp_path_factory: pytest.TempPathFactory, by: str, note: str):
    with Gradebook(tmp_path_factory.mktemp("marks")) as book:
        book.add_marks([MarkRecord("r", "ann", "Q1", Mark(Decimal("2.25"), by, NOW, note))])
        mark = book.marks("r")["ann"]["Q1"].mark
    readable = [text.encode("utf-8", "backslashreplace").decode() for text in (by, note)]
    assert (mark.points, mark.by, mark.note) == (Decimal("2.25"), *readable)
