"""Mutants: each is one change, has a name of its own, and is the same every time."""

from __future__ import annotations

import ast

import pytest

from grader.selftest import load
from grader.selftest.bank import Lines, MixedUp
from grader.selftest.mutants import Mutant, mutants, questions_of
from tests.conftest import ROOT

REFERENCE = ROOT / "reference" / "ps3"
SOURCE = (REFERENCE / "solution.py").read_text()
BANK = load(REFERENCE)


@pytest.fixture(scope="module")
def found() -> list[Mutant]:
    """All mutants of the reference's solution."""
    return mutants(SOURCE, BANK.lines, BANK.mixed_up)


def test_there_are_many_and_each_has_a_name_of_its_own(found: list[Mutant]):
    assert len({mutant.name for mutant in found}) == len(found)
    assert len({mutant.source for mutant in found}) == len(found)
    equivalent = [name for name, remark in BANK.remarks.items() if not remark.questions]
    assert len(found) - len(equivalent) >= 150


@pytest.mark.slow
def test_they_are_the_same_every_time(found: list[Mutant]):
    assert mutants(SOURCE, BANK.lines, BANK.mixed_up) == found


@pytest.mark.slow
def test_a_mutant_is_python_and_differs_in_one_statement(found: list[Mutant]):
    right = ast.parse(SOURCE)
    for mutant in found:
        compile(mutant.source, "mlp.py", "exec")
        differing = differences(right, ast.parse(mutant.source))
        assert len(differing) == 1, (mutant.name, differing)


def differences(one: ast.AST, other: ast.AST) -> list[str]:
    """The innermost statements, or first lines of compound ones, in which two trees differ."""
    if ast.dump(one) == ast.dump(other):
        return []
    found = []
    for field in ("body", "orelse"):
        pairs = zip(getattr(one, field, []), getattr(other, field, []), strict=True)
        found += [text for a, b in pairs for text in differences(a, b)]
    without = [ast.dump(_without_inner(tree)) for tree in (one, other)]
    return [*found, ast.unparse(one).splitlines()[0]] if without[0] != without[1] else found


def _without_inner(tree: ast.AST) -> ast.AST:
    return type(tree)(**{k: v for k, v in ast.iter_fields(tree) if k not in ("body", "orelse")})


LINES = (Lines(function="f", questions=("Q1",)),)
OWN = MixedUp(names={"low": "high"}, keys={"W1": "W2"}, forgotten=("squash",))


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("return a + b", {"return a - b", "return a", "return b", "pass"}),
        ("return -a", {"return a", "pass"}),
        ("return a @ b.T", {"return a * b.T", "return b.T @ a", "return a @ b", "pass"}),
        ("return a > b", {"return a < b", "return a >= b", "pass"}),
        ("return a and b", {"return a or b", "pass"}),
        ("a -= b", {"a += b", "a = b", "pass"}),
        ("a /= b", {"a *= b", "a = b", "pass"}),
        ("return a.sum(axis=1)", {"return a.mean(axis=1)", "return a.sum()", "return a.sum(axis=0)", "pass"}),
        ("return a.sum(keepdims=True)", {"return a.mean(keepdims=True)", "return a.sum()",
                                         "return a.sum(keepdims=False)", "pass"}),
        ("return np.argmax(a)", {"return np.argmin(a)", "pass"}),
        ("return np.exp(a)", {"return np.exp2(a)", "return a", "pass"}),
        ("return a[b, y]", {"return a", "return a[:, y]", "pass"}),
        ("return a[b:c]", {"return a", "return a[:c]", "return a[b:]", "pass"}),
        ("return p['W1']", {"return p['W2']", "pass"}),
        ("return low", {"return high", "pass"}),
        ("low = squash(a)", {"low = a", "low = -squash(a)"}),
        ("return 0.5 * a", {"return 0.5 / a", "return 0.5", "return a", "return 1.0 * a",
                            "return -0.5 * a", "pass"}),
        ("a = -b", {"a = b"}),
        ("a = b // 2", {"a = b / 2", "a = -(b // 2)", "a = b // 3", "a = b // 1"}),
        ("a[0] = b", {"a[1] = b", "pass"}),
        ("for i in range(n): pass", {"for i in range(n + 1):", "for i in range(n - 1):"}),
    ],
)  # fmt: skip
def test_what_a_line_is_changed_to(line: str, wanted: set[str]):
    found = mutants(f"def f(a, b):\n    {line}\n", LINES, OWN)
    assert {mutant.name.split(" -> ")[1] for mutant in found} == wanted


@pytest.mark.parametrize(
    "line",
    ['"""Say 1 + 1."""', "if verbose:\n        print(1 + 1)", "raise ValueError(1 + 1)"],
)
def test_what_no_grader_sees_is_left_alone(line: str):
    assert mutants(f"def f(a=1):\n    {line}\n", LINES) == []


def test_a_line_that_stands_twice_gives_two_names():
    found = mutants("def f(a):\n    a += 1\n    a += 1\n", LINES)
    names = [mutant.name for mutant in found]
    assert "f: a += 1 -> pass" in names
    assert "f: a += 1 -> pass (2)" in names


def test_a_line_belongs_to_the_entry_before_it():
    lines = (
        Lines(function="f", questions=("Q1",)),
        Lines(function="f", questions=("Q2",), start="b = 2"),
        Lines(function="g", questions=()),
    )
    source = "def f():\n    a = 1\n    b = 2\n    c = 3\ndef g():\n    d = 4\n"
    assert [questions_of("f", n, source, lines) for n in (2, 3, 4)] == [("Q1",), ("Q2",), ("Q2",)]
    assert questions_of("g", 6, source, lines) == ()
    assert questions_of("h", 6, source, lines) == ()
    assert {mutant.questions for mutant in mutants(source, lines)} == {("Q1",), ("Q2",)}
