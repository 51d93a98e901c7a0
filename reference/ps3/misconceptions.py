"""Mistakes that hand-ins make, each as the formulas that it amounts to.

`Network` holds the right formulas, one step to a method. A misconception is a subclass with one step put wrong, so
that it can say what a hand-in with just this mistake would return, on any input. Where students write one mistake
in several ways that give other numbers, further subclasses are its forms: they share its name and its words.

Shapes: N examples, D inputs, H hidden units, C classes; all float64. A form may return other shapes, or raise, where
code with this mistake would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


# ---- the hidden layer ----------------------------------------------------------------------------


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


# ---- softmax and cross-entropy -------------------------------------------------------------------


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


# ---- number of classes ---------------------------------------------------------------------------


class ClassesFromBatch(Network):
    """The one-hot matrix has as many columns as the largest label asks for."""

    name = "classes-from-batch"
    staff = "C = y.max() + 1 or len(set(y))"

    @staticmethod
    def count(y: Array) -> int:
        return int(y.max()) + 1

    def one_hot(self, probs: Array, y: Array) -> Array:
        found = np.zeros((len(y), self.count(y)))
        found[np.arange(len(y)), y] = 1.0
        return found


class ClassesFromBatchBySet(ClassesFromBatch):
    @staticmethod
    def count(y: Array) -> int:
        return len(set(y.tolist()))


class OtherColumnsForgotten(Network):
    """A loop over the classes of the batch: the columns beyond them stay zero in the gradient at the scores."""

    name = ClassesFromBatch.name
    staff = ClassesFromBatch.staff

    @staticmethod
    def count(y: Array) -> int:
        return int(y.max()) + 1

    def at_scores(self, probs: Array, y: Array) -> Array:
        found = super().at_scores(probs, y)
        found[:, self.count(y) :] = 0.0
        return found


class FewerClasses(Network):
    """The softmax looks at the first columns only; the others get no gradient."""

    name = ClassesFromBatch.name
    staff = ClassesFromBatch.staff

    @staticmethod
    def count(y: Array) -> int:
        return int(y.max()) + 1

    def probabilities(self, scores: Array) -> Array:
        count = min(self.count(self.y), scores.shape[1])
        probs = np.zeros_like(scores)
        probs[:, :count] = super().probabilities(scores[:, :count])
        return probs

    def counted(self, y: Array) -> Array:
        """How labels beyond the count are treated: here they fail, as an index out of range does."""
        if (y >= self.count(y)).any():
            raise IndexError
        return y

    def loss(self, X: Array, y: Array, reg: float) -> tuple[float, dict[str, Array]]:
        self.y = y
        return super().loss(X, self.counted(y), reg)


class FewerClassesBySet(FewerClasses):
    @staticmethod
    def count(y: Array) -> int:
        return len(set(y.tolist()))


class FewerClassesWrapped(FewerClassesBySet):
    def counted(self, y: Array) -> Array:
        return y % self.count(y)


class ThreeClasses(ClassesFromBatch):
    name = "three-classes"
    staff = "C = 3"

    @staticmethod
    def count(y: Array) -> int:
        return 3


class TenClasses(ClassesFromBatch):
    name = "ten-classes"
    staff = "C = 10"

    @staticmethod
    def count(y: Array) -> int:
        return 10


class OtherThanThreeForgotten(OtherColumnsForgotten):
    name = ThreeClasses.name
    staff = ThreeClasses.staff

    @staticmethod
    def count(y: Array) -> int:
        return 3


class FewerThanThree(FewerClasses):
    name = ThreeClasses.name
    staff = ThreeClasses.staff

    @staticmethod
    def count(y: Array) -> int:
        return 3


# ---- the penalty ---------------------------------------------------------------------------------


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


# ---- the gradient at the scores ------------------------------------------------------------------


class ClassTermMissing(Network):
    name = "softmax-gradient-without-right-class"
    staff = "d_scores = probs / N"

    def one_hot(self, probs: Array, y: Array) -> Array:
        return np.zeros_like(probs)


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


# ---- through the hidden layer --------------------------------------------------------------------


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


# ---- one parameter's gradient --------------------------------------------------------------------


class FirstBiasFromWeights(Network):
    name = "b1-from-dW1"
    staff = "db1 = dW1.sum(axis=0), with or without reg W1; or its mean"
    bias: ClassVar[str] = "b1"
    weights: ClassVar[str] = "W1"

    def gradient(self, name: str, reg: float) -> Array:
        return self.from_weights(reg) if name == self.bias else super().gradient(name, reg)

    def from_weights(self, reg: float) -> Array:
        return Network.gradient(self, self.weights, reg).sum(axis=0)


class FirstBiasFromData(FirstBiasFromWeights):
    def from_weights(self, reg: float) -> Array:
        return self.data_gradient(self.weights).sum(axis=0)


class FirstBiasMean(FirstBiasFromWeights):
    def from_weights(self, reg: float) -> Array:
        return Network.gradient(self, self.weights, reg).mean(axis=0)


class SecondBiasFromWeights(FirstBiasFromWeights):
    name = "b2-from-dW2"
    staff = "db2 = dW2.sum(axis=0), with or without reg W2; or its mean"
    bias = "b2"
    weights = "W2"


class SecondBiasFromData(SecondBiasFromWeights, FirstBiasFromData):
    pass


class SecondBiasMean(SecondBiasFromWeights, FirstBiasMean):
    pass


def _of_one(param: str, kind: str, staff: str, change: Callable[[Any, Array], Array]) -> list[type[Network]]:
    """A misconception about one parameter's gradient, `change(network, gradient)`.

    Two forms for weights: applied to the whole gradient with its penalty, and to the data's part alone. (The total of
    W2's data part is zero: each example's probabilities and its one-hot row have the same sum.)
    """

    class OfData(Network):
        def data_gradient(self, name: str) -> Array:
            found = super().data_gradient(name)
            return change(self, found) if name == param else found

    class OfAll(Network):
        def gradient(self, name: str, reg: float) -> Array:
            found = super().gradient(name, reg)
            return change(self, found) if name == param else found

    forms: list[type[Network]] = [OfAll, OfData] if param in WEIGHTS and kind != "total" else [OfAll]
    for form in forms:
        form.name = f"{param}-{kind}"
        form.staff = staff.format(param=param)
    return forms


_OF_EACH: dict[str, tuple[str, Callable[[Any, Array], Array]]] = {
    "summed-not-averaged": ("d{param} * N", lambda net, g: g * len(net.X)),
    "divided-by-N-twice": ("d{param} / N", lambda net, g: g / len(net.X)),
    "sign-reversed": ("-d{param}", lambda net, g: -g),
    "doubled": ("2 d{param}", lambda net, g: 2.0 * g),
    "zero": ("d{param} = 0, but for its penalty at most", lambda net, g: np.zeros_like(g)),
    "total": ("d{param}.sum() over all axes", lambda net, g: np.asarray(g.sum())),
}


def _of_each_parameter() -> Iterator[type[Network]]:
    for param in NAMES:
        for kind, (staff, change) in _OF_EACH.items():
            yield from _of_one(param, kind, staff, change)
    for param in WEIGHTS:
        yield from _of_one(param, "transposed", "d{param}.T", lambda net, g: g.T)
        yield _penalty_of_one(param, "without-penalty", 0.0)
        yield _penalty_of_one(param, "penalty-twice", 2.0)


def _penalty_of_one(param: str, kind: str, factor: float) -> type[Network]:
    class Form(Network):
        name = f"{param}-gradient-{kind}"
        staff = f"d{param} with {factor:g} reg {param}"

        def penalty_gradient(self, name: str, reg: float) -> Array:
            found = super().penalty_gradient(name, reg)
            return factor * found if name == param else found

    return Form


# ---- training ------------------------------------------------------------------------------------


class NotUpdated(Network):
    """Base of the misconceptions about which parameters move."""

    still: ClassVar[tuple[str, ...]] = NAMES
    name = "nothing-updated"
    staff = "no update, or one of copies"

    def step(self, name: str, gradient: Array, rate: float) -> None:
        if name not in self.still:
            super().step(name, gradient, rate)


class BiasesNotUpdated(NotUpdated):
    still = BIASES
    name = "biases-never-updated"
    staff = "b1, b2 are not updated"


class WeightsNotUpdated(NotUpdated):
    still = WEIGHTS
    name = "weights-never-updated"
    staff = "W1, W2 are not updated"


class FirstLayerNotUpdated(NotUpdated):
    still = ("W1", "b1")
    name = "first-layer-never-updated"
    staff = "W1, b1 are not updated"


class SecondLayerNotUpdated(NotUpdated):
    still = ("W2", "b2")
    name = "second-layer-never-updated"
    staff = "W2, b2 are not updated"


def _one_not_updated(param: str) -> type[Network]:
    class Form(NotUpdated):
        still = (param,)
        name = f"{param}-never-updated"
        staff = f"{param} is not updated"

    return Form


class Climbs(Network):
    name = "training-climbs"
    staff = "W += rate * dW"

    def step(self, name: str, gradient: Array, rate: float) -> None:
        super().step(name, -gradient, rate)


class StepsTwice(Network):
    name = "updated-twice"
    staff = "W -= 2 * rate * dW"

    def step(self, name: str, gradient: Array, rate: float) -> None:
        super().step(name, 2.0 * gradient, rate)


class StepDivided(Network):
    name = "step-divided-by-N"
    staff = "W -= rate * dW / N"

    def step(self, name: str, gradient: Array, rate: float) -> None:
        super().step(name, gradient / len(self.X), rate)


class Momentum(Network):
    name = "momentum"
    staff = "v = 0.9 v - rate dW, or v = 0.9 v + dW, or v = 0.9 v + 0.1 dW"
    share: ClassVar[float] = 1.0

    def __init__(self, activation: str, params: dict[str, Array]) -> None:
        super().__init__(activation, params)
        self.velocity = {name: np.zeros_like(value) for name, value in self.params.items()}

    def step(self, name: str, gradient: Array, rate: float) -> None:
        self.velocity[name] = 0.9 * self.velocity[name] + self.share * rate * gradient
        super().step(name, self.velocity[name], 1.0)


class MomentumOfGradients(Momentum):
    def step(self, name: str, gradient: Array, rate: float) -> None:
        self.velocity[name] = 0.9 * self.velocity[name] + self.share * gradient
        Network.step(self, name, self.velocity[name], rate)


class MomentumAveraged(MomentumOfGradients):
    share = 0.1


class DecayMissing(Network):
    name = "decay-missing"
    staff = "no decay, or only when verbose"

    def rate_after_epoch(self, rate: float, decay: float) -> float:
        return rate


class DecayPerIteration(DecayMissing):
    name = "decay-per-iteration"
    staff = "decay in the inner loop"

    def rate_after_iteration(self, rate: float, decay: float) -> float:
        return rate * decay


class DecayTooEarly(Network):
    name = "decay-too-early"
    staff = "decay at the start of each epoch"

    def first_rate(self, rate: float, decay: float) -> float:
        return rate * decay


class DecayTooStrong(Network):
    name = "decay-twice"
    staff = "decay squared"

    def rate_after_epoch(self, rate: float, decay: float) -> float:
        return rate * decay * decay


class RegNotPassedOn(Network):
    name = "reg-not-passed-on"
    staff = "self.loss(X_batch, y_batch)"

    def reg_in_training(self, reg: float) -> float:
        return 0.0


class RegInUpdate(Network):
    name = "penalty-in-update"
    staff = "W -= rate * (dW + reg W)"
    reg = 0.0

    def reg_in_training(self, reg: float) -> float:
        self.reg = reg
        return super().reg_in_training(reg)

    def step(self, name: str, gradient: Array, rate: float) -> None:
        super().step(name, gradient + self.extra(name), rate)

    def extra(self, name: str) -> Array:
        return self.reg * self.params[name]


class RegInUpdateOfWeights(RegInUpdate):
    def extra(self, name: str) -> Array:
        return super().extra(name) if name in WEIGHTS else np.zeros_like(self.params[name])


class BatchesWithReplacement(Network):
    name = "batches-with-replacement"
    staff = "np.random.choice(N, B)"

    def batches(self, count: int, size: int) -> Iterator[Array]:
        for _ in range(max(count // size, 1)):
            yield self.random.choice(count, size)


class LabelsOfOtherExamples(Network):
    name = "labels-of-other-examples"
    staff = "X[order], y as it came"

    def labels(self, chosen: Array, start: int) -> Array:
        return np.arange(start, start + len(chosen))


class ExamplesOfOtherLabels(Network):
    name = "labels-of-other-examples"
    staff = "y[order], X as it came"

    def examples(self, chosen: Array, start: int) -> Array:
        return np.arange(start, start + len(chosen))


class BatchesWithReplacementAfterAll(BatchesWithReplacement):
    """The template's permutation is still drawn, and not used."""

    def batches(self, count: int, size: int) -> Iterator[Array]:
        self.random.permutation(count)
        yield from super().batches(count, size)


