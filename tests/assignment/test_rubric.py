"""Every mistake in a rubric is one line with file, field, what was found and what is wanted."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.assignment.rubric import Rubric
from grader.assignment.rubric_loading import load
from grader.errors import RubricError
from grader.grading.loading import load_assignment
from tests.conftest import ROOT
from tests.ps3 import kinds

TEXT = (ROOT / "rubrics" / "ps3.toml").read_text()


def error(tmp_path: Path, text: str) -> str:
    """The one line that loading `text` gives."""
    path = tmp_path / "r.toml"
    path.write_text(text)
    with pytest.raises(RubricError) as caught:
        load(path, kinds.KINDS)
    line = str(caught.value)
    assert line.startswith(str(path))
    assert "\n" not in line
    return line.removeprefix(f"{path}: ")


def changed(old: str, new: str) -> str:
    """The repository's rubric with the first occurrence of `old` replaced."""
    assert old in TEXT
    return TEXT.replace(old, new, 1)


def test_the_repositorys_rubric(ps3: Rubric):
    assert ps3.points == 80
    points = {question.id: question.points for question in ps3.questions}
    assert points == {
        **{f"Q1.{n}": 5 for n in range(1, 7)},
        "Q2.1": 5, "Q2.2": 10, "Q2.3": 5, "Q2.4": 5, "Q2.5": 5, "Q3.1": 10, "Q3.2": 10,
    }  # fmt: skip
    assert sum(q.points for q in ps3.questions if q.checks) == 25


def test_the_relu_value_and_the_note_about_the_handout_stand_in_the_rubric(ps3: Rubric):
    assert ps3.checks["relu-toy-loss"].handout == 1.303788
    assert "1.320973" in TEXT


def test_points_are_exact_decimals(tmp_path: Path):
    path = tmp_path / "r.toml"
    path.write_text(TEXT)
    rubric = load(path, kinds.KINDS)
    spec = next(s for q in rubric.questions for s in q.checks if s.id == "histories")
    assert spec.points == Decimal("0.25")
    assert isinstance(spec.points, Decimal)


@pytest.mark.parametrize(
    ("line", "share"), [("", "1"), ("follow_through = 0", "0"), ("follow_through = 0.25", "0.25")]
)
def test_the_share_of_errors_carried_forward(tmp_path: Path, line: str, share: str):
    path = tmp_path / "r.toml"
    path.write_text(changed("follow_through = 1", line))
    assert load(path, kinds.KINDS).follow_through == Decimal(share)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("points = 80", "points = 81", ["points", "81", "80"]),
        ("points = 80", "points = 'many'", ["points", "many"]),
        ("points = 80", "points = 80\nponits = 3", ["ponits"]),
        ("cell_wall = 600", "cell_wall = 0", ["notebook.cell_wall", "0"]),
        ('prefer = "module"', 'prefer = "mine"', ["notebook.prefer", "mine"]),
        ("find = '(?i)train[", "find = '(?i)(train[", ["notebook.size.find", "no regular expression"]),
        ("[^\\d]{0,60}{number}'", "[^\\d]{0,60}'", ["notebook.size.find", "{number}"]),
        ("(?:error|final", "(error|final", ["notebook.values[0].find", "no other group"]),
        (
            'question = "Q2.1"\nactivation',
            'question = "Q9"\nactivation',
            ["notebook.values[0].question", "'Q9'"],
        ),
        ('kind = "scores"', 'kind = "score"', ["questions[6].checks[2].kind", "'score'", "scores"]),
        ("tolerance = 1e-6", "tolerance = 'close'", ["checks[1].params.tolerance", "'close'", "float"]),
        ("tolerance = 1e-6", "tolerence = 1e-6", ["checks[1].params", "tolerence"]),
        ("call_cpu = 10 ", "call_cpu = 0 ", ["limits.call_cpu", "0", "> 0"]),
        ("check_cpu = 60 ", "check_cpu = -1 ", ["limits.check_cpu", "-1", "> 0"]),
        ("check_wall = 300", "check_wall = 'long'", ["limits.check_wall", "long"]),
        ('module = "mlp.py"', "", ["module"]),
        ('module = "mlp.py"', 'module = "mlp"', ["module", "'mlp'"]),
        ('class_name = "TwoLayerMLP"', "", ["class_name", "missing", "functions"]),
        ('class_name = "TwoLayerMLP"', 'functions = ["f", "a b"]', ["functions[1]", "'a b'"]),
        ('needs = ["module"]', 'needs = ["modul"]', ["checks[1].needs[0]", "modul"]),
        ('id = "sigmoid-scores"', 'id = "module"', ["checks[2].id", "'module'", "taken"]),
        ('kind = "module"', 'kind = "module"\nneeds = ["predict"]', ["circle", "module", "predict"]),
        ("points = 2.5", "points = 3.5", ["questions[4].points", "5", "6.0", "claims"]),
        ("points = 0.25", "points = 1.25", ["questions[8].points", "checks"]),
        ("points = 0\nhint", "points = -1\nhint", ["checks[0].points", "-1"]),
        ('secret = "', 'secret_file = "nowhere.txt"\nsecret = "', ["secret_file"]),
        ('id = "Q2.1"', 'id = "Q2.1"\nfind = "("', ["questions[6].find", "'('"]),
        ("classes = 4", "classes = 1", ["nets[0].classes", "1", ">= 2"]),
        ("under_decided = 60", "under_decided = 101", ["fail_under_decided", "101", "0 to 100"]),
        *(
            ('"scipy", "matplotlib"]', f'"scipy", "{name}"]', ["packages", name, "wanted the first part"])
            for name in ("", "scikit-learn", "numpy.linalg", "1x", "a b", "lambda", "scikit-learn>=1")
        ),
        ("under_decided = 60", "under_decided = nan", ["fail_under_decided", "0 to 100"]),
        ("under_decided = 60", "under_decided = '60 %'", ["fail_under_decided", "60 %"]),
        ("follow_through = 1", "follow_through = 1.01", ["follow_through", "1.01", "0 to 1"]),
        ("follow_through = 1", "follow_through = -0.5", ["follow_through", "-0.5", "0 to 1"]),
        ("follow_through = 1", "follow_through = nan", ["follow_through", "0 to 1"]),
        ("follow_through = 1", "follow_through = 'all'", ["follow_through", "all"]),
    ],
)
def test_a_mistake_names_the_field_and_the_value(tmp_path: Path, old: str, new: str, words: list[str]):
    line = error(tmp_path, changed(old, new))
    for word in words:
        assert word in line


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("handout = 1.303788", "handout = 1.320973", ["relu", "params.handout", "1.320973", "1.30378789"]),
        ('{ activation = "relu"', '{ activation = "rleu"', ["params.activation", "'rleu'", "relu"]),
    ],
)
def test_a_rubric_that_contradicts_its_reference(tmp_path: Path, old: str, new: str, words: list[str]):
    path = tmp_path / "r.toml"
    path.write_text(changed(old, new))
    with pytest.raises(RubricError) as caught:
        load_assignment(path)
    for word in words[1:]:
        assert word in str(caught.value)


