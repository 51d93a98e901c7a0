"""The toy problem of the notebook: five examples, four inputs, ten hidden units, three classes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class ToyTraining:
    """How the notebook trains the toy network; the batch size and the decay are `train`'s defaults."""

    learning_rate: float
    num_epochs: int
    reg: float = 1e-5


REG = 0.1
"""Regularisation strength of the notebook's toy loss."""

TRAINING = {
    "sigmoid": ToyTraining(learning_rate=0.5, num_epochs=100),
    "relu": ToyTraining(learning_rate=0.1, num_epochs=50),
}


def toy_params() -> dict[str, Array]:
    """What `np.random.seed(0)` and `TwoLayerMLP(4, 10, 3, std=1e-1)` give: float64 arrays in `params`' shapes."""
    state = np.random.RandomState(0)
    return {
        "W1": 1e-1 * state.randn(4, 10),
        "b1": np.zeros(10),
        "W2": 1e-1 * state.randn(10, 3),
        "b2": np.zeros(3),
    }


def toy_data() -> tuple[Array, Array]:
    """The notebook's `X` (5, 4), float64, and `y` (5,), integers."""
    return 10 * np.random.RandomState(1).randn(5, 4), np.array([0, 1, 2, 2, 1])
