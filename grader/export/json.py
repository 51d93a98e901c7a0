"""The class for programs: one JSON document, one line a hand-in. docs/exports.md describes it.

For staff: it names persons, and the known mistakes of hidden checks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TextIO

import msgspec

from ..model import ClassHead, Entry, Misfit, Person, spell_text
from ..report.wording import points
from .notices import Notices

SCHEMA_VERSION = 1
"""Raised where a reader could break; keys may be added without."""


def write(
    head: ClassHead, entries: Iterable[Entry], file: TextIO, *, include_open: bool = False
) -> list[str]:
    """Points are decimal strings. Nothing is left out for being open: `open` says how much of it is."""
    notices = Notices(include_open=True)
    file.write("{\n")
    for key, value in _head(head).items():
        file.write(f"{_encoded(key)}: {_encoded(value)},\n")
    file.write('"entries": [')
    before = "\n"
    for entry in entries:
        notices.saw(entry)
        file.write(before + _encoded(_entry(entry)))
        before = ",\n"
    file.write("\n]\n}\n")
    return notices.sentences(head)


def _head(head: ClassHead) -> dict[str, Any]:
    return {
        "schema": SCHEMA_VERSION,
        "assignment": {
            "title": head.title,
            "points": points(head.points),
            "questions": [{"id": q.id, "title": q.title, "points": points(q.points)} for q in head.questions],
        },
        "run": {
            "number": head.run,
            "graded_at": head.graded_at,
            "dataset": head.dataset,
            "marked_on": head.marked_on,
            "provisional": head.provisional,
            "tier": head.tier,
            "fingerprints": head.fingerprints,
            "nonces": head.nonces,
            "published_secret": head.published_secret,
        },
        "absent": [_person(person) for person in head.absent],
        "failed": [{"id": id, "problem": reason} for id, reason in head.failed.items()],
        **(
            {"strangers": [{"id": id, "near": near} for id, near in head.strangers.items()]}
            if head.strangers
            else {}
        ),
        **({"misfits": [_misfit(one) for one in head.misfits]} if head.misfits else {}),
        **({"adjusted": [_misfit(one) for one in head.adjusted]} if head.adjusted else {}),
    }


def _misfit(one: Misfit) -> dict[str, str]:
    """A mark that does not count: somebody has to look at it."""
    return {
        "id": one.submission,
        "question": one.question,
        "points": points(one.mark.points),
        "by": one.mark.by,
        "at": one.mark.at,
        "note": one.mark.note,
        "why": one.why,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    report = entry.report
    mistakes = (name for question in report.questions for check in question.checks for name in check.mistakes)
    late = entry.late and {
        "minutes": entry.late.minutes,
        "deduction": points(entry.late.deduction),
        "why": entry.late.why,
    }
    return {
        "id": report.submission,
        "person": _person(entry.person),
        "submitted": entry.submitted,
        "origin": entry.origin,
        "earned": points(report.earned),
        "points": points(report.points),
        "open": points(report.open_points),
        "late": late,
        "total": points(entry.total),
        "provisional": report.provisional,
        "nonce": report.nonce,
        "published_secret": report.published_secret,
        "tier": report.host.tier,
        "mistakes": list(dict.fromkeys(mistakes)),
        "questions": [
            {
                "id": question.id,
                "earned": points(question.earned),
                "points": points(question.points),
                "open": points(question.open_points),
                "outcome": question.outcome.value,
                "by_person": question.mark is not None,
            }
            for question in report.questions
        ],
    }


def _person(person: Person) -> dict[str, str]:
    return {name: text for name, text in msgspec.structs.asdict(person).items() if name != "returned_as"}


def _encoded(value: Any) -> str:
    return msgspec.json.encode(spell_text(value)).decode()
