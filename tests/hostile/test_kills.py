"""A grader that is killed takes its workers with it, and the next run cleans up after it."""

from __future__ import annotations

import random
import secrets
from pathlib import Path

import pytest

from .kills import LATEST, SUBMISSIONS, TIERS, kill_at, next_run, of_run


@pytest.mark.slow
@pytest.mark.parametrize("tier", TIERS)
def test_nothing_of_a_grader_that_was_killed_lives_on(tier: str, tmp_path: Path):
    """`benchmarks/kill.py` says how soon: a second, where the machine has time for it."""
    tmp_path.chmod(0o711)
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # pytest shows it where this fails
    moments = random.Random(seed)
    for i in range(3):
        killed = kill_at(
            moments.uniform(0, LATEST), tier, SUBMISSIONS[i % 2 : i % 2 + 1], tmp_path, patience=20
        )
        assert not killed.left
        assert killed.ended[:2] in ("", "0:"), killed.ended
        assert killed.folders <= 1, "the run before was cleaned up after"
    assert next_run(tmp_path) == 0
    assert of_run(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("tier", TIERS)
def test_whatever_a_class_had_at_work_ends_with_its_grader(tier: str, tmp_path: Path):
    """Also what reads derivations and draws reports, which runs beside the grader where there are several hand-ins."""
    tmp_path.chmod(0o711)
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    moments = random.Random(seed)
    hand_ins = ("alice", "notebook_only", "endless_loop_in_train", "factor_half_forgotten")
    seen = 0
    for _ in range(2):
        killed = kill_at(moments.uniform(0, 10), tier, hand_ins, tmp_path, patience=20, at_work=True)
        assert not killed.left
        assert killed.ended[:2] in ("", "0:"), killed.ended
        seen += killed.workers
    assert seen, "nothing was at work at any of these moments"
    next_run(tmp_path)
    assert of_run(tmp_path) == []
