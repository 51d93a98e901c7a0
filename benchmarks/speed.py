"""How fast and how large the grader is, as ratios measured in one run.

    python benchmarks/speed.py                digits only, three minutes
    python benchmarks/speed.py --mnist        a right module and alice on MNIST, too: GRADE_DATA or the cache has it
    python benchmarks/speed.py --class 60     that many right and wrong hand-ins with notebooks on MNIST, trainings
                                              spared and in full: an hour
    python benchmarks/speed.py --selftest     the selftest of Problem Set 3, five minutes

Every line names a figure, the limit it is held to, and how far it is from it. Machines are noisy: medians of
interleaved runs, and ratios rather than seconds. Nothing here decides a test.
"""

from __future__ import annotations

import argparse
import itertools
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

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.cpu_group import Cost, cost  # noqa: E402
from grader.assignment import assets, datasets  # noqa: E402
from grader.assignment.reference import Reference  # noqa: E402
from grader.assignment.rubric import Net  # noqa: E402
from grader.entry_point import EntryPoint  # noqa: E402
from grader.grading.loading import load_assignment  # noqa: E402
from grader.machine import fonts  # noqa: E402
from grader.machine.cache import cache_folder  # noqa: E402
from grader.machine.workspace import workspace  # noqa: E402
from grader.model import from_json  # noqa: E402
from grader.notebook import file as notebook_file  # noqa: E402
from grader.notebook.execute import Kitchen, execute  # noqa: E402
from grader.report import files  # noqa: E402
from grader.selftest.bank import load  # noqa: E402
from grader.student.client import Student  # noqa: E402
from grader.student.net import Call  # noqa: E402
from grader.student.process import Limits  # noqa: E402
from grader.student.sandbox import TIERS, Sandbox  # noqa: E402

ALICE = ROOT / "submissions" / "alice"
MEASURED = """
import json, resource, sys
sys.argv = ["grade"] + sys.argv[1:]
from grader.cli import main  # noqa: E402
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
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--mnist", action="store_true")
    parser.add_argument("--class", dest="count", type=int, metavar="HAND-INS")
    parser.add_argument("--selftest", action="store_true")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, NumPy {np.__version__}")
    # As on users' machines: else every process compiles the grader anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if options.selftest:
        selftest()
    elif options.count:
        class_spared(options.count)
    else:
        help_time(options.runs * 2)
        worker_start(options.runs * 2)
        call_latency()
        toy_suite(options.runs)
        notebook_overhead(options.runs)
        alice_cold(options.runs)
        drawn(options.runs)
        grading("digits", options.runs)
    if options.mnist:
        right_module(max(options.runs // 2, 1))
        grading("mnist", max(options.runs // 2, 1))


def report(name: str, value: float, limit: float, unit: str, remark: str = "") -> None:
    """One line: the figure, its limit, and their ratio."""
    of_it = f", at {value / limit:.2f} of it" if limit else ""
    print(f"{name:<58}{value:9.3g} {unit:<4} limit {limit:g}{of_it}{remark}", flush=True)


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
    report("grade --help", ours, 120, "ms", f" (bare interpreter {bare:.0f} ms)")


def sandboxes() -> dict[str, Sandbox]:
    """One of each tier, as a run makes them once; and where their workers are forked from a warm parent."""
    font_list = fonts.prepared(cache_folder(os.environ))
    answers = (assets.reference_folder(assets.default_rubric(), "ps3"), assets.default_rubric().parent)
    ways = [(name, tier, warm) for name, tier in TIERS.items() for warm in (False, True)]
    return {f"{name}{', warm' * warm}": tier(answers, font_list, warm=warm) for name, tier, warm in ways}


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
        for sandbox in tiers.values():
            start(sandbox)  # a warm parent is started once
        rounds = [
            (
                timed(python("-c", "import numpy")),
                *(timed(partial(start, sandbox)) for sandbox in tiers.values()),
            )
            for _ in range(runs)
        ]
    for i, name in enumerate(tiers, start=1):
        ratio = statistics.median(row[i] / row[0] for row in rounds)
        limit = 0.3 if "warm" in name else 1.3
        report(f"tier {name}: worker ready / python -c 'import numpy'", ratio, limit, "x")


def notebook_overhead(runs: int) -> None:
    """Seconds that executing alice's notebook takes beside those that its cells take, with nothing else running."""
    loaded, reference = load_assignment()
    settings = loaded.notebook
    assert settings is not None
    data = datasets.find("digits", reference.datasets.SPLITS, recipe_version=reference.recipe_version).folder
    cells = enumerate(notebook_file.read("ps3.ipynb", (ALICE / "ps3.ipynb").read_bytes()).cells)
    code = {i: cell.source for i, cell in cells if cell.kind == "code"}
    for name, sandbox in sandboxes().items():
        kitchen = Kitchen(sandbox, settings, 4 << 30, 1 << 24, data, threading.Event())
        over, in_cells = [], []
        with workspace() as base:
            for i in range(runs):
                folder = base / f"run{i}" / "work"
                folder.mkdir(parents=True)
                folder.parent.chmod(0o711)
                for module in ALICE.glob("*.py"):
                    (folder / module.name).write_bytes(module.read_bytes())
                started = time.perf_counter()
                execution = execute(code, folder, kitchen)
                in_cells.append(sum(execution.seconds.values()))
                over.append(time.perf_counter() - started - in_cells[-1])
                if execution.broken:
                    raise SystemExit(f"tier {name}: {execution.summary}")
        remark = f" (cells {statistics.median(in_cells):.2f} s)"
        report(
            f"tier {name}: executing the notebook, over its cells", statistics.median(over), 1.5, "s", remark
        )


