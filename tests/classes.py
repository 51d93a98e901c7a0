"""Classes to grade: many small hand-ins, tiny ones, hostile ones among healthy ones; and batches that are killed."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import random
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from grader.gradebook import Gradebook
from grader.grading import batch
from grader.grading.progress import Outcome
from grader.grading.runner import Run
from grader.machine.workspace import workspace
from grader.marking.findings import Findings, unpacked
from grader.report import rendering
from grader.student.slots import Slots
from tests.finding import find
from tests.hostile import assignment as quick_assignment
from tests.hostile import cases

ROOT = Path(__file__).resolve().parent.parent
COMMAND = (sys.executable, "-m", "grader")
SMALL = (
    "renamed",
    "unshifted_softmax",
    "factor_half_forgotten",
    "biases_never_updated",
    "no_decay",
    "predict_one_hot",
)
"""Examples without a notebook, right and wrong, that take a second or two on digits."""
PLOTS = "import matplotlib.pyplot as plt"
"""What `renamed` has for a function that is never called; it takes half a second of each worker."""


def small_class(folder: Path, count: int, distinct: int | None = None) -> None:
    """`count` hand-ins, of which `distinct` (by default all) have files of their own."""
    for i in range(count):
        (module,) = (ROOT / "submissions" / SMALL[i % len(SMALL)]).glob("*.py")
        member = folder / f"student-{i:03}"
        member.mkdir(parents=True)
        comment = f"\n# {i % (distinct or count)}\n"
        (member / "mlp.py").write_text(module.read_text().replace(PLOTS, "") + comment)


def tiny_class(folder: Path, count: int) -> None:
    """`count` hand-ins of a few lines, no two alike."""
    for i in range(count):
        member = folder / f"student-{i:04}"
        member.mkdir(parents=True)
        (member / "mlp.py").write_text(f"import numpy_{i}\n")


# ---- hostile ones among healthy ones ----


@dataclass(frozen=True)
class Mixed:
    """What came of a class with hostile hand-ins in it."""

    healthy: int
    hostile: int
    wrong: list[str]
    """Ids of the healthy ones that did not get exactly what they get alone."""
    failed: dict[str, str]
    seconds: float


def mixed(base: Path, healthy: int, hostile: int, tier: str = "A") -> Mixed:
    """Grade hostile hand-ins in one batch with healthy ones, on the toy and hidden networks."""
    from tests.hostile.suite import Suite

    with workspace() as temporary:
        suite = Suite(tier, base, temporary)
        made = [case for case in cases.CASES if case.build is None]
        chosen = made[:: max(1, len(made) // hostile)][:hostile]
        members = [suite.build(case) for case in chosen]
        run = dataclasses.replace(suite.run, slots=Slots(2))
        small_class(base / "healthy", healthy)
        well = find([base / "healthy"], run.rubric.entry.class_name)
        alone = {name: _marks_alone(base / "alone" / name, name, run) for name in SMALL[:healthy]}
        started = time.monotonic()
        # In turn, so that nearly every healthy one has a hostile neighbour.
        every = max(1, len(well) // len(members))
        for i, member in enumerate(members):
            well.insert(min(len(well), (i + 1) * every + i), member)
        reports, watcher = graded(base / "out", run, well)
    own = [one.id for one in well if one.id.startswith("student-")]
    wrong = [id for i, id in enumerate(own) if reports.get(id) != alone[SMALL[i % len(SMALL)]]]
    return Mixed(len(own), len(members), wrong, watcher.failed, time.monotonic() - started)


def graded(out: Path, run: Run, found: list[Any]) -> tuple[dict[str, dict[str, Decimal]], Outcome]:
    """Grade into a new gradebook; points by hand-in and check, and what the run came to."""
    out.mkdir(parents=True, exist_ok=True)
    watcher = Outcome()
    with Gradebook(out) as book:
        number = batch.grade(found, batch.Batch(run, book, rendering.Here(), out, "staff", watcher))
        points: dict[str, dict[str, Decimal]] = {}
        for row in book.results(number):
            points.setdefault(row.submission, {})[row.check] = row.earned
    return points, watcher


def _marks_alone(folder: Path, name: str, run: Run) -> dict[str, Decimal]:
    (module,) = (ROOT / "submissions" / name).glob("*.py")
    (folder / "only").mkdir(parents=True)
    shutil.copy(module, folder / "only" / "mlp.py")
    points, _ = graded(folder / "out", run, find([folder / "only"], run.rubric.entry.class_name))
    return points["only"]


# ---- batches that are killed ----


class Books:
    """A batch without trainings on a dataset: how to grade it, and the gradebook of an undisturbed run."""

    def __init__(self, base: Path, count: int) -> None:
        self.base = base
        self.folder = base / "class"
        small_class(self.folder, count)
        rubric = base / "rubrics" / "ps3.toml"
        rubric.parent.mkdir()
        quick_assignment.write(ROOT / "rubrics" / "ps3.toml", rubric, "of a test")
        self.options = ("--dataset", "digits", "--rubric", str(rubric))
        self.start(base / "warm", self.folder / "student-000").wait()
        started = time.monotonic()
        assert self.start(base / "undisturbed").wait() == 0
        self.seconds = time.monotonic() - started
        self.undisturbed = contents(base / "undisturbed")

    def start(self, out: Path, what: Path | None = None) -> subprocess.Popen[bytes]:
        """Grade it, or a part of it, into a folder."""
        command = [*COMMAND, str(what or self.folder), *self.options, "--out", str(out)]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@dataclass(frozen=True)
class Resumed:
    """What came of a batch that was killed."""

    moment: float
    killed: bool
    """Whether it was still at work then."""
    kept: int
    """Checks and findings that the killed run left."""
    differences: list[str]
    """Where the resumed gradebook and reports are not those of an undisturbed run."""


def kill_and_resume(books: Books, seed: int) -> Resumed:
    """Grade, kill the grader at a random moment, give the same command again, and compare."""
    out = books.base / f"killed-{seed}"
    moment = random.Random(seed).uniform(0.2, books.seconds)
    process = books.start(out)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(moment)
    process.kill()
    process.wait()
    kept, ended = _left(out)
    if not ended:  # else all was done but the last page, and the command given again is another run
        books.start(out).wait()
    found = contents(out)
    differences = [
        name for name in {**found, **books.undisturbed} if found.get(name) != books.undisturbed.get(name)
    ]
    return Resumed(moment, not ended, kept, differences)


def _left(out: Path) -> tuple[int, bool]:
    """How many checks and findings are in the gradebook, and whether its run has ended."""
    if not (out / "gradebook.sqlite").is_file():
        return 0, False
    with Gradebook(out) as book:
        kept = sum(book.all(f"SELECT count(*) FROM {table}")[0][0] for table in ("progress", "finding"))
        return kept, any(run.ended for run in book.runs())


def contents(out: Path) -> dict[str, Any]:
    """All of a folder of reports and its gradebook that two runs over the same input have in common."""
    found: dict[str, Any] = {}
    with Gradebook(out) as book:
        for table in ("graded", "results", "progress", "rubric", "mark"):
            found[table] = book.all(f"SELECT * FROM {table} ORDER BY 1, 2")
        found["runs"] = [
            msgspec.structs.replace(run, started="", ended="ended" if run.ended else None)
            for run in book.runs()
        ]
        for key, run, final, content in book.all("SELECT key, run, final, findings FROM finding"):
            findings = unpacked(content, Findings)
            host = msgspec.structs.replace(findings.host, timings={})
            found[f"finding {key}"] = (run, final, msgspec.structs.replace(findings, host=host))
    for path in sorted(out.glob("*/report.json")):
        found[f"report {path.parent.name}"] = {
            name: value for name, value in json.loads(path.read_text()).items() if name != "host"
        }
    return found
