"""The samples for the CI of a course: read as YAML, and what grades in them run in a checkout like theirs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import xmlschema
import yaml

from tests.conftest import ROOT, SUBMISSIONS

SAMPLES = ROOT / "docs" / "ci"
XSD = ROOT / "tests" / "export" / "junit.xsd"


def sample(name: str) -> Any:
    return yaml.safe_load((SAMPLES / name).read_text())


def step(name: str) -> dict[str, Any]:
    (found,) = [s for s in sample("github-actions.yml")["jobs"]["grade"]["steps"] if s.get("name") == name]
    return found


def environment(**more: str) -> dict[str, str]:
    """The environment of a job, with the command `grade` on its path, and without MNIST."""
    ours = {"GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GRADE_DATA"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | {"PATH": f"{Path(sys.executable).parent}:{kept['PATH']}", **more}


def checked_out(grader: Path, handin: Path, name: str) -> None:
    for folder in ("rubrics", "reference"):
        shutil.copytree(ROOT / folder, grader / folder)
    shutil.copytree(SUBMISSIONS / name, handin, dirs_exist_ok=True)


def on_github(workspace: Path, name: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run the step that grades, as GitHub would; its job summary comes back too."""
    checked_out(workspace / "grader", workspace / "handin", name)
    grade, summary = step("Grade"), workspace / "summary.md"
    done = subprocess.run(
        ["bash", "-e", "-c", grade["run"]],
        cwd=workspace / grade["working-directory"],
        env=environment(GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary)),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return done, summary.read_text()


def on_gitlab(project: Path, name: str) -> subprocess.CompletedProcess[str]:
    """Run the script of the job, as GitLab would."""
    job = sample("gitlab-ci.yml")["grade"]
    grader = Path(job["variables"]["GRADER"].replace("$CI_PROJECT_DIR", str(project)))
    checked_out(grader, project, name)
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(job["script"])],
        cwd=grader,
        env=environment(CI_PROJECT_DIR=str(project), GRADER=str(grader)),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def junit(path: Path) -> ElementTree.Element:
    xmlschema.XMLSchema(XSD).validate(str(path))
    return ElementTree.parse(path).getroot()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["import_error", "python2"])
def test_github_gets_annotations_with_file_and_line(tmp_path: Path, name: str) -> None:
    done, summary = on_github(tmp_path, name)
    assert done.returncode == 1, done.stderr
    lines = [line for line in done.stdout.splitlines() if re.match("::(error|warning|notice) ", line)]
    place = r"::error file=mlp\.py,line=[1-9]\d*,title=handin Q2"
    placed = [line for line in lines if re.match(place, line)]
    assert placed
    line = int(re.search(r"line=(\d+)", placed[0])[1])
    assert f"line {line}" in placed[0]
    assert "handin" in summary
    assert junit(tmp_path / "reports" / "junit.xml").findall("testsuite[@name='handin']")
    assert not list((tmp_path / "handin").glob("reports"))


@pytest.mark.slow
def test_github_passes_a_right_hand_in(tmp_path: Path) -> None:
    done, _ = on_github(tmp_path, "alice")
    assert done.returncode == 0, done.stderr
    assert "::error" not in done.stdout
    assert junit(tmp_path / "reports" / "junit.xml").findall("testsuite[@failures='0'][@errors='0']")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["import_error", "python2"])
def test_gitlab_gets_plain_lines_and_junit(tmp_path: Path, name: str) -> None:
    done = on_gitlab(tmp_path / name, name)
    assert done.returncode == 1, done.stderr
    assert re.search(rf"^mlp\.py:[1-9]\d*: error: {name} Q2", done.stdout, re.MULTILINE)
    assert "::error" not in done.stdout
    reports = sample("gitlab-ci.yml")["grade"]["artifacts"]["reports"]
    assert junit(tmp_path / name / reports["junit"]).findall(f"testsuite[@name='{name}']")


def test_gitlab_refuses_a_dataset_that_was_handed_in(tmp_path: Path) -> None:
    guard = sample("gitlab-ci.yml")["grade"]["before_script"][0]

    def run(*command: str) -> int:
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode

    run("git", "init", "-q")
    assert run("bash", "-e", "-c", guard) == 0
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "x").touch()
    assert run("bash", "-e", "-c", guard) == 0  # of an earlier job
    run("git", "add", "-f", ".cache")
    assert run("bash", "-e", "-c", guard) == 1


def test_what_students_get_to_see_is_not_the_gradebook() -> None:
    github = step("Reports")["with"]["path"].split()
    gitlab = sample("gitlab-ci.yml")["grade"]["artifacts"]["paths"]
    for patterns in (github, gitlab):
        assert {p for p in patterns if p != "reports/junit.xml"} == {"reports/*/report.*"}
    for text in (step("Grade")["run"], sample("gitlab-ci.yml")["grade"]["script"][-1]):
        assert "--audience student" in text


def test_nothing_is_installed_in_the_folder_of_the_hand_in() -> None:
    steps = sample("github-actions.yml")["jobs"]["grade"]["steps"]
    for one in steps:
        if "pip" in one.get("run", "") or "fetch" in one.get("run", ""):
            assert one["working-directory"] == "grader"
    before = sample("gitlab-ci.yml")["grade"]["before_script"]
    assert before.index('cd "$GRADER"') < min(i for i, line in enumerate(before) if "pip" in line)


def test_every_option_of_the_samples_is_one_of_the_command() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "grader", "run", "--help"], capture_output=True, text=True, check=True
    ).stdout
    for path in SAMPLES.iterdir():
        for line in path.read_text().splitlines():
            if "grade --ci" in line:
                assert all(option in shown for option in re.findall(r"(?<= )--[a-z-]+", line))
