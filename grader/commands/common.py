"""What several commands share: options, and the way from an option to what it stands for."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from ..entry import visible
from ..errors import GraderError, UsageError
from ..machine.shortage import unwritable

if TYPE_CHECKING:
    from rich.console import Console

    from ..assignment.reference import Reference
    from ..assignment.rubric import Rubric
    from ..cluster.target import Local, Remote
    from ..gradebook import Gradebook
    from ..gradebook.classbook import ClassBook
    from ..grading.engine import Opening
    from ..grading.run import Run
    from ..handin.roster import Roster
    from ..handin.search import Wanted
    from ..model import Person

PathType = click.Path(path_type=Path)
out_option = click.option("--out", default="reports", type=PathType, help="Folder of the reports [reports].")
rubric_option = click.option(
    "--rubric", "rubric_path", type=PathType, help="Rubric to grade by [Problem Set 3]."
)
kept_rubric_option = click.option(
    "--rubric",
    "rubric_path",
    type=PathType,
    help="Rubric to mark by [the one of the last run, as it is now].",
)
roster_option = click.option(
    "--roster", "roster_path", type=PathType, help="CSV of the class: names, ids, extensions."
)
run_option = click.option(
    "--run", "number", type=click.IntRange(min=1), help="One run, by number [of each hand-in the newest]."
)


def assignment(path: Path | None) -> tuple[Rubric, Reference]:
    """The rubric and the reference that it names."""
    from ..grading.loading import load_assignment

    return load_assignment(path)


def wanted(rubric: Rubric, reference: Reference) -> Wanted:
    """What is looked for in a hand-in."""
    from ..handin.search import Wanted

    return Wanted.of(rubric.entry, reference.handed_out, reference.folder.name)


@contextmanager
def workspace() -> Iterator[Path]:
    """The temporary folder of a run."""
    from ..machine.workspace import workspace

    with ExitStack() as stack:
        try:
            folder = stack.enter_context(workspace())
        except OSError as error:
            raise GraderError(f"no temporary folder can be made ({error}); set TMPDIR to one") from None
        yield folder


def settings(
    rubric: Rubric,
    reference: Reference,
    dataset: str,
    jobs: int,
    workspace: Path,
    practice: bool,
    elsewhere: bool = False,
) -> Run:
    """What is the same for every hand-in; with `elsewhere` for those of whom none is run here."""
    from ..grading import confinement, settings
    from ..student.canary import Choice
    from ..student.sandbox import Practice
    from ..student.slots import Slots

    def choose() -> Choice:
        if elsewhere:
            return Choice(confinement.Elsewhere())
        if practice:
            return Choice(Practice(rubric.packages))
        return confinement.sandbox_for(rubric, reference, workspace)

    return settings.settings(rubric, reference, dataset, Slots(jobs), workspace, choose, say)


def cluster_target(where: str | None, keys: Path | None, practice: bool) -> Local | Remote | None:
    """What `--cluster` names; None where hand-ins are graded here."""
    if where is None:
        if keys is not None:
            raise UsageError("--cluster-keys: found keys and no --cluster; wanted --cluster tls://HOST:PORT")
        return None
    if practice:
        raise UsageError(
            "--practice: found --cluster too; a cluster grades in a sandbox: leave out one of both"
        )
    try:
        from ..cluster.target import target
    except ImportError as error:
        raise missing_for_clusters(error) from None
    return target(where, keys)


def missing_for_clusters(error: ImportError) -> UsageError:
    """That what clusters take is not installed, and how to get it."""
    return UsageError(
        f"--cluster: found no {error.name}; install it with: pip install '.[cluster]' -c constraints.txt"
    )


@contextmanager
def prepared(
    rubric: Rubric,
    reference: Reference,
    dataset: str,
    jobs: int | None,
    workspace: Path,
    practice: bool,
    where: Local | Remote | None,
) -> Iterator[tuple[Run, Opening]]:
    """What is the same for every hand-in, and what observes them: here, or on a cluster."""
    from ..grading.confinement import Elsewhere
    from ..grading.engine import Here

    run = settings(rubric, reference, dataset, jobs or cores(), workspace, practice, where is not None)
    if where is None:
        yield run, Here
        return
    try:
        from ..cluster.crew import connected
    except ImportError as error:
        raise missing_for_clusters(error) from None
    with connected(where, run, jobs, say) as crew:
        yield replace(run, sandbox=Elsewhere(crew.tier)), crew.engine


@contextmanager
def class_book(
    out: Path,
    rubric_path: Path | None,
    roster_path: Path | None = None,
    number: int | None = None,
    read_only: bool = True,
) -> Iterator[ClassBook]:
    """The class in the gradebook of a folder of reports, by default under the rubric and roster of its last run."""
    from ..gradebook.classbook import ClassBook

    with gradebook(out, read_only) as book:
        if rubric_path is None and (runs := book.runs()):
            rubric_path = Path(runs[-1].rubric_path)
        rubric, reference = assignment(rubric_path)
        path = roster_path or last_roster(book)
        students = roster(path)
        tell_of_foreign_list(path, students, [(one.submission, one.persons) for _, one in book.hand_ins()])
        yield ClassBook(book, rubric, reference.fingerprint, students, number)


def by_another_rubric(book: ClassBook, rubric_path: Path | None) -> ClassBook | None:
    """The class under the rubric as it is now, where that has changed since it was opened; else None."""
    rubric, reference = assignment(rubric_path or Path(book.book.runs()[-1].rubric_path))
    if (rubric.fingerprint, reference.fingerprint) == (book.rubric.fingerprint, book.reference):
        return None
    return replace(book.anew(), rubric=rubric, reference=reference.fingerprint)


def last_roster(book: Gradebook) -> Path | None:
    """Where the class list of the last run that had one is; None where none had, or it is gone, which is said."""
    named = [run.roster_path for run in book.runs() if run.roster_path]
    if not named:
        return None
    path = Path(named[-1])
    if not path.is_file():
        say(
            f"warning: the class list {path} is gone: no names, extensions or absent students; name it with --roster"
        )
        return None
    return path


@contextmanager
def gradebook(out: Path, read_only: bool = True) -> Iterator[Gradebook]:
    """The gradebook of a folder of reports, which must be there; what is wrong with it is said."""
    from ..gradebook import Gradebook

    with Gradebook(out, create=False, read_only=read_only) as book:
        for remark in book.remarks:
            say(remark)
        yield book


def roster(path: Path | None) -> Roster | None:
    """The roster; None where none is named."""
    if path is None:
        return None
    from ..handin import roster

    return roster.read(path)


def tell_of_foreign_list(
    path: Path | None, roster: Roster | None, found: Iterable[tuple[str, Iterable[Person]]]
) -> None:
    """Say where a class list has nobody who handed in: it is another class's, or names people in another way."""
    from ..model import Person

    there = list(found)
    pairs = [(id, person) for id, persons in there for person in tuple(persons) or (Person(),)]
    if roster is None or not there or any(roster.match(id, person) for id, person in pairs):
        return
    first, person = pairs[0]
    known = ", ".join(filter(None, (person.name, person.number, person.login, person.email)))
    say(
        f"warning: {path}: none of its {len(roster.students)} students is one of the {len(there)} hand-ins (the first "
        f"is {first}{f': {known}' if known else ''}); wanted a column id, number, login or email with what the course "
        "system has, or whole names"
    )


