"""Which of several files is meant: pure, of their names, places and what they say of themselves.

For modules and notebooks alike, in this order: of equal files one; what is as it was handed out gives way; what was in
an archive gives way; what its name calls old gives way; what lies further out wins over what lies in folders beside it;
the name that was wanted wins; of copies of one file the newest wins. What is left after that, if it is more than one,
is for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import names
from .tree import Entry

MAX_SAID = 5
"""Files that are named one by one."""


@dataclass(frozen=True)
class Candidate:
    """A file that may be meant."""

    entry: Entry
    digest: str
    """Equal for equal files."""
    handed_out: bool = False
    """Whether it is as it was handed out."""

    @property
    def stem(self) -> str:
        """Its name without the ending."""
        return self.entry.name.rpartition(".")[0]


@dataclass(frozen=True)
class Choice:
    """The file that is meant, or those of which it is not known."""

    meant: Entry | None = None
    several: tuple[Entry, ...] = ()
    """Those among which a person has to choose; empty where one is meant or none is there."""
    others: tuple[Entry, ...] = ()
    """Those that gave way and hold something else."""
    templates: tuple[Entry, ...] = ()
    """Those that gave way as they are as they were handed out."""


def choose(found: Sequence[Candidate], wanted: str) -> Choice:
    """Choose one of the files; `wanted` is the name that it should have."""
    left = _distinct(found, wanted)
    filled = [one for one in left if not one.handed_out]
    templates = [one for one in left if one.handed_out]
    left = filled or templates
    left = [one for one in left if not one.entry.packed] or left
    left = [one for one in left if not names.is_old(one.entry.path)] or left
    left = _outermost(left)
    left = _of_the_name(left, wanted)
    left = _newest(left)
    if len(left) != 1:
        return Choice(None, tuple(one.entry for one in left))
    (meant,) = left
    return Choice(
        meant.entry,
        (),
        tuple(one.entry for one in filled if one is not meant),
        tuple(one.entry for one in templates if one is not meant and filled),
    )


def _distinct(found: Sequence[Candidate], wanted: str) -> list[Candidate]:
    """Of equal files the one of the best name and place."""
    kept: dict[str, Candidate] = {}
    for one in sorted(
        found,
        key=lambda c: (
            c.entry.packed,
            names.is_old(c.entry.path),
            len(c.entry.path),
            c.entry.name != wanted,
            c.entry.path,
        ),
    ):
        kept.setdefault(one.digest, one)
    return list(kept.values())


def _outermost(left: Sequence[Candidate]) -> list[Candidate]:
    """Those in the folder that all others lie in, if there is one."""
    folders = {one.entry.folder for one in left}
    around = [f for f in folders if all(other[: len(f)] == f for other in folders)]
    return [one for one in left if one.entry.folder in around] or list(left)


def _of_the_name(left: Sequence[Candidate], wanted: str) -> list[Candidate]:
    """Those of the wanted name; of names that differ from it as copies do; or all."""
    if len({one.entry.folder for one in left}) > 1:
        return list(left)
    exact = [one for one in left if one.entry.name == wanted]
    own = names.family(wanted.rpartition(".")[0])
    return exact or [one for one in left if names.family(one.stem) == own] or list(left)


def _newest(left: Sequence[Candidate]) -> list[Candidate]:
    """Of copies of one file in one folder the newest; all where that is not certain."""
    if len({(one.entry.folder, names.family(one.stem)) for one in left}) > 1:
        return list(left)
    most = max((names.newness(one.stem) for one in left), default=None)
    return [one for one in left if names.newness(one.stem) == most]


def listing(entries: Sequence[Entry]) -> str:
    """Their paths for people, the first few of them."""
    more = f" and {len(entries) - MAX_SAID:,} more" if len(entries) > MAX_SAID else ""
    return ", ".join(one.shown for one in entries[:MAX_SAID]) + more
