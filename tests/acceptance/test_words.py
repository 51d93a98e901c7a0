"""What the command line says where somebody has mistyped, and of rubrics and class lists that do not fit."""

from __future__ import annotations

import copy
import random
import re
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.shell_completion import ShellComplete

from grader.cli import grade
from tests.desks import RUBRIC, Desk, Member, command

TEXT = RUBRIC.read_text()


@pytest.mark.parametrize(
    ("words", "offer"),
    [
        ("makr alice Q1.6 3", "did you mean grade mark?"),
        ("remrk", "did you mean grade remark?"),
        ("feedbak out", "did you mean grade feedback?"),
        ("MARK alice", "did you mean grade mark?"),
        ("hlep", "did you mean grade help?"),
        ("gradebook chekc", "did you mean check?"),
        ("gradebook frob", "there are check, prune, repair"),
        ("rubric chek x", "did you mean check?"),
        ("nowhere_at_all", "no such file or folder"),
        ("./makr", "no such file or folder"),
    ],
)
def test_a_mistyped_command(words: str, offer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    done = command(*words.split())
    assert done.code == 2
    assert offer in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "shows"),
    [
        ("help", "PATH..."),
        ("help mark", "--withdraw"),
        ("gradebook help", "repair"),
        ("help gradebook", "repair"),
    ],
)
def test_help_helps(words: str, shows: str):
    done = command(*words.split())
    assert done.code == 0
    assert shows in done.out


def test_a_folder_that_is_named_like_a_mistyped_command_is_graded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "makr").mkdir()
    monkeypatch.chdir(tmp_path)
    assert "did you mean" not in command("makr").err


def completed(desk: Desk, *words: str) -> set[str]:
    before = [words[0], "--out", str(desk.out), *words[1:-1]] if len(words) > 1 else []
    found = ShellComplete(grade, {}, "grade", "_GRADE_COMPLETE").get_completions(before, words[-1])
    return {item.value for item in found}


def test_ids_and_questions_are_completed(tmp_path: Path):
    desk = Desk(tmp_path)
    assert completed(desk, "mark", "a") == set(), "there is no gradebook yet"
    desk.grade(Member("ann"), Member("anton"), Member("ben"))
    assert completed(desk, "mark", "an") == {"ann", "anton"}
    assert completed(desk, "history", "B") == {"ben"}
    assert completed(desk, "mark", "ann", "q1.") == {f"Q1.{n}" for n in range(1, 7)}
    assert "mark" in completed(desk, "ma")


# ---- rubrics ----


def checked(tmp_path: Path, text: str) -> tuple[int, str]:
    path = tmp_path / "r.toml"
    path.write_text(text)
    done = command("rubric", "check", path)
    assert done.err.startswith(f"grade: {path}: ") or done.code == 0, done.err
    return done.code, done.err


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


RUBRICS = [
    # what is changed, into what, the words, and a part of the line that is named
    ('id = "sigmoid-scores"', 'id = "sigmoid-scores"\nbogus = 1', "[Q2.1] sigmoid-scores", "bogus = 1"),
    ("tolerance = 1e-6", "tolerance = 'close'", "[Q2.1] sigmoid-toy-loss", "tolerance = 'close'"),
    ('kind = "scores"', 'kind = "score"', "[Q2.1] sigmoid-scores", 'kind = "score"'),
    ("points = 80", 'points = "80"', "wanted a number without quotes", 'points = "80"'),
    ("points = 0\nhint", 'points = "0"\nhint', "[Q2.1] module", 'points = "0"\nhint'),
    ("points = 80", "points = true", "points", "points = true"),
    ("cell_wall = 600", "cell_wall = 0", "notebook.cell_wall", "cell_wall = 0"),
    ("[limits]", '[late]\ndue = 2026-03-01T12:00:00\npercent_per_day = "10"\n[limits]', "percent_per_day", '"10"'),
    ("correct = 1", 'correct = "1"', "written.shares", 'correct = "1"'),
    ('id = "Q2.1"', "id = Q2.1", "is not TOML", "id = Q2.1"),
    ("handout = 1.303788", "handout = 1.320973", "params.handout", "handout = 1.320973"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("old", "new", "words", "at"), RUBRICS)
def test_an_error_in_a_rubric_names_line_question_and_check(
    tmp_path: Path, old: str, new: str, words: str, at: str
):
    if old == "correct = 1":
        old = re.search(r"correct = [\d.]+", TEXT)[0]  # type: ignore[index]
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    code, said = checked(tmp_path, text)
    assert code == 2
    assert words in said
    assert f"line {line_of(text, at)}" in said
    assert said.count("\n") == 1


OF_NAMES = (("mistakes",), ("written", "mistakes"), ("synonyms",))
"""Tables whose keys are names, not fields."""


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, (*path, key))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for n, one in enumerate(value):
            yield from leaves(one, (*path, n))
    else:
        yield path


