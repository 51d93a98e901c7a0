"""What a rubric says: what is asked, for how many points, checked how closely. Frozen data, as an instructor wrote it.

`rubric_loading` makes it of a file; what fits together in it is in `rubric_rules`. What is asked of notebooks is in
`notebook_settings`.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from ..entry_point import EntryPoint
from . import secret
from .notebook_settings import Notebook
from .strict import Positive, Strict

_Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=40)]
_Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
_Count = Annotated[int, msgspec.Meta(ge=1)]
_Phrase = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9 .-]*$", max_length=80)]
"""Words in lower case; `-word` for one that must not be there, a full stop for nothing else beside them."""

FIRST = "1"
"""The nonce of a first hand-in."""


class Limits(Strict, frozen=True):
    """Bounds on student code."""

    call_cpu: Positive = 10
    """Seconds of CPU for one call of the student's code."""
    call_wall: Positive = 60
    """Seconds of wall time for one call."""
    check_cpu: Positive = 60
    """Seconds of CPU for all calls of one check together, a training on the dataset left out."""
    check_wall: Positive = 300
    """Seconds of wall time for the same calls."""
    train_cpu: Positive = 900
    """Seconds of CPU for one training on the dataset."""
    train_wall: Positive = 1200
    """Seconds of wall time for one training on the dataset."""
    submission_cpu: Positive = 3600
    """Seconds of CPU for a whole hand-in."""
    submission_wall: Positive = 7200
    """Seconds of wall time for a whole hand-in."""
    memory_mb: _Count = 4096
    """Megabytes of address space of one worker."""
    file_mb: _Count = 16
    """Megabytes of any file that a worker writes."""


class Net(Strict, frozen=True):
    """Shape of a hidden network and of the batch that it is shown."""

    inputs: _Count
    hidden: _Count
    classes: Annotated[int, msgspec.Meta(ge=2)]
    batch: _Count
    reg: Annotated[float, msgspec.Meta(ge=0)]
    missing_class: bool = False
    """Whether the batch has no example of the last class."""


class CheckSpec(Strict, frozen=True):
    """One check of a question, as the rubric states it."""

    id: _Id
    kind: str
    title: str
    points: Decimal
    hint: str = ""
    """What a student should do where the check fails."""
    needs: tuple[str, ...] = ()
    """Checks that must have run to their end before this one makes sense."""
    shared_with: str = ""
    """An earlier check of the same lines of code: a mistake that cost there does not cost again here."""
    hidden: bool = False
    params: dict[str, Any] = msgspec.field(default_factory=dict)
    """What the kind of check asks for; see `grader.checks`."""


class Claim(Strict, frozen=True):
    """One quantity that a written question asks, read and judged by `grader.written`."""

    symbol: _Id
    """Its name in the reference's `derivations`."""
    title: str
    points: Decimal
    code: str = ""
    """A check of the same quantity in the hand-in's code: reports say where one is right and the other is not."""


Verdict = Literal["correct", "unsimplified", "turned", "shape", "carried", "unfinished", "incorrect"]


class Written(Strict, frozen=True):
    """What judgements of derivations are worth."""

    shares: dict[str, Decimal]
    """Share of a claim's points, 0 to 1, by verdict."""
    final: tuple[Verdict | Literal["unnamed"], ...]
    """Verdicts that count at once; others are suggestions. `unnamed`: incorrect, and no known mistake explains it."""
    mistakes: dict[str, str]
    """Name of a mistake to the sentence for students."""


class Late(Strict, frozen=True):
    """What handing in late costs; see `grader.marking.late`."""

    due: datetime
    """With its offset from UTC."""
    grace_minutes: Annotated[int, msgspec.Meta(ge=0)] = 0
    """How late costs nothing yet."""
    percent_per_day: Decimal | None = None
    """Share of the points earned, in percent, that each day begun costs. Either this or `points_per_day`."""
    points_per_day: Decimal | None = None
    max_percent: Decimal | None = None
    """Share of the points earned, in percent, that is the most that being late costs, within `days`."""
    days: _Count | None = None
    """Days begun after which nothing is earned."""


class HandedOut(Strict, frozen=True):
    """What of the module students were given whole; see `grader.marking.given_methods`."""

    methods: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    least: Decimal
    """Share of the points of what students write that they have to earn for these methods to count."""


