"""One hand-in, as far as it is compared with others: taken from its report, so that nothing is read or run again."""

from __future__ import annotations

import hashlib
from decimal import Decimal

import msgspec

from ..model import GradeReport, Person, PrintedValue
from ..report.code import places
from . import lexing

_DIGITS = 3
"""Digits of a number that is claimed, below which others have it by chance."""


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
    def is_telling(self) -> bool:
        """Whether so many digits are claimed that another's number agrees with them for a reason.

        Zeros at the end are not known: what is 1 here may have been printed as 1.000000 or as 1.
        """
        return self.claimed is not None and len(Decimal(f"{self.claimed:.12g}").as_tuple().digits) >= _DIGITS

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
    persons: tuple[Person, ...] = ()
    """These, as far as they are known: what two hand-ins of one person share says nothing."""
    link: str = ""
    """Its report, seen from the page."""
    source: str = ""
    """Where it comes from that is no hand-in of this class, such as an earlier term; empty for one of the class."""
    code: dict[str, str] = {}
    answers: dict[str, str] = {}
    """Written answers, by question."""
    mistakes: tuple[Mistake, ...] = ()
    claims: tuple[Claim, ...] = ()

    @property
    def content(self) -> str:
        """Hash of what is compared: not of what depends on the class, or on the machine that graded it."""
        mistakes = [(one.question, one.name) for one in self.mistakes]
        claims = [(one.title, one.claimed, one.is_own) for one in self.claims]
        compared = repr((sorted(self.code.items()), sorted(self.answers.items()), mistakes, claims))
        return hashlib.sha256(compared.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def content(left: Work, right: Work) -> str:
    """Hash of what two hold, in the order of their ids."""
    return "-".join(one.content for one in sorted((left, right), key=lambda work: work.id))


def of_report(report: GradeReport, persons: tuple[Person, ...] = (), link: str = "") -> Work:
    """What there is to compare in a report with all that it shows."""
    values = report.notebook.values if report.notebook else ()
    return Work(
        report.submission,
        ", ".join(person.name for person in persons if person.name),
        persons,
        link,
        code={name: in_lines(text) for name, text in report.sources.items()},
        answers={question.id: question.answer for question in report.questions if question.answer.strip()},
        mistakes=tuple(_mistakes(report).values()),
        claims=tuple(map(_claim, values)),
    )


def in_lines(source: str) -> str:
    """Source with the ends of lines that Python sees: behind a comment a lone `\\r` would hide all that follows."""
    return source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _claim(value: PrintedValue) -> Claim:
    return Claim(value.title, value.claimed, value.obtained, value.verdict not in ("differs", "raised"))


def _mistakes(report: GradeReport) -> dict[str, Mistake]:
    """By name: where several checks show one, the first says in which question, and all say in which lines."""
    module = next(iter(report.sources), "")
    sources = {name: in_lines(text).split("\n") for name, text in report.sources.items()}
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
