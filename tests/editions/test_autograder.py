"""The autograder for Gradescope: its zip, and what it does in a scratch root that is laid out like Gradescope's."""

from __future__ import annotations

import fcntl
import json
import os
import re
import runpy
import shutil
import stat
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from grader.editions import autograder, upload
from grader.errors import GraderError, RubricError, UsageError
from grader.grading import runner
from grader.grading.loading import load_assignment
from grader.grading.runner import Run
from grader.model import GradeReport, Host, Outcome
from tests.conftest import ROOT, SUBMISSIONS
from tests.export.export_samples import HOSTILE, forward, report, written
from tests.export.test_export_gradescope import read

SECRET = "three-otters-and-a-kettle"
HIDDEN = "observed 2.4519"
METADATA: dict[str, Any] = {
    "id": 7,
    "created_at": "2026-03-14T10:00:00.365935-07:00",
    "assignment": {"due_date": "2026-03-13T23:59:59.000000-07:00", "title": "Problem Set 3"},
    "users": [{"email": "ann@example.org", "id": 1234, "name": "Ann O'Neil", "sid": "99"}],
}


def with_rubric(folder: Path, name: str = "own rubric.toml", secret_file: str = "../../secret.txt") -> Path:
    """A copy of the rubric, in a course's own folder, that names a secret's file; the secret lies beside both."""
    (folder / "secret.txt").write_text(f"{SECRET}\n")
    (folder / "secret.txt").chmod(0o600)
    path = folder / "course" / "rubrics" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = (ROOT / "rubrics" / "ps3.toml").read_text()
    path.write_text(re.sub(r"^secret = .*$", f"secret_file = '{secret_file}'", text, flags=re.MULTILINE))
    return path


def built(out: Path, rubric: Rubric, reference: Reference, **options: Any) -> dict[str, bytes]:
    autograder.build(rubric, reference, out, **options)
    with zipfile.ZipFile(out) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# ---- the zip


def test_it_holds_the_scripts_the_sources_the_rubric_and_the_answers(
    tmp_path: Path, ps3: Rubric, reference: Reference
) -> None:
    files = built(tmp_path / "a.zip", ps3, reference)
    tops = {name.partition("/")[0] for name in files}
    assert tops == {
        "setup.sh",
        "run_autograder",
        "pyproject.toml",
        "README.md",
        "constraints.txt",
        "grader",
        "reference",
        "rubrics",
    }
    assert [name for name in files if name.startswith("rubrics/")] == ["rubrics/ps3.toml"]
    for name in ("grader/cli.py", "grader/written/grammar.lark", "grader/report/templates/report.html.j2"):
        assert files[name] == (ROOT / name).read_bytes()
    for name in (
        "constraints.txt",
        "rubrics/ps3.toml",
        "reference/ps3/solution.py",
        "reference/ps3/expected.npz",
    ):
        assert files[name] == (ROOT / name).read_bytes()
    assert not [name for name in files if "__pycache__" in name or "/." in name or name.startswith("/")]


