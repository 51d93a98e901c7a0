"""A line that raises hides all lines behind it: try these with its value supplied.

Which value that is, is found by trying: of the steps from examples to gradients, the one with which most comes out
right is the one that the line was to make. What rests on this step alone stays lost.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from grader.assignment.reference import Reference
from grader.checks.base import Bench, Malformed
from grader.student.faults import StudentError

from .. import misconceptions
from ..kinds import oracle
from ..kinds.cases import NAMES
from .asked_again import Results, judged

if TYPE_CHECKING:
    from grader.student.client import Oracle, Student

_GLIMPSE = 2
"""Of the rubric's networks those that are looked at first."""


@dataclass(frozen=True)
class Step:
    """A step of `loss`, and the keys (see `subjects.Loss`) of what is lost with it."""

    lost: frozenset[str]
    value: Callable[[Any, Any, float], Any]
    """From a `Network` that has computed its loss, the labels and `reg`."""
    needs_labels: bool = True


_FORWARD = frozenset({"scores", "toy-loss", "data"})
_OF_LOSS = frozenset({"toy-loss", "data"})


def _gradient(name: str) -> Step:
    return Step(frozenset({name}), lambda net, y, reg: net.gradient(name, reg))


STEPS = {
    "pre-activation": Step(_FORWARD, lambda net, y, reg: net.z, needs_labels=False),
    "hidden": Step(_FORWARD, lambda net, y, reg: net.h, needs_labels=False),
    "scores": Step(_FORWARD, lambda net, y, reg: net.output(net.h), needs_labels=False),
    "shifted": Step(_OF_LOSS, lambda net, y, reg: net.shifted(net.logits)),
    "exp": Step(_OF_LOSS, lambda net, y, reg: np.exp(net.shifted(net.logits))),
    "probabilities": Step(_OF_LOSS, lambda net, y, reg: net.probabilities(net.logits)),
    "log-probabilities": Step(_OF_LOSS, lambda net, y, reg: np.log(net.probabilities(net.logits))),
    "data loss": Step(_OF_LOSS, lambda net, y, reg: net.cross_entropy(net.probabilities(net.logits), y)),
    "penalty": Step(frozenset({"toy-loss", "penalty"}), lambda net, y, reg: net.penalty(reg)),
    "loss": Step(
        _OF_LOSS | {"penalty"},
        lambda net, y, reg: net.cross_entropy(net.probabilities(net.logits), y) + net.penalty(reg),
    ),
    "at the scores": Step(frozenset(NAMES), lambda net, y, reg: net.d_scores),
    "at the scores, not averaged": Step(frozenset(NAMES), lambda net, y, reg: len(y) * net.d_scores),
    "at the hidden layer": Step(frozenset({"W1", "b1"}), lambda net, y, reg: net.at_hidden(net.d_scores)),
    "at the pre-activation": Step(frozenset({"W1", "b1"}), lambda net, y, reg: net.d_z),
    **{name: _gradient(name) for name in NAMES},
}
"""In the order of the computation."""


@dataclass(frozen=True)
class Found:
    """The step that a line was to make, and what the checks of `loss` say with its value supplied.

    Nothing is excused there: for a wrong value supplied, an excuse would be found.
    """

    step: Step
    results: Results

    def right(self, lost: Collection[str]) -> list[str]:
        """Of some checks those that pass."""
        return [
            id for id in lost if id in self.results and self.results[id].earned == self.results[id].points
        ]


def step_of_line(bench: Bench, student: Callable[[Oracle], Student], lost: Collection[str]) -> Found | None:
    """The step with which most of the checks of `loss` that have lost points pass; None where none helps.

    `student` makes a client for the hand-in in which the value of the line comes from an oracle. Of most steps a look
    at two networks shows that no more comes out right than with one found before: what is wrong there is wrong.
    """
    glimpse = replace(bench, rubric=msgspec.structs.replace(bench.rubric, nets=bench.rubric.nets[:_GLIMPSE]))
    best: Found | None = None
    most = 0
    for step in STEPS.values():
        with student(answers(bench.reference, step)) as asked:
            asked.begin_check()
            try:
                asked.load()
            except StudentError:
                return None  # what stands there has no value
            for seen in (glimpse, bench):
                found = Found(step, judged(replace(seen, student=asked), lost, True, len(lost) - most - 1))
                if len(found.right(lost)) <= most:
                    break
            else:
                best, most = found, len(found.right(lost))
        if best and most == len(lost):
            break
    return best


def answers(reference: Reference, step: Step) -> Oracle:
    """A function that answers what the value of a line is, with untrusted questions: see `checks.oracle.answers`."""

    def answer(sizes: tuple[Any, ...], keywords: dict[str, Any], question: Any) -> dict[str, Any]:
        try:
            return {"answer": _value(reference, step, sizes, keywords["activation"], question)}
        except Malformed as trouble:
            return {"refused": trouble.words.full}

    return answer


def _value(reference: Reference, step: Step, sizes: tuple[Any, ...], activation: str, question: Any) -> Any:
    asked = oracle.understood(sizes, question)
    if step.needs_labels and asked.y is None:
        raise Malformed("there are no labels here.")
    net = misconceptions.Network(activation, asked.params)
    with np.errstate(all="ignore"):
        if asked.y is None:
            net.forward(asked.X)
        else:
            net.loss(asked.X, asked.y, asked.reg)
        return step.value(net, asked.y, asked.reg)
