"""What reports draw of a training on the dataset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from grader.model import ConfusionMatrix, Curves, Figure, ImageGrid, Series

POINTS_OF_A_CURVE = 400


def histories(
    own: Mapping[str, np.ndarray], reference: Mapping[str, Any], over: str = ""
) -> tuple[Figure, ...]:
    """The hand-in's histories beside the reference's; `over`: of which part of the training, behind each title.

    Over a part, axes are not logarithmic: within a decade these would have no numbers.
    """
    return (
        _curves(f"Loss{over}", "iteration", "loss", {"loss": "loss_history"}, own, reference, log_y=not over),
        _curves(
            f"Accuracy{over}",
            "epoch",
            "share read correctly",
            {"last mini-batch": "train_acc_history", "validation": "val_acc_history"},
            own,
            reference,
        ),
        _curves(
            f"Size of W1's gradient{over}",
            "iteration",
            "Frobenius norm",
            {"norm": "grad_magnitude_history"},
            own,
            reference,
            log_y=not over,
        ),
    )


def first_layer(W1: np.ndarray) -> ImageGrid:
    """Each column of `W1` (784, H) as a 28x28 image; one grey scale for all, mid-grey is zero."""
    size = float(np.nanmax(np.abs(np.where(np.isfinite(W1), W1, 0.0)), initial=0.0)) or 1.0
    grey = np.clip(np.clip(np.nan_to_num(W1.T / size), -1, 1) * 127.5 + 127.5, 0, 255).astype(np.uint8)
    return ImageGrid("First-layer weights, one image for each hidden unit", 28, 28, grey.tobytes())


def confusion(y: np.ndarray, predicted: np.ndarray, classes: int) -> ConfusionMatrix:
    """Count (true, predicted) pairs of labels 0..classes-1."""
    counts = np.zeros((classes, classes), dtype=int)
    np.add.at(counts, (np.asarray(y, dtype=int), predicted), 1)
    rows = tuple(tuple(int(n) for n in row) for row in counts)
    return ConfusionMatrix(
        "True digit (row) and what the network read (column)", tuple(map(str, range(classes))), rows
    )


def _curves(
    title: str,
    x_label: str,
    y_label: str,
    names: dict[str, str],
    own: Mapping[str, np.ndarray],
    reference: Mapping[str, Any],
    log_y: bool = False,
) -> Curves:
    series = [_series(label, own[name]) for label, name in names.items() if len(own.get(name, ()))]
    series += [
        _series(label, np.asarray(reference[name]), is_reference=True) for label, name in names.items()
    ]
    return Curves(title, x_label, y_label, tuple(series), log_y)


def _series(name: str, values: np.ndarray, is_reference: bool = False) -> Series:
    """A history, thinned to means over equal stretches; counted from 1."""
    stretch = -(-len(values) // POINTS_OF_A_CURVE)
    edges = np.arange(0, len(values), stretch)
    with np.errstate(all="ignore"):
        means = np.add.reduceat(values, edges) / np.diff([*edges, len(values)])
    x = [float(min(e + (stretch + 1) / 2, len(values))) for e in edges]
    return Series(name, tuple(x), tuple(float(f"{m:.6g}") for m in means), is_reference)
