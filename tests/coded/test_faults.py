"""What is wrong in an instructor's files is a line with the file and the line in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.coded import naming, variants
from grader.errors import AssignmentError, GraderError
from grader.grading.loading import load_assignment
from grader.selftest import declared
from grader.selftest.declared import prove
from grader.selftest.handed_out import misfits
from tests.coded.making import CHECKS, MISTAKES, SOLUTION, Assignment, assignment, results
from tests.hangs import no_hang
from tests.notebook.notebooks import code, content, prose


def said(one: Assignment) -> str:
    with pytest.raises(GraderError) as raised:
        load_assignment(one.rubric)
    assert raised.value.exit_code == 2
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        ({"solution": SOLUTION.replace("return steps", "return steps +")}, r"solution\.py:15: .*SyntaxError"),
        ({"solution": SOLUTION + "\n1 / 0\n"}, r"solution\.py.*ZeroDivisionError"),
        ({"solution": SOLUTION.replace("class Net", "class Other")}, r"solution\.py: defines no class Net"),
        ({"checks": CHECKS + "\n)\n"}, r"checks\.py:\d+: SyntaxError"),
        ({"checks": CHECKS + "\nnothing_of_the_kind\n"}, r"checks\.py:\d+: NameError"),
        ({"checks": "x = 1\n"}, r"checks\.py: declares no check"),
        ({"checks": CHECKS.replace('supply="loss"', 'supply="lose"')}, r"checks\.py:\d+: supply: 'lose' is no method"),
        ({"checks": CHECKS + '@check("x", points=1)\ndef usable(t): pass\n'}, r"checks\.py:\d+: the name 'usable' is taken"),
        ({"mistakes": "MISTAKE = []\n"}, r"mistakes\.py: has no MISTAKES"),
        ({"mistakes": MISTAKES.replace("- 0.1 * gradient", "- 0.2 * gradient")}, r"mistakes\.py:\d+: mistake 'uphill': .* stands 0 times"),
        ({"mistakes": MISTAKES.replace('"negated"', '"doubled"')}, r"mistakes\.py:\d+: the name 'doubled' is taken"),
        ({"more": "[constants]\nSCALE = 2.0\n"}, r"solution\.py: has no line `SCALE = \.\.\.`"),
        ({"more": "[checks.lose]\npoints = 3\n"}, r"small\.toml: line \d+: checks\.lose: there is no check 'lose'"),
        ({"more": "[checks.loss]\npoint = 3\n"}, r"small\.toml: line \d+.*checks\.loss\.point"),
        ({"more": "[checks.loss]\npoints = '3'\n"}, r"small\.toml: line \d+.*checks\.loss\.points"),
        ({"more": "points = 7\n"}, r"small\.toml: line \d+: points: found 7, but the questions add up to 6"),
        ({"more": "colour = 1\n"}, r"small\.toml: line \d+: colour"),
        ({"entry": 'class_name = "Net"\nfunctions = ["f"]'}, r"small\.toml: .*class_name: found beside `functions`"),
        ({"entry": ""}, r"small\.toml: .*class_name: missing"),
        ({"more": "[mistakes]\nnone = 'x'\n"}, r"small\.toml: line \d+.*knows no such mistake"),
        ({"more": "[handed_out]\nmethods = ['train']\nleast = 0.5\n"}, r"handed_out: found it, and no check .*leave it out"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)  # fmt: skip
def test_a_fault_is_one_line_with_its_place(tmp_path: Path, texts: dict[str, str], wanted: str):
    assert re.search(wanted, said(assignment(tmp_path, **texts)))


def trouble(one: Assignment) -> list[str]:
    rubric, reference = load_assignment(one.rubric)
    workspace = one.folder / "proof"
    workspace.mkdir()
    return [line for row in prove(rubric, reference, workspace) for line in row.trouble]


@pytest.mark.slow
def test_a_sound_assignment_has_no_trouble(tmp_path: Path):
    assert trouble(assignment(tmp_path)) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        ({"checks": CHECKS.replace("right.loss(x)[0]", "right.loss(x)[0] + 1")}, "the solution loses 2 of 2 in loss"),
        ({"checks": CHECKS.replace("right.loss(x)[0]", "right.loss(x)[9]")}, r"loss: .*checks\.py:\d+: IndexError"),
        ({"checks": CHECKS.replace("net.loss(x)[1], right", "right.loss(x)[1], right")}, "mistake 'doubled' is not named|gradient: no mistake loses this check"),
        ({"mistakes": MISTAKES.replace('mistake("uphill"', 'mistake("renamed", "x", {"(self, size)": "(self, count, size=4)"}),\n    mistake("uphill"')}, r"mistake 'renamed' loses nothing"),
        ({"mistakes": MISTAKES.replace('"- 0.1 * gradient": "+ 0.1 * gradient"}', '"- 0.1 * gradient": "+ 0.1 * gradient"}, questions=("Q1",)')}, r"'uphill' loses points in Q3; it should in Q1"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)  # fmt: skip
def test_grade_check_says_what_is_not_as_it_should_be(tmp_path: Path, texts: dict[str, str], wanted: str):
    found = trouble(assignment(tmp_path, **texts))
    assert any(re.search(wanted, line) for line in found), found


def test_a_template_that_earns_something_is_told(tmp_path: Path):
    one = assignment(tmp_path)
    one.write("handout/small.py", SOLUTION.replace("return steps", "return None"))
    assert any("handout/small.py: earns 2 in loss" in line for line in trouble(one))


@pytest.mark.parametrize(
    ("file", "text", "wanted"),
    [
        ("small.py", "class Net:\n    pass\n", ""),
        ("small.py", "from elsewhere import *\n", ""),
        ("small.py", "class Network:\n    pass\n", r"handout/small\.py: defines no Net, which students are to write"),
        ("a.ipynb", "from small import Net", ""),
        ("a.ipynb", "%matplotlib inline\nfrom small import *\nfrom numpy import nothing", ""),
        ("a.ipynb", "if True:\n    from small import Net as N, Old", r"a\.ipynb: cell 2 imports Old from small, which solution"),
        ("a.ipynb", None, r"a\.ipynb: cannot be read as a notebook"),
    ],
    ids=["right", "star", "renamed", "import", "imports", "old import", "no notebook"],
)  # fmt: skip
def test_what_is_handed_out_has_to_fit(tmp_path: Path, file: str, text: str | None, wanted: str):
    one = assignment(tmp_path)
    if file.endswith(".py"):
        one.write(f"handout/{file}", text or "")
    else:
        cells = [prose("Do this."), code(text)] if text else []
        one.write(f"handout/{file}", content(cells).decode() if text else "{")
    rubric, reference = load_assignment(one.rubric)
    found = list(misfits(rubric, reference, SOLUTION))
    assert bool(found) == bool(wanted)
    assert not wanted or re.search(wanted, found[0])


def test_a_secret_that_anybody_knows_is_told_here_too(tmp_path: Path):
    one = assignment(tmp_path)
    text = one.rubric.read_text()
    for secret, said in (
        ("1234", "can be guessed"),
        ("published default: replace me for a real course", "published secret"),
    ):
        one.rubric.write_text(text.replace("a secret of the tests", secret))
        (remark,) = load_assignment(one.rubric)[0].secret_remarks
        assert said in remark


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("solution.py", True),
        ("checks.py", True),
        ("mistakes.py", True),
        ("helper.py", True),
        ("handout/small.ipynb", True),  # its text is no answer of a student's
        ("handout/small.py", False),
        ("examples/right/small.py", False),
    ],
)
def test_what_can_move_a_mark_is_in_the_fingerprint(tmp_path: Path, name: str, counts: bool):
    one = assignment(tmp_path)
    before = load_assignment(one.rubric)[1].fingerprint
    path = tmp_path / "reference/small" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    cell = '{"cells": [{"cell_type": "markdown", "metadata": {}, "source": ["Say why."]}]}'
    path.write_text(
        cell if name.endswith("ipynb") else (path.read_text() if path.exists() else "") + "\nX = 1\n"
    )
    assert (load_assignment(one.rubric)[1].fingerprint != before) is counts


ENDLESS = 'mistake("endless", "The training never ends.", {"for _ in range(steps):": "while True:"}),\n]'


@pytest.mark.slow
def test_a_mistake_that_does_not_come_to_an_end_is_told_and_hangs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(declared, "_CALL", 1)
    monkeypatch.setattr(naming.answered, "__defaults__", (1.0,))
    made = assignment(tmp_path, mistakes=MISTAKES.replace("]\n", ENDLESS))
    rubric, reference = load_assignment(made.rubric)
    (tmp_path / "work").mkdir()
    with no_hang():
        found = {one.name: one.trouble for one in declared.prove(rubric, reference, tmp_path / "work")}
    (told,) = found.pop("endless")
    assert "mistakes.py:" in told
    assert told.endswith("mistake 'endless': does not come to an end, in train")
    assert not any(found.values())


@pytest.mark.slow
def test_naming_a_mistake_waits_for_no_endless_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(naming.answered, "__defaults__", (1.0,))
    made = assignment(tmp_path, mistakes=MISTAKES.replace("]\n", ENDLESS))
    with no_hang():
        found = results(made.grade(SOLUTION.replace("- 0.1 * gradient", "+ 0.1 * gradient")))
    assert found["train"].mistakes == ("uphill",)


@pytest.mark.slow
def test_a_solution_that_is_endless_with_a_mistake_when_it_is_imported_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(variants, "LONGEST", 1.0)
    endless = '\n    mistake("endless", "It never starts.", {"import numpy as np": "while True: pass"}),\n]'
    made = assignment(tmp_path, mistakes=MISTAKES.replace("]\n", endless))
    with no_hang(), pytest.raises(AssignmentError, match=r"does not come to an end when it is imported"):
        load_assignment(made.rubric)
