"""Exports of Gradescope, Moodle and GitHub Classroom."""

from __future__ import annotations

import os
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.handin.intake.commits import last_commit
from grader.handin.submission import Submission
from grader.model import Person
from tests.handin.intake.making import CODE, NOTEBOOK, content, found_in, write, zipped
from tests.hangs import no_hang

# ---- Gradescope ------------------------------------------------------------------------------------

METADATA = """---
submission_11:
  :submitters:
  - :name: Jane Doe
    :sid: '00123'
    :email: jane@example.org
  :created_at: 2026-03-01 22:58:59.123456000 Z
  :score: 0.0
  :results: &1
    tests: []
submission_12:
  :submitters:
  - :name: Rick Roe
    :sid: 00124
    :email: rick@example.org
  - :name: Li Zhao
    :sid: '125'
    :email: li@example.org
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2026-03-02 01:00:00.000000000 Z
    zone: !ruby/object:ActiveSupport::TimeZone
      name: Etc/UTC
    time: 2026-03-02 01:00:00.000000000 Z
  :results: *1
submission_13:
  :submitters:
  - :name: Jane Doe
    :sid: '00999'
  :created_at: yesterday
"""


def gradescope(folder: Path, metadata: str = METADATA) -> Path:
    write(folder, "submission_11/mlp.py", "submission_12/hw/mlp.py", "other/mlp.py")
    write(folder, "submission_metadata.yml", text=metadata)
    return folder


@pytest.mark.parametrize("as_zip", [False, True])
def test_a_gradescope_export(tmp_path: Path, as_zip: bool):
    path = gradescope(tmp_path / "assignment_1_export")
    if as_zip:
        files = {f"export/{p.relative_to(path)}": p.read_text() for p in path.rglob("*") if p.is_file()}
        path = zipped(tmp_path / "export.zip", files)
    jane, rick, other_jane, other = sorted(
        found_in(tmp_path / "w", path), key=lambda one: (one.person.number or "9", one.id)
    )
    assert (jane.id, jane.module, jane.submitted) == ("Jane_Doe_00123", "mlp.py", "2026-03-01T22:58:59+00:00")
    assert jane.person == Person(name="Jane Doe", number="00123", email="jane@example.org")
    assert (rick.id, rick.module, rick.submitted) == ("Rick_Roe_00124", "mlp.py", "2026-03-02T01:00:00+00:00")
    assert rick.notes[0] == "handed in by a group: Rick Roe, Li Zhao"
    assert jane.origin == rick.origin == other_jane.origin == "Gradescope export"
    assert (other_jane.id, other_jane.submitted) == ("Jane_Doe_00999", "")
    assert "submission_13" in other_jane.problem
    assert (other.id, other.person) == ("other", Person())


BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 40))
MERGES = "a0: &a0 {k: v}\n" + "".join(f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}]}}\n" for i in range(1, 40))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1, 2]",
        "just text",
        "a: b",
        "submission_1: text",
        "{",
        "[" * 100_000,
        "a: " * 10,
        "- " * 5_000,
        "? " * 5_000,
        "submission_1: !!python/object/apply:os.system [false]",
        'submission_11: &a {":submitters": &b [*b, *a]}',
        "\0",
        BOMB,
    ],
)
def test_a_list_that_cannot_be_read_is_named(tmp_path: Path, text: str):
    with no_hang(), pytest.raises(UsageError, match=r"submission_metadata\.yml: cannot be read"):
        found_in(tmp_path / "w", gradescope(tmp_path / "x", text))


@pytest.mark.parametrize(
    "extra",
    [
        BOMB,
        MERGES,
        'submission_11: {":submitters": {a: b}, ":created_at": 2026-13-45 99:99:99 Z}\n',
        'submission_11: {":submitters": [{":name": [x], ":sid": {}, ":email": !!binary aGk=}]}\n',
        'submission_11: {":created_at": 99999999999999999999-01-01}\nsubmission_../../x: {}\n',
        "d: !!python/object/apply:os.system ['false']\nsubmission_11: {}\n",
    ],
)
def test_a_list_made_to_do_harm_does_none(tmp_path: Path, extra: str):
    text = extra if "submission_11" in extra else extra + "submission_11: {}\n"
    with no_hang():
        found = found_in(tmp_path / "w", gradescope(tmp_path / "x", text))
    assert [one.module for one in found] == ["mlp.py"] * 3
    assert not any(one.submitted for one in found)


def test_folders_named_like_gradescopes_are_a_class_without_the_list(tmp_path: Path):
    write(tmp_path / "x", "submission_11/mlp.py", "submission_12/mlp.py")
    assert [one.origin for one in found_in(tmp_path / "w", tmp_path / "x")] == ["", ""]
    write(tmp_path / "a", "mlp.py", "submission_metadata.yml")
    assert [one.id for one in found_in(tmp_path / "w", tmp_path / "a")] == ["a"]


# ---- Moodle ----------------------------------------------------------------------------------------

