"""How fast and how large the grader is, as ratios measured in one run.

    python benchmarks/speed.py             digits only, about a minute
    python benchmarks/speed.py --mnist     MNIST too (GRADE_DATA or the cache must have it), two minutes more

Every line names a figure, the limit it is held to, and how far it is from it. Machines are noisy: medians of
interleaved runs, and ratios rather than seconds. Nothing here decides a test.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from grader.assignment import assets, datasets, rubric
from grader.assignment.reference import Reference
from grader.assignment.rubric import Net
from grader.checks import KINDS
from grader.checks.cases import draw
from grader.entry_point import EntryPoint
from grader.grading.loading import load_assignment
from grader.handin import search
from grader.machine import fonts
from grader.machine.workspace import workspace
from grader.notebook import file
from grader.notebook.execute import Kitchen, execute
from grader.student.client import Student
from grader.student.process import Limits
from grader.student.sandbox import TIERS, Sandbox

ALICE = Path(__file__).resolve().parent.parent / "submissions" / "alice"
MEASURED = """
import json, resource, sys
sys.argv = ["grade"] + sys.argv[1:]
from grader.cli import main
try:
    main()
finally:
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps({"own_cpu": own.ru_utime + own.ru_stime, "own_mb": own.ru_maxrss / 1024,
                      "student_cpu": others.ru_utime + others.ru_stime, "worker_mb": others.ru_maxrss / 1024}))
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mnist", action="store_true")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, NumPy {np.__version__}")
    help_time(options.runs * 2)
    worker_start(options.runs * 2)
    call_latency()
    notebook_overhead(options.runs)
    grading("digits", options.runs)
    if options.mnist:
        grading("mnist", max(options.runs // 2, 1))


def report(name: str, value: float, limit: float, unit: str, remark: str = "") -> None:
    """One line: the figure, its limit, and their ratio."""
    print(f"{name:<58}{value:9.3g} {unit:<4} limit {limit:g}, at {value / limit:.2f} of it{remark}")


def timed(run: Callable[[], Any]) -> float:
    """Seconds of wall time."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def python(*arguments: str) -> Callable[[], Any]:
    """A run of a fresh interpreter."""
    return lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True)


def help_time(runs: int) -> None:
    """`grade --help` as a whole process, beside an interpreter that does nothing."""
    pairs = [(timed(python("-m", "grader", "--help")), timed(python("-c", "pass"))) for _ in range(runs)]
    ours, bare = (1000 * statistics.median(column) for column in zip(*pairs, strict=True))
    report("grade --help", ours, 150, "ms", f" (bare interpreter {bare:.0f} ms)")


def sandboxes() -> dict[str, Sandbox]:
    """One of each tier, as a run makes them once."""
    font_list = fonts.prepared(datasets.cache_folder(os.environ))
    answers = (assets.reference_folder(assets.default_rubric(), "ps3"), assets.default_rubric().parent)
    return {name: tier(answers, font_list) for name, tier in TIERS.items()}


def student_of(sandbox: Sandbox, base: str) -> Student:
    """A client for the solution, staged as a hand-in in a new folder below `base`."""
    folder = Path(tempfile.mkdtemp(dir=base))
    folder.chmod(0o755)
    source = assets.root() / "reference" / "ps3" / "solution.py"
    (folder / "mlp.py").write_bytes(source.read_bytes())
    limits = Limits(
        call_cpu=10,
        call_wall=60,
        check_cpu=60,
        check_wall=300,
        worker_cpu=600,
        memory=4 << 30,
        file_size=1 << 24,
    )
    return Student(sandbox, folder, limits, EntryPoint("mlp.py", ("TwoLayerMLP",)))


def worker_start(runs: int) -> None:
    """From nothing to a worker that has imported NumPy and the hand-in, beside a bare import of NumPy."""
    with workspace() as base:

        def start(sandbox: Sandbox) -> None:
            with student_of(sandbox, str(base)) as student:
                student.load()

        tiers = sandboxes()
        rounds = [
            (
                timed(python("-c", "import numpy")),
                *(timed(partial(start, sandbox)) for sandbox in tiers.values()),
            )
            for _ in range(runs)
        ]
    for i, name in enumerate(tiers, start=1):
        ratio = statistics.median(row[i] / row[0] for row in rounds)
        report(f"tier {name}: worker ready / python -c 'import numpy'", ratio, 1.3, "x")


def notebook_overhead(runs: int) -> None:
    """Seconds that executing alice's notebook takes beside those that its cells take, with nothing else running."""
    loaded, reference = load_assignment()
    settings = loaded.notebook
    assert settings is not None
    data = datasets.find("digits", reference.datasets.SPLITS, recipe_version=reference.recipe_version).folder
    found = search.plain(ALICE.name, ALICE, search.Wanted(loaded.entry))
    notebook = file.read(found)
    for name, sandbox in sandboxes().items():
        kitchen = Kitchen(sandbox, settings, 4 << 30, 1 << 24, data, threading.Event())
        over, cells = [], []
        with workspace() as base:
            for i in range(runs):
                folder = base / f"run{i}" / "work"
                folder.mkdir(parents=True)
                folder.parent.chmod(0o711)
                for module in ALICE.glob("*.py"):
                    (folder / module.name).write_bytes(module.read_bytes())
                started = time.perf_counter()
                execution = execute(notebook, folder, kitchen)
                cells.append(sum(execution.seconds.values()))
                over.append(time.perf_counter() - started - cells[-1])
                if execution.broken:
                    raise SystemExit(f"tier {name}: {execution.summary}")
        remark = f" (cells {statistics.median(cells):.2f} s)"
        report(
            f"tier {name}: executing the notebook, over its cells", statistics.median(over), 1.5, "s", remark
        )


def call_latency() -> None:
    """One `loss` on a problem of the toy's size, there and back."""
    case = draw(
        rubric.load(assets.default_rubric(), KINDS), Net(inputs=4, hidden=10, classes=3, batch=5, reg=0.1)
    )
    with workspace() as base, ExitStack() as stack:
        tiers = sandboxes()
        students = [stack.enter_context(student_of(sandbox, str(base))) for sandbox in tiers.values()]
        nets = [student.new(4, 10, 3, activation="relu") for student in students]
        times: dict[str, list[float]] = {name: [] for name in tiers}
        for _ in range(10):
            for name, net in zip(tiers, nets, strict=True):
                net.loss(case.X, case.y, reg=0.1)  # wakes it
                times[name] += [timed(lambda net=net: net.loss(case.X, case.y, reg=0.1)) for _ in range(50)]
    for name, found in times.items():
        report(f"tier {name}: one loss on a toy, there and back", 1000 * statistics.median(found), 0.5, "ms")


def grade(dataset: str, jobs: int) -> dict[str, float]:
    """Grade alice once; wall time, CPU and memory of grader and workers, the longest training."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = [str(ALICE), "--dataset", dataset, "--jobs", str(jobs), "--out", folder]
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, *arguments], check=True, capture_output=True, text=True
        )
        wall = time.perf_counter() - start
        usage: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        timings = json.loads((Path(folder) / "alice" / "report.json").read_text())["host"]["timings"]
    longest = max(seconds for name, seconds in timings.items() if name.endswith("-accuracy"))
    return {**usage, "wall": wall, "longest": longest}


def grading(dataset: str, runs: int) -> None:
    """Grade alice with one job and with all cores, in turn."""
    reference = Reference(assets.reference_folder(assets.default_rubric(), "ps3"))
    datasets.find(dataset, reference.datasets.SPLITS, recipe_version=reference.recipe_version)
    cores = os.cpu_count() or 1
    grade(dataset, cores)  # a warm file cache
    pairs = [(grade(dataset, 1), grade(dataset, cores)) for _ in range(runs)]
    wall = statistics.median(both["wall"] for _, both in pairs)
    ratios = [both["wall"] / max(alone["longest"], alone["student_cpu"] / cores) for alone, both in pairs]
    print(f"-- alice on {dataset}, {runs} runs")
    if dataset == "digits":
        report("wall time", wall, 4, "s")
        share = statistics.median(b["student_cpu"] / (b["student_cpu"] + b["own_cpu"]) for _, b in pairs)
        print(f"{'share of the CPU time that student code takes':<58}{share:9.3g}")
    else:
        what = "wall / max(longest training alone, student CPU / cores)"
        report(what, statistics.median(ratios), 1.25, "x", f" ({wall:.1f} s)")
    report("peak memory of the grader", max(both["own_mb"] for _, both in pairs), 300, "MB")
    report("peak memory of a worker", max(both["worker_mb"] for _, both in pairs), 1024, "MB")


if __name__ == "__main__":
    main()
