"""Grade many hand-ins side by side, into a gradebook: one that fails, fails alone, and what is done is done.

Identical hand-ins are graded once; one that was graded before, under settings that find the same, is only marked.
"""

from __future__ import annotations

import contextlib
import hashlib
import queue
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Protocol

import msgspec

from ..errors import GradebookError, GraderError, UsageError
from ..gradebook import Gradebook, HandIn, Hashes, Kind, MarkRecord, standing, tries
from ..handin.staging import fingerprint
from ..handin.submission import Submission
from ..machine import clock
from ..marking import marking
from ..marking.findings import Exhibits, Findings, same, stored
from ..model import GradeReport, Person
from ..report.audience import for_students
from ..report.rendering import Renderer
from ..student.process import Cancelled
from . import runner
from .engine import Engine, EngineGone, Here, Job, Observed, Opening, Site, not_graded
from .fingerprints import hashes
from .publish import Current, Publisher, report_folders
from .runner import Run

_PAGE_S = 30
"""Seconds from one drawing of the class's page to the next, at least."""
NEW = "new"
"""In place of a nonce: one that nobody has seen."""


class Watcher(Protocol):
    """What is told, from any thread, how a batch gets on."""

    def begin(self, hand_ins: int) -> None:
        """There are so many."""

    def started(self, id: str) -> None:
        """Student code of a hand-in is about to run."""

    def at(self, id: str, title: str) -> None:
        """A check of it is running."""

    def done(self, graded: Graded) -> None:
        """A hand-in is marked, or has failed."""

    def fault(self, why: str, trace: str) -> None:
        """A report of one that is marked cannot be drawn."""


@dataclass(frozen=True)
class Graded:
    """A hand-in that is done."""

    submission: Submission
    report: GradeReport | None
    """With persons' marks, for the audience that was asked for; None where it could not be graded."""
    trouble: str = ""
    """Why it could not be graded, in a line."""
    trace: str = ""
    """The traceback, where that is the grader's own fault."""
    ran: bool = True
    """Whether student code ran for it, in this run; else it was unchanged, or a copy of another one."""


@dataclass(frozen=True)
class Batch:
    """What is the same for all hand-ins."""

    run: Run
    book: Gradebook
    renderer: Renderer
    out: Path
    audience: str
    watcher: Watcher
    whole: bool = False
    """Whether the watcher gets reports with their pictures."""
    roster: Path | None = None
    """Where the class list is, for the commands that come after."""
    names: Callable[[Submission], tuple[str, ...]] = lambda submission: tuple(
        person.name for person in submission.persons if person.name
    )
    """What the students of a hand-in are called."""
    draw_class: Callable[[], object] = lambda: None
    """Writes the page of the class as it is so far."""
    nonce: str = ""
    """What to grade all of them under, or `NEW`; empty where each has the one of its try (see `gradebook.tries`)."""
    engine: Opening = Here
    """What observes them."""


def grade(found: Sequence[Submission], batch: Batch, again: bool = False) -> int:
    """Grade, mark and write all hand-ins; the number of the run in the gradebook comes back.

    With `again` also those that are unchanged. What was begun before it was killed goes on.

    Raises:
        GradebookError: the gradebook cannot be written; nothing that it holds is lost.
        KeyboardInterrupt: all workers are dead then, and what was done is in the gradebook.
    """
    _same_persons(batch, found)
    files = [(submission, fingerprint(submission)) for submission in found]
    listed = [(one.id, digest) for one, digest in files]
    kind: Kind = "again" if again else "grade"
    settings = _with_nonce(batch, listed, kind)
    number, goes_on = batch.book.begin(
        settings, batch.run.rubric.content, (batch.run.rubric.path, batch.roster), listed, clock.now(), kind
    )
    groups: dict[str, _Group] = {}
    before = batch.book.tries(batch.run.rubric.id)
    for submission, digest in files:
        nonce = settings.nonce or tries.nonce(submission.id, digest, before)
        key = settings.finding_key(digest, nonce)
        groups.setdefault(key, _Group(key, nonce, [])).members.append((submission, digest))
    if again and not goes_on:
        batch.book.begin_anew(groups)
    batch.watcher.begin(len(found))
    work = _Work(batch, settings, number, again, tuple(one.id for one in found))
    work.do(list(groups.values()))
    batch.book.end(number, clock.now())
    return number


def _with_nonce(batch: Batch, listed: Sequence[tuple[str, str]], kind: Kind) -> Hashes:
    """The settings with the nonce that is asked for; a run that was stopped goes on under the new one that it had."""
    settings = msgspec.structs.replace(hashes(batch.run), nonce=batch.nonce)
    if batch.nonce != NEW:
        return settings
    for run in batch.book.runs()[-1:]:
        same = msgspec.structs.replace(settings, nonce=run.nonce)
        if run.nonce.startswith(f"{NEW}-") and batch.book.goes_on(same, listed, kind):
            return same
    # Not seeded: it is worth something because nobody can know it before. The report says what it was.
    return msgspec.structs.replace(settings, nonce=f"{NEW}-{secrets.token_hex(8)}")


