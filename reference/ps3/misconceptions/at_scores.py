"""The gradient at the scores."""

from __future__ import annotations

import numpy as np

from .network import Array, Network


class ClassTermMissing(Network):
    name = "softmax-gradient-without-right-class"
    staff = "d_scores = probs / N"

    def one_hot(self, probs: Array, y: Array) -> Array:
        return np.zeros_like(probs)


class ClassTermAdded(Network):
    name = "right-class-added"
    staff = "d_scores = (probs + one_hot) / N"

    def at_scores(self, probs: Array, y: Array) -> Array:
        return super().at_scores(probs, y) + 2 * self.one_hot(probs, y) / len(y)


class GradientSummed(Network):
    name = "softmax-gradient-without-1/N"
    staff = "d_scores = probs - one_hot, without 1/N"

    def at_scores(self, probs: Array, y: Array) -> Array:
        return len(y) * super().at_scores(probs, y)


class GradientDividedTwice(Network):
    name = "softmax-gradient-divided-twice"
    staff = "d_scores / N^2"

    def at_scores(self, probs: Array, y: Array) -> Array:
        return super().at_scores(probs, y) / len(y)


class ClassTermNotAveraged(Network):
    name = "right-class-not-averaged"
    staff = "probs / N - one_hot"

    def at_scores(self, probs: Array, y: Array) -> Array:
        return probs / len(y) - self.one_hot(probs, y)


class ProbabilitiesNotAveraged(ClassTermNotAveraged):
    staff = "probs - one_hot / N"

    def at_scores(self, probs: Array, y: Array) -> Array:
        return probs - self.one_hot(probs, y) / len(y)


class GradientSign(Network):
    name = "gradient-sign"
    staff = "d_scores = (one_hot - probs) / N"

    def at_scores(self, probs: Array, y: Array) -> Array:
        return -super().at_scores(probs, y)


class WholeGradientSign(GradientSign):
    def penalty_gradient(self, name: str, reg: float) -> Array:
        return -super().penalty_gradient(name, reg)


class ScoresForProbabilities(Network):
    name = "scores-for-probabilities"
    staff = "d_scores = (scores - one_hot) / N"

    def at_scores(self, probs: Array, y: Array) -> Array:
        return super().at_scores(self.logits, y)


class NotNormalisedInGradient(ScoresForProbabilities):
    name = "not-normalised-in-gradient"
    staff = "d_scores = (exp(scores) - one_hot) / N"

    def at_scores(self, probs: Array, y: Array) -> Array:
        return Network.at_scores(self, np.exp(self.shifted(self.logits)), y)


class NotNormalisedUnshifted(NotNormalisedInGradient):
    def at_scores(self, probs: Array, y: Array) -> Array:
        return Network.at_scores(self, np.exp(self.logits), y)


FORMS: tuple[type[Network], ...] = (
    ClassTermMissing,
    ClassTermAdded,
    GradientSummed,
    GradientDividedTwice,
    ClassTermNotAveraged,
    ProbabilitiesNotAveraged,
    GradientSign,
    WholeGradientSign,
    ScoresForProbabilities,
    NotNormalisedInGradient,
    NotNormalisedUnshifted,
)