def test_a_check_must_not_need_a_later_one(tmp_path: Path):
    line = error(tmp_path, changed('kind = "module"', 'kind = "module"\nneeds = ["large"]').replace(
        'id = "sigmoid-large-scores"', 'id = "large"', 1).replace(
        'needs = ["sigmoid-toy-loss"]\nhidden = true\nparams = { activation = "sigmoid" }',
        'hidden = true\nparams = { activation = "sigmoid" }', 1))  # fmt: skip
    assert "later" in line


def test_a_quick_check_must_not_wait_for_a_training(tmp_path: Path):
    line = error(tmp_path, changed('id = "relu-toy-loss"', 'id = "relu-toy-loss"').replace(
        'needs = ["module"]\nshared_with = "sigmoid-toy-loss"',
        'needs = ["sigmoid-accuracy"]\nshared_with = "sigmoid-toy-loss"', 1))  # fmt: skip
    assert "sigmoid-accuracy" in line


@pytest.mark.parametrize("text", ["", "= 3", "points = 80", "questions = 3"])
def test_what_is_no_rubric(tmp_path: Path, text: str):
    assert error(tmp_path, text)


def test_when_the_gate_speaks_changes_no_finding(tmp_path: Path, ps3: Rubric):
    path = tmp_path / "r.toml"
    for line, share in (
        ("", 60),
        ("fail_under_decided = 0", 0),
        ("fail_under_decided = 87.5", Decimal("87.5")),
    ):
        path.write_text(changed("fail_under_decided = 60", line))
        rubric = load(path, kinds.KINDS)
        assert (rubric.fail_under_decided, rubric.asking) == (share, ps3.asking)


def test_a_secret_outside_the_repository(tmp_path: Path, ps3: Rubric):
    (tmp_path / "secret").write_text("something random\n")
    path = tmp_path / "r.toml"
    path.write_text(re.sub(r"^secret = .*$", 'secret_file = "secret"', TEXT, flags=re.MULTILINE))
    rubric = load(path, kinds.KINDS)
    assert rubric.secret == "something random"
    assert rubric.secret_fingerprint != ps3.secret_fingerprint


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(st.data())
def test_no_damage_to_a_rubric_gives_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
):
    lines = TEXT.splitlines()
    index = data.draw(st.integers(0, len(lines) - 1))
    action = data.draw(st.sampled_from(["drop", "double", "cut", "number"]))
    line = lines[index]
    lines[index : index + 1] = {
        "drop": [],
        "double": [line, line],
        "cut": [line[: len(line) // 2]],
        "number": [re.sub(r"= .*", "= -7", line)],
    }[action]
    path = tmp_path_factory.mktemp("r") / "r.toml"
    path.write_text("\n".join(lines))
    try:
        load(path, kinds.KINDS)
    except RubricError as caught:
        assert str(path) in str(caught)
