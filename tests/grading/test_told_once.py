"""An exception that ends many checks is told in the first of them."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from grader.grading.told_once import told_once
from grader.model import CheckResult, Outcome, SourcePlace

FIRST = CheckResult(
    "a", "Step", Outcome.FAILED, Decimal(0), Decimal(1), "It raised.", detail="TypeError: 1", diagnosis="Perhaps.",
    place=SourcePlace("mlp.py", 7),
)  # fmt: skip


def second(**changed: object) -> CheckResult:
    results = {"a": FIRST, "b": msgspec.structs.replace(FIRST, id="b", title="Decay", **changed)}
    told = told_once(results)
    assert told["a"] == FIRST
    return told["b"]


def test_the_second_check_points_to_the_first_and_keeps_its_points():
    told = second(detail="TypeError: 2")  # the text may quote what it was given
    assert told.message == "Ended by the same exception in mlp.py, line 7, as: Step."
    assert (told.diagnosis, told.earned, told.points, told.place) == ("", 0, 1, FIRST.place)


def test_what_only_the_second_check_tells_of_the_mistake_stays():
    assert second(diagnosis="The mask is inverted.").diagnosis == "The mask is inverted."


def test_another_line_another_type_and_what_is_open_have_their_own_words():
    for changed in (
        {"place": SourcePlace("mlp.py", 8)},
        {"place": None},
        {"detail": "KeyError: 1"},
        {"detail": ""},
        {"outcome": Outcome.NEEDS_REVIEW},
        {"outcome": Outcome.PASSED},
    ):
        assert second(**changed).message == "It raised."
