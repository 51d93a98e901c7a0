"""Faults of student code in words: what happened, where, and what to do; no hidden value."""

from __future__ import annotations

import signal

import pytest

from grader.grading.explain import fault_verdict, out_of_time_verdict, where_it_was
from grader.model import Outcome
from grader.student.faults import (
    Limit,
    OutOfTime,
    Place,
    StudentCrash,
    StudentError,
    StudentProtocolFault,
    StudentTimeout,
)

PLACE = Place("mlp.py", 12, "loss", "x = y[7]")
PACKAGES = ("numpy", "scipy")


def error(kind: str, text: str, module: str = "") -> StudentError:
    return StudentError(kind, text, (PLACE,), module)


def test_an_exception_has_its_type_its_line_and_its_text():
    verdict = fault_verdict(error("IndexError", "index 7 is out of bounds"), False, PACKAGES)
    assert verdict.outcome is Outcome.FAILED
    assert verdict.broken
    for part in ("IndexError", "mlp.py, line 12, in loss", "`x = y[7]`", "index 7 is out of bounds"):
        assert part in verdict.message


def test_on_hidden_inputs_the_text_stays_with_staff():
    verdict = fault_verdict(error("ValueError", "secret 0.123"), True, PACKAGES)
    assert "0.123" not in verdict.message + verdict.diagnosis
    assert "0.123" in verdict.detail


@pytest.mark.parametrize(
    ("kind", "text", "module", "advice"),
    [
        ("NameError", "name 'xrange' is not defined", "", "`range`"),
        ("AttributeError", "'dict' object has no attribute 'iteritems'", "", "`items`"),
        (
            "AttributeError",
            "module 'numpy' has no attribute 'float'. `np.float` was",
            "",
            "before 1.24: `np.float` is gone; use `float`",
        ),
        ("AttributeError", "module 'numpy' has no attribute 'bool'.", "", "use `bool`"),
        ("AttributeError", "module 'numpy' has no attribute 'object'.", "", "use `object`"),
        ("TypeError", "unsupported operand type(s) for -: 'NoneType' and 'int'", "", "gap"),
        ("TypeError", "'float' object cannot be interpreted as an integer", "", "`/` gives one in Python 3"),
        ("TypeError", "'numpy.float64' object cannot be interpreted as an integer", "", "is a float here"),
        ("ModuleNotFoundError", "No module named 'past'", "past.builtins", "Python 2"),
        ("FileNotFoundError", "[Errno 2] No such file or directory: 'data.csv'", "", "__main__"),
        ("PermissionError", "[Errno 13] Permission denied: 'out.png'", "", "__main__"),
    ],
)
def test_known_troubles_get_advice(kind: str, text: str, module: str, advice: str):
    assert advice in fault_verdict(error(kind, text, module), True, PACKAGES).diagnosis


def test_a_missing_package_is_for_a_person_or_for_us():
    theirs = fault_verdict(
        error("ModuleNotFoundError", "No module named 'layers'", "layers"), False, PACKAGES
    )
    ours = fault_verdict(
        error("ModuleNotFoundError", "No module named 'scipy'", "scipy.special"), False, PACKAGES
    )
    assert theirs.outcome is Outcome.NEEDS_REVIEW
    assert ours.outcome is Outcome.ERROR


@pytest.mark.parametrize(
    ("fault", "outcome", "word"),
    [
        (StudentTimeout(True, 10.0, (PLACE,)), Outcome.FAILED, "10 seconds"),
        (StudentTimeout(False, 60.0, ()), Outcome.NEEDS_REVIEW, "60 seconds"),
        (StudentCrash(0), Outcome.FAILED, "ended the Python process"),
        (StudentCrash(-signal.SIGSEGV), Outcome.FAILED, "SIGSEGV"),
        (StudentCrash(-signal.SIGKILL), Outcome.FAILED, "computing time"),
        (StudentCrash(-signal.SIGSYS), Outcome.FAILED, "os._exit"),
        (StudentCrash(-99), Outcome.FAILED, "signal 99"),
        (StudentProtocolFault("nonsense"), Outcome.FAILED, "file descriptor"),
        (error("SyntaxError", "'(' was never closed (mlp.py, line 12)"), Outcome.FAILED, "not valid Python"),
        (error("SystemExit", "0"), Outcome.FAILED, "ends the program"),
        (error("MemoryError", ""), Outcome.FAILED, "memory"),
        (error("PermissionError", "[Errno 1] Operation not permitted"), Outcome.NEEDS_REVIEW, "sandbox"),
        (error("OSError", "[Errno 30] Read-only file system: '/tmp/x'"), Outcome.NEEDS_REVIEW, "sandbox"),
        (
            error("FileNotFoundError", "[Errno 2] No usable temporary directory"),
            Outcome.NEEDS_REVIEW,
            "sandbox",
        ),
        (error("RuntimeError", "can't start new thread"), Outcome.NEEDS_REVIEW, "sandbox"),
        (error("OSError", "[Errno 12] Cannot allocate memory"), Outcome.FAILED, "OSError"),
    ],
)
def test_each_fault_has_an_outcome_and_a_sentence(fault, outcome: Outcome, word: str):
    verdict = fault_verdict(fault, True, PACKAGES)
    assert verdict.outcome is outcome
    assert word in verdict.message
    assert verdict.message.endswith(".")


def test_the_place_of_a_time_out():
    assert where_it_was(StudentTimeout(True, 1.0, (PLACE,))) == "mlp.py, line 12, in loss: x = y[7]"
    assert where_it_was(StudentTimeout(True, 1.0, ())) == "place unknown"
    check = Limit("check", True, 60.0)
    assert where_it_was(OutOfTime(check, (PLACE,), True)) == "mlp.py, line 12, in loss: x = y[7]"
    assert where_it_was(OutOfTime(check, None, True)) == "between two calls of the code"


@pytest.mark.parametrize(
    ("limit", "started", "outcome", "words"),
    [
        (
            Limit("check", True, 60.0),
            True,
            Outcome.FAILED,
            "stopped after 60 seconds of computing in this check.",
        ),
        (Limit("check", False, 300.0), True, Outcome.NEEDS_REVIEW, "more than 300 seconds"),
        (
            Limit("submission", True, 3600.0),
            True,
            Outcome.FAILED,
            "Your code was stopped: the hand-in had used",
        ),
        (
            Limit("submission", True, 3600.0),
            False,
            Outcome.FAILED,
            "Not run: the hand-in had used up its 3600 seconds of computing.",
        ),
        (Limit("submission", False, 7200.0), True, Outcome.NEEDS_REVIEW, "Your code was stopped"),
        (Limit("submission", False, 7200.0), False, Outcome.NEEDS_REVIEW, "Not run: "),
    ],
)
def test_time_used_up(limit: Limit, started: bool, outcome: Outcome, words: str):
    verdict = out_of_time_verdict(OutOfTime(limit, None, started))
    assert (verdict.outcome, verdict.broken, verdict.fraction) == (outcome, True, 0)
    assert words in verdict.message


def test_a_part_that_was_not_written_is_called_that():
    verdict = fault_verdict(error("NotImplementedError", "", ""), hidden=False, packages=())
    assert verdict.message.startswith("This part was not written")
    assert not verdict.diagnosis
