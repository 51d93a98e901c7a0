"""What the solution answers, kept where all hand-ins are asked the same."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from grader.assignment.reference import Reference

from .answered import Answered

Params = dict[str, np.ndarray]

_GLOBAL_GENERATOR = threading.RLock()
"""Held by who draws from NumPy's own: a draw of one thread would be missing in another's training."""
_SMALL = 1 << 14
"""Bytes of a question whose answer is kept: all hand-ins are asked about the same small networks."""


class Answers:
    """The solution of a reference folder, asked. Keeps nothing that changes; for several threads."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._answered = Answered(4096)
        self._trained = Answered(16)

    def net(self, activation: str, params: Params) -> Any:
        """A network of the solution's class that holds copies of `params`.

        Without its constructor, which draws from NumPy's own generator: in the selftest a hand-in's code does as well,
        and what it draws must not depend on how often the solution is asked.
        """
        kind = self._reference.solution.TwoLayerMLP
        net = kind.__new__(kind)
        net.activation = activation
        net.params = {name: np.array(value, dtype=np.float64) for name, value in params.items()}
        return net

    def scores(self, activation: str, params: Params, X: np.ndarray) -> np.ndarray:
        """The correct scores (N, C) of a network with these parameters."""
        scores: np.ndarray = self._answer(activation, params, X)
        return scores

    def loss(
        self, activation: str, params: Params, X: np.ndarray, y: np.ndarray, reg: float
    ) -> tuple[float, Params]:
        """The correct loss and gradients of a network with these parameters."""
        loss, grads = self._answer(activation, params, X, y, reg)
        return loss, dict(grads)

    def _answer(self, activation: str, params: Params, *given: Any) -> Any:
        """What the solution's `loss` returns; arrays that cannot be written to where others may get the same."""

        def ask() -> Any:
            return self.net(activation, params).loss(*given)

        question = (activation, *params, *params.values(), *given)
        if sum(part.nbytes for part in question if isinstance(part, np.ndarray)) > _SMALL:
            return ask()
        return self._answered(question, lambda: _frozen(ask()))

    def trained(
        self,
        activation: str,
        params: Params,
        arrays: tuple[np.ndarray, ...],
        options: dict[str, Any],
        known_by: tuple[Any, ...] | None = None,
    ) -> tuple[Params, dict[str, list[float]]]:
        """The parameters after the solution's `train` on `X, y, X_val, y_val` with these options, and what it returns.

        `known_by`: what decides the arrays, where that is less than they are: images are tens of megabytes. NumPy's
        global generator, which the solution seeds, is afterwards as it was.
        """

        def train() -> tuple[Params, dict[str, list[float]]]:
            with _GLOBAL_GENERATOR, np.errstate(all="ignore"):
                state = np.random.get_state()
                try:
                    net = self.net(activation, params)
                    stats = net.train(*arrays, **options)
                finally:
                    np.random.set_state(state)
            return _frozen(net.params), stats

        question = (activation, *params, *params.values(), *(known_by or arrays), *options.items())
        return self._trained(question, train)

    def histories(self, dataset: str, activation: str) -> dict[str, np.ndarray]:
        """The four histories of one run of the solution on a dataset, by `train`'s own names."""
        prefix = f"{dataset}.{activation}."
        with np.load(self._reference.folder / "expected.npz", allow_pickle=False) as archive:
            return {
                name.removeprefix(prefix): archive[name] for name in archive.files if name.startswith(prefix)
            }


def _frozen(answer: Any) -> Any:
    """The same, with arrays that cannot be written to."""
    match answer:
        case np.ndarray():
            answer.flags.writeable = False
        case tuple() | dict():
            for part in answer.values() if isinstance(answer, dict) else answer:
                _frozen(part)
    return answer
