"""Items: what a person says of an answer by a key, and what a set of them is worth. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from decimal import Decimal

import msgspec

from ..assignment.rubric import Item, Question
from ..model import ZERO, MarkItem, round_points

_DIGITS = "123456789"


def offered(question: Question) -> tuple[Item, ...]:
    """The items of a question, each with its id, and with a key where there is one left.

    Where the rubric has none, they are made of what a full answer says: of `expect`, or of the quantities that are
    derived, or of `look_for` together; where it says nothing, of the question as a whole.
    """
    return keyed(question.items or _made(question))


def _made(question: Question) -> tuple[Item, ...]:
    if question.expect:
        return tuple(Item(text=one.text, points=one.points, part=one.part) for one in question.expect)
    if question.claims:
        return tuple(
            Item(text=claim.title, points=claim.points, id=claim.symbol) for claim in question.claims
        )
    if question.checks:
        return tuple(
            Item(text=spec.title, points=spec.points, id=spec.id) for spec in question.checks if spec.points
        )
    return (Item(text="; ".join(question.look_for) or "Right", points=question.points),)


def keyed(items: Iterable[Item]) -> tuple[Item, ...]:
    """The same with ids; those without a key get the digits that are left, in order."""
    items = tuple(items)
    taken = {item.key for item in items}
    left = iter([digit for digit in _DIGITS if digit not in taken])
    return tuple(
        msgspec.structs.replace(item, id=item.id or named(item.text), key=item.key or next(left, ""))
        for item in items
    )


def named(text: str) -> str:
    """The id of an item that the rubric gives none."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]


def worth(items: Iterable[MarkItem | Item], adjustment: Decimal, most: Decimal) -> Decimal:
    """Points of an answer of which these are true, 0 to `most`: of items of one part the best, and the adjustment."""
    total, best = adjustment, dict[str, Decimal]()
    for item in items:
        if not item.part:
            total += item.points
        else:
            best[item.part] = max(item.points, best.get(item.part, item.points))
    return round_points(min(max(total + sum(best.values(), ZERO), ZERO), most))


def taken(item: Item) -> MarkItem:
    """An item as a mark keeps it."""
    return MarkItem(item.id, item.text, item.points, item.part)