def _same_persons(batch: Batch, found: Sequence[Submission]) -> None:
    """`UsageError` where an id was somebody else's before: persons' marks would go to the wrong one."""
    before = {one.submission: one for _, one in batch.book.hand_ins(assignment=batch.run.rubric.id)}
    for one in found:
        if one.id not in before:
            continue
        was, now = _identities(before[one.id].persons), _identities(one.persons)
        if {field for field, _ in was} & {field for field, _ in now} and not was & now:
            raise UsageError(
                f"{one.id} was somebody else before (see grade history {one.id}): marks would go to the wrong one; "
                "grade into another folder with --out"
            )


def _identities(persons: Iterable[Person]) -> set[tuple[str, str]]:
    fields = ("course_id", "number", "email", "login")
    return {(name, value) for person in persons for name in fields if (value := getattr(person, name))}


@dataclass(frozen=True)
class _Group:
    """Hand-ins with the same files, to be graded under the same nonce."""

    key: str
    nonce: str
    members: list[tuple[Submission, str]]
    """Each with the hash of its files."""


@dataclass
class _Work:
    """The hand-ins of one run."""

    batch: Batch
    settings: Hashes
    number: int
    again: bool
    """Whether only what this run has found itself counts as known."""
    ids: tuple[str, ...]
    """Of all hand-ins."""
    publisher: Publisher = field(init=False)
    repeated: queue.SimpleQueue[tuple[Job, Observed]] = field(default_factory=queue.SimpleQueue)
    """What came in of hand-ins that were done already."""
    next_page: float = field(default_factory=lambda: time.monotonic() + _PAGE_S)
    """When the page of the class is drawn again, by the monotonic clock."""

    def __post_init__(self) -> None:
        folders = report_folders(self.batch.book, self.batch.out, self.ids)
        self.publisher = Publisher(self.batch.book, self.batch.renderer, folders)

    def do(self, groups: list[_Group]) -> None:
        """All groups: first what only needs marking, then what has to run."""
        to_run = []
        for group in groups:
            if (known := self._known(group.key)) is not None:
                self._guarded(group, partial(self._mark, group, *known, None))
            else:
                to_run.append(group)
        if to_run:
            with self.batch.engine(self._site()) as engine:
                self._run(to_run, engine)
        self._settle(wait=True)

    def _site(self) -> Site:
        watcher = self.batch.watcher
        return Site(
            self.batch.run,
            self.settings,
            self.batch.book.journal,
            watcher.started,
            watcher.at,
            lambda job, observed: self.repeated.put((job, observed)),
        )

    def _run(self, groups: list[_Group], engine: Engine) -> None:
        """Have the first of each group observed, and mark all of it as soon as that is done."""
        done: queue.SimpleQueue[Future[Observed]] = queue.SimpleQueue()
        running: dict[Future[Observed], _Group] = {}

        def begin(group: _Group) -> None:
            future = engine.submit(Job(group.members[0][0], group.key, group.nonce))
            running[future] = group
            future.add_done_callback(done.put)

        for group in groups:
            begin(group)
        while running:
            if (future := next_of(done)) is not None:
                found, others = self._parted(running.pop(future), future)
                if others is not None:
                    begin(others)
                self._guarded(found, partial(self._keep, found, future))
            self._compare_repeated()
            self._settle()
            self._draw_class()

    def _compare_repeated(self) -> None:
        """What came in twice has to say the same. Else both are kept, and somebody has to know."""
        waiting, self.repeated = self.repeated, queue.SimpleQueue()
        while not waiting.empty():
            job, observed = waiting.get()
            key = self.settings.finding_key(observed.content, job.nonce) if observed.content else job.key
            kept = self.batch.book.finding(key, self.number)
            if kept is None:
                self.repeated.put((job, observed))  # the first one is still on its way to the gradebook
            elif not same(kept, observed.findings):
                other = f"{key}+{hashlib.sha256(observed.findings).hexdigest()[:12]}"
                self.batch.book.keep(other, self.number, observed.findings, observed.exhibits, False)
                self.batch.watcher.fault(
                    f"{job.submission.id}: not deterministic: observed twice, something else was found; marks are by "
                    f"the first, and both are in the gradebook ({key} and {other})",
                    "",
                )

    def _parted(self, group: _Group, future: Future[Observed]) -> tuple[_Group, _Group | None]:
        """Those of a group whose files these findings are of, and the others.

        What has changed since the run began is other files than the group's: it is marked alone, by its own.
        """
        submission, digest = group.members[0]
        if future.exception() is not None or future.result().content in ("", digest):
            return group, None
        content = future.result().content
        key = self.settings.finding_key(content, group.nonce)
        others = replace(group, members=group.members[1:])
        return replace(group, key=key, members=[(submission, content)]), others if others.members else None

    def _known(self, key: str) -> tuple[Findings, int] | None:
        """What was found before and by which run, if grading again would find the same and all of it can be read."""
        run = self.batch.book.final(key)
        if run is None or (self.again and run != self.number):
            return None
        try:
            return stored(self.batch.book.finding(key, run), Findings), run
        except GradebookError:
            return None  # damaged: found anew

    def _guarded(self, group: _Group, work: Callable[[], list[Graded]]) -> None:
        """Do the work of a group; where it fails, that is the end of the group, and all others go on."""
        try:
            done = work()
        except (Cancelled, EngineGone, GradebookError):
            raise
        except Exception as error:
            fault = not_graded(error)
            why, trace = str(fault), fault.trace
            done = []
            for submission, digest in group.members:
                one = _hand_in(submission, digest, None, group.nonce, why)
                self.batch.book.record(self.number, one, None)
                done.append(Graded(submission, None, why, trace))
        for graded in done:  # outside of it all: that nobody reads our output is no hand-in's fault
            self.batch.watcher.done(graded)

    def _keep(self, group: _Group, future: Future[Observed]) -> list[Graded]:
        """Keep what was found in the first of a group, and mark all of it."""
        found, book, number = future.result(), self.batch.book, self.number
        book.keep(group.key, number, found.findings, found.exhibits, found.final)
        kept = stored(book.finding(group.key, number), Findings)
        return self._mark(group, kept, number, group.members[0][0])

    def _mark(self, group: _Group, findings: Findings, found_in: int, ran: Submission | None) -> list[Graded]:
        """Mark every member of a group by what a run found, and have its report written."""
        batch, done = self.batch, []
        for submission, digest in group.members:
            raw = self._report(submission, findings, Exhibits())
            hand_in = _hand_in(submission, digest, (group.key, found_in), group.nonce)
            batch.book.record(self.number, hand_in, raw)
            read = partial(self._current, (group.key, found_in), submission, findings)
            current = self.publisher.publish(submission.id, batch.audience, read) or read()
            whole = batch.whole or runner.has_errors(current.light)
            shown = current.whole() if whole else current.light
            if batch.audience == "student":
                shown = for_students(shown)
            done.append(Graded(submission, shown, ran=submission is ran))
        return done

    def _current(self, found: tuple[str, int], submission: Submission, findings: Findings) -> Current:
        """The report as it is now: marks may be given while others are graded."""
        raw, (key, run) = self._report(submission, findings, Exhibits()), found
        marks = self.batch.book.marks(raw.rubric, submission.id).get(submission.id, {})
        whole = cache(partial(self._whole, found, submission, findings, marks))
        shown = standing.applied(raw, marks, self.batch.run.rubric.given_marks)
        return Current(shown, f"{key} {run}", whole, self.batch.names(submission))

    def _whole(
        self,
        found: tuple[str, int],
        submission: Submission,
        findings: Findings,
        marks: Mapping[str, MarkRecord],
    ) -> GradeReport:
        """The report with its pictures and persons' marks."""
        exhibits = stored(self.batch.book.exhibits(*found), Exhibits)
        whole = self._report(submission, findings, exhibits)
        return standing.applied(whole, marks, self.batch.run.rubric.given_marks)

    def _report(self, submission: Submission, findings: Findings, exhibits: Exhibits) -> GradeReport:
        run = self.batch.run
        return marking.report(
            submission.id, submission.notes, findings, exhibits, run.rubric, run.reference.fingerprint
        )

    def _draw_class(self) -> None:
        """Draw the page of the class now and then, so that marking can begin; the last one is the command's to draw."""
        if time.monotonic() < self.next_page:
            return
        started = time.monotonic()
        with contextlib.suppress(GraderError):  # said at the end, where it is drawn again
            self.batch.draw_class()
        self.next_page = time.monotonic() + max(_PAGE_S, 20 * (time.monotonic() - started))

    def _settle(self, wait: bool = False) -> None:
        """Tell of reports that cannot be drawn; others go on."""
        for fault in self.publisher.settle(wait):
            self.batch.watcher.fault(str(fault), fault.trace)


def next_of(done: queue.SimpleQueue[Future[Observed]]) -> Future[Observed] | None:
    """One that is done; None after a second without any, or Python would not see an interrupt before the next one."""
    try:
        return done.get(timeout=1)
    except queue.Empty:
        return None


def _hand_in(
    submission: Submission, digest: str, found: tuple[str, int] | None, nonce: str, trouble: str = ""
) -> HandIn:
    key, found_in = found or (None, 0)
    return HandIn(
        submission.id,
        digest,
        key,
        trouble,
        submission.notes,
        tuple(
            msgspec.structs.replace(person, returned_as=submission.returned_as)
            for person in submission.persons
        ),
        submission.submitted,
        submission.origin,
        nonce,
        found_in,
    )
