from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.assignment.rubric import Late
from grader.assignment.rubric_loading import load
from grader.errors import RubricError, UsageError
from grader.marking.late import lateness
from tests.conftest import ROOT
from tests.ps3 import kinds

DUE = datetime.fromisoformat("2026-03-13T23:59:59+01:00")
TEXT = (ROOT / "rubrics" / "ps3.toml").read_text()


def rule(**more: object) -> Late:
    cost: dict[str, object] = {} if "points_per_day" in more else {"percent_per_day": Decimal(10)}
    return Late(**{"due": DUE, **cost, **more})  # type: ignore[arg-type]


def taken(rule: Late, after: timedelta, earned: str = "80") -> Decimal:
    return lateness(rule, Decimal(earned), (DUE + after).isoformat(), "", None).deduction


def days(number: float) -> timedelta:
    return timedelta(days=number)


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("after", "minutes", "deduction"),
    [
        (-days(3), -3 * 24 * 60, "0"),
        (-SECOND, 0, "0"),
        (timedelta(0), 0, "0"),
        (timedelta(microseconds=1), 1, "8"),
        (SECOND, 1, "8"),
        (days(1), 1440, "8"),
        (days(1) + SECOND, 1441, "16"),
        (days(9) + SECOND, 9 * 1440 + 1, "80"),
        (days(400), 400 * 1440, "80"),
    ],
)
def test_each_day_begun_costs_from_the_first_moment_on(after: timedelta, minutes: int, deduction: str):
    result = lateness(rule(), Decimal(80), (DUE + after).isoformat(), "", None)
    assert (result.minutes, result.deduction) == (minutes, Decimal(deduction))
    assert bool(result.why) == (after > timedelta(0))


def test_the_grace_ends_and_then_days_count_from_the_due_time():
    kind = rule(grace_minutes=15)
    assert taken(kind, timedelta(minutes=15)) == 0
    assert taken(kind, timedelta(minutes=15) + SECOND) == 8
    assert taken(kind, days(1)) == 8
    assert taken(kind, days(1) + SECOND) == 16
    within = lateness(kind, Decimal(80), (DUE + SECOND).isoformat(), "", None)
    assert (within.minutes, within.why) == (1, "Handed in 1 minute late, which costs nothing yet.")


def test_points_a_day_never_take_more_than_was_earned():
    fixed = rule(points_per_day=Decimal("2.5"))
    assert taken(fixed, days(1)) == Decimal("2.5")
    assert taken(fixed, days(3), "6") == Decimal(6)
    assert taken(fixed, days(3), "0") == 0


def test_the_cap_holds_until_nothing_is_earned_any_more():
    capped = rule(max_percent=Decimal(25), days=4)
    assert [taken(capped, days(n)) for n in (1, 2, 3, 4)] == [8, 16, 20, 20]
    assert taken(capped, days(4) + SECOND) == 80
    assert taken(rule(points_per_day=Decimal(30), max_percent=Decimal(50)), days(2)) == 40


def test_rounded_once_half_up():
    assert taken(rule(), days(1), "72.35") == Decimal("7.24")  # 7.235
    assert taken(rule(percent_per_day=Decimal("33.3")), days(3), "0.05") == Decimal("0.05")
    assert str(taken(rule(percent_per_day=Decimal("0.1")), days(1), "80")) == "0.08"


@pytest.mark.parametrize(
    ("submitted", "late"),
    [
        ("2026-03-13T22:59:59Z", False),
        ("2026-03-13T22:59:59+00:00", False),
        ("2026-03-13T23:00:00Z", True),
        ("2026-03-14T04:29:59+05:30", False),
        ("2026-03-14T00:59:59+02:00", False),  # summer time somewhere: the same moment
        ("2026-03-14T01:00:00+02:00", True),
        ("2026-03-13T14:59:59-08:00", False),
    ],
)
def test_moments_are_compared_not_clocks(submitted: str, late: bool):
    assert (lateness(rule(), Decimal(80), submitted, "", None).deduction > 0) == late


