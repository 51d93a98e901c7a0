"""The penalty on the weights, in the loss and in the gradient."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from .network import BIASES, WEIGHTS, Array, Network


class HalfForgotten(Network):
    name = "penalty-half-forgotten"
    staff = "penalty = reg * sum(W^2)"

    def penalty(self, reg: float) -> float:
        return 2.0 * super().penalty(reg)


class HalfForgottenThroughout(HalfForgotten):
    def penalty_gradient(self, name: str, reg: float) -> Array:
        return 2.0 * super().penalty_gradient(name, reg)


class PenaltyMissing(Network):
    name = "penalty-missing"
    staff = "penalty = 0"

    def penalty(self, reg: float) -> float:
        return 0.0


class PenaltyMissingThroughout(PenaltyMissing):
    def penalty_gradient(self, name: str, reg: float) -> Array:
        return 0.0 * super().penalty_gradient(name, reg)


class PenaltyPerExample(Network):
    name = "penalty-divided-by-N"
    staff = "penalty / N, as in (data + penalty) / N"

    def penalty(self, reg: float) -> float:
        return super().penalty(reg) / len(self.X)


class PenaltyPerExampleThroughout(PenaltyPerExample):
    def penalty_gradient(self, name: str, reg: float) -> Array:
        return super().penalty_gradient(name, reg) / len(self.X)


class OnlyFirstPenalised(Network):
    name = "penalty-without-W2"
    staff = "penalty = 0.5 reg sum(W1^2)"
    counted: ClassVar[str] = "W1"

    def penalty(self, reg: float) -> float:
        return 0.5 * reg * float(np.sum(self.params[self.counted] ** 2))


class OnlySecondPenalised(OnlyFirstPenalised):
    name = "penalty-without-W1"
    staff = "penalty = 0.5 reg sum(W2^2)"
    counted = "W2"


class AbsolutePenalty(Network):
    name = "penalty-absolute"
    staff = "penalty = reg * sum(|W|), or half of it"

    def penalty(self, reg: float) -> float:
        return reg * float(sum(np.abs(self.params[name]).sum() for name in WEIGHTS))


class HalfAbsolutePenalty(AbsolutePenalty):
    def penalty(self, reg: float) -> float:
        return 0.5 * super().penalty(reg)


class NormPenalty(Network):
    name = "penalty-not-squared"
    staff = "penalty = 0.5 reg (||W1|| + ||W2||), or without the half"

    def penalty(self, reg: float) -> float:
        return 0.5 * reg * float(sum(np.linalg.norm(self.params[name]) for name in WEIGHTS))


class WholeNormPenalty(NormPenalty):
    def penalty(self, reg: float) -> float:
        return 2.0 * super().penalty(reg)


class PlainSumPenalty(Network):
    name = "penalty-of-the-sum"
    staff = "penalty from sum(W) instead of sum(W^2)"

    def penalty(self, reg: float) -> float:
        return 0.5 * reg * float(sum(np.sum(self.params[name]) for name in WEIGHTS))


class SquaredSumPenalty(PlainSumPenalty):
    def penalty(self, reg: float) -> float:
        return 0.5 * reg * float(sum(np.sum(self.params[name]) ** 2 for name in WEIGHTS))


class MatrixSquarePenalty(PlainSumPenalty):
    def penalty(self, reg: float) -> float:
        return 0.5 * reg * float(sum(np.sum(self.params[n] @ self.params[n].T) for n in WEIGHTS))


class PenaltySign(Network):
    name = "penalty-sign"
    staff = "loss = data - penalty"

    def penalty(self, reg: float) -> float:
        return -super().penalty(reg)


class BiasesInLoss(Network):
    name = "biases-regularised-in-loss"
    staff = "penalty + 0.5 reg (sum(b1^2) + sum(b2^2)) in the loss alone"

    def penalty(self, reg: float) -> float:
        return super().penalty(reg) + 0.5 * reg * float(sum(np.sum(self.params[n] ** 2) for n in BIASES))


class BiasesInGradient(Network):
    name = "biases-regularised-in-gradient"
    staff = "db + reg b, the loss without it"

    def penalty_gradient(self, name: str, reg: float) -> Array:
        return reg * self.params[name]


class BiasesRegularised(BiasesInGradient, BiasesInLoss):
    name = "biases-regularised"
    staff = "penalty with 0.5 reg sum(b^2), db + reg b"


class GradientWithoutPenalty(Network):
    name = "gradient-without-penalty"
    staff = "dW without reg W"

    def penalty_gradient(self, name: str, reg: float) -> Array:
        return 0.0 * super().penalty_gradient(name, reg)


class PenaltyTwiceInGradient(Network):
    name = "gradient-penalty-twice"
    staff = "dW + 2 reg W in all"
    factor: ClassVar[float] = 2.0

    def penalty_gradient(self, name: str, reg: float) -> Array:
        return self.factor * super().penalty_gradient(name, reg)


class PenaltyHalfInGradient(PenaltyTwiceInGradient):
    name = "gradient-penalty-halved"
    staff = "dW + 0.5 reg W"
    factor = 0.5


class PenaltySignInGradient(PenaltyTwiceInGradient):
    name = "gradient-penalty-sign"
    staff = "dW - reg W"
    factor = -1.0


class PenaltyPerExampleInGradient(Network):
    name = "gradient-penalty-divided-by-N"
    staff = "dW + reg W / N"

    def penalty_gradient(self, name: str, reg: float) -> Array:
        return super().penalty_gradient(name, reg) / len(self.X)


class WeightsWithoutReg(Network):
    name = "gradient-penalty-without-reg"
    staff = "dW + W"

    def penalty_gradient(self, name: str, reg: float) -> Array:
        return super().penalty_gradient(name, 1.0)


class SignedPenaltyGradient(Network):
    name = "gradient-penalty-absolute"
    staff = "dW + reg sign(W)"

    def penalty_gradient(self, name: str, reg: float) -> Array:
        return np.sign(super().penalty_gradient(name, 1.0)) * reg


FORMS: tuple[type[Network], ...] = (
    HalfForgotten,
    HalfForgottenThroughout,
    PenaltyMissing,
    PenaltyMissingThroughout,
    PenaltyPerExample,
    PenaltyPerExampleThroughout,
    OnlyFirstPenalised,
    OnlySecondPenalised,
    AbsolutePenalty,
    HalfAbsolutePenalty,
    NormPenalty,
    WholeNormPenalty,
    PlainSumPenalty,
    SquaredSumPenalty,
    MatrixSquarePenalty,
    PenaltySign,
    BiasesInLoss,
    BiasesInGradient,
    BiasesRegularised,
    GradientWithoutPenalty,
    PenaltyTwiceInGradient,
    PenaltyHalfInGradient,
    PenaltySignInGradient,
    PenaltyPerExampleInGradient,
    WeightsWithoutReg,
    SignedPenaltyGradient,
)
