"""The one place where a notebook file is read.

The notebook is hostile JSON. It is read into the few fields that matter here, and everything else is skipped
without being built: `nbformat` would build and validate the whole of it, which takes gigabytes and minutes for a
file made to do so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from ..handin.plain_files import as_utf8, printable
from ..model import Image

MAX_CELLS = 2000
"""A homework has some sixty."""
MAX_SOURCES = 2_000_000
"""Characters of all cells' sources; a homework has some 50,000."""
MAX_OUTPUTS = 2_000_000
"""Characters of what all cells have put out that are looked at."""
MAX_LENIENT = 8 << 20
"""Bytes of a notebook that is built as a whole where the strict reader refuses it; it takes 20 times as many."""
MAX_OBJECTS = 500_000
"""Objects in the outputs of a notebook; past them, outputs are not read. Each takes two microseconds and 250 bytes."""
MAX_IMAGE = 3 << 20
"""Characters of base64 of one image."""
MAX_IMAGES = 12
"""Images of the output of one cell."""
MAX_TEXT = 100_000
"""Characters of the output of one cell."""
MAX_DAMAGED = 10
"""Damaged parts of a notebook that are named."""
MAX_PRINTED = 20_000
"""Characters of the output of one cell that the report may quote."""
REFUSED = "application/vnd.grader.refused"
"""Media type of the output that says which command was not run (see `student.child.jupyter`)."""
IMAGE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp")
"""Formats that cannot hold a script."""
_LINE = re.compile(r"^ {0,2}Cell In ?\[\d{1,6}\], line (\d{1,6})$", re.MULTILINE)
"""Where a traceback of IPython's says at which line of the cell it begins; in a function, more follows."""
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
"""Terminal colours, which tracebacks have."""


@dataclass(frozen=True)
class Shown:
    """What a cell has put out. Untrusted."""

    text: str = ""
    """What was printed, and results as text, in order, cut at `MAX_TEXT`."""
    images: tuple[Image, ...] = ()
    error: str = ""
    """The exception that ended it, as `NameError: name 'x' is not defined`; empty for none."""
    line: int = 0
    """The cell's line that the exception came out of; 0 where that is not known."""


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook; headings of nbformat 3 are `markdown`."""

    kind: str
    """`code`, `markdown` or `raw`."""
    source: str
    pasted: tuple[Image, ...] = ()
    """Images in the text of a markdown cell."""
    shown: Shown = Shown()


@dataclass(frozen=True)
class Notebook:
    """A hand-in's notebook, as far as it could be read."""

    name: str = ""
    """As handed in; empty where there is none."""
    cells: tuple[Cell, ...] = ()
    problem: str = ""
    """Why it has no cells, as a sentence without full stop; empty where it was read."""
    notes: tuple[str, ...] = ()
    """What was left out, as sentences without full stop."""


class Printed(msgspec.Struct, frozen=True):
    """What one cell has put out when it was executed, in words."""

    text: str = ""
    error: str = ""
    """The exception that ended it, as `NameError: name 'x' is not defined`; empty for none."""
    refused: tuple[str, ...] = ()
    """Commands that were not run, a line each."""
    line: int = 0
    """The cell's line that the exception came out of; 0 where that is not known."""


class _Cell(msgspec.Struct):
    """A cell of nbformat 3 or 4; 3 calls the source of code `input`."""

    cell_type: str = ""
    source: str | list[str] = ""
    input: str | list[str] = ""
    level: int = 0
    attachments: msgspec.Raw = msgspec.Raw(b"{}")
    """Pasted images: name to media type to base64. Read apart, as the outputs are."""
    outputs: msgspec.Raw = msgspec.Raw(b"[]")
    """Read apart: damaged outputs must not keep anybody from the answers."""


class _Sheet(msgspec.Struct):
    cells: list[msgspec.Raw] = []


class _Notebook(msgspec.Struct):
    """nbformat 4 has `cells`, 3 has them in `worksheets`; each is read apart: one that is damaged is one, not all."""

    cells: list[msgspec.Raw] = []
    worksheets: list[_Sheet] = []


class _Data(msgspec.Struct, rename={"text": "text/plain", "png": "image/png", "jpeg": "image/jpeg"}):
    text: Any = ""
    png: Any = ""
    jpeg: Any = ""


class _Refusal(msgspec.Struct):
    data: dict[str, object] = {}


class _Output(msgspec.Struct):
    """An output of nbformat 4, where `data` has the forms, or of 3, where they stand beside `text`."""

    output_type: str = ""
    text: Any = ""
    data: _Data = msgspec.field(default_factory=_Data)
    png: Any = ""
    jpeg: Any = ""
    ename: Any = ""
    evalue: Any = ""
    traceback: Any = ""


