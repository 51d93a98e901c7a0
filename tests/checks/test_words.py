"""What a check that has lost points says: what was seen, and one thing to do."""

from __future__ import annotations

import re

import pytest

from grader.checks.base import Verdict
from grader.model import Outcome
from grader.report import wording
from grader.report.audience import for_students
from tests.ps3 import kinds

from . import local
from .conftest import Grade
from .handins import UPDATE, WRONG, handin
from .test_blame import bench


def of_bank(name: str) -> list[tuple[str, str]]:
    return [(edit.old, edit.new) for edit in WRONG[name].edits]


HALF_DECAY = of_bank("decay every second epoch")
N = "        N = X.shape[0]\n"
COLUMN = [(N, N + "        if y is not None:\n            y = y.reshape(-1, 1)\n")]
OTHER_WEIGHTS = [("dW1 = X.T.dot(d_z) + reg * W1", "dW1 = X.T.dot(d_z) + reg * W2")]
NO_KEEPDIMS = of_bank("sum without keepdims")
PERCENT = of_bank("accuracies in percent")
NO_UPDATE = [(UPDATE, "                    pass\n")]
OF_SCORES = [("db1 = d_z.sum(axis=0)", "db1 = d_scores.sum(axis=0)")]
TWO_ENTRIES = [("{'W1': dW1, 'b1': db1, 'W2': dW2, 'b2': db2}", "{'W2': dW2, 'b2': db2}")]
EMPTY = [("{'W1': dW1, 'b1': db1, 'W2': dW2, 'b2': db2}", "{}")]


@pytest.mark.slow
def test_a_hint_about_values_is_not_given_where_the_form_of_an_answer_is_wrong(grade: Grade):
    """The message says then what was found and wanted; where a part is missing, the hint is about that."""
    three = local.checks(grade(handin(("return loss, grads\n", "return loss, grads, probs\n"))))
    assert three["sigmoid-toy-loss"].message.endswith("wanted two values: `return loss, grads`.")
    assert three["sigmoid-toy-loss"].hint == ""
    missing = local.checks(grade(handin(("'b1': db1, ", ""))))
    assert missing["sigmoid-grad-b1"].message.startswith("grads has no entry 'b1'")
    assert missing["sigmoid-grad-b1"].hint


@pytest.mark.slow
def test_of_examples_nothing_is_said_where_the_weights_go_another_way(grade: Grade):
    """Here train changes X first, so that W1 moves along other examples' gradients than those that it was given."""
    start = "        num_train = X.shape[0]\n"
    turned, centred = (
        local.checks(grade(handin((start, start + f"        X = {changed}\n"))))["epoch"]
        for changed in ("X[:, ::-1]", "X - X.mean()")
    )
    assert turned.message.startswith("W1 does not move as any mixture of the examples' gradients would")
    assert turned.hint == ""
    assert centred.message.startswith(
        "The losses of train's iterations are no means over batch_size of the examples"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("edits", "to_do"),
    [
        (HALF_DECAY, ["decay"]),  # the toy training is wrong as a whole
        (of_bank("squared error"), ["sigmoid-data-loss"]),
        (COLUMN, ["sigmoid-data-loss"]),  # what is wrong in the loss is in all gradients
        (NO_UPDATE, []),  # it is named, and the rest follows from it
        (of_bank("labels not shuffled with the data"), []),
        (of_bank("data not shuffled with the labels"), []),
        (of_bank("momentum, smoothed"), []),
        (of_bank("gradients normalised"), ["step-weights"]),  # no mistake is named
    ],
)
def test_a_mistake_has_one_thing_to_do(edits: list[tuple[str, str]], to_do: list[str], grade: Grade):
    found = local.checks(grade(handin(*edits)))
    assert [id for id, check in found.items() if check.hint] == to_do


@pytest.mark.slow
def test_a_train_that_changes_nothing_has_one_thing_to_do_also_where_no_mistake_is_named(grade: Grade):
    """Gradients that are missing keep it from being named; each of these is a part to write."""
    found = local.checks(grade(handin(*NO_UPDATE, *TWO_ENTRIES)))
    to_do = ["sigmoid-grad-W1", "sigmoid-grad-b1", "step-weights", "relu-grad-W1", "relu-grad-b1"]
    assert [id for id, check in found.items() if check.hint] == to_do
    assert found["step-biases"].diagnosis.startswith(
        "Look first at \N{LEFT DOUBLE QUOTATION MARK}train updates the w"
    )


POINTERS = (
    "The same mistake as in|Look first at|Ended by the same|The same was found as in|Not run|With a right"
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "edits",
    [
        of_bank("train returns nothing"),
        of_bank("loss returns the loss alone"),
        of_bank("predict returns one label"),
        COLUMN,
        EMPTY,
        OF_SCORES,
        [*OTHER_WEIGHTS, *HALF_DECAY],
        [*NO_KEEPDIMS, *PERCENT],
    ],
)
def test_no_sentence_is_said_twice_in_a_question(edits: list[tuple[str, str]], grade: Grade):
    for question in grade(handin(*edits)).questions:
        said = [
            sentence
            for check in question.checks
            if check.earned < check.points
            for text in (check.message, check.diagnosis, check.hint, *check.notes)
            for sentence in re.split(r"(?<=[.?]) (?=[A-Z])", text)
            if sentence and not re.match(POINTERS, sentence)
        ]
        assert len(said) == len(set(said)), said