@pytest.mark.slow
def test_whatever_stands_for_a_value_is_said_in_a_line(tmp_path: Path):
    """No value of another type, wherever it stands, ends in a traceback."""
    chooser = random.Random(5)
    data = tomllib.loads(TEXT)
    plain = [path for path in leaves(data) if path[-1] != "secret"]
    by_name = {tuple(step for step in path if isinstance(step, str)): path for path in plain}
    # Values in a table of names are alike: of each such table one for every kind of what stands there instead.
    others = ["1", "x", -1, 10**30, True, [], {}, ["x", 1], {"x": 1}]
    alike = [[path for name, path in by_name.items() if name[:-1] == table] for table in OF_NAMES]
    assert all(len(paths) > 5 * len(others) for paths in alike)
    tried = [(path, chooser.choice(others)) for name, path in by_name.items() if name[:-1] not in OF_NAMES]
    tried += [(path, other) for paths in alike for path, other in zip(paths, others, strict=False)]
    for path, other in tried:
        changed = copy.deepcopy(data)
        inner = changed
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = other
        code, _ = checked(tmp_path, toml(changed))
        assert code in (0, 2), path


def toml(value: Any) -> str:
    """A document, with inline tables below its top."""
    return "".join(f"{key} = {inline(one)}\n" for key, one in value.items())


def inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}" = {inline(one)}' for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        import json

        return json.dumps(value, ensure_ascii=True)
    return str(value)


# ---- class lists ----


def zipped(path: Path, *names: str) -> None:
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "class MLP:\n    pass\n")


CANVAS = ("doejane_101_5001_mlp.py", "roeriver_102_5002_mlp.py")


@pytest.mark.slow
def test_a_folder_with_the_zip_of_a_class_and_a_roster_is_taken_as_that(tmp_path: Path):
    zipped(tmp_path / "in" / "submissions.zip", *CANVAS)
    (tmp_path / "in" / "class.csv").write_text("name,course_id\nJane Doe,101\nZoe Zed,103\n")
    done = command("intake", tmp_path / "in")
    assert done.code == 0, done.err
    assert "2 hand-ins" in done.out
    assert "class.csv is used as the class list" in done.err
    assert "handed in nothing: Zoe Zed" in done.out


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["alice", "in", "ps3"])
def test_files_of_several_persons_are_never_one_hand_in(tmp_path: Path, folder: str):
    zipped(tmp_path / folder / "hw.zip", *CANVAS)
    done = command("intake", tmp_path / folder)
    assert "2 hand-ins" in done.out or "holds files of 2 students: if it is a class, name" in " ".join(
        done.out.split()
    )


@pytest.mark.parametrize(
    ("roster", "words"),
    [
        ("name,number\nA B,77\n", "none of its 1 students is one of the 2 hand-ins"),
        ("name,numbr\nA B,77\n", "found the column 'numbr'"),
        (
            "Student,ID,Extension Hour\nA,101,3\n",
            "found the column 'extension hour', wanted 'extension_hours'",
        ),
    ],
)
def test_a_roster_that_matches_nobody_or_is_misspelt(tmp_path: Path, roster: str, words: str):
    zipped(tmp_path / "canvas.zip", *CANVAS)
    (tmp_path / "class.csv").write_text(roster)
    done = command("intake", tmp_path / "canvas.zip", "--roster", tmp_path / "class.csv")
    assert words in done.err


def test_a_roster_that_matches_nobody_is_said_by_exports_too(tmp_path: Path):
    desk = Desk(tmp_path)
    desk.grade(Member("ann"))
    (tmp_path / "class.csv").write_text("id,name\nzoe,Zoe\n")
    done = desk("export", "--format", "csv", "--to", "-", "--roster", tmp_path / "class.csv")
    assert "none of its 1 students is one of the 1 hand-ins (the first is ann)" in done.err
