"""What holds marks is made for its owner alone: no worker that is another user looks in."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from grader.commands import common


@pytest.fixture(autouse=True)
def _usual_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folder_of_reports_is_closed_to_others(tmp_path: Path):
    common.writable(tmp_path / "term" / "reports")
    assert mode(tmp_path / "term" / "reports") == 0o700


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path):
    (tmp_path / "reports").mkdir(0o755)
    common.writable(tmp_path / "reports")
    assert mode(tmp_path / "reports") == 0o755
