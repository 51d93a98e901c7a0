"""A worker by itself: what it refuses, and that whatever fails in it is told in bytes."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from grader.cluster import desk as desks
from grader.cluster import handshake, work
from grader.cluster.crew import settings_of
from grader.cluster.desk import Desk
from grader.cluster.messages import Answer, Facts, Hello, Settings, opened, sealed, work_of
from grader.grading.engine import Observed
from grader.grading.runner import Run
from grader.handin.staging import collect
from grader.student.canary import Choice
from grader.student.process import Cancelled
from grader.student.sandbox import Sandbox
from tests.grading.test_batch import hand_ins
from tests.hangs import no_hang


@pytest.fixture
def asked(on_digits: Run) -> Settings:
    return settings_of(on_digits, 2)


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> Sandbox:
    """Without the canary, which has its own tests."""
    monkeypatch.setattr(desks.confinement, "sandbox_for", lambda *_: Choice(sandbox))
    return sandbox


def wrong(settings: Settings, field: str, value: object) -> Settings:
    return msgspec.structs.replace(settings, facts=msgspec.structs.replace(settings.facts, **{field: value}))


@pytest.mark.slow
def test_a_worker_that_is_the_same_grades(asked: Settings, tried: Sandbox):
    desk = Desk.set_up(asked, 1)
    assert desk.hello == Hello("", tried.tier)
    assert desk.run is not None
    assert desk.run.slots.count == 2


WRONG: dict[str, tuple[object, str]] = {
    "versions": ({"numpy": "0.1"}, "grader: found 0.1.0, wanted none"),
    "grader": ("x", "the grader's own files"),
    "reads_names_as": ("ascii", "names of files"),
    "rubric": ("x", "the rubric: found"),
    "asking": ("x", "what the rubric asks"),
    "reference": ("x", "the reference"),
    "secret": ("x", "the course secret"),
    "dataset": ("mnist", "MNIST is not on this machine"),
    "dataset_hash": ("x", "the dataset"),
    "small_hash": ("x", "the dataset for notebooks"),
    "figure": (("0x1p+0",), "its processor or BLAS"),
}


@pytest.mark.battery
@pytest.mark.parametrize("field", [name for name in Facts.__struct_fields__ if name != "machine"])
def test_each_fact_that_is_wrong_keeps_a_worker_from_grading(
    asked: Settings, tried: Sandbox, field: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("GRADE_DATA", raising=False)
    if field == "dataset":  # another test may have prepared it in the cache of all
        monkeypatch.setenv("GRADE_CACHE", str(tmp_path))
    value, said = WRONG[field]
    desk = Desk.set_up(wrong(asked, field, value), 1)
    assert desk.run is None
    assert said in desk.hello.refused
    assert "\n" not in desk.hello.refused


def test_a_worker_without_a_tier_is_refused(asked: Settings, monkeypatch: pytest.MonkeyPatch):
    def none(*_: object) -> Choice:
        raise desks.GraderError("no sandbox holds on this machine; `grade doctor` says what to do")

    monkeypatch.setattr(desks.confinement, "sandbox_for", none)
    desk = Desk.set_up(asked, 1)
    assert desk.run is None
    assert desk.hello.refused.startswith("no sandbox holds")


def test_a_rubric_that_is_not_there_is_named(asked: Settings):
    desk = Desk.set_up(msgspec.structs.replace(asked, rubric="/nowhere/rubric.toml"), 1)
    assert "/nowhere/rubric.toml" in desk.hello.refused


@pytest.mark.slow
def test_trainings_in_full_are_asked_for(on_digits: Run, tried: Sandbox):
    settings = settings_of(dataclasses.replace(on_digits, rubric=on_digits.rubric.in_full()), None)
    desk = Desk.set_up(settings, 3)
    assert desk.run is not None
    assert desk.run.rubric.trains_in_full
    assert desk.run.slots.count == 3


# ---- the two functions ----


class FakeWorker(SimpleNamespace):
    """What the functions take of Dask's."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        super().__init__(
            address="tcp://127.0.0.1:1",
            status=SimpleNamespace(name="running"),
            state=SimpleNamespace(nthreads=1, tasks={"task": SimpleNamespace(state="executing")}),
            get_current_task=lambda: "task",
            log_event=lambda topic, told: self.events.append((topic, told)),
        )


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> FakeWorker:
    made = FakeWorker()
    monkeypatch.setattr(work, "_worker", lambda: made)
    return made


