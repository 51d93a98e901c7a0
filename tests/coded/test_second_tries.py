"""What a second look may not do: lose points for the machine's fault or for ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.coded import kinds
from grader.model import Outcome
from grader.student.faults import MachineFault
from tests.coded.making import CHECKS, MISTAKES, SOLUTION, assignment, lost, results
from tests.coded.test_grading import NEGATED, edited

SQUARED = ("total = 0", "total = 0; data = data * data")


def failing(when: Callable[[kinds.Bench], bool], times: int, error: Exception) -> Callable[..., object]:
    """`Function.run`, but that it fails so many times where `when` says so."""
    run, left = kinds.Function.run, [times]

    def fails(self: kinds.Function, bench: kinds.Bench) -> object:
        if when(bench) and left[0]:
            left[0] -= 1
            raise error
        return run(self, bench)

    return fails


@pytest.mark.parametrize(
    ("when", "edit", "id"),
    [
        (lambda bench: bool(bench.instead), SQUARED, "gradient"),
        (lambda bench: bool(bench.supplied), NEGATED, "train"),
    ],
)
@pytest.mark.parametrize("error", [MachineFault("no memory"), RuntimeError("ours")], ids=["machine", "ours"])
def test_what_keeps_us_from_a_second_try_leaves_the_check_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when, edit, id: str, error: Exception
):
    """It may have given the points back."""
    checks = CHECKS.replace(
        't.close(net.params["w"], right.params["w"]',
        'net.loss(x)[0] + 0\n    t.close(net.params["w"], right.params["w"]',
    )
    checks = (
        checks
        if id == "gradient"
        else checks.replace("net.train(x, 3)", "t.that(bool(t.supplied), 'no')\n    net.train(x, 3)")
    )
    one = assignment(tmp_path, checks=checks)
    right = results(one.grade(edited(edit)))[id]
    assert (right.outcome, bool(right.carried_from)) == (Outcome.PASSED, True)
    monkeypatch.setattr(kinds.Function, "run", failing(when, 9, error))
    assert results(one.grade(edited(edit)))[id].outcome is Outcome.ERROR


@pytest.mark.parametrize("edit", [SQUARED, NEGATED])
def test_one_fault_of_the_machine_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edit):
    one = assignment(tmp_path)
    right = results(one.grade(edited(edit)))
    for when in (lambda bench: bool(bench.instead), lambda bench: bool(bench.supplied)):
        with monkeypatch.context() as patched:
            patched.setattr(kinds.Function, "run", failing(when, 1, MachineFault("no memory")))
            assert results(one.grade(edited(edit))) == right


def test_a_check_that_cannot_be_run_on_a_mistake_shows_nothing_and_is_nobodys_fault(tmp_path: Path):
    """With the mistake, the solution gives what no check takes for wanted; the hand-in does the same."""
    nothing = '{"return factor * (self.params[\\"w\\"] * x).sum(), factor * x": "return float(\\"nan\\"), float(\\"nan\\") * x"}'
    mistakes = MISTAKES.replace(
        "MISTAKES = [", f'MISTAKES = [\n    mistake("nothing", "It is no number.", {nothing}),'
    )
    assert 'self.params["w"] * x).sum(), factor * x' in SOLUTION
    nan = edited(("return [total, [factor * b for b in data]]", "return float('nan'), np.nan * data"))
    report = assignment(tmp_path, mistakes=mistakes).grade(nan)
    assert lost(report) == {"loss": 2, "gradient": 2}
    assert results(report)["loss"].diagnosis == "It is no number."
    assert not report.host.errors
