"""Put a fault of student code into a verdict and into words that a student can act on."""

from __future__ import annotations

import re
import signal
import sys
from dataclasses import replace

from ..checks.base import Verdict
from ..handin import newer_python
from ..model import Outcome, SourcePlace
from ..student.child import compat
from ..student.faults import (
    OutOfTime,
    Place,
    StudentCrash,
    StudentError,
    StudentFault,
    StudentProtocolFault,
    StudentTimeout,
)
from ..student.known_names import TOO_LARGE

_METHODS_GONE = {"iteritems": "items", "itervalues": "values", "has_key": "in"}
"""Methods that Python 2 had, and what to write for each."""
_BELOW_MAIN = "keep experiments below `if __name__ == '__main__':`, which the grader does not run."
_REFUSED = re.compile(
    r"\[Errno (1|13|30)\]|\[Errno 2\] No usable temporary|can't start new thread|No package metadata"
)
"""How exceptions of other types begin that tell of the sandbox: a read-only file system, say."""
_FLOAT_AS_COUNT = re.compile(r"'(?:numpy\.)?float\d*' object cannot be interpreted as an integer")
OF_A_GAP = " (of a value that is None)"
"""What staff are told of an exception that a gap of the template is behind."""
_KILLS = {signal.SIGXCPU, signal.SIGKILL}
"""What the kernel sends past the limit on CPU; a SIGKILL of other causes is no fault of the student's."""


def fault_verdict(fault: StudentFault, hidden: bool, packages: tuple[str, ...]) -> Verdict:
    """The verdict on a check during which student code did not answer.

    `hidden` keeps the text of an exception, which may quote hidden inputs, from the message; so may the name of a
    module that is imported only then. `packages` are
    those that the rubric allows.
    """
    match fault:
        case StudentError():
            return replace(_error(fault, hidden, packages), place=_innermost(fault.places))
        case StudentTimeout(cpu=True):
            return _broken(
                f"Your code was stopped after {fault.limit:g} seconds of computing without an answer.",
                diagnosis="Perhaps a loop that never ends: does its condition ever change?",
            )
        case StudentTimeout():
            return _broken(
                f"No answer within {fault.limit:g} seconds, though the code hardly computed: it may wait for "
                "something, or the machine was busy. A person has to look.",
                outcome=Outcome.NEEDS_REVIEW,
            )
        case StudentCrash():
            return _crash(fault)
        case StudentProtocolFault():
            return _broken(
                "Your code broke the connection to the grader: it wrote to a file descriptor that is not its own.",
                detail=fault.what,
            )
    raise TypeError(f"an unknown kind of fault: {fault!r}")


NOT_RUN = "Not run"
"""How the message of a check begins that nothing was asked for."""


def out_of_time_verdict(stop: OutOfTime) -> Verdict:
    """The verdict on a check that ended, or was not begun, because its time or the hand-in's was used up."""
    seconds = f"{stop.limit.seconds:g} seconds"
    outcome = Outcome.FAILED if stop.limit.cpu else Outcome.NEEDS_REVIEW
    if stop.limit.scope == "submission":
        begun = "Your code was stopped" if stop.started else NOT_RUN
        what = f"{begun}: the hand-in had used up its {seconds}"
        return _broken(
            f"{what} of computing." if stop.limit.cpu else f"{what}. A person has to look.", outcome
        )
    if stop.limit.cpu:
        return _broken(f"Your code was stopped after {seconds} of computing in this check.", outcome)
    return _broken(
        f"The calls of this check took more than {seconds}, though the code hardly computed: it may wait for "
        "something, or the machine was busy. A person has to look.",
        outcome,
    )


def where_it_was(fault: StudentTimeout | OutOfTime) -> str:
    """The student's lines that were running when time ran out, outermost first."""
    if fault.places is None:
        return "between two calls of the code"
    if not fault.places:
        return "place unknown"
    return "; ".join(f"{place}: {place.code}" for place in fault.places)


def _innermost(places: tuple[Place, ...]) -> SourcePlace | None:
    return SourcePlace(places[-1].file, places[-1].line) if places else None


def _error(fault: StudentError, hidden: bool, packages: tuple[str, ...]) -> Verdict:
    place = fault.places[-1] if fault.places else None
    where = f" in {place}" if place else ""
    code = f": `{place.code}`" if place and place.code else ""
    detail = f"{fault.own_kind}: {fault.text}"[:2000] + (OF_A_GAP if fault.gap else "")
    if (verdict := _import(fault, where, code, detail, hidden, packages)) is not None:
        return verdict
    if fault.kind in ("SyntaxError", "IndentationError", "TabError"):
        return _syntax(fault, place, where, code, detail, hidden)
    if fault.kind == "SystemExit":
        return _broken(f"Your code ends the program{where}{code}.", detail=detail)
    if fault.kind == "MemoryError":
        return _broken(f"Your code asked for more memory than a hand-in may use{where}{code}.", detail=detail)
    if fault.kind == "PermissionError" or _REFUSED.match(fault.text):
        # Not proof that the code is wrong: where files can be written, it may be right.
        return _broken(
            f"Your code did something that the grader's sandbox does not allow{where}{code}. A person has to look.",
            outcome=Outcome.NEEDS_REVIEW,
            detail=detail,
            diagnosis="A hand-in may read the files handed in with it, and compute. It has no other files, no "
            f"network and no other programs; {_BELOW_MAIN}",
        )
    if fault.kind == TOO_LARGE and not place:  # an exception of their own of that name has a place
        return _broken(
            f"What your code returned is larger than the grader reads, and than any right answer: {fault.text}. "
            "Return what is asked for, and nothing else.",
            detail=detail,
        )
    if fault.kind == "NotImplementedError":
        return _broken(f"This part was not written: your code raises {fault.kind}{where}.", detail=detail)
    text = fault.text.strip().partition("\n")[0][:300]
    said = "" if hidden or not text else f" It says: {text.rstrip('.')}."
    return _broken(
        f"Your code raised {fault.kind}{where}{code}.{said}", detail=detail, diagnosis=_legacy(fault)
    )


