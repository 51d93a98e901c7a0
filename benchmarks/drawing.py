"""What it costs to write reports: to draw one, and to mark, mark again and give feedback where little has changed.

    python benchmarks/drawing.py [60 300]      so many hand-ins

CPU of the grader and its processes. Every line names a figure, its limit, and how far it is from it.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.batch import enlarged  # noqa: E402
from benchmarks.speed import report  # noqa: E402
from tests.classes import COMMAND  # noqa: E402

EXAMPLES = ("alice", "notebook_only", "renamed", "unsimplified_derivations", "no_decay", "import_error")
A_REPORT = 0.15
"""Seconds of CPU for one that is drawn."""
CHANGED = 4


def cpu(folder: Path, *arguments: object) -> tuple[float, str]:
    """Seconds of CPU of a command and its processes, and what it says."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env=os.environ,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def measure(base: Path, count: int) -> None:
    """A class of `count`, of which four get another mark."""
    enlarged(base / "reports", count)
    everything, _ = cpu(base, "remark")
    report(f"{count} hand-ins: remark, all reports drawn, each", everything / count, A_REPORT, "s")
    nothing, _ = cpu(base, "remark")
    limit = 1.5 + 0.02 * count
    report(f"{count} hand-ins: remark, no report drawn", nothing, limit, "s")
    _, sheet = cpu(base, "mark", "--sheet", "Q1.6")
    rows = list(csv.DictReader(io.StringIO(sheet)))
    row = next(row for row in rows if len(row["hand-ins"]) > 40)
    ids = row["hand-ins"].strip("[]").split(", ")[:CHANGED]
    row |= {"hand-ins": f"[{', '.join(ids)}]", "mark": str(count % 5 or 1)}
    with (base / "sheet.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)
    taken, said = cpu(base, "mark", "--from", "sheet.csv")
    assert f"{CHANGED} marks taken" in said, said
    report(f"{count} hand-ins: mark --from, {CHANGED} marks changed", taken, limit + CHANGED * A_REPORT, "s")
    again, _ = cpu(base, "remark")
    report(f"{count} hand-ins: remark after it", again, limit, "s")
    first, _ = cpu(base, "feedback", f"feedback-{count}")
    report(f"{count} hand-ins: feedback, all pages drawn, each", first / count, A_REPORT, "s")
    second, said = cpu(base, "feedback", f"feedback-{count}")
    assert f"{count} of them as they were" in said, said
    report(f"{count} hand-ins: feedback, no page drawn", second, limit, "s")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("counts", nargs="*", type=int, default=[60, 300], help="hand-ins of a class [60 300]")
    counts = parser.parse_args().counts
    with tempfile.TemporaryDirectory(prefix="drawing-") as made:
        base = Path(made)
        base.chmod(0o711)
        paths = [ROOT / "submissions" / name for name in EXAMPLES]
        cpu(base, *paths, "--dataset", "digits")
        sizes = {path.parent.name: path.stat().st_size / 1000 for path in base.glob("reports/*/report.html")}
        report(f"largest report.html ({max(sizes, key=lambda n: sizes[n])})", max(sizes.values()), 300, "kB")
        for count in counts:
            measure(base, count)


if __name__ == "__main__":
    main()
