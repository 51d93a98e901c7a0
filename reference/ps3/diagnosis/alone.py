"""A known mistake played as a hand-in: the checks of `loss` are run on its formulas, to see what it costs by itself.

Two mistakes together are to cost what each costs alone. What a check makes of one depends on what other checks saw of
it, so that this is found by asking the same checks in the same order, in this process: the formulas are our own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from grader.checks.base import Bench
from grader.student.child.protocol import Numbers
from grader.student.faults import StudentError
from grader.student.net import Call

from ..kinds.cases import Params
from .subjects import Form

if TYPE_CHECKING:
    from grader.student.client import Student


class Played:
    """Stands in for a `Student`: what it makes are networks with the formulas of a known mistake."""

    def __init__(self, form: Form) -> None:
        self._form = form

    def new(self, *sizes: int, activation: str, std: float = 1.0, seed: int = 0) -> PlayedNet:
        """A network with parameters of zero, whatever `std` and `seed` are: checks of `loss` set their own."""
        inputs, hidden, classes = sizes
        shapes = {"W1": (inputs, hidden), "b1": (hidden,), "W2": (hidden, classes), "b2": (classes,)}
        return PlayedNet(self._form, activation, {name: np.zeros(shape) for name, shape in shapes.items()})

    def held(self, *sizes: int, activation: str, params: Params) -> PlayedNet:
        """The same with parameters."""
        net = self.new(*sizes, activation=activation)
        net.set_params(params)
        return net


class PlayedNet:
    """Stands in for a `StudentNet`, for what checks of `loss` ask."""

    def __init__(self, form: Form, activation: str, params: Params) -> None:
        self._form = form
        self._activation = activation
        self._params = params

    @property
    def params(self) -> dict[str, Numbers]:
        """Its parameters."""
        return {name: Numbers(value, "ndarray") for name, value in self._params.items()}

    def set_params(self, values: Params) -> None:
        """Overwrite some of them."""
        self._params = {**self._params, **values}

    def several(self, method: str, calls: Sequence[Call], hollow: bool = False) -> tuple[Any, ...]:
        """What calls of a method return, one after the other; dicts are never `hollow`."""
        found = []
        for args, kwargs, params in calls:
            self.set_params(params)
            found.append(getattr(self, method)(*args, **kwargs))
        return tuple(found)

    def loss(self, X: np.ndarray, y: np.ndarray | None = None, reg: float = 0.0) -> Any:
        """Scores, or loss and gradients, as they would come over the wire; raises as a hand-in's would."""
        network = self._form(self._activation, self._params)
        if y is None:
            return Numbers(np.asarray(_computed(lambda: network.scores(X))), "ndarray")
        loss, grads = _computed(lambda: network.loss(X, y, reg))
        return (
            Numbers(np.asarray(loss), "float"),
            {name: Numbers(np.asarray(value), "ndarray") for name, value in grads.items()},
        )


def _computed(compute: Callable[[], Any]) -> Any:
    try:
        with np.errstate(all="ignore"):
            return compute()
    except (ValueError, IndexError) as error:
        raise StudentError(type(error).__name__, str(error), ()) from None


def played(bench: Bench, form: Form) -> Bench:
    """The same bench with a known mistake in the hand-in's place."""
    return Bench(
        student=cast("Student", Played(form)),
        reference=bench.reference,
        rubric=bench.rubric,
        dataset=bench.dataset,
        earlier={},
        spec=bench.spec,
    )