def _import(
    fault: StudentError, where: str, code: str, detail: str, hidden: bool, packages: tuple[str, ...]
) -> Verdict | None:
    """Of an import that there is nothing for; None where it is another error."""
    name = fault.module.partition(".")[0]
    if fault.kind == "ModuleNotFoundError" and name:
        if name in packages:
            return _broken(
                f"The package {name}, which hand-ins may use, is not installed on the grading machine.",
                outcome=Outcome.ERROR,
                detail=detail,
            )
        what = (
            "a package" if hidden else name
        )  # where it is made up as it is imported, it could be called anything
        return _broken(
            f"Your code imports {what}{where}, which was not handed in and is not among the packages that "
            f"hand-ins may use ({', '.join(packages)}). A person has to look.",
            outcome=Outcome.NEEDS_REVIEW,
            detail=detail,
            diagnosis=_legacy(fault),
        )
    if fault.kind == "ImportError" and name in sys.stdlib_module_names and "cannot import name" in fault.text:
        # Of a newer Python, perhaps.
        return _broken(
            f"Your code imports{where}{code} what the standard library of Python {newer_python.name()}, which the "
            "grader runs, does not have. A person has to look.",
            outcome=Outcome.NEEDS_REVIEW,
            detail=detail,
        )
    return None


def _syntax(
    fault: StudentError, place: Place | None, where: str, code: str, detail: str, hidden: bool
) -> Verdict:
    """Of a file that this Python cannot read."""
    if (version := newer_python.since(place.code if place else "")) is not None:
        return _broken(
            f"Your file uses syntax of Python {newer_python.name(version)}{where}{code}, and the grader runs "
            f"{newer_python.name()}. A person has to look.",
            outcome=Outcome.NEEDS_REVIEW,
            detail=detail,
        )
    reason = "" if hidden else f" ({fault.text.partition(' (')[0]})"
    old = "`print` without parentheses is from Python 2: write `print(...)`."
    return _broken(
        f"Your file is not valid Python{where}{code}{reason}.",
        detail=detail,
        diagnosis=old if "call to 'print'" in fault.text else "",
    )


def _legacy(fault: StudentError) -> str:
    """Name code for an old Python or NumPy, and gaps of the template that were left unfilled."""
    match = re.match(r"module 'numpy' has no attribute '(\w+)'|`np\.(\w+)` was removed", fault.text)
    name = (match[1] or match[2]) if match else ""
    if name in compat.NUMPY:
        instead = compat.NUMPY[name]
        before = "2.0" if instead.startswith("np.") else "1.24"
        return f"This was written for NumPy before {before}: `np.{name}` is gone; use `{instead}`."
    if fault.kind in ("NameError", "AttributeError"):
        for word, instead in (compat.BUILTINS | _METHODS_GONE).items():
            if f"'{word}'" in fault.text:
                return f"`{word}` is from Python 2: use `{instead}`."
    if fault.kind == "ModuleNotFoundError" and fault.module.startswith("past"):
        return "`past.builtins` is for code of Python 2: remove the import, and use `range` for `xrange`."
    if fault.kind == "FileNotFoundError":
        return f"Only the Python files handed in are there when your code is graded; {_BELOW_MAIN}"
    if fault.kind == "TypeError" and _FLOAT_AS_COUNT.match(fault.text):
        return (
            "A count or an index is a float here. `/` gives one in Python 3, even where nothing is left over."
        )
    if fault.gap:
        return "A value is None here: is a gap of the template still to be filled?"
    return ""


def _crash(fault: StudentCrash) -> Verdict:
    if fault.status >= 0:
        return _broken(
            f"Your code ended the Python process (exit status {fault.status}), with os._exit or the like.",
        )
    try:
        name = signal.Signals(-fault.status)
    except ValueError:
        return _broken(f"Your code's process was ended by signal {-fault.status}.")
    if name in _KILLS:
        return _broken(
            f"Your code's process was ended by {name.name}: it used up the computing time that a hand-in may use."
        )
    if name == signal.SIGSYS:
        return _broken("Your code ended the Python process past the interpreter, with os._exit or the like.")
    return _broken(f"Your code's process crashed ({name.name}).")


def _broken(
    message: str,
    outcome: Outcome = Outcome.FAILED,
    detail: str = "",
    diagnosis: str = "",
    place: SourcePlace | None = None,
) -> Verdict:
    return Verdict(outcome, message, detail=detail, diagnosis=diagnosis, broken=True, place=place)
