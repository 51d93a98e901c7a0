"""The right formulas, one step to a method: what each misconception is a subclass of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
WEIGHTS, BIASES = ("W1", "W2"), ("b1", "b2")
NAMES = ("W1", "b1", "W2", "b2")


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)), elementwise, for any z."""
    grown = np.exp(-np.abs(z))
    result: Array = np.where(z >= 0, 1.0, grown) / (1.0 + grown)
    return result


class Network:
    """The right formulas, step by step. `activation` is "sigmoid" or "relu"; `params` as in the solution."""

    name: ClassVar[str] = ""
    """What the misconception is called; empty for the right formulas."""
    staff: ClassVar[str] = ""
    """For staff: the mistake as a formula. What to tell students is in the rubric, below `mistakes`."""

    def __init__(self, activation: str, params: dict[str, Array]) -> None:
        self.activation = activation
        self.params = {name: np.array(value, dtype=np.float64) for name, value in params.items()}

    # ---- forward ----

    def pre_activation(self, X: Array) -> Array:
        return X @ self.params["W1"] + self.params["b1"]

    def activate(self, z: Array) -> Array:
        return sigmoid(z) if self.activation == "sigmoid" else np.maximum(z, 0.0)

    def output(self, hidden: Array) -> Array:
        return hidden @ self.params["W2"] + self.params["b2"]

    def forward(self, X: Array) -> Array:
        """Keep X, z and h for the backward pass; return the scores that the loss is computed from, (N, C)."""
        self.X = X
        self.z = self.pre_activation(X)
        self.h = self.activate(self.z)
        return self.output(self.h)

    def scores(self, X: Array) -> Array:
        """What `loss(X)` returns, (N, C)."""
        return self.forward(X)

    # ---- loss ----

    def shifted(self, scores: Array) -> Array:
        return scores - scores.max(axis=1, keepdims=True)

    def normalised(self, grown: Array) -> Array:
        return grown / grown.sum(axis=1, keepdims=True)

    def probabilities(self, scores: Array) -> Array:
        return self.normalised(np.exp(self.shifted(scores)))

    def cross_entropy(self, probs: Array, y: Array) -> float:
        return float(-np.log(probs[np.arange(len(y)), y]).mean())

    def penalty(self, reg: float) -> float:
        return 0.5 * reg * float(sum(np.sum(self.params[name] ** 2) for name in WEIGHTS))

    # ---- backward ----

    def one_hot(self, probs: Array, y: Array) -> Array:
        return np.eye(probs.shape[1])[y]

    def at_scores(self, probs: Array, y: Array) -> Array:
        return (probs - self.one_hot(probs, y)) / len(y)

    def at_hidden(self, d_scores: Array) -> Array:
        return d_scores @ self.params["W2"].T

    def slope(self) -> Array:
        return self.h * (1.0 - self.h) if self.activation == "sigmoid" else (self.h > 0).astype(float)

    def at_pre_activation(self, d_hidden: Array) -> Array:
        return d_hidden * self.slope()

    def data_gradient(self, name: str) -> Array:
        """The part of a gradient that comes from the data."""
        match name:
            case "W1":
                return self.X.T @ self.d_z
            case "b1":
                return self.d_z.sum(axis=0)
            case "W2":
                return self.h.T @ self.d_scores
        return self.d_scores.sum(axis=0)

    def penalty_gradient(self, name: str, reg: float) -> Array:
        """The part of a gradient that comes from the regularisation."""
        return reg * self.params[name] if name in WEIGHTS else np.zeros_like(self.params[name])

    def gradient(self, name: str, reg: float) -> Array:
        return self.data_gradient(name) + self.penalty_gradient(name, reg)

    def loss(self, X: Array, y: Array, reg: float) -> tuple[float, dict[str, Array]]:
        """What `loss(X, y, reg)` returns."""
        self.logits = self.forward(X)
        probs = self.probabilities(self.logits)
        loss = self.cross_entropy(probs, y) + self.penalty(reg)
        self.d_scores = self.at_scores(probs, y)
        self.d_z = self.at_pre_activation(self.at_hidden(self.d_scores))
        return loss, {name: self.gradient(name, reg) for name in NAMES}

    # ---- training and prediction ----

    def step(self, name: str, gradient: Array, rate: float) -> None:
        self.params[name] = self.params[name] - rate * gradient

    def batches(self, count: int, size: int) -> Iterator[Array]:
        """The index arrays of one epoch."""
        order = self.random.permutation(count)
        for i in range(max(count // size, 1)):
            yield order[i * size : (i + 1) * size]

    def examples(self, chosen: Array, start: int) -> Array:
        """The indices of the examples of a batch, which begins at `start` of its epoch."""
        return chosen

    def labels(self, chosen: Array, start: int) -> Array:
        """The indices of its labels."""
        return chosen

    def first_rate(self, rate: float, decay: float) -> float:
        return rate

    def rate_after_iteration(self, rate: float, decay: float) -> float:
        return rate

    def rate_after_epoch(self, rate: float, decay: float) -> float:
        return rate * decay

    def reg_in_training(self, reg: float) -> float:
        return reg

    def train(
        self, X: Array, y: Array, rate: float, decay: float, reg: float, epochs: int, size: int
    ) -> tuple[float, dict[str, Array]]:
        """Train; the last loss and the parameters."""
        self.random = np.random.RandomState(1)
        rate, last = self.first_rate(rate, decay), np.nan
        for _ in range(epochs):
            for i, chosen in enumerate(self.batches(len(X), size)):
                rows, of_labels = self.examples(chosen, i * size), self.labels(chosen, i * size)
                last, grads = self.loss(X[rows], y[of_labels], self.reg_in_training(reg))
                for name in NAMES:
                    self.step(name, grads[name], rate)
                rate = self.rate_after_iteration(rate, decay)
            rate = self.rate_after_epoch(rate, decay)
        return last, self.params

    def predict(self, X: Array) -> Array:
        """What `predict(X)` returns, (N,)."""
        return self.chosen(self.scores(X))

    def chosen(self, scores: Array) -> Array:
        labels: Array = scores.argmax(axis=1)
        return labels


FORWARD_STEPS = frozenset(
    {"pre_activation", "activate", "output", "forward", "scores", "shifted", "normalised", "probabilities"}
    | {"cross_entropy", "penalty"}
)
"""Steps of the question about the forward pass."""
BACKWARD_STEPS = frozenset(
    {
        "at_scores",
        "at_hidden",
        "slope",
        "at_pre_activation",
        "data_gradient",
        "penalty_gradient",
        "gradient",
    }
)
"""Steps of the question about the backward pass. Not `one_hot`: the loss may use it too."""
ACTIVATION_STEPS = frozenset({"activate", "slope", "at_pre_activation"})
"""Of these, the ones that every activation has of its own."""
