"""Points add up exactly, and every report survives JSON."""

from __future__ import annotations

import json
import math
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model import (
    CheckResult,
    Comparison,
    Curves,
    GradeReport,
    Host,
    ImageGrid,
    Outcome,
    Series,
    from_json,
    question_result,
    round_points,
    to_json,
)
from tests.conftest import ROOT


def check(earned: str, points: str, outcome: Outcome = Outcome.PARTIAL) -> CheckResult:
    return CheckResult("c", "t", outcome, Decimal(earned), Decimal(points), "m")


@pytest.mark.parametrize(
    ("exact", "shown"),
    [("80", "80"), ("2.50", "2.5"), ("2.005", "2.01"), ("0.004999", "0"), ("1E+1", "10"), ("0", "0")],
)
def test_points_are_rounded_half_up_once(exact: str, shown: str):
    assert str(round_points(Decimal(exact))) == shown


@given(st.lists(st.decimals(0, 10, places=3), min_size=1, max_size=20))
def test_a_question_earns_the_exact_sum_rounded_once(parts: list[Decimal]):
    question = question_result("Q", "t", Decimal(500), [check(str(p), "10") for p in parts])
    assert abs(question.earned - sum(parts)) <= Decimal("0.005")
    assert question.earned == question.earned.quantize(Decimal("0.01"))


def test_thirds_of_a_point_do_not_leave_crumbs():
    third = Decimal(1) / 3
    assert str(question_result("Q", "t", Decimal(1), [check(str(third), "1")] * 3).earned) == "1"


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([Outcome.PASSED, Outcome.PASSED], Outcome.PASSED),
        ([Outcome.PASSED, Outcome.FAILED], Outcome.PARTIAL),
        ([Outcome.FAILED, Outcome.SKIPPED], Outcome.FAILED),
        ([Outcome.PASSED, Outcome.NEEDS_REVIEW], Outcome.NEEDS_REVIEW),
        ([Outcome.NEEDS_REVIEW, Outcome.ERROR], Outcome.ERROR),
    ],
)
def test_outcome_of_a_question(outcomes: list[Outcome], expected: Outcome):
    checks = [check("1" if o is Outcome.PASSED else "0", "1", o) for o in outcomes]
    assert question_result("Q", "t", Decimal(2), checks).outcome is expected


def report(**changes: object) -> GradeReport:
    numbers = Comparison("l", math.nan, math.inf, 1e-6)
    curve = Curves("t", "x", "y", (Series("s", (1.0, 2.0), (-math.inf, math.nan)),))
    checks = [
        msgspec.structs.replace(
            check("1", "1", Outcome.PASSED),
            comparisons=(numbers,),
            figures=(curve, ImageGrid("g", 1, 2, b"\x00\xff")),
        )
    ]
    full = GradeReport(
        schema=1, submission="alice", rubric="ps3", title="T", dataset="digits", marked_on="mnist",
        provisional=True, audience="staff", earned=Decimal(1), points=Decimal(1), open_points=Decimal(0),
        questions=(question_result("Q", "t", Decimal(1), checks),), files={"mlp.py": "00"}, notes=(),
        fingerprints={}, host=Host("process", {}, {"total": 1.0}),
    )  # fmt: skip
    return msgspec.structs.replace(full, **changes)


def test_nan_and_infinity_survive_json():
    text = to_json(report())
    plain = json.loads(text)
    comparison = plain["questions"][0]["checks"][0]["comparisons"][0]
    assert (comparison["observed"], comparison["expected"]) == ("nan", "inf")
    again = from_json(text).questions[0].checks[0].figures[0]
    assert again.series[0].y[0] == -math.inf
    assert math.isnan(again.series[0].y[1])
    assert to_json(from_json(text)) == text


@given(st.text(alphabet=st.characters(), max_size=50))
def test_any_text_survives_json(text: str):
    data = to_json(report(notes=(text,)))
    assert json.loads(data)["notes"] == [text.encode("utf-8", "backslashreplace").decode()]


def test_the_documented_schema_is_the_one_in_use():
    committed = json.loads((ROOT / "docs" / "report.schema.json").read_text())
    assert committed == json.loads(
        msgspec.json.encode(msgspec.json.schema(GradeReport))
    )  # see CONTRIBUTING.md


def test_percent_of_the_decided_points():
    assert report(points=Decimal(80), open_points=Decimal(55), earned=Decimal(20)).percent == 80
    assert report(points=Decimal(55), open_points=Decimal(55), earned=Decimal(0)).percent is None
