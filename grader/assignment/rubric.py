"""Load a rubric: what is asked, for how many points, checked how closely. TOML in, frozen data out.

Everything an instructor may edit is in the rubric, and every mistake in it is reported with the file, the
path of the field, the value found and the value wanted. Which kinds of check exist is passed in
(`kinds`), so that this file does not depend on the checks.
"""

from __future__ import annotations

import hashlib
import json
import keyword
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args

import msgspec

from ..entry_point import EntryPoint
from ..errors import RubricError
from . import rubric_place, secret

_Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=40)]
_Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
_Positive = Annotated[float, msgspec.Meta(gt=0)]
_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
_Count = Annotated[int, msgspec.Meta(ge=1)]
_Phrase = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9 .-]*$", max_length=80)]
"""Words in lower case; `-word` for one that must not be there, a full stop for nothing else beside them."""

FIRST = "1"
"""The nonce of a first hand-in."""


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of everything that is read from a rubric: an unknown key is an error."""


class Limits(Strict, frozen=True):
    """Bounds on student code."""

    call_cpu: _Positive = 10
    """Seconds of CPU for one call of the student's code."""
    call_wall: _Positive = 60
    """Seconds of wall time for one call."""
    check_cpu: _Positive = 60
    """Seconds of CPU for all calls of one check together, a training on the dataset left out."""
    check_wall: _Positive = 300
    """Seconds of wall time for the same calls."""
    train_cpu: _Positive = 900
    """Seconds of CPU for one training on the dataset."""
    train_wall: _Positive = 1200
    """Seconds of wall time for one training on the dataset."""
    submission_cpu: _Positive = 3600
    """Seconds of CPU for a whole hand-in."""
    submission_wall: _Positive = 7200
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
    params: dict[str, Any] = {}
    """What the kind of check asks for; see `grader.checks`."""


class Claim(Strict, frozen=True):
    """One quantity that a written question asks, read and judged by `grader.written`."""

    symbol: _Id
    """Its name in the reference's `derivations`."""
    title: str
    points: Decimal
    code: str = ""
    """A check of the same quantity in the hand-in's code: reports say where one is right and the other is not."""


class NotebookValue(Strict, frozen=True, kw_only=True):
    """A number that notebooks print; which cell prints it is told by its code."""

    title: str
    question: str
    code: str
    """Regular expression on the code of the cell and of the notebook's own functions that it calls."""
    activation: str = ""
    """The activation that the cell, or the nearest before it that names one, must name."""
    find: str
    """Regular expression on a line of output, with `{number}` where the number is."""
    which: Literal["first", "last"] = "first"
    """Which line, where several match."""
    data: bool = False
    """Whether it depends on the dataset; `expect` and `spread` are then looked up in that one's table."""
    expect: tuple[str, ...] = ()
    """Names in the reference's expected.toml, such as `toy.sigmoid.loss`; the first that is there is taken."""
    within: _Share = 0.0
    """How far claimed and obtained may lie apart, as a share of the one obtained."""
    noise: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    """The same as a number; the larger of the two counts."""
    spread: tuple[str, ...] = ()
    """Name of a spread in expected.toml, in place of the two."""
    spreads: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    """How many of them claimed and obtained may lie apart."""


class NotebookPlotSpec(Strict, frozen=True):
    """A plot that a question asks for."""

    title: str
    question: str
    code: str
    activation: str = ""
    which: Literal["first", "last"] = "first"
    """Which image of a cell that draws several."""
    data: bool = False
    """Whether it depends on the dataset."""


class NotebookSize(Strict, frozen=True):
    """How a notebook says which dataset it was made on."""

    find: str
    """Regular expression on a line of output, with `{number}` where the number of training images is."""
    datasets: dict[str, tuple[int, ...]]
    """Dataset to that number."""


