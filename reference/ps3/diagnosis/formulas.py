"""What the formulas of a known mistake answer to questions of `loss`: nothing is computed twice.

Naming mistakes takes tens of thousands of networks, each with two mistakes; all that is asked of one comes from one
forward and one backward pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..kinds.cases import Case

Answer = np.ndarray | None


class Formulas:
    """One mistake, asked about one case after the other. `right` is the network without mistakes."""

    def __init__(self, form: type[Any], right: type[Any], activation: str) -> None:
        self._form = form
        self._activation = activation
        self._from_logits = form.scores is right.scores and form.loss is right.loss
        """Whether the scores are what the loss is made of, and the loss nothing but its two parts."""
        self._case: Case | None = None

    def scores(self, case: Case) -> Answer:
        """The scores."""
        network = self._asked(case)
        if network is not None and self._from_logits:
            return _as_answer(network.logits)
        try:
            return _as_answer(self._form(self._activation, case.params).scores(case.X))
        except (ValueError, IndexError):
            return None

    def loss(self, case: Case) -> tuple[Answer, Mapping[str, Answer]]:
        """The loss and the gradients, with the case's own `reg`; None and none where the formulas fail."""
        self._asked(case)
        return self._whole, self._grads

    def data(self, case: Case) -> Answer:
        """The loss without regularisation."""
        network = self._asked(case)
        try:
            if network is None or not self._from_logits:
                return np.asarray(self._form(self._activation, case.params).loss(case.X, case.y, 0.0)[0])
            probabilities = network.probabilities(network.logits)
            return np.asarray(network.cross_entropy(probabilities, case.y) + network.penalty(0.0))
        except (ValueError, IndexError):
            return None

    def _asked(self, case: Case) -> Any:
        """A network that has computed its loss; None where it fails."""
        if self._case is not case:
            self._case, self._network = case, None
            self._whole: Answer = None
            self._grads: Mapping[str, Answer] = {}
            network = self._form(self._activation, case.params)
            try:
                value, grads = network.loss(case.X, case.y, case.net.reg)
            except (ValueError, IndexError):
                return None
            self._network, self._whole = network, np.asarray(value)
            self._grads = {name: np.squeeze(found) for name, found in grads.items()}
        return self._network


def _as_answer(value: Any) -> Answer:
    return np.squeeze(np.asarray(value, dtype=np.float64))
