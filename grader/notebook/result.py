"""What a report says about a notebook: how its cells went, what it claims, what it draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model import NotebookResult
from ..rubric import Notebook as Settings
from . import plots, values
from .execute import Execution
from .file import Notebook


def result(
    notebook: Notebook,
    execution: Execution,
    settings: Settings,
    expected: Mapping[str, Any],
    dataset: str,
    marked_on: str,
    notes: tuple[str, ...],
) -> NotebookResult:
    """Put the parts together; see `values.compare` and `plots.find` for what they are."""
    return NotebookResult(
        notebook.name,
        execution.summary,
        execution.cells,
        values.compare(settings, notebook.cells, execution, expected, dataset, marked_on),
        plots.find(settings, notebook.cells, execution.shown),
        notes,
    )
