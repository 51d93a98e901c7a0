"""The course secret: what is taken for the published one, what is wrong with one, and how one is made."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path

import msgspec
import pytest

from grader.assignment import secret
from grader.assignment.rubric import Rubric
from grader.errors import GraderError, UsageError

GOOD = "oT3x-9fQ_2mZr8LkVwYb7dHs"


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("published default: replace me for a real course", True),
        ("published default", True),
        ("Published  Default: Replace me for a real course", True),
        ('"published default: replace me for a real course"', True),
        ('secret = "published default: replace me for a real course"', True),
        ("my own: published default: replace me for a real course", True),
        ("published\ndefault", True),
        (GOOD, False),
        ("default", False),
        ("a published text, and by default a long one", False),
        ("", False),
    ],
)
def test_what_is_the_published_secret_or_a_copy(ps3: Rubric, text: str, published: bool):
    assert secret.is_published(text) is published
    assert msgspec.structs.replace(ps3, secret=text).has_published_secret is published


def test_that_of_the_repository_is_the_published_one(ps3: Rubric):
    assert ps3.has_published_secret
    (remark,) = ps3.secret_remarks
    assert remark.startswith("ps3.toml has the published secret")
    assert ps3.secret not in remark


@pytest.mark.parametrize(
    ("content", "mode", "words"),
    [
        (GOOD, 0o600, []),
        (GOOD, 0o400, []),
        (GOOD, 0o644, ["can be read or changed by others", "0644", "chmod 600"]),
        (GOOD, 0o640, ["can be read or changed by others"]),
        (GOOD, 0o602, ["can be read or changed by others"]),
        ("short", 0o600, ["can be guessed", "5 characters", "grade secret new"]),
        ("nineteen characters", 0o600, ["can be guessed"]),
        ("a" * 60, 0o600, ["can be guessed", "1 of them different"]),
        ("1212121212121212121212", 0o600, ["can be guessed"]),
        ("published default: replace me for a real course", 0o600, ["published secret"]),
    ],
)
def test_what_is_wrong_with_one_that_can_be_used(tmp_path: Path, content: str, mode: int, words: list[str]):
    file = tmp_path / "secret"
    file.write_text(content + "\n")
    file.chmod(mode)
    said = secret.remarks(secret.read(file), tmp_path / "r.toml", file)
    assert len(said) == bool(words)
    assert all(word in said[0] and "\n" not in said[0] for word in words)
    assert not any(content in line for line in said)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "is not there"),
        (b"", "is empty"),
        (b" \n\t\r\n", "is empty"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"x" * (1 << 17), "larger than"),
    ],
)
def test_one_that_cannot_be_used(tmp_path: Path, content: bytes | None, words: str):
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ValueError, match=words) as caught:
        secret.read(file)
    assert "\n" not in str(caught.value)


def test_what_is_no_file(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    for file in (tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(ValueError, match="is no file"):
            secret.read(file)


@pytest.mark.parametrize("content", [GOOD, f"  {GOOD}\r\n\r\n", f"\ufeff{GOOD}\n"])
def test_blanks_and_marks_of_editors_are_not_part_of_it(tmp_path: Path, content: str):
    (tmp_path / "secret").write_bytes(content.encode())
    assert secret.read(tmp_path / "secret") == GOOD


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_a_new_one_is_for_its_owner_alone(tmp_path: Path, umask: int):
    before = os.umask(umask & ~0o700)  # the folder has to be one that can be entered
    try:
        line = secret.new(tmp_path / "own" / "folder" / 'a "name"')
    finally:
        os.umask(before)
    file = tmp_path / "own" / "folder" / 'a "name"'
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) & 0o077 == 0
    assert tomllib.loads(line) == {"secret_file": str(file)}
    assert secret.remarks(secret.read(file), tmp_path / "r.toml", file) == []


def test_no_two_are_the_same(tmp_path: Path):
    made = {tmp_path / str(n) for n in range(20)}
    for file in made:
        secret.new(file)
    assert len({secret.read(file) for file in made}) == 20


def test_in_the_home_folder_the_line_is_good_for_others_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert (
        secret.new(Path("~/.config/grade/course.secret")) == 'secret_file = "~/.config/grade/course.secret"'
    )
    assert (tmp_path / ".config/grade/course.secret").is_file()


@pytest.mark.parametrize("kind", ["file", "folder", "link", "dangling link"])
def test_what_is_there_is_never_written_over(tmp_path: Path, kind: str):
    place, target = tmp_path / "secret", tmp_path / "target"
    match kind:
        case "file":
            place.write_text("a secret that marks depend on")
        case "folder":
            place.mkdir()
        case "link":
            target.write_text("a secret that marks depend on")
            place.symlink_to(target)
        case "dangling link":
            place.symlink_to(target)
    before = {path: path.read_bytes() if path.is_file() else None for path in tmp_path.iterdir()}
    with pytest.raises(UsageError, match="is there already"):
        secret.new(place)
    assert before == {path: path.read_bytes() if path.is_file() else None for path in tmp_path.iterdir()}


@pytest.mark.parametrize("mark", [".git", ".git file", ".hg", ".jj", "closed"])
@pytest.mark.parametrize("below", ["", "rubrics/private"])
@pytest.mark.parametrize("way", ["straight", "dots", "link"])
def test_never_in_a_repository(tmp_path: Path, mark: str, below: str, way: str):
    repository = tmp_path / "course"
    (repository / below).mkdir(parents=True)
    if mark == ".git file":  # of a worktree or a submodule
        (repository / ".git").write_text("gitdir: ../elsewhere\n")
    elif mark != "closed":
        (repository / mark).mkdir()
    place = repository / below / "secret"
    if way == "dots":
        (tmp_path / "outside").mkdir()
        place = tmp_path / "outside" / ".." / "course" / below / "secret"
    elif way == "link":
        (tmp_path / "outside").symlink_to(repository / below)
        place = tmp_path / "outside" / "secret"
    with pytest.raises(UsageError, match="is inside the repository") as caught:
        secret.new(place, (repository,) if mark == "closed" else ())
    assert str(repository) in str(caught.value)
    assert not (repository / below / "secret").exists()


def test_a_place_that_cannot_be_written(tmp_path: Path):
    (tmp_path / "file").write_text("")
    (tmp_path / "circle").symlink_to("circle")
    for place in (
        tmp_path / "file" / "secret",
        Path("~nobody-of-that-name/secret"),
        tmp_path / "circle" / "x",
    ):
        with pytest.raises(GraderError, match=r"cannot be made|no place for a file"):
            secret.new(place)
