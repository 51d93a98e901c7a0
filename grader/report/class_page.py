"""The report on a class as one HTML file: no network, and complete without its script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import partial
from typing import NamedTuple
from urllib.parse import quote

from markupsafe import Markup

from . import wording
from .class_figures import Bin, Cell, Cost, MistakeFigures, Queue, Row, Summary
from .classroom import person_name
from .files import link_to
from .html import anchor, environment

OPEN_ITEMS = 6
"""How many mistakes, and how many checks, stand open; the others are folded."""
NAMES = 12
"""Up to so many hand-ins a queue names them."""


class Mark(NamedTuple):
    """A question of a hand-in, in print."""

    text: str
    tone: str
    """Classes of the cell: `b` for points lost, `o` for open ones, `e` for a fault of the grader's."""


class Line(NamedTuple):
    """A hand-in as a row of the table."""

    name: str
    link: str
    """Empty where there is no report."""
    aside: str
    total: str
    waits: str
    """Points that wait; `0` where a person has to look at a check without points."""
    share: str
    late: str
    off: str
    """Points off for lateness."""
    marks: tuple[Mark, ...]
    flags: str
    """For the script: `w` waits for review, `f` the grader failed, `l` late, `x` has an extension."""
    mistakes: str
    """For the script: the mistakes by their numbers."""


class Column(NamedTuple):
    """A bar of the histogram."""

    hand_ins: int
    wide: str
    decided: str
    """Height in percent of the highest."""
    waiting: str
    range: str
    parts: str


class Loss(NamedTuple):
    """What costs the class points."""

    points: str
    title: str
    where: str


class Named(NamedTuple):
    """A mistake that has a name."""

    number: int
    students: str
    noun: str
    heading: str
    sentence: str
    where: str


class Place(NamedTuple):
    """A link to a place in a hand-in's own report."""

    name: str
    link: str


class Waiting(NamedTuple):
    """A check at which hand-ins wait."""

    title: str
    question: int | None
    """Its number, for the script; None for one that the assignment does not have."""
    hand_ins: str
    points: str
    message: str
    places: tuple[Place, ...]
    """Empty where there are too many to name."""


def render(summary: Summary, mistakes: Mapping[str, str], folders: Mapping[str, str] | None = None) -> str:
    """The whole page. `mistakes` has the rubric's sentence for students to each mistake that it knows.

    Links lead to `<folder>/report.html` beside the page; `folders` has those that are not called like the id.
    Everything is escaped by the template engine; the only script is our own, and the page's policy lets no other run.
    """
    engine = environment()
    source = engine.loader.get_source(engine, "class.js")[0] if engine.loader else ""
    head, rows = summary.head, summary.rows
    link = partial(_link, folders or {})
    losses = [_loss(cost) for cost in summary.costs]
    named = [_named(number, m, mistakes) for number, m in enumerate(summary.mistakes)]
    return engine.get_template("class.html.j2").render(
        summary=summary,
        head=head,
        stamps=(
            *(wording.published() if head.published_secret else ()),
            *wording.stamps_of(
                (part.name for part in summary.provisional),
                head.marked_on,
                (tier.name for tier in summary.tiers),
            ),
        ),
        script=Markup(source),
        digest=base64.b64encode(hashlib.sha256(source.encode()).digest()).decode(),
        graded_at=_moment(head.graded_at),
        datasets=", ".join(_part(wording.dataset(p.name), p.count, summary) for p in summary.datasets),
        tiers=", ".join(_part(part.name, part.count, summary) for part in summary.tiers),
        failed=sum(row.faulty for row in rows),
        columns=_columns(summary.histogram),
        described=_describe(summary.histogram),
        ticks=_ticks(summary.histogram),
        median_at=_share(summary.median or Decimal(0), head.points),
        losses=(losses[:OPEN_ITEMS], losses[OPEN_ITEMS:]),
        named=(named[:OPEN_ITEMS], named[OPEN_ITEMS:]),
        review=[_waiting(summary, queue, link) for queue in summary.review],
        faults=[_waiting(summary, queue, link) for queue in summary.faults],
        ungraded=[(row.name, head.failed.get(row.id, "")) for row in rows if row.total is None],
        strangers=list(head.strangers.items()),
        misfits=[(one.submission, one.question, wording.misfit(one)) for one in head.misfits],
        adjusted=[(one.submission, one.question, wording.misfit(one)) for one in head.adjusted],
        absent=[_person(person_name(p), p.number, p.section) for p in summary.absent],
        slowest=[(row.name, link(row.id), wording.seconds(row.seconds)) for row in summary.slowest],
        lines=_lines(summary, link),
        extended=any(row.extended for row in rows),
        bare=wording.counted_things(len(summary.bare), "hand-in") if summary.bare else "",
        alike=[_alike(ids, rows, link) for ids in summary.alike],
        question_name=wording.question_name,
        things=wording.counted_things,
        share=_share,
        percent=_percent,
    )


def _alike(ids: tuple[str, ...], rows: tuple[Row, ...], link: Callable[[str], str]) -> list[Place]:
    """Hand-ins with the same files, the first of many."""
    names = {row.id: row.name for row in rows}
    more = [Place(f"and {len(ids) - NAMES} more", "")] if len(ids) > NAMES else []
    return [Place(names[id], link(id)) for id in ids[:NAMES]] + more


def _lines(summary: Summary, link: Callable[[str], str]) -> Iterable[Line]:
    numbers = {mistake.name: str(number) for number, mistake in enumerate(summary.mistakes)}
    for row in summary.rows:
        yield _line(row, summary, numbers, link)


