"""Checks that need no answers, for students before the deadline: those that the notebook they were given makes itself.

What they expect is printed in the notebook, or follows from the hand-in's own loss and scores. They carry no points:
a hand-in that passes them all can still be wrong where only hidden networks show it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from grader.assignment.reference import Reference
from grader.checks import coerce
from grader.checks.base import Bench, Check, Malformed, Verdict, failed, passed
from grader.checks.compare import Tolerance, difference
from grader.model import Comparison, Outcome
from grader.student.child.protocol import Numbers
from grader.student.net import StudentNet

from .. import toy
from .activations import NetworkCheck
from .cases import NAMES, Params, answers_single, ask_loss, student_net
from .module import Module
from .pairs import loss_and_grads, pair
from .training import loss_history

STEP = 1e-5
"""Step of the central differences, as in the handout's `eval_numerical_gradient`."""
SINGLE_STEP = 1e-3
"""The same where the hand-in computes in float32, which holds no smaller difference of two losses."""


class Public:
    """What marks a kind of check as one that needs no answers; put it first among the bases."""

    __slots__ = ()
    public: ClassVar[bool] = True

    def activations_of(self, reference: Reference) -> Iterable[str]:
        """Those of the toy problem: an edition without answers has no layers."""
        names: Iterable[str] = toy.TRAINING
        return names


class PublicModule(Public, Module, frozen=True):
    """`mlp.py` imports and its class can be built with the notebook's arguments."""

    kind: ClassVar[str] = "public-module"


class PublicLoss(Public, NetworkCheck, frozen=True):
    """The loss on the toy problem is the one that the notebook prints, to the notebook's own tolerance."""

    kind: ClassVar[str] = "public-loss"
    activation: str
    handout: float
    """The value that the notebook states."""
    tolerance: float

    def contradiction(self, reference: Reference) -> str:
        """Where the answers are at hand, the value is the right one."""
        trouble = super().contradiction(reference)
        if trouble or reference.is_public:
            return trouble
        right = reference.expected["toy"][self.activation]["loss"]
        if abs(right - self.handout) <= self.tolerance:
            return ""
        return f"handout: found {self.handout}, wanted the reference's toy loss, {right:.9g}"

    def run(self, bench: Bench) -> Verdict:
        """Ask as the notebook does, `loss(X, y, reg=0.1)`, and compare."""
        X, y = toy.toy_data()
        notes: list[str] = []
        net = student_net(bench, self.activation, toy.toy_params())
        try:
            _scores(bench, net)
        except Malformed as trouble:  # a gap that is still open: nothing else makes sense
            return Verdict(Outcome.FAILED, trouble.words, broken=True)
        loss = coerce.number(pair(net.loss(X, y, reg=toy.REG))[0], "the loss", notes)
        evidence = Comparison(f"loss on the toy data, reg = {toy.REG:g}", loss, self.handout, self.tolerance)
        if abs(loss - self.handout) <= self.tolerance:
            return passed(
                f"The loss on the toy data is {self.handout:.7g}, as the notebook says.",
                notes=tuple(notes),
                comparisons=(evidence,),
            )
        return failed(
            f"The loss on the toy data is {loss:.7g}; the notebook says {self.handout:.7g}.",
            notes=tuple(notes),
            comparisons=(evidence,),
        )


class PublicGradient(Public, NetworkCheck, frozen=True):
    """The gradients on the toy problem are the derivatives of the hand-in's own loss, by central differences."""

    kind: ClassVar[str] = "public-gradient"
    activation: str
    tolerance: Tolerance
    """Relative to the largest entry; `floor` is far above what rounding leaves of a difference of two losses."""

    def run(self, bench: Bench) -> Verdict:
        """Compare all four parameters. A loss that does not depend on one of them has nothing to compare with."""
        params, (X, y) = toy.toy_params(), toy.toy_data()
        notes: list[str] = []
        evidence: list[Comparison] = []
        wrong: list[str] = []
        net = student_net(bench, self.activation, params)
        _, grads = loss_and_grads(ask_loss(net, X, y, toy.REG))
        raw = {name: coerce.entry(grads, name, "grads") for name in NAMES}
        single = answers_single(bench, self.activation, *raw.values())
        for name in NAMES:
            gradient = coerce.array(raw[name], params[name].shape, f"grads[{name!r}]", notes)
            expected = _derivative(bench, self.activation, params, name, SINGLE_STEP if single else STEP)
            bound = self.tolerance.bound(expected, single)
            if not np.abs(expected).max() > bound:
                return failed(
                    f"The loss does not change with {name}, or is no number: there is nothing to compare with."
                )
            off = difference(gradient, expected, bound)
            if not off.ok:
                wrong.append(name)
            evidence.append(Comparison(f"{name}: largest difference", off.largest, 0.0, bound))
        found = {"notes": tuple(notes), "comparisons": tuple(evidence)}
        if not wrong:
            return passed("The gradients are the derivatives of your loss on the toy data.", **found)
        names = " and ".join(f"grads[{name!r}]" for name in wrong)
        verb = "is not the derivative" if len(wrong) == 1 else "are not the derivatives"
        return failed(f"On the toy data {names} {verb} of your own loss.", **found)


