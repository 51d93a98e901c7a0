"""The items of a question as they count now: the rubric's, with what was added or changed while marking.

An item that has other points now re-marks everybody who has it: each gets a mark more, which says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import msgspec

from ..assignment.rubric import Item, Question, Rubric
from ..errors import UsageError
from ..marking.items import keyed, named, offered, taken, worth
from ..model import Mark, MarkItem, round_points
from ..report.safe_text import one_line
from .records import ItemRecord, MarkRecord

Edits = Mapping[str, Sequence[ItemRecord]]
"""By question, the newest of each item (see `Gradebook.edited_items`)."""


def counting(question: Question, edits: Edits) -> tuple[Item, ...]:
    """The items of a question, each with its id. Those that were added stand behind the rubric's."""
    own = {item.id: item for item in offered(question)}
    for one in edits.get(question.id, ()):
        if base(own.get(one.id)) == one.base:
            own[one.id] = Item(text=one.text, points=one.points, key=one.key, part=one.part, id=one.id)
    return keyed(own.values())


def base(item: Item | None) -> str:
    """What the rubric says of an item, to see when that is another thing; empty where it has no such item."""
    return "" if item is None else f"{item.points.normalize():f} {item.part} {item.text}"


def chosen(items: Iterable[Item], keys: Iterable[str]) -> tuple[MarkItem, ...]:
    """The items with these keys or ids, in the order of the rubric; `UsageError` where one is no item."""
    items, keys = tuple(items), set(keys)
    if unknown := sorted(keys - {item.key for item in items} - {item.id for item in items}):
        known = "; ".join(f"{item.key or item.id} {item.text}" for item in items)
        raise UsageError(one_line(f"item: found {unknown[0]!r}, wanted one of: {known}"))
    return tuple(taken(item) for item in items if item.key in keys or item.id in keys)


def made(
    question: Question, items: tuple[MarkItem, ...], adjustment: Decimal, by: str, at: str, note: str
) -> Mark:
    """A mark of items; `UsageError` for an adjustment that makes no sense."""
    if (
        not adjustment.is_finite()
        or abs(adjustment) > question.points
        or adjustment != round_points(adjustment)
    ):
        raise UsageError(
            f"adjustment: found {adjustment}, wanted -{question.points} to {question.points}, in hundredths at most"
        )
    points = worth(items, adjustment, question.points)
    return Mark(points, by, at, one_line(note), items=items, adjustment=adjustment)


def edited(
    rubric: Rubric, edits: Edits, question: Question, id: str, text: str, points: Decimal, by: str, at: str
) -> ItemRecord:
    """An item with another text or other points; with an empty `id` a new one. `UsageError` where it makes no sense."""
    text = one_line(text).strip()
    there = {item.id: item for item in counting(question, edits)}
    if not text or len(text) > 300:
        raise UsageError("item: wanted a text of 1 to 300 characters, which says what is true of the answer")
    if not points.is_finite() or abs(points) > question.points or points != round_points(points):
        raise UsageError(
            f"item: found {points} points, wanted -{question.points} to {question.points}, in hundredths at most"
        )
    if not id:
        id = named(text)
        if id in there or any(item.text == text for item in there.values()):
            raise UsageError(
                f"item: {question.id} has one of that text already; change that one, or name another text"
            )
    elif id not in there:
        raise UsageError(f"item: {question.id} has no item {id!r} now; load the page again")
    known = there.get(id, Item(text=text, points=points))
    rubrics = {item.id: item for item in offered(question)}
    return ItemRecord(
        rubric.id, question.id, id, text, points, known.key, known.part, base(rubrics.get(id)), by, at
    )


def remarked(
    rubric: Rubric, edits: Edits, marks: Iterable[MarkRecord], by: str, at: str, only: str = ""
) -> list[MarkRecord]:
    """A mark more for each of these that has an item with other points now; with `only`, of one question.

    `marks` are those that count. What each was given for stays as it was noted: a mark that waits goes on waiting.
    """
    found = []
    questions = {question.id: question for question in rubric.questions}
    now = {
        id: {item.id: item for item in counting(question, edits)}
        for id, question in questions.items()
        if only in ("", id)
    }
    for record in marks:
        old, items = record.mark, now.get(record.question, {})
        changed = [one for one in old.items if one.id in items and items[one.id].points != one.points]
        if not changed or record.withdrawn:
            continue
        new = tuple(taken(items[one.id]) if one in changed else one for one in old.items)
        since = "; ".join(
            f"“{one.text}” is worth {items[one.id].points} now, and was {one.points}" for one in changed
        )
        points = worth(new, old.adjustment, questions[record.question].points)
        mark = msgspec.structs.replace(
            old, points=points, by=by, at=at, items=new, since=f"{since}; marked by {old.by} before"
        )
        found.append(msgspec.structs.replace(record, mark=mark))
    return found


def as_toml(question: Question, items: Iterable[Item]) -> str:
    """The items as they stand in a rubric, behind their question."""
    lines = [f"# {question.id}: {one_line(question.title)}"]
    for item in items:
        lines += ["[[questions.items]]", f"id = {_quoted(item.id)}", f"text = {_quoted(item.text)}"]
        lines += [f"points = {item.points.normalize():f}"]
        lines += [
            f"{name} = {_quoted(value)}" for name, value in (("key", item.key), ("part", item.part)) if value
        ]
        lines.append("")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """As a basic string of TOML, which JSON's are where nothing is escaped as surrogates."""
    escaped = "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text)
    return f'"{escaped}"'
