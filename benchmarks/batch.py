"""How well a class is graded: throughput, the grader's own share, memory, hostile neighbours, and kills.

    python benchmarks/batch.py throughput          16 small hand-ins with one job and with all cores, in turn
    python benchmarks/batch.py memory              1,000 tiny ones
    python benchmarks/batch.py mixed               100 of which 30 are hostile
    python benchmarks/batch.py kills [--moments N] a batch of 12, killed at random moments and resumed
    python benchmarks/batch.py remark              1,000 hand-ins marked again

Without a name: all of them, half an hour. Every line names a figure, its limit, and how far it is from it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.speed import report  # noqa: E402
from grader import gradebook  # noqa: E402
from grader.gradebook import rows  # noqa: E402
from tests.classes import COMMAND, Books, kill_and_resume, mixed, small_class, tiny_class  # noqa: E402

MEASURED = """
import json, resource, sys
import psutil
from time import process_time
from grader.report import rendering
from grader.cli import main
from grader.commands import common
from grader.student.process import Worker
rendered = worked = drawn_here = 0.0
def page(*arguments, _write=common.write_class_page):
    global drawn_here
    start = process_time()
    try:
        return _write(*arguments)
    finally:
        drawn_here += process_time() - start
common.write_class_page = page
def leave(self, *error, _exit=rendering.Beside.__exit__):
    global rendered
    times = psutil.Process(self._process.pid).cpu_times()
    rendered += times.user + times.system
    return _exit(self, *error)
def kill(self, _kill=Worker.kill):
    global worked
    worked += self.cpu_seconds()  # nobody can ask for it later: the sandbox's first process takes it along
    return _kill(self)
rendering.Beside.__exit__ = leave
Worker.kill = kill
sys.argv = ["grade"] + sys.argv[1:]
try:
    main()
finally:
    own = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"own": own.ru_utime + own.ru_stime - drawn_here, "mb": own.ru_maxrss / 1024,
                      "rendered": rendered + drawn_here, "workers": worked}))
