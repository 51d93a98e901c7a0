"""What a grading run produces, as plain frozen data. No I/O, no computation beyond adding points.

Every renderer (`grader.report`) and every store works from these classes alone. Points are decimals;
NaN and infinity are legal in every float and survive `to_json` / `from_json`.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

import msgspec

SCHEMA_VERSION = 1
CENT = Decimal("0.01")
ZERO = Decimal(0)


class Outcome(enum.Enum):
    """How a check ended. Only PASSED, PARTIAL, FAILED and SKIPPED decide points."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    SKIPPED = "skipped"
    """A check that this one needs could not run to its end."""
    NEEDS_REVIEW = "needs_review"
    """A person has to look; the points are open, not lost."""
    ERROR = "error"
    """The grader's own fault; the points are open, and the run exits non-zero."""

    @property
    def is_open(self) -> bool:
        """Whether the points are still to be decided by a person."""
        return self in (Outcome.NEEDS_REVIEW, Outcome.ERROR)


class Comparison(msgspec.Struct, frozen=True):
    """One line of evidence: what came back, what was wanted, and how close it had to be."""

    label: str
    observed: float | str | None = None
    expected: float | str | None = None
    tolerance: float | None = None
    """Largest accepted absolute difference; None where the comparison is not numeric."""


class Series(msgspec.Struct, frozen=True):
    """One named line of a plot; `x` and `y` have equal length. `y` may hold NaN and infinity."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    is_reference: bool = False


class Curves(msgspec.Struct, frozen=True, tag="curves"):
    """Lines over a common axis: a loss, accuracy or gradient history beside the reference's."""

    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    log_y: bool = False


class ImageGrid(msgspec.Struct, frozen=True, tag="images"):
    """Equally sized grey images, 8 bits a pixel, row-major, one after the other (base64 in JSON)."""

    title: str
    height: int
    width: int
    pixels: bytes


class ConfusionMatrix(msgspec.Struct, frozen=True, tag="confusion"):
    """`counts[i][j]` examples of class `labels[i]` were predicted as class `labels[j]`."""

    title: str
    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


Figure = Curves | ImageGrid | ConfusionMatrix


class SourcePlace(msgspec.Struct, frozen=True):
    """A line of a file as it was handed in; untrusted."""

    file: str
    line: int


class CheckResult(msgspec.Struct, frozen=True):
    """One check of one hand-in."""

    id: str
    title: str
    outcome: Outcome
    earned: Decimal
    points: Decimal
    message: str
    """What was found, for the student; holds no hidden value."""
    hint: str = ""
    """What to do about it, from the rubric; empty where the check passed."""
    detail: str = ""
    """More for staff only: may hold hidden values or an exception's own text."""
    diagnosis: str = ""
    """The likely mistake in one sentence, safe for students; empty where none is known."""
    mistakes: tuple[str, ...] = ()
    """Names of the known mistakes that the diagnosis speaks of, for counting them over a class."""
    notes: tuple[str, ...] = ()
    """Remarks that cost nothing, such as a list that was converted to an array."""
    comparisons: tuple[Comparison, ...] = ()
    figures: tuple[Figure, ...] = ()
    hidden: bool = False
    """Whether observed and expected values are kept from students."""
    carried_from: str = ""
    """Id of the earlier check that already cost the points of the mistake seen here; empty for none."""
    formula: str = ""
    """The student's own formula that was judged, as LaTeX; untrusted. Empty for checks of code."""
    suggested: Decimal | None = None
    """Points of an open check that count once a person accepts them; for staff only."""
    waits_for: str = ""
    """Id of the check that kept this one from running; empty where none did."""
    place: SourcePlace | None = None
    """Where the student's code raised what ended the check; None where nothing did."""


class Image(msgspec.Struct, frozen=True):
    """An image that a student pasted into an answer; untrusted."""

    name: str
    media_type: str
    data: str
    """Base64."""


class MarkItem(msgspec.Struct, frozen=True):
    """An item of the rubric that a person's mark says of the answer, as it was when the mark was given."""

    id: str
    text: str
    points: Decimal
    part: str = ""
    """Of items of the same part, the one that is worth most counts."""


class Mark(msgspec.Struct, frozen=True):
    """A person's mark for a question; it replaces what the checks earned."""

    points: Decimal
    by: str
    at: str
    """ISO 8601, UTC, to the second."""
    note: str = ""
    was: str = ""
    """What was given, in words, where the points of the question have changed since and it counts for other points."""
    items: tuple[MarkItem, ...] = ()
    """What of the rubric the points are made of; none for a mark that is a number alone."""
    adjustment: Decimal = ZERO
    """What was added to the worth of the items, or taken off."""
    since: str = ""
    """Why it was given anew where an item's points have changed since, in words, without full stop."""