class Notebook(Strict, frozen=True, kw_only=True):
    """How a hand-in's notebook is executed, and what is looked at in it. No points depend on it."""

    execute: Literal["always", "light", "never"] = "always"
    """`light`: on small data where the module takes the solution's path and all that the file claims is known."""
    prefer: Literal["module", "notebook"] = "module"
    """Whose code is graded where the module and the notebook both define it, differently."""
    own_utils: bool = False
    """Whether a student's changed copy of a file that was handed out, such as utils.py, is used."""
    cell_wall: _Positive
    """Seconds on the clock for one cell."""
    wall: _Positive
    """Seconds on the clock for the whole notebook."""
    cpu: _Positive
    """Seconds of computing for the whole notebook."""
    after_failure: Literal["continue", "stop"] = "continue"
    """What happens after a cell that fails or runs out of time."""
    data_variable: str = ""
    """The environment variable that names the folder of X.npy and y.npy to the handout's own code."""
    size: NotebookSize | None = None
    values: tuple[NotebookValue, ...] = ()
    plots: tuple[NotebookPlotSpec, ...] = ()


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

    methods: Annotated[tuple[Literal["train", "predict"], ...], msgspec.Meta(min_length=1)]
    least: Decimal
    """Share of the points of forward pass, and of gradients, that students have to earn for these methods to count."""


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


class _Raw(Strict, frozen=True):
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
    mistakes: dict[str, str] = {}
    follow_through: Decimal = Decimal(1)
    late: Late | None = None
    handed_out: HandedOut | None = None
    fail_under_decided: Decimal = Decimal(60)
    synonyms: dict[str, tuple[_Phrase, ...]] = {}
    given_marks: GivenMarks = "wait"
    checks: dict[str, dict[str, Any]] = {}
    constants: dict[str, float | int | str | bool] = {}


class Source(NamedTuple):
    """A rubric's file."""

    path: Path
    content: str
    data: dict[str, Any]
    """As TOML has it."""


class Rubric(msgspec.Struct, frozen=True):
    """A rubric that has passed every test of `load`."""

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


Tables = dict[str, Any]
"""A rubric's file as TOML has it."""


def load(
    path: Path, kinds: Mapping[str, type[Any]], fill: Callable[[Tables], Tables] = lambda data: data
) -> Rubric:
    """Read and validate a rubric; `RubricError` for anything wrong with it.

    `kinds` maps each name that `kind` may take to the class (a `Strict`) that its `params` must fit. `fill` adds what
    the file leaves to the assignment's own files.
    """
    content, data = read(path)
    changed = data.get("checks", {})
    for id, one in changed.items() if isinstance(changed, dict) else ():
        _convert(Source(path, content.decode(), data), one, Changed, data, f"$.checks.{id}")
    data = fill(data)
    source = Source(path, content.decode(), data)
    raw: _Raw = _convert(source, data, _Raw, data, "$")
    return _validated(source, raw, kinds)


def read(path: Path) -> tuple[bytes, Tables]:
    """A rubric's file, and its tables as they stand there; `RubricError` where it is no TOML."""
    try:
        content = path.read_bytes()
        return content, tomllib.loads(content.decode(), parse_float=Decimal)
    except OSError as error:
        raise RubricError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise RubricError(f"{path}: is not UTF-8 text (byte {error.start})") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f"line {line[1]}: " if line else ""
        raise RubricError(f"{path}: {where}is not TOML: {error}") from None