class Expected(Strict, frozen=True):
    """Something that a free text should say. Whether it does is only guessed: a person decides."""

    text: str
    points: Decimal
    part: str = ""
    """Of points that name the same part of the answer, the one that is worth most counts."""
    says: tuple[_Phrase, ...] = ()
    """Phrases, any of which hints at its being there where the text does not deny it; see `written.free_text`."""
    denies: tuple[_Phrase, ...] = ()
    """Phrases, any of which hints at it where the text denies it: `saturate` for "it does not saturate"."""
    pattern: str = ""
    """For what is no word: a regular expression, upper and lower case alike, that is looked for within a clause."""


class Item(Strict, frozen=True):
    """Something that a person who marks says of an answer by a key, and what it is worth."""

    text: str
    points: Decimal
    """Below zero for what is taken off."""
    key: Annotated[str, msgspec.Meta(pattern=r"^[1-9abdeh-moqrtv-z]?$")] = ""
    """The key on the page of `grade review`: a digit from 1, or a letter that no command has; empty: by its place."""
    part: str = ""
    """Of items that name the same part of the answer, the one that is worth most counts."""
    id: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]*$", max_length=40)] = ""
    """What marks know it by; empty: a hash of the text, so that another text is another item."""


def worth(expected: Iterable[Expected]) -> Decimal:
    """Points of a free text that says these things: of those that make one part of it the best."""
    best: dict[str, Decimal] = {}
    for number, point in enumerate(expected):
        part = point.part or f"#{number}"
        best[part] = max(point.points, best.get(part, Decimal(0)))
    return sum(best.values(), Decimal(0))


class Question(Strict, frozen=True):
    """One question of the assignment."""

    id: _Id
    title: str
    points: Decimal
    checks: tuple[CheckSpec, ...] = ()
    claims: tuple[Claim, ...] = ()
    """What a written answer derives. Neither checks nor claims: a person marks the question."""
    given: tuple[str, ...] = ()
    """What the answers of claims may be written in: names of symbols in the reference's `derivations`, and `f'`."""
    look_for: tuple[str, ...] = ()
    """For a person: what a full answer says."""
    expect: tuple[Expected, ...] = ()
    """For free text: what a full answer says, and what it is worth."""
    contrary: tuple[_Phrase, ...] = ()
    """Phrases of answers that say the contrary: where any of them is said, no points are suggested."""
    items: tuple[Item, ...] = ()
    """For a person who marks; where there are none, they are made of what is looked for (see `marking.items`)."""
    find: str = ""
    """Regular expression for what is asked: finds the cell where the number is missing or another year's."""


class Changed(Strict, frozen=True):
    """What a rubric says of a check that the assignment's `checks.py` declares, in place of what stands there."""

    title: str | None = None
    points: Decimal | None = None
    hint: str | None = None
    hidden: bool | None = None
    relative: Annotated[float, msgspec.Meta(ge=0, le=1e6)] | None = None


GivenMarks = Literal["wait", "scale", "keep"]
"""What becomes of marks that persons gave where the points of their question change."""


class Raw(Strict, frozen=True):
    """A rubric's file, each field for itself; for `rubric_loading`, which makes a `Rubric` of it."""

    id: _Id
    title: str
    points: Decimal
    reference: _Id
    module: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*\.py$")]
    dataset: str
    packages: tuple[str, ...]
    questions: tuple[Question, ...]
    limits: Limits = Limits()
    nets: tuple[Net, ...] = ()
    class_name: _Name | None = None
    functions: tuple[_Name, ...] = ()
    written: Written | None = None
    notebook: Notebook | None = None
    compat: tuple[Literal["numpy1", "python2-builtins"], ...] = ()
    python: Annotated[str, msgspec.Meta(pattern=r"^3\.[0-9]{1,2}$")] = ""
    earlier_notebooks: tuple[str, ...] = ()
    secret: str = ""
    secret_file: str = ""
    mistakes: dict[str, str] = msgspec.field(default_factory=dict)
    follow_through: Decimal = Decimal(1)
    late: Late | None = None
    handed_out: HandedOut | None = None
    fail_under_decided: Decimal = Decimal(60)
    synonyms: dict[str, tuple[_Phrase, ...]] = msgspec.field(default_factory=dict)
    given_marks: GivenMarks = "wait"
    checks: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    constants: dict[str, float | int | str | bool] = msgspec.field(default_factory=dict)


