"""Prove an assignment with checks of its own: the solution earns everything, the template and every mistake do not.

They are the instructor's: they are graded in this process, without a sandbox, but for the solution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import msgspec

from ..api import Mistake
from ..assignment.datasets import NONE
from ..assignment.reference import Reference
from ..assignment.rubric import Rubric
from ..coded.coded import SLOW
from ..coded.variants import Variants
from ..grading.loading import dataset_of
from ..grading.runner import Run
from ..model import CheckResult, GradeReport, Outcome
from ..reading.process import Here
from ..student.process import Worker
from ..student.sandbox import Practice
from ..student.slots import Slots
from .handed_out import misfits
from .inside import Inside
from .prove import graded, without

_CALL = 10
"""Seconds for a call, and for all of a check, of an instructor's own; a hundred times what one that ends takes."""


@dataclass(frozen=True)
class Proved:
    """What came of one text."""

    name: str
    lost: dict[str, Decimal]
    """Points by question."""
    named: tuple[str, ...]
    trouble: tuple[str, ...]
    """What is not as it should be, a line each."""


def prove(
    rubric: Rubric, reference: Reference, workspace: Path, say: Callable[[str], None] = lambda _: None
) -> Iterator[Proved]:
    """Grade the solution, the template where there is one, and the solution with each of the mistakes."""
    variants: Variants = reference.variants
    dataset = dataset_of(reference, "auto", say)
    whole = without(rubric, ())
    run = Run(whole, reference, dataset, Practice(rubric.packages), Slots(1), workspace, Worker, Here)
    quick = quickly(run)
    say("the solution")
    solution = _solution(graded(variants.text(), run))
    yield replace(solution, trouble=(*solution.trouble, *misfits(rubric, reference, variants.text())))
    template = reference.handed_out / rubric.entry.module
    if template.is_file():
        say("the template")
        source = template.read_text(encoding="utf-8")
        yield _template(template, source, graded(source, quick))
    cost: set[str] = set()
    for mistake in variants.mistakes:
        if not mistake.sentence:
            yield _alternative(mistake, graded(variants.text(mistake), quick))
            continue
        say(mistake.name)
        report = graded(variants.text(mistake), quick)
        cost |= {check.id for check in _checks(report) if _lost(check) or check.carried_from}
        yield _mistake(mistake, report)
    yield from _never_lost(quick.rubric, cost)


def quickly(run: Run) -> Run:
    """The same in this process, without the checks that take long."""
    limits = msgspec.structs.replace(run.rubric.limits, call_wall=_CALL, check_wall=_CALL)
    rubric = msgspec.structs.replace(without(run.rubric, {SLOW}), limits=limits)
    return replace(run, rubric=rubric, dataset=NONE, worker=Inside)


def _solution(report: GradeReport) -> Proved:
    trouble = [
        f"the solution loses {check.points - check.earned} of {check.points} in {check.id}: {check.message}"
        for check in _checks(report)
        if _lost(check) or (check.outcome.is_open and check.outcome is not Outcome.ERROR)
    ]
    return Proved("solution", _by_question(report), (), (*trouble, *_faults(report)))


def _template(path: Path, source: str, report: GradeReport) -> Proved:
    try:
        compile(source, str(path), "exec")
    except SyntaxError as error:
        return Proved("template", {}, (), (f"{path}:{error.lineno}: is no Python: {error.msg}",))
    earns = [f"{path}: earns {check.earned} in {check.id}" for check in _checks(report) if check.earned]
    return Proved("template", _by_question(report), (), (*earns, *_faults(report)))


def _alternative(mistake: Mistake, report: GradeReport) -> Proved:
    lost = [check.id for check in _checks(report) if _lost(check)]
    trouble = (
        [f"{mistake.place}: alternative {mistake.name!r} loses points in {', '.join(lost)}"] if lost else []
    )
    return Proved(mistake.name, _by_question(report), (), (*trouble, *_faults(report)))


def _mistake(mistake: Mistake, report: GradeReport) -> Proved:
    lost = _by_question(report)
    if endless := sorted(report.host.stacks):
        told = f"{mistake.place}: mistake {mistake.name!r}: does not come to an end, in {', '.join(endless)}"
        return Proved(mistake.name, lost, (), (told, *_faults(report)))
    named = tuple(dict.fromkeys(name for check in _checks(report) for name in check.mistakes))
    trouble = list(_faults(report))
    at = f"{mistake.place}: mistake {mistake.name!r}"
    if not lost:
        trouble.append(f"{at} loses nothing: no check looks at what it changes")
    elif mistake.name not in named:
        trouble.append(f"{at} is not named; what is: {', '.join(named) or 'nothing'}")
    wanted = mistake.questions
    if wanted and lost and set(wanted) != set(lost):
        trouble.append(f"{at} loses points in {', '.join(lost)}; it should in {', '.join(wanted)}")
    return Proved(mistake.name, lost, named, tuple(trouble))


def _never_lost(rubric: Rubric, cost: set[str]) -> Iterator[Proved]:
    """Checks that nothing loses: nobody knows whether they can be lost."""
    if not rubric.mistakes:
        return
    specs = [spec for question in rubric.questions for spec in question.checks]
    for spec in specs:
        if spec.points and spec.id not in cost:
            yield Proved(spec.id, {}, (), (f"{spec.id}: no mistake loses this check; declare one that does",))


def _faults(report: GradeReport) -> Iterator[str]:
    for name, trace in report.host.errors.items():
        yield f"{name}: {_place(trace)}{trace.strip().splitlines()[-1]}"


def _place(trace: str) -> str:
    """The line of an assignment's own files in a traceback, the innermost."""
    found = [line.strip() for line in trace.splitlines() if line.lstrip().startswith("File ")]
    own = [line for line in found if "/reference/" in line or "checks.py" in line]
    if not own:
        return ""
    path, line = own[-1].split('"')[1], own[-1].split("line ")[1].split(",")[0]
    return f"{path}:{line}: "


def _checks(report: GradeReport) -> list[CheckResult]:
    return [check for question in report.questions for check in question.checks]


def _lost(check: CheckResult) -> bool:
    return check.earned < check.points and not check.outcome.is_open


def _by_question(report: GradeReport) -> dict[str, Decimal]:
    lost = {
        q.id: sum((c.points - c.earned for c in q.checks if _lost(c)), Decimal(0)) for q in report.questions
    }
    return {id: points for id, points in lost.items() if points}
