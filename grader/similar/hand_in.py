"""One hand-in, as far as it is compared with others: taken from its report, so that nothing is read or run again."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from ..model import GradeReport, PrintedValue
from ..report.code import places
from . import lexing


class Mistake(msgspec.Struct, frozen=True):
    """A mistake that the diagnosis has named."""

    name: str
    question: str
    lines: dict[str, tuple[str, int]] = {}
    """The normal form of each line that shows it, to its file and number."""


class Claim(msgspec.Struct, frozen=True):
    """A number that the notebook prints."""

    title: str
    claimed: float | None
    """In the file as handed in."""
    obtained: float | None
    """When the grader executed it."""
    is_own: bool
    """Whether the hand-in's code gives what it claims, as far as that is known."""

    @property
    def half_unit(self) -> float:
        """Half a unit of the last digit that is claimed."""
        exponent = Decimal(f"{self.claimed:.12g}").as_tuple().exponent
        return 0.5 * 10.0 ** (exponent if isinstance(exponent, int) else 0)


class Work(msgspec.Struct, frozen=True):
    """What is compared of a hand-in. Untrusted."""

    id: str
    names: str = ""
    """Of those who handed it in."""
    link: str = ""
    """Its report, seen from the page."""
    source: str = ""
    """Where it comes from that is no hand-in of this class, such as an earlier term; empty for one of the class."""
    code: dict[str, str] = {}
    answers: dict[str, str] = {}
    """Written answers, by question."""
    mistakes: tuple[Mistake, ...] = ()
    claims: tuple[Claim, ...] = ()


def of_report(report: GradeReport, names: str = "", link: str = "") -> Work:
    """What there is to compare in a report with all that it shows."""
    values = report.notebook.values if report.notebook else ()
    return Work(
        report.submission,
        names,
        link,
        code=dict(report.sources),
        answers={question.id: question.answer for question in report.questions if question.answer.strip()},
        mistakes=tuple(_mistakes(report).values()),
        claims=tuple(map(_claim, values)),
    )


def _claim(value: PrintedValue) -> Claim:
    return Claim(value.title, value.claimed, value.obtained, value.verdict not in ("differs", "raised"))


def _mistakes(report: GradeReport) -> dict[str, Mistake]:
    """By name: where several checks show one, the first says in which question, and all say in which lines."""
    module = next(iter(report.sources), "")
    sources = {name: text.split("\n") for name, text in report.sources.items()}
    found: dict[str, Mistake] = {}
    for question in report.questions:
        for check in question.checks:
            lines = {}
            for file, number in places(check, module):
                if 0 < number <= len(own := sources.get(file, [])):
                    form = " ".join(token.word for token in lexing.code(own[number - 1]))
                    lines[form] = (file, number)
            lines.pop("", None)
            for name in check.mistakes:
                known = found.get(name, Mistake(name, question.id))
                found[name] = Mistake(name, known.question, {**lines, **known.lines})
    return found