def test_the_scripts_can_be_executed_and_nothing_else(
    tmp_path: Path, ps3: Rubric, reference: Reference
) -> None:
    autograder.build(ps3, reference, tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
    assert {name for name, mode in modes.items() if mode & 0o111} == {"setup.sh", "run_autograder"}
    assert all(stat.S_ISREG(mode) for mode in modes.values())


@pytest.mark.slow
def test_the_same_files_make_the_same_bytes(tmp_path: Path, ps3: Rubric, reference: Reference) -> None:
    autograder.build(ps3, reference, tmp_path / "a.zip")
    autograder.build(ps3, reference, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "b.zip"]


@pytest.mark.slow
def test_the_secret_travels_as_a_file_and_the_rubric_in_the_course_stays(tmp_path: Path) -> None:
    path = with_rubric(tmp_path)
    before = path.read_bytes()
    rubric, reference = load_assignment(path)
    files = built(tmp_path / "a.zip", rubric, reference)
    assert path.read_bytes() == before
    assert files["secret"] == f"{SECRET}\n".encode()
    assert [name for name, content in files.items() if SECRET.encode() in content] == ["secret"]
    told, kept = (tomllib.loads(text.decode()) for text in (files["rubrics/own rubric.toml"], before))
    assert told.pop("secret_file") == "../secret"
    assert kept.pop("secret_file") == "../../secret.txt"
    assert told == kept
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        archive.extractall(tmp_path / "source")
    moved, _ = load_assignment(tmp_path / "source" / "rubrics" / "own rubric.toml")
    assert (moved.secret, moved.asking) == (SECRET, rubric.asking)
    (said,) = autograder.remarks(rubric)
    assert "../../secret.txt is in the zip" in said
    assert SECRET not in said


def test_a_secret_file_that_is_not_on_a_line_of_its_own(tmp_path: Path) -> None:
    path = with_rubric(tmp_path)
    path.write_text(
        path.read_text().replace("secret_file = '", "secret_file = '''\\\n").replace("txt'", "txt'''")
    )
    text = path.read_text().replace("'''\\\n", "'''\n", 1)
    path.write_text(text)
    rubric, reference = load_assignment(path)
    with pytest.raises(RubricError, match="secret_file: found what cannot be copied"):
        autograder.build(rubric, reference, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


def test_the_published_secret_is_warned_of(ps3: Rubric) -> None:
    (said,) = autograder.remarks(ps3)
    assert said.startswith("warning: ps3.toml has the published secret")
    assert ps3.secret not in said


@pytest.mark.slow
def test_options_are_in_the_scripts(tmp_path: Path, ps3: Rubric, reference: Reference) -> None:
    files = built(tmp_path / "a.zip", ps3, reference)
    assert b"--visibility visible" in files["run_autograder"]
    assert b"data fetch" not in files["setup.sh"]
    files = built(tmp_path / "a.zip", ps3, reference, visibility="after_due_date", mnist=True)
    assert b"--visibility after_due_date" in files["run_autograder"]
    assert b"data fetch mnist\n" in files["setup.sh"]


def test_the_scripts_want_the_python_that_the_package_wants(
    tmp_path: Path, ps3: Rubric, reference: Reference
) -> None:
    files = built(tmp_path / "a.zip", ps3, reference)
    wanted = tomllib.loads(files["pyproject.toml"].decode())["project"]["requires-python"]
    assert wanted == ">=3.11"
    assert b"wanted 3.11 or later" in files["setup.sh"]
    for name in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n"], input=files[name], check=True)


def test_a_zip_that_cannot_be_written(tmp_path: Path, ps3: Rubric, reference: Reference) -> None:
    with pytest.raises(GraderError, match="cannot be written"):
        autograder.build(ps3, reference, tmp_path / "no" / "a.zip")


def test_an_old_python_is_one_line(tmp_path: Path, ps3: Rubric, reference: Reference) -> None:
    (tmp_path / "setup.sh").write_bytes(built(tmp_path / "a.zip", ps3, reference)["setup.sh"])
    python = tmp_path / "bin" / "python3"
    python.parent.mkdir()
    python.write_text(
        '#!/bin/sh\ncase "$*" in *version_info*) exit 1;; --version) echo Python 3.10.12;; esac\nexit 0\n'
    )
    python.chmod(0o755)
    (python.parent / "bwrap").symlink_to("/bin/true")
    environ = {"PATH": f"{python.parent}:/usr/bin:/bin", "AUTOGRADER_ROOT": str(tmp_path)}
    command = ["bash", str(tmp_path / "setup.sh")]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        "setup.sh: found Python 3.10.12, wanted 3.11 or later: choose the Ubuntu 24.04 image\n"
    )
    assert not (tmp_path / "venv").exists()


# ---- one upload


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("submission", "results"):
        (tmp_path / name).mkdir()
    (tmp_path / "submission_metadata.json").write_text(json.dumps(METADATA))
    return tmp_path


def test_who_handed_in_and_when(root: Path) -> None:
    found = upload.read_metadata(root / "submission_metadata.json")
    assert (found.person.name, found.person.email) == ("Ann O'Neil", "ann@example.org")
    assert (found.person.number, found.person.course_id) == ("99", "1234")
    assert found.submitted == METADATA["created_at"]
    assert found.due == ""


@pytest.mark.parametrize(
    "due", ["2026-03-13T23:59:59.000000-07:00", "2026-03-20T23:59:59-07:00", "soon", None, 7]
)
def test_only_a_due_time_that_is_the_students_own_counts(root: Path, due: Any) -> None:
    user = {**METADATA["users"][0], "assignment": {"due_date": due}}
    path = root / "submission_metadata.json"
    path.write_text(json.dumps({**METADATA, "users": [user]}))
    assert upload.read_metadata(path).due == (due if due == "2026-03-20T23:59:59-07:00" else "")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"null",
        b'{"users": {}}',
        b'{"users": [7], "created_at": {}}',
        b'{"users": [{"name": [1]}], "created_at": "2026-03-14"}',
        b"[" * 100_000,
        b" " * 2_000_000 + b"{}",
    ],
)
def test_metadata_that_says_nothing(root: Path, content: bytes) -> None:
    path = root / "submission_metadata.json"
    path.write_bytes(content)
    assert upload.read_metadata(path) == upload.Uploader()
    path.unlink()
    assert upload.read_metadata(path) == upload.Uploader()


