"""Many hand-ins at once: one that fails, fails alone; what was done, or is the same, is not done again."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from grader import gradebook
from grader.errors import GradebookError, GraderError, UsageError
from grader.export import feedback
from grader.gradebook import Gradebook, MarkRecord, rows
from grader.gradebook.classbook import ClassBook
from grader.grading import batch, engine, fingerprints, remarking, runner, stages
from grader.grading.batch import Batch, Graded
from grader.grading.engine import EngineGone, Job, NotGraded, Observed, Site
from grader.grading.progress import Outcome
from grader.grading.runner import Run
from grader.handin.staging import Material, Staged
from grader.handin.submission import Submission
from grader.marking.findings import Exhibits, Findings, packed, stored
from grader.model import GradeReport, Host, Mark, Person, from_json, to_json
from grader.reading.process import Here
from grader.report import rendering
from grader.selftest.inside import Inside
from grader.student.slots import Slots
from tests.conftest import SUBMISSIONS
from tests.finding import find
from tests.grading.test_runner import SOLUTION, without_accuracy
from tests.marking.test_marking import reweighted

BROKEN = "import numpy_that_is_not_there_{}\n"


@pytest.fixture
def quick(on_digits: Run) -> Run:
    return dataclasses.replace(on_digits, rubric=without_accuracy(on_digits.rubric))


def hand_ins(folder: Path, **sources: str) -> list[Submission]:
    for name, source in sources.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "mlp.py").write_text(source)
    return find(sorted(folder.iterdir()), "TwoLayerMLP")


def not_ended(book: Gradebook) -> None:
    """As a killed grader leaves it."""
    for values in book.rows("run"):
        row = {**dict(zip(rows.COLUMNS["run"], values, strict=True)), "ended": None, "hand_ins": None}
        with book.change() as change:
            rows.put(change, "run", row, clash="REPLACE")


class Told(Outcome):
    """Remembers what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.started_ids: list[str] = []
        self.graded: dict[str, Graded] = {}

    def started(self, id: str) -> None:
        self.started_ids.append(id)

    def show(self, graded: Graded) -> None:
        self.graded[graded.submission.id] = graded


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    (tmp_path / "out").mkdir()
    with Gradebook(tmp_path / "out") as book:
        yield book


def grade(
    book: Gradebook, run: Run, found: list[Submission], again: bool = False, **more: object
) -> tuple[int, Told]:
    told = Told()
    settings = {"renderer": rendering.Here(), "audience": "staff", **more}
    number = batch.grade(found, Batch(run, book, out=book.path.parent, watcher=told, **settings), again)
    return number, told


@pytest.mark.slow
def test_an_unchanged_hand_in_is_not_run_again(tmp_path: Path, book: Gradebook, quick: Run):
    found = hand_ins(tmp_path / "class", ann=BROKEN.format(1), ben=BROKEN.format(2))
    assert sorted(grade(book, quick, found)[1].started_ids) == ["ann", "ben"]
    files = {path: path.stat().st_mtime_ns for path in book.path.parent.glob("*/report.*")}
    assert len(files) == 6
    number, told = grade(book, quick, hand_ins(tmp_path / "class", ben=BROKEN.format(3)))
    assert (number, told.started_ids) == (2, ["ben"])
    assert [told.graded[id].ran for id in ("ann", "ben")] == [False, True]
    kept = {path for path, at in files.items() if path.stat().st_mtime_ns == at}
    assert kept == {path for path in files if path.parent.name == "ann"}
    assert len(book.results(2)) == len(book.results(1))


@pytest.mark.slow
def test_again_runs_all(tmp_path: Path, book: Gradebook, quick: Run):
    found = hand_ins(tmp_path / "class", ann=BROKEN.format(1))
    grade(book, quick, found)
    assert grade(book, quick, found, again=True)[1].started_ids == ["ann"]


@pytest.mark.slow
def test_identical_files_are_graded_once(tmp_path: Path, book: Gradebook, quick: Run):
    found = hand_ins(tmp_path / "class", **dict.fromkeys(("ann", "ben", "cleo"), BROKEN.format(1)))
    _, told = grade(book, quick, found)
    assert told.started_ids == ["ann"]
    assert {id: one.ran for id, one in told.graded.items()} == {"ann": True, "ben": False, "cleo": False}
    for id in ("ann", "ben", "cleo"):
        assert from_json((book.path.parent / id / "report.json").read_bytes()).submission == id


