"""The kinds of check of an assignment with a `checks.py`."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

import numpy as np

from ..api.sides import Call, Remote
from ..api.trial import Lost, Trial
from ..checks.base import Bench, Check, Verdict, failed, passed
from ..checks.hidden import generator
from ..model import Outcome
from .coded import KIND, SLOW, USABLE


class Usable(Check, frozen=True):
    """The module can be imported and has what is asked for."""

    kind: ClassVar[str] = USABLE
    opens: ClassVar[bool] = True

    def run(self, bench: Bench) -> Verdict:
        """Import, and look for the class or the functions."""
        entry = bench.rubric.entry
        there = bench.student.load() if entry.is_class else bench.student.functions()
        if missing := [name for name in entry.names if name not in there]:
            kind = "class" if entry.is_class else "function"
            found = ", ".join(there[:8]) if there else f"no {kind} at all"
            message = f"{entry.module} defines no {kind} {missing[0]}; it defines {found}."
            return failed(message, broken=True)
        return passed(f"{entry.module} can be imported, and defines {entry.said}.")


class Function(Check, frozen=True):
    """A function of the assignment's own."""

    kind: ClassVar[str] = KIND
    relative: float

    def run(self, bench: Bench) -> Verdict:
        """Run it; what it asks is kept for naming mistakes."""
        unit = bench.reference.coded.units[bench.spec.id]
        arrays = Arrays(bench.dataset)
        solution = bench.reference.variants.with_mistakes(bench.instead)
        student = Remote(bench.student, solution, arrays)
        trial = Trial(
            student,
            solution,
            partial(generator, bench.rubric),
            arrays,
            self.relative,
            bench.spec.hidden,
            bench.supplied,
        )
        try:
            unit.check.function(trial, *unit.arguments)
        except Lost as lost:
            outcome = Outcome.PARTIAL if lost.share else Outcome.FAILED
            return Verdict(outcome, lost.sentence, lost.share, **_evidence(trial))
        except SystemExit as stop:
            raise RuntimeError(f"the check ended with SystemExit: {stop}") from stop
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            if not bench.instead:
                raise
            # What a wrong solution gives may be nothing that a check can ask for: then this shows nothing.
            return failed(f"With the mistake in the solution, the check cannot be run: {error}")
        finally:
            bench.memo[_key(bench.spec.id)] = student.calls
        return passed("This is right.", **_evidence(trial))


class SlowFunction(Function, frozen=True):
    """One that runs beside the others."""

    kind: ClassVar[str] = SLOW
    own_worker: ClassVar[bool] = True


CODED: dict[str, type[Check]] = {check.kind: check for check in (Usable, Function, SlowFunction)}
"""What `kind` may be in the rubric of such an assignment."""


class Arrays(dict[str, Any]):
    """The arrays of a dataset, read when they are first asked for."""

    def __init__(self, dataset: Any) -> None:
        super().__init__()
        self._dataset = dataset

    def __missing__(self, name: str) -> Any:
        found = self._dataset.load(name).view(np.ndarray)
        found.flags.writeable = False
        self[name] = found
        return found


def calls_of(memo: dict[Any, Any], id: str) -> list[Call] | None:
    """What a check has asked; None where it has not been run."""
    found: list[Call] | None = memo.get(_key(id))
    return found


def _key(id: str) -> tuple[str, str]:
    return "calls", id


def _evidence(trial: Trial) -> dict[str, Any]:
    shown = trial.comparisons[-1:] if trial.comparisons else []
    return {"notes": tuple(trial.notes), "comparisons": tuple(shown)}
