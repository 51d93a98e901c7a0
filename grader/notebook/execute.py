"""Execute a notebook's code cells in a sandbox, and keep what each put out.

The parent side of `student.child.notebook`. All that comes from there is untrusted: lines of JSON, checked for
form, order and size. No points depend on any of it.
"""

from __future__ import annotations

import select
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import msgspec

from ..assignment.datasets import RAW
from ..assignment.notebook_settings import Notebook as Settings
from ..machine import machine_paths
from ..model import CellRun
from ..student.process import Cancelled
from ..student.program import Program
from ..student.sandbox import Sandbox
from .file import Printed

MAX_OUTPUTS = 32 << 20
"""Bytes of the outputs of all cells that are kept; past them, what a cell puts out is not looked at."""
MAX_LINE = 24 << 20
"""Bytes of one line from the sandbox; outputs of a cell are cut at a quarter of that there."""
START_LIMIT = 120.0
"""Seconds for the kernel to start; generous, because a slow machine must not cost a notebook its execution."""
_GRACE = 1.0
"""Seconds past a deadline in which a cell may end by the interrupt, before all is killed."""
_ATTEMPTS = 12
"""Runs from the start, each without the cells that did not come to an end before."""
_DEATHS = 2
"""How often a cell may end the processes before it is left out: once, the machine may have been to blame."""
_TICK = 0.05


@dataclass(frozen=True)
class Execution:
    """What came of executing a notebook."""

    cells: tuple[CellRun, ...] = ()
    """Without what their outputs say of them: see `told`."""
    outputs: Mapping[int, bytes] = field(default_factory=dict)
    """What the cells put out, as JSON, by their index among all cells of the notebook."""
    seconds: Mapping[int, float] = field(default_factory=dict)
    """How long each cell took, by its number."""
    fault: str = ""
    """What the processes said where they did not even start: the machine's fault or the grader's."""
    said: str = ""
    """What they said otherwise, beside what cells put out."""

    @property
    def broken(self) -> frozenset[int]:
        """Numbers of the cells that did not run to their end."""
        return frozenset(cell.number for cell in self.cells if cell.status not in ("ran", "refused"))

    @property
    def summary(self) -> str:
        """How it went, in a sentence."""
        if self.fault:
            return "It could not be executed here: its kernel did not start."
        if not self.cells:
            return "It has no code to execute."
        total = len(self.cells)
        ran = total - len(self.broken)
        if total == 1 == ran:
            return "Its one code cell ran."
        return f"All {total} code cells ran." if ran == total else f"{ran} of {total} code cells ran."


@dataclass(frozen=True)
class Kitchen:
    """What every execution of a run takes."""

    sandbox: Sandbox
    settings: Settings
    memory: int
    """Bytes of address space of each of the two processes."""
    file_size: int
    """Bytes of any file that a notebook writes."""
    data: Path
    """The folder of the dataset."""
    cancelled: threading.Event
    say: Callable[[str], None] = lambda _: None


class _Line(msgspec.Struct):
    """What the sandbox says; see `student.child.notebook`."""

    ready: bool = False
    started: int = -1
    finished: int = -1
    status: Literal["ok", "error", "stopped", "died"] = "died"
    seconds: float = 0.0
    outputs: msgspec.Raw = msgspec.Raw(b"[]")


@dataclass
class _Cell:
    """A code cell and what has come of it so far."""

    index: int
    number: int
    source: str
    run: CellRun
    outputs: bytes | None = None
    seconds: float = 0.0

    def ends(self, status: str, message: str = "") -> None:
        self.run = msgspec.structs.replace(self.run, status=status, message=message)


