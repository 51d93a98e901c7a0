"""Kill the grader at random moments: how long until its last process is gone, and what the next run removes.

    python benchmarks/kill.py [--moments 40] [--seed N]

Moments are spread over the tiers (A, B by a PATH without bubblewrap, practice) and two hand-ins.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.hostile.kills import LATEST, SUBMISSIONS, TIERS, Killed, kill_at, next_run


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--moments", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    moments = random.Random(options.seed)
    found: dict[str, list[Killed]] = {tier: [] for tier in TIERS}
    stayed = 0
    with tempfile.TemporaryDirectory(prefix="kills-") as made:
        temporary = Path(made)
        temporary.chmod(0o711)
        for i in range(options.moments):
            tier = TIERS[i % len(TIERS)]
            submission = SUBMISSIONS[i // len(TIERS) % len(SUBMISSIONS)]
            killed = kill_at(moments.uniform(0, LATEST), tier, (submission,), temporary, patience=10)
            found[tier].append(killed)
            stayed += killed.folders
        left = next_run(temporary)
    print(f"seed {options.seed}, {options.moments} moments within {LATEST:g} s of the start")
    for tier, runs in found.items():
        if runs:
            times = [1000 * run.gone_after for run in runs]
            print(
                f"{tier:<10}{len(runs):3} kills, {sum(run.workers > 0 for run in runs)} with workers alive; last "
                f"process gone after {statistics.median(times):.0f} ms, at most {max(times):.0f} ms"
            )
    most = max(run.folders for runs in found.values() for run in runs)
    print(f"folders: {stayed} stayed, never more than {most} at a time; left after one more run: {left}")


if __name__ == "__main__":
    main()
