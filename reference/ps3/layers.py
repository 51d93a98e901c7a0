"""The network's parts one by one: each activation's slope and inverse, and the backward pass from any upstream.

The checks use them to tell a mistake in an activation's own lines from one in lines that all activations share.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

SLOPES: dict[str, Callable[[Array], Array]] = {
    "sigmoid": lambda value: value * (1.0 - value),
    "relu": lambda value: (value > 0.0).astype(np.float64),
}
"""Derivative at the pre-activation, from the activation's value, elementwise."""

INVERSES: dict[str, Callable[[float], float]] = {
    "sigmoid": lambda value: float(np.log(value / (1 - value))),
    "relu": lambda value: value,
}
"""Pre-activation at which the activation reaches a value between 0 and 1."""


def backpropagate(
    activation: str, params: dict[str, Array], X: Array, hidden: Array, upstream: Array, reg: float
) -> dict[str, Array]:
    """The gradients that follow from any hidden activations and any d loss / d scores, right or wrong ones.

    Args:
        activation: a key of `SLOPES`.
        params: `W1` (D, H), `b1` (H,), `W2` (H, C), `b2` (C,).
        X: (N, D).
        hidden: (N, H).
        upstream: (N, C), the mean over the batch included.
        reg: regularisation strength.

    Returns:
        A dict with the keys and shapes of `params`.
    """
    d_pre = (upstream @ params["W2"].T) * SLOPES[activation](hidden)
    return {
        "W1": X.T @ d_pre + reg * params["W1"],
        "b1": d_pre.sum(axis=0),
        "W2": hidden.T @ upstream + reg * params["W2"],
        "b2": upstream.sum(axis=0),
    }