def roster_beside(paths: Iterable[Path]) -> Path | None:
    """The class list that lies in a folder with the archive of a class, where it can be nothing else; it is said."""
    from ..handin import roster as rosters
    from ..handin.unpacking.plan import is_archive

    found = []
    for folder in paths:
        try:
            names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        except OSError:
            continue  # which is said where hand-ins are looked for
        if any(map(is_archive, names)):
            found += [folder / name for name in names if name.lower().endswith(".csv")]
    lists = []
    for path in found:
        try:
            if rosters.read(path).students:
                lists.append(path)
        except UsageError as error:
            say(f"{path}: is not used as the class list ({str(error).removeprefix(f'{path}, ')})")
    if len(lists) == 1:
        say(f"{lists[0]} is used as the class list; name another with --roster")
        return lists[0]
    if lists:
        say(f"{' and '.join(map(str, lists))} may be class lists: name one with --roster")
    return None


def write_class_page(book: ClassBook, out: Path) -> Path:
    """Write the class report, as the gradebook has the class now; its path comes back."""
    from ..report.files import put

    path, version = out / "index.html", ""
    while version != (version := book.book.version()):  # else somebody has marked, and drawn it, meanwhile
        page = _class_page(book.anew(), out)
        try:
            put({path: page.encode()})
        except OSError as error:
            raise GraderError(unwritable(path, error)) from None
    return path