def _validated(source: Source, raw: _Raw, kinds: Mapping[str, type[Any]]) -> Rubric:
    _check_ids(source, raw)
    _check_points(source, raw)
    if not (raw.follow_through.is_finite() and 0 <= raw.follow_through <= 1):
        raise RubricError(_line(source, "$.follow_through", f"found {raw.follow_through}, wanted 0 to 1"))
    if not (raw.fail_under_decided.is_finite() and 0 <= raw.fail_under_decided <= 100):
        message = f"found {raw.fail_under_decided}, wanted a percentage from 0 to 100"
        raise RubricError(_line(source, "$.fail_under_decided", message))
    if raw.handed_out and not (raw.handed_out.least.is_finite() and 0 < raw.handed_out.least <= 1):
        message = f"found {raw.handed_out.least}, wanted more than 0 and up to 1"
        raise RubricError(_line(source, "$.handed_out.least", message))
    _check_packages(source, raw)
    _check_items(source, raw)
    _check_order(source, raw)
    _check_claims(source, raw)
    _check_notebook(source, raw)
    _check_late(source, raw)
    checks: dict[str, Any] = {}
    for q, question in enumerate(raw.questions):
        for c, spec in enumerate(question.checks):
            where = f"$.questions[{q}].checks[{c}]"
            if spec.kind not in kinds:
                wanted = ", ".join(sorted(kinds))
                raise RubricError(
                    _line(source, f"{where}.kind", f"unknown kind {spec.kind!r}; wanted one of: {wanted}")
                )
            check = _convert(source, spec.params, kinds[spec.kind], source.data, f"{where}.params")
            for id in spec.needs:
                if checks[id].own_worker and not check.own_worker:
                    message = f"{spec.id!r} would have to wait for {id!r}, which runs beside the other checks"
                    raise RubricError(_line(source, f"{where}.needs", message))
            checks[spec.id] = check
    for id in raw.checks:
        if id not in checks:
            message = f"there is no check {id!r}; wanted one of: {', '.join(checks)}"
            raise RubricError(_line(source, f"$.checks.{id}", message))
    drawn_from = _secret(source, raw)
    return Rubric(
        path=source.path,
        id=raw.id,
        title=raw.title,
        points=raw.points,
        reference=raw.reference,
        entry=_entry(source, raw),
        dataset=raw.dataset,
        packages=raw.packages,
        compat=raw.compat,
        earlier_notebooks=raw.earlier_notebooks,
        limits=raw.limits,
        nets=raw.nets,
        questions=raw.questions,
        written=raw.written,
        notebook=raw.notebook,
        checks=checks,
        secret=drawn_from,
        python=raw.python,
        secret_remarks=_secret_remarks(source, raw, drawn_from),
        follow_through=raw.follow_through,
        mistakes=raw.mistakes,
        fingerprint=hashlib.sha256(source.content.encode()).hexdigest()[:12],
        asking=_asking(source.data),
        content={key: value for key, value in source.data.items() if key != "secret"},
        late=raw.late,
        handed_out=raw.handed_out,
        fail_under_decided=raw.fail_under_decided,
        synonyms=raw.synonyms,
        given_marks=raw.given_marks,
        constants=raw.constants,
    )


_FOR_MARKING = {
    "id", "title", "points", "written", "late", "handed_out", "secret", "secret_file", "fail_under_decided", "synonyms",
    "python", "given_marks", "checks",
}  # fmt: skip
"""What of a rubric is of no account until marks are made of what was found; the secret has its own fingerprint."""


def _asking(data: Mapping[str, Any]) -> str:
    """A hash of what can change findings. Of points it counts only whether there are any: no check can lose none."""
    asked = {key: value for key, value in data.items() if key not in _FOR_MARKING}
    asked["questions"] = [
        {
            "id": question["id"],
            "find": question.get("find"),
            "claims": [claim["symbol"] for claim in question.get("claims", ())],
            "given": question.get("given"),
            "checks": [
                {**spec, "points": spec["points"] > 0, "hint": bool(spec.get("hint"))}
                for spec in question.get("checks", ())
            ],
        }
        for question in data["questions"]
    ]
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()[:12]


def _convert(source: Source, value: Any, type_: Any, root: Any, where: str) -> Any:
    """`msgspec.convert` with an error that also names the value found."""
    try:
        converted = msgspec.convert(value, type_)
        _no_text_for_numbers(source, value, converted, where)
        return converted
    except msgspec.ValidationError as error:
        message, _, below = str(error).partition(" - at `$")
        field = where + below.removesuffix("`")
        if named := re.search(r"unknown field `([^`]{1,100})`", message):
            field += f".{named[1]}"
        found = _look_up(root, field)
        shown = "" if isinstance(found, dict | list | _Missing) else f", found {_show(found)}"
        raise RubricError(_line(source, field, message + shown)) from None


