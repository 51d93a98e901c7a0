"""How a formula was read, for arguing with a student."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from grader.cli import grade
from tests.conftest import SUBMISSIONS


def explained(latex: str) -> str:
    done = CliRunner().invoke(grade, ["written", "explain", latex])
    assert done.exit_code == 0, done.output
    return done.output


def test_parts_come_with_their_shapes():
    text = explained(r"(h^{(2)} - y)(h^{(1)})^T")
    assert "product: side by side  (1 x hidden)" in text
    assert "h_{1}, our h1  (hidden x 1)" in text


def test_shapes_that_do_not_fit_are_said():
    assert "do not fit" in explained(r"W^{(1)} y W^{(1)}")


def test_where_reading_stops_is_said():
    assert "not read: reading stopped after" in explained(r"h^{(2)} - ) y")


def test_unknown_letters_are_said():
    assert r"nothing says what \zeta is" in explained(r"\zeta + y")


@pytest.mark.parametrize(
    ("latex", "lines"),
    [
        (r"W^{2T}(h^2-y)", ["reading 1, as written: hidden x 1, [-0.6; 0.4; -0.2]  <- right for Q1.4 (h1)"]),
        (
            "(h^2-y) h^1",
            [
                "reading 1, as written: hidden x 1, [-0.1; -0.04; -0.12]",
                "<- right for Q1.3 (W2) with the whole transposed",
            ],
        ),
        (
            "(h^2-y) W^2 h^1(1-h^1)",
            [
                "reading 1, as written: a number, -0.134",
                "reading 2, as written: hidden x 1, [-0.17; -0.272; -0.136]",
                "W2 transposed; W2 and h1 (1 - h1) multiplied elementwise: hidden x 1, [-0.15; 0.064; -0.048]",
                "<- right for Q1.5 (b1)",
            ],
        ),
        (r"\theta - \eta(g + 2\lambda\theta)", ["<- right for Q3.1 (theta)"]),
        (r"h^2 - y", ["a number, -0.2  <- right for Q1.1 (a2), Q1.2 (b2)"]),
    ],
)
def test_every_reading_comes_with_its_shape_and_value_and_what_it_is_right_for(latex: str, lines: list[str]):
    text = explained(latex)
    for line in lines:
        assert line in text


def test_what_is_right_nowhere_is_marked_nowhere():
    text = explained("y - h^2")
    assert "reading 1" in text
    assert "right for" not in text


@pytest.mark.slow
def test_a_notebook_alone_can_be_judged():
    file = SUBMISSIONS / "unsimplified_derivations" / "ps3.ipynb"
    done = CliRunner().invoke(grade, ["written", "check", str(file)])
    assert done.exit_code == 0
    assert "Q1.1 Derivation: gradient at a2: 4 / 5 partial" in done.output
    assert "Q3.2 Derivation: update rule with an L1 penalty: 0 / 10 failed" in done.output
    assert "yours [2.622; -1.848; 1.174], right [2.65; -1.85; 1.15]" in done.output


def test_a_file_that_is_no_notebook_is_named():
    done = CliRunner().invoke(grade, ["written", "check", "nowhere.ipynb"])
    assert done.exit_code != 0
    assert "nowhere.ipynb" in str(done.exception)
