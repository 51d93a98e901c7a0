"""What executing a notebook showed. No points depend on it."""

from __future__ import annotations

from typing import Literal

import msgspec

from .figures import Image


class CellRun(msgspec.Struct, frozen=True):
    """What became of one code cell of the notebook when the grader executed it."""

    number: int
    """Counts the code cells of the notebook, from 1."""
    first_line: str
    """Its first line of code, to know it by; untrusted."""
    status: Literal["ran", "failed", "refused", "stopped", "not run"]
    """`refused`: it ran but for shell commands in it; `stopped`: it ran out of time."""
    message: str = ""
    """What happened, in one line; empty where it just ran. May hold the student's own words."""


class PrintedValue(msgspec.Struct, frozen=True):
    """A number that a notebook prints: in the file as handed in, when executed again, and as it should be."""

    title: str
    question: str
    """Id of the question that it belongs to."""
    cell: int
    """Number of the code cell (see `CellRun`); 0 where none prints it."""
    verdict: Literal["agrees", "differs", "raised", "not compared"]
    """Whether execution bears the claim out; points never depend on it. `raised`: the code of its cell raises."""
    claimed: float | None = None
    obtained: float | None = None
    expected: float | None = None
    spread: float | None = None
    """How far claimed and obtained may lie apart."""
    note: str = ""
    """Why it was not compared, how its cell ended, or what else there is to say; sentences."""


class NotebookPlot(msgspec.Struct, frozen=True):
    """A plot that a question asks for."""

    title: str
    question: str
    image: Image | None = None
    """None where there is no such plot."""
    executed: bool = False
    """Whether it was drawn when the grader executed the notebook; else it is the one handed in."""
    note: str = ""


class NotebookResult(msgspec.Struct, frozen=True):
    """What the hand-in's notebook claims and what it does. No points depend on it."""

    file: str
    """Name as handed in."""
    summary: str
    """How the execution went, in one sentence."""
    cells: tuple[CellRun, ...] = ()
    values: tuple[PrintedValue, ...] = ()
    plots: tuple[NotebookPlot, ...] = ()
    notes: tuple[str, ...] = ()
    """Remarks, such as on a changed utils.py."""
