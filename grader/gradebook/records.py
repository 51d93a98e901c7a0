"""What goes into the gradebook and comes out of it, as plain data."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal

import msgspec

from ..model import Mark, Person


class Hashes(msgspec.Struct, frozen=True):
    """What a run was made with: names and the first 12 hex digits of SHA-256 sums."""

    assignment: str
    """Id of the rubric."""
    rubric: str
    asking: str
    """Of what in the rubric can change findings; points are left out."""
    reference: str
    grader: str
    """Of the grader's own files, and of the packages whose version can move a mark."""
    dataset: str
    """Its name."""
    dataset_hash: str
    secret: str
    tier: str
    nonce: str = ""
    """The one that was asked for; empty where each hand-in has its own (see `tries`)."""

    def finding_key(self, files: str, nonce: str) -> str:
        """Under which findings in a hand-in with this hash of its files, graded under this nonce, are kept."""
        settings = (self.asking, self.reference, self.grader, self.dataset_hash, self.secret, self.tier)
        return digest(*settings, nonce, files)


class HandIn(msgspec.Struct, frozen=True):
    """A hand-in of a run: who, which files, and where what was found in them is."""

    submission: str
    files: str
    """Hash of its files and their names; empty where it could not be read."""
    finding: str | None = None
    """Key of what was found; None where it could not be graded."""
    trouble: str = ""
    """Why it could not be graded, in a sentence; empty where it could."""
    notes: tuple[str, ...] = ()
    persons: tuple[Person, ...] = ()
    """Who handed it in, as far as that is known: more than one for a group."""
    submitted: str = ""
    origin: str = ""
    nonce: str = ""
    """What it was graded under."""
    found_in: int = 0
    """The run that found it: a later one may have found something else under the same key."""

    @property
    def person(self) -> Person:
        """The first of them."""
        return self.persons[0] if self.persons else Person()


class RunRecord(msgspec.Struct, frozen=True):
    """A run, without its hand-ins."""

    id: int
    started: str
    ended: str | None
    """None where it was killed or is still at work."""
    rubric: str
    assignment: str
    asking: str
    rubric_path: str
    roster_path: str
    """Empty where none was named."""
    reference: str
    grader: str
    dataset: str
    dataset_hash: str
    secret: str
    tier: str
    nonce: str = ""


class Row(msgspec.Struct, frozen=True):
    """A check result of a run, before persons' marks."""

    run: int
    submission: str
    question: str
    check: str
    outcome: str
    earned: Decimal
    points: Decimal
    message: str
    diagnosis: str
    mistakes: tuple[str, ...]
    carried_from: str


class MarkRecord(msgspec.Struct, frozen=True):
    """A mark that a person gave."""

    assignment: str
    submission: str
    question: str
    mark: Mark
    answer: str = ""
    """Hash of the answer that it was given for, to see when that has changed; empty where nobody looks."""
    worth: Decimal | None = None
    """Points that the question had then; None where that was not noted."""
    withdrawn: bool = False
    """Whether the mark before was taken back: what the checks earned counts again. The points say nothing then."""


class ItemRecord(msgspec.Struct, frozen=True):
    """An item of a question that was added, or changed, while marking."""

    assignment: str
    question: str
    id: str
    text: str
    points: Decimal
    key: str
    part: str
    base: str
    """What the rubric said of it then (see `items.base`): where that says something else now, it is newer."""
    by: str
    at: str


def digest(*parts: str | int | float | None) -> str:
    """First 32 hex digits of a hash of several texts and numbers, of which none runs into the next."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
