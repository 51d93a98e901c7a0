"""The number of classes taken from somewhere else than W2."""

from __future__ import annotations

import numpy as np

from .network import Array, Network


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

    def indexed(self, y: Array) -> Array:
        """How labels beyond the count are treated: here they fail, as an index out of range does."""
        if (y >= self.count(y)).any():
            raise IndexError
        return y

    def loss(self, X: Array, y: Array, reg: float) -> tuple[float, dict[str, Array]]:
        self.y = y
        return super().loss(X, self.indexed(y), reg)


class FewerClassesBySet(FewerClasses):
    @staticmethod
    def count(y: Array) -> int:
        return len(set(y.tolist()))


class FewerClassesWrapped(FewerClassesBySet):
    def indexed(self, y: Array) -> Array:
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


FORMS: tuple[type[Network], ...] = (
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
)
