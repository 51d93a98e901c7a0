"""A class in a real memory group that is too small: the kernel kills, no right hand-in loses a point."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests import memory_group
from tests.conftest import ROOT
from tests.hostile import assignment
from tests.hostile.test_hostile import not_possible
from tests.strikes import class_of, reports

pytestmark = pytest.mark.slow


def graded(work: Path, out: str, most: int | None = None) -> memory_group.Ended:
    options = ["--dataset", "digits", "--rubric", "ps3.toml", "--jobs", "2", "--out", str(work / out)]
    try:
        return memory_group.run([sys.executable, "-m", "grader", "class", *options], work, most)
    except memory_group.NoMemoryGroup as error:
        not_possible(f"no memory group can be made here: {error}")


def test_right_hand_ins_keep_their_marks_where_the_kernel_kills_for_memory(tmp_path: Path):
    tmp_path.chmod(0o755)
    class_of(tmp_path / "class", 2)
    # Without the trainings: notebooks take more memory than they.
    rubric = tmp_path / "ps3.toml"
    assignment.write(ROOT / "rubrics/ps3.toml", rubric, "of a test, and long enough for one", written=True)
    quiet = graded(tmp_path, "quiet")
    assert (quiet.code, quiet.killed) == (0, 0), quiet
    wanted = reports(tmp_path / "quiet")
    # Of the peak some is files' contents, which the kernel can do without: it kills from some share on.
    for share in (0.7, 0.62, 0.55, 0.48):
        tight = graded(tmp_path, "tight", int(share * quiet.peak))
        print(f"{share} of {quiet.peak >> 20} MB: {tight.killed} killed, exit {tight.code}")
        for id, report in reports(tmp_path / "tight").items():
            failed = [
                check
                for question in report["questions"]
                for check in question["checks"]
                if check["outcome"] in ("failed", "partial")
            ]
            assert not failed, (id, failed)
        if tight.killed:
            break
        shutil.rmtree(tmp_path / "tight")
    else:
        pytest.fail("the bounds were too wide to show anything")
    after = graded(tmp_path, "tight")
    assert after.code == 0, after
    assert reports(tmp_path / "tight") == wanted
