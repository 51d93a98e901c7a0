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

from ..rubric import Question
from ..submission import MAX_NOTEBOOK, Submission, printable, read_plain

MAX_ANSWER = 20_000
"""Characters of an answer that go into the report."""
MAX_CELLS = 10_000
MAX_LENIENT = 8 << 20
"""Bytes of a notebook that is built as a whole where the strict reader refuses it; it takes 20 times as many."""
_HEADING = re.compile(r"\s{0,3}(#{1,6})\s")
_NO_HEADING = 7


class _Cell(msgspec.Struct):
    """A cell of nbformat 3 or 4; 3 calls the source of code `input`, which no one marks, and has headings."""

    cell_type: str = ""
    source: str | list[str] = ""
    level: int = 0


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
    files: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read(submission: Submission, questions: Sequence[Question]) -> Answers:
    """Read the hand-in's notebook; a notebook that cannot be read becomes a note."""
    if submission.notebook is None:
        return Answers()
    name = printable(submission.notebook)
    content, refused = read_plain(submission.folder / submission.notebook, MAX_NOTEBOOK)
    if refused:
        return Answers(notes=(f"{name} was not read: {refused}",))
    files = {name: sha256(content).hexdigest()}
    try:
        found = answers(cells(content), questions)
    except msgspec.ValidationError:
        return Answers(files=files, notes=(f"{name} cannot be read as a notebook: it is damaged",))
    except (ValueError, RecursionError):
        return Answers(files=files, notes=(f"{name} cannot be read as a notebook: it is no JSON",))
    return Answers(found, files)


def cells(content: bytes) -> list[tuple[str, str]]:
    """The cells of a notebook of nbformat 3 or 4, as (type, source).

    `msgspec.ValidationError` where it is JSON but no notebook; `ValueError` or `RecursionError` where it is no JSON.
    """
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        notebook = msgspec.json.decode(content, type=_Notebook)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        # Python programs write NaN and lone surrogates into notebooks, which are not quite JSON.
        if len(content) > MAX_LENIENT:
            raise
        notebook = msgspec.convert(json.loads(content), _Notebook)
    found = []
    for cell in [*notebook.cells, *(cell for sheet in notebook.worksheets for cell in sheet.cells)]:
        source = cell.source if isinstance(cell.source, str) else "".join(cell.source)
        if cell.cell_type == "heading":
            found.append(("markdown", "#" * min(max(cell.level, 1), 6) + " " + source))
        else:
            found.append((cell.cell_type, source))
    if len(found) > MAX_CELLS:
        raise msgspec.ValidationError(f"{len(found)} cells")
    return [(kind, source.encode("utf-8", "replace").decode()) for kind, source in found]


def answers(cells: Sequence[tuple[str, str]], questions: Sequence[Question]) -> dict[str, str]:
    """For each question marked by a person, the prose from its cell up to the next question or section.

    `cells` are (type, source). The cell that asks is left out where the answer has cells of its own. A
    heading below the level of the question's own, or of its section where it has none, belongs to the answer.
    """
    asking = {question.id: _asking_cell(question, cells) for question in questions}
    starts = {id: i for id, i in asking.items() if i is not None}
    levels = [_level(source) if kind == "markdown" else _NO_HEADING for kind, source in cells]
    texts = {}
    for question in questions:
        if question.checks or question.id not in starts:
            continue
        start = starts[question.id]
        section = next((levels[i] for i in range(start, -1, -1) if levels[i] < _NO_HEADING), 6)
        own = []
        for i in range(start + 1, len(cells)):
            if i in starts.values() or levels[i] <= section:
                break
            if cells[i][0] != "code":
                own.append(cells[i][1].strip())
        text = "\n\n".join(part for part in own if part) or cells[start][1].strip()
        texts[question.id] = text[:MAX_ANSWER]
    return texts


def _asking_cell(question: Question, cells: Sequence[tuple[str, str]]) -> int | None:
    """The first cell that begins with the question's mark, or else that has it: answers name other questions."""
    pattern = re.compile(question.find or rf"(?<!\w){re.escape(question.id)}(?![\w.]*\d)")
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
