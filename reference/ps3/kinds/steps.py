"""What `train` does to the parameters: its steps, the examples it uses, its learning rate, its arguments.

None of these depends on the order in which a hand-in draws its mini-batches: they use full batches, identical
examples, or steps so small that only the sum of them counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations_with_replacement
from typing import Any, ClassVar

import numpy as np

from grader.assignment.rubric import Net
from grader.checks.base import Bench, Malformed, Verdict, carried, failed, passed
from grader.checks.compare import Tolerance, difference
from grader.checks.words import ONE_BEHIND, factor, tell
from grader.model import Comparison
from grader.student.child.protocol import Numbers
from grader.student.faults import StudentError
from grader.student.net import StudentNet

from .activations import TrainCheck, lost_among
from .cases import NAMES, Case, Params, draw, renamed_keyword, student_net
from .training import DEFAULTS, SMALL, WIDE, Trained, loss_history, own_answer, parameters, train

_BATCH = 4
"""Size of the batches in the check of their size."""
_SAME = 1e-6
"""Difference of two losses that counts as none; float32 has it, and two of 1,365 batches come as close by chance."""
ALMOST_DEPENDENT = 1e-5
"""Ratio of singular values below which examples' gradients count as dependent; the right ones have 4e-3."""


class UpdateStep(TrainCheck, frozen=True):
    """One epoch with one batch changes each parameter by minus the learning rate times its gradient."""

    kind: ClassVar[str] = "update-step"
    supplied: ClassVar[bool] = True
    activation: str
    params: tuple[str, ...]
    tolerance: Tolerance

    def run(self, bench: Bench) -> Verdict:
        """Accept the right gradient or the hand-in's own."""
        case = draw(bench.rubric, SMALL, "step")
        rate = 0.01
        options = {"learning_rate": rate, "reg": SMALL.reg, "num_epochs": 1, "batch_size": SMALL.batch}
        trained = bench.once(
            ("step", self.activation),
            lambda: train(bench, self.activation, case.params, case.X, case.y, **options),
        )
        _, right = bench.reference.answers.loss(self.activation, case.params, case.X, case.y, SMALL.reg)
        _, own = own_answer(bench, self.activation, case)
        evidence: list[Comparison] = []
        still, wrong = self._off(self.params, case, trained, right, own, rate, evidence)
        names = " and ".join(self.params)
        if not wrong:
            return passed(f"train takes the right step on {names}.", comparisons=tuple(evidence))
        what = (
            f"train leaves {' and '.join(still)} unchanged."
            if still
            else f"train's first step on {' and '.join(wrong)} is not minus the learning rate times the gradient."
        )
        for spec in bench.question.checks[: bench.question.checks.index(bench.spec)]:
            one = bench.rubric.checks[spec.id]
            if isinstance(one, UpdateStep) and one.activation == self.activation:
                others = self._off(one.params, case, trained, right, own, rate, [])
                if others[1] and bool(others[0]) == bool(still):  # wrong in the same way
                    return failed(
                        what, diagnosis=ONE_BEHIND.format(title=spec.title), comparisons=tuple(evidence)
                    )
        return failed(what, comparisons=tuple(evidence))

    def _off(
        self,
        names: tuple[str, ...],
        case: Case,
        trained: Trained,
        right: Params,
        own: Params | None,
        rate: float,
        evidence: list[Comparison],
    ) -> tuple[list[str], list[str]]:
        """Which of some parameters stay, and which do not move as they should."""
        still, wrong = [], []
        for name in names:
            step = trained.after[name] - case.params[name]
            if not np.abs(step).max() > 0:
                still.append(name)
            bound = self.tolerance.bound(rate * right[name], trained.single)
            off = difference(step, -rate * right[name], bound)
            if not off.ok and own is not None and np.any(own[name]):
                bound = max(bound, self.tolerance.bound(rate * own[name], trained.single))
                off = difference(step, -rate * own[name], bound)
            if not off.ok:
                wrong.append(name)
            evidence.append(Comparison(f"{name}: largest error of the step", off.largest, 0.0, bound))
        return still, wrong


