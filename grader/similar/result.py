"""What a comparison gives, as plain frozen data. Texts in it are students' own: untrusted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

SCHEMA_VERSION = 1
LONGEST_LINE = 300
KindName = Literal["claims", "mistakes", "code", "words", "answers"]
KINDS: dict[KindName, str] = {
    "claims": "Claimed numbers that the own code does not give",
    "mistakes": "The same rare mistake",
    "code": "Rare runs of code",
    "words": "Rare comments, texts and names",
    "answers": "Rare runs in written answers",
}
"""The kinds of evidence, the strongest first, and what they are called."""


class Excerpt(msgspec.Struct, frozen=True):
    """Lines of a hand-in."""

    place: str
    """Its file, or the question that it answers."""
    first: int
    """Number of the first line."""
    lines: tuple[str, ...]
    beside: tuple[int, ...] = ()
    """Numbers of those lines that only stand between what is shared: handed out, comments, empty ones."""


def excerpt(place: str, first: int, lines: Iterable[str], beside: Iterable[int] = ()) -> Excerpt:
    """Some lines from one on, each cut where it is longer than anybody writes."""
    cut = (line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}..." for line in lines)
    return Excerpt(place, first, tuple(cut), tuple(beside))


class Evidence(msgspec.Struct, frozen=True):
    """One thing that two hand-ins share."""

    kind: KindName
    text: str
    have: int
    """How many of the class have it, or of a run its rarest part."""
    weight: float
    """Minus the natural logarithm of the share of the class that has it."""
    left: Excerpt | None = None
    right: Excerpt | None = None


class Looked(msgspec.Struct, frozen=True):
    """That a person has looked at a pair."""

    by: str
    at: str
    note: str
    content: str = ""
    """The pair's, when it was looked at; empty where nobody knows."""


class Pair(msgspec.Struct, frozen=True):
    """Two hand-ins of the class, or one and something from outside of it, which is then the `right`."""

    left: str
    right: str
    surprise: float
    """Minus the decimal logarithm of how likely two hand-ins of this class share so much by chance."""
    is_above: bool
    """Whether it is above the line."""
    amounts: dict[KindName, float]
    """Surprise by kind of evidence; only kinds that say something."""
    evidence: tuple[Evidence, ...]
    source: str = ""
    """Where `right` comes from that is no hand-in of the class."""
    looked: Looked | None = None
    content: str = ""
    """Hash of what both hold that is compared; empty for one from outside."""

    @property
    def has_changed(self) -> bool:
        """Whether one of them is another than when a person looked at the pair."""
        return self.looked is not None and self.looked.content not in ("", self.content)


class Member(msgspec.Struct, frozen=True):
    """A hand-in that was compared."""

    number: int
    """What it is called while names are hidden."""
    names: str
    link: str


class Similar(msgspec.Struct, frozen=True):
    """A class compared. Equal hand-ins give an equal result."""

    schema: int
    title: str
    line: float
    """The surprise from which on some three pairs of a class of this size are to be expected by chance."""
    members: dict[str, Member]
    """By id."""
    pairs: tuple[Pair, ...]
    """Those above the line, and the next few below it; the most surprising first."""
    outside: tuple[Pair, ...] = ()
    """The same with what is no hand-in of the class."""
    clusters: tuple[tuple[str, ...], ...] = ()
    """Three and more hand-ins that pairs above the line connect."""
    left_out: dict[str, str] = {}
    """Hand-ins that were not compared, and why, as a sentence without full stop."""
