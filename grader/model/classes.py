"""A class, as exports and its page see it."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from .people import Lateness, Person
from .report import GradeReport
from .results import ZERO, Misfit


class Entry(msgspec.Struct, frozen=True):
    """One hand-in of a class, as exports and the class report see it."""

    report: GradeReport
    """For staff, with persons' marks, without figures, images and what the notebook showed."""
    person: Person = Person()
    submitted: str = ""
    """When it was handed in: ISO 8601 with offset; empty where nobody knows."""
    late: Lateness | None = None
    """None where the rubric has no late policy."""
    origin: str = ""
    """How it was recognised, such as `Canvas download`; empty for a plain folder."""
    seconds: float = 0.0
    """Wall time that grading it took."""

    @property
    def total(self) -> Decimal:
        """Points earned, after what the late policy takes off."""
        return self.report.earned - (self.late.deduction if self.late else ZERO)


class QuestionHead(msgspec.Struct, frozen=True):
    """A question without answers to it."""

    id: str
    title: str
    points: Decimal


class ClassHead(msgspec.Struct, frozen=True):
    """What is the same for all hand-ins of a class."""

    title: str
    """Title of the assignment."""
    points: Decimal
    questions: tuple[QuestionHead, ...]
    run: int
    """Number of the run in the gradebook."""
    graded_at: str
    """When that run ended: ISO 8601, UTC."""
    dataset: str
    marked_on: str
    tier: str
    fingerprints: dict[str, str] = {}
    absent: tuple[Person, ...] = ()
    """Those on the roster who handed in nothing."""
    strangers: dict[str, str] = {}
    """Id of each hand-in that is on nobody's row of the roster, to who may be meant, without full stop."""
    failed: dict[str, str] = {}
    """Id of each hand-in that has no marks, to the reason in a sentence."""
    failed_persons: dict[str, Person] = {}
    """Whose these are, as far as that is known."""
    nonces: tuple[str, ...] = ()
    """What, beside the secret, the hidden inputs varied by; more than one where some have handed in again."""
    published_secret: bool = False
    """Whether the secret is the one that is published with the grader."""
    misfits: tuple[Misfit, ...] = ()
    """Marks of persons that do not count: somebody has to look at each."""
    adjusted: tuple[Misfit, ...] = ()
    """Marks that count for other points than were given, as the rubric says, since their question's points changed."""

    @property
    def provisional(self) -> bool:
        """Whether the accuracy checks ran on another dataset than the one that marks are for."""
        return self.dataset != self.marked_on