def payload(tmp_path: Path, settings: Settings, tier: str = "A") -> bytes:
    (one,) = hand_ins(tmp_path / "class", ann="x = 1\n")
    return sealed(work_of(one, collect(one), settings, "key", "1", tier, "topic"))


class OneDesk:
    """Does what a test says."""

    hello = Hello("", "A")
    run = SimpleNamespace(sandbox=SimpleNamespace(tier="A"))

    def __init__(self, doing: Any) -> None:
        self.doing = doing

    def observe(self, *arguments: Any) -> Observed:
        return self.doing(*arguments)  # type: ignore[no-any-return]


def answer(worker: FakeWorker, doing: Any, payload: bytes, monkeypatch: pytest.MonkeyPatch) -> Answer:
    monkeypatch.setattr(work, "_desk", lambda settings: OneDesk(doing))
    return opened(work.grade_one(payload), Answer)


def test_what_is_observed_is_answered(
    worker: FakeWorker, asked: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def doing(sent: Any, say: Any, wanted: Any) -> Observed:
        say("started", "")
        assert wanted()
        return Observed("content", True, b"findings", b"exhibits")

    found = answer(worker, doing, payload(tmp_path, asked), monkeypatch)
    assert (found.key, found.content, found.final, found.findings) == ("key", "content", True, b"findings")
    ((topic, told),) = worker.events
    assert (topic, told["kind"], told["key"], told["task"]) == ("topic", "started", "key", "task")


@pytest.mark.parametrize(
    ("error", "field", "said"),
    [
        (ZeroDivisionError("hidden value 0.25"), "failed", "the grader failed (ZeroDivisionError)"),
        (MemoryError(), "short", "no memory"),
        (OSError(28, "No space left on device"), "short", "disk"),
        (Cancelled(), "short", "stopped"),
    ],
)
def test_what_fails_is_answered_and_never_raised(
    worker: FakeWorker,
    asked: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    field: str,
    said: str,
):
    def doing(*_: Any) -> Observed:
        raise error

    found = answer(worker, doing, payload(tmp_path, asked), monkeypatch)
    assert said in getattr(found, field)
    assert [name for name in ("refused", "short", "failed") if getattr(found, name)] == [field]
    assert "0.25" not in found.failed
    assert found.key == "key"


def test_what_was_changed_on_its_way_in_is_not_graded(worker: FakeWorker, asked: Settings, tmp_path: Path):
    sent = bytearray(payload(tmp_path, asked))
    sent[-1] ^= 1
    assert "changed on its way" in opened(work.grade_one(bytes(sent)), Answer).short
    assert "not those that were sealed" in opened(work.hello(b"x" * 50), Hello).refused


def test_a_worker_in_another_tier_refuses(
    worker: FakeWorker, asked: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    found = answer(worker, lambda *_: pytest.fail("graded"), payload(tmp_path, asked, "B"), monkeypatch)
    assert found.refused == handshake.wrong_tier("A", "B")


def test_a_desk_is_made_once_for_its_settings(
    worker: FakeWorker, asked: Settings, monkeypatch: pytest.MonkeyPatch
):
    made: list[Settings] = []

    def set_up(settings: Settings, threads: int) -> Desk:
        made.append(settings)
        return Desk(Hello("", "A"))

    monkeypatch.setattr(work.Desk, "set_up", set_up)
    threads = [threading.Thread(target=work.hello, args=(sealed(asked),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    work.hello(sealed(wrong(asked, "secret", "other")))
    assert len(made) == 2


def test_what_is_not_wanted_any_more_is_stopped(
    asked: Settings, tried: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The code of the hand-in sleeps for longer than the test may take."""
    monkeypatch.setattr(desks, "_LOOK_S", 0.05)
    desk = Desk.set_up(asked, 1)
    (one,) = hand_ins(tmp_path / "class", ann="import time\ntime.sleep(600)\n")
    sent = work_of(one, collect(one), asked, "key", "1", "A", "topic")
    begun = threading.Event()
    with no_hang(60), pytest.raises(Cancelled):
        desk.observe(sent, lambda kind, text: begun.set(), lambda: not begun.is_set())
