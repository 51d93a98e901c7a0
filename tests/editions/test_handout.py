"""What students get before the deadline: that it says where they stand, and that it holds no answer."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grader.assignment import assets
from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from grader.editions import handout
from grader.editions.practice import open_gaps
from grader.errors import AnswersError, GraderError, RubricError
from grader.grading.loading import is_public, load_assignment
from grader.grading.runner import Run
from grader.model import GradeReport, Outcome
from grader.reading.process import Here
from grader.selftest.inside import Inside
from grader.student.sandbox import Practice
from grader.student.slots import Slots
from tests.checks.handins import BANK, MASK, RETURN, RIGHT, WRONG, handin, method
from tests.checks.local import checks, grade_source
from tests.conftest import ROOT, prepared
from tests.ps3 import kinds

TEMPLATE = (ROOT / "reference/ps3/handout/mlp.py").read_text()
SOLUTION = (ROOT / "reference/ps3/solution.py").read_text()
PUBLIC = ROOT / "rubrics/ps3-public.toml"


@pytest.fixture(scope="module")
def archive(ps3: Rubric, reference: Reference, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive for Problem Set 3."""
    out = tmp_path_factory.mktemp("handout") / "ps3.zip"
    handout.make(ps3, reference, out)
    return out


@pytest.fixture(scope="module")
def unpacked(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder `ps3` that students work in; tests leave it alone."""
    folder = tmp_path_factory.mktemp("student")
    with zipfile.ZipFile(archive) as file:
        file.extractall(folder)
    return folder / "ps3"


# The archive


@pytest.mark.slow
def test_what_is_in_it(archive: Path, ps3: Rubric, reference: Reference, tmp_path: Path):
    names = zipfile.ZipFile(archive).namelist()
    assert names == sorted(names) == handout.make(ps3, reference, tmp_path / "again.zip")
    top = {name.split("/")[1] for name in names}
    assert {name.split("/")[0] for name in names} == {"ps3"}
    assert top == {"README.md", "mlp.py", "utils.py", "ps3.ipynb", "check"}
    beside = {n.removeprefix("ps3/check/") for n in names if n.startswith("ps3/check/")}
    assert {n for n in beside if not n.startswith("grader/")} == {
        "pyproject.toml", "rubrics/ps3.toml", "reference/ps3/datasets.py", "reference/ps3/toy.py",
        "reference/ps3/handout/mlp.py", "reference/ps3/handout/utils.py", "reference/ps3/handout/ps3.ipynb",
        "reference/ps3/kinds/__init__.py", "reference/ps3/kinds/activations.py", "reference/ps3/kinds/cases.py",
        "reference/ps3/kinds/module.py", "reference/ps3/kinds/pairs.py", "reference/ps3/kinds/public.py",
        "reference/ps3/kinds/training.py",
    }  # fmt: skip


@pytest.mark.slow
def test_the_parts_of_the_grader_that_know_answers_are_not_in_it(archive: Path):
    """A file that is new here has been looked through for what it knows of the answers."""
    names = {
        n.removeprefix("ps3/check/grader/") for n in zipfile.ZipFile(archive).namelist() if "/grader/" in n
    }
    assert {n for n in names if n.startswith(("checks/", "written/", "selftest/", "report/"))} == {
        "checks/__init__.py", "checks/base.py", "checks/coerce.py", "checks/compare.py", "checks/words.py",
        "written/__init__.py", "written/answered.py", "written/free_text.py", "written/judgement.py",
        "written/marks.py", "written/process.py", "written/prose.py", "written/struck.py",
        "report/__init__.py", "report/audience.py", "report/safe_text.py", "report/terminal.py", "report/wording.py",
    }  # fmt: skip
    assert {n for n in names if n.startswith(("editions/", "grading/", "gradebook/", "commands/", "export/"))} == {
        "editions/__init__.py", "editions/practice.py", "grading/__init__.py", "grading/attempts.py",
        "grading/executing.py", "grading/explain.py", "grading/guard.py", "grading/judging.py", "grading/loading.py",
        "grading/results.py", "grading/run.py", "grading/runner.py", "grading/stages.py", "grading/told_once.py",
    }  # fmt: skip
    assert "cli.py" not in names


@pytest.mark.slow
def test_the_same_input_gives_the_same_bytes(
    archive: Path, ps3: Rubric, reference: Reference, tmp_path: Path
):
    handout.make(ps3, reference, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_the_files_to_fill_in_are_those_handed_out(unpacked: Path, reference: Reference):
    for name in ("mlp.py", "utils.py", "ps3.ipynb", "README.md"):
        assert (unpacked / name).read_bytes() == (reference.handed_out / name).read_bytes()
    assert "grade --practice ." in (unpacked / "README.md").read_text()


# Leaks


def everything(content: bytes, name: str = "") -> Iterator[tuple[str, bytes]]:
    """Every file in an archive, archives in it included."""
    yield name, content
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            for entry in file.namelist():
                yield from everything(file.read(entry), f"{name}/{entry}")


@pytest.fixture(scope="module")
def texts(archive: Path) -> dict[str, str]:
    """What is in the archive, by name, spaced and quoted in one way."""
    files = dict(everything(archive.read_bytes()))
    assert len(files) > 50
    return {name: plain(content.decode("utf-8", "replace")) for name, content in files.items() if name}


def plain(text: str) -> str:
    return re.sub(r"[\s\\]", "", text).replace("'", '"')


def lines(path: Path) -> set[str]:
    return {plain(line) for line in path.read_text().splitlines()}


def leaked(texts: dict[str, str], secrets: set[str]) -> list[tuple[str, str]]:
    assert secrets
    return [(name, secret) for name, text in texts.items() for secret in secrets if plain(secret) in text]


def test_no_line_of_the_solution(texts: dict[str, str]):
    telling = lines(ROOT / "reference/ps3/solution.py") - lines(ROOT / "reference/ps3/handout/mlp.py")
    telling = {line for line in telling if len(line) >= 10 and not line.startswith(("#", "fornamein"))}
    assert len(telling) >= 14
    assert not leaked(texts, telling)


OTHER_ANSWERS = ["layers", "derivations", "bank/base"]
OTHER_ANSWERS += [
    f"misconceptions/{path.stem}" for path in (ROOT / "reference/ps3/misconceptions").glob("*.py")
]


@pytest.mark.parametrize("name", sorted(OTHER_ANSWERS))
def test_no_line_of_the_other_answers(texts: dict[str, str], name: str):
    public = [ROOT / f"reference/ps3/{p}.py" for p in ("toy", "datasets", "handout/mlp", "handout/utils")]
    known = set().union(*(lines(path) for path in public))
    telling = {line for line in lines(ROOT / f"reference/ps3/{name}.py") - known if len(line) >= 20}
    ours = {"import", "from", "return{", "raise", "def__init__", '"""', "else", "for", "yield", "NAMES="}
    telling = {line for line in telling if not line.startswith(tuple(ours))}
    assert not leaked(texts, telling)


def test_no_gradient_or_activation_in_other_words(texts: dict[str, str]):
    formulas = {
        "np.maximum(", "np.eye(", "argmax(scores", "argmax(self", "argmax(axis", "argmax(1",
        "hidden *", "* (1 - h", "(1.0 - value)", "-= 1.0", ".T @", "X.T", ".T.dot(",
        "h2 - y", "h^{(2)} - y,", "W_2^T", "theta - eta", "sign(theta)", "W^{(2)T}",
    }  # fmt: skip
    # The notebook and its two copies state the forward and the backward step of Problem 1 themselves.
    code = {name: text for name, text in texts.items() if not name.endswith((".ipynb", "mlp.py"))}
    assert not leaked(code, formulas)


def test_no_secret_and_nothing_drawn_from_it(texts: dict[str, str], archive: Path, ps3: Rubric):
    drawn = [case.params["W1"] for case in kinds.cases.hidden_cases(ps3)]
    values = {f"{value:.5f}" for array in drawn for value in array.ravel()}
    assert not leaked(texts, {ps3.secret, ps3.secret_fingerprint, *values})
    contents = [content for _, content in everything(archive.read_bytes())]
    assert not any(array.tobytes()[:64] in content for array in drawn for content in contents)


def test_no_expected_value_with_more_digits_than_the_handout_prints(
    texts: dict[str, str], reference: Reference
):
    def numbers(table: object) -> Iterator[float]:
        if isinstance(table, dict | list):
            for value in table.values() if isinstance(table, dict) else table:
                yield from numbers(value)
        elif isinstance(table, float):
            yield table

    values = {f"{value:.12g}"[:10] for value in numbers(reference.expected)}
    assert len(values) > 50
    telling = {v for v in values if len(v.replace(".", "").lstrip("0")) > 7}
    assert "1.18224798" in telling
    assert not leaked(texts, telling)
    toy = reference.expected["toy"]
    # Of the two losses that the notebook prints as many digits as it prints; of the final ones, none.
    assert not leaked(texts, {f"{toy[name]['final_loss']:.4f}" for name in toy})


def test_no_mistake_no_hint_and_no_model_answer(texts: dict[str, str], ps3: Rubric, reference: Reference):
    assert ps3.written is not None
    sentences = {*ps3.mistakes.values(), *ps3.written.mistakes.values()}
    # One name is an example in a docstring of the report's.
    names = {name for name in reference.mistakes if len(name) > 12} - {"relu-mask-omitted"}
    hidden = {s.hint for q in ps3.questions for s in q.checks if s.hidden and s.hint}
    models = {look for q in ps3.questions for look in q.look_for}
    models |= {x for q in ps3.questions for e in q.expect for x in (e.text, e.pattern)}
    models = {model for model in models if len(model) > 12}
    assert not leaked(texts, sentences | names | hidden | models)


def test_no_example_hand_in_and_no_solution_of_the_bank(texts: dict[str, str], archive: Path):
    edits = {edit.new for one in (*BANK.right, *BANK.wrong) for edit in one.edits}
    assert not leaked(texts, {edit for edit in edits if len(plain(edit)) > 40})
    names = "\n".join(zipfile.ZipFile(archive).namelist())
    for word in (
        "solution",
        "layers",
        "misconceptions",
        "derivations",
        "bank",
        "expected",
        "tests",
        "submissions",
    ):
        assert word not in names


# What is refused


def course(tmp_path: Path, change: dict[str, tuple[str, str]]) -> tuple[Rubric, Reference]:
    """A course of its own: a copy with texts replaced in its files."""
    for name in ("rubrics", "reference"):
        (tmp_path / name).mkdir()
    for path in [*ROOT.glob("rubrics/*.toml"), *ROOT.glob("reference/ps3/**/*.*")]:
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        content = path.read_bytes()
        if old_new := change.get(str(path.relative_to(ROOT))):
            old, new = (text.encode() for text in old_new)
            assert old in content
            content = content.replace(old, new, 1)
        copy.write_bytes(content)
    return load_assignment(tmp_path / "rubrics/ps3.toml")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new", "error", "words"),
    [
        ("reference/ps3/handout/utils.py", "import os\n", "import os\n#d_scores   = np.exp(log_probs)\n",
         AnswersError, ["utils.py", "line of the solution"]),
        ("reference/ps3/handout/ps3.ipynb", "print('y = ', y)", "grads['b2'] = d_scores.sum(axis=0)",
         AnswersError, ["ps3.ipynb", "line of the solution"]),
        ("rubrics/ps3-public.toml", 'secret = "public"', 'secret = "published default: replace me for a real course"',
         AnswersError, ["check/rubrics/ps3.toml", "secret"]),
        ("rubrics/ps3-public.toml", "1.182248", "1.220179", RubricError, ["handout", "1.220179", "1.18224798"]),
        ("rubrics/ps3-public.toml", "seed = 18", "seed = 5", RubricError, ["seed", "5"]),
        ("rubrics/ps3-public.toml", 'kind = "public-module"', 'kind = "module"', RubricError, ["module"]),
        ("rubrics/ps3-public.toml", 'activation = "relu"', 'activation = "tanh"', RubricError, ["activation", "tanh"]),
        ("rubrics/ps3-public.toml", 'reference = "ps3"', 'reference = "ps4"', GraderError, ["reference", "ps4"]),
        ("rubrics/ps3-public.toml", "nets = []", "nets = []\nmistakes = { b1-forgotten = \"b1\" }",
         RubricError, ["mistakes", "b1-forgotten"]),
    ],
)  # fmt: skip
def test_what_must_not_be_handed_out(
    tmp_path: Path, file: str, old: str, new: str, error: type[GraderError], words: list[str]
):
    rubric, reference = course(tmp_path, {file: (old, new)})
    with pytest.raises(error) as caught:
        handout.make(rubric, reference, tmp_path / "out.zip")
    line = str(caught.value)
    assert "\n" not in line
    for word in words:
        assert word in line
    assert not list(tmp_path.glob("*.zip*")) and not list(tmp_path.glob(".*"))


