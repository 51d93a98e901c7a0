"""What goes between the grader and the process that opens archives for it: plain data, as MessagePack.

What comes back is untrusted: an archive may have taken that process over. The grader makes each file and folder itself,
within the caps, and looks at every name again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from ...model import Person

MAX_REPLY = 16 << 20
"""Bytes of one reply."""


@dataclass(frozen=True)
class Caps:
    """How much of an archive is taken."""

    file: int
    """Bytes of the archive itself."""
    entries: int
    share: int
    """Bytes written of what belongs together: one folder or file at the top."""
    total: int
    """Bytes written of all."""
    read: int
    """Bytes decompressed, of what is skipped too: a tarball cannot be read in part."""
    seconds: float
    """Of CPU."""
    of_class: bool = False
    """Whether several students' hand-ins may be in it, and archives of theirs."""


class Task(msgspec.Struct, frozen=True):
    """One file to open. Its descriptor comes with the message."""

    kind: Literal["zip", "tar", "list", "notebook"]
    caps: Caps
    """Of a list and a notebook, the seconds alone count."""
    handed_out: bytes = b""
    """The notebook that students were given, for one to be compared with it."""


class Step(msgspec.Struct, frozen=True, array_like=True):
    """A piece of an entry's content, or that it has ended, or was refused."""

    parts: tuple[bytes, ...]
    """Its path, in UTF-8 with what else is in Python's texts; that of a folder ends in an empty name."""
    content: bytes = b""
    """More of it, after which more comes or it ends; empty at its end."""
    refused: str = ""
    """Why it is left out, with all that has come of it; a sentence without full stop."""

    @property
    def names(self) -> tuple[str, ...]:
        """The path as text; `ValueError` where it is none."""
        return tuple(part.decode("utf-8", "surrogatepass") for part in self.parts)

    @classmethod
    def of(cls, names: tuple[str, ...], content: bytes = b"", refused: str = "") -> Step:
        """The same for a path as text."""
        return cls(tuple(name.encode("utf-8", "surrogatepass") for name in names), content, refused)


class Listed(msgspec.Struct, frozen=True, array_like=True):
    """One hand-in of a course system's list."""

    folder: str
    persons: tuple[Person, ...]
    submitted: str
    """ISO 8601 with offset; empty where nothing says so."""


class OfNotebook(msgspec.Struct, frozen=True, array_like=True):
    """A notebook beside the one that was handed out."""

    untouched: bool
    """Whether its cells are the same, as far as anybody has typed them."""
    descends: bool
    """Whether it was made of that one: it has half of its prose still."""


class Reply(msgspec.Struct, frozen=True):
    """One of those that a task is answered with."""

    steps: tuple[Step, ...] = ()
    outside: tuple[Step, ...] = ()
    """Entries that lead out of the archive, and are in no student's part of it."""
    listed: tuple[Listed, ...] = ()
    notebook: OfNotebook | None = None
    bad: str = ""
    """Why it cannot be read to its end, as a sentence without full stop."""
    trace: str = ""
    """The traceback of a fault of ours."""
    last: bool = False
