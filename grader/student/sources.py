"""The staged files of a hand-in, for quoting lines of them."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from .faults import Place

_MOST_SOURCE = 2 << 20
"""Bytes of a source file that are read to quote a line of it."""
_DEFINED = re.compile(r"\b(?:def|class)\s+(\w+)")
_UNNAMED = ("", "<module>", "<lambda>", "<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>")
"""What Python calls code that has no name."""


@dataclass(frozen=True)
class Sources:
    """The folder of the staged files, and where the lines of the module come from if that was made from a notebook."""

    folder: Path
    module: str
    """Name of the file that is graded."""
    notebook: str = ""
    """Name of the notebook; empty where the module was handed in."""
    lines: tuple[tuple[int, int], ...] = ()
    """For each line of the module, the number of the code cell and the line in it, all counting from 1."""

    @property
    def digest(self) -> str:
        """SHA-256 of the text of the module, in hex digits."""
        return hashlib.sha256(_source(self.folder, self.module).encode()).hexdigest()

    def place(self, file: str, line: int, function: str) -> Place | None:
        """The place with its line of code, read from the staged file: the worker's word is not taken for it.

        None for a file or a line that was not handed in. A function that the file does not define has no name here:
        code made while it runs can be called anything, and say that it is from anywhere.
        """
        source = _source(self.folder, file)
        lines = source.splitlines()
        if not 0 < line <= len(lines):
            return None
        code = lines[line - 1].strip()[:200]
        if function not in _UNNAMED and function not in _DEFINED.findall(source):
            function = ""
        if file == self.module and 0 < line <= len(self.lines):
            cell, line = self.lines[line - 1]
            file = f"{self.notebook}, code cell {cell}"
        return Place(file[:200], line, function[:200], code)

    def line_of(self, file: str, line: int) -> int:
        """The line of the module that a place (see `place`) is; 0 for one that is elsewhere."""
        if not self.lines:
            return line if file == self.module else 0
        places = (self.place(self.module, i, "") for i in range(1, len(self.lines) + 1))
        return next((i for i, at in enumerate(places, 1) if at and (at.file, at.line) == (file, line)), 0)


def _source(folder: Path, file: str) -> str:
    """The text of a staged file. Student code may have put anything in its place since: a pipe, a link, a loop."""
    try:
        path = (folder / file).resolve()
        if not path.is_relative_to(folder.resolve()):
            return ""
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            content = os.read(descriptor, _MOST_SOURCE) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
        finally:
            os.close(descriptor)
    except (OSError, ValueError, RuntimeError):  # Path.resolve calls a loop of links a RuntimeError
        return ""
    return content.decode("utf-8", "replace")
