"""Each mistake costs once, where it belongs: two at a time, lines that raise, parts that were not written."""

from __future__ import annotations

from decimal import Decimal

import pytest

from grader.model import GradeReport, Outcome
from grader.student.faults import MachineFault
from tests.ps3 import diagnosis, kinds

from . import local
from .conftest import Grade
from .handins import WRONG, handin

MASK = ("d_z = d_h * (z > 0)", "d_z = d_h * (z <= 0)")
NEVER = ("d_z = d_h * (z > 0)", "d_z = d_h * (h < 0)")
ADDED = ("d_scores[np.arange(N), y] -= 1", "d_scores[np.arange(N), y] += 1")
NO_DECAY = ("            learning_rate *= learning_rate_decay\n", "")
NO_BIASES = ("for name in self.params:", "for name in ['W1', 'W2']:")
CLIMBS = ("self.params[name] -= learning_rate", "self.params[name] += learning_rate")
FULL_BATCH = (
    "idx = perm[i * batch_size:(i + 1) * batch_size]",
    "idx = np.random.choice(num_train, batch_size, replace=False)",
)
RENAMED = ("reg=1e-5, num_epochs=10", "reg=1e-5, epochs=10")
OF_RENAMED = ("for epoch in range(num_epochs)", "for epoch in range(epochs)")
SOFTPLUS = ("h = np.maximum(z, 0)", "h = np.logaddexp(0, z)")
LEAKY = ("h = np.maximum(z, 0)", "h = np.where(z > 0, z, 0.01 * z)")
CAPPED = ("h = np.maximum(z, 0)", "h = np.clip(z, 0, 6)")
TANH = ("h = sigmoid(z)", "h = np.tanh(z)")
W2_SUMMED = ("dW2 = h.T.dot(d_scores) + reg * W2", "dW2 = N * h.T.dot(d_scores) + reg * W2")
ONE_HOT = "d_scores = probs.copy()\n        d_scores[np.arange(N), y] -= 1"
THREE = (ONE_HOT, "d_scores = probs - np.eye(3)[y]")
TEN = (ONE_HOT, "d_scores = probs - np.eye(10)[y]")
COUNTED = (ONE_HOT, "d_scores = probs - np.eye(np.max(y) + 1)[y]")
REG_RENAMED = [
    ("y=None, reg=0.0):\n", "y=None, lam=0.0):\n        reg = lam\n"),
    ("self.loss(X_batch, y=y_batch, reg=reg)", "self.loss(X_batch, y_batch, reg)"),
]
THREE_VALUES = [
    ("        return loss, grads\n", "        return loss, grads, probs\n"),
    ("loss, grads = self.loss(", "loss, grads, _ = self.loss("),
]
PROBABILITIES = (
    "            return scores\n",
    "            scores = np.exp(scores)\n            return scores / scores.sum(axis=1, keepdims=True)\n",
)
LOWEST = ("np.argmax(scores, axis=1)", "np.argmin(scores, axis=1)")
OTHER_AXIS = ("np.argmax(scores, axis=1)", "np.argmax(scores, axis=0)")
SIGMOID_PREDICT = (
    "        scores = self.loss(X)\n        return np.argmax(scores, axis=1)",
    "        h = sigmoid(X.dot(self.params['W1']) + self.params['b1'])\n"
    "        return np.argmax(h.dot(self.params['W2']) + self.params['b2'], axis=1)",
)
NO_HALF = ("0.5 * reg *", "reg *")
KEPT_NO_DIMENSIONS = ("scores.max(axis=1, keepdims=True)", "scores.max(axis=1)")


