"""Count a class: its figures from many hand-ins together, in one pass."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec

from ..model import (
    ZERO,
    CheckResult,
    ClassHead,
    Entry,
    GradeReport,
    Outcome,
    Person,
    QuestionResult,
    round_points,
)
from . import wording
from .class_figures import Bin, Cell, Cost, MistakeFigures, Part, QuestionFigures, Queue, Row, Summary

SLOWEST = 10
"""How many of the slowest hand-ins are named."""
_MOST_BINS = 20
_WIDTHS = tuple(Decimal(text) for text in ("0.05", "0.1", "0.25", "0.5", "1", "2", "2.5", "5"))


def summarise(head: ClassHead, entries: Iterable[Entry]) -> Summary:
    """Count a class. `entries` is read once, and no report is kept."""
    tally = _Tally(head)
    for entry in entries:
        tally.add(entry)
    return tally.summary()


def mean(values: Sequence[Decimal]) -> Decimal | None:
    """Rounded half up to 0.01; None of nothing."""
    return round_points(sum(values, ZERO) / len(values)) if values else None


def median(values: Sequence[Decimal]) -> Decimal | None:
    """The middle one, or the mean of both middle ones, rounded half up to 0.01; None of nothing."""
    ordered = sorted(values)
    return mean(ordered[(len(ordered) - 1) // 2 : len(ordered) // 2 + 1])


def histogram(totals: Iterable[tuple[Decimal, bool]], points: Decimal) -> tuple[Bin, ...]:
    """At most twenty bins of a round width from 0 to `points`, from totals and whether each still waits."""
    width = _bin_width(points)
    last = max(0, math.ceil(points / width) - 1)
    counts = Counter((max(0, min(last, int(total // width))), waits) for total, waits in totals)
    return tuple(
        Bin(
            width * index,
            min(width * (index + 1), points) if points else width,
            counts[index, False],
            counts[index, True],
        )
        for index in range(last + 1)
    )


def person_name(person: Person) -> str:
    """What to call somebody of whom there is no hand-in."""
    return next(filter(None, (person.name, person.email, person.number, person.login, person.course_id)), "")


class _Tally:
    """The sums over the entries that have been read."""

    def __init__(self, head: ClassHead) -> None:
        self._head = head
        self._place = {question.id: index for index, question in enumerate(head.questions)}
        self._rows: list[Row] = []
        self._earned: dict[str, list[Decimal]] = defaultdict(list)
        self._costs: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
        self._review: dict[tuple[str, str], _Waiting] = defaultdict(_Waiting)
        self._faults: dict[tuple[str, str], _Waiting] = defaultdict(_Waiting)
        self._titles: dict[tuple[str, str], str] = {}
        self._mistakes: dict[str, _Mistake] = defaultdict(_Mistake)
        self._datasets: Counter[str] = Counter()
        self._tiers: Counter[str] = Counter()
        self._provisional: Counter[str] = Counter()
        self._bare: list[str] = []
        self._files: dict[tuple[str, ...], list[str]] = defaultdict(list)

    def add(self, entry: Entry) -> None:
        report = entry.report
        self._datasets[report.dataset] += 1
        self._tiers[report.host.tier] += 1
        if report.provisional:
            self._provisional[report.dataset] += 1
        if _is_bare(report):
            self._bare.append(report.submission)
        if report.files:
            self._files[tuple(sorted(report.files.values()))].append(report.submission)
        cells: list[Cell | None] = [None] * len(self._head.questions)
        mistakes: set[str] = set()
        roots = _roots(report)
        for question in report.questions:
            if question.id in self._place:
                cells[self._place[question.id]] = _cell(question)
            self._add_question(report.submission, question, roots)
            mistakes.update(name for check in question.checks for name in check.mistakes)
        for name in mistakes:
            self._mistakes[name].count += 1
        late = entry.late
        self._rows.append(
            Row(
                id=report.submission,
                person=entry.person,
                total=entry.total,
                open_points=report.open_points,
                deduction=late.deduction if late else ZERO,
                extended=bool(late and late.own_due),
                minutes_late=max(0, late.minutes) if late else 0,
                cells=tuple(cells),
                mistakes=tuple(sorted(mistakes)),
                seconds=entry.seconds,
            )
        )

    def _add_question(
        self, submission: str, question: QuestionResult, roots: dict[str, tuple[str, CheckResult]]
    ) -> None:
        cell = _cell(question)
        if not cell.waits:
            self._earned[question.id].append(question.earned)
        if question.mark is not None and cell.lost > 0:
            self._costs[question.id, ""].append(cell.lost)
        for check in question.checks:
            # What a person has marked stands for all checks of the question, open ones too.
            lost = ZERO if question.mark is not None else wording.lost(check)
            key = question.id, check.id
            self._titles[key] = min(self._titles.get(key, check.title), check.title)
            if lost > 0:
                self._costs[key].append(lost)
            for name in set(check.mistakes):
                self._mistakes[name].lost += lost
                self._mistakes[name].questions.add(question.id)
            is_bare = question.answered == "nothing" and self._bare[-1:] == [submission]
            if question.mark is None and check.outcome.is_open and not is_bare:
                queues = self._faults if check.outcome is Outcome.ERROR else self._review
                where, root = roots[check.id]
                queues[where, root.id].add(submission, root, check.points)

    def summary(self) -> Summary:
        head = self._head
        known = {row.id for row in self._rows}
        failed = [Row(id) for id in head.failed if id not in known]
        rows = sorted([*self._rows, *failed], key=lambda row: (_fold(row.name), row.name, row.id))
        graded = [row for row in rows if row.total is not None]
        if head.provisional and not graded:
            self._provisional[head.dataset] = 0
        totals = [row.total for row in graded if row.total is not None]
        order = {row.id: index for index, row in enumerate(rows)}
        return Summary(
            head=head,
            rows=tuple(rows),
            graded=len(graded),
            mean=mean(totals),
            median=median(totals),
            waiting=sum(row.waits for row in graded),
            open_points=sum((row.open_points for row in graded), ZERO),
            late=sum(row.minutes_late > 0 for row in graded),
            deducted=sum((row.deduction for row in graded), ZERO),
            histogram=histogram(
                ((row.total, row.waits) for row in graded if row.total is not None), head.points
            ),
            questions=tuple(self._question(index, graded) for index in range(len(head.questions))),
            costs=self._dearest(),
            mistakes=self._most_frequent(),
            review=self._queues(self._review, order),
            faults=self._queues(self._faults, order),
            absent=tuple(sorted(head.absent, key=_person_order)),
            slowest=_slowest(graded),
            datasets=_parts(self._datasets),
            tiers=_parts(self._tiers),
            provisional=_parts(self._provisional),
            bare=tuple(sorted(self._bare, key=lambda id: order[id])),
            alike=tuple(
                sorted(
                    tuple(sorted(ids, key=lambda id: order[id]))
                    for ids in self._files.values()
                    if len(ids) > 1
                )
            ),
        )

    def _question(self, index: int, rows: Sequence[Row]) -> QuestionFigures:
        question = self._head.questions[index]
        earned = self._earned[question.id]
        waiting = [cell for row in rows if (cell := row.cells[index]) and cell.waits]
        return QuestionFigures(
            question=question,
            decided=len(earned),
            full=sum(points >= question.points for points in earned),
            mean=mean(earned),
            median=median(earned),
            waiting=len(waiting),
            open_points=sum((cell.open_points for cell in waiting), ZERO),
        )

    def _dearest(self) -> tuple[Cost, ...]:
        costs = [
            Cost(question, check, self._titles.get((question, check), ""), sum(lost, ZERO), len(lost))
            for (question, check), lost in self._costs.items()
        ]
        return tuple(sorted(costs, key=lambda cost: (-cost.lost, *self._order(cost.question, cost.check))))

    def _most_frequent(self) -> tuple[MistakeFigures, ...]:
        figures = [
            MistakeFigures(
                name, m.count, m.lost, tuple(sorted(m.questions, key=lambda q: self._order(q, "")))
            )
            for name, m in self._mistakes.items()
        ]
        return tuple(sorted(figures, key=lambda mistake: (-mistake.count, -mistake.lost, mistake.name)))

    def _queues(self, queues: dict[tuple[str, str], _Waiting], order: dict[str, int]) -> tuple[Queue, ...]:
        return tuple(
            Queue(
                question=question,
                check=check,
                title=self._titles[question, check],
                points=waiting.points,
                message=waiting.message or "",
                ids=tuple(sorted(waiting.ids, key=lambda id: order[id])),
            )
            for (question, check), waiting in sorted(queues.items(), key=lambda item: self._order(*item[0]))
        )

    def _order(self, question: str, check: str) -> tuple[int, str, str]:
        """Sorts by the order of the questions."""
        return self._place.get(question, len(self._place)), question, check


class _Mistake:
    """What has been counted of a mistake."""

    def __init__(self) -> None:
        self.count = 0
        self.lost = ZERO
        self.questions: set[str] = set()


class _Waiting:
    """The hand-ins that wait at a check."""

    def __init__(self) -> None:
        self.ids: dict[str, None] = {}
        self.points = ZERO
        self.message: str | None = None

    def add(self, submission: str, check: CheckResult, points: Decimal) -> None:
        self.ids[submission] = None
        self.points += points
        # Messages that differ are each in their own report; one for all is worth saying once.
        self.message = check.message if self.message in (None, check.message) else ""


def _roots(report: GradeReport) -> dict[str, tuple[str, CheckResult]]:
    """Of each check that at which a person has to look, with its question: itself, or what kept it from running."""
    checks = {check.id: (question.id, check) for question in report.questions for check in question.checks}

    def root(id: str) -> tuple[str, CheckResult]:
        while (before := checks[id][1].waits_for) in checks:
            id = before
        return checks[id]

    return {id: root(id) for id in checks}


def _is_bare(report: GradeReport) -> bool:
    written = [question for question in report.questions if question.answered]
    has_notebook = any(name.lower().endswith(".ipynb") for name in report.files)
    return bool(written) and not has_notebook and all(q.answered == "nothing" for q in written)


def _cell(question: QuestionResult) -> Cell:
    unmarked = question.mark is None
    return Cell(
        earned=question.earned,
        lost=max(ZERO, question.points - question.earned - question.open_points),
        open_points=question.open_points,
        waits=question.open_points > 0 or (unmarked and any(c.outcome.is_open for c in question.checks)),
        faulty=unmarked and any(check.outcome is Outcome.ERROR for check in question.checks),
    )


def _bin_width(points: Decimal) -> Decimal:
    """The smallest round width with which the bins do not get too many."""
    scale = Decimal(1)
    while True:
        for width in _WIDTHS:
            if points <= width * scale * _MOST_BINS:
                return width * scale
        scale *= 10


def _slowest(rows: Iterable[Row]) -> tuple[Row, ...]:
    timed = [row for row in rows if row.seconds > 0]
    return tuple(sorted(timed, key=lambda row: (-row.seconds, row.id))[:SLOWEST])


def _parts(counts: Counter[str]) -> tuple[Part, ...]:
    return tuple(Part(name, count) for name, count in sorted(counts.items(), key=lambda i: (-i[1], i[0])))


def _person_order(person: Person) -> tuple[str, tuple[str, ...]]:
    return _fold(person_name(person)), msgspec.structs.astuple(person)


def _fold(text: str) -> str:
    """For sorting names: without case and accents, so that Zoë comes before Zofia."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
