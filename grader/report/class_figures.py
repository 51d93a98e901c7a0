"""What is said about a class, as frozen data: its rows, and the figures of its questions, checks and mistakes."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from ..model import ZERO, ClassHead, Person, QuestionHead


class Cell(msgspec.Struct, frozen=True):
    """A question of one hand-in."""

    earned: Decimal
    lost: Decimal
    open_points: Decimal
    waits: bool
    """Whether a person has to look, be it at a check without points."""
    faulty: bool
    """Whether the grader itself failed on a check of it, and no person has marked it since."""


class Row(msgspec.Struct, frozen=True):
    """One hand-in, small enough to keep a thousand."""

    id: str
    person: Person = Person()
    total: Decimal | None = None
    """After what the late policy takes off; None where nothing could be graded."""
    open_points: Decimal = ZERO
    deduction: Decimal = ZERO
    extended: bool = False
    """Whether it was due at another time than the class's."""
    minutes_late: int = 0
    """Past the student's own due time; zero where it was in time, or nobody asks."""
    cells: tuple[Cell | None, ...] = ()
    """In the order of the questions; None for a question that the report does not have."""
    mistakes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def name(self) -> str:
        """What to call the student."""
        return self.person.name or self.id

    @property
    def waits(self) -> bool:
        """Whether the total may still rise, or a person has to look for another reason."""
        return any(cell.waits for cell in self.cells if cell)

    @property
    def faulty(self) -> bool:
        """Whether the grader could not grade it, or a part of it."""
        return self.total is None or any(cell.faulty for cell in self.cells if cell)


class QuestionFigures(msgspec.Struct, frozen=True):
    """How the class did in a question. Hand-ins that still wait for a person there are not counted in."""

    question: QuestionHead
    decided: int
    """Hand-ins whose points are final."""
    full: int
    """Those of them with full marks."""
    mean: Decimal | None
    """Before the late policy; None where none is decided."""
    median: Decimal | None
    waiting: int
    open_points: Decimal


class Bin(msgspec.Struct, frozen=True):
    """Hand-ins with a total from `low` up to, but not including, `high`; in the last one, including it."""

    low: Decimal
    high: Decimal
    decided: int
    waiting: int
    """Those with points that wait for a person: they may still move up."""

    @property
    def count(self) -> int:
        return self.decided + self.waiting


class Cost(msgspec.Struct, frozen=True):
    """What a check cost the class."""

    question: str
    check: str
    """Its id; empty for points that persons took off in this question."""
    title: str
    lost: Decimal
    count: int
    """Hand-ins that lost points there."""


class MistakeFigures(msgspec.Struct, frozen=True):
    """A named mistake. It counts once a hand-in, however many checks name it."""

    name: str
    count: int
    lost: Decimal
    """Points that the checks cost which name it. Where a check names two mistakes, it is in both sums."""
    questions: tuple[str, ...]
    """Ids of the questions in which it shows."""


class Queue(msgspec.Struct, frozen=True):
    """A check at which hand-ins wait for a person."""

    question: str
    check: str
    title: str
    points: Decimal
    """Open there, and at the checks that wait for it, over all hand-ins."""
    message: str
    """What the check says, where it says the same of all."""
    ids: tuple[str, ...]
    """The hand-ins, sorted by name."""


class Part(msgspec.Struct, frozen=True):
    """How many hand-ins were graded on a dataset, or in a sandbox tier."""

    name: str
    count: int


class Summary(msgspec.Struct, frozen=True):
    """Everything that the class report says. Equal for equal entries, in whatever order they come."""

    head: ClassHead
    rows: tuple[Row, ...]
    """All hand-ins, those too that could not be graded, sorted by name."""
    graded: int
    mean: Decimal | None
    """Of the totals so far, after the late policy, rounded half up to 0.01; None where there are none."""
    median: Decimal | None
    waiting: int
    """Hand-ins with something that waits for a person."""
    open_points: Decimal
    late: int
    deducted: Decimal
    histogram: tuple[Bin, ...]
    questions: tuple[QuestionFigures, ...]
    costs: tuple[Cost, ...]
    """The dearest check first; those that cost nothing are left out."""
    mistakes: tuple[MistakeFigures, ...]
    """The most frequent first."""
    review: tuple[Queue, ...]
    """In the order of the questions."""
    faults: tuple[Queue, ...]
    """Checks at which the grader itself failed, in the order of the questions."""
    absent: tuple[Person, ...]
    slowest: tuple[Row, ...]
    datasets: tuple[Part, ...]
    tiers: tuple[Part, ...]
    provisional: tuple[Part, ...]
    """The datasets of the provisional runs."""
    bare: tuple[str, ...] = ()
    """Ids of those without a notebook, in which nothing is written; their written questions are in no queue."""
    alike: tuple[tuple[str, ...], ...] = ()
    """Ids of those that handed in the same files."""
