"""What changed between two runs of a gradebook: whose marks, by how much, in which check, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..model import ZERO, round_points
from . import HandIn, Row, RunRecord

_OPEN = ("needs_review", "error")
_NAMES = ("id", "title", "symbol", "text")
"""What tells the entries of a list of tables apart, the first that all have."""


@dataclass(frozen=True)
class CheckChange:
    """A check whose points changed; None where one of the two runs has no such check."""

    question: str
    check: str
    before: Row | None
    after: Row | None

    @property
    def why(self) -> str:
        """In a sentence."""
        before, after = self.before, self.after
        if before is None or after is None:
            return "New in the later run." if before is None else "Not in the later run."
        if before.outcome == after.outcome and before.points != after.points:
            return f"Its weight changed from {before.points} to {after.points} points."
        first, then = (f"{row.outcome}: {row.message or 'no remark'}" for row in (before, after))
        return f"Before, {first} Now, {then}"


@dataclass(frozen=True)
class Change:
    """A hand-in whose marks changed; a total is None where that run does not have it, or could not grade it."""

    submission: str
    before: Decimal | None
    after: Decimal | None
    checks: tuple[CheckChange, ...]
    resubmitted: bool
    """Whether its files are others."""


def changes(
    before: Iterable[Row], after: Iterable[Row], files: tuple[Mapping[str, HandIn], Mapping[str, HandIn]]
) -> list[Change]:
    """The hand-ins of both runs whose marks differ. `files` are the hand-ins by id.

    A mark is what a question is worth, and the share of a check that is earned or open: where a weight moves from one
    check that passed to another one of the same question, no marks have changed.
    """
    rows = _by_hand_in(before), _by_hand_in(after)
    found = []
    for id in sorted(files[0].keys() & files[1].keys()):
        own = rows[0].get(id, {}), rows[1].get(id, {})
        checks = tuple(
            CheckChange(
                (own[0].get(check) or own[1][check]).question, check, own[0].get(check), own[1].get(check)
            )
            for check in {**own[0], **own[1]}
            if _worth(own[0].get(check)) != _worth(own[1].get(check))
        )
        totals = total(own[0].values()), total(own[1].values())
        differ = _questions(own[0].values()) != _questions(own[1].values()) or any(
            _share(c.before) != _share(c.after) for c in checks
        )
        if differ:
            found.append(Change(id, *totals, checks, files[0][id].files != files[1][id].files))
    return found


def total(rows: Iterable[Row]) -> Decimal | None:
    """What a hand-in earned: rounded once a question, as everywhere. None where there are no results."""
    questions = _questions(rows)
    return sum(questions.values(), ZERO) if questions else None


def _questions(rows: Iterable[Row]) -> dict[str, Decimal]:
    earned: dict[str, Decimal] = {}
    for row in rows:
        earned[row.question] = earned.get(row.question, ZERO) + row.earned
    return {id: round_points(points) for id, points in earned.items()}


def _share(row: Row | None) -> tuple[Decimal, bool] | None:
    """How much of a check is earned, and whether it waits for a person; None for a check of no points."""
    if row is None or not row.points:
        return None
    return row.earned / row.points, row.outcome in _OPEN


def settings(before: RunRecord, after: RunRecord, rubrics: tuple[Any, Any]) -> list[str]:
    """What else differs between the runs, a line each: fields of the rubric with both values, then hashes."""
    lines = [f"rubric: {line}" for line in _fields(*rubrics)]
    if before.rubric != after.rubric and not lines:
        lines.append("rubric: comments or layout only")
    for name in ("reference", "grader", "dataset", "dataset_hash", "secret", "tier", "nonce"):
        first, then = getattr(before, name) or "none", getattr(after, name) or "none"
        if first != then:
            lines.append(f"{name.replace('_', ' ')}: {first} -> {then}")
    return lines


def _by_hand_in(rows: Iterable[Row]) -> dict[str, dict[str, Row]]:
    found: dict[str, dict[str, Row]] = {}
    for row in rows:
        found.setdefault(row.submission, {})[row.check] = row
    return found


def _worth(row: Row | None) -> tuple[Decimal, Decimal, bool] | None:
    """What of a result is a mark: points earned and possible, and whether they are open."""
    return None if row is None else (row.earned, row.points, row.outcome in _OPEN)


def _fields(before: Any, after: Any) -> Iterator[str]:
    first, then = dict(_flat(before)), dict(_flat(after))
    for path in {**first, **then}:
        if first.get(path) != then.get(path):
            yield f"{path}: {_shown(first, path)} -> {_shown(then, path)}"


def _shown(values: dict[str, Any], path: str) -> str:
    return repr(values[path]) if path in values else "nothing"


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf with its path, such as `questions[Q2.1].checks[scores].points`."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        name = next((n for n in _NAMES if all(n in item for item in value)), None)
        for i, item in enumerate(value):
            yield from _flat(item, f"{path}[{item[name] if name else i}]")
    else:
        yield path, value
