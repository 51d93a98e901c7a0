"""Execute the notebook of a hand-in, and compare what it puts out with what it claims."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from ..assignment.datasets import Dataset
from ..assignment.notebook_settings import Notebook as NotebookSettings
from ..model import NotebookResult
from ..notebook import values
from ..notebook.execute import Execution, Kitchen, execute, told
from ..notebook.file import Printed
from ..notebook.raised import by_own_code
from ..notebook.values import Values
from ..notebook.workplace import Workplace
from ..reading.messages import Cells, Plots
from ..reading.process import Reader
from ..student.output import as_text
from .guard import Guard
from .run import Run

_MOST_PRINTED = 200_000
"""Characters of what all cells of a notebook put out that a report quotes; an ordinary one has a tenth of that."""
_LEFT_OUT = f"(left out: the cells of a notebook are quoted up to {_MOST_PRINTED:,} characters)"


class Executed(msgspec.Struct, frozen=True):
    """What a report takes from the execution of a notebook."""

    result: NotebookResult | None = None
    timings: dict[str, float] = {}
    outputs: dict[str, str] = {}
    errors: dict[str, str] = {}


@dataclass(frozen=True)
class Executing:
    """A notebook that is to be executed."""

    run: Run
    reader: Reader
    name: str
    """For reports."""
    settings: NotebookSettings
    cells: Cells
    workplace: Workplace

    def executed(self, spared: Callable[[], bool]) -> Executed:
        """What came of it. `spared` waits for the checks, and says whether its training is the solution's."""
        run, cells, workplace = self.run, self.cells, self.workplace
        small = run.small if self._is_known() and spared() else None
        execution, timings = self._ran(small or run.dataset)
        if small and execution.broken:  # perhaps for the size of the data
            small = None
            execution, timings = self._ran(run.dataset)
        # Its own, as what is kept of an execution has to say it, too.
        outputs, reader, guard = execution.outputs, self.reader, Guard()
        printed: Mapping[int, Printed] = guard.stage(
            "outputs", f"what {self.name} puts out was not read", lambda: reader.ask("outputs", outputs), {}
        )
        numbers = guard.stage(
            "values",
            f"the numbers that {self.name} prints were not compared",
            lambda: reader.ask("values", outputs),
            Values(),
        )
        drawn = guard.stage(
            "plots",
            f"the plots of {self.name} are not shown",
            lambda: reader.ask("plots", outputs, small is not None),
            Plots(),
        )
        by_number = {number: printed[i] for number, i in enumerate(cells.code, 1) if i in printed}
        raised = (
            by_own_code(execution.cells, by_number, run.rubric.entry.stem)
            if workplace.is_as_handed_in
            else {}
        )
        execution = told(execution, cells.code, printed)
        found = NotebookResult(
            self.name,
            execution.summary,
            execution.cells,
            values.judged(
                self.settings,
                numbers,
                execution.broken,
                run.reference.expected,
                run.dataset.name,
                run.rubric.dataset,
                raised,
                small.name if small else "",
            ),
            drawn.found,
            (*workplace.notes, *guard.notes, *([_executed_on(small, run.dataset)] if small else [])),
        )
        errors = guard.errors | ({"notebook": execution.fault} if execution.fault else {})
        return Executed(found, timings, _quoted(execution.said, cells, printed), errors)

    def _is_known(self) -> bool:
        """Whether the notebook may be executed on small data: what it claims of the dataset is known."""
        run, settings = self.run, self.settings
        if settings.execute != "light" or run.small is None or run.rubric.trains_in_full:
            return False
        claims = Guard().stage("claims", "", lambda: self.reader.ask("values"), None)
        expected, marked_on = run.reference.expected, run.rubric.dataset
        return claims is not None and values.are_known(
            settings, claims, expected, run.dataset.name, marked_on
        )

    def _ran(self, dataset: Dataset) -> tuple[Execution, dict[str, float]]:
        """What came of the cells on a dataset, and how long they took."""
        run = self.run
        kitchen = Kitchen(
            run.sandbox,
            self.settings,
            run.rubric.limits.memory_mb << 20,
            run.rubric.limits.file_mb << 20,
            dataset.folder,
            run.cancelled,
            run.say,
        )
        with run.slots.one():
            started = time.monotonic()
            execution = execute(self.cells.code, self.workplace.folder, kitchen)
            seconds = time.monotonic() - started
        return execution, {"notebook": seconds, "notebook: cells": sum(execution.seconds.values())}


def _quoted(said: str, cells: Cells, printed: Mapping[int, Printed]) -> dict[str, str]:
    """What was put out, for a report: by the notebook as a whole, and by each of its code cells."""
    of_cells = {i: n for n, i in enumerate(cells.code, 1)}
    texts, left = {"notebook": said}, _MOST_PRINTED
    for i, one in printed.items():
        if i in of_cells and (text := as_text(one.text.encode())):
            texts[f"code cell {of_cells[i]}"] = text if len(text) <= left else _LEFT_OUT
            left -= len(text)
    return {name: text for name, text in texts.items() if text}


def _executed_on(small: Dataset, dataset: Dataset) -> str:
    return (
        f"Executed on {small.name} in place of {dataset.name}: the training is the solution's, and the numbers that "
        f"the file claims for {dataset.name} are the known ones."
    )
