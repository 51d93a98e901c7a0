from __future__ import annotations

import math
from decimal import Decimal

import msgspec
import pytest

from grader.model import Comparison, ConfusionMatrix, Curves, Outcome, Series, question_result
from grader.report import captions, wording
from grader.report.safe_text import one_line, printable
from tests.report import report_samples as samples


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (math.nan, "NaN: not a number"),
        (math.inf, "infinite"),
        (-math.inf, "minus infinite"),
        (0.0, "0"),
        (-0.0, "0"),
        (60000.0, "60000"),
        (0.1 + 0.2, "0.3"),
        (1 / 3, "0.3333333333"),
        (1e-5, "1e-5"),
        (2.5e300, "2.5e300"),
        (1.7976931348623157e308, "1.797693135e308"),
    ],
)
def test_number_has_sensible_digits(value: float, text: str) -> None:
    assert wording.number(value) == text


def test_numbers_that_differ_never_look_equal() -> None:
    line = wording.evidence(Comparison("loss", 0.1 + 0.2, 0.3, 1e-20))
    assert line.observed != line.expected
    assert line.tolerance == "± 1e-20"


def test_no_more_digits_than_it_takes_to_differ() -> None:
    line = wording.evidence(Comparison("loss", 1.3037878913, 1.3037878912, 1e-7))
    assert (line.observed, line.expected) == ("1.3037878913", "1.3037878912")


def test_equal_infinities_stay_short() -> None:
    assert wording.evidence(Comparison("loss", math.inf, math.inf)).observed == "infinite"


@pytest.mark.parametrize(
    ("value", "text"), [("80.00", "80"), ("2.50", "2.5"), ("1.3333333", "1.33"), ("8E+1", "80"), ("0", "0")]
)
def test_points(value: str, text: str) -> None:
    assert wording.points(Decimal(value)) == text


@pytest.mark.parametrize(
    ("earned", "points", "open_points", "text"),
    [
        ("25", "80", "55", "Automatic part 25 / 25; 55 points wait for a person"),
        ("3.5", "5", "1", "Automatic part 3.5 / 4; 1 point waits for a person"),
        ("80", "80", "0", "80 / 80 points"),
        ("0", "10", "10", "All 10 points wait for a person"),
    ],
)
def test_total(earned: str, points: str, open_points: str, text: str) -> None:
    report = msgspec.structs.replace(
        samples.full_marks(),
        earned=Decimal(earned),
        points=Decimal(points),
        open_points=Decimal(open_points),
    )
    assert wording.total(report) == text


def test_every_outcome_has_its_own_sign_and_word() -> None:
    labels = [wording.label(outcome) for outcome in Outcome]
    assert len({label.sign for label in labels}) == len(labels)
    assert len({label.ascii_sign for label in labels}) == len(labels)
    assert len({label.word for label in labels}) == len(labels)


def test_open_points_are_neither_zero_nor_lost() -> None:
    review = samples.check(outcome=Outcome.NEEDS_REVIEW, earned="0")
    assert wording.earned(review) == "–"
    assert wording.lost(review) == 0
    assert wording.earned(question_result("1", "t", Decimal(2), (review,))) == "–"


def test_a_carried_mistake_that_cost_points_does_not_claim_otherwise() -> None:
    free = samples.check(outcome=Outcome.FAILED, carried_from="elsewhere")
    dear = msgspec.structs.replace(free, earned=Decimal(1))
    report = samples.full_marks()
    assert wording.carried(report, free) == "Already counted in elsewhere, no points lost here."
    assert wording.carried(report, dear) == "Already counted in elsewhere."


def test_nan_history_is_told_in_words() -> None:
    remarks = captions.remarks(samples.nan_curves())
    assert remarks == ("your loss: infinite from iteration 36 on; NaN from iteration 37 on",)


def test_remarks_on_scattered_and_undrawable_points() -> None:
    def remark(*ys: float, log_y: bool = False) -> str:
        xs = tuple(map(float, range(len(ys))))
        series = (msgspec.structs.replace(samples.history("a", 1, 0, count=2), x=xs, y=ys),)
        return " ".join(captions.remarks(msgspec.structs.replace(samples.loss_curves(log_y), series=series)))

    assert remark(1, 2, 3) == ""
    assert remark(1, math.nan, 3) == "a: 1 point is left out (NaN)"
    assert remark(math.nan, math.nan) == "a: NaN from the start"
    assert remark(1, 1e200) == "a: beyond 1e100 from iteration 1 on"
    assert remark(1, 0, log_y=True) == "a: zero or negative from iteration 1 on"
    assert remark(1, 0, log_y=False) == ""


def test_printable_removes_terminal_sequences_and_shows_controls() -> None:
    text = printable("\x1b[31mred\x1b[0m\x1b]0;title\x07 \x07\x00\x9b\u202e\ud800 a\r\nb\tc")
    assert text == "red \u2407\u2400\\u009b\\u202e\\ud800 a\nb\tc"
    assert one_line("a\r\n  b\u2028c\vd") == "a b\\u2028c\u240bd"


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        ((2.5, 1.0), "starts at 2.5, ends at 1"),
        ((math.inf, 1e10), "starts at infinity, ends at 10000000000"),
        ((3.0, -math.inf), "starts at 3, ends at minus infinity"),
        ((3.0, math.nan), "starts at 3, ends at NaN"),
    ],
)
def test_ends_of_a_curve(ends: tuple[float, float], text: str) -> None:
    figure = Curves("Loss", "iteration", "loss", (Series("loss", (1.0, 2.0), ends),))
    assert (
        captions.describe_curves(figure).replace("1e10", "10000000000")
        == f"loss over iteration. loss {text}."
    )


@pytest.mark.parametrize(("count", "text"), [(1, "once"), (2, "2 times"), (31, "31 times")])
def test_how_often_one_is_mistaken(count: int, text: str) -> None:
    figure = ConfusionMatrix("Digits", ("3", "7"), ((5, count), (0, 5)))
    assert f"3 taken for 7 ({text})." in captions.describe_confusion(figure)