def nonces(told: Told) -> dict[str, str]:
    return {id: one.report.nonce for id, one in told.graded.items() if one.report}


@pytest.mark.slow
def test_whoever_hands_in_again_is_judged_on_other_inputs(tmp_path: Path, book: Gradebook, quick: Run):
    folder = tmp_path / "class"
    assert set(nonces(grade(book, quick, hand_ins(folder, ann="1", ben="2"))[1]).values()) == {"1"}
    _, told = grade(book, quick, hand_ins(folder, ben="3", cleo="4"))
    assert (nonces(told), sorted(told.started_ids)) == (
        {"ann": "1", "ben": "2", "cleo": "1"},
        ["ben", "cleo"],
    )
    _, told = grade(book, quick, hand_ins(folder, ben="2"))
    assert (nonces(told)["ben"], told.started_ids) == ("1", []), (
        "the same files as at first, the same finding"
    )
    _, told = grade(book, quick, hand_ins(folder, ben="5"), again=True)
    assert nonces(told) == {"ann": "1", "ben": "3", "cleo": "1"}
    saved = from_json((book.path.parent / "ben" / "report.json").read_bytes())
    assert saved.nonce == "3"


@pytest.mark.slow
def test_a_nonce_that_was_asked_for_stays_until_another_is(tmp_path: Path, book: Gradebook, quick: Run):
    found = hand_ins(tmp_path / "class", ann="1", ben="2")
    assert set(nonces(grade(book, quick, found, nonce="X")[1]).values()) == {"X"}
    _, told = grade(book, quick, found)
    assert (set(nonces(told).values()), told.started_ids) == ({"X"}, [])
    _, told = grade(book, quick, found, nonce="1")
    assert (set(nonces(told).values()), sorted(told.started_ids)) == ({"1"}, ["ann", "ben"])
    _, told = grade(book, quick, found, nonce="X")
    assert told.started_ids == [], "found before, under that one"
    assert nonces(grade(book, quick, hand_ins(tmp_path / "class", cleo="3"))[1])["cleo"] == "X", (
        "as the others"
    )
    assert [run.nonce for run in book.runs()] == ["X", "", "1", "X", ""]


@pytest.mark.slow
def test_a_new_nonce_is_new_each_time_but_for_a_run_that_goes_on(tmp_path: Path, book: Gradebook, quick: Run):
    found = hand_ins(tmp_path / "class", ann="1", ben="2")
    number, told = grade(book, quick, found, nonce=batch.NEW)
    (first,) = set(nonces(told).values())
    not_ended(book)
    same, told = grade(book, quick, found, nonce=batch.NEW)
    assert (same, set(nonces(told).values()), told.started_ids) == (number, {first}, [])
    _, told = grade(book, quick, found, nonce=batch.NEW)
    (second,) = set(nonces(told).values())
    assert first != second
    assert sorted(told.started_ids) == ["ann", "ben"]
    not_ended(book)
    _, told = grade(book, quick, found[:1], nonce=batch.NEW)
    assert nonces(told)["ann"] not in (first, second), "of other hand-ins, it does not go on"


@pytest.mark.slow
def test_the_same_nonce_gives_the_same_bytes_in_another_folder(tmp_path: Path, quick: Run):
    written = []
    quick = dataclasses.replace(quick, worker=Inside, reader=Here)
    for out, nonce in (("one", "X"), ("two", "X"), ("three", ""), ("four", "1")):
        (tmp_path / out).mkdir()
        with Gradebook(tmp_path / out) as book:
            grade(book, quick, find([SUBMISSIONS / "factor_half_forgotten"], "TwoLayerMLP"), nonce=nonce)
        report = from_json((tmp_path / out / "factor_half_forgotten" / "report.json").read_bytes())
        written.append(to_json(msgspec.structs.replace(report, host=Host("", {}, {}))))
    assert written[0] == written[1] != written[2] == written[3]


