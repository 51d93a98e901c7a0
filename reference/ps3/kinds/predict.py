"""`predict`: one integer label for each example, the class with the highest score."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

import numpy as np

from grader.assignment.reference import Reference
from grader.assignment.rubric import Net, Rubric
from grader.checks import coerce
from grader.checks.base import Bench, Malformed, Verdict, failed, passed
from grader.model import Comparison, Outcome
from grader.student.child.protocol import Numbers
from grader.student.faults import StudentError
from grader.student.net import StudentNet

from .activations import FORWARD, NetworkCheck
from .cases import Case, draw, held_net

SHIFT = 45.0
"""Added to all scores: an activation after the last layer then makes ties, and ties change labels."""


class Predict(NetworkCheck, frozen=True):
    """Labels agree with the highest of the student's own scores, on networks where every part matters."""

    kind: ClassVar[str] = "predict"
    method: ClassVar[str] = "predict"
    stands_on: ClassVar[tuple[str, ...]] = (FORWARD,)
    supplied: ClassVar[bool] = True
    activations: tuple[str, ...]
    wrong_dtype_costs: Decimal
    """Share of the points that labels of a type other than integer cost."""

    def run(self, bench: Bench) -> Verdict:
        """Compare labels; where the student's own scores cannot be used, with the reference's."""
        evidence: list[Comparison] = []
        notes: list[str] = []
        floats = False
        wrong = 0
        for activation in self.activations:
            cases = networks(bench.rubric, bench.reference, activation)
            asked = [self._ask(bench, activation, case, notes) for _, case in cases]
            floats |= any(one.floats for one in asked)
            # One example tells nothing either: whatever label comes first is its only one.
            telling = [one.own is not None and len(one.labels) > 1 for one in asked]
            for (name, _), one in zip(cases, asked, strict=True):
                if any(telling) and one.own is None:
                    continue  # the scores are at fault here, and there are other networks to see predict on
                expected = one.right if one.own is None else one.own
                share = float((one.labels != expected).mean())
                wrong += share > 0
                label = f"{activation}, {name}: share of labels that differ"
                evidence.append(Comparison(label, share, 0.0, 0.0))
        if wrong:
            return failed(
                f"predict does not return the class with the highest score on {wrong} of {len(evidence)} networks.",
                notes=tuple(notes),
                comparisons=tuple(evidence),
            )
        if floats:
            return Verdict(
                Outcome.PARTIAL if self.wrong_dtype_costs else Outcome.PASSED,
                "predict returns the right labels, but not as integers.",
                1 - self.wrong_dtype_costs,
                notes=tuple(notes),
                comparisons=tuple(evidence),
            )
        return passed(
            "predict returns the class with the highest score.",
            notes=tuple(notes),
            comparisons=tuple(evidence),
        )

    def _ask(self, bench: Bench, activation: str, case: Case, notes: list[str]) -> _Asked:
        net = held_net(bench, activation, case.params)
        right = _right(bench.reference, activation, case)
        own = _own_labels(net, case, right)
        labels, floats = _labels(net.predict(case.X), case.net.batch, notes)
        return _Asked(labels, own, right, floats)


@dataclass(frozen=True)
class _Asked:
    """Labels of one network: from `predict`, by the hand-in's own scores (None: these tell nothing), right ones."""

    labels: np.ndarray
    own: np.ndarray | None
    right: np.ndarray
    floats: bool


def networks(rubric: Rubric, reference: Reference, activation: str) -> list[tuple[str, Case]]:
    """Networks on which a forgotten bias, a second activation or a wrong axis changes labels.

    On all but the one with a single example, not all right labels are the same: always 0 is never right.
    """
    net = Net(inputs=5, hidden=6, classes=4, batch=40, reg=0.0)
    bias = np.array([3.0, -2.0, 1.0, -1.0])
    for serial in itertools.count():
        plain = draw(rubric, net, f"predict {serial}" if serial else "predict")
        drawn = (plain, _with_bias(plain, plain.params["b2"] + bias))
        if all(np.ptp(_right(reference, activation, case)) for case in drawn):
            break
    one = draw(rubric, Net(inputs=3, hidden=4, classes=5, batch=1, reg=0.0), "predict one")
    return [
        ("biases that matter", _with_bias(plain, plain.params["b2"] + bias)),
        ("large scores", _with_bias(plain, plain.params["b2"] + SHIFT)),
        ("negative scores", _with_bias(plain, plain.params["b2"] - SHIFT)),
        ("a single example", one),
    ]


def _right(reference: Reference, activation: str, case: Case) -> np.ndarray:
    """The right labels, (N,)."""
    labels: np.ndarray = reference.answers.scores(activation, case.params, case.X).argmax(axis=1)
    return labels


def _with_bias(case: Case, b2: np.ndarray) -> Case:
    return Case(case.net, {**case.params, "b2": b2}, case.X, case.y)


def _own_labels(net: StudentNet, case: Case, right: np.ndarray) -> np.ndarray | None:
    """Labels by the hand-in's own scores; None where these are unusable or tell nothing apart."""
    try:
        scores = coerce.array(net.loss(case.X), (case.net.batch, case.net.classes), "the scores", [])
    except (Malformed, StudentError):
        return None
    own: np.ndarray = scores.argmax(axis=1)
    tells_nothing = np.ptp(own) == 0 and np.ptp(right) > 0
    return None if tells_nothing or not np.isfinite(scores).all() else own


def _labels(answer: Any, count: int, notes: list[str]) -> tuple[np.ndarray, bool]:
    """Labels as an (N,) array and whether they came as another type than integer."""
    labels = coerce.array(answer, (count,), "the result of predict", notes)
    return labels, isinstance(answer, Numbers) and answer.array.dtype.kind != "i"
