"""Tricks earn nothing, and no mistake pays."""

from __future__ import annotations

import pytest

from grader.selftest.bank import edited

from .cheats import CHEATS, over
from .conftest import Grade
from .handins import BANK, BASE, WRONG


@pytest.mark.slow
@pytest.mark.parametrize("name", CHEATS)
def test_earns_no_more_than_what_is_right_in_it(name: str, grade: Grade):
    report = grade(CHEATS[name].source)
    assert over(CHEATS[name], {q.id: q.earned for q in report.questions}) == {}
    assert not report.host.errors


LOSS_MISTAKES = [
    "loss without the half",
    "biases regularised in the loss",
    "b2 forgotten",
    "scores are probabilities",
]
OTHERS = ["always the first batch", "relu mask omitted", "biases never updated"]


def combined(first: str, second: str) -> str:
    """A hand-in with both mistakes."""
    return edited(BASE, (*WRONG[first].edits, *WRONG[second].edits), f"{first}, {second}")


@pytest.mark.slow
@pytest.mark.parametrize("second", LOSS_MISTAKES)
@pytest.mark.parametrize("first", OTHERS)
def test_a_second_mistake_never_pays(first: str, second: str, grade: Grade):
    """What makes later checks lenient must not be worth breaking an earlier one for; the selftest tries hundreds."""
    assert grade(combined(first, second)).earned < grade(BANK.source(WRONG[first])).earned