# ---- prediction ----------------------------------------------------------------------------------


class PredictsActivated(Network):
    name = "predict-activates-output"
    staff = "argmax of f(scores)"

    def chosen(self, scores: Array) -> Array:
        return super().chosen(self.activate(scores))


class PredictsBySigmoid(PredictsActivated):
    def chosen(self, scores: Array) -> Array:
        return Network.chosen(self, 1.0 / (1.0 + np.exp(-scores)))


class PredictsByRelu(PredictsActivated):
    def chosen(self, scores: Array) -> Array:
        return Network.chosen(self, np.maximum(scores, 0.0))


class PredictsWithoutBias(Network):
    name = "predict-without-b2"
    staff = "argmax of h W2"

    def chosen(self, scores: Array) -> Array:
        return super().chosen(scores - self.params["b2"])


class PredictsWithoutFirstBias(Network):
    name = "predict-without-b1"
    staff = "predict's own forward pass has no b1"

    def predict(self, X: Array) -> Array:
        return self.chosen(self.output(self.activate(X @ self.params["W1"])))


class PredictsWithoutActivation(Network):
    name = "predict-without-activation"
    staff = "predict's own forward pass has no activation"

    def predict(self, X: Array) -> Array:
        return self.chosen(self.output(self.pre_activation(X)))