"""


def measured(folder: Path, out: Path, *options: str) -> dict[str, float]:
    """Grade a class; wall time, CPU time of grader, workers and rendering, memory of the grader."""
    command = [
        sys.executable,
        "-c",
        MEASURED,
        str(folder),
        "--out",
        str(out),
        "--dataset",
        "digits",
        *options,
    ]
    start = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    wall = time.perf_counter() - start
    usage: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {**usage, "wall": wall}


def throughput(base: Path, options: argparse.Namespace) -> None:
    """16 small hand-ins, with one job and with all cores, in turn."""
    folder, cores = base / "class", str(os.cpu_count() or 1)
    small_class(folder, 16)
    measured(folder, base / "warm", "--jobs", cores)
    pairs = []
    for i in range(options.runs):
        one = measured(folder, base / f"one-{i}", "--jobs", "1")
        pairs.append((one, measured(folder, base / f"all-{i}", "--jobs", cores)))
    ratio = statistics.median(one["wall"] / all["wall"] for one, all in pairs)
    alone, together = (statistics.median(pair[i]["wall"] for pair in pairs) for i in (0, 1))
    remark = f" ({alone:.1f} s and {together:.1f} s)"
    report("throughput of all cores / of --jobs 1", ratio, 1.8, "x", remark)
    share = statistics.median(pair["own"] / pair["workers"] for _, pair in pairs)
    report("the grader's own CPU / its workers'", share, 0.2, "x")
    drawn = statistics.median(pair["rendered"] / pair["workers"] for _, pair in pairs)
    print(f"{'rendering, beside it, / its workers':<58}{drawn:9.3g}")


def memory(base: Path, options: argparse.Namespace) -> None:
    """1,000 tiny hand-ins."""
    tiny_class(base / "class", 1000)
    used = measured(base / "class", base / "out")
    report("peak memory of the grader, 1,000 hand-ins", used["mb"], 400, "MB", f" ({used['wall']:.0f} s)")


def hostile(base: Path, options: argparse.Namespace) -> None:
    """100 hand-ins of which 30 are hostile: each healthy one gets its marks."""
    found = mixed(base, healthy=70, hostile=30)
    print(f"{found.healthy} healthy ones beside {found.hostile} hostile ones in {found.seconds:.0f} s")
    report("healthy ones without exactly their marks", len(found.wrong), 1, "", f" {found.wrong or ''}")


def kills(base: Path, options: argparse.Namespace) -> None:
    """A batch of 12, killed at random moments, each time resumed."""
    books = Books(base, 12)
    times = [kill_and_resume(books, options.seed + i) for i in range(options.moments)]
    differ = sum(bool(found.differences) for found in times)
    for i, found in enumerate(times):
        if found.differences:
            print(
                f"seed {options.seed + i}, killed after {found.moment:.2f} s: {', '.join(found.differences)}"
            )
    print(
        f"undisturbed {books.seconds:.1f} s; {options.moments} kills, {sum(f.killed for f in times)} within the run"
    )
    report("resumed gradebooks that differ", differ, 1, "")


def remark(base: Path, options: argparse.Namespace) -> None:
    """1,000 hand-ins: marked again unchanged and by a rubric with other weights; what it costs, and what it adds."""
    small_class(base / "class", 6)
    out = base / "out"
    grade = [*COMMAND, str(base / "class"), "--dataset", "digits", "--out", str(out)]
    subprocess.run(grade, check=True, capture_output=True)
    text = (ROOT / "rubrics" / "ps3.toml").read_text()
    changed = base / "rubrics" / "ps3.toml"
    changed.parent.mkdir()
    for check, old, new in (("sigmoid-toy-loss", 1, 1.5), ("sigmoid-scores", 2, 1.5)):
        at = text.index(f"points = {old}\n", text.index(f'id = "{check}"'))
        text = f"{text[:at]}points = {new}{text[at + len(f'points = {old}') :]}"
    changed.write_text(text)
    used = {}
    for count in (250, 1000):
        enlarged(out, count)
        for rubric in (ROOT / "rubrics" / "ps3.toml", changed):
            size = (out / gradebook.FILE).stat().st_size
            done = subprocess.run(
                [sys.executable, "-c", REMARK, str(out), str(rubric)],
                check=True,
                capture_output=True,
                text=True,
            )
            opened, used[count] = json.loads(done.stdout)
            added = ((out / gradebook.FILE).stat().st_size - size) / 1e6
            weights = "other" if rubric == changed else "the same"
            print(f"{f'{count} hand-ins, {weights} weights: added to the gradebook':<58}{added:9.3g} MB")
    report("1,000 hand-ins: gradebook opened and looked through", opened, 1, "s")
    report("1,000 hand-ins marked by other weights, CPU", used[1000], 2, "s")
    report("the same / 250 hand-ins (4 is linear)", used[1000] / used[250], 6, "x")
    with gradebook.Gradebook(out) as book:
        print(f"pruned to the newest run: {gradebook.prune(book, 1)}")


REMARK = """
import json, sys, time
from pathlib import Path
from grader.grading import remarking
from grader.grading.loading import load_assignment
from grader.gradebook import classbook
from grader import gradebook
start = time.process_time()
book = gradebook.Gradebook(Path(sys.argv[1]))
opened = time.process_time() - start
rubric, reference = load_assignment(Path(sys.argv[2]))
start = time.process_time()
remarking.remark(classbook.ClassBook(book, rubric, reference.fingerprint))
print(json.dumps([opened, time.process_time() - start]))
book.close()
"""


def enlarged(out: Path, count: int) -> None:
    """Put hand-ins into the first run that differ from those there in name and files, each with its own finding."""
    with gradebook.Gradebook(out) as book:
        columns = rows.COLUMNS["graded"]
        graded = [dict(zip(columns, row, strict=True)) for row in book.rows("graded", "WHERE run = 1")]
        blobs = [(book.finding(one["finding"], 1), book.exhibits(one["finding"], 1)) for one in graded[:6]]
        for i in range(len(graded), count):
            findings, exhibits = blobs[i % 6]
            assert findings is not None
            assert exhibits is not None
            key = f"of the benchmark {i}"
            book.keep(key, 1, findings, exhibits, True)
            one = {**graded[i % 6], "submission": f"student-{i:04}", "files": str(i), "finding": key}
            with book.change() as change:
                rows.put(change, "graded", one)
        book.end(1, "2026-01-31T09:00:00+00:00")


PARTS = {"throughput": throughput, "memory": memory, "mixed": hostile, "kills": kills, "remark": remark}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--moments", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for name in options.parts or PARTS:
        with tempfile.TemporaryDirectory(prefix="batch-") as made:
            base = Path(made)
            base.chmod(0o711)
            print(f"-- {name}")
            PARTS[name](base, options)


if __name__ == "__main__":
    main()
