"""The one reader of tables that people have had in a spreadsheet: class lists and sheets of marks.

CSV with comma, semicolon or tab, told by `sep=` or by the first line; UTF-8 with or without a byte order mark, UTF-16
with one.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from ..errors import UsageError
from .plain_files import as_utf8

MAX_FILE = 16 << 20
"""Bytes of a table."""
MARK = "\ufeff"
"""With this at its beginning, a spreadsheet takes a file for UTF-8, and keeps names as they are."""
_DELIMITERS = ",;\t"


@dataclass(frozen=True)
class Row:
    """One row, as it was written."""

    line: int
    """Number of the line on which it ends, the first being 1."""
    cells: tuple[str, ...]


def read(path: Path, what: str) -> Iterator[Row]:
    """The rows of a file that are not empty; `UsageError` where it is none. `what` says what was wanted of it."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    if len(content) > MAX_FILE:
        raise UsageError(f"{path}: has more than {MAX_FILE >> 20} MB; wanted {what}")
    return rows(content, str(path))


def rows(content: bytes, name: str) -> Iterator[Row]:
    """The rows of a table that are not empty; `UsageError` where it is none."""
    try:
        text = as_utf8(content).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: is not UTF-8 (byte {error.start}); save it as CSV UTF-8") from None
    # A spreadsheet may say which delimiter it used.
    told = re.match(r"sep=([,;\t])\r?\n", text)
    start = told.end() if told else 0
    first = text[start:].lstrip("\r\n").partition("\n")[0]
    delimiter = told[1] if told else max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text[start:], newline=""), delimiter=delimiter, strict=True)
    before = int(told is not None)
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                yield Row(reader.line_num + before, tuple(cells))
    except csv.Error as error:
        line = reader.line_num + before
        raise UsageError(f"{name}, line {line}: is no CSV ({error}); save it as CSV UTF-8 again") from None


def number(text: str) -> Decimal | None:
    """A number with a decimal point or a decimal comma; None where it is none."""
    try:
        return Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