def read(name: str, content: bytes) -> Notebook:
    """Read a notebook; `name` is as handed in."""
    damaged: list[str] = []
    try:
        found = cells(content, damaged)
    except TooMany as error:
        return Notebook(name, (), f"{name} was not read: it has {error}")
    except msgspec.ValidationError:
        what = _what_else(content)
        return Notebook(
            name, (), f"{name} cannot be read as a notebook: {'it is damaged' if what == _NO_JSON else what}"
        )
    except (ValueError, RecursionError):
        return Notebook(name, (), f"{name} cannot be read as a notebook: {_what_else(content)}")
    if not found:
        return Notebook(name, (), f"{name} cannot be read as a notebook: {_without_cells(content)}")
    read = _cut(name, found)
    return replace(
        read, notes=(*read.notes, *(f"damaged in {name}: {what}" for what in damaged[:MAX_DAMAGED]))
    )


def _what_else(content: bytes) -> str:
    """What a file is that is no JSON, as a sentence without full stop that `it` begins."""
    start = content[:2000].lstrip()
    if not start:
        return "it is empty"
    if start.startswith(b"[InternetShortcut]"):
        return _SHORTCUT
    if (
        start[:200]
        .lower()
        .startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<body", b"<script", b"<!--"))
    ):
        return "it is a web page; download the notebook itself"
    if start.startswith((b"PK", b"%PDF")):
        return "it is another kind of file under that name"
    try:
        as_utf8(content).decode()
    except UnicodeDecodeError as error:
        return f"it is not UTF-8 (byte {error.start}); save it as UTF-8"
    return _NO_JSON