def _no_text_for_numbers(source: Source, value: Any, converted: Any, where: str) -> None:
    """`RubricError` for a number in quotes, which would be taken for points."""
    if isinstance(converted, Decimal) and not isinstance(value, int | Decimal):
        raise RubricError(_line(source, where, f"found {_show(value)}, wanted a number without quotes"))
    if isinstance(value, dict) and isinstance(converted, msgspec.Struct):
        pairs = [(f".{name}", one, getattr(converted, name, None)) for name, one in value.items()]
    elif isinstance(value, dict) and isinstance(converted, dict):
        pairs = [(f".{name}", one, converted.get(name)) for name, one in value.items()]
    elif isinstance(value, list) and isinstance(converted, tuple | list):
        pairs = [(f"[{n}]", *both) for n, both in enumerate(zip(value, converted, strict=False))]
    else:
        return
    for name, one, made in pairs:
        _no_text_for_numbers(source, one, made, f"{where}{name}")


def fault(rubric: Rubric, field: str, message: str) -> RubricError:
    """The error about a field, such as `questions[7].given`, of a rubric that was read, for what others find."""
    content = rubric.path.read_text(encoding="utf-8")
    return RubricError(_line(Source(rubric.path, content, rubric.content), f"$.{field}", message))


class _Missing:
    pass


def _look_up(root: Any, field: str) -> Any:
    for name, index in re.findall(r"\.([A-Za-z0-9_-]+)|\[(\d+)\]", field):
        try:
            root = root[name] if name else root[int(index)]
        except (KeyError, IndexError, TypeError):
            return _Missing()
    return root


def _show(value: Any) -> str:
    return str(value) if isinstance(value, Decimal) else repr(value)


def _line(source: Source, field: str, message: str) -> str:
    return f"{source.path}: {rubric_place.told(source.content, source.data, field)}: {message}"


def _check_ids(source: Source, raw: _Raw) -> None:
    seen: dict[str, str] = {}
    for q, question in enumerate(raw.questions):
        entries = [(question.id, f"$.questions[{q}].id")]
        entries += [(spec.id, f"$.questions[{q}].checks[{c}].id") for c, spec in enumerate(question.checks)]
        for id, where in entries:
            if id in seen:
                raise RubricError(
                    _line(source, where, f"{id!r} is taken already, at {seen[id].removeprefix('$.')}")
                )
            seen[id] = where
        patterns = [(f"$.questions[{q}].find", question.find)]
        for e, x in enumerate(question.expect):
            patterns += [(f"$.questions[{q}].expect[{e}].pattern", x.pattern)]
            if not (x.says or x.denies or x.pattern):
                where = f"$.questions[{q}].expect[{e}]"
                raise RubricError(
                    _line(source, where, "found nothing to look for; wanted says, denies or a pattern")
                )
        for where, pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                message = f"{pattern!r} is no regular expression: {error}"
                raise RubricError(_line(source, where, message)) from None


def _check_points(source: Source, raw: _Raw) -> None:
    """No points below zero, and every sum is what it says."""
    for q, question in enumerate(raw.questions):
        parts = [(f"checks[{c}]", spec.points) for c, spec in enumerate(question.checks)]
        parts += [(f"claims[{c}]", claim.points) for c, claim in enumerate(question.claims)]
        parts += [(f"expect[{e}]", expected.points) for e, expected in enumerate(question.expect)]
        for part, points in parts:
            if not (points.is_finite() and points >= 0):
                where = f"$.questions[{q}].{part}.points"
                raise RubricError(_line(source, where, f"found {points}, wanted zero or more"))
    for q, question in enumerate(raw.questions):
        scored = question.checks or question.claims or question.expect
        of_parts = question.checks or question.claims
        total = sum((part.points for part in of_parts), Decimal(0)) or worth(question.expect)
        if scored and total != question.points:
            where, what = (
                f"$.questions[{q}].points",
                next(name for name in ("checks", "claims", "expect") if getattr(question, name)),
            )
            raise RubricError(
                _line(source, where, f"found {question.points}, but its {what} add up to {total}")
            )
    total = sum((question.points for question in raw.questions), Decimal(0))
    if total != raw.points:
        raise RubricError(
            _line(source, "$.points", f"found {raw.points}, but the questions add up to {total}")
        )


