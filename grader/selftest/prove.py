"""Grade the bank and compare with what each solution has to lose."""

from __future__ import annotations

import faulthandler
import tempfile
from collections.abc import Callable, Collection, Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache, partial
from pathlib import Path

import msgspec

from ..assignment.reference import Reference
from ..assignment.rubric import Question, Rubric
from ..errors import AnswersError
from ..grading import runner
from ..grading.loading import dataset_of, load_assignment
from ..grading.runner import Run
from ..handin.submission import Submission
from ..machine import processes, scratch
from ..model import GradeReport, Outcome
from ..reading.process import Here
from ..student.sandbox import Practice
from ..student.slots import Slots
from .bank import Bank, load
from .inside import Inside
from .mutants import Mutant, mutants, starts, written_out
from .pairs import Lost, Pair, Weighed, pairs, with_partners

RIGHT, WRONG, MUTANT = "right", "wrong", "mutant"
UNNAMED = "one of the mutations is no known mistake: what it does to the other's values cannot be told"
LONGEST = 300
"""Seconds for one solution; the slowest takes about 15."""


@dataclass(frozen=True)
class Known:
    """A solution and what it has to lose."""

    group: str
    name: str
    source: str
    questions: tuple[str, ...] = ()
    """Those that it loses points in; none: it earns every point."""
    mistakes: tuple[str, ...] | None = None
    """Names that the diagnosis has to give, and no others; None where any will do."""
    train: bool = True
    """Whether it is trained on the dataset from the start; otherwise only where it loses nothing without."""
    slow: bool = False
    """Never trained on the dataset."""
    line: str = ""
    """Of a mutant: its function and the line as it was."""


@dataclass(frozen=True)
class Row:
    """What came of a solution."""

    known: Known
    lost: dict[str, Decimal]
    """Points lost, by question."""
    named: tuple[str, ...]
    """Names of the mistakes that the diagnosis gave."""
    trained: bool
    open: tuple[str, ...]
    """Checks that ended in the grader's fault, or wait for a person."""
    faults: tuple[str, ...]
    """The last lines of the tracebacks of the grader's own faults."""
    messages: tuple[str, ...]
    """What the checks that lost points say."""
    by_check: Lost = field(default_factory=dict)
    """Points lost, by check."""
    quick: Lost = field(default_factory=dict)
    """The same without the training on the dataset."""

    @property
    def surprises(self) -> tuple[str, ...]:
        """What is not as it should be, in words."""
        return tuple(self._surprises())

    def _surprises(self) -> Iterator[str]:
        wanted, lost = set(self.known.questions), set(self.lost)
        if self.open:
            yield f"not decided: {', '.join(self.open)}"
        if self.faults:
            yield f"a fault of the grader's own: {'; '.join(self.faults)}"
        if lost - wanted:
            yield f"loses points in {_list(lost - wanted)}, where it should not"
        if wanted and not lost:
            yield f"earns every point; it should lose some in {_list(wanted)}"
        elif wanted - lost:
            yield f"loses nothing in {_list(wanted - lost)}, where it should"
        names = self.known.mistakes
        if names is not None and set(names) != set(self.named):
            yield f"is named {_list(self.named) or 'nothing'}; it should be {_list(names) or 'nothing'}"


@dataclass(frozen=True)
class Settings:
    """What to grade, how."""

    rubric: Path
    workspace: Path
    """Folder for temporary ones."""
    jobs: int
    """Processes that grade at the same time."""
    only: str
    """Part of the name of the solutions to grade; empty for all."""
    pairs: int
    """How many pairs of the bank's mistakes to grade, of all that can be made; and a quarter as many of mutations."""
    full: bool
    """Whether all trainings are run to their end."""
    say: Callable[[int, int], None]
    """Told how many are done of how many."""