def _without_cells(content: bytes) -> str:
    """What JSON is that has no cells."""
    try:
        fields = msgspec.json.decode(as_utf8(content), type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        fields = {}
    return _SHORTCUT if fields.keys() & {"url", "doc_id", "resource_id"} else "it has no cells"


_NO_JSON = "it is no JSON"
_SHORTCUT = "it is a shortcut to a file on a drive, and not that file; download it, and hand that in"


def _cut(name: str, found: Sequence[Cell]) -> Notebook:
    """The notebook with no more text than `MAX_SOURCES` and `MAX_OUTPUTS`, and a note on what is left out."""
    sources, outputs = MAX_SOURCES, MAX_OUTPUTS
    kept, large = [], []
    for number, cell in enumerate(found, 1):
        source, shown = cell.source, cell.shown
        if len(source) > sources:
            large.append(number)
            source = ""
        if len(shown.text) > outputs:
            shown = replace(shown, text="")
        sources -= len(source)
        outputs -= len(shown.text)
        kept.append(replace(cell, source=source, shown=shown))
    notes = (
        [f"left out of {name}: {numbered('cell', large)}, as a notebook may have {MAX_SOURCES:,} characters"]
        if large
        else []
    )
    return Notebook(name, tuple(kept), "", tuple(notes))


def numbered(what: str, numbers: Sequence[int]) -> str:
    """`cell 3`, or `cell 3 and 12 more`."""
    more = f" and {len(numbers) - 1:,} more" if len(numbers) > 1 else ""
    return f"{what} {numbers[0]}{more}"


class TooMany(msgspec.ValidationError):
    """There are too many cells; the text says how many."""


def cells(content: bytes, damaged: list[str] | None = None) -> tuple[Cell, ...]:
    """The cells of a notebook of nbformat 3 or 4; what of them is damaged is added to that list.

    A damaged cell has its place, and is empty.

    `msgspec.ValidationError` where it is JSON but no notebook; `ValueError` or `RecursionError` where it is no JSON.
    """
    notebook = _decoded(content)
    found = [*notebook.cells, *(cell for sheet in notebook.worksheets for cell in sheet.cells)]
    if len(found) > MAX_CELLS:
        raise TooMany(f"{len(found):,} cells, more than {MAX_CELLS:,}")
    left = MAX_OBJECTS
    read = []
    told = damaged if damaged is not None else []
    for number, raw in enumerate(found, 1):
        try:
            cell = msgspec.json.decode(raw, type=_Cell)
        except (msgspec.DecodeError, RecursionError):
            told.append(f"cell {number}, which was left out")
            read.append(Cell("raw", ""))
            continue
        left -= bytes(cell.outputs).count(b"{")
        pasted = _attachments(bytes(cell.attachments))
        if pasted is None:
            told.append(f"the pictures in cell {number}, whose text was read")
        read.append(_cell(cell, pasted or {}, with_outputs=left >= 0))
    return tuple(read)


def shown(outputs: bytes) -> Shown:
    """What a cell has put out, of its `outputs` as JSON; nothing where they are damaged."""
    try:
        items = msgspec.json.decode(outputs, type=list[_Output])
    except (msgspec.DecodeError, RecursionError):
        return Shown()
    text, images, error, line = [], [], "", 0
    for item in items:
        if item.output_type in ("error", "pyerr"):
            error = f"{_joined(item.ename)}: {_joined(item.evalue)}".strip(": ")[:2000]
            line = _line(item.traceback)
            continue
        pictures = [
            Image("output", media, data)
            for media, first, second in (
                ("image/png", item.data.png, item.png),
                ("image/jpeg", item.data.jpeg, item.jpeg),
            )
            if (data := _joined(first) or _joined(second))
        ]
        images += pictures[:1]  # forms of the same thing
        if not pictures:
            part = _joined(item.text) or _joined(item.data.text)
            # A result ends its line; what was printed ends it or goes on.
            text.append(part if item.output_type == "stream" else f"{part}\n")
    usable = [image for image in images if is_image(image)]
    return Shown(_clean("".join(text))[:MAX_TEXT], tuple(usable[:MAX_IMAGES]), _clean(error), line)


def _line(traceback: Any) -> int:
    """The line of the cell itself that a traceback begins at; 0 where it does not say."""
    for part in traceback if isinstance(traceback, list) else []:
        if isinstance(part, str) and (found := _LINE.search(part[:MAX_TEXT])):
            # Under `%%time` and the like, what raised is below the line that it names.
            return 0 if "run_cell_magic(" in part else int(found[1])
    return 0


def printed(outputs: bytes, shown: Shown) -> Printed:
    """What the report says of a cell that was executed."""
    try:
        items = msgspec.json.decode(outputs, type=list[_Refusal])
    except (msgspec.DecodeError, RecursionError):
        items = []
    commands = [item.data[REFUSED] for item in items if REFUSED in item.data]
    refused = [" ".join(command[:1000].split())[:100] for command in commands if isinstance(command, str)]
    return Printed(shown.text[:MAX_PRINTED], shown.error, tuple(refused[:3]), shown.line)


def is_image(image: Image) -> bool:
    """Whether it is base64 of a harmless format and not too large."""
    return (
        image.media_type in IMAGE_TYPES
        and len(image.data) <= MAX_IMAGE
        and re.fullmatch(r"[A-Za-z0-9+/=\s]*", image.data) is not None
    )


def _decoded(content: bytes) -> _Notebook:
    content = as_utf8(content)
    try:
        return msgspec.json.decode(content, type=_Notebook)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        # Python programs write NaN and lone surrogates into notebooks, which are not quite JSON.
        if len(content) > MAX_LENIENT:
            raise
        lenient = json.dumps(json.loads(content, parse_constant=lambda _: None), ensure_ascii=False)
        return msgspec.json.decode(lenient.encode("utf-8", "replace"), type=_Notebook)


def _attachments(content: bytes) -> dict[str, dict[str, str | list[str]]] | None:
    """Name to media type to base64; None where they are damaged."""
    try:
        return msgspec.json.decode(content, type=dict[str, dict[str, str | list[str]]])
    except (msgspec.DecodeError, RecursionError):
        return None if content != b"null" else {}


def _cell(cell: _Cell, attached: dict[str, dict[str, str | list[str]]], with_outputs: bool) -> Cell:
    source = _joined(cell.source) or _joined(cell.input)
    if cell.cell_type == "heading":
        return Cell("markdown", "#" * min(max(cell.level, 1), 6) + " " + source)
    pasted = [
        Image(printable(name), media, _joined(data))
        for name, forms in attached.items()
        for media, data in forms.items()
        if media in IMAGE_TYPES
    ]
    put_out = shown(bytes(cell.outputs)) if cell.cell_type == "code" and with_outputs else Shown()
    return Cell(cell.cell_type, source, tuple(filter(is_image, pasted)), put_out)


def _joined(text: Any) -> str:
    """Notebooks keep long text as one string or as a list of lines; anything else is no text."""
    if isinstance(text, list):
        return "".join(line for line in text if isinstance(line, str))
    return text if isinstance(text, str) else ""


def _clean(text: str) -> str:
    """Text as it looked: no colours; of lines that were written over with a carriage return, the last state."""
    text = _ESCAPES.sub("", text).replace("\r\n", "\n")
    return re.sub(r"^[^\n]*\r(?=[^\n])", "", text, flags=re.MULTILINE)
