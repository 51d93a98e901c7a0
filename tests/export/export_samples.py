"""A small class for the tests of the exports, and a large one that is made while it is read."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TextIO

import msgspec

from grader.export import FORMATS
from grader.model import (
    ClassHead,
    Entry,
    GradeReport,
    Lateness,
    Mark,
    Outcome,
    Person,
    QuestionHead,
    SourcePlace,
    marked,
    question_result,
)
from tests.report import report_samples as samples
from tests.report.report_samples import HOSTILE, check, points

SECRET = "observed 2.4519"
"""Of the hidden values in `waiting`: must be in nothing that students see."""


def forward(earned: str = "4", outcome: Outcome = Outcome.PARTIAL, **more: object):
    """A question of 4 points with one check, and one of no points."""
    loss = check("loss", "Loss", outcome, earned, "4", "The loss is too large.", **more)
    return question_result("Q2.1", "Forward pass", points("4"), (check(earned="0", of="0"), loss))


def written(outcome: Outcome = Outcome.NEEDS_REVIEW, earned: str = "0"):
    """A question of 6 points that a person decides."""
    one = check("w", "Derivation", outcome, earned, "6", "A person reads this answer.")
    return question_result("Q1.1", "Derive the gradient", points("6"), (one,))


def report(name: str, *questions, **more: object) -> GradeReport:
    return samples.report(*questions, submission=name, **more)


def done() -> Entry:
    """Everything decided, a mark of a person among it, and two days late."""
    place = SourcePlace("mlp.py", 41)
    failed = forward(
        "1.335",
        diagnosis="The penalty is counted twice.",
        hint="Multiply it by 0.5.",
        place=place,
        mistakes=("penalty-twice",),
    )
    graded = marked(
        report("alice", written(), failed),
        {"Q1.1": Mark(Decimal("4.5"), "kim", "2026-03-20T09:00:00Z", "a sign is wrong")},
    )
    person = Person("Novak, Alice", "alice@example.org", "1001", "anovak", "4711", "Group 1")
    late = Lateness(1500, Decimal("1.17"), "Handed in 1 day and 1 hour late.")
    return Entry(graded, person, "2026-03-15T00:59:59+01:00", late, "Canvas download", 12.25)


def waiting() -> Entry:
    """Six points wait for a person, and a hidden check holds hidden values."""
    hidden = forward(
        "0", Outcome.FAILED, hidden=True, detail=f"seed 90210: {SECRET}", diagnosis="ReLU is not applied."
    )
    person = Person("Bob", "bob@example.org", "1002", "bob", "4712")
    return Entry(report("bob", written(), hidden), person, "", Lateness(0, Decimal(0), "Nobody knows."))


def nobody() -> Entry:
    """Full marks, of somebody whom no roster names."""
    return Entry(report("carol", written(Outcome.PASSED, "6"), forward("4", Outcome.PASSED)))


def hostile() -> Entry:
    """Hostile text in every field, the ids of a course system apart, which are numbers."""
    mark = Mark(Decimal(1), HOSTILE, HOSTILE, HOSTILE)
    person = Person(
        f"=cmd|' /C calc'!A0\n{HOSTILE}", f'-1+"{HOSTILE}', HOSTILE, f"@{HOSTILE}", "4713", HOSTILE
    )
    graded = marked(samples.hostile(), {HOSTILE: mark})
    return Entry(graded, person, HOSTILE, Lateness(1, Decimal("0.5"), HOSTILE), HOSTILE)


ABSENT = Person('Dan "Danny" O\'Neil', "dan@example.org", "1004", "dan", "4714")


def head(**more: object) -> ClassHead:
    result = ClassHead(
        title="Problem Set 3: Neural Networks",
        points=Decimal("10.00"),
        questions=(
            QuestionHead("Q1.1", "Derive the gradient", Decimal(6)),
            QuestionHead("Q2.1", "Forward pass", Decimal("4.0")),
        ),
        run=7,
        graded_at="2026-03-21T08:00:00Z",
        dataset="mnist",
        marked_on="mnist",
        tier="A: bubblewrap",
        fingerprints={"rubric": "3b7e1c90aa52"},
        absent=(ABSENT,),
        failed={"eve": "the archive holds a path that leads out of it"},
    )
    return msgspec.structs.replace(result, **more)


def small_class() -> list[Entry]:
    return [done(), waiting(), nobody()]


def hostile_head() -> ClassHead:
    person = hostile().person
    question = QuestionHead(HOSTILE, HOSTILE, Decimal(2))
    return head(
        title=HOSTILE,
        questions=(question,),
        tier=HOSTILE,
        dataset=HOSTILE,
        absent=(person,),
        failed={HOSTILE: HOSTILE},
        fingerprints={HOSTILE: HOSTILE},
    )


def text(format: str, entries=None, its_head: ClassHead | None = None, include_open: bool = False) -> str:
    """What a format that is a file writes."""
    return told(format, entries, its_head, include_open)[0]


def told(
    format: str, entries=None, its_head: ClassHead | None = None, include_open: bool = False
) -> tuple[str, list[str]]:
    """The same, and the sentences that come back."""
    file = io.StringIO(newline="")
    entries = small_class() if entries is None else entries
    sentences = writer(format)(its_head or head(), entries, file, include_open=include_open)
    file.getvalue().encode()  # what cannot be written as UTF-8 fails here
    return file.getvalue(), sentences


def writer(format: str) -> Callable[..., list[str]]:
    write = FORMATS[format].write
    assert write is not None
    return write


class Sink(io.TextIOBase, TextIO):
    """Counts characters and keeps none."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, text: str) -> int:
        self.size += len(text)
        return len(text)


class ManyEntries:
    """A thousand hand-ins of some 30 kB each, made when asked for; goes round as often as one likes."""

    COUNT = 1000

    def __iter__(self) -> Iterator[Entry]:
        for n in range(self.COUNT):
            bulk = bytes([65 + n % 26]) * 30_000 + b"%d" % n  # new every time: no two share it
            one = forward("2", detail=bulk.decode())
            person = Person(f"Student {n}", f"s{n}@example.org", f"{n:05}", f"s{n}", str(70_000 + n))
            yield Entry(report(f"s{n:04}", written(Outcome.PASSED, "6"), one), person)
