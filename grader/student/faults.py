"""The four ways in which student code fails to answer. None of them is the grader's fault.

They are data for the runner, which turns each into an outcome and a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass


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


class StudentFault(Exception):
    """Student code did not answer; the subclass says how."""


class StudentError(StudentFault):
    """It raised an exception: its type, its text (may hold hidden inputs) and where in the student's files."""

    def __init__(self, kind: str, text: str, places: tuple[Place, ...], module: str = "") -> None:
        super().__init__(f"{kind}: {text}")
        self.kind = kind
        self.text = text
        self.places = places
        self.module = module
        """For an ImportError the module's name."""


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
