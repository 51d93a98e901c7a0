"""What a cluster costs and gives: throughput, overhead, memory, scale, and what faults change (nothing).

    python benchmarks/cluster.py throughput     small hand-ins on two local workers and with --jobs 2, in turn
    python benchmarks/cluster.py overhead       pack, send, receive, store; CPU of the coordinator by size
    python benchmarks/cluster.py memory         the coordinator's, for 10,000 tiny hand-ins
    python benchmarks/cluster.py scale          10,000 recorded times on 2, 8, 32 and 128 workers that sleep
    python benchmarks/cluster.py faults         40 hand-ins on three hosts: 20 kills, two cuts, a coordinator's end

Without a name: all of them, half an hour. Every line names a figure, its limit, and how far it is from it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import dask.config  # noqa: E402

from benchmarks import replay  # noqa: E402
from benchmarks.speed import report  # noqa: E402
from grader.cluster import crew as crews  # noqa: E402
from grader.cluster import engine, work  # noqa: E402
from grader.cluster.crew import Crew  # noqa: E402
from grader.cluster.engine import Patience  # noqa: E402
from grader.cluster.messages import Facts, Settings  # noqa: E402
from grader.cluster.roll import Roll  # noqa: E402
from grader.cluster.target import Local  # noqa: E402
from grader.gradebook import Gradebook  # noqa: E402
from grader.grading import batch  # noqa: E402
from grader.grading.confinement import Elsewhere  # noqa: E402
from grader.grading.engine import Job, Observed, Site  # noqa: E402
from grader.grading.loading import load_assignment  # noqa: E402
from grader.grading.progress import Outcome  # noqa: E402
from grader.grading.settings import settings as made  # noqa: E402
from grader.handin.submission import Submission  # noqa: E402
from grader.machine.workspace import workspace  # noqa: E402
from grader.report.rendering import Renderer  # noqa: E402
from grader.student.canary import Choice  # noqa: E402
from grader.student.slots import Slots  # noqa: E402
from tests.classes import COMMAND, Books, small_class, tiny_class  # noqa: E402
from tests.cluster.faults import Weather, through  # noqa: E402
from tests.cluster.hosts import are_namespaces_to_be_had, hosts  # noqa: E402
from tests.finding import find  # noqa: E402

MANY = 10_000
RECORDED = ROOT / "benchmarks" / "recorded_times.json"
"""Seconds that each example of `submissions/` took on digits."""
SETTINGS = Settings(Facts({}, "", "utf-8"), "")


# ---- grading ----


def throughput(base: Path, options: argparse.Namespace) -> None:
    """What more hand-ins take, on two local workers and with two jobs: how both start is not of it."""
    few, many = 6, 6 + options.hand_ins
    small_class(base / "few", few)
    small_class(base / "many", many)
    ways = {"jobs": ("--jobs", "2"), "cluster": ("--cluster", "local:2")}
    took: dict[str, list[float]] = {way: [] for way in ways}
    starts: list[float] = []
    for i in range(options.runs + 1):
        for way, more in ways.items():
            seconds = [graded(base / size, base / f"{way}-{size}-{i}", *more) for size in ("few", "many")]
            if i:  # the first warms what is cached
                took[way].append(seconds[1] - seconds[0])
                starts += [seconds[0]] if way == "cluster" else [-seconds[0]]
    ratio = statistics.median(
        jobs / cluster for jobs, cluster in zip(took["jobs"], took["cluster"], strict=True)
    )
    each = {way: statistics.median(seconds) / options.hand_ins for way, seconds in took.items()}
    remark = f" ({each['jobs']:.2f} and {each['cluster']:.2f} s for each of {options.hand_ins}; at least)"
    report("two local workers / --jobs 2, throughput", ratio, 0.95, "x", remark)
    print(f"{'what the cluster takes longer to start':<58}{2 * statistics.mean(starts):9.3g} s")


def graded(folder: Path, out: Path, *more: str) -> float:
    """Seconds to grade a class."""
    start = time.perf_counter()
    line = [*COMMAND, str(folder), "--out", str(out), "--dataset", "digits", *more]
    subprocess.run(line, check=True, capture_output=True)
    return time.perf_counter() - start


# ---- the engine alone ----


@contextlib.contextmanager
def replaying(doing: Any, workers: int, in_process: bool = False) -> Iterator[Crew]:
    """A crew whose workers do something else than grading."""
    engine.work = crews_work = type("Replayed", (), {"grade_one": staticmethod(doing)})  # type: ignore[assignment]
    assert crews_work
    work.hello = replay.hello
    _, reference = load_assignment()
    rubric = load_assignment()[0]
    with workspace() as folder:
        run = made(rubric, reference, "digits", Slots(1), folder, lambda: Choice(Elsewhere()), print)
        if in_process:
            with crews._loop() as loop, dask.config.set(crews._CONFIG), crews._quiet():
                stack = contextlib.AsyncExitStack()
                try:
                    yield crews.waited(_in_process(stack, workers, loop), loop)
                finally:
                    crews.waited(stack.aclose(), loop)
            return
        with crews.connected(Local(workers), run, 1, print) as crew:
            yield crew


async def _in_process(
    stack: contextlib.AsyncExitStack, workers: int, loop: asyncio.AbstractEventLoop
) -> Crew:
    """Dask's own scheduler, and so many of its workers in this process: they only sleep."""
    from distributed import Client, LocalCluster

    cluster = LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=False, protocol="inproc", dashboard_address="127.0.0.1:0",
        asynchronous=True, memory_limit=0,
    )  # fmt: skip
    address = await stack.enter_async_context(cluster)
    client = await stack.enter_async_context(Client(address, asynchronous=True, set_as_default=False))
    roll = Roll(client, SETTINGS, print)
    while len(roll.grading) < workers:
        await roll.look()
        await asyncio.sleep(0.1)
    roll.choose_tier()
    looking = asyncio.create_task(crews._look_on(roll))
    stack.push_async_callback(crews._cancelled, looking)
    return Crew(roll, loop, Patience(3600, 3600, 3600))