def toy_suite(runs: int) -> None:
    """What graders of the kind do with a hand-in, in a batch of 8: loss, numeric gradient, training, prediction."""
    toy = load_assignment()[1].own("toy")
    X, y = toy.toy_data()
    params = toy.toy_params()
    moved = []
    for name, value in params.items():
        for i, step in itertools.product(range(value.size), (1e-5, -1e-5)):
            moved.append({name: value + step * np.eye(value.size)[i].reshape(value.shape)})
        moved.append({name: value})

    def grade_one(sandbox: Sandbox) -> None:
        with student_of(sandbox, str(base)) as student:
            for activation, how in toy.TRAINING.items():
                net = student.new(4, 10, 3, std=0.1, activation=activation)
                net.call("loss", X, y, reg=toy.REG)
                net.set_params(params)
                for start in range(0, len(moved), 40):
                    calls = [Call((X, y), {"reg": toy.REG}, to) for to in moved[start : start + 40]]
                    net.several("loss", calls, hollow=True)
                net.call("train", X, y, X, y, learning_rate=how.learning_rate, num_epochs=how.num_epochs)
                net.call("predict", X)

    def batch_of_8(sandbox: Sandbox) -> None:
        for _ in range(8):
            grade_one(sandbox)

    with workspace() as base:
        for name, sandbox in sandboxes().items():
            grade_one(sandbox)
            found = [timed(partial(batch_of_8, sandbox)) / 8 for _ in range(runs)]
            report(f"tier {name}: the toy problem, a hand-in of 8", statistics.median(found), 0.1, "s")


def call_latency() -> None:
    """One `loss` on a problem of the toy's size, there and back."""
    rubric, reference = load_assignment()
    case = reference.kinds.cases.draw(
        rubric,
        Net(inputs=4, hidden=10, classes=3, batch=5, reg=0.1),
    )
    with workspace() as base, ExitStack() as stack:
        tiers = sandboxes()
        students = [stack.enter_context(student_of(sandbox, str(base))) for sandbox in tiers.values()]
        nets = [student.new(4, 10, 3, activation="relu") for student in students]
        times: dict[str, list[float]] = {name: [] for name in tiers}
        for _ in range(10):
            for name, net in zip(tiers, nets, strict=True):
                net.loss(case.X, case.y, reg=0.1)  # wakes it
                ask = partial(net.loss, case.X, case.y, reg=0.1)
                times[name] += [timed(ask) for _ in range(50)]
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


def grade_cost(path: Path, dataset: str, *options: str) -> Cost:
    """Grade a hand-in or a class into a new folder."""
    with tempfile.TemporaryDirectory() as out:
        command = (sys.executable, "-m", "grader", str(path), "--dataset", dataset, "--out", out, *options)
        return cost(command)