@pytest.mark.parametrize(
    ("before", "nonce"),
    [
        (None, "1"),
        ([], "1"),
        ([{"score": "3"}], "2"),
        ([{}, None, 7], "4"),
        ([{"results": {"output": "x" * 100_000}}] * 40, "41"),
        ("many", "1"),
        ({"1": {}}, "1"),
        (7, "1"),
    ],
)
def test_whoever_uploads_again_is_judged_on_other_inputs(
    root: Path, on_digits: Run, before: object, nonce: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "submission_metadata.json").write_text(json.dumps({**METADATA, "previous_submissions": before}))
    ran: list[Run] = []

    def grade(submission: object, run: Run) -> GradeReport:
        ran.append(run)
        return report("ann", forward("4", Outcome.PASSED))

    monkeypatch.setattr(runner, "grade", grade)
    upload.run(root, on_digits, "visible")
    assert ran[0].rubric.nonce == nonce
    assert (ran[0].rubric.key == on_digits.rubric.key) is (nonce == "1")


@pytest.mark.parametrize("name", ["../../etc", HOSTILE, "\ud800", ".", "a/b\0c", ""])
def test_a_name_becomes_a_harmless_id(root: Path, name: str, on_digits: Run) -> None:
    path = root / "submission_metadata.json"
    path.write_text(json.dumps({"users": [{"name": name}]}))
    one = upload.find(root / "submission", upload.read_metadata(path), on_digits)
    assert re.fullmatch(r"[\w.-]+", one.id)
    assert not one.id.startswith(".")


def found(root: Path, settings: Run):
    return upload.find(root / "submission", upload.Uploader(), settings)


def test_files_an_archive_and_a_folder_are_all_one_hand_in(root: Path, on_digits: Run) -> None:
    upload = root / "submission"
    (upload / "hw3").mkdir()
    shutil.copy(SUBMISSIONS / "alice" / "mlp.py", upload / "hw3" / "mlp.py")
    assert found(root, on_digits).module == "mlp.py"
    with zipfile.ZipFile(upload / "hw.zip", "w") as archive:
        archive.write(upload / "hw3" / "mlp.py", "work/mlp.py")
    shutil.rmtree(upload / "hw3")
    assert "hw.zip/work/mlp.py was graded as mlp.py" in found(root, on_digits).notes
    shutil.copy(SUBMISSIONS / "alice" / "mlp.py", upload / "MLP (1).py")
    assert found(root, on_digits).module == "MLP (1).py"