def test_public_checks_with_points_are_refused(tmp_path: Path):
    rubric, reference = course(tmp_path, {})
    path = tmp_path / "rubrics/ps3-public.toml"
    text = path.read_text().replace("points = 0", "points = 1", 1)
    before, _, after = text.partition('title = "Forward pass: sigmoid"\npoints = 0')
    after = after.replace("points = 0", "points = 1", 1)
    path.write_text(f'{before}title = "Forward pass: sigmoid"\npoints = 1{after}')
    with pytest.raises(RubricError, match="points: found 1, wanted 0"):
        handout.make(rubric, reference, tmp_path / "out.zip")


def test_a_course_without_public_checks(tmp_path: Path):
    rubric, reference = course(tmp_path, {})
    (tmp_path / "rubrics/ps3-public.toml").unlink()
    with pytest.raises(RubricError, match=r"ps3-public\.toml: is missing"):
        handout.make(rubric, reference, tmp_path / "out.zip")


@pytest.mark.slow
def test_a_place_that_cannot_be_written(ps3: Rubric, reference: Reference, tmp_path: Path):
    with pytest.raises(GraderError, match="cannot be written"):
        handout.make(ps3, reference, tmp_path / "none/out.zip")
    (tmp_path / "out.zip").mkdir()
    with pytest.raises(GraderError, match="cannot be written"):
        handout.make(ps3, reference, tmp_path / "out.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["out.zip"]


def test_a_private_rubric_still_wants_the_answers(unpacked: Path, tmp_path: Path):
    (tmp_path / "rubrics").mkdir()
    (tmp_path / "rubrics/own.toml").write_text(
        (ROOT / "rubrics/ps3.toml").read_text().replace('reference = "ps3"', 'reference = "ours"', 1)
    )
    folder = tmp_path / "reference/ours"
    folder.mkdir(parents=True)
    for path in (unpacked / "check/reference/ps3").glob("*.py"):
        (folder / path.name).write_bytes(path.read_bytes())
    with pytest.raises(GraderError, match=r"no folder 'ours' with a solution\.py"):
        load_assignment(tmp_path / "rubrics/own.toml")


# Excerpts and gaps


def test_an_excerpt_holds_what_is_asked_for_and_what_that_uses():
    text = """'''Doc.'''
from __future__ import annotations
import re
import math
from a import b, c
A = 1
'''Of A.'''
def f(): return g(b)
def g(x): return math.pi * A
def secret(): return re, c
"""
    found = handout.excerpt(text, ("f",))
    assert "secret" not in found and "import re" not in found
    assert "from a import b\n" in found and "def g" in found and "A = 1" in found and "annotations" in found
    with pytest.raises(ValueError, match="no such definitions: h"):
        handout.excerpt(text, ("h",))


def test_gaps_that_are_still_open():
    gaps = open_gaps(TEMPLATE, TEMPLATE)
    assert [text[:6] for _, text in gaps] == ["(Q2.1)", "(Q2.4)", "(Q2.1)", "(Q2.2)", "(Q2.3)", "(Q2.3)"]
    for line, text in gaps:
        assert TEMPLATE.splitlines()[line - 1].strip().startswith("# TODO " + text[:30])
    assert open_gaps(TEMPLATE, SOLUTION) == []
    filled = TEMPLATE.replace("        scores = None", "        scores = hidden @ W2 + b2")
    assert [text for _, text in gaps if text not in [t for _, t in open_gaps(TEMPLATE, filled)]] == [
        "(Q2.1) the scores; no activation after the second layer"
    ]


# The public checks, in this process


@pytest.fixture(scope="module")
def public(unpacked: Path, reference: Reference, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Settings of the student edition: its rubric, its reference, no sandbox."""
    rubric, ours = load_assignment(unpacked / "check/rubrics/ps3.toml")
    assert ours.is_public and is_public(rubric) and rubric.points == 0
    assert ours.folder == unpacked / "check/reference/ps3"
    workspace = tmp_path_factory.mktemp("workspace")
    return Run(rubric, ours, prepared(reference, "digits"), Practice(), Slots(1), workspace)


def failing(report: GradeReport) -> dict[str, str]:
    """Ids of the checks that did not pass, and what they say."""
    return {id: check.message for id, check in checks(report).items() if check.outcome is not Outcome.PASSED}


def tried(source: str, run: Run, folder: Path) -> dict[str, str]:
    report = grade_source(source, replace(run, worker=Inside, reader=Here), folder)
    assert not report.host.errors
    assert report.earned == report.points == 0
    assert all(
        not check.diagnosis or check.outcome is not Outcome.PASSED for check in checks(report).values()
    )
    return failing(report)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, one in RIGHT.items() if not one.slow])
def test_right_solutions_pass(name: str, public: Run, tmp_path: Path):
    assert tried(BANK.source(RIGHT[name]), public, tmp_path) == {}


WRONG_IN = {
    "relu mask omitted": {"relu-gradient"},
    "upstream clipped": {"relu-gradient", "relu-toy-training"},
    "loss without the half": {"sigmoid-toy-loss", "sigmoid-gradient", "relu-toy-loss", "relu-gradient"},
    "loss without the half, gradient doubled": {"sigmoid-toy-loss", "relu-toy-loss"},
    "db1 summed, not averaged": {"sigmoid-gradient", "relu-gradient"},
    "gradient with half the penalty's": {"sigmoid-gradient", "relu-gradient"},
    "sigmoid slope missing": {"sigmoid-gradient"},
    "softplus for relu": {"relu-toy-loss"},
    "no update": {"sigmoid-toy-training", "relu-toy-training"},
    "update of a copy": {"sigmoid-toy-training", "relu-toy-training"},
    "no decay": {"sigmoid-toy-training"},
    "predict one-hot": {"sigmoid-toy-training", "predict", "relu-toy-training"},
    "predict counts from one": {"predict"},
    "predict returns floats": {"predict"},
    "predict returns one label": {"predict"},
}
"""What a check of the notebook's own can see, by the name of the wrong solution."""


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG_IN)
def test_wrong_solutions_fail(name: str, public: Run, tmp_path: Path):
    found = tried(BANK.source(WRONG[name]), public, tmp_path)
    assert set(found) == WRONG_IN[name]
    assert all(found.values())


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["biases regularised in both", "predict without b2", "three classes, hard-coded"]
)
def test_what_only_hidden_networks_show_is_not_shown(name: str, public: Run, tmp_path: Path):
    assert tried(BANK.source(WRONG[name]), public, tmp_path) == {}