def test_a_day_has_24_hours_when_the_clock_goes_forward():
    before = Late(due=datetime.fromisoformat("2026-03-28T12:00:00+01:00"), percent_per_day=Decimal(10))
    assert lateness(before, Decimal(10), "2026-03-29T13:00:00+02:00", "", None).deduction == 1
    assert lateness(before, Decimal(10), "2026-03-29T13:00:01+02:00", "", None).deduction == 2


def test_a_students_own_due_time_and_hours():
    at = "2026-03-20T12:00:00+01:00"
    earned = Decimal(80)
    assert lateness(rule(), earned, at, "2026-03-20T12:00:00+01:00", None).deduction == 0
    assert lateness(rule(), earned, at, "2026-03-20T11:59:59+01:00", None).deduction == 8
    assert lateness(rule(), earned, at, "2026-03-20T10:00:00+00:00", Decimal("1")).deduction == 0
    assert lateness(rule(), earned, at, "2026-03-01T12:00:00+01:00", Decimal("455.5")).deduction == 8
    assert lateness(rule(), earned, at, "2026-03-01T12:00:00+01:00", Decimal("456")).deduction == 0
    earlier = lateness(rule(), earned, DUE.isoformat(), "2026-03-13T12:00:00+01:00", None)
    assert earlier.deduction == 8  # for this one it is due earlier


@pytest.mark.parametrize("submitted", ["", "yesterday", "2026-03-20T12:00:00", "2026-03-20"])
def test_what_nobody_knows_is_no_penalty(submitted: str):
    result = lateness(rule(), Decimal(80), submitted, "", None)
    assert result.deduction == 0
    assert "Nobody knows" in result.why
    assert "person" in result.why


@pytest.mark.parametrize(
    ("due", "hours", "words"),
    [
        ("soon", None, ["due", "'soon'", "+01:00"]),
        ("2026-03-13T23:59:59", None, ["due", "2026-03-13T23:59:59", "offset"]),
        ("", Decimal(-1), ["extension", "-1"]),
        ("", Decimal("nan"), ["extension", "NaN"]),
        ("", Decimal("1e9"), ["extension", "1E+9"]),
        ("9999-12-31T23:59:59Z", Decimal(1), ["due", "9999"]),
    ],
)
def test_a_due_time_that_is_none_is_one_line(due: str, hours: Decimal | None, words: list[str]):
    with pytest.raises(UsageError) as caught:
        lateness(rule(), Decimal(80), "2026-03-13T23:59:59Z", due, hours)
    assert "\n" not in str(caught.value)
    for word in words:
        assert word in str(caught.value)


def test_the_reason_in_a_sentence():
    def why(rule: Late, after: timedelta) -> str:
        return lateness(rule, Decimal(80), (DUE + after).isoformat(), "", None).why

    assert why(rule(), SECOND) == (
        "Handed in 1 minute late: 1 day begun costs 10 % of the points earned, which takes off 8 points."
    )
    assert why(rule(max_percent=Decimal("12.5")), days(1) + 3 * SECOND) == (
        "Handed in 1 day and 1 minute late: 10 % of the points earned for each of 2 days begun, 12.5 % at most, "
        "which takes off 10 points."
    )
    assert why(rule(points_per_day=Decimal(1)), days(0.5)) == (
        "Handed in 12 hours late: 1 day begun costs 1 point, which takes off 1 point."
    )
    assert why(rule(days=2), days(2.5)) == (
        "Handed in 2 days and 12 hours late: 3 days begun, and nothing is earned after 2."
    )


def cents(most: int) -> st.SearchStrategy[Decimal]:
    return st.integers(0, most * 100).map(lambda n: Decimal(n) / 100)


@st.composite
def rules(draw: st.DrawFn) -> Late:
    cost = draw(st.sampled_from(["percent_per_day", "points_per_day"]))
    return Late(
        due=DUE,
        grace_minutes=draw(st.integers(0, 3000)),
        **{cost: draw(cents(100))},
        max_percent=draw(st.none() | cents(100)),
        days=draw(st.none() | st.integers(1, 10)),
    )


SPANS = st.integers(-20 * 86400, 20 * 86400) | st.integers(-20, 20).map(lambda n: n * 86400)