def prove(settings: Settings) -> tuple[list[Row], list[Weighed]]:
    """Grade the bank, then pairs of its mistakes; the rows in its order.

    Raises `AnswersError` where `mutants.toml` does not fit the solution, and where a solution ends the process that
    grades it or keeps it busy for `LONGEST` seconds. The solutions are our own: they run inside that process.
    """
    rubric, reference = load_assignment(settings.rubric)
    bank = load(reference.folder)
    known = [one for one in solutions(bank, rubric, reference) if settings.only in one.name]
    rows: list[Row] = []
    weighed: list[Weighed] = []
    how = (settings.rubric, settings.workspace, settings.full)
    try:
        with processes.pool(min(settings.jobs, len(known) or 1)) as pool:
            for row in pool.map(partial(_row_of, *how), known):
                rows.append(row)
                settings.say(len(rows), len(known))
            tried = [
                pair
                for base, own, count in _bases(bank, reference, rows, settings.pairs)
                for pair in _tried(bank, base, own, count)
            ]
            alone = {(row.known.name, False): row.quick for row in rows}
            alone |= {(row.known.name, True): row.by_check for row in rows if row.trained}
            missing = {(n, True) for pair in tried for n in pair.names if pair.trained} - set(alone)
            singles = [one for one in known if (one.name, True) in missing]
            jobs = [(one.source, True) for one in singles] + [(pair.source, pair.trained) for pair in tried]
            found = pool.map(partial(_weighed, *how), jobs)
            for one in singles:
                alone[one.name, True] = next(found)[0]
            for pair, (lost, carried, faults) in zip(tried, found, strict=True):
                each = (alone[pair.names[0], pair.trained], alone[pair.names[1], pair.trained])
                why = next((one.why for one in bank.unlike if set(one.mistakes) <= set(pair.names)), "")
                weighed.append(Weighed(pair.names, lost, each, carried, faults, why or _unnamed(pair, rows)))
                settings.say(len(weighed), len(tried))
    except BrokenProcessPool:
        name = known[len(rows)].name if len(rows) < len(known) else " with ".join(tried[len(weighed)].names)
        raise AnswersError(
            f"{reference.folder / 'bank'}: {name!r}, or one soon after it, ended the process that graded it, or was "
            f"not done after {LONGEST} seconds; try them alone with --only and --jobs 1"
        ) from None
    return rows, weighed


