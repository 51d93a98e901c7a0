"""What very large scores do to loss, gradients and labels. It costs nothing: overflow is worth a remark, not points."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from grader.assignment.rubric import Net
from grader.checks import coerce
from grader.checks.base import Bench, Malformed, Verdict, passed
from grader.student.faults import StudentError
from grader.student.net import StudentNet

from .activations import NetworkCheck
from .cases import NAMES, Case, ask_loss, draw, held_net
from .pairs import loss_and_grads

LARGE = 1000.0
"""A score whose exp is infinite."""
USUAL = 45.0
"""Added to all scores for comparison: exp copes, and an activation after the last layer changes labels already."""
_CLEAR = 0.2
"""How far the highest score is above the others, at least: rounding at `LARGE` must not change a label."""
_SHIFT = "exp(1000) is infinite. Subtracting each row's largest score before exp changes no probability and avoids it."
_COMPARE = (
    "different scores become equal or infinite on the way. The class of the highest score needs no exp: the scores "
    "themselves can be compared."
)
_LOG = (
    "the right class's probability rounds to zero, and log(0) is minus infinity. Computing the log as "
    "(score - largest) - log(sum(exp(scores - largest))) avoids it."
)
_QUOTIENT = (
    "a probability rounds to zero, and they divide by it or take its log. The derivative of the loss by the scores, "
    "simplified on paper first, does neither."
)
_BOTH = (
    "exp gives zeros or infinities. Computing the log of each probability as (score - largest) - log(sum(exp(scores - "
    "largest))), with the largest score of its own row, avoids it."
)


class LargeScores(NetworkCheck, frozen=True):
    """Loss, gradients and labels with scores around a thousand, where the same code copes with ordinary ones."""

    kind: ClassVar[str] = "large-scores"
    activation: str

    def run(self, bench: Bench) -> Verdict:
        """Remark on what goes wrong with large scores only."""
        case, right, gap = _draw(bench, self.activation)
        W2, b2 = case.params["W2"], case.params["b2"]

        def ask(**changed: np.ndarray) -> _Asked:
            net = held_net(bench, self.activation, {**case.params, **changed})
            return _ask(net, case)

        all_high = _trouble(ask(b2=b2 + USUAL), lambda: ask(b2=b2 + LARGE), right)
        # Only where these are no trouble does it tell anything of its own.
        far = LARGE / gap
        apart = {} if all_high else _trouble(ask(), lambda: ask(W2=far * W2, b2=far * b2), None)
        remark = _of_high_scores(all_high) if all_high else _of_scores_apart(apart)
        if not remark:
            return passed("Scores around 1000 break nothing.")
        return passed(
            "Points depend on ordinary scores alone; there is a remark on very large ones.", notes=(remark,)
        )


@dataclass(frozen=True)
class _Asked:
    """What came of one network; None for what did not come in a form that can be used."""

    loss: float
    grads_are_finite: bool | None
    labels: np.ndarray | None


def _draw(bench: Bench, activation: str) -> tuple[Case, np.ndarray, float]:
    """A network, the right labels, and how far each example's highest score is above the others, at least.

    Not all labels are the first: of NaNs, that is the highest. Not all classes are the ones with the highest score:
    the others are those whose probability may round to zero.
    """
    for serial in itertools.count():
        case = draw(bench.rubric, Net(inputs=3, hidden=4, classes=3, batch=8, reg=0.0), "large", serial)
        scores = bench.reference.answers.scores(activation, case.params, case.X)
        labels = scores.argmax(axis=1)
        ordered = np.sort(scores, axis=1)
        gap = float((ordered[:, -1] - ordered[:, -2]).min())
        if labels.any() and (labels != case.y).any() and gap > _CLEAR:
            return case, labels, gap
    raise AssertionError("there is always another one")


def _ask(net: StudentNet, case: Case) -> _Asked:
    loss, grads = loss_and_grads(ask_loss(net, case.X, case.y, 0.0))
    return _Asked(coerce.number(loss, "the loss", []), _are_finite(grads, case), _labels(net, case))


def _are_finite(grads: object, case: Case) -> bool | None:
    try:
        arrays = [coerce.array(coerce.entry(grads, n, "grads"), case.params[n].shape, n, []) for n in NAMES]
    except Malformed:
        return None
    return all(bool(np.isfinite(array).all()) for array in arrays)


def _labels(net: StudentNet, case: Case) -> np.ndarray | None:
    try:
        return coerce.array(net.predict(case.X), (case.net.batch,), "the result of predict", [])
    except (StudentError, Malformed):
        return None


def _trouble(usual: _Asked, ask: Callable[[], _Asked], right: np.ndarray | None) -> dict[str, str]:
    """What goes wrong with large scores and not with `usual` ones: `loss`, `gradients`, `labels`, and how.

    `right`: the labels; None where they are not looked at.
    """
    try:
        large = ask()
    except StudentError as fault:
        return {"loss": f"raises {fault.kind}"} if np.isfinite(usual.loss) else {}
    found = {}
    if np.isfinite(usual.loss) and not np.isfinite(large.loss):
        found["loss"] = "is NaN" if np.isnan(large.loss) else "is infinite"
    if usual.grads_are_finite and not large.grads_are_finite:
        found["gradients"] = "have NaN or infinite entries"
    if right is not None and _agree(usual.labels, right) and not _agree(large.labels, right):
        found["labels"] = "returns wrong labels" if large.labels is not None else "gives no labels"
    return found


def _agree(labels: np.ndarray | None, right: np.ndarray) -> bool:
    return labels is not None and np.array_equal(labels, right)


def _of_high_scores(found: Mapping[str, str]) -> str:
    """A remark on what all scores around `LARGE` break."""
    if [*found] == ["labels"]:
        return f"With scores around 1000, predict {found['labels']}, with smaller ones right ones: {_COMPARE}"
    return f"With scores around 1000, {_listed(found)}: {_SHIFT}"


def _of_scores_apart(found: Mapping[str, str]) -> str:
    """A remark on what scores break of which the highest is `LARGE` above the next."""
    if not found:
        return ""
    if found.get("loss", "").startswith("raises"):
        return f"With scores that are 1000 apart, {_listed(found)}: a probability of zero is no error."
    why = _BOTH if len(found) > 1 else _LOG if "loss" in found else _QUOTIENT
    return f"With scores that are 1000 apart, {_listed(found)}: {why}"


def _listed(found: Mapping[str, str]) -> str:
    subjects = {"loss": "the loss", "gradients": "the gradients", "labels": "predict"}
    parts = [f"{subjects[name]} {how}" for name, how in found.items()]
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
