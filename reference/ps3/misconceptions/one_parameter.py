"""The gradient of one parameter alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np

from .network import NAMES, WEIGHTS, Array, Network


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


FORMS: tuple[type[Network], ...] = (
    FirstBiasFromWeights,
    FirstBiasFromData,
    FirstBiasMean,
    SecondBiasFromWeights,
    SecondBiasFromData,
    SecondBiasMean,
    *_of_each_parameter(),
)
