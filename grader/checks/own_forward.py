"""What the gradients would be if nothing but the hand-in's own forward pass were wrong.

A gradient that is right for a wrong forward pass has no mistake of its own. Two kinds of wrong forward pass can
be told from a loss that has nothing to do with the question. One whose loss is some cross-entropy: then the
right formulas are fed with the hand-in's own hidden activations and probabilities. And one whose loss is the
right one but for its scaling: then its derivative, by central differences, is what the gradients must be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from ..reference import Params
from ..student.client import StudentNet
from ..student.faults import StudentError
from . import coerce
from .base import Bench, Malformed
from .cases import NAMES, Case, ask_loss, data_and_penalty, draw, generator, observe_losses, student_net
from .compare import Tolerance, difference

_ONE = 1e-6
"""How close to one the probabilities of an example add up."""
STEP = 1e-5
"""Step of the central differences, as in the handout's `eval_numerical_gradient`."""


Gradients = list[np.ndarray]
"""One parameter's gradient on each hidden case."""
Expectation = Callable[[str], Gradients]
"""What a parameter's gradients should be."""


def explains(bench: Bench, activation: str, param: str, tolerance: Tolerance, numerical: Tolerance) -> bool:
    """Whether one parameter's gradients are what the hand-in's own forward pass asks for.

    The gradients of the others must not contradict it: where one of these is the right network's gradient
    (within `tolerance`), but not the one that the own forward pass asks for (within `numerical`), the four do not
    belong to one loss, and the forward pass is no excuse.
    """

    def agree(name: str, expected: Expectation, bounds: Tolerance) -> bool:
        own = _own_gradients(bench, activation, name)
        return own is not None and all(
            difference(a, b, bounds.bound(b)).ok for a, b in zip(own, expected(name), strict=True)
        )

    def right(name: str) -> Gradients:
        cases = [o.case for o in observe_losses(bench, activation)]
        return [bench.reference.loss(activation, c.params, c.X, c.y, c.net.reg)[1][name] for c in cases]

    try:
        for expected in _expectations(bench, activation):
            if agree(param, expected, numerical) and not any(
                agree(name, right, tolerance) and not agree(name, expected, numerical) for name in NAMES
            ):
                return True
    except (Malformed, StudentError):
        return False
    return False


def _own_gradients(bench: Bench, activation: str, param: str) -> Gradients | None:
    """The hand-in's gradients of one parameter; None where one of them cannot be used."""
    found = []
    for one in observe_losses(bench, activation):
        try:
            raw = coerce.entry(coerce.loss_and_grads(one.answer)[1], param, "grads")
            found.append(coerce.array(raw, one.case.params[param].shape, "it", []))
        except (Malformed, StudentError):
            return None
    return found


def _expectations(bench: Bench, activation: str) -> Iterator[Expectation]:
    """The forward passes that may explain gradients; the cheaper ones first."""
    cases = [o.case for o in observe_losses(bench, activation)]
    if activation in bench.reference.layers.SLOPES:
        probabilities = bench.once(
            ("probabilities", activation), lambda: [own_probabilities(bench, activation, c) for c in cases]
        )
        known = [p for p in probabilities if p is not None]
        if len(known) == len(cases):
            sound = all(np.abs(p.sum(axis=1) - 1.0).max() <= _ONE for p in known)
            # With numbers that are no probabilities, only the right hidden layer: its own may be anything as well.
            for observe in (right_hidden, own_hidden) if sound else (right_hidden,):
                try:
                    hidden = [observe(bench, activation, case) for case in cases]
                except (Malformed, StudentError):
                    continue
                yield _from_values(bench, activation, cases, hidden, known)
    if bench.once(("scaled", activation), lambda: _loss_is_scaled(bench, activation)):
        yield lambda name: bench.once(
            ("numerical", activation, name),
            lambda: [central_differences(student_net(bench, activation, c.params), c, name) for c in cases],
        )


