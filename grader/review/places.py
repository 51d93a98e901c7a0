"""Which answers there are, in which order they are shown, and which of them are equal.

A place is one answer: a question of a hand-in. On pages it goes by a handle, a hash that tells no name; by that the
answers of a question are ordered, so that no hand-in comes first everywhere.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import msgspec

from ..assignment.rubric import GivenMarks
from ..gradebook import MarkRecord
from ..gradebook.manual_marks import suggestion
from ..gradebook.standing import standings
from ..model import GradeReport, Outcome, QuestionResult

Alike = Literal["one", "same", "alike"]
"""For whom a mark is: this answer, those with the same text, or those that are read in the same way."""


@dataclass(frozen=True)
class Place:
    """An answer, as much of it as is kept of a whole class."""

    handle: str
    submission: str
    question: str
    """Its id."""
    bare: QuestionResult
    """The question as the checks left it, without text, pictures and checks."""
    suggested: Decimal | None
    alike: str
    """Equal for answers that were read in the same way; empty where that says nothing."""

    @property
    def same(self) -> str:
        """Equal for answers of the same text, pictures and all."""
        return f"{self.bare.answered} {self.bare.answer_key}" if self.bare.answer_key else ""

    def waits(self, record: MarkRecord | None, policy: GivenMarks) -> bool:
        """Whether a person has to decide, with the mark that was given for it."""
        if record is None:
            return self.bare.open_points > 0
        return standings({self.question: self.bare}, {self.question: record}, policy)[self.question].waits


def handle(rubric: str, question: str, submission: str) -> str:
    """By what an answer goes on pages."""
    return hashlib.sha256(f"{rubric}\0{question}\0{submission}".encode("utf-8", "replace")).hexdigest()[:16]


def places(report: GradeReport) -> list[Place]:
    """The answers of a hand-in, those that code gives as well. `report` is without marks."""
    return [
        Place(
            handle(report.rubric, question.id, report.submission),
            report.submission,
            question.id,
            msgspec.structs.replace(question, checks=(), answer="", images=()),
            suggestion(question) if question.open_points else None,
            _read_alike(question),
        )
        for question in report.questions
    ]


def _read_alike(question: QuestionResult) -> str:
    """What is equal for answers that were read in the same way: the points that were found in a text; of each formula
    the verdict, the mistake, and the value at the place where it is compared, or else the formula as it stands.

    Pictures and what was not read are alike only where they are the same.
    """
    if question.answered != "written" or not question.checks:
        return ""
    read: list[list[str]] = []
    for check in question.checks:
        if check.id == f"{question.id}-manual":
            if "seems there" not in check.detail:
                return ""
            read.append(["text", check.detail])
            continue
        if check.outcome is Outcome.ERROR or not check.formula:
            return ""
        values = [f"{one.label}: {one.observed!r}" for one in check.comparisons]
        is_valued = bool(values) or check.outcome is Outcome.PASSED
        formula = "" if is_valued else "".join(check.formula.split())
        said = (check.outcome.value, str(check.earned), str(check.suggested), check.message, *check.mistakes)
        read.append([check.id, *said, *values, formula])
    return hashlib.sha256(repr(read).encode("utf-8", "replace")).hexdigest()[:16]
