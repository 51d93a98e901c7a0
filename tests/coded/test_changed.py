"""A process that stays, as a cluster's do, judges by the files that are there, and not by those that were."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.grading.loading import load_assignment
from tests.coded.making import CHECKS, MISTAKES, assignment


@contextmanager
def same_time(path: Path) -> Iterator[None]:
    """What is written in here bears the time of what was there, as of two writes in one second."""
    then = path.stat()
    yield
    os.utime(path, ns=(then.st_atime_ns, then.st_mtime_ns))


@pytest.mark.parametrize(
    ("file", "before", "old", "new"),
    [
        ("checks.py", CHECKS, '"Loss"', '"The loss"'),
        ("mistakes.py", MISTAKES, '"uphill"', '"climbs"'),
    ],
)
def test_files_that_have_changed_are_loaded_anew(tmp_path: Path, file: str, before: str, old: str, new: str):
    made = assignment(tmp_path)
    fingerprint = load_assignment(made.rubric)[1].fingerprint
    assert before.count(old) == 1
    with same_time(made.folder / "reference/small" / file):
        made.write(file, before.replace(old, new))
    again, changed = load_assignment(made.rubric)
    assert changed.fingerprint != fingerprint
    said = [check.title for question in again.questions for check in question.checks]
    assert new.strip('"') in [*said, *changed.mistakes]
    assert old.strip('"') not in [*said, *changed.mistakes]


def test_files_that_have_not_are_the_same(tmp_path: Path):
    made = assignment(tmp_path)
    one, two = (load_assignment(made.rubric)[1].coded for _ in range(2))
    assert one.mistakes[0] is two.mistakes[0]


def test_what_is_inherited_from_another_assignment_is_loaded_anew(tmp_path: Path):
    made = assignment(tmp_path)
    other = tmp_path / "reference/first"
    other.mkdir()
    (other / "solution.py").write_text("")
    (other / "mistakes.py").write_text(MISTAKES)
    made.write("mistakes.py", "from ..first.mistakes import MISTAKES\n")
    before = load_assignment(made.rubric)[1]
    fingerprint = before.fingerprint
    with same_time(other / "mistakes.py"):
        (other / "mistakes.py").write_text(MISTAKES.replace('"uphill"', '"climbs"'))
    after = load_assignment(made.rubric)[1]
    assert set(after.mistakes) - set(before.mistakes) == {"climbs"}
    assert after.fingerprint != fingerprint


def test_a_file_that_is_new_is_found(tmp_path: Path):
    made = assignment(tmp_path)
    load_assignment(made.rubric)
    with same_time(made.folder / "reference/small"):
        made.write("sizes.py", "TITLE = 'The loss of all'\n")
    made.write("checks.py", "from .sizes import TITLE\n" + CHECKS.replace('"Loss"', "TITLE"))
    titles = [
        check.title for question in load_assignment(made.rubric)[0].questions for check in question.checks
    ]
    assert "The loss of all" in titles
