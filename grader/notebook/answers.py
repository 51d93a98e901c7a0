"""The text that a student wrote under each question that a person marks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from ..model import Image
from . import pictures
from .asking import Asked
from .file import Cell
from .layout import Layout, known, lay_out

MAX_ANSWER = 20_000
"""Characters of an answer that go into the report."""
MAX_IMAGES = 6
"""Pasted images of one answer that go into the report."""
_NAMED = re.compile(r"attachment:([^)\s\"'<>]{1,255})")
"""How Markdown shows a pasted image."""


class Answers(msgspec.Struct, frozen=True):
    """Texts and images by question id."""

    texts: dict[str, str] = {}
    """Empty where the question was found and nothing is written under it."""
    images: dict[str, tuple[Image, ...]] = {}
    notes: tuple[str, ...] = ()
    """What was left out, as sentences without full stop."""


def read(
    cells: Sequence[Cell], questions: Sequence[Asked], templates: Sequence[Sequence[str]] = ()
) -> Answers:
    """Find the written answers among the cells of a notebook.

    `templates` are the prose cells of notebooks that students were given: what is left of them is no answer.
    """
    layout = lay_out([(cell.kind, cell.source) for cell in cells], questions, known(templates, questions))
    written = {question.id for question in questions if not question.checks}
    images, notes = _drawn(_pasted(cells, layout, written))
    return Answers(_texts(layout, written), images, tuple(notes))


def answers(
    cells: Sequence[tuple[str, str]], questions: Sequence[Asked], templates: Sequence[Sequence[str]] = ()
) -> dict[str, str]:
    """For each question without checks that is found, what is written in answer to it; cells are (type, source).

    An answer belongs to the question that its label names, or else to the nearest one above.
    """
    written = {question.id for question in questions if not question.checks}
    return _texts(lay_out(cells, questions, known(templates, questions)), written)


def _texts(layout: Layout, written: set[str]) -> dict[str, str]:
    return {id: text[:MAX_ANSWER] for id, text in layout.texts().items() if id in written}


def _pasted(cells: Sequence[Cell], layout: Layout, written: set[str]) -> dict[str, list[Image]]:
    """Images by the question in whose answer they are named; unnamed ones belong to what their cell ends with."""
    found: dict[str, list[Image]] = {}
    for i, cell in enumerate(cells):
        if not cell.pasted:
            continue
        pieces = [piece for piece in layout.pieces if piece.cell == i]
        named = {name[1]: name.start() for name in _NAMED.finditer(cell.source)}
        for image in cell.pasted:
            at = named.get(image.name, -1)
            holding = [piece.question for piece in pieces if piece.start <= at < piece.end] if at >= 0 else []
            id = holding[0] if holding else layout.owners.get(i)
            if id in written:
                found.setdefault(id, []).append(image)
    return found


def _drawn(pasted: Mapping[str, Sequence[Image]]) -> tuple[dict[str, tuple[Image, ...]], list[str]]:
    """The images that can be shown, and a note for each question of which some cannot."""
    budget = pictures.Budget()
    images, notes = {}, []
    for id, given in pasted.items():
        found = [pictures.redrawn(image, budget) for image in given[:MAX_IMAGES]]
        shown = tuple(image for image in found if image is not None)
        if len(shown) < len(given):
            left_out = len(given) - len(shown)
            what = "an image" if left_out == 1 else f"{left_out:,} images"
            notes.append(
                f"{what} in the answer to {id} cannot be shown: damaged, too large or one of too many"
            )
        if shown:
            images[id] = shown
    return images, notes
