"""What `grade similar` finds, and what it costs.

    python -m benchmarks.similar               three classes of 300 with 40 copies each, and growth to 1,000
    python -m benchmarks.similar --seeds 1     one class, and the growth

Honest hand-ins are independent (see `similar_class`), copies are disguised in six ways. Every line names a figure and
the goal that it is held to. Nothing here decides a test. Two copies of one original are no chance either, and count as
neither found nor wrong.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import msgspec

from benchmarks.similar_class import DISGUISES, Made, honest, with_copies
from benchmarks.similar_works import works
from grader.selftest import bank
from grader.similar import Similar, Work, compare, page
from tests.report.browser import opened

ROOT = Path(__file__).resolve().parent.parent
SIZE, COPIES, FIRST_SEED = 300, 40, 11
"""Seeds below the first are those that lengths of runs were chosen on."""
WHOLE = ("renamed", "reordered", "reformatted", "comments and types")
GROWTH = (100, 300, 1000)
OPENED = 9
LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"
PAINTED = "performance.getEntriesByType('paint').find((one) => one.name === 'first-contentful-paint')?.startTime ?? 0"
"""Milliseconds from the beginning of a navigation."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    solutions = bank.load(ROOT / "reference" / "ps3")
    if options.only:
        cost(honest(solutions, options.only))
        return
    found: Counter[str] = Counter()
    planted: Counter[str] = Counter()
    wrong = []
    for seed in range(FIRST_SEED, FIRST_SEED + options.seeds):
        made = with_copies(solutions, SIZE, COPIES, seed)
        result = compared(made)
        planted.update(one.disguise for one in made.planted)
        found.update(recovered(made, result))
        beside = by_chance(made, result)
        alone = by_chance(made := honest(solutions, SIZE, seed), compared(made))
        print(f"seed {seed}: pairs above the line by chance: {beside} beside copies, {alone} without any")
        wrong += [beside, alone]
    print_found(found, planted, wrong)
    print_loading(compare("Benchmark", works(with_copies(solutions, SIZE, COPIES, FIRST_SEED))))
    for size in GROWTH:  # each in a process of its own, for its memory
        subprocess.run(
            [sys.executable, "-m", "benchmarks.similar", "--only", str(size)], cwd=ROOT, check=True
        )


def compared(made: Made) -> Similar:
    """A class compared by what it has: code alone."""
    works = [Work(id, code={"mlp.py": source}) for id, source in made.sources.items()]
    return compare("Benchmark", works)


def recovered(made: Made, result: Similar) -> Counter[str]:
    """Copies above the line, by disguise."""
    above = {frozenset((pair.left, pair.right)) for pair in result.pairs if pair.is_above}
    return Counter(one.disguise for one in made.planted if frozenset((one.copy, one.original)) in above)


def by_chance(made: Made, result: Similar) -> int:
    """Pairs above the line of whom nobody copied from the other, or from the same third."""
    origin = {one.copy: one.original for one in made.planted}
    return sum(
        pair.is_above and origin.get(pair.left, pair.left) != origin.get(pair.right, pair.right)
        for pair in result.pairs
    )


def print_found(found: Counter[str], planted: Counter[str], wrong: list[int]) -> None:
    """The table."""
    print(f"\n{'pairs above the line that nobody copied, at most':<52}{max(wrong):>9}   goal at most 5")
    for disguise in DISGUISES:
        goal = {"half a file": "goal 70 %", "one function": "as measured"}.get(disguise, "goal 95 %")
        share(f"found: {disguise}", found[disguise], planted[disguise], goal)
    caught, all_of_them = (sum(of[one] for one in WHOLE) for of in (found, planted))
    share("found: whole file, all four", caught, all_of_them, "goal 95 %")
    print()


def share(name: str, part: int, whole: int, goal: str) -> None:
    """One line of it."""
    print(f"{name:<44}{f'{part} of {whole}':>10}{100 * part / max(1, whole):5.0f} %   {goal}")


def print_loading(result: Similar) -> None:
    """How long Chromium takes for the page of a class with copies, where it is installed."""
    if (program := shutil.which("chromium")) is None:
        print("no chromium on PATH: not measured how long the page takes")
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "similar.html"
        path.write_text(page.render(result), "utf-8")
        with opened(program, Path(folder)) as browser:
            times = []
            for _ in range(OPENED):
                browser.open(path)
                while not (painted := float(browser.ask(PAINTED))):
                    time.sleep(0.01)
                times.append(max(painted, float(browser.ask(LOADED))))
        size = path.stat().st_size / 1e6
    print(
        f"page of {len(result.members)} hand-ins, {len(result.pairs)} pairs, {size:.1f} MB: loaded and painted in "
        f"{statistics.median(times):.0f} ms, {max(times):.0f} ms at most   goal 1,000 ms"
    )


def cost(made: Made) -> None:
    """Time and memory for a class with all that is compared, and the size of its page."""
    class_ = works(made)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, busy = time.perf_counter(), time.process_time()
    result = compare("Benchmark", class_)
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    size = len(page.render(result)) + len(msgspec.json.encode(result))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(
        f"{len(made.sources):>5} hand-ins: {seconds:6.1f} s ({busy:.1f} s of CPU), {most} MB at most ({before >> 10} "
        f"MB before), page and data {size / 1e6:.1f} MB   goal for 1,000: 300 s, 1,000 MB"
    )


if __name__ == "__main__":
    main()
