"""Which code is graded: that of the module, or that of the notebook where it defines the class itself."""

from __future__ import annotations

from typing import Literal

import msgspec

from ..entry_point import EntryPoint
from . import definitions
from .code import MAX_SOURCE, passed_over
from .file import Notebook, numbered


class Chosen(msgspec.Struct, frozen=True):
    """What is to be in the staged module."""

    source: str | None = None
    """What it is to hold, where it is made of the notebook; None where it stays as it is."""
    lines: tuple[tuple[int, int], ...] = ()
    """For each of its lines, the number of the code cell and the line in it, all counting from 1."""
    notes: tuple[str, ...] = ()
    problem: str = ""
    """Why a person has to look, as a sentence without full stop; empty where it can be graded."""


def choose(
    module: str | None,
    notebook: Notebook,
    prefer: Literal["module", "notebook"],
    entry: EntryPoint,
    template: str,
) -> Chosen:
    """Choose between the module that was handed in, None where there is none, and the notebook.

    `template`: the module as it was handed out. One that was handed in as it is gives way to the notebook's class.
    """
    own = definitions.read(notebook.cells, entry)
    was = "was" if len(entry.names) == 1 else "were"
    large = passed_over({i: c.source for i, c in enumerate(notebook.cells) if c.kind == "code"})
    most = f"as a notebook may have {MAX_SOURCE:,} characters of code"
    notes = (f"not looked into in {notebook.name}: {numbered('code cell', large)}, {most}",) if large else ()
    unread = notebook.problem or (f"not all of {notebook.name} was looked into, {most}" if large else "")
    if module is None:
        if own.source:
            why = f"there is no {entry.module}; the {entry.said} that {notebook.name} defines {was} graded"
            return _of_notebook(own, notebook, entry, (why, *notes))
        problem = unread or (f"{notebook.name} defines no {entry.said}" if notebook.name else "")
        return Chosen(None, (), notes, problem and f"There is no {entry.module}, and {problem}")

    def as_handed_out() -> bool:
        return bool(template) and definitions.same_definitions(module, template, entry)

    if not own.source:
        problem = (
            f"{entry.module} is as it was handed out, and {unread}" if unread and as_handed_out() else ""
        )
        return Chosen(None, (), notes, problem)
    if definitions.same_definitions(module, own.source, entry):
        return Chosen(None, (), notes)
    if as_handed_out():
        why = f"{entry.module} is as it was handed out; the {entry.said} that {notebook.name} defines {was} graded"
        return _of_notebook(own, notebook, entry, (why, *notes))
    both = f"{entry.module} and {notebook.name} both define {entry.said}, with different code"
    if prefer == "notebook":
        why = f"{both}; the notebook's was graded, as the rubric says"
        return _of_notebook(own, notebook, entry, (why, *notes))
    return Chosen(None, (), (f"{both}; that of {entry.module} was graded, as the rubric says", *notes))


def _of_notebook(
    own: definitions.Definitions, notebook: Notebook, entry: EntryPoint, notes: tuple[str, ...]
) -> Chosen:
    problem = ""
    if own.missing:
        name, cell = own.missing[0]
        problem = (
            f"{entry.said} uses {name}, which code cell {cell} of {notebook.name} makes by running code; only "
            "imports, functions, classes and plain constants are taken over"
        )
    return Chosen(own.source, own.lines, notes, problem)