FOLDERS = [
    "Jane Doe_4001_assignsubmission_file_/mlp.py",
    "Jane Doe_4002_assignsubmission_file/ps3.ipynb",
    "Jane Doe_4001_assignsubmission_onlinetext_/onlinetext.html",
    "Rick van der Roe_4003_assignsubmission_onlinetext/onlinetext.html",
    "Zoë O'Neill_4004_assignsubmission_file_/hw/mlp.py",
]


@pytest.mark.parametrize("as_zip", [False, True])
def test_a_moodle_download(tmp_path: Path, as_zip: bool):
    path = write(tmp_path / "ps3", *FOLDERS)
    if as_zip:
        path = zipped(tmp_path / "ps3.zip", dict.fromkeys(FOLDERS, CODE))
    jane, other_jane, rick, zoe = found_in(tmp_path / "w", path)
    assert [one.id for one in (jane, other_jane, rick)] == [
        "Jane_Doe_4001",
        "Jane_Doe_4002",
        "Rick_van_der_Roe_4003",
    ]
    assert (jane.person, jane.module) == (Person(name="Jane Doe", course_id="4001"), "mlp.py")
    assert jane.notes == ("a text typed into Moodle was not read",)
    assert (other_jane.notebook, other_jane.notes) == ("ps3.ipynb", ())
    assert rick.module is None
    assert "onlinetext.html" in rick.problem
    assert (zoe.person.name, zoe.module, zoe.origin) == ("Zoë O'Neill", "mlp.py", "Moodle download")


def test_others_beside_a_moodle_download(tmp_path: Path):
    write(tmp_path / "ps3", *FOLDERS, "bob/mlp.py", "Jane_Doe_4001/mlp.py")
    zipped(tmp_path / "ps3/carl.zip", {"mlp.py": CODE})
    found = found_in(tmp_path / "w", tmp_path / "ps3")
    assert [one.id for one in found[4:]] == ["Jane_Doe_4001-2", "bob", "carl"]
    assert len({one.id for one in found}) == 7


@pytest.mark.parametrize("name", ["a_assignsubmission_file_", "a_12_assignsubmission_files", "a_12_file_"])
def test_other_folders_are_a_class(tmp_path: Path, name: str):
    write(tmp_path / "x", f"{name}/mlp.py", "bob/mlp.py")
    assert {one.origin for one in found_in(tmp_path / "w", tmp_path / "x")} == {""}


# ---- GitHub Classroom ------------------------------------------------------------------------------

git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git to make clones")
AT = "2026-03-01T12:00:00+05:30"


