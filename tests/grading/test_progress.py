"""What a run says of itself while it is at work."""

from __future__ import annotations

import io
import threading
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from grader.grading.batch import Graded
from grader.grading.progress import Lines, One, Outcome, Screen, duration, line
from grader.handin.submission import Submission
from grader.marking.gate import Gate
from tests.report import report_samples as samples


def done(id: str, ran: bool = True, trouble: str = "") -> Graded:
    report = None if trouble else msgspec.structs.replace(samples.partly_failed(), submission=id)
    return Graded(Submission(id, Path(), None, None), report, trouble, "", ran)


def test_a_line_for_each_with_an_estimate(capsys: pytest.CaptureFixture[str]):
    now = iter([0.0, 5.0, 30.0, 40.0])
    with Lines(None, clock=lambda: next(now)) as lines:
        lines.begin(3)
        lines.done(done("ann"))
        lines.done(done("ben", ran=False))
        lines.done(done("cleo", trouble="a\x1b[31m fault\nof it"))
    first, second, third = capsys.readouterr().out.splitlines()
    assert first.startswith("1/3  ann: ") and "left" not in first
    assert "unchanged" in second and second.endswith("(about 15 s left)")
    assert third == "3/3  cleo: not graded: a fault of it"


def test_what_a_run_comes_to():
    outcome = Outcome(Gate(least=Decimal(100), decided=Decimal(0)))
    outcome.done(done("ann"))
    assert (outcome.exit_code, list(outcome.gated)) == (1, ["ann"])
    outcome.done(done("ben", trouble="why"))
    assert (outcome.exit_code, outcome.failed) == (3, {"ben": "why"})
    assert Outcome().exit_code == 0


@pytest.mark.slow
def test_the_screen_shows_what_is_at_work_and_keeps_what_is_done():
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with Screen(console, None) as screen:
        screen.begin(40)
        threads = [threading.Thread(target=work, args=(screen, f"s{i}")) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert not any(thread.is_alive() for thread in threads), "it waits for itself"
        screen.started("[bold]last")
        screen.at("[bold]last", "ReLU: [red]loss")
    shown = console.file.getvalue()
    assert shown.count(": Automatic part") == 40
    assert "[bold]last" in shown and "ReLU: [red]loss" in shown
    assert "40/40" in shown


def work(screen: Screen, id: str) -> None:
    for i in range(5):
        screen.started(f"{id}-{i}")
        screen.at(f"{id}-{i}", "a check")
        screen.done(done(f"{id}-{i}"))


def test_one_hand_in_is_shown_in_full():
    console = Console(file=io.StringIO(), width=100)
    with One(console, None) as one:
        one.at("ann", "a check")
        one.done(done("ann", ran=False))
    assert "Loss on the toy network" in console.file.getvalue()
    assert "--again" in console.file.getvalue()


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (89, "89 s"), (90, "2 min"), (3600, "60 min"), (11100, "3 h 5 min")]
)
def test_a_duration_in_words(seconds: float, words: str):
    assert duration(seconds) == words


def test_a_line_is_one_line():
    assert "\n" not in line(done("a\nb"))