class Epoch(TrainCheck, frozen=True):
    """Training uses mini-batches of the size asked for, and all examples: each about as often as the others.

    With steps so small that the gradients hardly change on the way, the weights move along a sum of the examples'
    gradients. How much of each example is in it can be read off, whatever the order was and however the gradient
    is scaled.
    """

    kind: ClassVar[str] = "epoch"
    supplied: ClassVar[bool] = True
    activation: str
    least_share: float
    """How often the least used example must have been used, as a share of the average."""
    tolerance: float
    """Largest share of the movement that no mixture of the gradients need explain."""

    def run(self, bench: Bench) -> Verdict:
        """Judge by the right gradients, or by the hand-in's own."""
        case = draw(bench.rubric, WIDE, "epoch")
        case = Case(case.net, case.params, case.X, np.arange(WIDE.batch) % WIDE.classes)
        options = {
            "learning_rate": 1e-5,
            "learning_rate_decay": 1.0,
            "reg": 0.0,
            "num_epochs": 30,
            "batch_size": WIDE.batch // 2,
        }
        trained = train(bench, self.activation, case.params, case.X, case.y, **options)
        moved = (trained.after["W1"] - case.params["W1"]).ravel()
        if not moved @ moved > 0:
            return failed("train does not change W1, so that nothing can be seen here.", says_all=True)
        shares = []
        for rows in self._gradients(bench, case):
            share = self._least(moved, rows)
            shares.append(share)
            if share is not None and share >= self.least_share:
                break
        if all(share is None for share in shares) and (blamed := lost_among(bench, "gradient")):
            return carried(
                "Which examples train uses cannot be seen while the gradients are wrong.", blamed[0]
            )
        if all(share is None for share in shares):
            return failed(
                "W1 does not move as any mixture of the examples' gradients would move it, so that nothing shows which "
                "of them train uses. Does it use X as it was given, and step by the gradients alone?",
                says_all=True,
            )
        least = max(share for share in shares if share is not None)
        evidence = (
            Comparison("use of the least used example / average use", least, 1.0, 1.0 - self.least_share),
        )
        if least >= self.least_share:
            if wrong := self._batches(bench):
                return failed(wrong, comparisons=evidence)
            if wrong := self._steps(bench):
                return failed(wrong, comparisons=evidence, says_all=True)
            return passed("train uses mini-batches, and all training examples.", comparisons=evidence)
        return failed(
            "train does not use all training examples: after 30 epochs some have had no influence on the weights.",
            comparisons=evidence,
        )

    def _batches(self, bench: Bench) -> str:
        """What is wrong with the size of the batches; empty where nothing is, or nothing can be seen.

        With steps that change nothing, each entry of the loss history is the mean over some batch: of as many examples
        as asked for, whichever these are.
        """
        case = draw(bench.rubric, SMALL, "batches")
        options = {
            "learning_rate": 1e-12,
            "learning_rate_decay": 1.0,  # a wrong decay has a check of its own
            "reg": 0.0,
            "num_epochs": 2,
            "batch_size": _BATCH,
        }
        try:
            losses = loss_history(
                train(bench, self.activation, case.params, case.X, case.y, **options).stats, []
            )
        except Malformed:
            return ""  # the check of the histories says so
        singles = [_example(case, i) for i in range(case.net.batch)]
        right = [bench.reference.answers.loss(self.activation, s.params, s.X, s.y, 0.0)[0] for s in singles]
        known = [np.array(right)]
        if _are_means(losses, known[0], _BATCH):
            return ""  # as nearly always: then there is nothing to ask
        own = [loss for s in singles if (loss := own_answer(bench, self.activation, s)[0]) is not None]
        if len(own) == len(singles):
            known.append(np.array(own))
            if _are_means(losses, known[1], _BATCH):
                return ""
        if lost_among(bench, "toy-loss", "loss"):
            return ""  # of a wrong loss nothing can be said; it is asked again with a right one where that is needed
        whole = any(np.abs(losses - each.mean()).min() <= _SAME for each in known)
        more = "; one is the mean over all" if whole else ""
        return f"The losses of train's iterations are no means over batch_size of the examples that it was given{more}."

    def _steps(self, bench: Bench) -> str:
        """What is wrong with the number of steps in an epoch; empty where nothing is, or nothing can be seen."""
        params, X, y = certain(bench, "steps")
        options = {"learning_rate": 1e-5, "learning_rate_decay": 1.0, "reg": 0.0, "num_epochs": 1}

        def moved(batch_size: int) -> np.ndarray:
            trained = train(bench, self.activation, params, X, y, **options, batch_size=batch_size)
            return (trained.after["W2"] - params["W2"]).ravel()

        one, three = moved(len(y)), moved(len(y) // 3)
        if not one @ one > 0:
            return ""
        ratio = float(three @ one / (one @ one))
        if abs(ratio - 3) <= self.tolerance:
            return ""
        return tell(
            "An epoch of three batches should move the weights 3 times as far as one of a single batch of the same "
            "examples: each batch is a step. In yours it is {} times.",
            factor(ratio, f"{ratio:.3g}", self.tolerance),
        )

    def _gradients(self, bench: Bench, case: Case) -> Iterator[np.ndarray]:
        """W1's gradient on each example alone, (N, D * H): the right ones and, if usable, the hand-in's own."""
        singles = [_example(case, i) for i in range(case.net.batch)]
        right = [bench.reference.answers.loss(self.activation, s.params, s.X, s.y, 0.0)[1] for s in singles]
        yield np.array([g["W1"].ravel() for g in right])
        own = [g for s in singles if (g := own_answer(bench, self.activation, s)[1]) is not None]
        if len(own) == len(singles):
            yield np.array([g["W1"].ravel() for g in own])

    def _least(self, moved: np.ndarray, rows: np.ndarray) -> float | None:
        """The least used example's share of the average use; None where the rows do not explain the movement."""
        if not (np.isfinite(rows).all() and np.isfinite(moved).all()):
            return None
        uses, _, _, sizes = np.linalg.lstsq(rows.T, moved, rcond=None)
        if not sizes[-1] > ALMOST_DEPENDENT * sizes[0]:
            return None  # of gradients that hardly differ, or vanish, nothing can be read off
        rest = np.linalg.norm(rows.T @ uses - moved)
        if rest > self.tolerance * np.linalg.norm(moved) or uses.mean() == 0:
            return None
        return float((uses / uses.mean()).min())


def _are_means(losses: np.ndarray, singles: np.ndarray, size: int) -> bool:
    """Whether each loss is the mean of `size` of the single examples' losses."""
    chosen = np.array(list(combinations_with_replacement(range(len(singles)), size)))
    means = singles[chosen].mean(axis=1)
    return all(np.abs(means - loss).min() <= _SAME for loss in losses)


def _example(case: Case, i: int) -> Case:
    """One example of a case, without regularisation."""
    net = Net(inputs=case.net.inputs, hidden=case.net.hidden, classes=case.net.classes, batch=1, reg=0.0)
    return Case(net, case.params, case.X[i : i + 1], case.y[i : i + 1])


def _no_movement(bench: Bench, activation: str, params: Params, X: np.ndarray, y: np.ndarray) -> Verdict:
    """The verdict where the weights stay, though elsewhere they may move: the own gradient may be zero just here."""
    net = Net(inputs=X.shape[1], hidden=len(params["b1"]), classes=len(params["b2"]), batch=len(y), reg=0.0)
    _, own = own_answer(bench, activation, Case(net, params, X, y))
    blamed = [] if lost_among(bench, "update-step") else lost_among(bench, "gradient")
    if blamed and own is not None and not np.any(own["W2"]):
        return carried("Your gradient is zero here, so that train has nothing to do.", blamed[0])
    return failed("train does not change the weights, so that nothing can be seen here.", says_all=True)


def certain(bench: Bench, purpose: str) -> tuple[Params, np.ndarray, np.ndarray]:
    """A network that is certain of the wrong class, and twelve identical examples: each step moves W2 alike.

    W2 is zero, and b2 gives one class all the probability; the examples belong to another.
    """
    case = draw(bench.rubric, SMALL, purpose)
    sure = np.full(SMALL.classes, -15.0)
    sure[0] = 15.0
    params = {**case.params, "W2": np.zeros_like(case.params["W2"]), "b2": sure}
    return params, np.repeat(case.X[:1], 12, axis=0), np.arange(12) * 0 + SMALL.classes - 1


class Decay(TrainCheck, frozen=True):
    """The learning rate is multiplied by the decay once after each epoch.

    On identical examples and a network that is certain of the wrong class, each step moves W2 by the same
    vector times the learning rate, whatever the gradient's own mistakes are: the distances after one and after
    three epochs are as 1 to 1 + d + d^2.
    """

    kind: ClassVar[str] = "decay"
    supplied: ClassVar[bool] = True
    activation: str
    tolerance: float
    """Accepted difference of the ratio of distances."""

    def run(self, bench: Bench) -> Verdict:
        """Train for one and for three epochs and compare the distances."""
        params, X, y = certain(bench, "decay")
        decay = 0.5

        def distance(epochs: int) -> np.ndarray:
            options = {
                "learning_rate": 1e-5,  # W2 starts at zero, so that float32 holds even so small a step
                "learning_rate_decay": decay,
                "reg": 0.0,
                "num_epochs": epochs,
                "batch_size": 4,
            }
            trained = train(bench, self.activation, params, X, y, **options)
            return (trained.after["W2"] - params["W2"]).ravel()

        one, three = distance(1), distance(3)
        if not one @ one > 0:
            return _no_movement(bench, self.activation, params, X, y)
        ratio = float(three @ one / (one @ one))
        expected = 1 + decay + decay**2
        evidence = (
            Comparison("distance after 3 epochs / after 1, decay 0.5", ratio, expected, self.tolerance),
        )
        if abs(ratio - expected) <= self.tolerance:
            return passed("The learning rate decays once after each epoch.", comparisons=evidence)
        diagnosis = ""
        if abs(ratio - 3) <= self.tolerance:
            diagnosis = "The learning rate stays the same: the decay is never applied."
        elif abs(ratio - (1 - decay**9) / (1 - decay**3)) <= self.tolerance:  # three iterations an epoch
            diagnosis = "The decay is applied after each iteration instead of after each epoch."
        return failed(
            tell(
                "With a decay of 0.5, three epochs should move the weights {} times as far as one. Yours move them "
                "{} times as far.",
                f"{expected:g}",
                factor(ratio, f"{ratio:.4g}", self.tolerance),
            ),
            diagnosis=diagnosis,
            comparisons=evidence,
        )


class Untouched(TrainCheck, frozen=True):
    """`train` leaves the arrays that it was given as they were."""

    kind: ClassVar[str] = "untouched"
    supplied: ClassVar[bool] = True
    activation: str

    def run(self, bench: Bench) -> Verdict:
        """Compare the four arrays after the call with what was sent."""
        case = draw(bench.rubric, SMALL, "untouched")  # one batch is all: see `WIDE`
        sent = (case.X, case.y, case.X[:5].copy(), case.y[:5].copy())
        net = student_net(bench, self.activation, case.params)
        back = _train_and_echo(
            net, sent, {"learning_rate": 1e-3, "reg": 0.1, "num_epochs": 2, "batch_size": 12}
        )
        changed = [
            name
            for name, before, after in zip(("X", "y", "X_val", "y_val"), sent, back, strict=True)
            if not (isinstance(after, Numbers) and np.array_equal(after.array, before))
        ]
        after = parameters(net, case.params, [])
        if all(np.array_equal(after[name], case.params[name]) for name in NAMES):
            return failed("train changes nothing at all, so that there is nothing to see.", says_all=True)
        if changed:
            return failed(f"train changes the caller's {' and '.join(changed)} in place.")
        return passed("train leaves the caller's arrays unchanged.")


def _train_and_echo(
    net: StudentNet, arrays: tuple[np.ndarray, ...], options: dict[str, Any]
) -> tuple[Any, ...]:
    """Train; return the four arrays as the call left them."""
    try:
        return net.call_and_echo("train", *arrays, **options, verbose=False)[1]
    except StudentError as fault:
        if not renamed_keyword(fault):
            raise
        return net.call_and_echo("train", *arrays, *{**DEFAULTS, **options}.values())[1][:4]
