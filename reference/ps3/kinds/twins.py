"""Pairs of networks on which two activations give the same hidden layer: shared lines must do the same to both.

The hidden units of a twin are either on, at one level, or off. For each activation the first layer is made
so that its units reach exactly that. Whatever comes after the hidden layer then sees the same numbers, and
whatever a mistake in a shared line does, it does to both in the same way: scores, losses and the second
layer's gradients are equal, and the first layer's differ by one known factor, the ratio of the slopes. A mistake
in one activation's own lines breaks this.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.checks import coerce
from grader.checks.base import Bench, Malformed
from grader.checks.hidden import generator
from grader.student.child.protocol import Numbers
from grader.student.net import StudentNet

from .. import layers
from .cases import Params, ask_loss, ask_losses, ask_scores, held_net
from .pairs import loss_and_grads

LEVELS = (0.3, 0.6, 0.8)
OFF = -18.0
"""Pre-activation of a unit that is off: the sigmoid is 1.5e-8 there, ReLU zero."""
SAME = 1e-6
"""Relative difference that counts as the same: what OFF leaves of the sigmoid, with room to spare."""
EXAMPLES, INPUTS, HIDDEN, CLASSES = 3, 5, 6, 3


@dataclass(frozen=True)
class Twin:
    """Two networks, one for each activation, whose hidden layers agree on the batch."""

    params: dict[str, Params]
    X: np.ndarray
    y: np.ndarray


def twins(bench: Bench, first: str, second: str) -> list[tuple[Twin, Twin]]:
    """Pairs of twins: within a pair nothing differs but the hidden layer's pattern."""
    found = []
    for level in LEVELS:
        random = generator(bench.rubric, "twins", level)
        shared = {
            "b1": np.zeros(HIDDEN),
            "W2": random.standard_normal((HIDDEN, CLASSES)),
            "b2": random.standard_normal(CLASSES),
        }
        X = random.standard_normal((EXAMPLES, INPUTS))
        y = random.permutation(CLASSES)[:EXAMPLES]
        pattern = _pattern(random)
        inverses = layers.INVERSES
        reach = {activation: inverses[activation](level) for activation in (first, second)}
        pair = [Twin(_params(shared, X, on, reach), X, y) for on in (pattern, ~pattern)]
        found.append((pair[0], pair[1]))
    return found


def _pattern(random: np.random.Generator) -> np.ndarray:
    """Which units are on for which examples; no example with all or none."""
    while True:
        on: np.ndarray = random.random((EXAMPLES, HIDDEN)) < 0.5
        if (on.any(axis=1) & ~on.all(axis=1)).all():
            return on


def _params(shared: Params, X: np.ndarray, on: np.ndarray, reach: dict[str, float]) -> dict[str, Params]:
    """Parameters for each activation; `reach` is the pre-activation that makes its unit reach the level."""
    inverse = np.linalg.pinv(X)  # fewer examples than inputs: X @ W1 hits every wanted value
    return {a: {"W1": inverse @ np.where(on, pre, OFF), **shared} for a, pre in reach.items()}


def same_answers(
    bench: Bench,
    activations: tuple[str, str],
    ask: Callable[[StudentNet, Twin], np.ndarray],
    right: Callable[[str, Twin], np.ndarray],
) -> bool:
    """Whether the hand-in's answers on all twins are related as the right ones are, and depend on the hidden layer.

    `ask` gets an answer of the hand-in, `right` the reference's; both as arrays of any one shape.
    """
    if not set(activations) <= set(layers.INVERSES):
        return False
    for pair in twins(bench, *activations):
        answers = []
        for twin in pair:
            one, two = (ask(held_net(bench, a, twin.params[a]), twin) for a in activations)
            right_one, right_two = (np.ravel(right(a, twin)) for a in activations)
            factor = float(right_one @ right_two) / float(right_two @ right_two)
            if one.shape != two.shape or not _same(one, factor * two):
                return False
            answers.append(two)
        if answers[0].shape == answers[1].shape and _same(answers[0], answers[1]):
            return False
    return True


def same_scores(bench: Bench, activations: tuple[str, str]) -> bool:
    """Whether `loss(X)` treats both activations alike."""
    return same_answers(
        bench,
        activations,
        lambda net, twin: _raw(ask_scores(net, twin.X)),
        lambda a, twin: bench.reference.answers.scores(a, twin.params[a], twin.X),
    )


def same_losses(bench: Bench, activations: tuple[str, str]) -> bool:
    """Whether the loss without regularisation treats both activations alike."""
    return same_answers(
        bench,
        activations,
        lambda net, twin: _raw(loss_and_grads(ask_loss(net, twin.X, twin.y, 0.0))[0]),
        lambda a, twin: np.array(bench.reference.answers.loss(a, twin.params[a], twin.X, twin.y, 0.0)[0]),
    )


def same_penalties(bench: Bench, activations: tuple[str, str]) -> bool:
    """Whether `reg` adds the same to the loss of the same parameters."""
    if not set(activations) <= set(layers.INVERSES):
        return False
    for pair in twins(bench, *activations):
        for twin in pair:
            added = []
            for a in activations:
                net = held_net(bench, a, twin.params[activations[0]])
                answers = ask_losses(net, [(twin.X, twin.y, reg) for reg in (0.7, 0.0)])
                losses = [_raw(loss_and_grads(answer)[0]) for answer in answers]
                added.append(losses[0] - losses[1])
            if added[0].shape != added[1].shape or not _same(added[0], added[1]):
                return False
    return True


def same_gradients(bench: Bench, activations: tuple[str, str], param: str) -> bool:
    """Whether the gradient of one parameter, without regularisation, treats both activations alike."""

    def ask(net: StudentNet, twin: Twin) -> np.ndarray:
        grads = loss_and_grads(ask_loss(net, twin.X, twin.y, 0.0))[1]
        return _raw(coerce.entry(grads, param, "grads"))

    def right(activation: str, twin: Twin) -> np.ndarray:
        params = twin.params[activation]
        grads: Params = bench.reference.answers.loss(activation, params, twin.X, twin.y, 0.0)[1]
        return grads[param]

    return same_answers(bench, activations, ask, right)


def _raw(value: Any) -> np.ndarray:
    """An answer in whatever shape it came."""
    if not isinstance(value, Numbers):
        raise Malformed(f"It is {coerce.describe(value)}; wanted numbers.")
    return value.array.astype(np.float64)


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    with np.errstate(invalid="ignore", over="ignore"):
        scale = max(float(np.abs(a).max(initial=0.0)), float(np.abs(b).max(initial=0.0)))
        return bool(np.isfinite(scale) and np.all(np.abs(a - b) <= SAME * scale))
