"""What is wrong with the gradebook's file, in words, and what to type."""

from __future__ import annotations

import shlex
import sqlite3
from pathlib import Path

from .opening import PATIENCE_S


def repair_command(folder: Path) -> str:
    """What to type where a gradebook is damaged."""
    return f"grade gradebook repair --out {shlex.quote(str(folder))}"


def in_words(error: sqlite3.Error, folder: Path) -> str:
    """What is wrong with the file, and what to do."""
    name = getattr(error, "sqlite_errorname", "")
    kinds = {
        "SQLITE_BUSY": f"another program has held it for {PATIENCE_S} seconds; close that, and give the "
        "command again",
        "SQLITE_LOCKED": "another program holds it; close that, and give the command again",
        "SQLITE_FULL": "the disk is full; make room, and give the command again: it goes on where it was",
        "SQLITE_READONLY": "cannot be written; make it and its folder writable, or name another folder with --out",
        "SQLITE_CANTOPEN": "cannot be opened; make its folder writable, or name another with --out",
        "SQLITE_NOTADB": "is no gradebook, or is damaged from its first page on; save what can be saved with "
        f"`{repair_command(folder)}`",
        "SQLITE_CORRUPT": f"is damaged; save what can be saved with `{repair_command(folder)}`",
        "SQLITE_IOERR": "cannot be read or written; look at the disk, and give the command again: it goes on where it "
        "was",
    }
    if not name and not isinstance(error, sqlite3.ProgrammingError):
        return f"is damaged ({error}); save what can be saved with `{repair_command(folder)}`"
    for kind, words in kinds.items():
        if name.startswith(kind):
            return f"{words} ({error})"
    return f"{error} ({name})"