@pytest.mark.slow
@pytest.mark.parametrize("change", ["tolerance", "secret", "dataset", "tier", "grader"])
def test_settings_that_can_find_something_else_run_it_again(
    tmp_path: Path, book: Gradebook, quick: Run, change: str, monkeypatch: pytest.MonkeyPatch
):
    found = hand_ins(tmp_path / "class", ann=BROKEN.format(1))
    grade(book, quick, found)
    rubric = quick.rubric
    match change:
        case "tolerance":
            asking = reweighted(
                tmp_path, ('id = "sigmoid-toy-loss"', "tolerance = 1e-6", "tolerance = 1e-5")
            ).asking
            quick = dataclasses.replace(quick, rubric=msgspec.structs.replace(rubric, asking=asking))
        case "secret":
            quick = dataclasses.replace(quick, rubric=msgspec.structs.replace(rubric, secret="another"))
        case "dataset":
            monkeypatch.setattr(type(quick.dataset), "fingerprint", "another")
        case "tier":
            quick = dataclasses.replace(quick, sandbox=Elsewhere())
        case "grader":
            monkeypatch.setattr(fingerprints, "grader_fingerprint", lambda: "another")
    assert grade(book, quick, found)[1].started_ids == ["ann"]


class Elsewhere:
    tier = "Z: another one"

    def start(self, launch: object) -> object:
        raise OSError("there is no such sandbox")


def test_a_fault_of_the_machine_is_not_kept(tmp_path: Path, book: Gradebook, quick: Run):
    """Where the grader or the machine failed, the next run tries again."""
    found = hand_ins(tmp_path / "class", ann=BROKEN.format(1))
    broken = dataclasses.replace(quick, sandbox=Elsewhere())
    _, told = grade(book, broken, found)
    assert told.exit_code == 3
    assert "no such sandbox" in "".join(told.traces)
    report = told.graded["ann"].report
    assert report is not None
    assert (report.earned, report.open_points) == (0, sum(q.points for q in report.questions))
    assert grade(book, broken, found)[1].started_ids == ["ann"]


def changing(monkeypatch: pytest.MonkeyPatch, change: Callable[[Submission], object]) -> None:
    """Have hand-ins changed after they were found, just before they are copied."""
    stage = stages.stage

    def late(submission: Submission, folder: Path, material: Material | None) -> Staged:
        change(submission)
        return stage(submission, folder, material)

    monkeypatch.setattr(stages, "stage", late)


@pytest.mark.slow
def test_what_changes_while_a_run_is_at_work_counts_as_what_was_graded(
    tmp_path: Path, book: Gradebook, quick: Run, monkeypatch: pytest.MonkeyPatch
):
    """Ann's files change under us: the next student who hands in what hers were does not get her mark."""
    right, wrong = SOLUTION, BROKEN.format(1)
    found = hand_ins(tmp_path / "class", ann=right)
    with monkeypatch.context() as patch:
        changing(patch, lambda one: (one.folder / "mlp.py").write_text(wrong))
        _, told = grade(book, quick, found)
    report = told.graded["ann"].report
    assert report is not None and report.earned == 0
    later = hand_ins(tmp_path / "later", ben=right, cleo=wrong)
    _, told = grade(book, quick, later)
    assert told.started_ids == ["ben"]  # cleo's files are what ann's were when they were graded
    points = {id: one.report.earned for id, one in told.graded.items() if one.report}
    assert points["ben"] > 20 and points["cleo"] == 0


@pytest.mark.slow
def test_copies_of_what_has_changed_are_graded_by_their_own_files(
    tmp_path: Path, book: Gradebook, quick: Run, monkeypatch: pytest.MonkeyPatch
):
    found = hand_ins(tmp_path / "class", ann=SOLUTION, ben=SOLUTION)

    def change(one: Submission) -> None:
        if one.id == "ann":
            (one.folder / "mlp.py").write_text(BROKEN.format(1))

    changing(monkeypatch, change)
    _, told = grade(book, quick, found)
    points = {id: one.report.earned for id, one in told.graded.items() if one.report}
    assert points["ann"] == 0 and points["ben"] > 20


@pytest.mark.slow
def test_a_module_that_is_gone_meanwhile_is_no_zero_and_found_again_when_it_is_back(
    tmp_path: Path, book: Gradebook, quick: Run, monkeypatch: pytest.MonkeyPatch
):
    found = hand_ins(tmp_path / "class", ann=SOLUTION)
    with monkeypatch.context() as patch:
        changing(patch, lambda one: (one.folder / "mlp.py").unlink())
        _, told = grade(book, quick, found)
    report = told.graded["ann"].report
    assert report is not None
    assert (report.earned, report.open_points) == (0, sum(q.points for q in report.questions))
    again = hand_ins(tmp_path / "class", ann=SOLUTION)
    _, told = grade(book, quick, again)
    assert told.started_ids == ["ann"]
    assert told.graded["ann"].report.earned > 20  # type: ignore[union-attr]