def lost(report: GradeReport) -> dict[str, Decimal]:
    assert not report.host.errors
    return {id: c.points - c.earned for id, c in local.checks(report).items() if c.earned < c.points}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("one", "two"),
    [
        ([MASK], [NO_DECAY]),
        ([MASK], [NO_BIASES]),
        ([MASK], [FULL_BATCH]),
        ([MASK], [RENAMED, OF_RENAMED]),
        ([MASK], [CLIMBS]),
        ([MASK], [LOWEST]),
        ([CAPPED], [NO_DECAY]),  # the diagnosis knows no name for it
        ([SOFTPLUS], [W2_SUMMED]),
        ([LEAKY], [W2_SUMMED]),
        ([TANH], [THREE]),
        ([PROBABILITIES], [("h = np.maximum(z, 0)", "h = z")]),
        ([THREE], [NO_BIASES]),
        ([OTHER_AXIS], [NO_DECAY]),
        ([OTHER_AXIS], [NO_BIASES]),
        ([SIGMOID_PREDICT], [("h = np.maximum(z, 0)", "h = z")]),
        ([THREE], REG_RENAMED),
        ([TEN], REG_RENAMED),
        ([THREE], THREE_VALUES),
        ([TEN], THREE_VALUES),
        ([COUNTED], THREE_VALUES),
        ([NEVER], [W2_SUMMED]),
        ([NEVER], [ADDED]),
        ([NEVER], [NO_BIASES]),
        ([NO_HALF], [NO_DECAY]),
        ([NO_HALF], [MASK]),
    ],
)
def test_two_mistakes_cost_what_each_costs_alone(one, two, grade: Grade):
    alone = [lost(grade(handin(*edits))) for edits in (one, two)]
    together = lost(grade(handin(*one, *two)))
    for id in {*alone[0], *alone[1], *together}:
        each = [found.get(id, Decimal(0)) for found in alone]
        assert max(each) <= together.get(id, Decimal(0)) <= sum(each), id


@pytest.mark.slow
@pytest.mark.parametrize(
    ("one", "two"),
    [
        # A wrong loss, and a wrong predict that ends train: neither of them supplied alone shows what train is worth.
        ("sum without keepdims", "predict returns the scores"),
        ("gradient with factor 2", "predict one-hot"),
        ("sigmoid inverted", "predict along the wrong axis"),
        ("dW2 multiplied by N", "predict along the wrong axis"),
        # A line of both kinds that raises, and ReLU's own values wrong behind it.
        ("ten classes, hard-coded", "relu's gradient multiplied with the activation"),
        ("maximum without keepdims", "sigmoid slope for both"),
        # What ends train with both kinds, and ReLU's own values wrong beside it.
        ("a gradient missing", "relu slope of ones"),
    ],
)
def test_what_hides_behind_another_mistake_costs_what_it_costs_alone(one: str, two: str, grade: Grade):
    edits = [[(edit.old, edit.new) for edit in WRONG[name].edits] for name in (one, two)]
    alone = [lost(grade(handin(*each))) for each in edits]
    together = lost(grade(handin(*edits[0], *edits[1])))
    for id in {*alone[0], *alone[1], *together}:
        each = [found.get(id, Decimal(0)) for found in alone]
        assert max(each) <= together.get(id, Decimal(0)) <= sum(each), id


@pytest.mark.slow
@pytest.mark.parametrize("in_train", [NO_DECAY, NO_BIASES, CLIMBS])
def test_a_wrong_train_costs_beside_a_wrong_loss_and_a_wrong_predict(in_train, grade: Grade):
    """With both supplied, as with right ones in the hand-in."""
    alone, three = (
        lost(grade(handin(in_train))),
        lost(grade(handin(in_train, KEPT_NO_DIMENSIONS, OTHER_AXIS))),
    )
    assert alone.items() <= three.items()


@pytest.mark.slow
def test_a_relu_that_raises_has_no_training_for_a_train_that_is_right(grade: Grade):
    raises = ("h = np.maximum(z, 0)", "h = np.maximum(z, 0)\n            raise NotImplementedError")
    for others in ((), (NO_HALF,), (OTHER_AXIS,)):
        assert "relu-toy-training" in lost(grade(handin(raises, *others)))


@pytest.mark.slow
def test_nothing_is_named_where_a_check_was_lost_for_something_else(grade: Grade):
    """The toy loss, here, for the name of an argument; that the gradients raise is another matter."""
    found = local.checks(grade(handin(TEN, *REG_RENAMED)))
    assert found["sigmoid-toy-loss"].mistakes == ()
    assert "ten" not in found["sigmoid-toy-loss"].diagnosis
    assert found["sigmoid-grad-W2"].mistakes == ("ten-classes",)


@pytest.mark.slow
def test_a_mistake_in_train_is_told_once_beside_one_in_relu(grade: Grade):
    found = local.checks(grade(handin(MASK, NO_DECAY)))
    training = found["relu-toy-training"]
    assert training.outcome is Outcome.PASSED
    assert training.carried_from == "sigmoid-toy-training"
    assert (training.hint, training.diagnosis, training.mistakes) == ("", "", ())
    assert [id for id, check in found.items() if check.mistakes == ("decay-missing",)] == [
        "sigmoid-toy-training",
        "decay",
    ]