class PredictsWithSigmoid(Network):
    name = "predict-always-sigmoid"
    staff = "predict's own forward pass has the sigmoid only"

    def predict(self, X: Array) -> Array:
        return self.chosen(self.output(sigmoid(self.pre_activation(X))))


class PredictsWithRelu(Network):
    name = "predict-always-relu"
    staff = "predict's own forward pass has ReLU only"

    def predict(self, X: Array) -> Array:
        return self.chosen(self.output(np.maximum(self.pre_activation(X), 0.0)))


class PredictsLowest(Network):
    name = "predict-lowest"
    staff = "argmin"

    def chosen(self, scores: Array) -> Array:
        labels: Array = scores.argmin(axis=1)
        return labels


class PredictsAlongExamples(Network):
    name = "predict-along-examples"
    staff = "argmax along axis 0"

    def chosen(self, scores: Array) -> Array:
        labels: Array = scores.argmax(axis=0)
        return labels


class PredictsFromOne(Network):
    name = "predict-counts-from-one"
    staff = "argmax + 1"

    def chosen(self, scores: Array) -> Array:
        return super().chosen(scores) + 1


class PredictsScores(Network):
    name = "predict-returns-scores"
    staff = "max for argmax"

    def chosen(self, scores: Array) -> Array:
        best: Array = scores.max(axis=1)
        return best


