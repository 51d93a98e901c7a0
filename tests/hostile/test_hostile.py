"""Hostile hand-ins earn nothing, leave nothing behind and harm nobody: in both tiers, as root and as a user."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from . import as_user
from .suite import NO_SUCH_TIER

TIME_LIMIT = 900
"""Seconds for one tier and user, on a machine that is busy with other things."""


def not_possible(reason: str) -> None:
    """A part of the suite that cannot run here: in CI that is a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}; in CI it has to")
    pytest.skip(reason)


@pytest.mark.slow
@pytest.mark.parametrize("user", ["root", "user"])
@pytest.mark.parametrize("tier", ["A", "B"])
def test_hostile_hand_ins(tier: str, user: str, capfd: pytest.CaptureFixture[str]):
    if user == "root" and os.geteuid() != 0:
        not_possible("the half of the suite for root does not run as an ordinary user")
    command = [sys.executable, "-m", "tests.hostile.suite", "--tier", tier]
    if (tier, user) != ("A", "root"):  # where marks come from, no tier and no user has a part in
        command.append("--sandbox-only")
    with capfd.disabled():
        print()
        if user == "root":
            status = subprocess.run(command, cwd=as_user.ROOT, check=False, timeout=TIME_LIMIT).returncode
        else:
            status = as_user.run(command, timeout=TIME_LIMIT).returncode
    if status == NO_SUCH_TIER:
        not_possible(f"tier {tier} does not work on this machine, as {user}")
    assert status == 0, "see the lines with SURPRISE"


def test_an_ordinary_user_reaches_the_checkout_and_not_roots_home(tmp_path: Path):
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    check = "import os, numpy, grader; os.listdir('/root')"
    done = as_user.run([sys.executable, "-c", f"import os; print(os.getuid()); {check}"], capture_output=True)
    assert done.stdout.split() == [str(as_user.USER)]
