"""Formulas of students as MathML: drawn where they can be, harmless always."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.formula import MAX_LENGTH, formula, with_formulas

LATEX = r"\frac { \hat { y } - y } { h ^{( 2 )} } \odot sign ( \theta _{t} )"
TAG = re.compile(r"</?([A-Za-z]+)((?:\s[^<>]*)?)>")


def test_a_formula_is_drawn():
    drawn = formula(LATEX)
    assert drawn.startswith("<math")
    assert "<mfrac>" in drawn
    assert "<mo>sign</mo>" in drawn


@pytest.mark.parametrize(
    "latex",
    [
        r"\href{javascript:alert(1)}{x}",
        r"\left( ",
        r"\frac{1",
        "x" * (MAX_LENGTH + 1),
        r"\style{color:red}{x}",
        "\x00\x1b[31m",
    ],
)
def test_what_cannot_be_drawn_is_shown_as_its_source(latex: str):
    assert formula(latex).startswith(("<code>", "<math"))
    assert "href" not in "".join(attributes for _, attributes in TAG.findall(formula(latex)))


@given(
    st.lists(
        st.sampled_from(
            [*"<>&\"'{}^_ xy$", r"\frac", r"\text", r"\href", "script", "onload=", r"\mathrm", "&lt;"]
        )
    )
)
def test_only_known_elements_come_out(parts: list[str]):
    for drawn in (formula("".join(parts)), with_formulas("".join(parts))):
        left = TAG.sub("", drawn)
        assert "<" not in left
        for name, attributes in TAG.findall(drawn):
            assert name == "code" or name[0] == "m"
            assert not re.search(r"on\w+\s*=|href|src|style", attributes.replace("displaystyle", ""))


def test_sentences_keep_their_words():
    assert with_formulas("a < b: $x = y$.").startswith("a &lt; b: <math")