def run_git(folder: Path, *args: str, at: str = AT) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        **{
            f"GIT_{who}_{what}": "x@example.org"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        },
        "GIT_AUTHOR_DATE": "2001-01-01T00:00:00Z",
        "GIT_COMMITTER_DATE": at,
    }
    done = subprocess.run(
        ["git", *args], cwd=folder, env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def repository(folder: Path, *commits: str) -> Path:
    write(folder, "mlp.py")
    run_git(folder, "init", "-q", "-b", "main")
    run_git(folder, "add", "mlp.py")
    for at in commits:
        run_git(folder, "commit", "-q", "--allow-empty", "-m", "committer Eve <e> 1 +0000", at=at)
    return folder


def clones(folder: Path, *names: str) -> Path:
    write(folder, *(f"{name}/mlp.py" for name in names), *(f"{name}/.git/HEAD" for name in names))
    return folder


@git
def test_clones_of_a_classroom(tmp_path: Path):
    repository(tmp_path / "upstream", "2026-01-01T00:00:00Z", AT)
    folder = tmp_path / "ps3-submissions"
    folder.mkdir()
    for name in ("ps3-ann-lee", "ps3-ann-roe"):
        run_git(tmp_path, "clone", "-q", "upstream", str(folder / name), at="2030-01-01T00:00:00Z")
    lee, roe = found_in(tmp_path / "w", folder)
    assert (lee.id, lee.person, lee.submitted) == ("ann-lee", Person(login="ann-lee"), AT)
    assert (roe.id, roe.module, roe.origin) == ("ann-roe", "mlp.py", "GitHub Classroom")


@pytest.mark.parametrize(
    ("around", "names", "ids"),
    [
        ("x", ["ps3-ann", "ps3-bob-b"], ["ann", "bob-b"]),
        ("x", ["ps3-mlp-ann", "ps3-mlp-bob"], ["ann", "bob"]),
        ("ps3-submissions", ["ps3-ann"], ["ann"]),
        ("ps3", ["ps3-lab-ann", "ps3-lab-bob"], ["lab-ann", "lab-bob"]),
    ],
)
def test_the_common_beginning_is_taken_off(tmp_path: Path, around: str, names: list[str], ids: list[str]):
    found = found_in(tmp_path / "w", clones(tmp_path / around, *names))
    if len(names) > 1:
        assert [one.id for one in found] == ids
        assert {one.submitted for one in found} == {""}


def test_it_stays_where_not_all_are_clones_or_share_it(tmp_path: Path):
    write(clones(tmp_path / "x", "ps3-ann", "ps3-bob"), "ps3-carl/mlp.py")
    assert [one.id for one in found_in(tmp_path / "w", tmp_path / "x")] == ["ps3-ann", "ps3-bob", "ps3-carl"]
    assert [one.id for one in found_in(tmp_path / "w", clones(tmp_path / "y", "ps3-ann", "bob"))] == [
        "bob",
        "ps3-ann",
    ]


@git
@pytest.mark.parametrize("how", ["loose", "packed", "packed refs", "detached"])
def test_the_time_of_the_last_commit(tmp_path: Path, how: str):
    clone = repository(tmp_path / "a", *(f"2026-01-01T00:00:{s:02}Z" for s in range(12)), AT)
    if how == "packed":
        run_git(clone, "gc", "-q")
        assert not list(clone.glob(".git/objects/??/*"))
    if how == "packed refs":
        run_git(clone, "pack-refs", "--all")
    if how == "detached":
        run_git(clone, "checkout", "-q", "--detach")
    assert last_commit(clone) == AT


@git
def test_a_clone_is_read_and_never_run(tmp_path: Path):
    clone = repository(tmp_path / "a", AT)
    trap = f"sh -c 'touch {tmp_path}/ran'"
    with (clone / ".git/config").open("a") as file:
        file.write(
            f'[core]\nfsmonitor = "{trap}"\nsshCommand = "{trap}"\npager = "{trap}"\n[alias]\nlog = "!{trap}"\n'
        )
    for hook in ("post-checkout", "reference-transaction"):
        (clone / ".git/hooks" / hook).write_text(f"#!/bin/sh\n{trap}\n")
        (clone / ".git/hooks" / hook).chmod(0o755)
    assert last_commit(clone) == AT
    assert not (tmp_path / "ran").exists()


def loose(clone: Path, text: bytes, sha: str = "ab" * 20) -> Path:
    write(clone, ".git/HEAD", text=sha + "\n")
    (clone / ".git/objects" / sha[:2]).mkdir(parents=True, exist_ok=True)
    (clone / ".git/objects" / sha[:2] / sha[2:]).write_bytes(zlib.compress(text))
    return clone


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"tree 5\0hello",
        b"commit 9\0committer",
        b"commit 9\0committer A <a> 99999999999 +0000",
        b"commit 9\0committer A <a> 999999999999 +0000",
        b"commit 9\0committer A <a> 1 +9999",
        b"commit 9\0\n\ncommitter A <a> 1 +0000",
        b"commit 9\0" + b"x" * 10_000_000 + b"\ncommitter A <a> 1 +0000",
    ],
)
def test_odd_commits_have_no_time_or_one_that_can_be_read(tmp_path: Path, text: bytes):
    found = last_commit(loose(tmp_path / "a", text))
    assert found == "" or found.startswith("5138-")


@pytest.mark.parametrize(
    "head",
    ["ref: refs/../../../x", "ref: refs//x", "ref: /etc/passwd", "", "x" * 100_000, "ref: refs/heads/none"],
)
def test_odd_heads_have_no_time(tmp_path: Path, head: str):
    write(tmp_path / "a", ".git/HEAD", text=head)
    assert last_commit(tmp_path / "a") == ""


@git
@pytest.mark.parametrize("link", [".git", ".git/objects", ".git/refs/heads/main", ".git/HEAD"])
def test_links_in_a_clone_are_not_followed(tmp_path: Path, link: str):
    repository(tmp_path / "real", AT)
    shutil.copytree(tmp_path / "real", tmp_path / "a")
    path = tmp_path / "a" / link
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    path.symlink_to(tmp_path / "real" / link)
    assert last_commit(tmp_path / "a") == ""


@git
def test_damaged_packs_have_no_time(tmp_path: Path):
    clone = repository(tmp_path / "a", "2026-01-01T00:00:00Z", AT)
    run_git(clone, "gc", "-q")
    for path in clone.glob(".git/objects/pack/*"):
        data = path.read_bytes()
        path.chmod(0o644)
        for i in range(0, len(data), 23):
            path.write_bytes(data[:i] + bytes([data[i] ^ 0xFF]) + data[i + 1 :])
            last_commit(clone)
            path.write_bytes(data[:i])
            last_commit(clone)
        path.write_bytes(data)
    assert last_commit(clone) == AT


def test_equal_input_gives_equal_output(tmp_path: Path):
    files = {"b_2_8_mlp.py": CODE, "a_1_7_mlp.py": CODE, "a_1_9_ps3.ipynb": NOTEBOOK}
    path = zipped(tmp_path / "s.zip", files)

    def seen() -> list[tuple[object, ...]]:
        def plain(one: Submission) -> tuple[object, ...]:
            return one.id, one.module, one.notebook, one.notes, one.problem, one.person, content(one).keys()

        return [plain(one) for one in found_in(tmp_path / "w", path)]

    assert seen() == seen()
