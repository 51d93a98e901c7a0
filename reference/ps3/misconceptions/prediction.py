"""What `predict` makes of the scores."""

from __future__ import annotations

import numpy as np

from .network import Array, Network, sigmoid


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


FORMS: tuple[type[Network], ...] = (
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
