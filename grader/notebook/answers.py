"""The text that a student wrote under each question that a person marks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from ..model import Image
from . import pictures
from .file import Cell

MAX_ANSWER = 20_000
"""Characters of an answer that go into the report."""
MAX_IMAGES = 6
"""Pasted images of one answer that go into the report."""
_LABEL = re.compile(
    r"[\W_]*+(?:\d+\s*p(?:oin)?ts?[\W_]*+)?(?:problem|question|exercise|q)?[\W_]*+\d+(?:\.\d+)+",
    re.IGNORECASE,
)
"""How a cell that asks begins, in any year's numbering: `**Q1.1**`, `[5pts] Q3.2:`, `### 2.5.3`."""
_HEADING = re.compile(r"\s{0,3}(#{1,6})\s")
_NO_HEADING = 7


class Asked(Protocol):
    """A question, as far as finding its answer needs it."""

    @property
    def id(self) -> str:
        """How the notebook numbers it."""

    @property
    def find(self) -> str:
        """A pattern for what it asks; empty for none."""

    @property
    def checks(self) -> object:
        """True where it is about code."""

    @property
    def claims(self) -> object:
        """True where its answer is a derivation."""


class Answers(msgspec.Struct, frozen=True):
    """Texts and images by question id."""

    texts: dict[str, str] = {}
    """Empty where the question was found and nothing is written under it."""
    images: dict[str, tuple[Image, ...]] = {}
    notes: tuple[str, ...] = ()
    """What was left out, as sentences without full stop."""


def read(cells: Sequence[Cell], questions: Sequence[Asked], handout: Sequence[str] = ()) -> Answers:
    """Find the written answers among the cells of a notebook.

    `handout` are the prose cells of the notebook that students were given: what is left of them is no answer.
    """
    prose = [(cell.kind, cell.source) for cell in cells]
    pasted = {
        id: [image for i in region for image in cells[i].pasted]
        for id, region in _regions(prose, questions).items()
    }
    images, notes = _drawn(pasted)
    return Answers(answers(prose, questions, handout), images, tuple(notes))


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


def answers(
    cells: Sequence[tuple[str, str]], questions: Sequence[Asked], handout: Sequence[str] = ()
) -> dict[str, str]:
    """For each question without checks, the prose from its cell up to the next question or section.

    `cells` are (type, source). Of the cell that asks, what the student has added to the handout's text belongs to
    the answer, or the whole cell where it is no cell of the handout's and nothing else answers. A heading below the
    level of the question's own, or of its section where it has none, belongs to the answer.
    """
    given = sorted(("".join(source.split()) for source in handout), key=len, reverse=True)
    texts = {}
    for id, (start, *rest) in _regions(cells, questions).items():
        asking = cells[start][1]
        added = _added(asking, given)
        own = [added.strip()] if added != asking else []
        own += [_added(cells[i][1], given).strip() for i in rest]
        text = "\n\n".join(part for part in own if part)
        texts[id] = (text or (asking.strip() if added == asking else ""))[:MAX_ANSWER]
    return texts


def _added(source: str, given: Sequence[str]) -> str:
    """What a cell holds behind a cell of the handout, white space aside; all of it where it begins with none."""
    squeezed = "".join(source.split())
    for start in given:
        if start and squeezed.startswith(start):
            end, left = 0, len(start)
            while left:
                left -= not source[end].isspace()
                end += 1
            return source[end:]
    return source


def _regions(cells: Sequence[tuple[str, str]], questions: Sequence[Asked]) -> dict[str, list[int]]:
    """For each question without checks that is found: the numbers of the cell that asks and of those that answer."""
    asking = {question.id: _asking_cell(question, cells) for question in questions}
    starts = {id: i for id, i in asking.items() if i is not None}
    levels = [_level(source) if kind == "markdown" else _NO_HEADING for kind, source in cells]
    regions = {}
    for question in questions:
        if question.checks or question.id not in starts:
            continue
        start = starts[question.id]
        section = next((levels[i] for i in range(start, -1, -1) if levels[i] < _NO_HEADING), 6)
        region = [start]
        for i in range(start + 1, len(cells)):
            if i in starts.values() or levels[i] <= section:
                break
            if cells[i][0] != "code":
                region.append(i)
        regions[question.id] = region
    return regions


def _asking_cell(question: Asked, cells: Sequence[tuple[str, str]]) -> int | None:
    """The cell that asks: by its number, or by what is asked where the number belongs to another year's question."""
    number = re.compile(rf"(?<!\w){re.escape(question.id)}(?!(?:[^\W\d]|\.){{0,30}}+\d)")
    by_number = _first(number, cells)
    if not question.find:
        return by_number
    asked = re.compile(question.find)
    if by_number is not None and asked.search(cells[by_number][1]):
        return by_number
    for i, (kind, source) in enumerate(cells):
        if kind == "markdown" and _LABEL.match(source) and asked.search(source):
            return i
    return _first(asked, cells) if by_number is None and not question.claims else by_number


def _first(pattern: re.Pattern[str], cells: Sequence[tuple[str, str]]) -> int | None:
    """The first cell that begins with a match, or else that has one: answers name other questions."""
    inside = None
    for i, (kind, source) in enumerate(cells):
        match = pattern.search(source) if kind == "markdown" else None
        if match and not re.search(r"[^\W_]", source[: match.start()]):
            return i
        if match and inside is None:
            inside = i
    return inside


def _level(source: str) -> int:
    heading = _HEADING.match(source)
    return len(heading[1]) if heading else _NO_HEADING