class PublicTraining(Public, NetworkCheck, frozen=True):
    """The notebook's training on the toy problem brings the loss down, in the parameters and not only on paper."""

    kind: ClassVar[str] = "public-training"
    activation: str
    share: float
    """The last loss may be this share of the first."""
    final: float | None = None
    """The last loss, where the notebook says what it should be about."""
    within: float = 0.0
    """How far off it may be."""

    def run(self, bench: Bench) -> Verdict:
        """Train as the notebook does, and ask for the loss once more."""
        X, y = toy.toy_data()
        how = toy.TRAINING[self.activation]
        options = {"learning_rate": how.learning_rate, "reg": how.reg, "num_epochs": how.num_epochs}
        notes: list[str] = []
        net = student_net(bench, self.activation, toy.toy_params())
        losses = loss_history(net.train(X, y, X, y, **options, verbose=False), notes)
        first, last = float(losses[0]), float(losses[-1])
        after = coerce.number(loss_and_grads(ask_loss(net, X, y, how.reg))[0], "the loss", notes)
        evidence = {
            "notes": tuple(notes),
            "comparisons": (
                Comparison("last entry of loss_history", last, self.final, self.within or None),
                Comparison("loss after the training", after, None, None),
            ),
        }
        if not last <= self.share * first:
            return failed(
                f"Training on the toy data takes the loss from {first:.4g} to {last:.4g}; it should fall to less "
                f"than {self.share:.0%} of what it was.",
                **evidence,
            )
        if not after <= self.share * first:
            return failed(
                f"loss_history ends at {last:.4g}, but after the training your loss is {after:.4g}: is it "
                "self.params that train changes?",
                **evidence,
            )
        if self.final is not None and not abs(last - self.final) <= self.within:
            return failed(
                f"Training on the toy data ends at a loss of {last:.4g}; the notebook says about {self.final:g}.",
                **evidence,
            )
        return passed(f"Training on the toy data brings the loss down to {last:.4g}.", **evidence)


class PublicPredict(Public, NetworkCheck, frozen=True):
    """`predict` returns an integer for each example: the class with the highest of the hand-in's own scores."""

    kind: ClassVar[str] = "public-predict"
    activations: tuple[str, ...]
    seed: int
    """Says how the toy network's weights are shuffled: so that not all right labels are alike."""

    def contradiction(self, reference: Reference) -> str:
        """Where the answers are at hand, the network tells `predict` from a constant."""
        trouble = super().contradiction(reference)
        if trouble or reference.is_public:
            return trouble
        X, _ = toy.toy_data()
        for activation in self.activations:
            if _one_for_all(_best(reference.answers.scores(activation, self._shuffled(reference), X))):
                return f"seed: found {self.seed}, wanted one with which not all right labels are alike"
        return ""

    def run(self, bench: Bench) -> Verdict:
        """Compare with the own scores on the toy data."""
        X, _ = toy.toy_data()
        params = self._shuffled(bench.reference)
        notes: list[str] = []
        for activation in self.activations:
            net = student_net(bench, activation, params)
            best = _best(_scores(bench, net))
            answer = net.predict(X)
            labels = coerce.array(answer, (len(X),), "the result of predict", notes)
            if _one_for_all(best):
                return failed(
                    f"With the {activation}, your scores put the same class first for every example of this network: "
                    "they cannot be right, and predict cannot be judged by them."
                )
            if unknown := sorted(set(labels) - set(range(best.shape[1]))):
                return failed(f"predict returns {unknown[0]:g}; the classes are 0 to {best.shape[1] - 1}.")
            if wrong := [i for i, label in enumerate(labels) if not best[i, int(label)]]:
                returned = ", ".join(f"{label:g}" for label in labels)
                return failed(
                    f"With the {activation}, predict returns {returned} for the examples of the toy data; for "
                    f"{len(wrong)} of these {len(labels)} another class has a higher score."
                )
            if isinstance(answer, Numbers) and answer.array.dtype.kind not in "iu":
                return failed("predict returns the right labels, but not as integers.")
        return passed("predict returns the class with the highest score, as integers.", notes=tuple(notes))

    def _shuffled(self, reference: Reference) -> Params:
        """The toy network with the weights of each layer in another order."""
        state = np.random.RandomState(self.seed)
        return {
            name: state.permutation(value.ravel()).reshape(value.shape)
            for name, value in toy.toy_params().items()
        }


PUBLIC: tuple[type[Check], ...] = (
    PublicModule,
    PublicLoss,
    PublicGradient,
    PublicTraining,
    PublicPredict,
)
"""The kinds of check in this file."""


def _scores(bench: Bench, net: StudentNet) -> np.ndarray:
    """What `loss(X)` returns on the toy data: the scores (N, C)."""
    X, _ = toy.toy_data()
    return coerce.array(net.loss(X), (len(X), len(toy.toy_params()["b2"])), "the result of loss(X)", [])


def _derivative(bench: Bench, activation: str, params: Params, name: str, step: float) -> np.ndarray:
    """Derivative of the student's own toy loss by one parameter, entry by entry, driven from this side."""
    X, y = toy.toy_data()
    net = student_net(bench, activation, params)
    result = np.zeros_like(params[name])
    for index in np.ndindex(result.shape):
        values = []
        for sign in (1.0, -1.0):
            moved = params[name].copy()
            moved[index] += sign * step
            net.set_params({name: moved})
            answer = loss_and_grads(ask_loss(net, X, y, toy.REG))[0]
            values.append(coerce.number(answer, "the loss", []))
        result[index] = (values[0] - values[1]) / (2 * step)
    return result


def _best(scores: np.ndarray) -> np.ndarray:
    """For each example and class (N, C) whether no other class has a higher score."""
    best: np.ndarray = scores == scores.max(axis=1, keepdims=True)
    return best


def _one_for_all(best: np.ndarray) -> bool:
    """Whether one class is the best for every example."""
    return bool(best.all(axis=0).any())