def _check_items(source: Source, raw: _Raw) -> None:
    """Items can be told apart, by key and by id, and none is worth more than its question."""
    for q, question in enumerate(raw.questions):
        seen: dict[tuple[str, str], int] = {}
        for i, item in enumerate(question.items):
            where = f"$.questions[{q}].items[{i}]"
            if not item.points.is_finite() or abs(item.points) > question.points:
                message = f"found {item.points}, wanted -{question.points} to {question.points}"
                raise RubricError(_line(source, f"{where}.points", message))
            if item.points != item.points.quantize(Decimal("0.01")):
                message = f"found {item.points}, wanted hundredths at most"
                raise RubricError(_line(source, f"{where}.points", message))
            if not item.text.strip():
                raise RubricError(
                    _line(source, f"{where}.text", "found nothing, wanted what is said of the answer")
                )
            for field, value in (("key", item.key), ("id", item.id), ("text", "" if item.id else item.text)):
                first = seen.setdefault((field, value), i)
                if value and first != i:
                    message = f"{value!r} is taken already, at questions[{q}].items[{first}]"
                    raise RubricError(_line(source, f"{where}.{field}", message))


def _check_packages(source: Source, raw: _Raw) -> None:
    """Each is a name that can be imported. Whether it is installed is said to whoever imports it."""
    for n, name in enumerate(raw.packages):
        if not name.isidentifier() or keyword.iskeyword(name):
            like = "numpy for numpy.linalg, sklearn for scikit-learn"
            message = f"found {name!r}, wanted the first part of what follows import: {like}"
            raise RubricError(_line(source, f"$.packages[{n}]", message))


def _check_order(source: Source, raw: _Raw) -> None:
    """Every dependency exists, is no cycle, and comes earlier."""
    specs = [
        (f"$.questions[{q}].checks[{c}]", s)
        for q, x in enumerate(raw.questions)
        for c, s in enumerate(x.checks)
    ]
    known = {spec.id for _, spec in specs}
    graph: dict[str, set[str]] = {}
    for where, spec in specs:
        named = [(f"{where}.needs[{n}]", id) for n, id in enumerate(spec.needs)]
        named += [(f"{where}.shared_with", spec.shared_with)] if spec.shared_with else []
        for field, id in named:
            if id not in known:
                raise RubricError(_line(source, field, f"there is no check {id!r}"))
        graph[spec.id] = {id for _, id in named}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle = " -> ".join(reversed(error.args[1]))
        raise RubricError(
            _line(source, "$.questions", f"checks need each other in a circle: {cycle}")
        ) from None
    seen: set[str] = set()
    for where, spec in specs:
        for id in graph[spec.id] - seen:
            raise RubricError(
                _line(source, where, f"{spec.id!r} uses {id!r}, which comes later; put it earlier")
            )
        seen.add(spec.id)


def _check_claims(source: Source, raw: _Raw) -> None:
    """Claims go with shares for every verdict, not with checks, and name checks that exist."""
    checks = {spec.id for question in raw.questions for spec in question.checks}
    for q, question in enumerate(raw.questions):
        if question.claims and question.checks:
            raise RubricError(_line(source, f"$.questions[{q}]", "found both checks and claims, wanted one"))
        if question.claims and raw.written is None:
            raise RubricError(_line(source, "$.written", f"missing; the claims of {question.id} need it"))
        for c, claim in enumerate(question.claims):
            if claim.code and claim.code not in checks:
                where = f"$.questions[{q}].claims[{c}].code"
                raise RubricError(_line(source, where, f"there is no check {claim.code!r}"))
    if raw.written is None:
        return
    for name in raw.written.shares:
        if name not in get_args(Verdict):
            where, wanted = f"$.written.shares.{name}", ", ".join(get_args(Verdict))
            raise RubricError(_line(source, where, f"unknown verdict; wanted one of: {wanted}"))
    for verdict in get_args(Verdict):
        share = raw.written.shares.get(verdict)
        if share is None or not (share.is_finite() and 0 <= share <= 1):
            found = "missing" if share is None else f"found {share}"
            raise RubricError(_line(source, f"$.written.shares.{verdict}", f"{found}; wanted 0 to 1"))


