"""What `train` does with the gradients, and with which examples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from .network import BIASES, NAMES, WEIGHTS, Array, Network


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


FORMS: tuple[type[Network], ...] = (
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
