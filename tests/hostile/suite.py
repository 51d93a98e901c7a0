"""Grade every hostile hand-in in one tier, as the user that this runs as: one line for each.

    python -m tests.hostile.suite --tier A|B [--only NAME...] [--out results.json]

Exits with 1 where anything was not as it should be, with 3 where the tier cannot run here. `--tier practice`,
which is no sandbox, grades only those that do no harm.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import resource
import shutil
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path

from rich.console import Console

from grader.assignment import assets, datasets
from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from grader.grading import confinement, runner
from grader.grading.runner import Run
from grader.handin.submission import Submission
from grader.machine.workspace import workspace
from grader.model import GradeReport, Outcome, to_json
from grader.report import terminal
from grader.report.audience import for_students
from grader.report.safe_text import one_line
from grader.student.canary import probe
from grader.student.sandbox import Practice, Sandbox
from grader.student.slots import Slots
from tests.checks.handins import BASE
from tests.finding import find
from tests.ps3 import kinds

from . import assignment, facts, neighbours, orphans
from .cases import FULL, HANDINS, OF_WRONG, WRONG, Case
from .folders import NotHere
from .table import CASES, OF_THE_SANDBOX
from .watch import Watch

AT_ONCE = 2
IN_A_ROW = 7
"""Hostile hand-ins between two quiet moments, at which what they have left is looked for."""
MOST_MEMORY_MB = 1024
"""What this process may have used in the end, whatever was sent to it."""
MOST_CHARACTERS = 500
"""Of a message that still is one line."""
NO_SUCH_TIER = 3
ATTEMPTS = HANDINS / "attempts.py"


@dataclass(frozen=True)
class Line:
    """What came of one case."""

    tier: str
    user: str
    name: str
    verdict: str
    """held, SURPRISE, or "not here" for a folder that this user cannot make."""
    seconds: float
    sentence: str
    surprises: tuple[str, ...]
    printed: tuple[str, ...] = ()
    """What the hand-in said of its attempts."""

    def __str__(self) -> str:
        what = f"{self.tier} {self.user} {self.name:20} {self.verdict:8} {self.seconds:5.1f} s"
        return "\n    ".join([f"{what}  {self.sentence[:200]}", *map(one_line, self.surprises)])


class Suite:
    """One tier: the settings to grade with, the folders, and what watches them."""

    def __init__(self, tier: str, folder: Path, workspace: Path) -> None:
        self._tier = tier
        self._folder = folder
        self._watch = Watch(folder, workspace)
        self._rubric = folder / "rubrics" / "ps3.toml"
        self._rubric.parent.mkdir()
        assignment.write(assets.default_rubric(), self._rubric, self._watch.secrets[0])
        self._derivations = folder / "rubrics" / "derivations.toml"
        assignment.write_derivations(assets.default_rubric(), self._derivations, self._watch.secrets[0])
        loaded = assignment.load(self._rubric, 2, 8)
        reference = Reference(assets.reference_folder(self._rubric, loaded.reference))
        dataset = datasets.find("digits", reference.datasets.SPLITS, recipe_version=reference.recipe_version)
        box = _sandbox(tier, loaded, reference, workspace)
        self.run = Run(loaded, reference, dataset, box, Slots(AT_ONCE), workspace)
        self._facts = facts.source(self._watch, self.run, self._rubric)
        self._places = facts.places(self._watch, self.run)
        self._of_wrong = Decimal(0)
        hidden = (*kinds.cases.hidden_cases(loaded), kinds.cases.far_from_zero(loaded))
        numbers = (
            value for case in hidden for array in (case.X, *case.params.values()) for value in array.ravel()
        )
        self._hidden = {part for value in numbers for part in windows(re.sub(r"\D", "", repr(float(value))))}

    def all_cases(self, cases: Sequence[Case]) -> Iterator[Line]:
        """Grade them, a few at a time, with an innocent one after each few."""
        self._of_wrong = self._grade(self.hand_in("wrong", WRONG), self.run).earned
        self._watch.stays()
        for start in range(0, len(cases), IN_A_ROW):
            few = cases[start : start + IN_A_ROW]
            with ThreadPoolExecutor(AT_ONCE) as pool:
                yield from pool.map(self.one, few)
            yield self._innocent(few[-1].name)
            if left := self._watch.surprises(self._places):
                yield self._line("afterwards", 0, f"after {', '.join(case.name for case in few)}", left)
        if self._tier != "practice":
            yield self._orphan()
            yield from self._neighbours()
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        too_much = [f"more than {MOST_MEMORY_MB} MB"] if used > MOST_MEMORY_MB else []
        yield self._line("memory", 0, f"the grader used {used} MB at most", too_much)
        self._watch.close()

    def one(self, case: Case) -> Line:
        """Grade one hostile hand-in."""
        started = time.monotonic()
        rubric = assignment.load(self._derivations if case.written else self._rubric, case.cpu, case.wall)
        try:
            report = self._grade(self.build(case), replace(self.run, rubric=rubric))
        except NotHere as reason:
            return self._line(case.name, 0, str(reason), [], "not here")
        except Exception as error:  # the line says so, and the other cases go on
            traceback.print_exc()
            return self._line(
                case.name, time.monotonic() - started, repr(error), ["the grader itself failed"]
            )
        finally:
            shutil.rmtree(self._folder / "class" / case.name, ignore_errors=True)
        sentence, surprises = self._judge(case, report)
        line = self._line(case.name, time.monotonic() - started, sentence, surprises)
        return replace(line, printed=_printed(report))

    def build(self, case: Case) -> Submission:
        if case.build is None:
            return self.hand_in(case.name, case.source())
        # As one of a class, where a folder that cannot be read has its place too.
        folder = self._folder / "class" / case.name / case.name
        sibling = folder.parent / "sibling"
        for member in (folder, sibling):
            member.mkdir(parents=True)
        (sibling / "mlp.py").write_text(BASE)
        case.build(folder, self._watch)
        found = find([folder.parent], self.run.rubric.entry.class_name)
        return next(submission for submission in found if submission.id == case.name)

    def hand_in(self, name: str, source: str) -> Submission:
        folder = self._folder / "class" / name
        folder.mkdir(exist_ok=True)
        for file, text in {
            "mlp.py": source,
            "attempts.py": ATTEMPTS.read_text(),
            "facts.py": self._facts,
        }.items():
            (folder / file).write_text(text)
        return Submission(name, folder, "mlp.py", None)

    def _grade(self, submission: Submission, run: Run) -> GradeReport:
        report = runner.grade(submission, run)
        for error in report.host.errors.values():
            raise RuntimeError(error)
        return report

    def _innocent(self, after: str) -> Line:
        started = time.monotonic()
        try:
            report = self._grade(self.hand_in("innocent", BASE), self.run)
            surprises = [] if report.earned == report.points else [f"lost points: {_sentence(report)}"]
        except Exception as error:  # the line says so, and the other cases go on
            surprises = [f"the grader itself failed: {error}"]
        return self._line("innocent", time.monotonic() - started, f"full points, after {after}", surprises)

    def _orphan(self) -> Line:
        started = time.monotonic()
        surprises = orphans.survive(self._tier, self._folder)
        return self._line("orphan", time.monotonic() - started, "ends with the grader", surprises)

    def _neighbours(self) -> Iterator[Line]:
        started = time.monotonic()
        surprises = []
        # An ordinary user without namespaces has but one bound for all of its threads.
        if self._tier == "A" or os.geteuid() == 0:
            surprises = neighbours.starve(self.run.sandbox, self._folder / "class" / "neighbour")
        yield self._line("neighbour", time.monotonic() - started, "has threads of its own", surprises)
        started = time.monotonic()
        heard = neighbours.talk(self.run.sandbox, self._folder / "class" / "talk")
        yield self._line("talk", time.monotonic() - started, "a neighbour hears nothing", heard)

    def _judge(self, case: Case, report: GradeReport) -> tuple[str, list[str]]:
        """What the report says in a line, and what is wrong with it."""
        printed = _printed(report)
        surprises = sorted({line for line in printed if line.startswith("WENT THROUGH")})
        sentence = _sentence(report)
        if report.earned == report.points and (case.earns == FULL or case.or_held):
            attempts = len({line for line in printed if line.startswith("held")})
            return f"full points; {attempts} attempts failed" if attempts else "full points", surprises
        most = {FULL: report.points, OF_WRONG: self._of_wrong}.get(case.earns, case.earns)
        if case.earns == FULL or report.earned > most:
            surprises.append(f"earned {report.earned} of {report.points}, wanted {most}")
        if not re.search(case.says, sentence):
            surprises.append(f"wanted a message with {case.says!r}")
        if "\n" in sentence or len(sentence) > MOST_CHARACTERS:
            surprises.append(f"the message is no line: {len(sentence)} characters")
        if leaked := self._hidden & windows(to_json(for_students(report)).decode()):
            surprises.append(f"WENT THROUGH: students read hidden inputs: {sorted(leaked)[:3]}")
        if not all(c.isprintable() or c == "\n" for c in _on_a_terminal(report)):
            surprises.append("the report has control characters")
        return one_line(sentence), surprises

    def _line(
        self, name: str, seconds: float, sentence: str, surprises: Sequence[str], verdict: str = "held"
    ) -> Line:
        user = "root" if os.geteuid() == 0 else "user"
        verdict = "SURPRISE" if surprises else verdict
        return Line(self._tier, user, name, verdict, round(seconds, 1), sentence, tuple(surprises))


def windows(text: str) -> set[str]:
    """All that is ten digits long in a text, also with commas between, or with the letters a to j for digits."""
    spelt = "".join(str("abcdefghij".index(c)) if c in "abcdefghij" else " " for c in text.lower())
    runs = re.findall(r"\d{10,}", f"{text} {re.sub(r'(?<=[0-9])[ ,()]+(?=[0-9])', '', text)} {spelt}")
    return {run[i : i + 10] for run in runs for i in range(len(run) - 9)}


class NotOnThisMachine(Exception):
    """The tier cannot run here; the text says why."""


def _sandbox(tier: str, rubric: Rubric, reference: Reference, workspace: Path) -> Sandbox:
    """The sandbox as a run gets it, whatever the canary thinks of how it holds: that is found out here."""
    if tier == "practice":
        return Practice(rubric.packages)
    make = confinement.tiers(rubric, reference)[tier]
    facts = confinement.facts(rubric, reference, workspace)
    if problem := probe(make, facts).problem:
        raise NotOnThisMachine(problem)
    warm = make(warm=True)
    return make() if probe(lambda: warm, facts).problem else warm


def _sentence(report: GradeReport) -> str:
    """The message of the first check that did not pass."""
    checks = (check for question in report.questions for check in question.checks)
    return next((check.message for check in checks if check.outcome is not Outcome.PASSED), "full points")


def _printed(report: GradeReport) -> tuple[str, ...]:
    """The lines that the hand-in printed, over all checks."""
    return tuple("\n".join(report.host.outputs.values()).splitlines())


def _on_a_terminal(report: GradeReport) -> str:
    text = io.StringIO()
    terminal.render(report, Console(file=text, width=120, color_system=None))
    return text.getvalue()


@contextlib.contextmanager
def temporary_in(folder: Path) -> Iterator[Path]:
    """The grader's own temporary folder, inside `folder`, which anybody may pass: only the sandbox keeps others out."""
    folder.chmod(0o755)
    tempfile.tempdir = str(folder / "temp")
    Path(tempfile.tempdir).mkdir()
    with workspace() as made:
        yield made