def execute(code: Mapping[int, str], folder: Path, kitchen: Kitchen) -> Execution:
    """Execute all code cells in order, with the files of `folder` in the working folder.

    `code`: their sources, by their index among all cells of the notebook.

    Cells that fail or hang do not end it, as the settings say. Raises `Cancelled`, and `OSError` where the machine
    cannot start a process.
    """
    cells = [_cell(i, number, source) for number, (i, source) in enumerate(code.items(), 1) if source.strip()]
    if not cells:
        return Execution()
    end = time.monotonic() + kitchen.settings.wall
    left_out: set[int] = set()
    deaths: Counter[int] = Counter()
    said, starts = "", 0
    for _ in range(_ATTEMPTS):
        with _Attempt(cells, left_out, folder, kitchen) as attempt:
            fault = attempt.run(end)
        said += attempt.said
        if attempt.died_in:
            deaths[attempt.died_in] += 1
            left_out |= {number for number, count in deaths.items() if count >= _DEATHS}
        again = attempt.broke_off and kitchen.settings.after_failure == "continue"
        starts += bool(fault)
        if time.monotonic() >= end or (starts > 1 if fault else not again):
            break
    return Execution(
        tuple(cell.run for cell in cells),
        {cell.index: cell.outputs for cell in cells if cell.outputs is not None},
        {cell.number: round(cell.seconds, 3) for cell in cells if cell.outputs is not None},
        fault,
        said,
    )


def told(execution: Execution, code: Mapping[int, str], printed: Mapping[int, Printed]) -> Execution:
    """The same with what the outputs say of cells that came to an end: how they failed, what was not run."""
    indexes = dict(enumerate(code, 1))
    cells = (_told(run, printed.get(indexes[run.number], Printed())) for run in execution.cells)
    return replace(execution, cells=tuple(cells))


def _told(run: CellRun, said: Printed) -> CellRun:
    if run.status == "ran" and said.refused:
        return msgspec.structs.replace(run, status="refused", message=f"Not run: {'; '.join(said.refused)}")
    if run.status == "failed" and not run.message:
        return msgspec.structs.replace(run, message=_in_words(machine_paths.cut(said.error)))
    return run


def _cell(index: int, number: int, source: str) -> _Cell:
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    first = next((line for line in lines if not line.startswith("#")), lines[0])
    return _Cell(index, number, source, CellRun(number, first[:100], "not run"))


