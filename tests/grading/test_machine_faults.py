"""Processes that the machine kills, with real signals: no point is lost, and what was not found out stays open."""

from __future__ import annotations

import functools
import itertools
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
import pytest

from grader.grading import runner
from grader.grading.run import Run
from grader.marking.findings import Findings
from grader.model import GradeReport, Outcome
from grader.student.process import Worker
from tests.checks.handins import BASE, handin
from tests.conftest import ROOT
from tests.hostile import assignment

from ..strikes import class_of, struck
from .test_runner import SOLUTION, checks, handed_in, quick, without_accuracy

__all__ = ["quick"]

WRONG = handin(("        loss = data_loss + penalty\n", "        loss = data_loss + 2 * penalty\n"))
"""What it loses is looked at again, and its training is tried with a right loss."""


def killer(strikes: Callable[[int], bool], sent: int = signal.SIGKILL) -> type[Worker]:
    """Workers whose process is sent a signal just before some of a run's requests, by their numbers from 1."""
    numbers, mutex = itertools.count(1), threading.Lock()

    class Struck(Worker):
        def ask(self, body: dict[str, Any], *rest: Any) -> Any:
            with mutex:
                number = next(numbers)
            if strikes(number):
                running: Any = self._process
                try:
                    running._code().send_signal(sent)
                except psutil.NoSuchProcess:  # bubblewrap has not come as far as the worker yet
                    running._popen.send_signal(sent)
                running.has_ended(5)
            return super().ask(body, *rest)

    return Struck


def graded(folder: Path, source: str, run: Run, worker: type[Worker]) -> tuple[GradeReport, Findings]:
    submission = handed_in(folder, source)
    changed = replace(run, worker=worker)
    findings, _ = runner.observe(submission, changed)
    return runner.grade(submission, run), findings


def outcomes(findings: Findings) -> dict[str, tuple[Outcome, Decimal, str]]:
    return {id: (r.outcome, r.earned, r.message) for id, r in findings.results.items()}


Quiet = Callable[[str], tuple[Findings, int]]


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory, on_digits: Run) -> Quiet:
    """What is found of a hand-in that nobody disturbs, and how many requests it takes; each is run once."""
    run = replace(on_digits, rubric=without_accuracy(on_digits.rubric))

    @functools.cache
    def observed(source: str) -> tuple[Findings, int]:
        seen: list[int] = []
        counted = replace(run, worker=killer(lambda n: bool(seen.append(n))))
        findings, _ = runner.observe(handed_in(tmp_path_factory.mktemp("quiet"), source), counted)
        return findings, max(seen)

    return observed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "share"),
    [(BASE, 0.0), (BASE, 0.3), (BASE, 0.9), (WRONG, 0.01), (WRONG, 0.3), (WRONG, 0.9)],
    ids=[f"{kind}-{share}" for kind in ("right", "wrong") for share in ("begin", "third", "end")],
)
def test_one_kill_at_any_moment_changes_nothing(
    tmp_path: Path, quick: Run, quiet: Quiet, source: str, share: float
):
    undisturbed, total = quiet(source)
    number = 1 + int(share * (total - 1))
    struck, _ = runner.observe(
        handed_in(tmp_path / "s", source), replace(quick, worker=killer(lambda n: n == number))
    )
    assert outcomes(struck) == outcomes(undisturbed)
    assert not struck.machine_failed


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGSEGV, signal.SIGBUS])
def test_another_signal_once_changes_nothing_either(tmp_path: Path, quick: Run, sent: int):
    run = replace(quick, worker=killer(lambda n: n == 40, sent))
    findings, _ = runner.observe(handed_in(tmp_path / "s", SOLUTION), run)
    assert {r.outcome for r in findings.results.values()} == {Outcome.PASSED}


def test_what_is_killed_again_and_again_is_open_and_never_final(tmp_path: Path, quick: Run):
    run = replace(quick, worker=killer(lambda n: True))
    findings, exhibits = runner.observe(handed_in(tmp_path / "s", SOLUTION), run)
    assert findings.machine_failed
    assert all(result.outcome.is_open for result in findings.results.values())
    assert all("machine" in text for text in exhibits.errors.values())
    assert "costs no points" in next(iter(findings.results.values())).message


@pytest.mark.slow
def test_kills_from_the_middle_on_leave_what_was_found_and_open_the_rest(
    tmp_path: Path, quick: Run, quiet: Quiet
):
    undisturbed, total = quiet(WRONG)
    run = replace(quick, worker=killer(lambda n: n > 0.5 * total))
    findings, _ = runner.observe(handed_in(tmp_path / "s", WRONG), run)
    assert findings.machine_failed
    for id, result in findings.results.items():
        assert result.outcome.is_open or result.earned == undisturbed.results[id].earned, id


@pytest.mark.slow
def test_code_that_crashes_each_time_is_charged_as_before(tmp_path: Path, quick: Run):
    source = SOLUTION.replace(
        "    def predict(",
        "    def predict(self, X):\n        import os\n        os.abort()\n\n    def other(",
    )
    report = runner.grade(handed_in(tmp_path / "s", source), quick)
    broken = [c for c in checks(report).values() if c.outcome is Outcome.FAILED]
    told = [check for check in broken if check.points]
    assert "SIGABRT" in told[0].message
    elsewhere = f"The same was found as in: {told[0].title}."
    assert all("SIGABRT" in check.message or check.message == elsewhere for check in broken)


@pytest.mark.slow
def test_kills_all_over_a_class_cost_no_point_and_one_more_command_makes_it_whole(tmp_path: Path):
    tmp_path.chmod(0o755)
    rubric = tmp_path / "ps3.toml"  # without the trainings, which would be most of it
    assignment.write(ROOT / "rubrics/ps3.toml", rubric, "of a test, and long enough for one", written=True)
    options = ("--rubric", str(rubric))
    found = struck(class_of(tmp_path / "class", 2), tmp_path, kills=8, seed=3, options=options)
    assert found.kills.total() == 8, found
    assert (found.lost, found.differ) == ([], [])
