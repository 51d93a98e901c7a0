"""Kill processes of a grader at random moments: points lost, and whether one more command makes it a quiet run.

    python benchmarks/strikes.py [--hand-ins 20] [--kills 40] [--seed N]

The hand-ins are right ones with notebooks. Killed are workers, readers, notebooks, what judges derivations, what draws.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.strikes import class_of, struck


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hand-ins", type=int, default=20)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="strikes-") as made:
        work = Path(made)
        found = struck(class_of(work / "class", options.hand_ins), work, options.kills, options.seed)
    dealt = ", ".join(f"{count} {kind}" for kind, count in found.kills.most_common())
    print(
        f"seed {options.seed}: {found.kills.total()} kills over {options.hand_ins} right hand-ins ({dealt})"
    )
    print(f"commands until nothing was killed any more, and one after that: {found.commands}")
    print(f"hand-ins with a final mark below the quiet run's after any command: {len(found.lost)}")
    print(f"reports that differ from the quiet run's in the end: {len(found.differ)} {found.differ or ''}")


if __name__ == "__main__":
    main()