def test_an_upload_is_never_a_class(root: Path, on_digits: Run) -> None:
    """A student's own list of whose hand-ins these are is a file like any other."""
    for name, source in (("submission_1", "no_decay"), ("submission_2", "zero_loss")):
        shutil.copytree(SUBMISSIONS / source, root / "submission" / name)
    listed = ":submission_1:\n  :submitters:\n  - :name: Eve\n"
    (root / "submission" / "submission_metadata.yml").write_text(listed)
    one = found(root, on_digits)
    assert (one.module, one.person.name) == (None, "")
    assert "several files may be meant as mlp.py: submission_1/mlp.py, submission_2/mlp.py" in one.problem


def test_an_upload_that_is_not_there(tmp_path: Path, on_digits: Run) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        found(tmp_path, on_digits)


def graded_as(monkeypatch: pytest.MonkeyPatch, outcome: Outcome) -> None:
    one = forward("0", outcome, hidden=True, detail=f"seed 90210: {HIDDEN}")
    whole = report("ann", written(), one, host=Host("B", {}, {}, errors={"loss": f"Traceback: {HIDDEN}"}))
    monkeypatch.setattr(runner, "grade", lambda submission, run: whole)


def test_a_fault_of_the_grader_leaves_no_score(
    root: Path, on_digits: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "results" / "results.json").write_text("of an earlier run")
    upload.clear(root)
    graded_as(monkeypatch, Outcome.ERROR)
    with pytest.raises(GraderError, match="the grader failed in loss; no score is given") as caught:
        upload.run(root, on_digits, "visible")
    assert HIDDEN not in str(caught.value)
    assert caught.value.exit_code == 3
    assert list((root / "results").iterdir()) == []


def test_a_fault_outside_any_check_is_one_line_without_what_was_at_hand() -> None:
    def fail() -> None:
        raise KeyError(HIDDEN)

    with (
        pytest.raises(GraderError, match=r"KeyError in test_autograder\.py, line \d+") as caught,
        upload.discreet(),
    ):
        fail()
    assert HIDDEN not in str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


