"""Tables for spreadsheets: the only place that writes CSV."""

from __future__ import annotations

import csv
from typing import TextIO

from .safe_text import harmless


class Fixed(str):
    """A cell that is ours and stands as it is: a number, or a sign that a course system wants."""

    __slots__ = ()


class Rows:
    """Rows of a CSV file. Whatever others say in a cell, it is text without control characters, and no formula."""

    def __init__(self, file: TextIO) -> None:
        self._writer = csv.writer(file, lineterminator="\n")

    def write(self, *cells: str) -> None:
        """One more row."""
        self._writer.writerow([cell if isinstance(cell, Fixed) else harmless(cell) for cell in cells])