class PredictsOneHot(Network):
    name = "predict-one-hot"
    staff = "np.eye(C)[argmax]"

    def chosen(self, scores: Array) -> Array:
        return np.eye(scores.shape[1])[super().chosen(scores)]


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

FORWARD_AND_BACKWARD: tuple[type[Network], ...] = (
    *_ACTIVATIONS,
    *map(_with_the_right_slope, _ACTIVATIONS[:-1]),
    FirstBiasForgotten,
    SecondBiasForgotten,
    ActivationAtOutput,
    SigmoidAtOutput,
    ReluAtOutput,
    ScoresAreProbabilities,
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
    ClassesFromBatch,
    ClassesFromBatchBySet,
    FewerClasses,
    FewerClassesBySet,
    FewerClassesWrapped,
    OtherColumnsForgotten,
    ThreeClasses,
    TenClasses,
    FewerThanThree,
    OtherThanThreeForgotten,
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
    ClassTermMissing,
    GradientSummed,
    GradientDividedTwice,
    ClassTermNotAveraged,
    ProbabilitiesNotAveraged,
    GradientSign,
    WholeGradientSign,
    ScoresForProbabilities,
    NotNormalisedInGradient,
    NotNormalisedUnshifted,
    MaskOmitted,
    MaskInverted,
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
    FirstBiasFromWeights,
    FirstBiasFromData,
    FirstBiasMean,
    SecondBiasFromWeights,
    SecondBiasFromData,
    SecondBiasMean,
    *_of_each_parameter(),
)
"""What shows in `loss`."""

TRAINING: tuple[type[Network], ...] = (
    NotUpdated,
    BiasesNotUpdated,
    WeightsNotUpdated,
    FirstLayerNotUpdated,
    SecondLayerNotUpdated,
    *map(_one_not_updated, NAMES),
    Climbs,
    StepsTwice,
    StepDivided,
    Momentum,
    MomentumOfGradients,
    MomentumAveraged,
    DecayMissing,
    DecayPerIteration,
    DecayTooEarly,
    DecayTooStrong,
    RegNotPassedOn,
    RegInUpdate,
    RegInUpdateOfWeights,
    BatchesWithReplacement,
    BatchesWithReplacementAfterAll,
    LabelsOfOtherExamples,
    ExamplesOfOtherLabels,
)
"""What shows in `train`."""

PREDICTION: tuple[type[Network], ...] = (
    PredictsActivated,
    PredictsBySigmoid,
    PredictsByRelu,
    PredictsWithoutBias,
    PredictsWithoutFirstBias,
    PredictsWithoutActivation,
    PredictsWithSigmoid,
    PredictsWithRelu,
    PredictsLowest,
    PredictsAlongExamples,
    PredictsFromOne,
    PredictsScores,
    PredictsOneHot,
)
"""What shows in `predict`."""
