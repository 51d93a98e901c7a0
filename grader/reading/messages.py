"""What goes between the grader and the process that reads for it: plain data, as MessagePack.

What comes back is untrusted: a picture may have taken the reader over. It is checked for form and size, is shown or
searched for words, and decides nothing by itself.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from ..assignment.notebook_settings import Notebook as Settings
from ..assignment.rubric import Question
from ..entry_point import EntryPoint
from ..model import NotebookPlot
from ..notebook.answers import Answers
from ..notebook.choose import Chosen
from ..notebook.file import Printed
from ..notebook.values import Values

Part = Literal["cells", "answers", "changed", "module", "names", "outputs", "values", "plots"]
"""What can be asked for; each has a time of its own."""
SECONDS: dict[Part, float] = {"plots": 10}
"""Of CPU for a part; 5 for the others. An ordinary hand-in takes a tenth of one for all of them together."""
MAX_REPLY = 16 << 20
"""Bytes of one reply: the code of a notebook and a few pictures."""


class Asked(msgspec.Struct, frozen=True):
    """A question, as far as finding its answer needs it: not what is right."""

    id: str
    find: str
    checks: bool
    """Whether it is about code."""
    claims: bool
    """Whether its answer is a derivation."""

    @classmethod
    def of(cls, question: Question) -> Asked:
        """What may be known of a question where student bytes are read."""
        return cls(question.id, question.find, bool(question.checks), bool(question.claims))


class HandIn(msgspec.Struct, frozen=True):
    """What is read, and what of the assignment it takes to read it. There are no answers in it."""

    folder: str
    """The staged Python files."""
    entry: EntryPoint
    staged_problem: str = ""
    """Why the module could not be staged."""
    notebook: str = ""
    """Path of a copy of the notebook; empty where there is none or it was refused."""
    notebook_name: str = ""
    """As handed in."""
    notebook_problem: str = ""
    """Why it was refused."""
    questions: tuple[Asked, ...] = ()
    templates: tuple[tuple[str, ...], ...] = ()
    """Prose of the notebook that was handed out, and of those of earlier years."""
    handed_out: dict[str, str] = {}
    """Python files that were handed out: name to source."""
    settings: Settings | None = None
    compat: tuple[str, ...] = ()


class Task(msgspec.Struct, frozen=True):
    """One thing to do, in so many seconds of CPU."""

    part: Part
    seconds: float
    outputs: dict[int, bytes] = {}
    """What the cells put out when executed: index among all cells to a list of outputs as JSON."""
    on_small: bool = False
    """Whether they were executed on small data in place of the dataset."""


class Reply(msgspec.Struct, frozen=True):
    """At most one of them is filled."""

    found: msgspec.Raw = msgspec.Raw(b"\xc0")
    """Nothing, in MessagePack."""
    too_much: str = ""
    """What there was too much of, as a sentence without full stop that `it` begins."""
    trace: str = ""
    """The traceback of a fault of ours."""
    seconds: float = 0.0
    """Of CPU that it took."""


class Cells(msgspec.Struct, frozen=True):
    """A notebook, as far as the grader has to know it."""

    code: dict[int, str] = {}
    """Sources of the code cells, by index among all cells."""
    count: int = 0
    """Of all cells."""
    problem: str = ""
    """Why it has no cells, as a sentence without full stop; empty where it was read."""
    notes: tuple[str, ...] = ()


class Names(msgspec.Struct, frozen=True):
    """Names in the staged files."""

    supplied: tuple[str, ...] = ()
    """Those of other years, as remarks for the report."""
    imported: tuple[str, ...] = ()
    """Packages that are not Python's own, sorted."""


class Plots(msgspec.Struct, frozen=True):
    """One for each of the rubric's plots, those in one image together."""

    found: tuple[NotebookPlot, ...] = ()


FORMS: dict[Part, Any] = {
    "cells": Cells,
    "answers": Answers,
    "changed": tuple[str, ...],
    "module": Chosen,
    "names": Names,
    "outputs": dict[int, Printed],
    "values": Values,
    "plots": Plots,
}
"""The form of what is found."""