def _from_values(
    bench: Bench,
    activation: str,
    cases: list[Case],
    hidden: list[np.ndarray],
    probabilities: list[np.ndarray],
) -> Expectation:
    """The right formulas, fed with hidden activations (N, H) and probabilities (N, C) of each case."""
    upstream = [
        (p - np.eye(case.net.classes)[case.y]) / case.net.batch
        for case, p in zip(cases, probabilities, strict=True)
    ]
    gradients = [
        backpropagated(bench, activation, *given) for given in zip(cases, hidden, upstream, strict=True)
    ]
    return lambda name: [each[name] for each in gradients]


def backpropagated(
    bench: Bench, activation: str, case: Case, hidden: np.ndarray, upstream: np.ndarray
) -> Params:
    """The right formulas, from any hidden activations (N, H) and any d loss / d scores (N, C)."""
    gradients: Params = bench.reference.layers.backpropagate(
        activation, case.params, case.X, hidden, upstream, case.net.reg
    )
    return gradients


def right_hidden(bench: Bench, activation: str, case: Case) -> np.ndarray:
    """The right hidden activations (N, H)."""
    return bench.reference.scores(activation, _bare(case), case.X)


def own_hidden(bench: Bench, activation: str, case: Case) -> np.ndarray:
    """The student's own hidden activations (N, H): scores behind a second layer that changes nothing."""
    answer = student_net(bench, activation, _bare(case)).loss(case.X)
    return coerce.array(answer, (case.net.batch, case.net.hidden), "the scores", [])


def _bare(case: Case) -> Params:
    hidden = case.net.hidden
    return {**case.params, "W2": np.eye(hidden), "b2": np.zeros(hidden)}


def own_probabilities(bench: Bench, activation: str, case: Case) -> np.ndarray | None:
    """What the student's own loss takes for probabilities (N, C); None where these are no numbers.

    The cross-entropy of one example that is labelled k is minus the log of the probability of class k, so
    asking for the loss under every label shows them all.
    """
    net = student_net(bench, activation, case.params)
    losses = np.empty((case.net.batch, case.net.classes))
    for i, k in np.ndindex(losses.shape):
        answer = coerce.loss_and_grads(ask_loss(net, case.X[i : i + 1], np.array([k]), 0.0))[0]
        losses[i, k] = coerce.number(answer, "the loss", [])
    with np.errstate(all="ignore"):
        probabilities: np.ndarray = np.exp(-losses)
    return probabilities if np.isfinite(probabilities).all() else None


def central_differences(net: StudentNet, case: Case, param: str) -> np.ndarray:
    """Derivative of the student's own loss by one parameter, entry by entry, driven from this side."""
    start = case.params[param]
    result = np.zeros_like(start)
    for index in np.ndindex(start.shape):
        values = []
        for sign in (1.0, -1.0):
            moved = start.copy()
            moved[index] += sign * STEP
            net.set_params({param: moved})
            answer = coerce.loss_and_grads(ask_loss(net, case.X, case.y, case.net.reg))[0]
            values.append(coerce.number(answer, "the loss", []))
        result[index] = (values[0] - values[1]) / (2 * STEP)
    return result


def _loss_is_scaled(bench: Bench, activation: str) -> bool:
    """Whether the student's loss is `a * data + c * penalty` with a != 0 on every hidden network.

    Each network is shown several batches of its size with and without regularisation; `a` and `c` may
    depend on the network (a forgotten mean makes `a` the batch size) but not on the batch.
    """
    for i, net in enumerate(bench.rubric.nets):
        case = draw(bench.rubric, net, "case", i)
        student = student_net(bench, activation, case.params)
        rows, losses = [], []
        for k in range(4):
            random = generator(bench.rubric, "batch", i, k)
            X = 1.5 * random.standard_normal(case.X.shape)
            y = random.integers(0, net.classes, net.batch)
            for reg in (0.0, 0.3, 0.8):
                rows.append(data_and_penalty(bench.reference, activation, case.params, X, y, reg))
                answer = coerce.loss_and_grads(ask_loss(student, X, y, reg))[0]
                losses.append(coerce.number(answer, "the loss", []))
        if not np.isfinite(losses).all():
            return False
        matrix, target = np.array(rows), np.array(losses)
        solution, *_ = np.linalg.lstsq(matrix, target, rcond=None)
        scale = np.abs(target).max()
        if abs(solution[0]) < 1e-6 or np.abs(matrix @ solution - target).max() > 1e-7 * scale:
            return False
    return True
