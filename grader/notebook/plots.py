"""Find the plots that questions ask for among a notebook's outputs, and make them safe to show."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..assignment.rubric import Notebook, NotebookPlotSpec
from ..model import Image, NotebookPlot
from . import pictures
from .code import in_force, with_called
from .file import Cell, Shown

_NONE = "There is no such plot in the notebook."
_CLAIMED = "Not drawn when executed again; this is the one handed in."
_UNREADABLE = "It is there, and cannot be shown: no plain PNG or JPEG image, or too large."


def find(
    settings: Notebook, cells: Sequence[Cell], executed: Mapping[int, Shown]
) -> tuple[NotebookPlot, ...]:
    """One result for each of the rubric's plots, those in one image together, in the order of the rubric.

    `executed`: what cells have put out now, by their index.
    """
    activations = sorted({spec.activation for spec in settings.plots if spec.activation})
    code, force = with_called(cells), in_force(cells, activations)
    places: dict[tuple[int, int] | str, list[NotebookPlotSpec]] = {}
    for spec in settings.plots:
        places.setdefault(_place(spec, code, force, cells, executed) or spec.title, []).append(spec)
    budget = pictures.Budget()
    return tuple(_shown(place, specs, cells, executed, budget) for place, specs in places.items())


def _place(
    spec: NotebookPlotSpec,
    code: Mapping[int, str],
    force: Mapping[int, str],
    cells: Sequence[Cell],
    executed: Mapping[int, Shown],
) -> tuple[int, int] | None:
    """Index of the cell whose output has the plot, and which of its images it is."""
    pattern = re.compile(spec.code)
    for i, text in code.items():
        images = _images(i, cells, executed)
        if images and spec.activation in ("", force[i]) and pattern.search(text):
            return i, len(images) - 1 if spec.which == "last" else 0
    return None


def _images(i: int, cells: Sequence[Cell], executed: Mapping[int, Shown]) -> tuple[Image, ...]:
    again = executed[i].images if i in executed else ()
    return again or cells[i].shown.images


def _shown(
    place: tuple[int, int] | str,
    specs: Sequence[NotebookPlotSpec],
    cells: Sequence[Cell],
    executed: Mapping[int, Shown],
    budget: pictures.Budget,
) -> NotebookPlot:
    title, question = "; ".join(spec.title for spec in specs), specs[0].question
    if isinstance(place, str):
        return NotebookPlot(title, question, note=_NONE)
    i, n = place
    again = i in executed and bool(executed[i].images)
    image = pictures.redrawn(_images(i, cells, executed)[n], budget, "plot")
    if image is None:
        return NotebookPlot(title, question, None, again, _UNREADABLE)
    return NotebookPlot(title, question, image, again, "" if again else _CLAIMED)
