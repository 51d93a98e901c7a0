"""What zip files and tarballs have in common: entries, and the ways in which they can be bad."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass


class BadArchive(Exception):
    """It cannot be read to its end; the text says why, as a sentence without full stop."""


class BadEntry(Exception):
    """One entry of an archive cannot be read; the others may."""


@dataclass(frozen=True)
class Entry:
    """One entry, whose content has not been read."""

    name: str
    """As it is stored: untrusted, and not yet a path."""
    chunks: Callable[[], Iterator[bytes]]
    """Its content in pieces of at most 64 kB, until the next entry is asked for; may raise `BadEntry`."""
    is_folder: bool = False
    refused: str = ""
    """Why it is not to be read: that it is a link, say."""
