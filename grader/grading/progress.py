"""How a run gets on, for whoever waits: live on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import click
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from ..marking.gate import Gate
from ..report.safe_text import one_line
from ..report.terminal import render as render_terminal
from ..report.wording import total
from . import runner
from .batch import Graded

_LEAST_S = 20
"""Seconds of a run before which an estimate means nothing."""


class Outcome:
    """Counts what a run comes to; base of the watchers. Safe to tell from any thread."""

    def __init__(self, gate: Gate | None = None) -> None:
        self._gate = gate
        self._mutex = threading.RLock()
        self.total = self.finished = self.ran = 0
        self.failed: dict[str, str] = {}
        """Id of each hand-in that could not be graded, to the reason."""
        self.traces: list[str] = []
        """Faults of the grader's own, each a heading and a traceback."""
        self.gated: dict[str, str] = {}
        """Id of each hand-in that does not pass the gate, to the reason."""

    @property
    def exit_code(self) -> int:
        """3 where something could not be graded, 1 where a hand-in does not pass the gate, else 0."""
        return 3 if self.failed or self.traces else 1 if self.gated else 0

    def begin(self, hand_ins: int) -> None:
        """There are so many."""
        self.total = hand_ins

    def started(self, id: str) -> None:
        """Student code of a hand-in is about to run."""

    def at(self, id: str, title: str) -> None:
        """A check of it is running."""

    def fault(self, why: str, trace: str) -> None:
        """A report cannot be drawn."""
        with self._mutex:
            self.traces.append(f"a fault of the grader's own: {why}\n{trace}" if trace else why)

    def done(self, graded: Graded) -> None:
        """A hand-in is marked, or has failed."""
        with self._mutex:
            self.finished += 1
            self.ran += graded.ran
            id, report = graded.submission.id, graded.report
            if report is None:
                self.failed[id] = graded.trouble
                if graded.trace:
                    self.traces.append(f"a fault of the grader's own in {id}:\n{graded.trace}")
            elif runner.has_errors(report):
                self.traces += [
                    f"a fault of the grader's own in {id}, check {check}:\n{trace}"
                    for check, trace in report.host.errors.items()
                ] or [f"a fault of the grader's own in {id}"]
            elif self._gate is not None and (why := self._gate.trouble(report)):
                self.gated[id] = why
            self.show(graded)

    def show(self, graded: Graded) -> None:
        """Print what there is to say about one that is done."""


class One(Outcome):
    """A single hand-in: which check is at work, then the whole report."""

    def __init__(self, console: Console, gate: Gate | None) -> None:
        super().__init__(gate)
        self._console = console
        self._status = console.status("", spinner="dots") if console.is_terminal else None

    def __enter__(self) -> One:
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    def at(self, id: str, title: str) -> None:
        """Say it on a terminal."""
        if self._status:
            self._status.update(Text(f"grading {id}: {title}"))

    def show(self, graded: Graded) -> None:
        """The report in full."""
        if self._status:
            self._status.stop()
        if graded.report is not None:
            render_terminal(graded.report, self._console)
            if not graded.ran:
                self._console.print(
                    Text("Nothing has changed since it was graded; --again runs it once more.")
                )


class Lines(Outcome):
    """A line for each hand-in that is done, with an estimate of what is left."""

    def __init__(self, gate: Gate | None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(gate)
        self._clock = clock
        self._begun = clock()

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, graded: Graded) -> None:
        """One line."""
        width = len(str(self.total))
        click.echo(f"{self.finished:>{width}}/{self.total}  {line(graded)}{self._left()}")

    def _left(self) -> str:
        taken = self._clock() - self._begun
        if taken < _LEAST_S or self.finished == self.total:
            return ""
        return f"  (about {duration(taken / self.finished * (self.total - self.finished))} left)"


class Screen(Outcome):
    """What is at work, and a bar with an estimate, below the lines of those that are done."""

    def __init__(self, console: Console, gate: Gate | None) -> None:
        super().__init__(gate)
        self._at_work: dict[str, tuple[float, str]] = {}
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=console,
        )
        self._task = self._bar.add_task("hand-ins", total=None)
        self._live = Live(get_renderable=self._picture, console=console, refresh_per_second=4, transient=True)

    def __enter__(self) -> Screen:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def begin(self, hand_ins: int) -> None:
        """There are so many."""
        super().begin(hand_ins)
        self._bar.update(self._task, total=hand_ins)

    def started(self, id: str) -> None:
        """Show it."""
        with self._mutex:
            self._at_work[id] = (time.monotonic(), "")

    def at(self, id: str, title: str) -> None:
        """Show it."""
        with self._mutex:
            begun, _ = self._at_work.get(id, (time.monotonic(), ""))
            self._at_work[id] = (begun, title)

    def show(self, graded: Graded) -> None:
        """A line that stays, above the bar."""
        self._at_work.pop(graded.submission.id, None)
        self._live.console.print(Text(line(graded)), soft_wrap=True)
        self._bar.update(self._task, completed=self.finished)

    def _picture(self) -> Group:
        table = Table(box=None, show_header=False, pad_edge=False)
        # Not under our lock: whoever holds that may be printing, and wait for this picture to be drawn.
        for id, (begun, title) in dict(self._at_work).items():
            table.add_row(Text(id), Text(title, "dim"), Text(duration(time.monotonic() - begun), "dim"))
        return Group(table, self._bar)


def line(graded: Graded) -> str:
    """A hand-in that is done, in a line."""
    id = one_line(graded.submission.id)
    if graded.report is None:
        return f"{id}: not graded: {one_line(graded.trouble)}"
    note = "" if graded.ran else "  (unchanged, or the same files as another)"
    return f"{id}: {total(graded.report)}{note}"


def duration(seconds: float) -> str:
    """`40 s`, `12 min`, `3 h 5 min`."""
    whole = max(0, round(seconds))
    if whole < 90:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