@pytest.mark.slow
def test_a_train_that_is_wrong_with_relu_alone_costs_there(grade: Grade):
    """Also beside one that is wrong with both, where the loss of ReLU is wrong, too: it is not the same code."""
    only_relu = (
        "self.params[name] -= learning_rate * grads[name]",
        "self.params[name] -= (2 if self.activation == 'relu' else 1) * learning_rate * grads[name]",
    )
    assert "relu-toy-training" in lost(grade(handin(only_relu)))
    assert "relu-toy-training" in lost(grade(handin(only_relu, MASK, NO_DECAY)))


BACKWARD = "        d_scores = probs.copy()\n"
ALL_OF_SIGMOID = {f"sigmoid-grad-{name}" for name in ("W1", "b1", "W2", "b2")}
FORWARD = {"sigmoid-toy-loss", "sigmoid-scores", "sigmoid-data-loss"}
OF_RELU = {"relu-grad-W1", "relu-grad-b1"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "edit", "costs"),
    [
        ("forward line", ("h = sigmoid(z)", "h = sigmoid(z.astype(np.float))"), FORWARD),
        ("helper", ("return np.where(z >= 0, 1.0, e)", "return np.where(z >= 0, np.float(1), e)"), FORWARD),
        ("forward line of both", ("z = X.dot(W1) + b1", "z = X.dot(W1).astype(np.float) + b1"), FORWARD),
        ("second layer", ("scores = h.dot(W2) + b2", "scores = h.dot(W2).astype(np.float) + b2"), FORWARD),
        (
            "softmax",
            ("probs = np.exp(scores)", "probs = np.exp(scores).astype(np.float)"),
            FORWARD - {"sigmoid-scores"},
        ),
        (
            "penalty",
            ("penalty = 0.5 *", "penalty = np.float(0.5) *"),
            {"sigmoid-toy-loss", "sigmoid-penalty"},
        ),
        ("at the scores", ("d_scores = d_scores / N", "d_scores = d_scores / np.float(N)"), ALL_OF_SIGMOID),
        ("classes of the batch", (ONE_HOT, "d_scores = probs - np.eye(np.max(y) + 1)[y]"), ALL_OF_SIGMOID),
        (
            "slope",
            ("d_z = d_h * h * (1 - h)", "d_z = d_h * h * (1 - h).astype(np.float)"),
            {"sigmoid-grad-W1", "sigmoid-grad-b1"},
        ),
        (
            "one gradient",
            ("dW1 = X.T.dot(d_z) + reg * W1", "dW1 = X.T.dot(d_z).astype(np.float) + reg * W1"),
            {"sigmoid-grad-W1"},
        ),
        ("relu's slope", ("d_z = d_h * (z > 0)", "d_z = d_h * (z > 0).astype(np.float)"), OF_RELU),
        (
            "relu's forward line",
            ("h = np.maximum(z, 0)", "h = np.maximum(z, np.float(0))"),
            {"relu-toy-loss", "relu-scores", "relu-data-loss"},
        ),
        (
            "backward pass not written",
            (BACKWARD, "        raise NotImplementedError\n" + BACKWARD),
            ALL_OF_SIGMOID | OF_RELU,
        ),
        (
            "gradients not returned",
            ("grads = {'W1': dW1, 'b1': db1, 'W2': dW2, 'b2': db2}", "grads = {}"),
            ALL_OF_SIGMOID | OF_RELU,
        ),
        (
            "return",
            ("return loss, grads", "return lost, grads"),
            {"sigmoid-toy-loss", "sigmoid-data-loss", "sigmoid-penalty"},
        ),
        ("predict", ("np.argmax(scores, axis=1)", "np.argmax(score, axis=1)"), {"predict"}),
        ("predict, where its labels are compared", OTHER_AXIS, {"predict"}),
        ("predict is not there", ("def predict(self, X):", "def predictions(self, X):"), {"predict"}),
    ],
)
def test_a_line_that_raises_costs_what_rests_on_it_alone(name: str, edit, costs: set[str], grade: Grade):
    report = grade(handin(edit))
    assert not report.host.errors
    assert set(lost(report)) - {"relu-toy-training"} == costs, lost(report)
    for check in local.checks(report).values():
        assert "None" not in check.message + check.diagnosis