class _Attempt:
    """One kernel and its client, from the first cell on."""

    def __init__(self, cells: Sequence[_Cell], left_out: set[int], folder: Path, kitchen: Kitchen) -> None:
        """`left_out`: numbers of cells that are not tried again, as they do not come to an end; more are added."""
        self._now = ("", 0.0)
        self._told: dict[str, int] = {}
        self.broke_off = False
        """Whether a cell ended the kernel, or had to be ended with it."""
        self.died_in = 0
        """Number of the cell in which the processes ended by themselves; 0 for none."""
        self.said = ""
        self._room = MAX_OUTPUTS
        self._cells = cells
        self._left_out = left_out
        self._kitchen = kitchen
        settings = kitchen.settings
        sources = ["" if cell.number in left_out else cell.source for cell in cells]
        self._program = Program(
            kitchen.sandbox,
            "notebook",
            folder.parent,
            folder=folder,
            memory=kitchen.memory,
            cpu=int(settings.cpu) + 1,
            file_size=kitchen.file_size,
            readable=tuple(kitchen.data / f"{name}.npy" for name in RAW),
            settings={
                "cells": sources,
                "cell_wall": settings.cell_wall,
                "stop": settings.after_failure == "stop",
                "data": {settings.data_variable: str(kitchen.data)} if settings.data_variable else {},
            },
        )

    def __enter__(self) -> _Attempt:
        return self

    def __exit__(self, *_: object) -> None:
        self._program.kill()
        self.said = self._program.said()

    def run(self, end: float) -> str:
        """Follow the execution until it ends or `end` (monotonic); why there was none, or an empty string."""
        lines = self._lines()
        try:
            next(lines)
            if not lines.send(min(end, time.monotonic() + START_LIMIT)).ready:
                return self._said()
        except (_Ended, OSError):
            return self._said()
        for number, cell in enumerate(self._cells):
            limit = min(end, time.monotonic() + self._kitchen.settings.cell_wall)
            self._now = (f"notebook, cell {number + 1} of {len(self._cells)}", time.monotonic())
            self._kitchen.say(self._now[0])
            try:
                if lines.send(limit + _GRACE).started != number:
                    raise _Ended("lost its connection")
                line = lines.send(limit + _GRACE)
                if line.finished != number:
                    raise _Ended("lost its connection")
            except _Ended as why:
                cell.outputs = cell.outputs or b"[]"
                self.broke_off = True
                if why.out_of_time:
                    self._left_out.add(cell.number)
                    cell.ends("stopped", f"Stopped: {self._limit(end)}")
                else:
                    self.died_in = cell.number
                    cell.ends("failed", f"It {why}.")
                self._rest(
                    number + 1, f"Not run: cell {cell.number} had to be ended, and the notebook with it."
                )
                return ""
            if cell.number in self._left_out:
                continue
            self._take(cell, line, end)
            if line.status == "stopped":
                self._left_out.add(cell.number)
            if line.status == "died":
                self.broke_off, self.died_in = True, cell.number
                self._rest(number + 1, f"Not run: cell {cell.number} ended the notebook's process.")
                return ""
            if self._kitchen.settings.after_failure == "stop" and line.status != "ok":
                self._rest(number + 1, f"Not run: cell {cell.number} failed.")
                return ""
        return ""

    def _say_how_long(self) -> None:
        """Once for each second that the cell takes."""
        name, started = self._now
        seconds = int(time.monotonic() - started)
        if name and seconds > self._told.get(name, 0):
            self._told[name] = seconds
            self._kitchen.say(f"{name}, {seconds} s")

    def _take(self, cell: _Cell, line: _Line, end: float) -> None:
        outputs = bytes(line.outputs)
        self._room -= len(outputs)
        cell.outputs = outputs if self._room >= 0 else b"[]"
        cell.seconds = line.seconds
        if line.status == "ok":
            cell.ends("ran")
        elif line.status == "stopped":
            cell.ends("stopped", f"Stopped: {self._limit(end)}")
        elif line.status == "died":
            cell.ends("failed", "It ended the notebook's Python process.")
        else:
            cell.ends("failed")

    def _limit(self, end: float) -> str:
        if time.monotonic() >= end:
            return f"the notebook had used up its {self._kitchen.settings.wall:g} seconds."
        return f"it took longer than {self._kitchen.settings.cell_wall:g} seconds."

    def _rest(self, first: int, message: str) -> None:
        for cell in self._cells[first:]:
            if cell.run.status == "not run":  # an earlier attempt may have come further
                cell.ends("not run", message)

    def _said(self) -> str:
        self._program.process.kill()
        return self._program.said().strip() or "nothing"

    def _lines(self) -> Generator[_Line, float, None]:
        """A generator that is sent deadlines and gives lines; `_Ended` where there will be no more."""
        text = bytearray()
        poll = select.poll()
        poll.register(self._program.socket, select.POLLIN)
        deadline = yield _Line()
        while True:
            while (cut := text.find(b"\n")) < 0:
                if self._kitchen.cancelled.is_set():
                    raise Cancelled
                left = deadline - time.monotonic()
                if left <= 0:
                    raise _Ended("did not end in time", out_of_time=True)
                if not poll.poll(min(left, _TICK) * 1000):
                    self._say_how_long()
                    continue
                piece = self._program.socket.recv(1 << 20)
                if not piece or len(text) > MAX_LINE:
                    raise _Ended("ended the notebook's processes")
                text += piece
            try:
                line = msgspec.json.decode(bytes(text[:cut]), type=_Line)
            except (msgspec.DecodeError, RecursionError):
                raise _Ended("lost its connection") from None
            del text[: cut + 1]
            deadline = yield line


class _Ended(Exception):
    """There is nothing more to hear."""

    def __init__(self, what: str, out_of_time: bool = False) -> None:
        super().__init__(what)
        self.out_of_time = out_of_time


def _in_words(error: str) -> str:
    """An exception as one line for the report."""
    kind, _, text = error.partition(": ")
    if kind == "StdinNotImplementedError":
        return "It asks for input, and nobody is there to type."
    line = next(iter(text.splitlines()), "")
    return f"{kind}: {line}"[:300] if line else kind
