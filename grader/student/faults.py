"""The four ways in which student code fails to answer, time used up, and what the machine did to it.

They are data for the runner, which turns each into an outcome and a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..machine import machine_paths
from . import known_names


@dataclass(frozen=True)
class Place:
    """A line in one of the student's own files; `function` is empty for a syntax error."""

    file: str
    line: int
    function: str
    code: str = ""
    """The text of that line, without indentation."""

    def __str__(self) -> str:
        inside = f", in {self.function}" if self.function not in ("", "<module>") else ""
        return f"{self.file}, line {self.line}{inside}"


@dataclass(frozen=True)
class Limit:
    """A bound on the time of student code, from the rubric."""

    scope: Literal["call", "check", "submission"]
    cpu: bool
    """CPU time, or else time on the wall clock."""
    seconds: float

    def fault(self, places: tuple[Place, ...]) -> StudentTimeout | OutOfTime:
        """What to raise where a call is at these places when it gets here."""
        if self.scope == "call":
            return StudentTimeout(self.cpu, self.seconds, places)
        return OutOfTime(self, places, started=True)


class StudentFault(Exception):
    """Student code did not answer; the subclass says how."""


class StudentError(StudentFault):
    """It raised an exception: its type, its text (may hold hidden inputs) and where in the student's files.

    `kind` can be told to students: it is one of Python's or NumPy's, or words for any other. What the class itself is
    called may hold hidden inputs, too, and is in `own_kind`, for staff.
    """

    def __init__(
        self,
        kind: str,
        text: str,
        places: tuple[Place, ...],
        module: str = "",
        unfinished: tuple[Any, Mapping[str, Any]] = (None, {}),
        gap: bool = False,
    ) -> None:
        super().__init__(f"{kind}: {machine_paths.cut(text)}")
        self.kind = known_names.of_exception(kind)
        self.own_kind = kind
        self.text = machine_paths.cut(text)
        self.places = places
        self.module = module
        """For an ImportError the module's name."""
        self.gap = gap or "NoneType" in text
        """Whether the line that raised uses a value that is None, as a gap of a template leaves it."""
        self.unfinished = unfinished
        """Of a `loss` that raised: the loss and the gradients that it had computed by then, raw; the loss may be None.

        They may hold hidden inputs, and are for checks alone.
        """


class StudentTimeout(StudentFault):
    """It used up its time: `cpu` tells the CPU limit from the wall limit."""

    def __init__(self, cpu: bool, limit: float, places: tuple[Place, ...]) -> None:
        super().__init__(f"no answer within {limit:g} s of {'CPU' if cpu else 'wall'} time")
        self.cpu = cpu
        self.limit = limit
        self.places = places
        """Where the student's code was, outermost call first; empty where it could not be asked."""


class StudentCrash(StudentFault):
    """Its process ended: by exit (`status` >= 0) or by signal (`status` < 0)."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the process ended with status {status}")
        self.status = status


class StudentProtocolFault(StudentFault):
    """Its process sent bytes that are no answer to what was asked."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class OutOfTime(Exception):
    """The time of the check or of the hand-in is used up.

    No `StudentFault`, of which one may be an answer to a check: after this, the check can ask nothing more.
    """

    def __init__(self, limit: Limit, places: tuple[Place, ...] | None, started: bool) -> None:
        super().__init__(f"{limit.seconds:g} s of the {limit.scope} are used up")
        self.limit = limit
        self.places = places
        """As for `StudentTimeout`; None where no call was running."""
        self.started = started
        """Whether the check at work had asked for anything before."""


class MachineFault(Exception):
    """The machine kept the code from answering: a process killed from outside, or limits below the rubric's.

    No `StudentFault`: nothing may be concluded from it. What was asked is worth another try.
    """


class WorkerDidNotStart(MachineFault):
    """No student code had run yet."""