@pytest.mark.slow
@pytest.mark.parametrize("error", [ZeroDivisionError("hidden value 0.25"), GraderError("reading failed")])
def test_one_that_cannot_be_graded_fails_alone(
    tmp_path: Path, book: Gradebook, quick: Run, error: Exception, monkeypatch: pytest.MonkeyPatch
):
    observe = runner.observe

    def fails(submission: Submission, *rest: object) -> object:
        if submission.id == "ben":
            raise error
        return observe(submission, *rest)

    monkeypatch.setattr(runner, "observe", fails)
    found = hand_ins(tmp_path / "class", **{id: BROKEN.format(id) for id in ("ann", "ben", "cleo")})
    number, told = grade(book, quick, found)
    assert told.exit_code == 3
    assert list(told.failed) == ["ben"]
    assert "hidden" not in told.failed["ben"]
    assert ("ZeroDivisionError: hidden value 0.25" in "".join(told.traces)) == isinstance(
        error, ZeroDivisionError
    )
    assert {one.submission: one.finding is None for _, one in book.hand_ins(number)} == {
        "ann": False,
        "ben": True,
        "cleo": False,
    }
    assert not (book.path.parent / "ben").exists()
    monkeypatch.undo()
    assert grade(book, quick, found)[1].started_ids == ["ben"]


@pytest.mark.slow
def test_a_report_that_cannot_be_drawn_leaves_the_others(tmp_path: Path, book: Gradebook, quick: Run):
    class Clumsy(rendering.Here):
        def submit(self, report: GradeReport, folder: Path) -> object:
            if report.submission == "ann":
                report = msgspec.structs.replace(report, host=None)
            return super().submit(report, folder)

    found = hand_ins(tmp_path / "class", ann=BROKEN.format(1), ben=BROKEN.format(2))
    _, told = grade(book, quick, found, renderer=Clumsy())
    assert (told.finished, told.failed, told.exit_code) == (2, {}, 3)
    assert "AttributeError" in told.traces[0]
    assert (book.path.parent / "ben" / "report.html").is_file()
    assert not (book.path.parent / "ann" / "report.html").exists()
    assert grade(book, quick, found)[1].exit_code == 0
    assert (book.path.parent / "ann" / "report.html").is_file()


