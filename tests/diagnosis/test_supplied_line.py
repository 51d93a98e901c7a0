"""The step that a raising line was to make is found by a look at few networks as by one at all of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.assignment.rubric import Rubric
from grader.grading.runner import Run
from grader.reading.process import Here
from grader.selftest import load, without
from grader.selftest.bank import Edit, edited
from grader.selftest.inside import Inside
from grader.student.slots import Slots
from tests.checks import local
from tests.ps3 import diagnosis, kinds

LINES = ["scores = h.dot(W2) + b2", "loss = data_loss + penalty", "d_scores = d_scores / N"]


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES)
def test_few_networks_tell_as_much_as_all(
    line: str, on_digits: Run, ps3: Rubric, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run = replace(
        on_digits,
        rubric=without(ps3, {kinds.accuracy.Accuracy.kind}),
        worker=Inside,
        reader=Here,
        slots=Slots(1),
    )
    name, value = line.split(" = ")
    broken = edited(
        load(on_digits.reference.folder).base, (Edit(line, f"{name} = np.nothing({value})"),), line
    )
    reports = []
    for glimpse in (diagnosis.supplied_line._GLIMPSE, len(ps3.nets)):
        monkeypatch.setattr(diagnosis.supplied_line, "_GLIMPSE", glimpse)
        reports.append(local.checks(local.grade_source(broken, run, tmp_path / str(glimpse))))
    assert reports[0] == reports[1]
    assert any("supplied" in check.message for check in reports[0].values())