def main() -> int:
    """Run the suite; print its lines as they come."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.suite")
    parser.add_argument("--tier", required=True, choices=("A", "B", "practice"))
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these cases only")
    parser.add_argument("--sandbox-only", action="store_true", help="without those that only answer falsely")
    parser.add_argument("--show", action="store_true", help="also print what the hand-ins printed")
    parser.add_argument("--out", type=Path, help="write the lines as JSON, too")
    options = parser.parse_args()
    table = OF_THE_SANDBOX if options.sandbox_only else CASES
    cases = [case for case in table if not options.only or case.name in options.only]
    if options.tier == "practice":
        cases = [case for case in cases if case.harmless]
    lines = []
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder, temporary_in(Path(folder)) as made:
        try:
            suite = Suite(options.tier, Path(folder), made)
        except NotOnThisMachine as error:
            print(f"tier {options.tier} does not run here: {error}")
            return NO_SUCH_TIER
        for line in suite.all_cases(cases):
            print(
                line,
                *(f"      {one_line(text)[:200]}" for text in line.printed if options.show),
                sep="\n",
                flush=True,
            )
            lines.append(line)
    if options.out:
        options.out.write_text(json.dumps([asdict(line) for line in lines], indent=1))
    return int(any(line.surprises for line in lines))


if __name__ == "__main__":
    raise SystemExit(main())
