"""Syntax of a newer Python is told from what is no Python at all."""

from __future__ import annotations

import pytest

from grader.grading.explain import fault_verdict
from grader.handin import newer_python
from grader.model import Outcome
from grader.student.faults import Place, StudentError


@pytest.mark.parametrize(
    ("line", "since"),
    [
        ('print(f"{d["k"]}")', (3, 12)),
        ("print(f'{d['k']} and more')", (3, 12)),
        ("x = rf\"{'\\n'.join(a)}\"", (3, 12)),
        ("x = f'{", (3, 12)),
        ("def f[T](x: T) -> T: return x", (3, 12)),
        ("async def f[T](x):", (3, 12)),
        ("class Net[T]:", (3, 12)),
        ("type Vector = list[float]", (3, 12)),
        ("type Pair[T] = tuple[T, T]", (3, 12)),
        ("except ValueError, TypeError:", (3, 14)),
        ("x = t'{name}'", (3, 14)),
        ("def f(x)", None),
        ('x = f"{x"', None),
        ("print 'hello'", None),
        ("except ValueError, e:", None),
        ("class Net(:", None),
        ("type(x) = 3", None),
        ("x = (1", None),
        ("x = f'{d[\"k\"]}' +", None),
        ("format'x'", None),
    ],
)
def test_whose_syntax_a_line_is(line: str, since: tuple[int, int] | None):
    assert newer_python.since(line, (3, 11)) == since
    assert newer_python.since(line, (3, 99)) is None


def verdict(kind: str, line: str, text: str = "invalid syntax", module: str = "") -> tuple[Outcome, str]:
    fault = StudentError(kind, text, (Place("mlp.py", 3, "", line),), module)
    found = fault_verdict(fault, hidden=False, packages=("numpy",))
    return found.outcome, str(found.message)


def test_what_is_said_of_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("grader.handin.newer_python.since", lambda line: (3, 98) if "[T]" in line else None)
    outcome, said = verdict("SyntaxError", "def f[T](x):")
    assert outcome is Outcome.NEEDS_REVIEW
    assert "syntax of Python 3.98" in said and f"the grader runs {newer_python.name()}" in said
    assert verdict("SyntaxError", "def f(x)")[0] is Outcome.FAILED


def test_what_only_a_newer_library_has_is_a_persons():
    text = "cannot import name 'override' from 'typing'"
    outcome, said = verdict("ImportError", "from typing import override", text, "typing")
    assert outcome is Outcome.NEEDS_REVIEW
    assert newer_python.name() in said
    assert (
        verdict("ImportError", "from utils import x", "cannot import name 'x' from 'utils'", "utils")[0]
        is Outcome.FAILED
    )
