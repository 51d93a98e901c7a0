"""What travels: the same is found in bytes as in files, and what was changed on its way is seen."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from grader.cluster.messages import Answer, Changed, Facts, Settings, Work, opened, sealed, work_of
from grader.grading import runner
from grader.grading.runner import Run
from grader.handin import staging
from grader.handin.caps import MAX_DATA
from grader.handin.staging import collect, content_hash, fingerprint, stage
from grader.handin.submission import Submission
from tests.conftest import SUBMISSIONS
from tests.finding import find
from tests.grading.test_batch import hand_ins, without_times
from tests.grading.test_runner import without_accuracy

SETTINGS = Settings(Facts({"numpy": "1"}, "abc", "utf-8"), "")


def sent(one: Submission) -> Work:
    """A hand-in as a worker gets it."""
    return opened(sealed(work_of(one, collect(one), SETTINGS, "key", "1", "A", "topic")), Work)


@pytest.fixture
def strange(tmp_path: Path) -> Submission:
    """One with all that can be odd about files: a link, too large a one, a name that is no text, folders."""
    (one,) = hand_ins(tmp_path / "class", ann="import helper\n")
    (one.folder / "helper.py").symlink_to("mlp.py")
    (one.folder / "deep" / "er").mkdir(parents=True)
    (one.folder / "deep" / "er" / "more.py").write_bytes(b"\xff\xfex\0")
    (one.folder / "large.npy").write_bytes(b"0" * (MAX_DATA + 1))
    (one.folder / os.fsdecode(b"caf\xe9.py")).write_text("x = 1\n")
    return one


def test_what_is_staged_elsewhere_is_what_is_staged_here(strange: Submission, tmp_path: Path):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    work = sent(strange)
    first = stage(strange, here)
    second = stage(work.submission(), there, work.material())
    assert (first.files, first.notes, first.problem, first.seen) == (
        second.files, second.notes, second.problem, second.seen,
    )  # fmt: skip
    assert {str(path.relative_to(here)): path.read_bytes() for path in here.rglob("*") if path.is_file()} == {
        str(path.relative_to(there)): path.read_bytes() for path in there.rglob("*") if path.is_file()
    }
    assert any("symbolic link" in note for note in first.notes)
    assert content_hash(work.submission(), second.seen) == fingerprint(strange)


def test_past_all_that_is_copied_nothing_is_sent(strange: Submission, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(staging, "MAX_TOTAL", 20)
    work = sent(strange)
    assert sum(len(file.content) for file in work.files) <= 20
    assert any("in all" in file.left_out for file in work.files)
    assert content_hash(work.submission(), [file.seen for file in work.material().files]) == fingerprint(
        strange
    )


def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path):
    (one,) = hand_ins(tmp_path / "class", ann="x = 1\n")
    (one.folder / "mlp.py").unlink()
    one.folder.rmdir()
    work = sent(one)
    assert work.trouble
    assert stage(work.submission(), tmp_path, work.material()) == stage(one, tmp_path)


def test_nobody_is_told_who_handed_it_in(strange: Submission):
    assert b"ann" not in sealed(work_of(strange, collect(strange), SETTINGS, "key", "1", "A", "topic"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["alice", "relu_mask_omitted"])
def test_findings_of_what_was_sent_are_those_of_the_files(name: str, on_digits: Run):
    (one,) = find([SUBMISSIONS / name], "TwoLayerMLP")
    quick = dataclasses.replace(on_digits, rubric=without_accuracy(on_digits.rubric))
    work = sent(one)
    here, _ = runner.observe(one, quick)
    there, _ = runner.observe(work.submission(), quick, material=work.material())
    assert without_times(here) == without_times(there)
    assert here.content == fingerprint(one)


@pytest.mark.parametrize("at", [0, 31, 32, -1])
def test_a_changed_byte_is_seen(at: int):
    message = bytearray(sealed(Answer("key", "tcp://127.0.0.1:1", "content", True, b"findings", b"exhibits")))
    assert opened(bytes(message), Answer).findings == b"findings"
    message[at] ^= 1
    with pytest.raises(Changed):
        opened(bytes(message), Answer)


@pytest.mark.parametrize("other", [None, 3, "text", b"", sealed(SETTINGS)])
def test_something_else_is_no_answer(other: object):
    with pytest.raises(Changed):
        opened(other, Answer)
