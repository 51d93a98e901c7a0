"""`--fail-under` judges a share of what is decided, and only where enough is."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from grader.marking.gate import Gate, Verdict
from grader.model import ZERO
from tests.report import report_samples as samples

PASSED, BELOW, UNDECIDED = Verdict.PASSED, Verdict.BELOW, Verdict.UNDECIDED


@pytest.mark.parametrize(
    ("earned", "decided", "points", "least", "share", "wanted"),
    [
        # Little is decided, whatever was earned of it.
        ("1.5", "1.5", "80", "60", "60", UNDECIDED),
        ("0", "1.5", "80", "60", "60", UNDECIDED),
        ("0", "0", "80", "60", "60", UNDECIDED),
        ("47.99", "47.99", "80", "60", "60", UNDECIDED),
        ("25", "25", "80", "1", "60", UNDECIDED),
        ("79.99", "79.99", "80", "60", "100", UNDECIDED),
        # Just enough is, and more.
        ("48", "48", "80", "60", "60", PASSED),
        ("28.8", "48", "80", "60", "60", PASSED),
        ("28.79", "48", "80", "60", "60", BELOW),
        ("0", "48", "80", "60", "60", BELOW),
        ("48", "80", "80", "60", "60", PASSED),
        ("47.99", "80", "80", "60", "60", BELOW),
        ("80", "80", "80", "100", "100", PASSED),
        ("79.99", "80", "80", "100", "100", BELOW),
        # A rubric that asks for no share still needs something to judge.
        ("1.5", "1.5", "80", "60", "0", PASSED),
        ("0", "1.5", "80", "60", "0", BELOW),
        ("0", "0", "80", "60", "0", UNDECIDED),
        # Nothing is asked, or there is nothing to earn.
        ("0", "0", "80", "0", "60", PASSED),
        ("0", "0", "0", "60", "60", PASSED),
        # Thirds are no reason to fail.
        ("1", "3", "3", "33.3", "60", PASSED),
        ("2", "3", "3", "66.7", "60", BELOW),
    ],
)
def test_the_gate(earned: str, decided: str, points: str, least: str, share: str, wanted: Verdict):
    gate = Gate(Decimal(least), Decimal(share))
    assert gate.judge(Decimal(earned), Decimal(decided), Decimal(points)) is wanted


@pytest.mark.parametrize(
    ("earned", "open_points", "sentence"),
    [
        (
            "1.5",
            "78.5",
            "not enough decided: 1.5 of 80 points (1.8 %), wanted 60 %; the rest waits for a person",
        ),
        ("0", "80", "not enough decided: 0 of 80 points (0 %), wanted 60 %; the rest waits for a person"),
        (
            "0",
            "32.01",
            "not enough decided: 47.99 of 80 points (59.9 %), wanted 60 %; the rest waits for a person",
        ),
        ("41.99", "10", "below --fail-under: earned 41.99 of 70 decided points (59.9 %), wanted 60 %"),
        ("42", "10", ""),
    ],
)
def test_what_it_says(earned: str, open_points: str, sentence: str):
    report = msgspec.structs.replace(
        samples.partly_failed(), earned=Decimal(earned), points=Decimal(80), open_points=Decimal(open_points)
    )
    assert Gate(Decimal(60), Decimal(60)).trouble(report) == sentence
    assert Gate(ZERO, Decimal(60)).trouble(report) == ""