def _line(row: Row, summary: Summary, numbers: Mapping[str, str], link: Callable[[str], str]) -> Line:
    aside = [row.id if row.person.name else "", row.person.number, row.person.section]
    flags = (("w", row.waits), ("f", row.faulty), ("l", row.minutes_late > 0), ("x", row.extended))
    graded = row.total is not None
    questions = range(len(summary.head.questions))
    return Line(
        name=row.name,
        link=link(row.id) if graded else "",
        aside=" · ".join(dict.fromkeys(filter(None, aside))),
        total=wording.points(row.total) if row.total is not None else "",
        waits=wording.points(row.open_points) if row.waits else "",
        share=_share(row.total or Decimal(0), summary.head.points),
        late=wording.span(row.minutes_late) if row.minutes_late else "",
        off=f"−{wording.points(row.deduction)}" if row.deduction else "",
        marks=tuple(map(_mark, row.cells)) if graded else tuple(_mark(None) for _ in questions),
        flags="".join(flag for flag, is_set in flags if is_set),
        mistakes=" ".join(numbers[name] for name in row.mistakes),
    )


def _mark(cell: Cell | None) -> Mark:
    if cell is None:
        return Mark(wording.EMPTY, "")
    tone = "b" if cell.lost > 0 else ""
    if not cell.waits:
        return Mark(wording.points(cell.earned), tone)
    sign = "!" if cell.faulty else "?"
    undecided = cell.lost == cell.earned == 0
    text = sign if undecided else f"{wording.points(cell.earned)} {sign}"
    return Mark(text, " ".join(filter(None, (tone, "o", "e" if cell.faulty else ""))))


def _named(number: int, figures: MistakeFigures, sentences: Mapping[str, str]) -> Named:
    where = [", ".join(map(wording.question_name, figures.questions))]
    if figures.lost:
        where.append(f"{wording.counted(figures.lost)} lost in the checks that show it")
    known = figures.name in sentences
    return Named(
        number=number,
        students=f"{figures.count:,}",
        noun="student" if figures.count == 1 else "students",
        heading=wording.mistake_name(figures.name) if known else figures.name,
        sentence=sentences.get(figures.name, ""),
        where="; ".join(where),
    )


def _loss(cost: Cost) -> Loss:
    count = wording.counted_things(cost.count, "hand-in")
    where = f"{wording.question_name(cost.question)}, {count}"
    if cost.count:
        where += f", {wording.points(cost.lost / cost.count)} each on average"
    if not cost.check:
        return Loss(wording.points(cost.lost), "Taken off by a person", where)
    return Loss(wording.points(cost.lost), cost.title or cost.check, where)


def _waiting(summary: Summary, queue: Queue, link: Callable[[str], str]) -> Waiting:
    names = {row.id: row.name for row in summary.rows} if len(queue.ids) <= NAMES else {}
    numbers = {question.id: number for number, question in enumerate(summary.head.questions)}
    return Waiting(
        title=f"{wording.question_name(queue.question)}: {queue.title or queue.check}",
        question=numbers.get(queue.question),
        hand_ins=wording.counted_things(len(queue.ids), "hand-in"),
        points=wording.counted(queue.points),
        message=queue.message,
        places=tuple(
            Place(names[id], f"{link(id)}#check-{quote(anchor(queue.check))}") for id in queue.ids if names
        ),
    )


def _link(folders: Mapping[str, str], id: str) -> str:
    """Where a hand-in's report is, seen from the page."""
    return f"{link_to(folders.get(id, id))}/report.html"


def _columns(bins: tuple[Bin, ...]) -> tuple[Column, ...]:
    highest = max((column.count for column in bins), default=0) or 1
    return tuple(
        Column(
            hand_ins=column.count,
            wide=wording.points(column.high - column.low),
            decided=f"{100 * column.decided / highest:.1f}",
            waiting=f"{100 * column.waiting / highest:.1f}",
            range=_range(column, column is bins[-1]),
            parts=f"{column.decided} final, {column.waiting} so far" if column.waiting else "",
        )
        for column in bins
    )


def _range(column: Bin, is_last: bool) -> str:
    low, high = wording.points(column.low), wording.points(column.high)
    return f"{low} to {high}" if is_last else f"{low} to under {high}"


def _describe(bins: tuple[Bin, ...]) -> str:
    """The histogram in a sentence, for those who do not see it."""
    if not any(column.count for column in bins):
        return "Histogram of the totals: nothing has been graded."
    parts = [f"{_range(b, b is bins[-1])}: {b.count}" for b in bins if b.count]
    return f"Histogram of the totals, points and number of hand-ins. {'; '.join(parts)}."


def _ticks(bins: tuple[Bin, ...]) -> list[tuple[str, str]]:
    """Where numbers stand below the histogram, and which; few enough for a phone."""
    end = bins[-1].high
    edges = [column.low for column in bins]
    step = -(-len(edges) // 8)
    return [(_share(edge, end), wording.points(edge)) for edge in [*edges[::step], end]]


def _part(name: str, count: int, summary: Summary) -> str:
    return name if count >= summary.graded else f"{name} ({wording.counted_things(count, 'hand-in')})"


def _person(name: str, number: str, section: str) -> str:
    return " · ".join(dict.fromkeys(filter(None, (name, number, section)))) or "somebody without a name"


def _moment(at: str) -> str:
    return f"{at[:10]} {at[11:16]} UTC" if at[10:11] == "T" else at


def _share(part: Decimal, whole: Decimal) -> str:
    """Percent of a whole, for a length in CSS."""
    return (
        f"{min(max(100 * part / whole, Decimal(0)), Decimal(100)):.1f}".removesuffix(".0") if whole else "0"
    )


def _percent(count: int, whole: int) -> str:
    return f"{100 * count / whole:.0f} %" if whole else wording.EMPTY
