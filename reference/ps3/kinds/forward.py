"""The forward pass: the notebook's toy loss, and scores and losses on hidden networks."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from grader.assignment.reference import Reference
from grader.checks import coerce
from grader.checks.base import Bench, Malformed, Verdict, failed, passed
from grader.checks.compare import Tolerance, difference
from grader.checks.hidden import generator
from grader.checks.words import constant, tell
from grader.model import Comparison
from grader.student.faults import StudentError

from .. import toy
from . import twins
from .activations import FORWARD, SharedCheck, both_activations, lost_among
from .cases import (
    Case,
    Failures,
    ask_loss,
    computed_single,
    data_and_penalty,
    held_net,
    late,
    observe_losses,
    observe_scores,
    own_loss,
    renamed_keyword,
    student_net,
)
from .pairs import pair


class ToyLoss(SharedCheck, frozen=True):
    """The loss that the notebook prints for the toy problem, to the notebook's own tolerance.

    It is asked for exactly as the notebook does, `loss, grads = net.loss(X, y, reg=0.1)`: whatever else the
    checks put up with, a form that breaks this line costs the points of this check.
    """

    kind: ClassVar[str] = "toy-loss"
    work: ClassVar[str] = FORWARD
    parts: ClassVar[tuple[str, ...]] = ("scores", "loss")
    handout: float
    """The value that the notebook states; must agree with the reference."""
    tolerance: float

    def contradiction(self, reference: Reference) -> str:
        """The value in the rubric is the reference's own."""
        trouble = super().contradiction(reference)
        if trouble:
            return trouble
        right = reference.expected["toy"][self.activation]["loss"]
        if abs(right - self.handout) <= self.tolerance:
            return ""
        return f"handout: found {self.handout}, wanted the reference's toy loss, {right:.9g}"

    def judge(self, bench: Bench) -> Verdict:
        """Compare."""
        expected = bench.reference.expected["toy"][self.activation]
        params, (X, y) = toy.toy_params(), toy.toy_data()
        net = student_net(bench, self.activation, params)
        notes: list[str] = []
        try:
            answer = pair(net.loss(X, y, reg=toy.REG))[0]
        except StudentError as fault:
            if fault.unfinished != (None, {}):
                return self._late(bench, fault)
            if not (keyword := renamed_keyword(fault)):
                raise
            return failed(
                f"loss does not know the argument {keyword!r}: the notebook calls loss(X, y, reg=0.1). The other "
                "checks pass it by position.",
                says_all=True,
            )
        loss = coerce.number(answer, "the loss", notes)
        evidence = Comparison("loss on the toy data, reg = 0.1", loss, expected["loss"], self.tolerance)
        if abs(loss - expected["loss"]) <= self.tolerance:
            return passed("The loss on the toy data is right.", notes=tuple(notes), comparisons=(evidence,))
        return failed(
            f"The loss on the toy data is {loss:.9g}; it should be {self.handout:.7g}.",
            notes=tuple(notes),
            comparisons=(evidence,),
        )

    def _late(self, bench: Bench, fault: StudentError) -> Verdict:
        """The verdict where code raised that had computed something; raises again where the loss is not right.

        Where the gradients had been computed as well, all that is left is the `return`, which belongs here.
        """
        params, (X, y) = toy.toy_params(), toy.toy_data()
        right, gradients = bench.reference.answers.loss(self.activation, params, X, y, toy.REG)
        loss, grads = fault.unfinished

        def near(value: Any, expected: np.ndarray) -> bool:
            try:
                return difference(coerce.array(value, expected.shape, "it", []), expected, self.tolerance).ok
            except Malformed:
                return False

        if all(near(grads.get(name), gradient) for name, gradient in gradients.items()):
            return failed(
                f"loss computes the right gradients on the toy data, and does not return them. {late(fault)}"
            )
        if not near(loss, np.asarray(right)):
            raise fault
        return passed("The loss on the toy data is right.", notes=(late(fault),))

    def same_mistake(self, bench: Bench) -> bool:
        """The scores are right, or loss and penalty go wrong with both activations alike."""
        params, (X, _) = toy.toy_params(), toy.toy_data()
        wanted = bench.reference.answers.scores(self.activation, params, X)
        if scores_close(held_net(bench, self.activation, params).loss(X), wanted):
            return True
        both = both_activations(bench)
        return twins.same_losses(bench, both) and twins.same_penalties(bench, both)

    def shared_words(self) -> str:
        return "The toy loss differs"


