"""What the hidden layer computes, and the scores made of it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from .network import Array, Network, sigmoid


class WrongActivation(Network):
    """Base of the misconceptions about what the hidden layer computes: `f` and its derivative."""

    only: ClassVar[str] = ""
    """The activation in whose place it stands; empty for both."""

    @staticmethod
    def f(z: Array) -> Array:
        raise NotImplementedError

    @staticmethod
    def derivative(z: Array) -> Array:
        raise NotImplementedError

    def activate(self, z: Array) -> Array:
        return self.f(z) if self.only in ("", self.activation) else super().activate(z)

    def slope(self) -> Array:
        return self.derivative(self.z) if self.only in ("", self.activation) else super().slope()


class WithTheRightSlope(Network):
    """A wrong activation with the right one's derivative, in terms of the hidden values."""

    def slope(self) -> Array:
        return Network.slope(self)


class Softplus(WrongActivation):
    name = "softplus-hidden"
    only = "relu"
    staff = "hidden = log(1 + exp(z)) in ReLU's place"

    @staticmethod
    def f(z: Array) -> Array:
        return np.logaddexp(0.0, z)

    @staticmethod
    def derivative(z: Array) -> Array:
        return sigmoid(z)


class SoftplusForSigmoid(Softplus):
    only = "sigmoid"
    name = "softplus-for-sigmoid"
    staff = "hidden = log(1 + exp(z)) in the sigmoid's place"


class Tanh(WrongActivation):
    name = "tanh-hidden"
    staff = "hidden = tanh(z)"

    @staticmethod
    def f(z: Array) -> Array:
        return np.tanh(z)

    @staticmethod
    def derivative(z: Array) -> Array:
        return 1.0 - np.tanh(z) ** 2


class LeakyRelu(WrongActivation):
    name = "leaky-relu"
    only = "relu"
    staff = "hidden = where(z > 0, z, 0.01 z)"

    @staticmethod
    def f(z: Array) -> Array:
        return np.where(z > 0, z, 0.01 * z)

    @staticmethod
    def derivative(z: Array) -> Array:
        return np.where(z > 0, 1.0, 0.01)


class NoActivation(WrongActivation):
    name = "no-activation"
    staff = "hidden = z"

    @staticmethod
    def f(z: Array) -> Array:
        return z

    @staticmethod
    def derivative(z: Array) -> Array:
        return np.ones_like(z)


class SigmoidForRelu(WrongActivation):
    name = "sigmoid-for-relu"
    only = "relu"
    staff = "hidden = sigmoid(z) in ReLU's place"

    @staticmethod
    def f(z: Array) -> Array:
        return sigmoid(z)

    @staticmethod
    def derivative(z: Array) -> Array:
        return sigmoid(z) * (1.0 - sigmoid(z))


class ReluForSigmoid(WrongActivation):
    name = "relu-for-sigmoid"
    only = "sigmoid"
    staff = "hidden = max(z, 0) in the sigmoid's place"

    @staticmethod
    def f(z: Array) -> Array:
        return np.maximum(z, 0.0)

    @staticmethod
    def derivative(z: Array) -> Array:
        return (z > 0).astype(float)


class AbsoluteValue(WrongActivation):
    name = "absolute-value"
    only = "relu"
    staff = "hidden = |z|"

    @staticmethod
    def f(z: Array) -> Array:
        return np.abs(z)

    @staticmethod
    def derivative(z: Array) -> Array:
        return np.sign(z)


class ReluOfNegatives(WrongActivation):
    name = "relu-sides-swapped"
    only = "relu"
    staff = "hidden = min(z, 0)"

    @staticmethod
    def f(z: Array) -> Array:
        return np.minimum(z, 0.0)

    @staticmethod
    def derivative(z: Array) -> Array:
        return (z < 0).astype(float)


class SigmoidSign(WrongActivation):
    name = "sigmoid-sign"
    only = "sigmoid"
    staff = "hidden = 1 / (1 + exp(z))"

    @staticmethod
    def f(z: Array) -> Array:
        return sigmoid(-z)

    @staticmethod
    def derivative(z: Array) -> Array:
        return -sigmoid(z) * (1.0 - sigmoid(z))


class SigmoidSaturatesWrongWay(WrongActivation):
    name = "sigmoid-saturation-inverted"
    only = "sigmoid"
    staff = "beyond |z| = 20 the saturated values 0 and 1 are swapped"

    @staticmethod
    def f(z: Array) -> Array:
        return np.where(z > 20, 0.0, np.where(z < -20, 1.0, sigmoid(z)))

    @staticmethod
    def derivative(z: Array) -> Array:
        return np.where(np.abs(z) > 20, 0.0, sigmoid(z) * (1.0 - sigmoid(z)))


class FirstBiasForgotten(Network):
    name = "b1-forgotten"
    staff = "z = X W1, without b1"

    def pre_activation(self, X: Array) -> Array:
        return X @ self.params["W1"]


class SecondBiasForgotten(Network):
    name = "b2-forgotten"
    staff = "scores = h W2, without b2"

    def output(self, hidden: Array) -> Array:
        return hidden @ self.params["W2"]


class ActivationAtOutput(Network):
    """The activation is applied to the scores too, and the backward pass does not know of it."""

    name = "activation-at-output"
    staff = "scores = f(h W2 + b2)"

    def output(self, hidden: Array) -> Array:
        return self.activate(super().output(hidden))


class SigmoidAtOutput(ActivationAtOutput):
    def output(self, hidden: Array) -> Array:
        return sigmoid(Network.output(self, hidden))


class ReluAtOutput(ActivationAtOutput):
    def output(self, hidden: Array) -> Array:
        return np.maximum(Network.output(self, hidden), 0.0)


class ScoresAreProbabilities(Network):
    name = "scores-are-probabilities"
    staff = "loss(X) returns softmax(scores)"

    def scores(self, X: Array) -> Array:
        return self.probabilities(self.forward(X))


def _with_the_right_slope(wrong: type[WrongActivation]) -> type[Network]:
    return type(f"{wrong.__name__}WithTheRightSlope", (WithTheRightSlope, wrong), {})


_ACTIVATIONS: list[type[WrongActivation]] = [
    Softplus,
    SoftplusForSigmoid,
    Tanh,
    LeakyRelu,
    NoActivation,
    SigmoidForRelu,
    ReluForSigmoid,
    AbsoluteValue,
    ReluOfNegatives,
    SigmoidSign,
    SigmoidSaturatesWrongWay,  # the last: its slope vanishes where it is wrong
]


FORMS: tuple[type[Network], ...] = (
    *_ACTIVATIONS,
    *map(_with_the_right_slope, _ACTIVATIONS[:-1]),
    FirstBiasForgotten,
    SecondBiasForgotten,
    ActivationAtOutput,
    SigmoidAtOutput,
    ReluAtOutput,
    ScoresAreProbabilities,
)