def _bases(bank: Bank, reference: Reference, rows: list[Row], count: int) -> list[tuple[str, list[Row], int]]:
    """What can be paired with each other, as edits of one text; and how many pairs of it are graded."""
    solution = written_out((reference.folder / "solution.py").read_text())
    texts = {WRONG: (bank.base, count), MUTANT: (solution, count // 4)}
    return [
        (text, [row for row in rows if row.known.group == group and row.lost], many)
        for group, (text, many) in texts.items()
    ]


def _tried(bank: Bank, base: str, rows: list[Row], count: int) -> Iterator[Pair]:
    """The pairs of one group that are graded: those that have to be trained, which take longest, and so many of all."""
    sources = {row.known.name: row.known.source for row in rows}
    partners = {row.known.name: row.known.source for row in rows if not row.known.slow}
    excused = [frozenset(one.mistakes) for one in bank.together]
    yield from with_partners(base, partners, [row.known.name for row in rows if row.trained], excused)
    yield from pairs(base, sources, count, excused)


def _unnamed(pair: Pair, rows: list[Row]) -> str:
    """Why a pair of mutations need not cost what both cost alone: the diagnosis does not know one of them."""
    named = {row.known.name: bool(row.named) for row in rows if row.known.group == MUTANT}
    return UNNAMED if not all(named.get(name, True) for name in pair.names) else ""


def _row_of(rubric: Path, workspace: Path, full: bool, known: Known) -> Row:
    """Grade one solution; where it hangs, say where, and end the process."""
    faulthandler.dump_traceback_later(LONGEST, exit=True)
    try:
        return _grader(rubric, workspace, full).grade(known)
    finally:
        faulthandler.cancel_dump_traceback_later()


def _weighed(
    rubric: Path, workspace: Path, full: bool, job: tuple[str, bool]
) -> tuple[Lost, tuple[str, ...], tuple[str, ...]]:
    """The same for a source of which is only asked what it loses."""
    faulthandler.dump_traceback_later(LONGEST, exit=True)
    try:
        return _grader(rubric, workspace, full).weigh(*job)
    finally:
        faulthandler.cancel_dump_traceback_later()


@cache
def _grader(rubric: Path, workspace: Path, full: bool) -> _Grader:
    return _Grader(rubric, workspace, full)


class _Grader:
    """What one process of the pool keeps between solutions."""

    def __init__(self, rubric: Path, workspace: Path, full: bool) -> None:
        whole, reference = load_assignment(rubric)
        whole = whole.in_full() if full else whole
        digits = dataset_of(reference, "digits", lambda _: None)
        run = Run(
            without(whole, ()), reference, digits, Practice(), Slots(1), workspace, worker=Inside, reader=Here
        )
        self._whole = run
        long = {check.kind for check in whole.checks.values() if check.own_worker}
        self._quick = replace(run, rubric=without(whole, long))

    def grade(self, known: Known) -> Row:
        """Grade one solution; on the dataset only where that is wanted or needed."""
        if known.train and not known.slow:
            return row_of(known, graded(known.source, self._whole), trained=True)
        done = Done()
        row = row_of(known, graded(known.source, self._quick, done), trained=False)
        if row.lost or known.slow:
            return row
        report = graded(known.source, self._whole, done)
        return replace(row_of(known, report, trained=True), quick=row.by_check)

    def weigh(self, source: str, trained: bool) -> tuple[Lost, tuple[str, ...], tuple[str, ...]]:
        """What a source loses, what it was excused from, and what of ours failed."""
        report = graded(source, self._whole if trained else self._quick)
        checks = [check for question in report.questions for check in question.checks]
        carried = tuple(f"{c.id}: {c.message}" for c in checks if c.carried_from)
        return _by_check(report), carried, _faults(report)


def solutions(bank: Bank, rubric: Rubric, reference: Reference) -> list[Known]:
    """All solutions: right ones, wrong ones, mutants of the reference's solution."""
    found = [Known(RIGHT, one.name, bank.source(one), mistakes=(), slow=one.slow) for one in bank.right]
    for wrong in bank.wrong:
        source = bank.source(wrong)
        found.append(Known(WRONG, wrong.name, source, wrong.questions, wrong.mistakes, train=False))
    found += _mutants(bank, reference.folder)
    asked = {question.id for question in rubric.questions if question.checks}
    return [replace(one, questions=tuple(q for q in one.questions if q in asked)) for one in found]


def _mutants(bank: Bank, folder: Path) -> list[Known]:
    source = (folder / "solution.py").read_text()
    found = mutants(source, bank.lines, bank.mixed_up)
    if gone := stale(bank, source, found):
        raise AnswersError(f"{folder / 'bank' / 'mutants.toml'}: there is {gone[0]} any more")
    return [
        Known(
            MUTANT,
            mutant.name,
            mutant.source,
            remark.questions if (remark := bank.remarks.get(mutant.name)) else mutant.questions,
            train=False,
            slow=mutant.name in bank.slow,
            line=mutant.name.partition(" -> ")[0],
        )
        for mutant in found
    ]


def stale(bank: Bank, source: str, found: list[Mutant]) -> list[str]:
    """What `mutants.toml` speaks of and the solution does not have: mutants, and first lines."""
    names = {mutant.name for mutant in found}
    lines = [entry for entry in bank.lines if not starts(entry, source)]
    return [
        *(f"no mutant {name!r}" for name in (*bank.remarks, *bank.slow) if name not in names),
        *(f"no line {entry.start!r} in {entry.function}" for entry in lines),
    ]


def without(rubric: Rubric, kinds: Collection[str]) -> Rubric:
    """A rubric without checks of some kinds, and without the questions that a person marks."""
    questions = []
    for question in rubric.questions:
        checks = tuple(spec for spec in question.checks if spec.kind not in kinds)
        if checks:
            questions.append(_with_checks(question, checks))
    kept = {spec.id for question in questions for spec in question.checks}
    return msgspec.structs.replace(
        rubric,
        questions=tuple(questions),
        points=sum((question.points for question in questions), Decimal(0)),
        checks={id: check for id, check in rubric.checks.items() if id in kept},
    )


def _with_checks(question: Question, checks: tuple[msgspec.Struct, ...]) -> Question:
    points = sum((spec.points for spec in checks), Decimal(0))  # type: ignore[attr-defined]
    return msgspec.structs.replace(question, checks=checks, points=points)


class Done:
    """A `Journal` of checks that need not be done again, where more of the same source is graded."""

    def __init__(self) -> None:
        self._parts: dict[str, bytes] = {}

    def part(self, name: str) -> bytes | None:
        """What was kept."""
        return self._parts.get(name)

    def keep(self, name: str, content: bytes) -> None:
        """Keep it."""
        self._parts[name] = content


def graded(source: str, run: Run, done: Done | None = None) -> GradeReport:
    """The report on a source; checks that are `done` are not done again."""
    folder = Path(tempfile.mkdtemp(prefix="solution-", dir=run.workspace))
    try:
        module = run.rubric.entry.module
        (folder / module).write_text(source)
        return runner.grade(Submission("solution", folder, module, None), run, done)
    finally:
        scratch.remove(folder)


def _faults(report: GradeReport) -> tuple[str, ...]:
    return tuple(f"{id}: {trace.splitlines()[-1]}" for id, trace in report.host.errors.items())


def row_of(known: Known, report: GradeReport, trained: bool) -> Row:
    checks = [check for question in report.questions for check in question.checks]
    losing = [c for c in checks if c.earned < c.points and not c.outcome.is_open]
    questions = report.questions
    return Row(
        known,
        {
            q.id: q.points - q.open_points - q.earned
            for q in questions
            if q.points - q.open_points != q.earned
        },
        tuple(dict.fromkeys(name for check in losing for name in check.mistakes)),
        trained,
        tuple(c.id for c in checks if c.outcome in (Outcome.ERROR, Outcome.NEEDS_REVIEW)),
        _faults(report),
        tuple(f"{c.id}: {c.message}" for c in losing if c.outcome is not Outcome.SKIPPED),
        _by_check(report),
        _by_check(report),
    )


def _by_check(report: GradeReport) -> Lost:
    checks = [check for question in report.questions for check in question.checks]
    return {c.id: c.points - c.earned for c in checks if c.earned < c.points}


def _list(names: Collection[str]) -> str:
    return " and ".join(sorted(names))
