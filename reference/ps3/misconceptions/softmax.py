"""Softmax and cross-entropy."""

from __future__ import annotations

import numpy as np

from .network import Array, Network


class NormalisedWithoutExp(Network):
    name = "normalised-without-exp"
    staff = "probs = s / sum(s), without exp"

    def probabilities(self, scores: Array) -> Array:
        return self.normalised(scores)


class NormalisedWithoutExpShifted(NormalisedWithoutExp):
    def probabilities(self, scores: Array) -> Array:
        return self.normalised(self.shifted(scores))


class NormalisedAbsolutes(NormalisedWithoutExp):
    def probabilities(self, scores: Array) -> Array:
        return self.normalised(np.abs(scores))


class NormalisedDownTheBatch(Network):
    name = "normalised-over-examples"
    staff = "softmax along axis 0"

    def normalised(self, grown: Array) -> Array:
        return grown / grown.sum(axis=0, keepdims=True)


class NormalisedOverAll(Network):
    name = "normalised-over-everything"
    staff = "softmax over the whole (N, C) array"

    def normalised(self, grown: Array) -> Array:
        return grown / grown.sum()


class MaximumWithoutAxis(Network):
    name = "maximum-lines-up-with-classes"
    staff = "scores - scores.max(axis=1), without keepdims"

    def shifted(self, scores: Array) -> Array:
        return scores - scores.max(axis=1)


class MaximumOverExamples(Network):
    name = "maximum-over-examples"
    staff = "scores - scores.max(axis=0)"

    def shifted(self, scores: Array) -> Array:
        return scores - scores.max(axis=0, keepdims=True)


class SumLinesUpWithClasses(Network):
    name = "sum-lines-up-with-classes"
    staff = "exp(scores) / exp(scores).sum(axis=1), without keepdims"

    def normalised(self, grown: Array) -> Array:
        return grown / grown.sum(axis=1)


class LossSummed(Network):
    name = "loss-summed"
    staff = "data loss without 1/N"

    def cross_entropy(self, probs: Array, y: Array) -> float:
        return len(y) * super().cross_entropy(probs, y)


class LossAndGradientSummed(LossSummed):
    def at_scores(self, probs: Array, y: Array) -> Array:
        return len(y) * super().at_scores(probs, y)


class LossDividedTwice(Network):
    name = "loss-divided-twice"
    staff = "data loss / N^2"

    def cross_entropy(self, probs: Array, y: Array) -> float:
        return super().cross_entropy(probs, y) / len(y)


class LossSign(Network):
    name = "loss-sign"
    staff = "mean log p, without the minus"

    def cross_entropy(self, probs: Array, y: Array) -> float:
        return -super().cross_entropy(probs, y)


class LossWithoutLog(Network):
    name = "loss-without-log"
    staff = "data loss = -mean p, or 1 - mean p"

    def cross_entropy(self, probs: Array, y: Array) -> float:
        return float(-probs[np.arange(len(y)), y].mean())


class LossOneMinus(LossWithoutLog):
    def cross_entropy(self, probs: Array, y: Array) -> float:
        return 1.0 + super().cross_entropy(probs, y)


class LossMeanOverClasses(Network):
    name = "loss-averaged-over-classes"
    staff = "data loss / (N C)"

    def cross_entropy(self, probs: Array, y: Array) -> float:
        return super().cross_entropy(probs, y) / probs.shape[1]


class LossDividedByClasses(Network):
    name = "loss-divided-by-classes"
    staff = "data loss: the sum over the examples / C"

    def cross_entropy(self, probs: Array, y: Array) -> float:
        return super().cross_entropy(probs, y) * len(y) / probs.shape[1]


class LossOtherLogarithm(Network):
    name = "loss-other-logarithm"
    staff = "log2 for log"

    def cross_entropy(self, probs: Array, y: Array) -> float:
        return super().cross_entropy(probs, y) / float(np.log(2.0))


class LossLog10(LossOtherLogarithm):
    staff = "log10 for log"

    def cross_entropy(self, probs: Array, y: Array) -> float:
        return Network.cross_entropy(self, probs, y) / float(np.log(10.0))


class LossOfEveryClass(Network):
    name = "binary-cross-entropy"
    staff = "sum over classes of t log p + (1 - t) log(1 - p)"

    def cross_entropy(self, probs: Array, y: Array) -> float:
        others = np.log1p(-probs) * (1.0 - np.eye(probs.shape[1])[y])
        return super().cross_entropy(probs, y) - float(others.sum() / len(y))


FORMS: tuple[type[Network], ...] = (
    NormalisedWithoutExp,
    NormalisedWithoutExpShifted,
    NormalisedAbsolutes,
    NormalisedDownTheBatch,
    NormalisedOverAll,
    MaximumWithoutAxis,
    MaximumOverExamples,
    SumLinesUpWithClasses,
    LossSummed,
    LossAndGradientSummed,
    LossDividedTwice,
    LossSign,
    LossWithoutLog,
    LossOneMinus,
    LossMeanOverClasses,
    LossDividedByClasses,
    LossOtherLogarithm,
    LossLog10,
    LossOfEveryClass,
)
