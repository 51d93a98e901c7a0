"""Which answers are equal, and in which order they are shown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from grader.gradebook import MarkRecord
from grader.model import CheckResult, Comparison, Mark, Outcome, QuestionResult, question_result
from grader.review.places import Place, handle, places
from grader.written.answered import key
from tests.report import report_samples as samples


def check(value: float | None, formula: str, **more: Any) -> CheckResult:
    """A formula that was read, and what it is worth somewhere."""
    compared = () if value is None else (Comparison("value at h1[0]", value, 1.0),)
    return msgspec.structs.replace(
        CheckResult(
            "Q1-b1", "b1", Outcome.NEEDS_REVIEW, Decimal(0), Decimal(2), "Not the gradient. A person decides.",
            comparisons=compared, formula=formula, suggested=Decimal(0),
        ),
        **more,
    )  # fmt: skip


def place(*checks: CheckResult, text: str = "text", answered: str = "written") -> Place:
    question: QuestionResult = question_result("Q1", "Why", Decimal(2), checks, text)
    question = msgspec.structs.replace(question, answered=answered, answer_key=key(text))
    (found,) = places(msgspec.structs.replace(samples.full_marks(), questions=(question,)))
    return found


READ = check(0.25, "a b")


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        (check(0.25, "b a"), True),
        (check(0.5, "a b"), False),
        (check(0.25, "a b", mistakes=("twice",)), False),
        (check(0.25, "a b", message="Right but for shapes: turned."), False),
        (check(0.25, "a b", outcome=Outcome.ERROR), False),
        (check(None, "a b"), False),
        (check(None, "a b", outcome=Outcome.PASSED), False),
    ],
)
def test_formulas_are_alike_by_value_verdict_and_mistake(other: CheckResult, alike: bool):
    assert (place(READ).alike == place(other, text="other").alike) == alike


def test_formulas_that_could_not_be_compared_are_alike_where_they_are_the_same():
    one, same, other = (place(check(None, formula)) for formula in ("a b", " a  b ", "a c"))
    assert one.alike == same.alike != other.alike
    right = [place(check(None, formula, outcome=Outcome.PASSED)) for formula in ("a b", "b a")]
    assert right[0].alike == right[1].alike


def test_what_nobody_has_read_is_alike_nothing():
    assert place(READ, answered="picture").alike == ""
    assert place(READ, check(None, "", id="Q1-W1")).alike == ""
    manual = check(None, "", id="Q1-manual", detail="not seen (2): a\nnot seen (1): b")
    assert place(manual).alike == ""
    seen = [place(msgspec.structs.replace(manual, detail=f"seems there (2): {what}")) for what in "aab"]
    assert seen[0].alike == seen[1].alike != seen[2].alike


def test_the_same_text_is_the_same_answer_and_code_counts_by_the_code():
    assert place(READ).same == place(READ, text=" text ").same != place(READ, text="other").same


def test_the_order_is_another_one_for_each_question():
    ids = [f"student-{n}" for n in range(20)]
    orders = {
        question: sorted(ids, key=lambda id: handle("ps3", question, id)) for question in ("Q1", "Q2", "Q3")
    }
    assert len({tuple(order) for order in orders.values()}) == 3
    assert orders["Q1"] == sorted(ids, key=lambda id: handle("ps3", "Q1", id))


def test_a_mark_for_another_answer_waits():
    one = place(READ)
    record = MarkRecord(
        "ps3", one.submission, "Q1", Mark(Decimal(1), "kim", "now"), one.bare.answer_key, Decimal(2)
    )
    assert not one.waits(record, "wait")
    assert one.waits(None, "wait")
    assert one.waits(msgspec.structs.replace(record, answer="another"), "wait")
    assert one.waits(msgspec.structs.replace(record, worth=Decimal(4)), "wait")
    assert not one.waits(msgspec.structs.replace(record, worth=Decimal(4)), "scale")
