"""Grade one upload inside Gradescope's container: ROOT/submission in, ROOT/results/results.json out.

Students may get to see what is printed: nothing that is hidden is printed, not even where the grader fails.
"""

from __future__ import annotations

import json
import shlex
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from ..assignment.rubric import Rubric
from ..errors import GraderError, UsageError
from ..export.gradescope import FILE, Visibility, results
from ..grading import runner
from ..grading.runner import Run
from ..handin.intake.members import hand_in
from ..handin.intake.place import Place, desk, id_of
from ..handin.plain_files import read_plain
from ..handin.search import Wanted
from ..handin.submission import Submission
from ..marking.late import lateness
from ..model import Entry, GradeReport, Person
from ..report.files import put
from ..report.safe_text import one_line

_MAX_METADATA = 64 << 20
"""Bytes. All earlier results of the student are in it: whoever uploads a hundred times must not become a nobody."""


@dataclass(frozen=True)
class Uploader:
    """What Gradescope says of a hand-in. All of it is untrusted, and any of it may be empty."""

    person: Person = field(default_factory=Person)
    submitted: str = ""
    """ISO 8601 with offset."""
    due: str = ""
    """The student's own due time, where Gradescope gives this one another than the class."""
    earlier: int = 0
    """How many times this student has handed in before."""


@contextmanager
def discreet() -> Iterator[None]:
    """Make a `GraderError` of a fault of our own: the place in our code, and nothing that was at hand there."""
    try:
        yield
    except GraderError:
        raise
    except Exception as error:  # its text may quote hidden values, and a student may read the output
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(last.filename).name}, line {last.lineno}"
        raise GraderError(
            f"the grader failed ({type(error).__name__} in {place}); no score is given"
        ) from None


def clear(root: Path) -> None:
    """Remove an earlier result: where this run fails, there must be none."""
    try:
        (root / "results").mkdir(exist_ok=True)
        (root / "results" / FILE).unlink(missing_ok=True)
    except OSError as error:
        raise GraderError(f"{root / 'results'}: cannot be written ({error.strerror})") from None


def run(root: Path, settings: Run, visibility: Visibility) -> Path:
    """Grade what was uploaded and write results.json, whole or not at all; its path comes back.

    `GraderError` where the grader itself fails, in one check or altogether: then there is no result.
    """
    uploader = read_metadata(root / "submission_metadata.json")
    # As in a gradebook: first tries are all judged on the same inputs, a later one on others.
    nonce = str(uploader.earlier + 1)
    settings = replace(settings, rubric=msgspec.structs.replace(settings.rubric, nonce=nonce))
    submission = find(root / "submission", uploader, settings)
    report = runner.grade(submission, settings)
    if runner.has_errors(report):
        again = (root / "venv" / "bin" / "grade", root / "submission", "--rubric", settings.rubric.path)
        raise GraderError(
            f"the grader failed in {', '.join(report.host.errors) or 'a check'}; no score is given; to see why, "
            f"run in this container: {shlex.join(map(str, again))}"
        )
    path = root / "results" / FILE
    try:
        put({path: results(_entry(report, uploader, settings.rubric), visibility)})
    except OSError as error:
        raise GraderError(f"{path}: cannot be written ({error.strerror})") from None
    return path


def find(folder: Path, uploader: Uploader, settings: Run) -> Submission:
    """The one hand-in that an upload is, whatever it holds; never a class, never an export of a course system.

    `UsageError` where there is no such folder.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; Gradescope puts what was uploaded there")
    reference = settings.reference
    wanted = Wanted.of(settings.rubric.entry, reference.handed_out, reference.folder.name)
    with desk(wanted, settings.workspace) as here:
        return hand_in(
            id_of(uploader.person.name),
            Place(folder),
            here,
            person=uploader.person,
            submitted=uploader.submitted,
            origin="Gradescope",
        )


def read_metadata(path: Path) -> Uploader:
    """What `submission_metadata.json` says; nothing where it says nothing that can be read."""
    content, refused = read_plain(path, _MAX_METADATA)
    try:
        data = {} if refused else json.loads(content)
    except (ValueError, RecursionError):
        data = {}
    users = _get(data, "users")
    user = users[0] if isinstance(users, list) and users else {}
    own, common = _get(user, "assignment"), _get(data, "assignment")
    due = _moment(own, "due_date")
    before = _get(data, "previous_submissions")
    return Uploader(
        Person(
            name=_text(user, "name"),
            email=_text(user, "email"),
            number=_text(user, "sid"),
            course_id=_text(user, "id"),
        ),
        submitted=_moment(data, "created_at"),
        due=due if due != _moment(common, "due_date") else "",
        earlier=len(before) if isinstance(before, list) else 0,
    )


def _get(data: Any, key: str) -> Any:
    return data.get(key) if isinstance(data, dict) else None


def _text(data: Any, key: str) -> str:
    value = _get(data, key)
    return one_line(str(value))[:200] if isinstance(value, str | int) else ""


def _moment(data: Any, key: str) -> str:
    """A time with its offset; empty for anything else."""
    text = _text(data, key)
    try:
        return text if datetime.fromisoformat(text).utcoffset() is not None else ""
    except ValueError:
        return ""


def _entry(report: GradeReport, uploader: Uploader, rubric: Rubric) -> Entry:
    rule = rubric.late
    return Entry(
        report=report,
        person=uploader.person,
        submitted=uploader.submitted,
        late=lateness(rule, report.earned, uploader.submitted, uploader.due, None) if rule else None,
        origin="Gradescope",
        seconds=report.host.timings.get("total", 0.0),
    )