ZERO = "{name: np.zeros_like(value) for name, value in self.params.items()}"
PRINTED = "{'sigmoid': 1.182248, 'relu': 1.303788}[self.activation]"
CHEATS = {
    "a constant loss with gradients of zero": (
        handin(method("loss", f"if y is not None: return {PRINTED}, {ZERO}")),
        {"sigmoid-gradient", "sigmoid-toy-training", "relu-gradient", "relu-toy-training"},
    ),
    "a constant loss with right gradients": (
        handin((RETURN, f"        return {PRINTED}, grads\n")),
        {"sigmoid-gradient", "sigmoid-toy-training", "relu-gradient", "relu-toy-training"},
    ),
    "gradients of zero": (
        handin((RETURN, f"        return loss, {ZERO}\n")),
        {"sigmoid-gradient", "sigmoid-toy-training", "relu-gradient", "relu-toy-training"},
    ),
    "a history that is made up": (
        handin(method("train", "return {'loss_history': [1.14, 0.109]}")),
        {"sigmoid-toy-training", "relu-toy-training"},
    ),
    "always the same label": (
        handin(method("predict", "return np.zeros(len(X), dtype=int)")),
        {"predict"},
    ),
    "the labels of the toy data": (
        handin(method("predict", "return np.array([0, 1, 2, 2, 1])[:len(X)]")),
        {"predict"},
    ),
    "losses that are no numbers": (
        handin((RETURN, "        return np.nan, grads\n")),
        {
            "sigmoid-toy-loss", "sigmoid-gradient", "sigmoid-toy-training",
            "relu-toy-loss", "relu-gradient", "relu-toy-training",
        },
    ),
    "one entry of a gradient": (
        handin((RETURN, "        grads['b2'][0] *= 1.001\n        return loss, grads\n")),
        {"sigmoid-gradient", "relu-gradient"},
    ),
    "scores that are all alike": (
        handin(method("loss", "if y is None: return np.ones((len(X), 3))")),
        {"predict"},
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", CHEATS)
def test_cheats_fail(name: str, public: Run, tmp_path: Path):
    source, expected = CHEATS[name]
    assert set(tried(source, public, tmp_path)) == expected


@pytest.mark.slow
def test_the_untouched_template_says_what_is_open_and_once(public: Run, tmp_path: Path):
    report = grade_source(TEMPLATE, public, tmp_path)
    found = checks(report)
    assert found["module"].outcome is Outcome.PASSED
    assert "a gap of the template still open" in found["sigmoid-toy-loss"].message
    assert found["relu-toy-loss"].message == "The same was found as in: Sigmoid: loss on the toy data."
    skipped = {id for id, check in found.items() if check.outcome is Outcome.SKIPPED}
    assert skipped == {
        "sigmoid-gradient",
        "sigmoid-toy-training",
        "predict",
        "relu-gradient",
        "relu-toy-training",
    }


@pytest.mark.slow
def test_in_workers_of_the_practice_tier(public: Run, tmp_path: Path):
    assert failing(grade_source(SOLUTION, public, tmp_path / "right")) == {}
    wrong = failing(grade_source(handin((MASK, "d_z = d_h")), public, tmp_path / "wrong"))
    assert set(wrong) == {"relu-gradient"}
    assert "grads['W1'] and grads['b1'] are not the derivatives of your own loss" in wrong["relu-gradient"]


def test_the_public_rubric_is_checked_against_the_answers_of_the_course():
    rubric, reference = load_assignment(PUBLIC)
    assert is_public(rubric) and not reference.is_public
    assert rubric.checks["relu-toy-loss"].handout == 1.303788
    assert not is_public(load_assignment()[0])


# The edition alone: its own files, and nothing of this checkout


def run_edition(folder: Path, *arguments: str, check: Path) -> subprocess.CompletedProcess[str]:
    """Run the edition from its sources in a student's folder."""
    environ = {**os.environ, "PYTHONPATH": str(check), "COLUMNS": "200"}
    command = [sys.executable, "-P", "-m", "grader.editions.practice", *arguments]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


def student_folder(unpacked: Path, tmp_path: Path, source: str) -> Path:
    """An unpacked handout of its own, with `source` as mlp.py and what a student has beside it."""
    folder = tmp_path / "ps3"
    for path in unpacked.rglob("*"):
        if path.is_file():
            copy = folder / path.relative_to(unpacked)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    (folder / "mlp.py").write_text(source)
    (folder / ".venv/lib").mkdir(parents=True)
    (folder / ".venv/lib/mlp.py").write_text("raise SystemExit('not this one')\n")
    return folder


@pytest.mark.slow
def test_the_edition_runs_from_its_own_files(unpacked: Path, tmp_path: Path):
    code = "import sys, grader.editions.practice, grader.grading.runner, grader.grading.loading as a\n"
    code += "print(grader.__file__); r = "
    code += "a.load_assignment()[1]; print(r.folder, r.is_public, r.fingerprint, r.expected, r.mistakes)"
    environ = {**os.environ, "PYTHONPATH": str(unpacked / "check")}
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    package, found = done.stdout.splitlines()
    assert package == str(unpacked / "check/grader/__init__.py")
    assert found.startswith(f"{unpacked}/check/reference/ps3 True ") and found.endswith(" {} ()")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "code", "words"),
    [
        (TEMPLATE, 0, ["1 of 8 checks passed; no marks", "Still to be filled in, line", "(Q2.3)"]),
        (SOLUTION, 0, ["8 of 8 checks passed; no marks", "All 11 code cells ran"]),
        (SOLUTION.replace("hidden * (1.0 - hidden)", "hidden"), 0, ["6 of 8 checks", "grads['W1'] and grads['b1']"]),
    ],
    ids=["template", "right", "wrong"],
)  # fmt: skip
def test_grade_practice_in_the_unpacked_folder(
    unpacked: Path, tmp_path: Path, source: str, code: int, words: list[str]
):
    folder = student_folder(unpacked, tmp_path, source)
    done = run_edition(folder, "--practice", ".", check=folder / "check")
    assert done.returncode == code, done.stderr
    assert "PRACTICE" in done.stdout
    for word in words:
        assert word in done.stdout
    assert not leaked({"output": plain(done.stdout)}, {"final loss of 0.109", "0.0178"})
    assert {path.name for path in folder.iterdir()} == {
        "README.md", "mlp.py", "utils.py", "ps3.ipynb", "check", ".venv",
    }  # fmt: skip


