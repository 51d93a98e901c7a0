"""A class in a gradebook that was never graded: findings as grading leaves them; and the command line, in process."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
from click.testing import CliRunner

from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from grader.cli import grade
from grader.errors import GraderError
from grader.gradebook import Gradebook, HandIn, Hashes
from grader.grading.loading import load_assignment
from grader.marking.findings import Exhibits, Findings, Unread, packed
from grader.marking.marking import report
from grader.model import CheckResult, Host, Image, NotebookResult, Outcome, Person, PrintedValue
from grader.written import process
from grader.written.answered import key
from tests.conftest import ROOT

RUBRIC = ROOT / "rubrics" / "ps3.toml"
SECRET = "of a test, and long enough for one"
NOW = "2026-03-02T09:00:00+00:00"


@dataclass(frozen=True)
class Done:
    """What a command line came to."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


@dataclass(frozen=True)
class Member:
    """One hand-in, as much of it as a test says."""

    id: str
    texts: dict[str, str] = field(default_factory=dict)
    pictures: tuple[str, ...] = ()
    """Questions whose answer holds a picture."""
    picture: str = "aGVsbG8="
    notes: tuple[str, ...] = ()
    persons: tuple[Person, ...] = ()
    submitted: str = ""
    origin: str = ""
    unread: str = ""
    """Why the notebook was not read; empty where it was."""
    notebook: bool = True
    code: str = "1"
    failed: tuple[str, ...] = ()
    """Checks of code that failed."""
    sources: dict[str, str] = field(default_factory=dict)
    """The code that was graded."""
    claims: tuple[PrintedValue, ...] = ()
    """What its notebook prints."""
    trouble: str = ""
    """Why it could not be graded; empty where it could."""
    judged: bool = False
    """Whether its derivations are judged, which takes a second."""


class Desk:
    """A folder with a rubric and a gradebook."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out = folder, folder / "reports"
        self.path = folder / "ps3.toml"
        self.path.write_text(re.sub(r"(?m)^secret = .*", f'secret = "{SECRET}"', RUBRIC.read_text(), count=1))
        self.out.mkdir()

    def assignment(self) -> tuple[Rubric, Reference]:
        return load_assignment(self.path)

    def grade(self, *members: Member, roster: Path | None = None) -> None:
        """Record a run over these."""
        rubric, reference = self.assignment()
        hashes = Hashes(
            rubric.id, rubric.fingerprint, rubric.asking, reference.fingerprint, "grader", "digits", "d",
            rubric.secret_fingerprint, "A",
        )  # fmt: skip
        with Gradebook(self.out) as book:
            pairs = [(one.id, key(repr(one))) for one in members]
            number, _ = book.begin(hashes, rubric.content, (self.path, roster), pairs, NOW)
            for one, (_, files) in zip(members, pairs, strict=True):
                if one.trouble:
                    book.record(
                        number, HandIn(one.id, files, None, one.trouble, one.notes, one.persons), None
                    )
                    continue
                found, shown = _found(one, rubric, reference)
                book.keep(files, number, packed(found), packed(shown), True)
                hand_in = HandIn(
                    one.id,
                    files,
                    files,
                    "",
                    one.notes,
                    one.persons,
                    one.submitted,
                    one.origin,
                    found_in=number,
                )
                raw = report(one.id, one.notes, found, Exhibits(), rubric, reference.fingerprint)
                book.record(number, hand_in, raw)
            book.end(number, NOW)

    def edit(self, old: str, new: str, after: str = "") -> None:
        """Change the rubric, the first time that `old` is there behind `after`."""
        text = self.path.read_text()
        at = text.index(old, text.index(after))
        self.path.write_text(text[:at] + new + text[at + len(old) :])

    def __call__(self, *arguments: object) -> Done:
        """`grade ...` on it."""
        return command(*arguments, "--out", self.out)

    def rows(self) -> dict[str, dict[str, str]]:
        """What `grade export --format csv` says, by hand-in."""
        done = self("export", "--format", "csv", "--to", "-")
        assert done.code == 0, done.said
        return {row["id"]: row for row in csv.DictReader(io.StringIO(done.out))}

    def sheet(self, question: str = "Q1.6") -> list[dict[str, str]]:
        """The rows of a sheet for marks."""
        done = self("mark", "--sheet", question)
        assert done.code == 0, done.said
        return list(csv.DictReader(io.StringIO(done.out)))

    def take(self, rows: Sequence[dict[str, str]], *more: object) -> Done:
        """Take a sheet back."""
        path = self.folder / "sheet.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return self("mark", "--from", path, *more)


def finished(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """`grade ...` in a folder, as a process would give it back, but in this one: to start costs more than to export."""
    with contextlib.chdir(folder):
        done = command(*arguments)
    return subprocess.CompletedProcess(arguments, done.code, done.out, done.err)


def command(*arguments: object) -> Done:
    """`grade ...`, with errors said as `entry` does."""
    done = CliRunner().invoke(grade, list(map(str, arguments)))
    error = done.exception
    if isinstance(error, GraderError):
        return Done(error.exit_code, done.stdout, f"{done.stderr}grade: {error}\n")
    if isinstance(error, click.ClickException):
        return Done(error.exit_code, done.stdout, f"{done.stderr}{error.format_message()}\n")
    if error is not None and not isinstance(error, SystemExit):
        raise error
    return Done(done.exit_code, done.stdout, done.stderr)


def _found(one: Member, rubric: Rubric, reference: Reference) -> tuple[Findings, Exhibits]:
    results = {
        spec.id: CheckResult(
            spec.id,
            spec.title,
            Outcome.FAILED if spec.id in one.failed else Outcome.PASSED,
            spec.points * 0 if spec.id in one.failed else spec.points,
            spec.points,
            "Not as it should be." if spec.id in one.failed else "",
            hint=spec.hint if spec.id in one.failed else "",
            hidden=spec.hidden,
        )
        for question in rubric.questions
        for spec in question.checks
    }
    written = {q.id: Unread(one.unread) for q in rubric.questions if not q.checks} if one.unread else {}
    files = {"mlp.py": "0" * 64} | ({"ps3.ipynb": "1" * 64} if one.notebook and not one.unread else {})
    texts = one.texts if one.unread or not one.notebook else dict.fromkeys(_written(rubric), "") | one.texts
    judgements = process.judge(reference.folder, texts, rubric) if one.judged else {}
    found = Findings(
        "digits", results, texts, judgements, one.pictures, files, (), Host("A", {}, {}),
        unread=written, code=one.code, pictures={id: key("", one.picture) for id in one.pictures},
    )  # fmt: skip
    images = {id: (Image("photo.jpg", "image/png", one.picture),) for id in one.pictures}
    notebook = NotebookResult("ps3.ipynb", "It ran.", values=one.claims) if one.claims else None
    return found, Exhibits(images=images, sources=one.sources, notebook=notebook)


def _written(rubric: Rubric) -> list[str]:
    return [question.id for question in rubric.questions if not question.checks]
