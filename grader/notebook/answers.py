"""The text that a student wrote under each question that a person marks.

The notebook is hostile JSON. It is read into the few fields that matter here, and everything else (outputs,
above all) is skipped without being built: `nbformat` would build and validate the whole of it, which takes
gigabytes and minutes for a file made to do so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import msgspec

from ..model import Image
from ..rubric import Question
from ..submission import MAX_NOTEBOOK, Submission, printable, read_plain

MAX_ANSWER = 20_000
"""Characters of an answer that go into the report."""
MAX_CELLS = 10_000
MAX_LENIENT = 8 << 20
"""Bytes of a notebook that is built as a whole where the strict reader refuses it; it takes 20 times as many."""
MAX_IMAGES = 6
"""Pasted images of one answer that go into the report."""
MAX_IMAGE = 3 << 20
"""Characters of base64 of one of them."""
IMAGE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_LABEL = re.compile(
    r"[\W_]*(?:\d+\s*p(?:oin)?ts?[\W_]*)?(?:problem|question|exercise|q)?[\W_]*\d+(?:\.\d+)+", re.IGNORECASE
)
"""How a cell that asks begins, in any year's numbering: `**Q1.1**`, `[5pts] Q3.2:`, `### 2.5.3`."""
_HEADING = re.compile(r"\s{0,3}(#{1,6})\s")
_NO_HEADING = 7


class _Cell(msgspec.Struct):
    """A cell of nbformat 3 or 4; 3 calls the source of code `input`, which no one marks, and has headings."""

    cell_type: str = ""
    source: str | list[str] = ""
    level: int = 0
    attachments: dict[str, dict[str, str | list[str]]] = {}
    """Pasted images: name to media type to base64."""


class _Sheet(msgspec.Struct):
    cells: list[_Cell] = []


class _Notebook(msgspec.Struct):
    """nbformat 4 has `cells`, 3 has them in `worksheets`."""

    cells: list[_Cell] = []
    worksheets: list[_Sheet] = []


@dataclass(frozen=True)
class Answers:
    """Texts by question id, the notebook's hash, and what there is to say about reading it."""

    texts: dict[str, str] = field(default_factory=dict)
    """Empty where the question was found and nothing is written under it."""
    images: dict[str, tuple[Image, ...]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read(submission: Submission, questions: Sequence[Question], handout: Sequence[str] = ()) -> Answers:
    """Read the hand-in's notebook; a notebook that cannot be read becomes a note.

    `handout` are the prose cells of the notebook that students were given: what is left of them is no answer.
    """
    if submission.notebook is None:
        return Answers()
    name = printable(submission.notebook)
    content, refused = read_plain(submission.folder / submission.notebook, MAX_NOTEBOOK)
    if refused:
        return Answers(notes=(f"{name} was not read: {refused}",))
    files = {name: sha256(content).hexdigest()}
    try:
        notebook = _decoded(content)
        prose = _cells(notebook)
        found = answers(prose, questions, handout)
        images = _images(notebook, _regions(prose, questions))
    except msgspec.ValidationError:
        return Answers(files=files, notes=(f"{name} cannot be read as a notebook: it is damaged",))
    except (ValueError, RecursionError):
        return Answers(files=files, notes=(f"{name} cannot be read as a notebook: it is no JSON",))
    return Answers(found, images, files)


def cells(content: bytes) -> list[tuple[str, str]]:
    """The cells of a notebook of nbformat 3 or 4, as (type, source).

    `msgspec.ValidationError` where it is JSON but no notebook; `ValueError` or `RecursionError` where it is no JSON.
    """
    return _cells(_decoded(content))


def _decoded(content: bytes) -> _Notebook:
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        return msgspec.json.decode(content, type=_Notebook)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        # Python programs write NaN and lone surrogates into notebooks, which are not quite JSON.
        if len(content) > MAX_LENIENT:
            raise
        return msgspec.convert(json.loads(content), _Notebook)


def _all(notebook: _Notebook) -> list[_Cell]:
    return [*notebook.cells, *(cell for sheet in notebook.worksheets for cell in sheet.cells)]


def _cells(notebook: _Notebook) -> list[tuple[str, str]]:
    found = []
    for cell in _all(notebook):
        source = cell.source if isinstance(cell.source, str) else "".join(cell.source)
        if cell.cell_type == "heading":
            found.append(("markdown", "#" * min(max(cell.level, 1), 6) + " " + source))
        else:
            found.append((cell.cell_type, source))
    if len(found) > MAX_CELLS:
        raise msgspec.ValidationError(f"{len(found)} cells")
    return [(kind, source.encode("utf-8", "replace").decode()) for kind, source in found]


def answers(
    cells: Sequence[tuple[str, str]], questions: Sequence[Question], handout: Sequence[str] = ()
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


def _regions(cells: Sequence[tuple[str, str]], questions: Sequence[Question]) -> dict[str, list[int]]:
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


def _asking_cell(question: Question, cells: Sequence[tuple[str, str]]) -> int | None:
    """The cell that asks: by its number, or by what is asked where the number belongs to another year's question."""
    number = re.compile(rf"(?<!\w){re.escape(question.id)}(?![\w.]*\d)")
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


def _images(notebook: _Notebook, regions: dict[str, list[int]]) -> dict[str, tuple[Image, ...]]:
    """Images that were pasted into the cells of an answer."""
    cells = _all(notebook)
    found: dict[str, tuple[Image, ...]] = {}
    for id, region in regions.items():
        pasted = [
            Image(printable(name), media, data if isinstance(data, str) else "".join(data))
            for i in region
            for name, forms in cells[i].attachments.items()
            for media, data in forms.items()
            if media in IMAGE_TYPES
        ]
        shown = [image for image in pasted if len(image.data) <= MAX_IMAGE and _is_base64(image.data)]
        if shown:
            found[id] = tuple(shown[:MAX_IMAGES])
    return found


def _is_base64(data: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9+/=\s]*", data) is not None


def _level(source: str) -> int:
    heading = _HEADING.match(source)
    return len(heading[1]) if heading else _NO_HEADING