def _check_notebook(source: Source, raw: _Raw) -> None:
    """Patterns are regular expressions, with a place for the number where one is read; questions exist."""
    if raw.notebook is None:
        return
    known = {question.id for question in raw.questions}
    notebook = raw.notebook
    patterns = [(f"$.notebook.values[{n}].find", value.find, True) for n, value in enumerate(notebook.values)]
    asked = [
        (f"$.notebook.values[{n}]", value.code, value.question) for n, value in enumerate(notebook.values)
    ]
    asked += [(f"$.notebook.plots[{n}]", plot.code, plot.question) for n, plot in enumerate(notebook.plots)]
    for where, code, question in asked:
        patterns.append((f"{where}.code", code, False))
        if question not in known:
            raise RubricError(_line(source, f"{where}.question", f"there is no question {question!r}"))
    if notebook.size is not None:
        patterns.append(("$.notebook.size.find", notebook.size.find, True))
    for where, pattern, reads in patterns:
        try:
            groups = re.compile(pattern.replace("{number}", "(1)")).groups
        except re.error as error:
            raise RubricError(
                _line(source, where, f"{pattern!r} is no regular expression: {error}")
            ) from None
        if reads and ("{number}" not in pattern or groups != pattern.count("{number}")):
            message = f"found {pattern!r}, wanted {{number}} in it, and no other group than (?:...)"
            raise RubricError(_line(source, where, message))


def _entry(source: Source, raw: _Raw) -> EntryPoint:
    if (raw.class_name is None) == (not raw.functions):
        found = "found beside `functions`" if raw.functions else "missing"
        message = f"{found}; wanted `class_name` or `functions`, one of the two"
        raise RubricError(_line(source, "$.class_name", message))
    names = (raw.class_name,) if raw.class_name else raw.functions
    return EntryPoint(raw.module, names, is_class=raw.class_name is not None)


def _check_late(source: Source, raw: _Raw) -> None:
    """The due time is one moment everywhere, and a day costs a share or points, within bounds."""
    late = raw.late
    if late is None:
        return
    if late.due.utcoffset() is None:
        message = f"found {late.due.isoformat()}, a local time; add its offset, such as +02:00 or Z"
        raise RubricError(_line(source, "$.late.due", message))
    if (late.percent_per_day is None) == (late.points_per_day is None):
        message = "missing" if late.percent_per_day is None else "found beside `points_per_day`"
        wanted = "wanted `percent_per_day` or `points_per_day`, one of the two"
        raise RubricError(_line(source, "$.late.percent_per_day", f"{message}; {wanted}"))
    for name, most in (("percent_per_day", 100), ("points_per_day", raw.points), ("max_percent", 100)):
        value: Decimal | None = getattr(late, name)
        if value is not None and not (value.is_finite() and 0 <= value <= most):
            raise RubricError(_line(source, f"$.late.{name}", f"found {value}, wanted 0 to {most}"))


def _secret(source: Source, raw: _Raw) -> str:
    """The course secret: from a file outside the repository, or from the rubric itself."""
    if raw.secret and raw.secret_file:
        raise RubricError(_line(source, "$.secret_file", "found beside `secret`; wanted one of the two"))
    if not raw.secret_file:
        if not raw.secret:
            raise RubricError(_line(source, "$.secret", "missing; wanted `secret` or `secret_file`"))
        return raw.secret
    try:
        return secret.read(_secret_file(source, raw))
    except ValueError as error:
        raise RubricError(_line(source, "$.secret_file", str(error))) from None


def _secret_file(source: Source, raw: _Raw) -> Path:
    try:
        return source.path.parent / Path(raw.secret_file).expanduser()
    except RuntimeError:  # no such user
        message = f"found {raw.secret_file!r}, wanted a path; there is no such home folder"
        raise RubricError(_line(source, "$.secret_file", message)) from None


def _secret_remarks(source: Source, raw: _Raw, found: str) -> tuple[str, ...]:
    if not raw.nets and not any(spec.hidden for question in raw.questions for spec in question.checks):
        return ()  # nothing is drawn from it
    return tuple(secret.remarks(found, source.path, _secret_file(source, raw) if raw.secret_file else None))
