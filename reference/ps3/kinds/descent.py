"""Whether a training is gradient descent: do the parameters go where the gradients lead from where they were?

The order in which a hand-in takes its examples is its own affair, so that its steps cannot be repeated one by one.
But from the same parameters, a few epochs with any order move the first layer much the same way: what is compared
is that direction. Weights that come from somewhere else lie in another one, because the hidden units of two
trainings have nothing to do with each other. Trainings run in stretches of a few epochs, each of which is looked at,
so that there is none in which they could be put in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.assignment.reference import Reference

from .cases import Params

NORMS = 3
"""Batches on which the size of a gradient is measured."""


@dataclass(frozen=True)
class Stretch:
    """Some epochs of a training, done in one call."""

    first: int
    """How many epochs came before."""
    epochs: int
    before: Params
    after: Params
    stats: Any
    """What `train` returned."""


@dataclass(frozen=True)
class Lead:
    """Where the gradients lead from a stretch's beginning, seen in a training of the reference's from there."""

    moved: np.ndarray
    """How W1 (D, H) moves on the way because of the data: its shrinking by the penalty is taken out."""
    norm: float
    """Size of W1's gradient at the beginning, on batches of the recipe's size: the median."""


def lengths(epochs: int, random: np.random.Generator) -> list[int]:
    """Stretches that add up to so many epochs: one epoch first, later ones longer, as the way gets calmer."""
    found: list[int] = []
    while (done := sum(found)) < epochs:
        longest = min(max(1, done + 1), epochs - done)
        found.append(int(random.integers((longest + 1) // 2, longest + 1)))
    return found


def lead(
    reference: Reference,
    activation: str,
    stretch: Stretch,
    batch: Callable[[int], tuple[np.ndarray, np.ndarray]],
    rate: float,
    reg: float,
    batches: int,
    steps: int,
) -> Lead:
    """Train the reference from the stretch's beginning for some steps, each on `batches` drawn anew at once.

    `batch` draws so many of the recipe's: what is left of their noise would lead elsewhere.
    """
    net = reference.answers.net(activation, stretch.before)
    with np.errstate(all="ignore"):
        norms = [float(np.linalg.norm(net.loss(*batch(1), reg=reg)[1]["W1"])) for _ in range(NORMS)]
        for _ in range(steps):
            _, grads = net.loss(*batch(batches), reg=reg)
            for name, gradient in grads.items():
                net.params[name] -= rate * gradient
        moved = net.params["W1"] - (1 - rate * reg) ** steps * stretch.before["W1"]
    return Lead(moved, float(np.median(norms)))


def likeness(stretch: Stretch, led: Lead, rates: Sequence[float], reg: float) -> float:
    """Cosine of the angle between how W1 moved and how it was to move: 1 the same way, 0 nothing to do with it.

    `rates`: the learning rate of each step. A penalty that is left out or counts twice costs elsewhere: whichever of
    these explains the movement best is taken for the one in use. 0 where nothing moved but by the penalty.
    """
    with np.errstate(all="ignore"):
        shrinks = [float(np.prod(1 - factor * reg * np.asarray(rates))) for factor in (1, 0, 2)]
        moved = [stretch.after["W1"] - shrink * stretch.before["W1"] for shrink in shrinks]
        return max(cosine(each, led.moved) for each in moved)


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    """Of the angle between two arrays as vectors; 0 where one is zero or not finite."""
    sizes = float(np.linalg.norm(a) * np.linalg.norm(b))
    cosine = float((a * b).sum()) / sizes if sizes > 0 else 0.0
    return cosine if np.isfinite(cosine) else 0.0