def test_a_result_is_written_whole_and_for_students(
    root: Path, on_digits: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    graded_as(monkeypatch, Outcome.FAILED)
    path = upload.run(root, on_digits, "after_published")
    assert [path] == list((root / "results").iterdir())
    content = path.read_bytes()
    assert HIDDEN.encode() not in content
    assert read(content)["visibility"] == "after_published"


def test_being_late_is_reckoned_by_gradescopes_time_and_the_students_own_due(
    root: Path, on_digits: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = report("ann", forward("4", Outcome.PASSED))
    monkeypatch.setattr(runner, "grade", lambda submission, run: whole)
    late = "late.due = 2026-03-13T23:59:59-07:00\nlate.points_per_day = 1\n[limits]"
    path = with_rubric(root)
    path.write_text(path.read_text().replace("[limits]", late, 1))
    settings = replace(on_digits, rubric=load_assignment(path)[0])
    assert read(upload.run(root, settings, "visible").read_bytes())["score"] == 3
    user = {**METADATA["users"][0], "assignment": {"due_date": "2026-03-20T23:59:59-07:00"}}
    (root / "submission_metadata.json").write_text(json.dumps({**METADATA, "users": [user]}))
    assert read(upload.run(root, settings, "visible").read_bytes())["score"] == 4


# ---- the real thing

HOSTILE_ATTACK = '''
import os


def attack():
    """What of the autograder can be read, listed or written."""
    root, got = {root!r}, []
    for folder, folders, names in os.walk(root):
        got += [os.path.join(folder, name) for name in (*folders, *names) if "venv" not in folder]
    wanted = {wanted!r}
    for name in wanted:
        try:
            with open(os.path.join(root, name), "rb") as file:
                if file.read(1):
                    got.append("read " + name)
        except OSError:
            pass
    for name in ("", "source", "source/rubrics", "results", "submission", "cache"):
        try:
            got += ["listed " + os.path.join(name, inner) for inner in os.listdir(os.path.join(root, name))]
        except OSError:
            pass
    for name in ("results/results.json", "results/x", "source/rubrics/x", "submission/x", "venv/x", "cache/x"):
        try:
            with open(os.path.join(root, name), "w") as file:
                file.write('{{"score": 80, "tests": []}}')
            got.append("wrote " + name)
        except OSError:
            pass
    return [one for one in got if not one.endswith("venv")]


if got := attack():
    raise RuntimeError("WENT THROUGH: " + "; ".join(got[:20]))
'''
WANTED = [
    "source/rubrics/own rubric.toml",
    "source/secret",
    "source/setup.sh",
    "source/reference/ps3/solution.py",
    "source/reference/ps3/expected.toml",
    "source/grader/grading/runner.py",
    "submission_metadata.json",
    "submission/mlp.py",
    "results/results.json",
    "run_autograder",
]


@dataclass(frozen=True)
class Container:
    """A root as Gradescope's, with the autograder set up."""

    root: Path
    said: str
    """What setting up printed."""
    environ: dict[str, str]

    def run(self, upload: Callable[[Path], object], path: str = "") -> subprocess.CompletedProcess[str]:
        """Run the autograder on what `upload` puts into the folder of the submission."""
        for name in ("submission", "results"):
            shutil.rmtree(self.root / name, ignore_errors=True)
            (self.root / name).mkdir()
        upload(self.root / "submission")
        environ = self.environ | ({"PATH": path} if path else {})
        return self._run("run_autograder", environ)

    def result(self) -> dict[str, Any]:
        assert [path.name for path in (self.root / "results").iterdir()] == ["results.json"]
        return read((self.root / "results" / "results.json").read_bytes())

    def _run(self, name: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
        command = [str(self.root / name)]
        return subprocess.run(
            command, cwd=self.root, env=environ, capture_output=True, text=True, check=False, timeout=900
        )


@pytest.fixture
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    """Set up once for all processes that run tests, as that takes a minute; one at a time has it."""
    beside = tmp_path_factory.getbasetemp()
    folder = (beside.parent if "PYTEST_XDIST_WORKER" in os.environ else beside) / "gradescope"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield set_up(folder)


def set_up(folder: Path) -> Container:
    """Built from a course's own rubric and secret, on digits: set up as Gradescope does it."""
    root, said = folder / "autograder", folder / "said"
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GRADE", "PYTHON", "VIRTUAL_ENV"))}
    # A handful of runs does not need all that pip installs compiled, which takes longer than the rest of it.
    environ = {**kept, "AUTOGRADER_ROOT": str(root), "HOME": str(folder), "PIP_COMPILE": "0"}
    if said.exists():
        return Container(root, said.read_text(), environ)
    (root / "source").mkdir(parents=True)
    rubric, reference = load_assignment(with_rubric(folder))
    autograder.build(rubric, reference, folder / "a.zip")
    subprocess.run(
        [sys.executable, "-m", "zipfile", "-e", str(folder / "a.zip"), str(root / "source")], check=True
    )
    (root / "submission_metadata.json").write_text(json.dumps(METADATA))
    with zipfile.ZipFile(folder / "a.zip") as archive:
        for info in archive.infolist():
            (root / "source" / info.filename).chmod(info.external_attr >> 16 & 0o777)
    done = subprocess.run(
        [str(root / "source" / "setup.sh")],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    assert done.returncode == 0, done.stderr
    shutil.copy2(root / "source" / "run_autograder", root / "run_autograder")
    said.write_text(done.stdout + done.stderr)
    return Container(root, said.read_text(), environ)


def copied(name: str) -> Callable[[Path], object]:
    return lambda upload: shutil.copytree(SUBMISSIONS / name, upload, dirs_exist_ok=True)


def silent(done: subprocess.CompletedProcess[str]) -> None:
    """Nothing is printed but where the result is, and that MNIST is not there."""
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("results/results.json")
    assert SECRET not in done.stdout + done.stderr
    assert len(done.stderr.splitlines()) <= 1


@pytest.mark.slow
def test_setting_up_shows_what_holds(container: Container) -> None:
    assert "read solution.py of the answers" in container.said
    assert SECRET not in container.said
    assert (container.root / "source").stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_files_of_a_right_hand_in(container: Container) -> None:
    silent(container.run(copied("alice")))
    found = container.result()
    assert found["score"] == 70
    assert found["extra_data"]["open"] == "10"
    assert found["extra_data"]["submission"] == "Ann_O_Neil"
    assert found["extra_data"]["provisional"] is True
    assert found["stdout_visibility"] == "hidden"


@pytest.mark.slow
def test_an_archive_of_a_wrong_hand_in(container: Container) -> None:
    def upload(folder: Path) -> None:
        shutil.make_archive(str(folder / "ps3"), "zip", SUBMISSIONS, "factor_half_forgotten")

    silent(container.run(upload))
    found = container.result()
    scores = {test["number"]: test["score"] for test in found["tests"] if "score" in test}
    assert scores == {"2.1": 3, "2.2": 10, "2.3": 5, "2.4": 5}
    assert found["score"] == 23
    (wrong,) = (test["output"] for test in found["tests"] if test.get("number") == "2.1")
    assert "**Diagnosis:** The penalty is twice as large as it should be" in wrong


@pytest.mark.slow
def test_nothing_handed_in(container: Container) -> None:
    silent(container.run(lambda folder: None))
    found = container.result()
    assert found["score"] == 0
    assert found["extra_data"]["open"] == "55"


@pytest.mark.slow
@pytest.mark.parametrize("tier", ["A", "B"])
def test_a_hostile_hand_in_reaches_nothing_of_the_autograder(
    container: Container, tier: str, tmp_path: Path
) -> None:
    """Its attack fails altogether, so that it gets what its code is worth; and it is an attack: outside, it works."""
    attack = HOSTILE_ATTACK.format(root=str(container.root), wanted=WANTED)
    path = container.environ["PATH"]
    if tier == "A" and shutil.which("bwrap", path=path) is None:
        pytest.skip("bubblewrap is not installed")
    if tier == "B":
        (tmp_path / "bash").symlink_to(str(shutil.which("bash")))
        path = str(tmp_path)

    def upload(folder: Path) -> None:
        text = (SUBMISSIONS / "factor_half_forgotten" / "mlp.py").read_text()
        (folder / "mlp.py").write_text(f"{attack}\n\n{text}")

    silent(container.run(upload, path))
    assert "WENT THROUGH" not in (container.root / "results" / "results.json").read_text()
    assert container.result()["score"] == 23
    rubric = container.root / "source" / "rubrics" / "own rubric.toml"
    doctor = [str(container.root / "venv" / "bin" / "grade"), "doctor", "--rubric", str(rubric)]
    environ = container.environ | {"PATH": path}
    shown = subprocess.run(doctor, env=environ, capture_output=True, text=True, check=False).stdout
    assert f"Hand-ins run in tier {tier}." in shown.splitlines()
    (tmp_path / "attack.py").write_text(attack)
    with pytest.raises(RuntimeError, match="WENT THROUGH: ") as caught:
        runpy.run_path(str(tmp_path / "attack.py"))
    assert str(container.root) in str(caught.value)
    for left in ("source/rubrics/x", "submission/x", "venv/x", "cache/x", "results/x"):
        (container.root / left).unlink(missing_ok=True)


@pytest.mark.slow
def test_a_grader_that_fails_gives_no_score(container: Container) -> None:
    """Its answers are damaged: nobody gets marks of it."""
    expected = container.root / "source" / "reference" / "ps3" / "expected.npz"
    before = expected.read_bytes()
    expected.write_bytes(b"")
    try:
        done = container.run(copied("factor_half_forgotten"))
    finally:
        expected.write_bytes(before)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert "no score is given" in done.stderr
    assert list((container.root / "results").iterdir()) == []
    assert done.stdout == ""
