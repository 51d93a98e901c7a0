"""Cohen's kappa by item, against another implementation."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from grader.model import ZERO, Mark, MarkItem
from grader.review.agreement import FEWEST, ItemAgreement, alike, by_item


def mark(*ids: str, adjustment: str = "0", points: str | None = None) -> Mark:
    items = tuple(MarkItem(id, f"text of {id}", Decimal(1)) for id in ids)
    worth = Decimal(points) if points is not None else Decimal(len(ids)) + Decimal(adjustment)
    return Mark(worth, "kim", "2026-01-01", items=items, adjustment=Decimal(adjustment))


@pytest.mark.slow
def test_kappa_is_that_of_scikit_learn():
    from sklearn.metrics import cohen_kappa_score

    dice = random.Random(1)
    for _ in range(50):
        pairs = [(dice.random() < 0.6, dice.random() < 0.4) for _ in range(dice.randint(FEWEST, 40))]
        marks = [(mark(*"a" * one), mark(*"a" * other)) for one, other in pairs]
        (found,) = by_item({"a": "text"}, marks)
        if len({*pairs}) > 1:
            assert found.kappa == pytest.approx(cohen_kappa_score(*zip(*pairs, strict=True)), abs=1e-12)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((5, 0, 0, 5), "1.00"),
        ((0, 5, 5, 0), "\u22121.00"),
        ((10, 0, 0, 0), "no disagreement possible"),
        ((0, 0, 0, 10), "no disagreement possible"),
        ((0, 10, 0, 0), "0.00"),
        ((4, 0, 0, 5), "too few"),
        ((0, 0, 0, 0), "too few"),
    ],
)
def test_what_is_said_of_an_item(counts: tuple[int, int, int, int], said: str):
    assert ItemAgreement("an item", *counts).said == said


def test_a_number_alone_says_nothing_of_items_and_is_compared_by_points():
    assert by_item({"a": "text"}, [(mark(points="2"), mark("a"))])[0].answers == 0
    assert alike(mark(points="1"), mark("a")) and not alike(mark(points="2"), mark("a"))


def test_two_decide_alike_by_items_whatever_these_are_worth_by_then():
    assert alike(mark("a", "b"), mark("b", "a", points="3"))
    assert not alike(mark("a"), mark("b")) and not alike(mark("a"), mark("a", adjustment="-0.5"))
    assert alike(mark(), mark()) and mark().points == ZERO


def test_an_item_that_is_gone_from_the_rubric_is_compared_all_the_same():
    assert [one.text for one in by_item({}, [(mark("gone"), mark())])] == ["text of gone"]
