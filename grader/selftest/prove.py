"""Grade the bank and compare with what each solution has to lose."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import msgspec

from .. import runner
from ..checks.accuracy import Accuracy
from ..errors import AnswersError
from ..model import GradeReport, Outcome
from ..rubric import Question, Rubric
from ..runner import Run
from ..student import scratch
from ..submission import Submission
from .bank import Bank
from .mutants import Mutant, mutants, starts

RIGHT, WRONG, MUTANT = "right", "wrong", "mutant"


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

    run: Run
    jobs: int
    only: str = ""
    """Part of the name of the solutions to grade; empty for all."""
    say: Callable[[int, int], None] = lambda done, all: None
    """Told how many are done of how many."""


def prove(bank: Bank, settings: Settings) -> list[Row]:
    """Grade the bank; the rows in its order. `AnswersError` where `mutants.toml` does not fit the solution."""
    run = settings.run
    quick = replace(run, rubric=without(run.rubric, {Accuracy.kind}))
    whole = replace(run, rubric=without(run.rubric, ()))
    known = [one for one in solutions(bank, run) if settings.only in one.name]
    rows: list[Row] = []
    with ThreadPoolExecutor(max_workers=settings.jobs + 1) as pool:
        for row in pool.map(lambda one: grade(one, quick, whole), known):
            rows.append(row)
            settings.say(len(rows), len(known))
    return rows


def solutions(bank: Bank, run: Run) -> list[Known]:
    """All solutions: right ones, wrong ones, mutants of the reference's solution."""
    found = [Known(RIGHT, one.name, bank.source(one), mistakes=(), slow=one.slow) for one in bank.right]
    for wrong in bank.wrong:
        source = bank.source(wrong)
        found.append(Known(WRONG, wrong.name, source, wrong.questions, wrong.mistakes, train=False))
    found += _mutants(bank, run.reference.folder)
    asked = {question.id for question in run.rubric.questions if question.checks}
    return [replace(one, questions=tuple(q for q in one.questions if q in asked)) for one in found]


def _mutants(bank: Bank, folder: Path) -> list[Known]:
    source = (folder / "solution.py").read_text()
    found = mutants(source, bank.lines)
    if gone := stale(bank, source, found):
        raise AnswersError(f"{folder / 'bank' / 'mutants.toml'}: there is {gone[0]} any more")
    return [
        Known(
            MUTANT,
            mutant.name,
            mutant.source,
            remark.questions if (remark := bank.remarks.get(mutant.name)) else mutant.questions,
            train=False,
            line=mutant.name.partition(" -> ")[0],
        )
        for mutant in found
    ]


def stale(bank: Bank, source: str, found: list[Mutant]) -> list[str]:
    """What `mutants.toml` speaks of and the solution does not have: mutants, and first lines."""
    names = {mutant.name for mutant in found}
    lines = [entry for entry in bank.lines if not starts(entry, source)]
    return [
        *(f"no mutant {name!r}" for name in bank.remarks if name not in names),
        *(f"no line {entry.start!r} in {entry.function}" for entry in lines),
    ]


def grade(known: Known, quick: Run, whole: Run) -> Row:
    """Grade one solution; with `whole`, which trains on the dataset, only where that is wanted or needed."""
    if known.train and not known.slow:
        return _row(known, _graded(known, whole), trained=True)
    row = _row(known, _graded(known, quick), trained=False)
    if row.lost or known.slow:
        return row
    return _row(known, _graded(known, whole), trained=True)


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


def _graded(known: Known, run: Run) -> GradeReport:
    folder = Path(tempfile.mkdtemp(prefix="solution-", dir=run.workspace))
    try:
        (folder / "mlp.py").write_text(known.source)
        return runner.grade(Submission("solution", folder, "mlp.py", None), run)
    finally:
        scratch.remove(folder)


def _row(known: Known, report: GradeReport, trained: bool) -> Row:
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
        tuple(f"{id}: {trace.splitlines()[-1]}" for id, trace in report.host.errors.items()),
        tuple(f"{c.id}: {c.message}" for c in losing if c.outcome is not Outcome.SKIPPED),
    )


def _list(names: Collection[str]) -> str:
    return " and ".join(sorted(names))
