"""Find the plots that questions ask for among a notebook's outputs, and make them safe to show."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..assignment.notebook_settings import Notebook, NotebookPlotSpec
from ..model import Image, NotebookPlot
from . import pictures
from .code import in_force, with_called
from .file import Cell, Shown

_NONE = "There is no such plot in the notebook."
_CLAIMED = "Not drawn when executed again; this is the one handed in."
_OF_FILE = (
    "As handed in. Not drawn again: the numbers that the notebook claims of this training are the known ones."
)
_OF_SMALL = "Drawn from small data: the file as handed in has no such plot."
_UNREADABLE = "It is there, and cannot be shown: no plain PNG or JPEG image, or too large."


def find(
    settings: Notebook, cells: Sequence[Cell], executed: Mapping[int, Shown], on_small: bool = False
) -> tuple[NotebookPlot, ...]:
    """One result for each of the rubric's plots, those in one image together, in the order of the rubric.

    `executed`: what cells have put out now, by their index. Where that was `on_small` data, plots that depend on the
    data are shown as handed in.
    """
    activations = sorted({spec.activation for spec in settings.plots if spec.activation})
    code, force = with_called(cells), in_force(cells, activations)
    places: dict[tuple[int, int] | str, list[NotebookPlotSpec]] = {}
    for spec in settings.plots:
        as_file = on_small and spec.data
        place = _place(spec, code, force, cells, executed, as_file)
        places.setdefault(place or spec.title, []).append(spec)
    budget = pictures.Budget()
    return tuple(
        _shown(place, specs, cells, executed, budget, on_small and specs[0].data)
        for place, specs in places.items()
    )


def _place(
    spec: NotebookPlotSpec,
    code: Mapping[int, str],
    force: Mapping[int, str],
    cells: Sequence[Cell],
    executed: Mapping[int, Shown],
    as_file: bool,
) -> tuple[int, int] | None:
    """Index of the cell whose output has the plot, and which of its images it is."""
    pattern = re.compile(spec.code)
    for i, text in code.items():
        images = _images(i, cells, executed, as_file)
        if images and spec.activation in ("", force[i]) and pattern.search(text):
            return i, len(images) - 1 if spec.which == "last" else 0
    return None


def _images(i: int, cells: Sequence[Cell], executed: Mapping[int, Shown], as_file: bool) -> tuple[Image, ...]:
    again = executed[i].images if i in executed else ()
    in_file = cells[i].shown.images
    return (in_file or again) if as_file else (again or in_file)


def _shown(
    place: tuple[int, int] | str,
    specs: Sequence[NotebookPlotSpec],
    cells: Sequence[Cell],
    executed: Mapping[int, Shown],
    budget: pictures.Budget,
    as_file: bool,
) -> NotebookPlot:
    title, question = "; ".join(spec.title for spec in specs), specs[0].question
    if isinstance(place, str):
        return NotebookPlot(title, question, note=_NONE)
    i, n = place
    again = i in executed and bool(executed[i].images) and not (as_file and cells[i].shown.images)
    image = pictures.redrawn(_images(i, cells, executed, as_file)[n], budget, "plot")
    if image is None:
        return NotebookPlot(title, question, None, again, _UNREADABLE)
    if as_file:
        return NotebookPlot(title, question, image, again, _OF_SMALL if again else _OF_FILE)
    return NotebookPlot(title, question, image, again, "" if again else _CLAIMED)
