"""An exception that ends many checks is told in the first of them."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from grader.grading.told_once import one_thing_to_do, told_once
from grader.model import CheckResult, Comparison, Outcome, SourcePlace

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


NO_ANSWER = CheckResult(
    "a", "Training", Outcome.FAILED, Decimal(0), Decimal(1), "The result of train is None.", hint="Fill it."
)


def test_an_answer_that_is_none_is_told_once():
    same, own = "The same was found as in: Training.", NO_ANSWER.message
    for changed, message, hint in (
        ({}, same, ""),
        ({"hint": "Four histories."}, same, "Four histories."),
        ({"comparisons": (Comparison("loss", 1.0, 2.0, 0.1),)}, own, "Fill it."),  # other numbers
        ({"diagnosis": "A gap."}, own, "Fill it."),
        ({"outcome": Outcome.SKIPPED}, own, "Fill it."),
        ({"outcome": Outcome.NEEDS_REVIEW}, own, "Fill it."),
    ):
        other = msgspec.structs.replace(NO_ANSWER, id="b", title="Histories", **changed)
        told = told_once({"a": NO_ANSWER, "b": other})
        assert told["a"] == NO_ANSWER
        assert (told["b"].message, told["b"].hint) == (message, hint)
        assert (told["b"].earned, told["b"].points, told["b"].outcome) == (0, 1, other.outcome)


def results(**outcomes: Outcome) -> dict[str, CheckResult]:
    found = {}
    for name, outcome in outcomes.items():
        id = name.replace("sigmoid_", "sigmoid-").replace("relu_", "relu-").replace("toy_", "toy-")
        found[id] = CheckResult(id, id, outcome, Decimal(0), Decimal(1), "Wrong.", hint="Do.")
    return found


def test_what_to_do_about_a_whole_is_left_to_its_parts(ps3):
    lost = Outcome.FAILED
    for found, hints in (
        (results(sigmoid_toy_training=lost, decay=lost), ["decay"]),
        (results(sigmoid_toy_loss=lost, sigmoid_penalty=Outcome.PARTIAL), ["sigmoid-penalty"]),
        (results(sigmoid_toy_training=lost, decay=Outcome.SKIPPED), ["sigmoid-toy-training", "decay"]),
        (results(sigmoid_toy_training=lost, decay=Outcome.PASSED), ["sigmoid-toy-training", "decay"]),
        # of another question, of another activation, and what comes of a training rather than being in it
        (results(sigmoid_toy_loss=lost, relu_penalty=lost), ["sigmoid-toy-loss", "relu-penalty"]),
        (results(decay=lost, relu_toy_training=lost), ["decay", "relu-toy-training"]),
        (
            results(sigmoid_toy_training=lost, sigmoid_accuracy=lost),
            ["sigmoid-toy-training", "sigmoid-accuracy"],
        ),
    ):
        told = one_thing_to_do(found, ps3)
        assert [id for id, one in told.items() if one.hint] == hints
        assert all(one.hint or one.diagnosis.startswith("Look first at") for one in told.values())


def test_a_note_stands_once_in_a_question(ps3):
    checks = {
        id: CheckResult(
            id, id, Outcome.PASSED, Decimal(1), Decimal(1), "Right.", notes=("Raised.", f"Of {id}.")
        )
        for id in ("sigmoid-toy-loss", "sigmoid-penalty", "relu-toy-loss")
    }
    assert {id: one.notes for id, one in one_thing_to_do(checks, ps3).items()} == {
        "sigmoid-toy-loss": ("Raised.", "Of sigmoid-toy-loss."),
        "sigmoid-penalty": ("Of sigmoid-penalty.",),
        "relu-toy-loss": ("Raised.", "Of relu-toy-loss."),
    }


def test_nothing_was_found_where_nothing_was_run():
    words = "Not run: the hand-in had used up its 2 seconds of computing."
    checks = {id: CheckResult(id, id, Outcome.FAILED, Decimal(0), Decimal(1), words) for id in "ab"}
    assert [one.message for one in told_once(checks).values()] == [words, words]


def test_a_remark_is_not_where_what_costs_points_is_told():
    words = "The process ended."
    remark = CheckResult("a", "Remark", Outcome.FAILED, Decimal(0), Decimal(0), words)
    costs = CheckResult("b", "Costs", Outcome.FAILED, Decimal(0), Decimal(1), words)
    found = told_once({"a": remark, "b": costs})
    assert list(found) == ["a", "b"]
    assert found["b"].message == words
    assert found["a"].message == "The same was found as in: Costs."
