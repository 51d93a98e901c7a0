"""The report on one hand-in, and the JSON that it is kept as."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from .notebooks import NotebookResult
from .people import Cover
from .results import ZERO, Mark, QuestionResult, with_mark

SCHEMA_VERSION = 1


class Host(msgspec.Struct, frozen=True):
    """What may differ between two runs over the same input: the machine, the clock, the sandbox."""

    tier: str
    versions: dict[str, str]
    """Package or program name to version: those that can move a mark."""
    timings: dict[str, float]
    """Seconds of wall time, by check id or by stage of the run."""
    stacks: dict[str, str] = {}
    """Check id to the place where student code was when time ran out."""
    errors: dict[str, str] = {}
    """Check id to the traceback of a fault of the grader's own."""
    outputs: dict[str, str] = {}
    """Check id to what student code printed during it, cut where it is long: untrusted, for staff only."""


class GradeReport(msgspec.Struct, frozen=True):
    """Everything about one graded hand-in. Equal input gives an equal report outside `host`."""

    schema: int
    submission: str
    """Id of the hand-in."""
    rubric: str
    """Id of the rubric."""
    title: str
    """Title of the assignment."""
    dataset: str
    """`mnist` or `digits`."""
    marked_on: str
    """The dataset that the assignment is marked on."""
    provisional: bool
    """Whether the accuracy checks ran on another dataset than that."""
    audience: str
    """`staff` or `student`."""
    earned: Decimal
    points: Decimal
    open_points: Decimal
    questions: tuple[QuestionResult, ...]
    files: dict[str, str]
    """Name of each file that was graded, as handed in, to its SHA-256."""
    notes: tuple[str, ...]
    """Remarks about the hand-in as a whole: a renamed file, a file left out."""
    fingerprints: dict[str, str]
    """First 12 hex digits of the SHA-256 of the rubric, the reference and the course secret."""
    host: Host
    notebook: NotebookResult | None = None
    """None where there is no notebook, or the rubric does not ask for its execution."""
    nonce: str = ""
    """What, beside the secret, the hidden inputs varied by: the same secret and nonce draw the same."""
    published_secret: bool = False
    """Whether the secret is the one that is published with the grader: anybody can then work out hidden inputs."""
    sources: dict[str, str] = {}
    """The code that was graded, by the name of its file, the module first; for staff, and not in the JSON."""
    cover: Cover | None = None
    """Whose it is, for pages; not in the JSON."""
    staff_notes: tuple[str, ...] = ()
    """Remarks that no student reads: which mark waits for a look, and why."""

    @property
    def decided(self) -> Decimal:
        """Points that no person has to decide any more."""
        return self.points - self.open_points

    @property
    def percent(self) -> Decimal | None:
        """Earned points as a percentage of the decided ones; None where nothing is decided."""
        return None if self.decided == 0 else 100 * self.earned / self.decided


def marked(report: GradeReport, marks: Mapping[str, Mark]) -> GradeReport:
    """The report with persons' marks, by question id, in place of what the checks of those questions earned."""
    questions = tuple(with_mark(q, marks[q.id]) if q.id in marks else q for q in report.questions)
    return msgspec.structs.replace(
        report,
        questions=questions,
        earned=sum((q.earned for q in questions), ZERO),
        open_points=sum((q.open_points for q in questions), ZERO),
    )


def to_json(report: GradeReport) -> bytes:
    """Encode as UTF-8 JSON, two spaces of indent; NaN and infinities become "nan", "inf", "-inf".

    Text that is no Unicode, from a file name of stray bytes say, is escaped.
    """
    light = msgspec.structs.replace(report, sources={}, cover=None)
    plain = spell_text(msgspec.to_builtins(light), _spell_number)
    return msgspec.json.format(msgspec.json.encode(plain), indent=2) + b"\n"


def from_json(data: bytes) -> GradeReport:
    """Read back what `to_json` wrote; `msgspec.ValidationError` where it is something else."""
    # Not strict: the strings "nan" and "inf" become floats again where a float belongs.
    return msgspec.convert(msgspec.json.decode(data), GradeReport, strict=False)


def spell_text(value: Any, leaf: Callable[[Any], Any] = lambda value: value) -> Any:
    """Plain data with text that is no Unicode escaped; `leaf` makes something of all that is no text."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {spell_text(key, leaf): spell_text(item, leaf) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [spell_text(item, leaf) for item in value]
    return leaf(value)


def _spell_number(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value
