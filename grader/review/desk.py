"""What is marked at the page: the answers of a class, what is next for whom, every save, and what is flagged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ..assignment.rubric import Question
from ..gradebook import FlagRecord, flags
from ..gradebook.classbook import ClassBook
from ..model import ZERO
from ..report.safe_text import one_line
from .answers import Answers
from .attention import Attention
from .people import Opened, Session
from .places import Place
from .saving import Saving
from .second import Seconds


@dataclass(frozen=True)
class Tally:
    """A question on the first page."""

    question: Question
    answers: int
    waiting: int
    groups: int
    """How many different answers wait, those of the same text counted once."""
    marked: int
    flagged: int


class Desk:
    """A class at which persons mark."""

    def __init__(self, book: ClassBook, now: Callable[[], str], share: Decimal = ZERO) -> None:
        """`now` gives the time as the gradebook has it; `share` of what is decided is for second opinions, 0 to 1."""
        self.answers = Answers(book)
        self.saving = Saving(self.answers, now)
        self.opened = Opened()
        self.seconds = Seconds(self.answers, self.opened, now, share)
        self.attention = Attention(self.answers)
        self._now = now

    def tallies(self) -> list[Tally]:
        """What there is to do, by question; those of which nothing waits and nothing is marked are left out."""
        flagged = self.flags()
        found = []
        for id, question in self.answers.questions.items():
            view = self.answers.view(id)
            if view.shown:
                groups = len({place.same or place.handle for place in view.waiting})
                up = sum((place.submission, id) in flagged for place in view.shown)
                marked = len(view.shown) - len(view.waiting)
                found.append(Tally(question, view.answers, len(view.waiting), groups, marked, up))
        return found

    def next_waiting(self, session: Session, question: str, after: str = "") -> Place | None:
        """The next answer to decide: none that somebody else is at, and what was skipped only at the end."""
        own = [place for place in self.answers.view(question).waiting if place.handle != after]
        own = [*(one for one in own if one.handle > after), *(one for one in own if one.handle < after)]
        free = [place for place in own if not self.opened.holds(place)]
        fresh = [place for place in free if (question, place.handle) not in session.skipped]
        return next(iter(fresh or free or own), None)

    def flag(self, session: Session, place: Place, raised: bool, note: str) -> None:
        """Ask a colleague to look at an answer, or no longer."""
        record = FlagRecord(
            self.answers.book.rubric.id,
            place.submission,
            place.question,
            raised,
            session.name,
            self._now(),
            one_line(note),
        )
        flags.add(self.answers.book.book, record)

    def flags(self) -> Mapping[tuple[str, str], FlagRecord]:
        """What is flagged, by hand-in and question."""
        return flags.raised(self.answers.book.book, self.answers.book.rubric.id)

    def flagged(self) -> list[tuple[Place, FlagRecord]]:
        """The answers that are flagged."""
        up = self.flags()
        return [
            (place, up[place.submission, id])
            for id in self.answers.questions
            for place in self.answers.all(id)
            if (place.submission, id) in up
        ]
