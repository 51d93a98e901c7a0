"""How a formula was read, for arguing with a student."""

from __future__ import annotations

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
