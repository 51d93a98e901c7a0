"""Second opinions: which answers another person decides unseen, and how the two compare.

For several threads.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from ..errors import UsageError
from ..gradebook import MarkRecord, opinions
from ..model import ZERO, Mark
from .agreement import alike
from .answers import Answers
from .people import Choice, Opened, Save, Session
from .places import Place
from .saving import decided, mark_record

Key = tuple[str, str]
"""Of an answer: hand-in and question."""


@dataclass(frozen=True)
class Pair:
    """An answer that two persons have decided."""

    place: Place
    first: MarkRecord
    second: MarkRecord
    settled: bool
    """Whether a person has marked it since."""

    @property
    def alike(self) -> bool:
        """Whether both decided the same."""
        return alike(self.first.mark, self.second.mark)


@dataclass
class _Past:
    """All that persons have said of an answer."""

    marks: list[opinions.Given] = field(default_factory=list)
    """In order, without those that were given anew because an item was changed."""

    @property
    def hands(self) -> set[str]:
        """Who has marked it."""
        return {one.record.mark.by.casefold() for one in self.marks if not one.record.withdrawn}


@dataclass(frozen=True)
class Draw:
    """The answers of a question that two persons are to decide."""

    key: tuple[object, ...]
    """What it was made by."""
    drawn: int
    pairs: list[Pair]
    waiting: list[Place]
    """Those that nobody has given a second opinion on, in order."""


class Seconds:
    """The second opinions on the answers of a class."""

    def __init__(
        self, answers: Answers, opened: Opened, now: Callable[[], str], share: Decimal = ZERO
    ) -> None:
        """`share` of the answers that one person has decided is drawn, 0 to 1."""
        self.share = share
        self._answers, self._opened, self._now = answers, opened, now
        self._past: dict[Key, _Past] = {}
        self._marks_read = 0
        self._opinions: dict[Key, opinions.OpinionRecord] = {}
        self._opinions_read = 0
        self._draws: dict[str, Draw] = {}

    def of(self, question: str) -> Draw:
        """The answers of a question that were drawn, as they stand now; made anew only where something has changed."""
        with self._answers.lock:
            self._read()
            if not (self.share or self._opinions):
                return Draw((), 0, [], [])
            key = (self._opinions_read, self._answers.view(question).key)
            found = self._draws.get(question)
            if found is None or found.key != key:
                found = self._draws[question] = self._drawn(question, key)
            return found

    def _read(self) -> None:
        """Read what is new in the gradebook; all marks only where there are opinions, or there will be."""
        book, rubric = self._answers.book.book, self._answers.book.rubric.id
        if (newest := opinions.last(book)) != self._opinions_read:
            self._opinions, self._opinions_read = opinions.newest(book, rubric), newest
        if not (self.share or self._opinions_read) or self._answers.last_mark() == self._marks_read:
            return
        for one in opinions.marks(book, rubric, self._marks_read):
            self._marks_read = max(self._marks_read, one.number)
            if not one.record.mark.since:
                self._past.setdefault((one.record.submission, one.record.question), _Past()).marks.append(one)

    def _drawn(self, question: str, key: tuple[object, ...]) -> Draw:
        """Those that have a second opinion, and of the others so many that the share is met.

        Which ones says a hash: others for each question, and the same ones each time.

        Left out is where nothing was written, and what two persons have marked in sight of each other.
        """
        pairs, pool = [], []
        given, policy = self._answers.given(), self._answers.book.rubric.given_marks
        for place in self._answers.all(question):
            mark = given.get((place.submission, question))
            past = self._past.get((place.submission, question), _Past())
            if pair := self._pair(place, past):
                pairs.append(pair)
            elif (
                mark
                and place.bare.answered != "nothing"
                and len(past.hands) == 1
                and not place.waits(mark, policy)
            ):
                pool.append(place)
        wanted = math.ceil(self.share * (len(pool) + len(pairs)))
        pool.sort(key=self._lot)
        waiting = pool[: max(0, wanted - len(pairs))]
        return Draw(key, len(pairs) + len(waiting), pairs, waiting)

    def _lot(self, place: Place) -> str:
        secret = self._answers.book.rubric.secret_fingerprint
        return hashlib.sha256(f"second opinion\0{secret}\0{place.handle}".encode()).hexdigest()

    def _pair(self, place: Place, past: _Past) -> Pair | None:
        opinion = self._opinions.get((place.submission, place.question))
        if opinion is None or opinion.second.answer not in ("", place.bare.answer_key):
            return None
        digests = [one.digest for one in past.marks]
        if opinion.first not in digests:
            return None
        at = digests.index(opinion.first)
        return Pair(place, past.marks[at].record, opinion.second, settled=at + 1 < len(digests))

    def pair(self, place: Place) -> Pair | None:
        """What two persons said of an answer; None where no second one did."""
        found = (one for one in self.of(place.question).pairs if one.place.handle == place.handle)
        return next(found, None)

    def unseen(self, session: Session, place: Place) -> bool:
        """Whether a person is to decide an answer without seeing what the first one said."""
        return any(one.handle == place.handle for one in self.waiting(session, place.question))

    def waiting(self, session: Session, question: str) -> list[Place]:
        """The answers that wait for the second opinion of a person: none that the same one has marked."""
        waiting = self.of(question).waiting
        with self._answers.lock:
            name = session.name.casefold()
            return [one for one in waiting if name not in self._past[one.submission, question].hands]

    def next(self, session: Session, question: str, after: str = "") -> Place | None:
        """The next of these: none that somebody else is at, and what was skipped only at the end."""
        own = [one for one in self.waiting(session, question) if one.handle != after]
        free = [one for one in own if not self._opened.holds(one)]
        fresh = [one for one in free if (_skipped(question), one.handle) not in session.skipped]
        return next(iter(fresh or free or own), None)

    def skip(self, session: Session, place: Place) -> None:
        """Leave an answer for the end."""
        session.skipped.add((_skipped(place.question), place.handle))

    def save(self, session: Session, place: Place, choice: Choice, answer_key: str) -> Mark:
        """Keep what a second person says; it is on disk when this comes back, and no mark is changed by it.

        `Changed` where the answer is another one now; `UsageError` where it does not wait for that person's opinion.
        """
        place, mark = decided(self._answers, place, choice, answer_key, session.name, self._now())
        with self._answers.lock:
            if not self.unseen(session, place):
                raise UsageError(
                    "this answer waits for no second opinion of yours now: somebody has decided it meanwhile"
                )
            given = mark_record(self._answers.book.rubric.id, place, mark)
            opinions.add(self._answers.book.book, given)
        session.saves.append(Save(place.question, place.handle, (given,), (None,), is_second=True))
        return mark

    def undo(self, session: Session) -> Save:
        """Take a person's last opinion back; `UsageError` where the answer was marked since."""
        last = session.saves.pop()
        (given,) = last.given
        with self._answers.lock:
            place = self._answers.place(last.question, last.handle)
            pair = self.pair(place)
            if pair is None or pair.second != given or pair.settled:
                raise UsageError("it cannot be taken back: the answer was marked since")
            gone = mark_record(given.assignment, place, Mark(ZERO, session.name, self._now()), withdrawn=True)
            opinions.add(self._answers.book.book, gone)
        return last


def _skipped(question: str) -> str:
    """Under what name it is noted that a second opinion was skipped: not as the answer itself is."""
    return f"second {question}"


def of_share(text: str) -> Decimal:
    """A share that somebody typed, such as `10%`, from 0 to 1; `UsageError` where it is none."""
    try:
        percent = Decimal(text.strip().removesuffix("%").strip().replace(",", "."))
    except ArithmeticError:
        percent = ZERO
    if not percent.is_finite() or not 0 < percent <= 100:
        raise UsageError(f"--second: found {text!r}, wanted a share of the answers, such as 10%")
    return percent / 100
