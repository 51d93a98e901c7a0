"""Two mistakes in one solution: which go together, and what it means that they earn more than one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from grader.selftest.pairs import PARTNERS, Weighed, pairs, with_partners
from grader.selftest.prove import MUTANT, Known, Row
from grader.selftest.show import totals

BASE = "".join(f"line {i}\n" for i in range(1, 13))
EDITS = {f"at {i}": BASE.replace(f"line {i}\n", f"mistake {i}\n") for i in range(1, 13)}


def names(found):
    return [frozenset(pair.names) for pair in found]


def test_a_pair_has_both_edits():
    pair = next(pairs(BASE, {"a": EDITS["at 2"], "b": EDITS["at 9"]}, 10, []))
    assert pair.names == ("a", "b")
    assert pair.source == BASE.replace("line 2\n", "mistake 2\n").replace("line 9\n", "mistake 9\n")


@pytest.mark.parametrize(
    "other",
    [
        BASE.replace("line 2\n", "another 2\n"),
        BASE.replace("line 3\n", "neighbour\n"),
        BASE.replace("line 2\n", ""),
        BASE.replace("line 2\n", "line 2\nline 2b\n"),
        BASE.replace("line 1\nline 2\nline 3\n", "other\n"),
    ],
)
def test_edits_that_touch_are_no_pair(other: str):
    assert not list(pairs(BASE, {"a": EDITS["at 2"], "b": other}, 10, []))


def test_edits_of_several_places_and_lengths_go_together():
    one = BASE.replace("line 2\n", "").replace("line 8\n", "eight\nand more\n")
    two = BASE.replace("line 5\n", "five\nsix\n").replace("line 12\n", "")
    found = next(pairs(BASE, {"a": one, "b": two}, 1, []))
    assert found.source == one.replace("line 5\n", "five\nsix\n").replace("line 12\n", "")


def test_the_sample_is_always_the_same_and_grows_at_its_end():
    few, more = (names(pairs(BASE, EDITS, count, [])) for count in (10, 20))
    assert len(few) == 10
    assert more[:10] == few
    assert names(pairs(BASE, dict(reversed(EDITS.items())), 10**6, [])) != few
    assert len(set(names(pairs(BASE, EDITS, 10**6, [])))) == 12 * 11 // 2 - 11  # all but neighbours


def test_what_makes_one_mistake_of_two_is_left_out():
    excused = [frozenset(("at 1", "at 5"))]
    assert excused[0] in names(pairs(BASE, EDITS, 10**6, []))
    assert excused[0] not in names(pairs(BASE, EDITS, 10**6, excused))
    assert excused[0] not in names(with_partners(BASE, EDITS, ["at 1", "at 5"], excused))


def test_mistakes_that_only_training_shows_have_partners():
    found = list(with_partners(BASE, EDITS, ["at 1"], []))
    assert len(found) == PARTNERS
    assert all(pair.trained and pair.names[0] == "at 1" for pair in found)


def weighed(together: str, *alone: str, faults: tuple[str, ...] = (), why: str = "") -> Weighed:
    """A pair that loses so many points in one check."""
    lost, one, two = ({"x": Decimal(points)} for points in (together, *alone))
    return Weighed(("a", "b"), lost, (one, two), ("x: carried",), faults, why)


@pytest.mark.parametrize(
    ("pair", "breaks"),
    [
        (weighed("5", "5", "4"), False),
        (weighed("6", "5", "4"), False),
        (weighed("4.75", "5", "4"), True),
        (weighed("6", "5", "4", faults=("x: KeyError",)), True),
    ],
)
def test_what_breaks(pair: Weighed, breaks: bool):
    assert pair.breaks is breaks


@pytest.mark.parametrize(
    ("pair", "off"),
    [
        (weighed("5", "5", "0"), {}),
        (weighed("7", "5", "2"), {}),
        (weighed("5", "5", "2"), {}),  # the same points, which can be lost once
        (weighed("7.5", "5", "2"), {"x": Decimal("0.5")}),
        (weighed("4", "5", "2"), {"x": Decimal(-1)}),
        (Weighed(("a", "b"), {"y": Decimal(1)}, ({}, {})), {"y": Decimal(1)}),
    ],
)
def test_two_mistakes_cost_what_each_costs_alone(pair: Weighed, off: dict[str, Decimal]):
    assert pair.off == off


def test_totals_say_so():
    row = Row(Known(MUTANT, "x", "", ("Q2.1",)), {"Q2.1": Decimal(1)}, (), False, (), (), ())
    good, bad = weighed("6", "5", "4"), weighed("4", "5", "4")
    assert "no mistake earns points: 2 pairs" in totals([row], [good, good])
    assert totals([row], [good, good])[-1] == "No surprises."
    assert "a mistake earns points: 1 of 2 pairs." in totals([row], [good, bad])
    dear, excused = weighed("10", "5", "4"), weighed("10", "5", "4", why="both raise")
    assert totals([row], [good, excused])[-1] == "No surprises."
    assert totals([row], [good, dear, excused])[-2:] == [
        "two mistakes cost what each costs alone: 1 of 3 pairs; "
        "of the others, above, 1 are explained and 1 are not yet",
        "No surprises.",
    ]