class Scores(SharedCheck, frozen=True):
    """`loss(X)` returns the right scores on hidden networks."""

    kind: ClassVar[str] = "scores"
    work: ClassVar[str] = FORWARD
    tolerance: Tolerance

    def judge(self, bench: Bench) -> Verdict:
        """Compare on each network."""
        notes: list[str] = []
        evidence = []
        observed = observe_scores(bench, self.activation)
        failures = Failures(len(observed))
        for i, one in enumerate(observed, 1):
            case = one.case
            expected = bench.reference.answers.scores(self.activation, case.params, case.X)
            try:
                scores = coerce.array(one.answer, expected.shape, "the result of loss(X)", notes)
            except (StudentError, Malformed) as trouble:
                failures.add(trouble)
                continue
            bound = self.tolerance.bound(expected, computed_single(bench, self.activation, one.value))
            off = difference(scores, expected, bound)
            if not off.ok:
                failures.add()
            evidence.append(Comparison(f"network {i}: largest error of a score", off.largest, 0.0, bound))
        if not failures.count:
            return passed(
                f"The scores are right on {len(observed)} other networks.",
                notes=tuple(notes),
                comparisons=tuple(evidence),
            )
        return failed(
            tell(
                "loss(X) returns wrong scores on {}. These have biases that are not zero and other sizes than the "
                "toy network; one has a single example, one has hidden units far from zero.",
                failures.words,
            ),
            notes=tuple(notes),
            comparisons=tuple(evidence),
        )

    def same_mistake(self, bench: Bench) -> bool:
        """The scores are right where only the first product and the activation matter, or wrong alike."""
        return self._activation_alone(bench) or twins.same_scores(bench, both_activations(bench))

    def shared_words(self) -> str:
        return "The scores differ"

    def _activation_alone(self, bench: Bench) -> bool:
        random = generator(bench.rubric, "activation alone")
        params = {
            "W1": random.standard_normal((4, 5)),
            "b1": np.zeros(5),
            "W2": np.eye(5),
            "b2": np.zeros(5),
        }
        X = random.standard_normal((3, 4))
        expected = bench.reference.answers.scores(self.activation, params, X)
        return scores_close(held_net(bench, self.activation, params).loss(X), expected)


class DataLoss(SharedCheck, frozen=True):
    """The loss on hidden networks: the cross-entropy alone, or what the regularisation adds to it."""

    kind: ClassVar[str] = "loss"
    work: ClassVar[str] = FORWARD
    part: Literal["data", "penalty"]
    """`data`: the loss without regularisation. `penalty`: what `reg` adds."""
    tolerance: Tolerance

    def judge(self, bench: Bench) -> Verdict:
        """Compare on the networks whose `reg` fits the part."""
        penalty = self.part == "penalty"
        notes: list[str] = []
        evidence = []
        observed = [o for o in observe_losses(bench, self.activation) if (o.case.net.reg > 0) == penalty]
        failures = Failures(len(observed))
        for i, one in enumerate(observed, 1):
            case = one.case
            data, added = data_and_penalty(
                bench.reference, self.activation, case.params, case.X, case.y, case.net.reg
            )
            try:
                answer = one.loss
                loss = coerce.number(answer, "the loss", notes)
                loss -= self._without(bench, case, notes) if penalty else 0.0
            except (StudentError, Malformed) as trouble:
                failures.add(trouble)
                continue
            bound = self.tolerance.bound(data + added, computed_single(bench, self.activation, answer))
            expected = added if penalty else data
            if not abs(loss - expected) <= bound:
                failures.add()
            elif one.late and one.late not in notes:
                notes.append(one.late)
            label = f"network {i}: " + (
                "what reg adds to the loss" if penalty else "loss without regularisation"
            )
            evidence.append(Comparison(label, loss, expected, bound))
        what = "What the regularisation adds to the loss" if penalty else "The loss without regularisation"
        if not failures.count:
            return passed(f"{what} is right.", notes=tuple(notes), comparisons=tuple(evidence))
        return failed(
            tell("{} is wrong on {}.", what, failures.words),
            diagnosis=_ratio(evidence, penalty) if failures.complete else "",
            notes=tuple(notes),
            comparisons=tuple(evidence),
        )

    def _without(self, bench: Bench, case: Case, notes: list[str]) -> float:
        net = held_net(bench, self.activation, case.params)
        return coerce.number(own_loss(lambda: ask_loss(net, case.X, case.y, 0.0)), "the loss", notes)

    def same_mistake(self, bench: Bench) -> bool:
        """The scores are right, or this part of the loss goes wrong with both activations alike."""
        if self._scores_right(bench):
            return True
        if self.part == "data" and lost_among(bench, "scores", activation=self.activation):
            return False
        both = both_activations(bench)
        return twins.same_losses(bench, both) and (self.part == "data" or twins.same_penalties(bench, both))

    def shared_words(self) -> str:
        return "The penalty differs" if self.part == "penalty" else "The loss differs"

    def _scores_right(self, bench: Bench) -> bool:
        return all(
            scores_close(o.answer, bench.reference.answers.scores(self.activation, o.case.params, o.case.X))
            for o in observe_scores(bench, self.activation)
        )


def scores_close(answer: Any, expected: np.ndarray) -> bool:
    """Whether scores are right, as closely as it takes to tell one activation from another."""
    scores = coerce.array(answer, expected.shape, "the scores", [])
    return difference(scores, expected, 1e-6 * float(np.abs(expected).max())).ok


def _ratio(evidence: list[Comparison], penalty: bool) -> str:
    """Name a constant factor between what came and what was wanted, where there is one."""
    ratios = np.array([float(c.observed or 0.0) / float(c.expected or np.nan) for c in evidence])
    if not np.isfinite(ratios).all() or np.ptp(ratios) > 1e-6 * abs(ratios[0]):
        return ""
    part = "penalty" if penalty else "loss"
    if abs(ratios[0]) < 1e-9:
        return f"The {part} is missing: it is always zero."
    if abs(ratios[0] - 1) < 1e-3:
        return ""
    return tell("Your {} is {} times the right one.", part, constant(ratios[0], f"{ratios[0]:.6g}"))