class Misfit(msgspec.Struct, frozen=True):
    """A person's mark that does not count as it was given: the answer or the rubric has changed since."""

    submission: str
    question: str
    mark: Mark
    why: str
    """In words, without full stop."""


Answered = Literal["", "written", "picture", "nothing", "not found", "not read", "elsewhere"]
"""`nothing`: it is certain that nothing was written. `not found`: there is a notebook, and no answer was found in it.
`elsewhere`: the answer names another file, or one was handed in that is not read."""


class QuestionResult(msgspec.Struct, frozen=True):
    """One question: its points, rounded once, half up to 0.01, and the checks behind them."""

    id: str
    title: str
    outcome: Outcome
    earned: Decimal
    points: Decimal
    open_points: Decimal
    """Points that wait for a person."""
    checks: tuple[CheckResult, ...] = ()
    answer: str = ""
    """The student's own text for a question that a person marks; Markdown with LaTeX, untrusted."""
    images: tuple[Image, ...] = ()
    """What the student pasted into that answer."""
    mark: Mark | None = None
    answered: Answered = ""
    """How the question was answered; empty for one that code answers."""
    answer_key: str = ""
    """First 12 hex digits of a hash of all that was handed in for the question, which tells one answer from another."""


class CellRun(msgspec.Struct, frozen=True):
    """What became of one code cell of the notebook when the grader executed it."""

    number: int
    """Counts the code cells of the notebook, from 1."""
    first_line: str
    """Its first line of code, to know it by; untrusted."""
    status: Literal["ran", "failed", "refused", "stopped", "not run"]
    """`refused`: it ran but for shell commands in it; `stopped`: it ran out of time."""
    message: str = ""
    """What happened, in one line; empty where it just ran. May hold the student's own words."""


class PrintedValue(msgspec.Struct, frozen=True):
    """A number that a notebook prints: in the file as handed in, when executed again, and as it should be."""

    title: str
    question: str
    """Id of the question that it belongs to."""
    cell: int
    """Number of the code cell (see `CellRun`); 0 where none prints it."""
    verdict: Literal["agrees", "differs", "raised", "not compared"]
    """Whether execution bears the claim out; points never depend on it. `raised`: the code of its cell raises."""
    claimed: float | None = None
    obtained: float | None = None
    expected: float | None = None
    spread: float | None = None
    """How far claimed and obtained may lie apart."""
    note: str = ""
    """Why it was not compared, how its cell ended, or what else there is to say; sentences."""


class NotebookPlot(msgspec.Struct, frozen=True):
    """A plot that a question asks for."""

    title: str
    question: str
    image: Image | None = None
    """None where there is no such plot."""
    executed: bool = False
    """Whether it was drawn when the grader executed the notebook; else it is the one handed in."""
    note: str = ""


class NotebookResult(msgspec.Struct, frozen=True):
    """What the hand-in's notebook claims and what it does. No points depend on it."""

    file: str
    """Name as handed in."""
    summary: str
    """How the execution went, in one sentence."""
    cells: tuple[CellRun, ...] = ()
    values: tuple[PrintedValue, ...] = ()
    plots: tuple[NotebookPlot, ...] = ()
    notes: tuple[str, ...] = ()
    """Remarks, such as on a changed utils.py."""


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


class Person(msgspec.Struct, frozen=True):
    """A student, as a roster or a course system names them. Any field may be empty; all are untrusted."""

    name: str = ""
    email: str = ""
    number: str = ""
    """The student number: Canvas's SIS User ID, Gradescope's SID, Moodle's ID number."""
    login: str = ""
    """Canvas's SIS Login ID; a forge's user name."""
    course_id: str = ""
    """The course system's own id: Canvas's ID, Moodle's participant."""
    section: str = ""
    returned_as: str = ""
    """How the name of a file has to begin that the course system takes back for this hand-in: Canvas's
    `name_userid_attachmentid_`. Empty where it asks for none, or that is not known."""


class Lateness(msgspec.Struct, frozen=True):
    """What the late policy does to one hand-in. It is applied where marks leave the gradebook, and stored nowhere."""

    minutes: int
    """Minutes past the student's own due time; zero or less where it was in time."""
    deduction: Decimal
    """Points taken off the total, rounded to hundredths; never more than was earned."""
    why: str
    """In a sentence, for the student; empty where nothing is deducted and nothing is to be said."""
    own_due: str = ""
    """In a sentence, where the student has another due time than the class; empty where not."""