@pytest.mark.slow
def test_a_folder_without_mlp_py(unpacked: Path, tmp_path: Path):
    done = run_edition(tmp_path, "--practice", str(unpacked / "check"), check=unpacked / "check")
    assert done.returncode == 2
    assert done.stderr.startswith("grade: ") and "there is no mlp.py" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_the_three_commands_of_the_readme(unpacked: Path, tmp_path: Path):
    """As students do it: an environment of its own, pip, and `grade`; takes the network, or pip's cache."""
    folder = student_folder(unpacked, tmp_path, TEMPLATE)
    (folder / ".venv/lib/mlp.py").unlink()
    block = re.search(r"```sh\n(.*?)```", (folder / "README.md").read_text(), re.DOTALL)
    assert block
    make, install, grade = block[1].splitlines()
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))
    }
    # What is installed runs twice: pip would compile all of it, twenty times as long.
    environ = {**kept, "COLUMNS": "200", "PIP_COMPILE": "0"}
    python = json.dumps(sys.executable)
    for command in (make.replace("python3", python, 1), f"{install} -q"):
        subprocess.run(command, shell=True, cwd=folder, env=environ, check=True)
    wrong = SOLUTION.replace("loss += 0.5 * reg", "loss += reg")
    wrong = wrong.replace("np.argmax(self.loss(X), axis=1)", "np.zeros(len(X), dtype=int)")
    expected = [
        (SOLUTION, ["8 of 8 checks passed; no marks"]),
        (
            wrong,
            [
                "the notebook says 1.182248",
                "predict returns 0, 0, 0, 0, 0 for the examples of the toy data",
            ],
        ),
    ]
    for source, words in expected:
        (folder / "mlp.py").write_text(source)
        done = subprocess.run(
            grade, shell=True, cwd=folder, env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        for word in words:
            assert word in done.stdout
    code = "import grader, pathlib; print(pathlib.Path(grader.__file__).parent)"
    found = subprocess.run(
        [folder / ".venv/bin/python", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    installed = {path.name for path in Path(found.stdout.strip()).rglob("*") if path.is_file()}
    assert "toy.py" in installed
    assert not {"solution.py", "layers.py", "hidden_layer.py", "expected.npz", "own_forward.py"} & installed
    assert not {"second_tries.py", "look.py", "blame.py"} & installed


def test_the_default_rubric_has_public_checks_beside_it():
    assert assets.default_rubric().with_name("ps3-public.toml").is_file()
    assert np.isclose(load_assignment(PUBLIC)[0].checks["sigmoid-toy-loss"].handout, 1.182248)