@pytest.mark.slow
@pytest.mark.parametrize(
    "edits",
    [
        [*NO_KEEPDIMS, *PERCENT],
        [*OTHER_WEIGHTS, *HALF_DECAY],
        OF_SCORES,
        of_bank("sigmoid inverted"),
        [*of_bank("softmax over the examples"), *NO_UPDATE],
        of_bank("penalty of norms"),
        of_bank("three classes, hard-coded"),
    ],
)
def test_where_points_are_counted_is_said_once_and_is_true(edits: list[tuple[str, str]], grade: Grade):
    """In the note of each check that earns points for a wrong value; so the message leaves it out."""
    report = grade(handin(*edits))
    found = local.checks(report)
    carried = [check for check in found.values() if check.carried_from]
    assert carried
    for check in carried:
        source = found[check.carried_from]
        assert source.earned < source.points
        assert source.title in wording.carried(report, check)
        assert source.title not in check.message
        assert "cost" not in check.message


@pytest.mark.slow
@pytest.mark.parametrize(
    ("edits", "right"),
    [
        (OF_SCORES, " With a right loss supplied by the grader, train is right."),
        ([*OF_SCORES, *PERCENT], ""),
        ([*OTHER_WEIGHTS, *HALF_DECAY], ""),
    ],
)
def test_train_is_called_right_only_where_it_has_lost_nothing(
    edits: list[tuple[str, str]], right: str, grade_whole: Grade
):
    one = local.checks(grade_whole(handin(*edits)))["relu-accuracy"]
    assert one.message == f"Not measured: it needs what failed before.{right}"
    assert one.earned == one.points


def test_nobody_has_to_look_at_what_is_explained(ps3):
    accuracy = ps3.checks["relu-accuracy"]
    assert isinstance(accuracy, kinds.accuracy.Accuracy)
    doubt = "W1 moves elsewhere. A mistake in train or in the gradients may be why. A person has to look."
    at = bench(ps3, "relu-accuracy", sigmoid_toy_training=("training-climbs",))
    verdict = accuracy._consequence(at, Verdict(Outcome.NEEDS_REVIEW, doubt), "sigmoid-toy-training", "")
    assert verdict.message == "W1 moves elsewhere. That follows from a mistake in an earlier question."


def test_a_training_that_two_mistakes_spoil_names_both(ps3):
    accuracy, doubt = ps3.checks["relu-accuracy"], Verdict(Outcome.FAILED, "It reads nothing.")
    two = {"relu_grad_W1": ("mask",), "sigmoid_toy_training": ("uphill",), "step_weights": ("uphill",)}
    at = bench(ps3, "relu-accuracy", **two)
    assert accuracy._consequence(at, doubt, "", "relu-grad-W1").diagnosis == (
        "That follows from the mistakes in “ReLU: gradient of W1” and “Sigmoid: training on the toy data”. Look there "
        "first."
    )
    assert accuracy._consequence(at, doubt, "sigmoid-toy-training", "").message == (
        "It reads nothing. That follows from a mistake in an earlier question, and from the mistake in “ReLU: gradient "
        "of W1”."
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "written", ["        raise NotImplementedError\n", "        pass\n", "        return 1\n"]
)
def test_what_is_supplied_is_in_nobodys_place_where_nothing_was_written(written: str, grade_whole: Grade):
    own = "        scores = self.loss(X)\n        return np.argmax(scores, axis=1)\n"
    said = [
        check.message
        for edits in ([(own, written)], [(own, written), *OF_SCORES])
        for check in local.checks(grade_whole(handin(*edits))).values()
    ]
    assert any("supplied by the grader" in text for text in said)
    assert not any("yours" in text for text in said)


@pytest.mark.slow
def test_a_loss_and_gradients_that_nothing_explains_have_one_thing_to_do(grade: Grade):
    """One mistake may be behind both: the first of them is where to look."""
    found = local.checks(grade(handin(("scores = h.dot(W2) + b2", "scores = np.sin(h.dot(W2) + b2)"))))
    lost = [check for id, check in found.items() if id.startswith("sigmoid") and check.earned < check.points]
    assert [check.id for check in lost if check.hint] == ["sigmoid-scores"]


def test_what_did_not_run_has_the_same_cause_for_students(grade_whole: Grade):
    report = grade_whole(handin(("import numpy as np\n", "import numpy as np\nnp.load('X.npy')\n")))
    student = for_students(report)
    checks = local.checks(student)
    for id, check in checks.items():
        assert wording.message(student, check) == wording.message(report, local.checks(report)[id])
    skipped = [check for check in checks.values() if check.outcome is Outcome.SKIPPED]
    assert len({wording.message(student, check) for check in skipped}) == 1


@pytest.mark.slow
def test_a_size_that_is_hidden_is_told_in_words(grade: Grade):
    found = local.checks(grade(handin(*OF_SCORES)))
    assert found["sigmoid-grad-b1"].message == "grads['b1'] is a vector of another size; wanted (7,)."
