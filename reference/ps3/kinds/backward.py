"""The backward pass: each parameter's gradient on hidden networks."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from grader.assignment.rubric import Net
from grader.checks import coerce
from grader.checks.base import Bench, Malformed, Verdict, carried, failed, passed
from grader.checks.compare import Tolerance, difference
from grader.checks.words import tell
from grader.model import Comparison
from grader.student.faults import StudentError

from . import own_forward, twins
from .activations import BACKWARD, SharedCheck, both_activations, lost_among
from .cases import Case, Failures, Params, ask_loss, computed_single, draw, held_net, observe_losses
from .pairs import loss_and_grads

BESIDE = {"W1": "b1", "b1": "W1", "W2": "b2", "b2": "W2"}
"""For each parameter, the other one of its layer: both follow from one derivative."""

FIRST_LAYER = ("W1", "b1")
"""Parameters whose gradients depend on the activation's slope."""


class Gradient(SharedCheck, frozen=True):
    """`grads[param]` equals the derivative of the loss on every hidden network.

    Where it does not, there are three ways in which the mistake can be one that has cost its points before.
    The forward pass was wrong, and the gradient is what the right formulas make of the hand-in's own hidden
    activations and probabilities. Or its loss was the right one but for its scaling, and the gradient is scaled
    alike. Or, for an activation after the first, lines that both share are wrong.
    """

    kind: ClassVar[str] = "gradient"
    work: ClassVar[str] = BACKWARD
    param: str
    tolerance: Tolerance

    def judge(self, bench: Bench) -> Verdict:
        """Compare with the reference's analytic gradient, then look for what the forward pass explains."""
        notes: list[str] = []
        evidence: list[Comparison] = []
        observed = observe_losses(bench, self.activation)
        failures = Failures(len(observed))
        for i, one in enumerate(observed, 1):
            expected = self._expected(bench, one.case)
            try:
                raw = one.gradient(self.param)
                gradient = self._array(raw, expected.shape, notes)
            except (StudentError, Malformed) as trouble:
                failures.add(trouble)
                continue
            bound = self.tolerance.bound(expected, computed_single(bench, self.activation, raw))
            off = difference(gradient, expected, bound)
            if not off.ok:
                failures.add()
            elif one.late and one.late not in notes:
                notes.append(one.late)
            where = "".join(f"[{n}]" for n in off.index)
            label = f"network {i}: largest error in {self.param}{'' if off.ok else ', at ' + where}"
            evidence.append(Comparison(label, off.largest, 0.0, bound))
        if not failures.count:
            return passed(
                f"The gradient of {self.param} is right on {len(observed)} networks.",
                notes=tuple(notes),
                comparisons=tuple(evidence),
            )
        losses = lost_among(bench, "toy-loss", "scores", "loss")
        if losses and own_forward.explains(bench, self.activation, self.param, self.tolerance):
            return carried(
                f"The gradient of {self.param} is right for your own forward pass.",
                losses[0],
                comparisons=tuple(evidence),
            )
        return failed(
            tell("grads[{}] is wrong on {}.", repr(self.param), failures.words),
            notes=tuple(notes),
            comparisons=tuple(evidence),
        )

    def same_mistake(self, bench: Bench) -> bool:
        """The gradient goes wrong with both activations alike, or this one's line is right on single examples."""
        if self.param in FIRST_LAYER and lost_among(bench, "scores", activation=self.activation):
            return (
                False  # where its own forward pass is wrong, nothing elsewhere shows that its slope is right
            )
        both = both_activations(bench)
        try:
            if twins.same_gradients(bench, both, self.param):
                return True
        except Malformed:
            # It is missing, say, with both: then the gradient beside it shows this activation's line.
            return twins.same_gradients(bench, both, BESIDE[self.param])
        return self._own_lines_right(bench)

    def shared_words(self) -> str:
        return f"The gradient of {self.param} differs"

    def _expected(self, bench: Bench, case: Case) -> np.ndarray:
        reg = case.net.reg
        grads: Params = bench.reference.answers.loss(self.activation, case.params, case.X, case.y, reg)[1]
        return grads[self.param]

    def _raw(self, answer: object) -> object:
        return coerce.entry(loss_and_grads(answer)[1], self.param, "grads")

    def _array(self, raw: object, shape: tuple[int, ...], notes: list[str]) -> np.ndarray:
        return coerce.array(raw, shape, f"grads[{self.param!r}]", notes)

    def _own_lines_right(self, bench: Bench) -> bool:
        """Whether the gradient follows from the student's own d loss / d scores on single examples.

        With one example and no regularisation the gradient of b2 is d loss / d scores itself, and neither
        the mean over the batch nor the penalty plays a part: what remains is this activation's own line.
        """
        if self.param == "b2":
            return False
        for i in range(4):
            net = Net(inputs=4, hidden=6, classes=3, batch=1, reg=0.0)
            case = draw(bench.rubric, net, "single", i)
            answer = ask_loss(held_net(bench, self.activation, case.params), case.X, case.y, 0.0)
            upstream = coerce.array(
                coerce.entry(loss_and_grads(answer)[1], "b2", "grads"), (3,), "grads['b2']", []
            )
            if not np.abs(upstream).max() > self.tolerance.floor:
                return False
            hidden = bench.reference.answers.scores(
                self.activation, {**case.params, "W2": np.eye(6), "b2": np.zeros(6)}, case.X
            )
            expected = own_forward.backpropagated(bench, self.activation, case, hidden, upstream[np.newaxis])[
                self.param
            ]
            gradient = self._array(self._raw(answer), expected.shape, [])
            if not difference(gradient, expected, self.tolerance.bound(expected)).ok:
                return False
        return True
