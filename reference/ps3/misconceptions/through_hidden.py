"""The gradient on its way through the hidden layer."""

from __future__ import annotations

import numpy as np

from .network import Array, Network, sigmoid


class ReluOnly(Network):
    """Base of the misconceptions about ReLU's derivative."""

    def relu_slope(self) -> Array:
        raise NotImplementedError

    def slope(self) -> Array:
        return self.relu_slope() if self.activation == "relu" else super().slope()


class MaskOmitted(ReluOnly):
    name = "relu-mask-omitted"
    staff = "d_z = d_hidden: mask omitted, or without effect (h < 0 never happens)"

    def relu_slope(self) -> Array:
        return np.ones_like(self.h)


class MaskInverted(ReluOnly):
    name = "relu-mask-inverted"
    staff = "d_z = d_hidden * (z <= 0)"

    def relu_slope(self) -> Array:
        return (self.h <= 0).astype(float)


class MaskNeverTrue(ReluOnly):
    name = "relu-mask-never-true"
    staff = "d_z = d_hidden * (h < 0), which never happens"

    def relu_slope(self) -> Array:
        return np.zeros_like(self.h)


class UpstreamClipped(Network):
    name = "relu-upstream-clipped"
    staff = "d_z = max(d_hidden, 0), or d_hidden * (d_hidden > 0)"

    def at_pre_activation(self, d_hidden: Array) -> Array:
        return np.maximum(d_hidden, 0.0) if self.activation == "relu" else super().at_pre_activation(d_hidden)


class UpstreamClippedAndMasked(UpstreamClipped):
    staff = "d_z = max(d_hidden, 0) * (z > 0)"

    def at_pre_activation(self, d_hidden: Array) -> Array:
        return super().at_pre_activation(d_hidden) * (self.slope() if self.activation == "relu" else 1.0)


class ValueForSlope(ReluOnly):
    name = "relu-value-for-slope"
    staff = "d_z = d_hidden * h"

    def relu_slope(self) -> Array:
        return self.h


class SigmoidSlopeForRelu(ReluOnly):
    name = "sigmoid-slope-for-relu"
    staff = "d_z = d_hidden * h (1 - h) for ReLU"

    def relu_slope(self) -> Array:
        return self.h * (1.0 - self.h)


class SigmoidSlopeOfInput(SigmoidSlopeForRelu):
    def relu_slope(self) -> Array:
        return sigmoid(self.z) * (1.0 - sigmoid(self.z))


class SoftplusSlope(ReluOnly):
    name = "softplus-slope-for-relu"
    staff = "d_z = d_hidden * sigmoid(z) for ReLU"

    def relu_slope(self) -> Array:
        return sigmoid(self.z)


class LeakySlope(ReluOnly):
    name = "leaky-slope-for-relu"
    staff = "d_z = d_hidden * where(z > 0, 1, 0.01)"

    def relu_slope(self) -> Array:
        return np.where(self.z > 0, 1.0, 0.01)


class SigmoidOnly(Network):
    """Base of the misconceptions about the sigmoid's derivative."""

    def sigmoid_slope(self) -> Array:
        raise NotImplementedError

    def slope(self) -> Array:
        return self.sigmoid_slope() if self.activation == "sigmoid" else super().slope()


class SlopeMissing(SigmoidOnly):
    name = "sigmoid-slope-missing"
    staff = "d_z = d_hidden"

    def sigmoid_slope(self) -> Array:
        return np.ones_like(self.h)


class SlopeOfPreActivation(SigmoidOnly):
    name = "sigmoid-slope-of-input"
    staff = "d_z = d_hidden * z (1 - z)"

    def sigmoid_slope(self) -> Array:
        return self.z * (1.0 - self.z)


class SlopeOfOutputAgain(SigmoidOnly):
    name = "sigmoid-slope-applied-twice"
    staff = "d_z = d_hidden * s(h) (1 - s(h))"

    def sigmoid_slope(self) -> Array:
        return sigmoid(self.h) * (1.0 - sigmoid(self.h))


class TanhSlope(SigmoidOnly):
    name = "tanh-slope-for-sigmoid"
    staff = "d_z = d_hidden * (1 - h^2)"

    def sigmoid_slope(self) -> Array:
        return 1.0 - self.h**2


class HalfSlope(SigmoidOnly):
    name = "sigmoid-slope-one-factor"
    staff = "d_z = d_hidden * (1 - h), or d_hidden * h"

    def sigmoid_slope(self) -> Array:
        return 1.0 - self.h


class OtherHalfSlope(HalfSlope):
    def sigmoid_slope(self) -> Array:
        return self.h


class ReluSlopeForSigmoid(SigmoidOnly):
    name = "relu-slope-for-sigmoid"
    staff = "d_z = d_hidden * (z > 0) for the sigmoid"

    def sigmoid_slope(self) -> Array:
        return (self.z > 0).astype(float)


class SlopeSign(SigmoidOnly):
    name = "sigmoid-slope-sign"
    staff = "d_z = d_hidden * h (h - 1)"

    def sigmoid_slope(self) -> Array:
        return self.h * (self.h - 1.0)


class FirstTransposeMissing(Network):
    name = "W1-transpose-missing"
    staff = "dW1 = X d_z, X not transposed"

    def data_gradient(self, name: str) -> Array:
        return self.X @ self.d_z if name == "W1" else super().data_gradient(name)


class SecondTransposeMissing(Network):
    name = "W2-transpose-missing"
    staff = "dW2 = h d_scores, h not transposed"

    def data_gradient(self, name: str) -> Array:
        return self.h @ self.d_scores if name == "W2" else super().data_gradient(name)


class HiddenTransposeMissing(Network):
    name = "d-hidden-transpose-missing"
    staff = "d_hidden = d_scores W2, W2 not transposed"

    def at_hidden(self, d_scores: Array) -> Array:
        return d_scores @ self.params["W2"]


class PreActivationForHidden(Network):
    name = "W2-from-pre-activation"
    staff = "dW2 = z^T d_scores"

    def data_gradient(self, name: str) -> Array:
        return self.z.T @ self.d_scores if name == "W2" else super().data_gradient(name)


FORMS: tuple[type[Network], ...] = (
    MaskOmitted,
    MaskInverted,
    MaskNeverTrue,
    UpstreamClipped,
    UpstreamClippedAndMasked,
    ValueForSlope,
    SigmoidSlopeForRelu,
    SigmoidSlopeOfInput,
    SoftplusSlope,
    LeakySlope,
    SlopeMissing,
    SlopeOfPreActivation,
    SlopeOfOutputAgain,
    TanhSlope,
    HalfSlope,
    OtherHalfSlope,
    ReluSlopeForSigmoid,
    SlopeSign,
    FirstTransposeMissing,
    SecondTransposeMissing,
    HiddenTransposeMissing,
    PreActivationForHidden,
)
