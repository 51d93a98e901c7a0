"""The assignments of this repository: each is sound, and their example hand-ins earn what they show."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.grading.loading import load_assignment
from grader.grading.runner import Run
from grader.reading.process import Here
from grader.selftest.declared import prove, quickly
from grader.selftest.inside import Inside
from grader.selftest.prove import graded
from grader.student.sandbox import Practice
from grader.student.slots import Slots
from tests.coded.making import lost, results
from tests.conftest import ROOT

NAMES = ("two_layer_net", "softmax", "kmeans")
EXAMPLES = [
    ("two_layer_net", "right", {}, ()),
    ("two_layer_net", "wrong_mask_left_out", {"gradient-W1": 1.5, "gradient-b1": 1.5}, ("mask-left-out",)),
    ("two_layer_net", "wrong_penalty_of_biases", {"penalty": 1}, ("penalty-of-biases",)),
    ("two_layer_net", "wrong_update_uphill", {"step": 2, "history": 1, "decay": 1}, ("steps-uphill",)),
    ("softmax", "right", {}, ()),
    ("softmax", "wrong_sum_for_mean", {"data-loss": 2}, ("loss-summed",)),
    ("softmax", "wrong_gradient_sign", {"gradient": 2}, ("gradient-sign",)),
    ("softmax", "wrong_no_shift", {"large-scores": 1}, ("not-shifted",)),
    ("kmeans", "right", {}, ()),
    ("kmeans", "wrong_inertia", {"inertia": 1}, ("inertia-averaged",)),
    (
        "kmeans",
        "wrong_assigned_once",
        {"all-rounds": 2, "inertia": 1, "empty": 1, "again": 1},
        ("assigned-once",),
    ),
    (
        "kmeans",
        "wrong_median",
        {"one-round": 2, "all-rounds": 2, "inertia": 1, "again": 1, "empty": 1},
        ("median",),
    ),
]


def assignment_of(name: str, workspace: Path) -> Run:
    rubric, reference = load_assignment(ROOT / f"rubrics/{name}.toml")
    return quickly(Run(rubric, reference, None, Practice(), Slots(1), workspace, Inside, Here))  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "example", "costs", "named"), EXAMPLES, ids=lambda v: v if isinstance(v, str) else None
)
def test_an_example_earns_what_it_shows(
    tmp_path: Path, name: str, example: str, costs: dict[str, float], named: tuple[str, ...]
):
    run = assignment_of(name, tmp_path)
    module = run.rubric.entry.module
    report = graded((ROOT / f"reference/{name}/examples/{example}/{module}").read_text(), run)
    assert lost(report) == costs
    assert {m for r in results(report).values() for m in r.mistakes} == set(named)
    assert not report.host.errors


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_grade_check_has_nothing_to_say(tmp_path: Path, name: str):
    rubric, reference = load_assignment(ROOT / f"rubrics/{name}.toml")
    assert [line for row in prove(rubric, reference, tmp_path) for line in row.trouble] == []