def _class_page(book: ClassBook, out: Path) -> str:
    from ..grading.publish import report_folders
    from ..report import class_page, classroom

    written = book.rubric.written.mistakes if book.rubric.written else {}
    summary = classroom.summarise(book.head(), book.entries())
    folders = {id: path.name for id, path in report_folders(book.book, out).items()}
    return class_page.render(summary, {**book.rubric.mistakes, **written}, folders)


def writable(out: Path) -> None:
    """Find out before grading whether reports can be written. A folder that is made for them is the owner's alone."""
    try:
        out.mkdir(0o700, parents=True, exist_ok=True)
        probe = out / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise GraderError(
            f"{out}: reports cannot be written there ({error.strerror}); name another folder with --out"
        ) from None


def content(path: Path) -> bytes:
    """What a file holds that the user names."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None


def standard_output_in_utf8() -> TextIO:
    """Standard output for a table that a spreadsheet is to open, whatever the terminal shows."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    return sys.stdout


def cores() -> int:
    """The cores that this process may use, which in a container can be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def console(**options: Any) -> Console:
    """Standard output, for tables and colours."""
    from rich.console import Console

    return Console(highlight=False, **options)


@contextmanager
def status(console: Console, what: str) -> Iterator[Callable[[str], None]]:
    """Show on a terminal what is at work; yields what is told more of it."""
    if not console.is_terminal:
        yield lambda _: None
        return
    from rich.markup import escape

    with console.status(f"grading {what}", spinner="dots") as status:
        yield lambda more: status.update(f"grading {what}: {escape(more)}")


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, on standard error; yields what is told how many are done, of how many."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what)
        yield lambda done, all: bar.update(task, completed=done, total=all)


def warn(rubric: Rubric) -> None:
    """Say what is wrong with the secret that hidden inputs are drawn from, or with the Python that grades."""
    for remark in rubric.remarks:
        say(f"warning: {remark}")


def tell_of_misfits(book: ClassBook, discreet: bool = False) -> None:
    """Say which marks of persons do not count, or for other points, each in a line; `discreet` only how many."""
    from ..report.safe_text import one_line
    from ..report.wording import misfit

    name = book.rubric.path.name
    if found := book.misfits:
        what = "1 mark of a person does" if len(found) == 1 else f"{len(found)} marks of persons do"
        say(
            f"warning: {what} not count under {name} and what was handed in: look, and give them again with "
            "grade mark, or take them back with --withdraw"
        )
    if adjusted := book.adjusted:
        what = (
            "1 mark of a person counts" if len(adjusted) == 1 else f"{len(adjusted)} marks of persons count"
        )
        say(f'{what} for other points, as {name} says (given_marks = "{book.rubric.given_marks}")')
    for one in () if discreet else (*found, *adjusted):
        say(one_line(f"{one.submission} {one.question}: {misfit(one)}"))


def tell_of_strangers(book: ClassBook, discreet: bool = False) -> None:
    """Say which hand-ins are on nobody's row of the roster; `discreet` only how many."""
    from ..export.notices import strangers

    if not (found := book.head().strangers):
        return
    what = "1 hand-in is" if len(found) == 1 else f"{len(found)} hand-ins are"
    say(f"warning: {what} on nobody's row of the roster" if discreet else f"warning: {strangers(found)}")


def say(line: str) -> None:
    """A line beside the output."""
    click.echo(f"grade: {visible(line)}", err=True)