def alice_cold(runs: int) -> None:
    """The whole command for one hand-in with a notebook, beside what its cells take by themselves."""
    costs = [grade_cost(ALICE, "digits") for _ in range(runs)]
    report("alice on digits, wall", statistics.median(one.wall for one in costs), 2.0, "s")
    report("alice on digits, CPU of all processes", statistics.median(one.cpu for one in costs), 2.5, "s")


def drawn(runs: int) -> None:
    """The three files of alice's report, in a process that has drawn one before."""
    with tempfile.TemporaryDirectory() as folder:
        command = ("-m", "grader", str(ALICE), "--dataset", "digits", "--out", folder)
        python(*command)()
        graded = from_json((Path(folder) / "alice" / "report.json").read_bytes())
        (again := Path(folder) / "again").mkdir()
        took = []
        for _ in range(runs + 1):
            started = time.process_time()
            files.write(graded, again)
            took.append(time.process_time() - started)
    report("a report drawn, CPU", statistics.median(took[1:]), 0.15, "s")


def right_module(runs: int) -> None:
    """alice without her notebook on MNIST, trainings spared and in full."""
    with tempfile.TemporaryDirectory() as base:
        module = Path(base) / "module"
        module.mkdir()
        for source in ALICE.glob("*.py"):
            (module / source.name).write_bytes(source.read_bytes())
        pairs = [(grade_cost(module, "mnist"), grade_cost(module, "mnist", "--full")) for _ in range(runs)]
    short, full = (statistics.median(one.cpu for one in column) for column in zip(*pairs, strict=True))
    report("right module alone on MNIST, CPU", short, 2.0, "s", f" (in full {full:.1f} s)")


def class_spared(count: int) -> None:
    """A class on MNIST, trainings spared and in full: time, and whether a mark differs."""
    with tempfile.TemporaryDirectory() as base:
        group = class_of(count, Path(base) / "class")
        (short, marks), (full, marks_in_full) = (
            class_cost(group, Path(base) / name, *options)
            for name, *options in (("short",), ("full", "--full"))
        )
    remark = f" ({short.wall:.0f} and {full.wall:.0f} s; CPU {short.cpu:.0f} and {full.cpu:.0f} s)"
    what = f"class of {count} with notebooks on MNIST, wall / in full"
    report(what, short.wall / full.wall, 0.1, "x", remark)
    others = [name for name, mark in marks.items() if marks_in_full[name] != mark]
    report("hand-ins with another mark in full", len(others), 0, "", f" {', '.join(others)}")


def class_cost(group: Path, out: Path, *options: str) -> tuple[Cost, dict[str, Any]]:
    """What grading a class on MNIST costs, and each hand-in's points by check."""
    command = (sys.executable, "-m", "grader", str(group), "--dataset", "mnist", "--out", str(out))
    took = cost((*command, *options))
    graded = {path.parent.name: from_json(path.read_bytes()) for path in out.glob("*/report.json")}
    return took, {
        name: [(check.id, check.earned) for question in one.questions for check in question.checks]
        for name, one in graded.items()
    }


def selftest() -> None:
    """As CI runs it."""
    took = cost((sys.executable, "-m", "grader", "selftest", str(assets.default_rubric())))
    report("grade selftest, wall", took.wall, 120, "s", f" (CPU {took.cpu:.0f} s)")


def class_of(count: int, folder: Path) -> Path:
    """Every third wrong, each otherwise, all with alice's notebook."""
    bank = load(assets.reference_folder(assets.default_rubric(), "ps3"))
    right = [one for one in bank.right if not one.slow]  # in explicit loops MNIST takes a quarter of an hour
    for i in range(count):
        one = bank.wrong[i // 3] if i % 3 == 2 else right[i - i // 3]
        place = folder / f"s{i:03}"
        place.mkdir(parents=True)
        (place / "mlp.py").write_text(bank.source(one))
        (place / "ps3.ipynb").write_bytes((ALICE / "ps3.ipynb").read_bytes())
        (place / "utils.py").write_bytes((ALICE / "utils.py").read_bytes())
    return folder


if __name__ == "__main__":
    main()
