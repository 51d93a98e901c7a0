"""Points for accuracy are for a training: hand-ins that have none do not get them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from grader.checks.base import Bench, Verdict
from grader.grading.explain import fault_verdict
from grader.grading.runner import PARTS, Run
from grader.model import CheckResult, Outcome
from grader.student.client import Student
from grader.student.faults import StudentFault
from grader.student.process import Limits

from .accuracy import WITHOUT, Without, packed

pytestmark = pytest.mark.slow
LIMITS = Limits(
    call_cpu=60,
    call_wall=600,
    check_cpu=600,
    check_wall=2000,
    worker_cpu=2000,
    memory=4 << 30,
    file_size=1 << 24,
)


@pytest.fixture(scope="module")
def weights(on_digits: Run) -> dict[str, str]:
    return {a: packed(on_digits.reference, on_digits.dataset, a) for a in ("sigmoid", "relu")}


def judged(run: Run, folder: Path, id: str, earlier: dict[str, CheckResult]) -> Verdict:
    """What one check says of a hand-in whose other checks came out as given."""
    datasets = {name: run.dataset.path(name) for name in PARTS}
    spec = next(spec for question in run.rubric.questions for spec in question.checks if spec.id == id)
    with Student(run.sandbox, folder, LIMITS, run.rubric.entry, datasets) as student:
        bench = Bench(student, run.reference, run.rubric, run.dataset, earlier, spec)
        try:
            verdict: Verdict = run.rubric.checks[id].run(bench)
        except StudentFault as fault:
            return fault_verdict(fault, spec.hidden, run.rubric.packages)
    return verdict


@pytest.mark.parametrize("case", WITHOUT, ids=lambda case: case.name)
def test_no_training_no_points(case: Without, weights: dict[str, str], on_digits: Run, temporary: Path):
    folder = temporary / case.name.replace(" ", "-")
    folder.mkdir()
    (folder / "mlp.py").write_text(case.source(weights))
    for path, mode in ((folder, 0o755), (folder / "mlp.py", 0o644)):
        path.chmod(mode)
    lost = CheckResult("relu-scores", "", Outcome.FAILED, Decimal(0), Decimal(1), "")
    earlier = {"relu-scores": lost} if case.relu_only else {}
    # One check judges both: each hand-in is asked for one, in turn.
    id = "relu-accuracy" if case.relu_only or WITHOUT.index(case) % 2 else "sigmoid-accuracy"
    run = replace(on_digits, rubric=on_digits.rubric.in_full()) if case.late else on_digits
    verdict = judged(run, folder, id, earlier)
    assert verdict.fraction == 0, verdict.message
    wanted = (Outcome.ERROR,) if case.late else (Outcome.FAILED, Outcome.NEEDS_REVIEW)
    assert verdict.outcome in wanted