@pytest.mark.slow
@pytest.mark.parametrize(
    "edit",
    [
        (BACKWARD, "        raise NotImplementedError\n" + BACKWARD),
        ("grads = {'W1': dW1, 'b1': db1, 'W2': dW2, 'b2': db2}", "grads = {}"),
    ],
)
def test_what_was_not_written_is_called_that(edit, grade: Grade):
    check = local.checks(grade(handin(edit)))["sigmoid-grad-W2"]
    assert "this part was not written" in check.message.lower()
    assert not check.diagnosis


def test_a_loss_that_keeps_several_answers_is_given_none(grade: Grade):
    """Only what stands in the variables that `loss` returns counts, and a wrong value there is wrong."""
    right = "grads = {'W1': dW1, 'b1': db1, 'W2': dW2, 'b2': db2}"
    guesses = (
        "candidates = [dW1, dW1 * N, dW1 - reg * W1]\n        grads = {'W1': dW1 * N}\n        raise KeyError"
    )
    assert "sigmoid-grad-W1" in lost(grade(handin((right, guesses))))


@pytest.mark.slow
def test_a_line_that_raises_earns_no_more_than_one_that_is_wrong(grade: Grade):
    raising, wrong = ("h = sigmoid(z)", "h = sigmoid(z.astype(np.float))"), TANH
    assert grade(handin(raising)).earned <= grade(handin(wrong)).earned
    assert grade(handin(raising, NO_HALF)).earned <= grade(handin(raising)).earned
    assert (
        grade(handin(raising, ("d_z = d_h * h * (1 - h)", "d_z = d_h"))).earned
        < grade(handin(raising)).earned
    )


@pytest.mark.slow
def test_what_the_machine_keeps_from_a_second_try_is_open(grade_anew: Grade, monkeypatch: pytest.MonkeyPatch):
    """It may have given the points back."""

    def fail(*_: object) -> None:
        raise MachineFault("no memory")

    monkeypatch.setattr(diagnosis, "step_of_line", fail)
    found = local.checks(grade_anew(handin(("h = sigmoid(z)", "h = sigmoid(z.astype(np.float))"))))
    assert {found[id].outcome for id in ALL_OF_SIGMOID | FORWARD} == {Outcome.ERROR}
    monkeypatch.setattr(kinds.toy_training.ToyTraining, "shared", fail)
    found = local.checks(grade_anew(handin(MASK, NO_DECAY)))
    assert found["relu-toy-training"].outcome is Outcome.ERROR
    assert found["relu-grad-W1"].outcome is Outcome.FAILED


@pytest.mark.slow
def test_two_mistakes_of_a_gradient_are_both_taken_into_account_in_train(grade: Grade):
    """Which of the two was, depended on the addresses of classes; with the other alone, train was blamed as well."""
    nothing = [
        ("dW1 = X.T.dot(d_z) + reg * W1", "dW1 = reg * W1"),
        ("db1 = d_z.sum(axis=0)", "db1 = np.zeros_like(b1)"),
    ]
    report = grade(handin(*nothing))
    assert {id: one.mistakes for id, one in local.checks(report).items() if one.earned < one.points} == {
        "sigmoid-grad-W1": ("W1-zero",),
        "sigmoid-grad-b1": ("b1-zero",),
        "relu-grad-W1": ("W1-zero",),  # nothing is seen of ReLU's own lines
        "relu-grad-b1": ("b1-zero",),
    }


@pytest.mark.slow
@pytest.mark.parametrize("edits", [[("dW1 = X.T.dot(d_z) + reg * W1", "dW1 = 0 * W1")], [NEVER]])
def test_what_has_no_gradient_need_not_move(edits, grade: Grade):
    """`train` is right: it is the gradient that is zero. One that leaves other parameters costs its points."""
    found = local.checks(grade(handin(*edits)))
    assert {"sigmoid-toy-training", "relu-toy-training"}.isdisjoint(lost(grade(handin(*edits))))
    assert not any("never changes" in one.diagnosis for one in found.values())
    assert "sigmoid-toy-training" in lost(
        grade(handin(*edits, ("for name in self.params:", "for name in ['W2']:")))
    )
