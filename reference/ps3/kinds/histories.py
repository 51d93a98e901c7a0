"""What `train` reports: four histories, of the right lengths and of what they say they are."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from grader.assignment.rubric import Net
from grader.checks import coerce
from grader.checks.base import Bench, Malformed, Verdict, failed, passed
from grader.checks.words import count, tell
from grader.model import Comparison
from grader.student.faults import StudentError
from grader.student.net import StudentNet

from .activations import TrainCheck
from .cases import NAMES, Case, draw
from .training import HISTORIES, SMALL, history, own_answer, train, train_on

_NOTHING = "train changes nothing at all, so that its histories tell nothing."


class Histories(TrainCheck, frozen=True):
    """`train` returns its four histories: of the right lengths, and of what they say they are.

    The values are judged on one step on one full batch. There they follow from the hand-in's own loss,
    gradient and predictions, so that nothing that is wrong in these costs again.
    """

    kind: ClassVar[str] = "histories"
    supplied: ClassVar[bool] = True
    activation: str
    tolerance: float
    """Relative difference that is accepted in a value."""

    def run(self, bench: Bench) -> Verdict:
        """Lengths, then values."""
        evidence: list[Comparison] = []
        wrong = self._lengths(bench, evidence) or self._values(bench, evidence)
        if wrong:
            return failed(wrong, comparisons=tuple(evidence), says_all=wrong == _NOTHING)
        return passed("train returns its four histories.", comparisons=tuple(evidence))

    def _lengths(self, bench: Bench, evidence: list[Comparison]) -> str:
        """Three epochs of two batches each, of examples that do not divide evenly."""
        case = draw(bench.rubric, Net(inputs=5, hidden=7, classes=3, batch=59, reg=0.1), "histories")
        options = {"learning_rate": 1e-3, "num_epochs": 3, "batch_size": 20}
        trained = train(bench, self.activation, case.params, case.X, case.y, **options)
        wrong = []
        for name, length in zip(HISTORIES, (6, 6, 3, 3), strict=True):
            values = history(trained.stats, name, [])
            evidence.append(Comparison(f"length of {name}", float(len(values)), float(length), 0.0))
            if len(values) != length:
                wrong.append(tell("{} has {} entries instead of {}", name, count(len(values)), str(length)))
            elif "acc" in name and not ((values >= 0) & (values <= 1)).all():
                wrong.append(tell("{} holds something other than accuracies between 0 and 1", name))
            elif name == "train_acc_history" and np.abs(20 * values - np.round(20 * values)).max() > 1e-4:
                wrong.append(tell("{} holds shares of something else than the 20 examples of a batch", name))
        if not wrong:
            return ""
        all_of_it = "; ".join(["{}"] * len(wrong))
        return tell(f"After 3 epochs of 2 batches (59 examples, batch size 20): {all_of_it}.", *wrong)

    def _values(self, bench: Bench, evidence: list[Comparison]) -> str:
        """One epoch of one batch: what was computed before the step, and the accuracies after it."""
        case = _mostly_read_right(bench, self.activation, draw(bench.rubric, SMALL, "histories, values"))
        X_val, y_val = _read_right(bench, self.activation, case)
        arrays = (case.X, case.y, X_val, y_val)
        options = {"learning_rate": 1e-6, "reg": SMALL.reg, "num_epochs": 1, "batch_size": SMALL.batch}
        trained = train_on(bench, self.activation, case.params, arrays, **options)
        if all(np.array_equal(trained.after[name], case.params[name]) for name in NAMES):
            return _NOTHING
        right_loss, right = bench.reference.answers.loss(
            self.activation, case.params, case.X, case.y, case.net.reg
        )
        own_loss, own = own_answer(bench, self.activation, case)
        wanted: dict[str, tuple[list[float | None], str]] = {
            "loss_history": ([right_loss, own_loss], "the loss of each batch"),
            "grad_magnitude_history": (
                [float(np.linalg.norm(g["W1"])) for g in (right, own) if g is not None],
                "np.linalg.norm(grads['W1']) of each batch",
            ),
            "train_acc_history": (
                [_share_right(trained.net, case.X, case.y)],
                "the share of the epoch's last mini-batch that predict gets right",
            ),
            "val_acc_history": (
                [_share_right(trained.net, X_val, y_val)],
                "the share of X_val that predict gets right",
            ),
        }
        tolerance = max(self.tolerance, 1e-5) if trained.single else self.tolerance
        wrong = []
        for name, (values, what) in wanted.items():
            accepted = [value for value in values if value is not None]
            found = float(history(trained.stats, name, [])[0])
            if not accepted:
                continue
            evidence.append(Comparison(f"first entry of {name}", found, accepted[0], tolerance))
            if not any(abs(found - value) <= tolerance * max(1.0, abs(value)) for value in accepted):
                wrong.append(f"{name} does not hold {what}")
        return f"{'; '.join(wrong)}." if wrong else ""


def _mostly_read_right(bench: Bench, activation: str, case: Case) -> Case:
    """The case with other labels: two thirds of the examples are read right, so that the mistakes are not as many."""
    labels = bench.reference.answers.scores(activation, case.params, case.X).argmax(axis=1)
    return Case(
        case.net, case.params, case.X, (labels + (np.arange(len(labels)) % 3 == 0)) % case.net.classes
    )


def _read_right(bench: Bench, activation: str, case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Validation data that the network reads without a mistake, unlike its training data."""
    X = draw(bench.rubric, SMALL, "histories, validation").X[:9]
    return X, bench.reference.answers.scores(activation, case.params, X).argmax(axis=1)


def _share_right(net: StudentNet, X: np.ndarray, y: np.ndarray) -> float | None:
    """The share of examples that the hand-in's own `predict` reads right; None where it gives no labels."""
    try:
        labels = coerce.array(net.predict(X), (len(y),), "the result of predict", [])
    except (Malformed, StudentError):
        return None
    return float((labels == y).mean())