def site() -> Site:
    return Site(None, None, lambda key: None, lambda id: None, lambda id, text: None)  # type: ignore[arg-type,return-value]


def hand_in(folder: Path, sizes: tuple[int, int]) -> Submission:
    """One of so many bytes of code and of data."""
    folder.mkdir(parents=True)
    (folder / "mlp.py").write_bytes(os.urandom(sizes[0] // 2).hex().encode())
    (folder / "data.npy").write_bytes(os.urandom(sizes[1]))
    return Submission(folder.name, folder, "mlp.py", None)


def overhead(base: Path, options: argparse.Namespace) -> None:
    """An ordinary hand-in there and back, of 120 kB, as what is found of it; and larger ones, for their CPU."""
    times, cpu, alone = {}, {}, {}
    with replaying(replay.answer, 2) as crew, Gradebook(base) as book:
        for size, count in ((100_000, 400), (3_000_000, 60)):
            one = hand_in(base / f"of-{size}", (20_000, size))
            with crew.engine(site()) as flying:
                round_trips(flying, book, one, 30, f"warm {size}", 6)
                start, before = time.perf_counter(), time.process_time()
                round_trips(flying, book, one, count, f"{size}", 6)
                times[size] = (time.perf_counter() - start) / count
                cpu[size] = (time.process_time() - before) / count
                start = time.perf_counter()
                round_trips(flying, book, one, count // 4, f"{size} alone", 1)
                alone[size] = (time.perf_counter() - start) / (count // 4)
    report("pack, send, receive, store: a hand-in of 120 kB", times[100_000] * 1e3, 15, "ms")
    each = (cpu[3_000_000] - cpu[100_000]) / 29 / 2  # there and back
    report("the coordinator's CPU for 100 kB, scheduler and all", each * 1e3, 1, "ms")
    print(f"{'its CPU for a hand-in of 120 kB':<58}{cpu[100_000] * 1e3:9.3g} ms")
    print(f"{'one at a time, there and back and stored':<58}{alone[100_000] * 1e3:9.3g} ms")


def round_trips(flying: Any, book: Gradebook, one: Submission, count: int, name: str, at_once: int) -> None:
    """So many at once, as workers have room for them; each is stored."""
    waiting: deque[tuple[str, Any]] = deque()
    for i in range(count + at_once):
        if i < count:
            key = f"{name} {i}"
            waiting.append((key, flying.submit(Job(one, key, "1"))))
        if waiting and (len(waiting) >= at_once or i >= count):
            key, future = waiting.popleft()
            found: Observed = future.result()
            book.keep(key, 1, found.findings, found.exhibits, found.final)


class Nothing(Renderer):
    """Draws nothing: what reports take is in `benchmarks/batch.py`."""

    def submit(self, report: Any, folder: Path) -> Future[str]:
        done: Future[str] = Future()
        done.set_result("")
        return done


def memory(base: Path, options: argparse.Namespace) -> None:
    """In a process of its own, which has done nothing else."""
    line = [sys.executable, __file__, "memory-alone", "--base", str(base), "--many", str(options.many)]
    done = subprocess.run(line, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    report(
        f"the coordinator's peak memory, {options.many} hand-ins",
        found["mb"],
        400,
        "MB",
        f" ({found['s']:.0f} s)",
    )


def memory_alone(base: Path, options: argparse.Namespace) -> None:
    """Tiny hand-ins, of which workers find the same as in a real one, without grading; all but the drawing."""
    small_class(base / "real", 1)
    graded(base / "real", base / "real-out")
    with Gradebook(base / "real-out", read_only=True) as book:
        ((key, run),) = book.findings()
        blobs = book.finding(key, run), book.exhibits(key, run)
    tiny_class(base / "class", options.many)
    (base / "out").mkdir()
    rubric, reference = load_assignment()
    found = find([base / "class"], rubric.entry.class_name)
    canned = Canned(*blobs)  # type: ignore[arg-type]
    start = time.perf_counter()
    with replaying(canned, 2) as crew, Gradebook(base / "out") as book, workspace() as folder:
        settings = made(rubric, reference, "digits", Slots(1), folder, lambda: Choice(Elsewhere("A")), print)
        work_of = batch.Batch(settings, book, Nothing(), base / "out", "staff", Outcome(), engine=crew.engine)
        batch.grade(found, work_of)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"mb": peak, "s": time.perf_counter() - start}))


class Canned:
    """Finds the same in each hand-in."""

    def __init__(self, findings: bytes, exhibits: bytes) -> None:
        self.found = findings, exhibits

    def __call__(self, payload: bytes) -> bytes:
        from grader.cluster.messages import Answer, Work, opened, sealed

        return sealed(Answer(opened(payload, Work).key, "", "", True, *self.found))


# ---- scale ----


def scale(base: Path, options: argparse.Namespace) -> None:
    """Each time on so many workers, shortened where all of it would take longer than some minutes."""
    recorded = json.loads(RECORDED.read_text())
    times = random.Random(1).choices(recorded, k=options.many)
    print(
        f"of {len(recorded)} recorded times of {min(recorded):.1f} to {max(recorded):.1f} s, {options.many} drawn"
    )
    empty = Submission("nobody", base, None, None)
    for workers in (2, 8, 32, 128):
        factor = min(1.0, options.seconds * workers / sum(times))
        with replaying(replay.sleep, workers, in_process=True) as crew, crew.engine(site()) as flying:
            start, before = time.perf_counter(), time.process_time()
            waiting = [
                flying.submit(Job(empty, f"{i}", f"{replay.SLEEP}{seconds * factor}"))
                for i, seconds in enumerate(times)
            ]
            for future in waiting:
                future.result()
            wall, cpu = time.perf_counter() - start, time.process_time() - before
        efficiency = sum(times) * factor / workers / wall
        remark = f" ({wall:.0f} s; {1e3 * cpu / options.many:.1f} ms of CPU each, workers and all; at least)"
        if workers == 128:
            report(f"efficiency of {workers} workers", efficiency, 0.9, "x", remark)
        else:
            print(f"{f'efficiency of {workers} workers':<58}{efficiency:9.3g} x   {remark}")


# ---- faults ----


def faults(base: Path, options: argparse.Namespace) -> None:
    """On three hosts, in namespaces where these are to be had."""
    why = are_namespaces_to_be_had()
    if why:
        print(f"no network namespaces ({why}): processes on loopback stand for hosts, and no link is cut")
    books = Books(base, options.class_size)
    with hosts(base / "net", 3, not why) as three:
        for host in three.workers:
            three.start_worker(host)
        weather = Weather(options.kills, 0 if why else 2, 10.0, 1, (0.3, 1.5), options.seed)
        came = through(weather, three, books, base / "out")
    print(
        f"{options.class_size} hand-ins in {came.seconds:.0f} s, quiet on one machine {books.seconds:.0f} s; "
        f"{came.killed} workers killed, {weather.cuts} links cut for 10 s, {came.commands} commands"
    )
    report(
        "reports, rows and findings that differ", len(came.differences), 1, "", f" {came.differences or ''}"
    )


PARTS = {
    "throughput": throughput,
    "overhead": overhead,
    "memory": memory,
    "scale": scale,
    "faults": faults,
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--hand-ins", type=int, default=18)
    parser.add_argument("--many", type=int, default=MANY)
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--class-size", type=int, default=40)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--base", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.parts == ["memory-alone"]:
        memory_alone(options.base, options)
        return
    for name in options.parts or PARTS:
        with tempfile.TemporaryDirectory(prefix="cluster-") as folder:
            base = Path(folder)
            base.chmod(0o711)
            print(f"-- {name}", flush=True)
            PARTS[name](base, options)


if __name__ == "__main__":
    main()
