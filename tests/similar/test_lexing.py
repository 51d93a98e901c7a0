"""The normal form of source: what is only form changes nothing, and nothing is too broken to be read."""

from __future__ import annotations

import io
import tokenize
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.similar import lexing
from tests.conftest import ROOT


def form(source: str) -> str:
    return " ".join(token.word for token in lexing.code(source))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("total = first + 1", "t=f+22.5e-3"),
        ("f(a, b)", "f(a,\n  b,\n)"),
        ("x = 'one'", 'x = """another\ntext"""'),
        ("x = 1  # why", "# first\nx = 1"),
        ("def f(a, b=1):\n    return a", "def f(a: int, b: dict[str, int] = 1) -> list[int]:\n    return a"),
        ("def f(a):\n    return a", 'def f(a):\n    """What it does."""\n    return a'),
        ("x = 1", "x: float = 1"),
        ("self.x = 1", "self.x: np.ndarray = 1"),
        ("a = 1; b = 2", "a = 1\nb = 2"),
        ("a = b + \\\n    c", "a = b + c"),
    ],
)
def test_form_does_not_count(one: str, other: str):
    assert form(one) == form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a + b", "a - b"),
        ("np.exp(x)", "np.log(x)"),
        ("x.sum()", "x.mean()"),
        ("range(x)", "len(x)"),
        ("{a: b}", "{a, b}"),
        ("x[a:b]", "x[a]"),
        ("if a:\n    b", "while a:\n    b"),
    ],
)
def test_what_it_does_counts(one: str, other: str):
    assert form(one) != form(other)


def test_lines_are_those_of_the_source():
    found = lexing.code('"""Text\nof two lines."""\n\nx = (\n  y\n)\n')
    assert [(token.word, token.line) for token in found] == [("N", 4), ("=", 4), ("(", 4), ("N", 5), (")", 6)]


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("reference/*/*.py")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_pieces_of_python_are_those_of_python(path: Path):
    source = path.read_text().replace("...", ".")  # which is three pieces here, and one there
    layout = {tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    theirs = [one for one in tokenize.generate_tokens(io.StringIO(source).readline) if one.type not in layout]
    if any(tokenize.tok_name[one.type].startswith("FSTRING") for one in theirs):
        pytest.skip("this Python takes texts apart")
    ours = [(one.text, one.line) for one in lexing.pieces(source) if one.kind != "end"]
    assert ours == [(one.string, one.start[0]) for one in theirs]


def test_source_that_does_not_parse_is_read_to_its_end():
    assert form("x = ((\ndef f(:\n    return 1 +\nprint 'a'").endswith('return 0 + N "')


@pytest.mark.slow
@pytest.mark.parametrize(
    "source", ["(" * 20_000, "'" * 20_000, "\\" * 20_000, "a." * 10_000, "\0" * 20_000, "#" + "x" * 20_000,
               '"""' + "a\n" * 10_000, "1" * 20_000, "a:" * 10_000, "def f(" + "a:" * 10_000, "if " * 9_000]
)  # fmt: skip
def test_monsters_are_read(source: str):
    lexing.code(source)
    lexing.written(source)


@given(st.text())
def test_any_text_is_read(source: str):
    for token in [*lexing.code(source), *lexing.written(source)]:
        assert 1 <= token.line <= source.count("\n") + 1


def test_spacing_of_formulas_does_not_count():
    one = lexing.written(r"$\frac{\partial L}{\partial W} = \left( p - y \right)\, x^T$")
    other = lexing.written("\\begin".replace("\\begin", "") + r"\frac \partial L \partial W = (p-y) x^{T}")
    assert [token.word for token in one] == [token.word for token in other]
