"""Which mistakes are said to be why a training comes to nothing: each of them once, and nothing that is none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from grader.assignment.rubric import Rubric
from grader.checks.base import Bench
from grader.model import CheckResult, Outcome
from tests.ps3 import kinds

W2, W1, RELU_W1, RELU_W2 = "sigmoid-grad-W2", "sigmoid-grad-W1", "relu-grad-W1", "relu-grad-W2"
TOY, STEP = "sigmoid-toy-training", "step-weights"


def bench(ps3: Rubric, at: str, **found: Any) -> Bench:
    """One before the check `at`; of earlier ones the names of their mistakes, or which they are carried from."""
    earlier = {}
    for question in ps3.questions:
        for spec in question.checks:
            if spec.id == at:
                where = spec
            what = found.get(spec.id.replace("-", "_"))
            lost, carried = isinstance(what, tuple), what if isinstance(what, str) else ""
            earlier[spec.id] = CheckResult(
                id=spec.id,
                title=spec.title,
                outcome=Outcome.FAILED if lost else Outcome.PASSED,
                points=spec.points,
                earned=Decimal(0) if lost else spec.points,
                message="",
                hidden=spec.hidden,
                carried_from=carried,
                mistakes=what if isinstance(what, tuple) else (),
            )
    return Bench(student=None, reference=None, rubric=ps3, dataset=None, earlier=earlier, spec=where)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("first", "found", "causes"),
    [
        (RELU_W1, {RELU_W1: ("mask",)}, [RELU_W1]),
        (RELU_W1, {RELU_W1: ("mask",), "relu-grad-b1": ("mask",)}, [RELU_W1]),
        (RELU_W1, {RELU_W1: ("mask",), RELU_W2: W2, W2: ("sign",)}, [RELU_W1, W2]),
        (RELU_W1, {RELU_W1: ("mask",), TOY: ("uphill",), STEP: ("uphill",)}, [RELU_W1, TOY]),
        (TOY, {TOY: ("uphill",), STEP: ("uphill",), RELU_W2: W2, W2: ("sign",)}, [TOY, W2]),
        (RELU_W1, {RELU_W1: (), "relu-grad-b1": ()}, [RELU_W1]),  # perhaps one mistake
        (RELU_W1, {RELU_W1: (), RELU_W2: W2, W2: ()}, [RELU_W1, W2]),  # of another question
        (RELU_W1, {RELU_W1: ("mask",), "relu-grad-b1": ()}, [RELU_W1]),
        (
            RELU_W1,
            {RELU_W1: ("mask",), "decay": ("decay",), TOY: ("decay",)},
            [RELU_W1],
        ),  # its steps are right
        (RELU_W1, {RELU_W1: ("mask",), "histories": ()}, [RELU_W1]),
        (RELU_W1, {RELU_W1: ("mask",), W1: ("slope",)}, [RELU_W1]),  # the sigmoid's own
        (W2, {RELU_W2: W2, RELU_W1: W1, W2: ("sign",), W1: ("slope",)}, [W2, W1]),
    ],
)
def test_each_mistake_is_named_once(first: str, found: dict[str, Any], causes: list[str], ps3: Rubric):
    at = bench(ps3, "relu-accuracy", **{id.replace("-", "_"): what for id, what in found.items()})
    assert kinds.blame.causes(at, "relu", first) == causes


def test_what_was_not_run_is_no_cause(ps3: Rubric):
    at = bench(ps3, "relu-accuracy", relu_grad_W1=("mask",), sigmoid_toy_training=(), step_weights=())
    at.earlier = {
        id: msgspec.structs.replace(one, outcome=Outcome.SKIPPED) if id in (TOY, STEP) else one
        for id, one in at.earlier.items()
    }
    assert kinds.blame.causes(at, "relu", RELU_W1) == [RELU_W1]
