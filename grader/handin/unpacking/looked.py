"""Whether a notebook is the one that was handed out, or was made of it. What its cells put out is not built."""

from __future__ import annotations

import msgspec

from ..plain_files import as_utf8
from .messages import OfNotebook


class _Cell(msgspec.Struct):
    cell_type: str = ""
    source: str | list[str] = ""


class _Notebook(msgspec.Struct):
    cells: list[_Cell] = []


def compared(content: bytes, handed_out: bytes) -> OfNotebook:
    """A notebook beside the one that was handed out; one that cannot be read may be anything."""
    given = _sources(handed_out)
    try:
        own = _sources(as_utf8(content))
    except (msgspec.DecodeError, RecursionError):
        return OfNotebook(untouched=False, descends=True)
    prose = {source for kind, source in given if kind != "code"}
    left = prose & {source for _, source in own}
    return OfNotebook(untouched=own == given, descends=2 * len(left) >= len(prose))


def _sources(notebook: bytes) -> list[tuple[str, str]]:
    """Kind and source of each cell that is not empty, white space aside."""
    cells = msgspec.json.decode(notebook.removeprefix(b"\xef\xbb\xbf"), type=_Notebook).cells
    found = (
        (
            cell.cell_type,
            "".join((cell.source if isinstance(cell.source, str) else "".join(cell.source)).split()),
        )
        for cell in cells
    )
    return [(kind, source) for kind, source in found if source]