@pytest.mark.slow
@given(rules(), cents(100), SPANS, SPANS)
def test_later_never_costs_less_and_never_more_than_was_earned(
    rule: Late, earned: Decimal, one: int, other: int
):
    first, second = sorted((one, other))
    less, more = (
        lateness(rule, earned, (DUE + timedelta(seconds=s)).isoformat(), "", None) for s in (first, second)
    )
    assert 0 <= less.deduction <= more.deduction <= earned
    assert less.minutes <= more.minutes
    assert more.deduction == more.deduction.quantize(Decimal("0.01"), ROUND_HALF_UP)
    if first <= rule.grace_minutes * 60:
        assert less.deduction == 0


@given(rules(), cents(100), SPANS, st.integers(-14, 14))
def test_the_offset_that_a_time_is_written_with_does_not_matter(
    rule: Late, earned: Decimal, seconds: int, hours: int
):
    at = DUE + timedelta(seconds=seconds)
    elsewhere = at.astimezone(datetime.fromisoformat(f"2026-01-01T00:00:00{hours:+03}:00").tzinfo)
    assert lateness(rule, earned, elsewhere.isoformat(), "", None) == lateness(
        rule, earned, at.astimezone(UTC).isoformat(), DUE.astimezone(UTC).isoformat(), Decimal(0)
    )


def with_late(tmp_path: Path, lines: str) -> Path:
    path = tmp_path / "r.toml"
    path.write_text(TEXT.replace("\n[limits]", f"\n[late]\n{lines}\n\n[limits]", 1))
    return path


def test_the_example_in_the_rubric_is_one_that_loads(tmp_path: Path):
    assert load(ROOT / "rubrics" / "ps3.toml", kinds.KINDS).late is None
    block = TEXT[TEXT.index("# [late]") : TEXT.index("\n[limits]")]
    path = tmp_path / "r.toml"
    path.write_text(TEXT.replace(block, block.replace("# [late]", "[late]").replace("\n# ", "\n"), 1))
    late = load(path, kinds.KINDS).late
    assert late == Late(
        due=DUE, grace_minutes=15, percent_per_day=Decimal(10), max_percent=Decimal(50), days=7
    )


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("due = 2026-03-13T23:59:59\npercent_per_day = 10", ["late.due", "2026-03-13T23:59:59", "+02:00"]),
        ("due = 2026-03-13\npercent_per_day = 10", ["late.due", "datetime"]),
        ("percent_per_day = 10", ["late", "due"]),
        ("due = 2026-03-13T23:59:59Z", ["late.percent_per_day", "missing", "points_per_day"]),
        ("due = 2026-03-13T23:59:59Z\npercent_per_day = 1\npoints_per_day = 1", ["late.percent_per_day", "beside"]),
        ("due = 2026-03-13T23:59:59Z\npercent_per_day = 101", ["late.percent_per_day", "101", "100"]),
        ("due = 2026-03-13T23:59:59Z\npoints_per_day = -1", ["late.points_per_day", "-1", "80"]),
        ("due = 2026-03-13T23:59:59Z\npoints_per_day = nan", ["late.points_per_day", "NaN"]),
        ("due = 2026-03-13T23:59:59Z\npoints_per_day = 1\nmax_percent = 1e3", ["late.max_percent", "1E+3"]),
        ("due = 2026-03-13T23:59:59Z\npoints_per_day = 1\ngrace_minutes = -1", ["late.grace_minutes", "-1"]),
        ("due = 2026-03-13T23:59:59Z\npoints_per_day = 1\ndays = 0", ["late.days", "0"]),
        ("due = 2026-03-13T23:59:59Z\npoints_per_day = 1\nday = 3", ["late", "day"]),
    ],
)  # fmt: skip
def test_a_mistake_in_the_policy_names_the_field(tmp_path: Path, lines: str, words: list[str]):
    path = with_late(tmp_path, lines)
    with pytest.raises(RubricError) as caught:
        load(path, kinds.KINDS)
    line = str(caught.value)
    assert "\n" not in line
    for word in [str(path), *words]:
        assert word in line
