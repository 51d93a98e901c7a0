"""What is installed elsewhere works from any folder, and the README's commands are the ones that CI runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, SUBMISSIONS


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the built wheel's content, and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("installed") / "site-packages"
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def run_python(installed: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-P", *arguments]
    return subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_wheel_grades_from_any_folder(installed: Path, tmp_path: Path):
    arguments = ["-m", "grader", str(SUBMISSIONS / "factor_half_forgotten"), "--dataset", "digits"]
    done = run_python(installed, tmp_path, *arguments)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "reports/factor_half_forgotten/report.json").read_text())
    assert report["earned"] == "23"


@pytest.mark.slow
def test_a_wheel_makes_the_same_zips_as_a_checkout(installed: Path, tmp_path: Path):
    for command in ("handout", "gradescope build"):
        zips = []
        for where in (installed, ROOT):
            path = tmp_path / f"{where.name}.zip"
            done = run_python(where, tmp_path, "-m", "grader", *command.split(), str(path))
            assert done.returncode == 0, done.stderr
            zips.append(path.read_bytes())
        assert zips[0] == zips[1], command


@pytest.mark.slow
def test_rubrics_and_answers_are_no_importable_modules(installed: Path, tmp_path: Path):
    where = run_python(installed, tmp_path, "-c", "import grader; print(grader.__file__)").stdout
    assert str(installed) in where
    for name in ("reference", "rubrics", "submissions", "tests"):
        assert not (installed / name).exists()
    assert (installed / "grader/_assets/reference/ps3/solution.py").is_file()
    assert (installed / "grader/_assets/rubrics/ps3.toml").is_file()


def commands_of_the_readme() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith("python3 -m venv")]


def test_the_readme_has_two_commands_that_do_all_the_set_up():
    grade, test = commands_of_the_readme()
    assert grade.endswith("grade submissions/alice")
    assert test.endswith("pytest -q")
    assert all("-c constraints.txt" in command for command in (grade, test))


def test_ci_runs_the_commands_of_the_readme():
    assert "README.md" in (ROOT / ".ci" / "run").read_text()


def test_the_constraints_hold_names_and_versions_only():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert all(
        line.startswith("#") or re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.]+", line) for line in lines
    )