class Rubric(msgspec.Struct, frozen=True):
    """A rubric that has passed every test of `rubric_loading.load`."""

    path: Path
    id: str
    title: str
    points: Decimal
    reference: str
    """Name of the folder with the answers, beside `rubrics` in `reference/`."""
    entry: EntryPoint
    dataset: str
    """The dataset that the assignment is marked on; on any other one, accuracy is provisional."""
    packages: tuple[str, ...]
    """Third-party packages that a hand-in may import."""
    compat: tuple[str, ...]
    """Kinds of names of other years that hand-ins are supplied with; see `student.child.compat`."""
    earlier_notebooks: tuple[str, ...]
    """Names of empty notebooks of earlier years, in the reference's folder `earlier`: their text is no answer."""
    limits: Limits
    nets: tuple[Net, ...]
    questions: tuple[Question, ...]
    written: Written | None
    """None where no question has claims."""
    notebook: Notebook | None
    """None where notebooks are not executed."""
    checks: dict[str, Any]
    """Check id to the check object built from its `kind` and `params`, in the order of the questions."""
    secret: str
    follow_through: Decimal
    """Share of a check's points that is earned by what is right once a right loss is supplied; 0 to 1."""
    mistakes: dict[str, str]
    """Name of a known mistake (see the reference's expected values) to the sentence for students."""
    fingerprint: str
    """First 12 hex digits of the SHA-256 of the file."""
    asking: str
    """The same of all in it that can change what grading finds: where only points differ, it is equal."""
    content: dict[str, Any]
    """The file as plain data, without the secret, for saying what changed between two runs."""
    late: Late | None = None
    """None where handing in late costs nothing."""
    handed_out: HandedOut | None = None
    """None where students write all that is checked."""
    fail_under_decided: Decimal = Decimal(60)
    """Percent of the points that have to be decided before `--fail-under` says anything of a hand-in."""
    synonyms: dict[str, tuple[str, ...]] = {}
    """A word of phrases to what may stand for it in a free text."""
    given_marks: GivenMarks = "wait"
    """What becomes of a mark that a person gave where its question has other points now: it waits for a look, keeps its
    share of them, or keeps its points where they fit."""
    constants: dict[str, float | int | str | bool] = {}
    """What the rubric sets in the solution, by the name of the constant there."""
    nonce: str = FIRST
    """What hidden inputs vary by beside the secret."""
    trains_in_full: bool = False
    """Whether also what takes the solution's path is trained to the end."""
    python: str = ""
    """The Python that the course uses, such as `3.12`; empty where nothing is said."""
    secret_remarks: tuple[str, ...] = ()
    """What is wrong with the secret, though it can be used; a line each, for whoever grades."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What whoever grades has to know of the rubric on this machine; a line each."""
        running = sys.version_info[:2]
        if not self.python or running >= (3, int(self.python[2:])):
            return self.secret_remarks
        older = (
            f"the course uses Python {self.python}, and the grader runs {running[0]}.{running[1]}: what only the newer "
            "one understands waits for a person; grade with that Python"
        )
        return (*self.secret_remarks, older)

    def in_full(self) -> Rubric:
        """The same for trainings to their end; what was found without is not found under it."""
        asking = hashlib.sha256(f"{self.asking} in full".encode()).hexdigest()[: len(self.asking)]
        return msgspec.structs.replace(self, trains_in_full=True, asking=asking)

    @property
    def has_published_secret(self) -> bool:
        """Whether anybody can work out what is hidden: the secret is the published one."""
        return secret.is_published(self.secret)

    @property
    def key(self) -> str:
        """What everything hidden is drawn from: as much from the secret as from the nonce, in hex digits."""
        return hashlib.sha256(json.dumps([self.secret, self.nonce]).encode()).hexdigest()

    @property
    def secret_fingerprint(self) -> str:
        """First 12 hex digits of the SHA-256 of the course secret."""
        return hashlib.sha256(self.secret.encode()).hexdigest()[:12]