@pytest.mark.slow
def test_a_gradebook_that_fails_stops_everything(
    tmp_path: Path, book: Gradebook, quick: Run, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> None:
        raise GradebookError("the disk is full")

    monkeypatch.setattr(book, "keep", full)
    found = hand_ins(tmp_path / "class", **{f"s{i}": BROKEN.format(i) for i in range(6)})
    with pytest.raises(GradebookError):
        grade(book, quick, found)
    assert book.runs()[0].ended is None
    monkeypatch.undo()
    number, told = grade(book, quick, found)
    assert (number, told.finished, book.runs()[0].ended is None) == (1, 6, False)


def test_an_interrupt_ends_the_hand_ins_at_work(
    tmp_path: Path, book: Gradebook, quick: Run, monkeypatch: pytest.MonkeyPatch
):
    """And the next run goes on with the same number."""
    at_work = threading.Event()

    class Interrupting(Told):
        def started(self, id: str) -> None:
            at_work.set()

    def interrupted(done: object) -> object:
        at_work.wait(20)
        raise KeyboardInterrupt

    monkeypatch.setattr(batch, "next_of", interrupted)
    found = hand_ins(tmp_path / "class", ann="import time\ntime.sleep(600)\n")
    settings = Batch(quick, book, rendering.Here(), book.path.parent, "staff", Interrupting())
    with pytest.raises(KeyboardInterrupt):
        batch.grade(found, settings)
    assert book.hand_ins(1) == []


@pytest.mark.slow
def test_what_an_earlier_run_has_done_is_not_done_again(tmp_path: Path, quick: Run):
    """Whichever checks a killed run had finished: the findings are those of an undisturbed one."""
    for name in ("relu_mask_omitted", "exits_in_train"):
        (found,) = find([SUBMISSIONS / name], "TwoLayerMLP")
        whole = Kept()
        wanted, _ = runner.observe(found, quick, lambda _, whole=whole: whole)
        assert len(whole.parts) > 20
        names = list(whole.parts)
        for count in (1, len(names) - 1) if name == "relu_mask_omitted" else (len(names) // 2, len(names)):
            some = Kept({name: whole.parts[name] for name in names[:count]})
            findings, _ = runner.observe(found, quick, lambda _, some=some: some)
            assert without_times(findings) == without_times(wanted), count
            assert set(some.written) == set(names[count:])


class Kept:
    """A journal in memory."""

    def __init__(self, parts: dict[str, bytes] | None = None) -> None:
        self.parts = parts or {}
        self.written: list[str] = []

    def part(self, name: str) -> bytes | None:
        return self.parts.get(name)

    def keep(self, name: str, content: bytes) -> None:
        self.written.append(name)
        self.parts[name] = content


def without_times(findings: object) -> object:
    return msgspec.structs.replace(findings, host=msgspec.structs.replace(findings.host, timings={}))


@pytest.mark.slow
def test_students_reports_are_for_students(tmp_path: Path, book: Gradebook, quick: Run):
    found = hand_ins(tmp_path / "class", ann=BROKEN.format(1))
    grade(book, quick, found, audience="student")
    assert from_json((book.path.parent / "ann" / "report.json").read_bytes()).audience == "student"
    grade(book, quick, found, audience="staff")
    assert from_json((book.path.parent / "ann" / "report.json").read_bytes()).audience == "staff"


@pytest.mark.slow
def test_output_that_nobody_reads_is_no_hand_ins_fault(tmp_path: Path, book: Gradebook, quick: Run):
    """A closed pipe ends the run; what is recorded stays."""

    class Closed(Told):
        def show(self, graded: Graded) -> None:
            raise BrokenPipeError

    found = hand_ins(tmp_path / "class", ann=BROKEN.format(1), ben=BROKEN.format(2))
    with pytest.raises(BrokenPipeError):
        batch.grade(found, Batch(quick, book, rendering.Here(), book.path.parent, "staff", Closed()))
    assert all(one.finding is not None for _, one in book.hand_ins())
    assert grade(book, quick, found)[1].exit_code == 0


@pytest.mark.slow
def test_again_after_a_run_that_did_not_end_runs_all(tmp_path: Path, book: Gradebook, quick: Run):
    found = hand_ins(tmp_path / "class", ann=BROKEN.format(1))
    grade(book, quick, found)
    not_ended(book)
    assert grade(book, quick, found, again=True)[1].started_ids == ["ann"]


def class_of(book: Gradebook, run: Run, number: int | None = None) -> ClassBook:
    return ClassBook(book, run.rubric, run.reference.fingerprint, None, number)


def shown(book: ClassBook) -> dict[str, tuple[str, ...]]:
    """The notes of each report, which say here which run found what is in it."""
    return {entry.report.submission: entry.report.notes for entry in book.entries()}


@pytest.mark.slow
def test_while_a_class_is_graded_again_the_old_findings_stand(tmp_path: Path, book: Gradebook, quick: Run):
    """Killed in the middle: exports have the new of the first, the old of the others; then only these are run."""
    found = hand_ins(tmp_path / "class", ann=BROKEN.format(1), ben=BROKEN.format(2), cleo=BROKEN.format(3))
    one_by_one = dataclasses.replace(quick, slots=Slots(1))
    grade(book, one_by_one, found)

    class Killed(Told):
        def started(self, id: str) -> None:
            super().started(id)
            if len(self.started_ids) == 2:
                raise KeyboardInterrupt

    settings = Batch(one_by_one, book, rendering.Here(), book.path.parent, "staff", Killed())
    with pytest.raises(KeyboardInterrupt):
        batch.grade(found, settings, again=True)
    (done,) = (one.submission for _, one in book.hand_ins(2))
    assert class_of(book, quick).failed == {}
    assert [(one.submission, one.found_in) for _, one in book.hand_ins()] == [
        (id, 2 if id == done else 1) for id in ("ann", "ben", "cleo")
    ]
    number, told = grade(book, one_by_one, found, again=True)
    assert (number, sorted([*told.started_ids, done])) == (2, ["ann", "ben", "cleo"])
    assert {one.found_in for _, one in book.hand_ins()} == {2}
    assert {one.found_in for _, one in book.hand_ins(1)} == {1}


@pytest.mark.slow
def test_each_run_shows_what_it_found_itself(tmp_path: Path, book: Gradebook, quick: Run):
    found = hand_ins(tmp_path / "class", ann=BROKEN.format(1))
    for run in (1, 2):
        grade(book, quick, found, again=run == 2)
        ((_, one),) = book.hand_ins(run)
        findings = stored(book.finding(str(one.finding), run), Findings)
        noted = packed(msgspec.structs.replace(findings, notes=(f"found by run {run}",)))
        exhibits = book.exhibits(str(one.finding), run)
        book.keep(str(one.finding), run, noted, exhibits or b"", True)
    grade(book, quick, found)
    for number, by in ((1, 1), (2, 2), (3, 2), (None, 2)):
        assert f"found by run {by}" in shown(class_of(book, quick, number))["ann"]


HARMS = [
    (blob, harm) for blob in ("findings", "exhibits") for harm in ("x''", "zeroblob(length({}))", "'text'")
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("blob", "harm"),
    [
        ("findings", "x'00'"),
        ("exhibits", "substr({}, 1, length({}) - 1)"),
        *HARMS,
    ],
)
def test_a_damaged_finding_costs_that_hand_in_alone_which_is_named_and_graded_anew(
    tmp_path: Path, book: Gradebook, quick: Run, blob: str, harm: str
):
    found = hand_ins(tmp_path / "class", ann=BROKEN.format(1), ben=BROKEN.format(2), cleo=BROKEN.format(3))
    grade(book, quick, found)
    key = {one.submission: one.finding for _, one in book.hand_ins()}["ben"]
    with book.change() as change:
        value = f"CAST({harm.format(blob, blob)} AS BLOB)"
        change.execute(f"UPDATE finding SET {blob} = {value} WHERE key = ?", (key,))
    with Gradebook(book.path.parent, read_only=True) as read:
        assert "what was found in ben is damaged" in read.remarks[0]
    assert class_of(book, quick).failed == {"ben": "What was found in it is damaged: grade it again."}
    assert set(shown(class_of(book, quick))) == {"ann", "cleo"}
    assert remarking.remark(class_of(book, quick))[0] == 2
    assert feedback.write(class_of(book, quick), tmp_path / "feedback", 1) == feedback.Written(2, 2, ())
    _, told = grade(book, quick, found)
    assert (told.started_ids, told.finished, told.exit_code) == (["ben"], 3, 0)
    assert class_of(book, quick).failed == {}
    with Gradebook(book.path.parent, read_only=True) as read:
        assert len(read.hand_ins()) == 3
    gradebook.prune(book, 1)
    with Gradebook(book.path.parent, read_only=True) as read:
        assert read.remarks == (), "the old one is gone"


@pytest.mark.slow
def test_a_damaged_finding_that_is_kept_of_an_earlier_kind_of_grader_stops_no_export(
    tmp_path: Path, book: Gradebook, quick: Run
):
    """What was written can be read, and is of another shape than this grader's."""
    found = hand_ins(tmp_path / "class", ann=BROKEN.format(1), ben=BROKEN.format(2))
    grade(book, quick, found)
    key = {one.submission: one.finding for _, one in book.hand_ins()}["ben"]
    book.keep(str(key), 1, packed(Exhibits()), packed(Exhibits()), True)
    assert set(class_of(book, quick).failed) == {"ben"}
    assert grade(book, quick, found)[1].started_ids == ["ben"]


@pytest.mark.slow
def test_a_mark_that_is_given_meanwhile_is_in_the_report(tmp_path: Path, book: Gradebook, quick: Run):
    class Marking(Told):
        def started(self, id: str) -> None:
            mark = Mark(Decimal(5), "kim", "2026-01-31T09:00:00+00:00")
            book.add_marks([MarkRecord("ps3", "ann", "Q1.6", mark)])

    found = hand_ins(tmp_path / "class", ann=BROKEN.format(1))
    batch.grade(found, Batch(quick, book, rendering.Here(), book.path.parent, "staff", Marking()))
    assert from_json((book.path.parent / "ann" / "report.json").read_bytes()).earned == 5


@pytest.mark.slow
def test_an_id_that_was_somebody_elses_is_refused(tmp_path: Path, book: Gradebook, quick: Run):
    (one,) = hand_ins(tmp_path / "class", smith=BROKEN.format(1))
    first, second = (dataclasses.replace(one, person=Person("Smith", number=number)) for number in ("1", "2"))
    grade(book, quick, [first])
    grade(book, quick, [dataclasses.replace(second, partners=(Person("Smith", number="1"),))])
    with pytest.raises(UsageError, match="somebody else before"):
        grade(book, quick, [dataclasses.replace(one, person=Person("Smith", number="3"))])
    grade(book, quick, [one])


class Twice:
    """An engine that observes here, and gives each hand-in a second time, as `second` makes it."""

    def __init__(self, site: Site, second: Callable[[Observed], Observed]) -> None:
        self._here = engine.Here(site)
        self._site = site
        self._second = second

    def __enter__(self) -> Twice:
        return self

    def __exit__(self, *error: object) -> None:
        self._here.__exit__(*error)  # type: ignore[arg-type]

    def submit(self, job: Job) -> Future[Observed]:
        observed = self._here.submit(job).result()
        self._site.again(job, self._second(observed))
        future: Future[Observed] = Future()
        future.set_result(observed)
        return future


def slower(observed: Observed) -> Observed:
    """The same, on another machine."""
    found = stored(observed.findings, Findings)
    host = msgspec.structs.replace(found.host, timings={"total": 99.0})
    return dataclasses.replace(observed, findings=packed(msgspec.structs.replace(found, host=host)))


def otherwise(observed: Observed) -> Observed:
    """Something else in the same files."""
    found = stored(observed.findings, Findings)
    return dataclasses.replace(
        observed, findings=packed(msgspec.structs.replace(found, notes=("otherwise",)))
    )


@pytest.mark.slow
def test_what_comes_in_twice_and_says_the_same_is_kept_once(tmp_path: Path, book: Gradebook, quick: Run):
    found = hand_ins(tmp_path / "class", ann=BROKEN.format(1), ben=BROKEN.format(2))
    number, told = grade(book, quick, found, engine=lambda site: Twice(site, slower))
    assert told.exit_code == 0
    assert len(book.all("SELECT key FROM finding")) == 2
    assert all(
        stored(book.finding(key, number), Findings).host.timings["total"] < 99 for key, _ in book.findings()
    )


def test_what_comes_in_twice_and_differs_is_told_and_both_are_kept(
    tmp_path: Path, book: Gradebook, quick: Run
):
    (one,) = hand_ins(tmp_path / "class", ann=BROKEN.format(1))
    number, told = grade(book, quick, [one], engine=lambda site: Twice(site, otherwise))
    assert told.exit_code == 3
    (line,) = told.traces
    assert line.startswith("ann: not deterministic")
    kept = {key: stored(book.finding(key, number), Findings).notes for key, _ in book.findings()}
    assert len(kept) == 2
    (other,) = (key for key in kept if "+" in key)
    assert kept[other] == ("otherwise",)
    assert other.partition("+")[0] in kept
    assert other in line
    (graded,) = (one for _, one in book.hand_ins(number))
    assert graded.finding == other.partition("+")[0], "marks are by the first"


@pytest.mark.slow
def test_an_engine_that_is_gone_stops_the_run_and_the_same_command_goes_on(
    tmp_path: Path, book: Gradebook, quick: Run
):
    class Gone(Twice):
        def submit(self, job: Job) -> Future[Observed]:
            if job.submission.id == "ann":
                return self._here.submit(job)
            future: Future[Observed] = Future()
            future.set_exception(EngineGone("the scheduler does not answer"))
            return future

    found = hand_ins(tmp_path / "class", ann=BROKEN.format(1), ben=BROKEN.format(2))
    with pytest.raises(EngineGone):
        grade(book, quick, found, engine=lambda site: Gone(site, slower))
    assert book.runs()[0].ended is None
    number, told = grade(book, quick, found)
    assert (number, told.finished, told.exit_code) == (1, 2, 0)


@pytest.mark.slow
def test_one_that_the_machine_kept_from_being_graded_is_no_zero_and_tried_again(
    tmp_path: Path, book: Gradebook, quick: Run
):
    class Losing(Twice):
        def submit(self, job: Job) -> Future[Observed]:
            future: Future[Observed] = Future()
            future.set_exception(NotGraded("the machine: 3 workers were lost with it"))
            return future

    found = hand_ins(tmp_path / "class", ann=BROKEN.format(1))
    number, told = grade(book, quick, found, engine=lambda site: Losing(site, slower))
    assert told.failed == {"ann": "the machine: 3 workers were lost with it"}
    assert book.results(number) == []
    assert told.exit_code == 3
    number, told = grade(book, quick, found)
    assert (number, told.failed, told.started_ids) == (2, {}, ["ann"])