class Cover(msgspec.Struct, frozen=True):
    """What stands on a report beside what was graded: whose it is, when it came in, and what that does to the total."""

    names: tuple[str, ...] = ()
    """Of those who handed it in, as the roster or the course system has them."""
    submitted: str = ""
    """ISO 8601 with offset; empty where nobody knows."""
    late: tuple[tuple[str, Lateness], ...] = ()
    """What the late policy does, by name; one without a name where it does the same to all. Empty without a policy."""
    links: tuple[tuple[str, str], ...] = ()
    """Words and where they lead, for staff: to the page of the class, and to the reports before and after."""


class Entry(msgspec.Struct, frozen=True):
    """One hand-in of a class, as exports and the class report see it."""

    report: GradeReport
    """For staff, with persons' marks, without figures, images and what the notebook showed."""
    person: Person = Person()
    submitted: str = ""
    """When it was handed in: ISO 8601 with offset; empty where nobody knows."""
    late: Lateness | None = None
    """None where the rubric has no late policy."""
    origin: str = ""
    """How it was recognised, such as `Canvas download`; empty for a plain folder."""
    seconds: float = 0.0
    """Wall time that grading it took."""

    @property
    def total(self) -> Decimal:
        """Points earned, after what the late policy takes off."""
        return self.report.earned - (self.late.deduction if self.late else ZERO)


class QuestionHead(msgspec.Struct, frozen=True):
    """A question without answers to it."""

    id: str
    title: str
    points: Decimal


class ClassHead(msgspec.Struct, frozen=True):
    """What is the same for all hand-ins of a class."""

    title: str
    """Title of the assignment."""
    points: Decimal
    questions: tuple[QuestionHead, ...]
    run: int
    """Number of the run in the gradebook."""
    graded_at: str
    """When that run ended: ISO 8601, UTC."""
    dataset: str
    marked_on: str
    tier: str
    fingerprints: dict[str, str] = {}
    absent: tuple[Person, ...] = ()
    """Those on the roster who handed in nothing."""
    strangers: dict[str, str] = {}
    """Id of each hand-in that is on nobody's row of the roster, to who may be meant, without full stop."""
    failed: dict[str, str] = {}
    """Id of each hand-in that has no marks, to the reason in a sentence."""
    failed_persons: dict[str, Person] = {}
    """Whose these are, as far as that is known."""
    nonces: tuple[str, ...] = ()
    """What, beside the secret, the hidden inputs varied by; more than one where some have handed in again."""
    published_secret: bool = False
    """Whether the secret is the one that is published with the grader."""
    misfits: tuple[Misfit, ...] = ()
    """Marks of persons that do not count: somebody has to look at each."""
    adjusted: tuple[Misfit, ...] = ()
    """Marks that count for other points than were given, as the rubric says, since their question's points changed."""

    @property
    def provisional(self) -> bool:
        """Whether the accuracy checks ran on another dataset than the one that marks are for."""
        return self.dataset != self.marked_on


def round_points(points: Decimal) -> Decimal:
    """Round half up to hundredths, dropping trailing zeros: `2.50` is `2.5`, `80.00` is `80`."""
    rounded = points.quantize(CENT, ROUND_HALF_UP).normalize()
    return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral() else rounded


def question_result(
    id: str,
    title: str,
    points: Decimal,
    checks: Iterable[CheckResult],
    answer: str = "",
    images: tuple[Image, ...] = (),
) -> QuestionResult:
    """Add up the checks of a question and name its outcome."""
    checks = tuple(checks)
    outcomes = {check.outcome for check in checks}
    earned = round_points(sum((check.earned for check in checks), ZERO))
    open_points = round_points(sum((c.points for c in checks if c.outcome.is_open), ZERO))
    if Outcome.ERROR in outcomes:
        outcome = Outcome.ERROR
    elif Outcome.NEEDS_REVIEW in outcomes:
        outcome = Outcome.NEEDS_REVIEW
    else:
        outcome = _decided(earned, points)
    return QuestionResult(id, title, outcome, earned, points, open_points, checks, answer, images)


def _decided(earned: Decimal, points: Decimal) -> Outcome:
    if earned == points:
        return Outcome.PASSED
    return Outcome.PARTIAL if earned else Outcome.FAILED


def marked(report: GradeReport, marks: Mapping[str, Mark]) -> GradeReport:
    """The report with persons' marks, by question id, in place of what the checks of those questions earned."""
    questions = tuple(_marked(q, marks[q.id]) if q.id in marks else q for q in report.questions)
    return msgspec.structs.replace(
        report,
        questions=questions,
        earned=sum((q.earned for q in questions), ZERO),
        open_points=sum((q.open_points for q in questions), ZERO),
    )


def _marked(question: QuestionResult, mark: Mark) -> QuestionResult:
    earned = round_points(mark.points)
    outcome = _decided(earned, question.points)
    return msgspec.structs.replace(question, outcome=outcome, earned=earned, open_points=ZERO, mark=mark)


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
