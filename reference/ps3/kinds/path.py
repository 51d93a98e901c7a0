"""Whether a training takes the solution's path: a few epochs on some of the images, from one starting state.

The handout's `train` seeds NumPy itself and is given but for its gaps, so that a right hand-in takes the solution's own
steps. What then still differs is rounding, which grows with the steps, fastest with ReLU on raw pixels: with sums in
another order, the parameters are after these epochs within 4e-12 of the way that they went (both datasets and
activations, 16 starting states each), and where five times as many steps are taken within 1e-6. What the smallest
mistakes do is far above that: a decay of 0.9501 in place of 0.95 puts them 5e-5 off or more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grader.checks.base import Bench, Malformed
from grader.student.faults import StudentError

from .cases import NAMES, Case, Params, case_of, student_net
from .training import HISTORIES, ask_train, history, options_of, own_answer, parameters

EPOCHS = 2
"""The shuffling, the decay and an epoch's images that fill no batch show in these."""
IMAGES = 2050
"""Of the training images, or all where there are fewer: no whole number of batches. Validation images are all there."""
STEPS = 20
"""In an epoch, at most: what rounding leaves grows with each."""
MODERATE = 600.0
"""Largest score that a training begins with. An unshifted softmax bears it: exp overflows above 709."""
SAME = 1e-7
"""Share of its way by which a parameter may be elsewhere than the solution's; and relative difference of a history."""


@dataclass(frozen=True)
class Path:
    """A training that takes the solution's path."""

    epochs: int
    images: int
    steps: int
    off: float
    """How far off the parameters are at most, as a share of their way."""
    histories: dict[str, np.ndarray]
    """Those that the hand-in returned, by name."""
    right: Mapping[str, Any]
    """The solution's."""


def taken(
    bench: Bench,
    activation: str,
    recipe: Any,
    start: Params,
    labels: np.ndarray,
    random: np.random.Generator,
) -> Path | None:
    """The hand-in's path from the parameters `start`, with the classes relabelled as `labels` says.

    None where it is another one than the solution's, or cannot be known to be the same, and where the whole training
    could take more than half the time that it may.
    """
    data, limits = bench.dataset, bench.rubric.limits
    X = data.load("X_train")
    count = min(IMAGES, len(X))
    size = max(recipe.batch_size, count // STEPS)
    first = int(random.integers(len(X) - count + 1))
    rows = slice(first, first + count)
    X_train, y_train = np.array(X[rows]), labels[data.load("y_train")[rows]]
    X_val, y_val = data.load("X_val"), labels[data.load("y_val")]
    options = options_of(recipe, num_epochs=EPOCHS, batch_size=size)
    if not _bears(bench, activation, case_of(start, X_train[:size], y_train[:size], recipe.reg)):
        return None
    before = bench.student.cpu_seconds
    try:
        net = student_net(bench, activation, start)
        arrays = (X_train, y_train, bench.student.array("X_val"), y_val)
        stats = ask_train(net, arrays, options, {"cpu": limits.train_cpu, "wall": limits.train_wall})
        after = parameters(net, start, [])
        own = {name: history(stats, name, []) for name in HISTORIES}
    except (StudentError, Malformed):
        return None
    steps = EPOCHS * (count // size)
    whole = recipe.num_epochs * (len(X) // recipe.batch_size) / steps
    if (bench.student.cpu_seconds - before) * whole > limits.train_cpu / 2:
        return None
    known_by = (data.fingerprint, first, count, labels)
    end, right = bench.reference.answers.trained(
        activation, start, (X_train, y_train, X_val, y_val), options, known_by
    )
    off = max(_off(after[name], end[name], start[name]) for name in NAMES)
    if not (off <= SAME and all(_same(own[name], np.asarray(right[name])) for name in HISTORIES)):
        return None
    return Path(EPOCHS, count, steps, off, own, right)


def _bears(bench: Bench, activation: str, case: Case) -> bool:
    """Whether gradients are right where scores are as large as they may be: a longer training may come to that."""
    with np.errstate(all="ignore"):
        largest = np.abs(bench.reference.answers.scores(activation, case.params, case.X)).max()
        params = {**case.params, "W2": case.params["W2"] * (MODERATE / largest)}
        _, right = bench.reference.answers.loss(activation, params, case.X, case.y, case.net.reg)
    _, own = own_answer(bench, activation, replace(case, params=params))
    return own is not None and all(
        np.abs(own[name] - right[name]).max() <= SAME * np.abs(right[name]).max() for name in NAMES
    )


def _off(after: np.ndarray, end: np.ndarray, start: np.ndarray) -> float:
    """Largest difference of an entry, as a share of the largest way that one went."""
    with np.errstate(all="ignore"):
        return float(np.abs(after - end).max() / np.abs(end - start).max())


def _same(own: np.ndarray, right: np.ndarray) -> bool:
    """Whether a history is the solution's. An infinite loss, of a logarithm of zero, moves no parameter."""
    if own.shape != right.shape:
        return False
    with np.errstate(all="ignore"):
        return bool((np.isinf(own) | (np.abs(own - right) <= SAME * np.maximum(1.0, np.abs(right)))).all())
