"""Hand-ins in flight: whatever workers do, each is taken in once, or is not graded, and never a zero."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from grader.cluster import engine as engines
from grader.cluster.engine import Flying, Patience
from grader.cluster.messages import Answer, Facts, Hello, Settings, sealed
from grader.cluster.roll import Roll
from grader.grading.engine import EngineGone, Job, NotGraded, Observed, Site
from grader.handin.submission import Submission
from tests.cluster.fake import Fake, FakeFuture
from tests.hangs import LATE

A, B, C = "tls://10.0.0.1:1", "tls://10.0.0.2:1", "tls://10.0.0.3:1"
SETTINGS = Settings(Facts({}, "", "utf-8"), "")


@dataclasses.dataclass
class Playing:
    """A cluster of a test."""

    fake: Fake
    roll: Roll
    flying: Flying
    loop: asyncio.AbstractEventLoop
    said: list[str]
    again: list[Observed]
    told: list[str]

    def submit(self, id: str = "ann") -> Future[Observed]:
        return self.flying.submit(Job(Submission(id, Path("/nowhere"), None, None), f"key-{id}", "1"))

    def found(self, future: Future[Observed]) -> bytes:
        return future.result(LATE).findings

    def look(self) -> None:
        self.call(self.roll.look())

    def call(self, work: object) -> None:
        asyncio.run_coroutine_threadsafe(work, self.loop).result(LATE)  # type: ignore[arg-type]


Play = Callable[..., Playing]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    """Makes one: what becomes of the hand-ins that are sent, in turn, and which workers there are."""
    monkeypatch.setattr(engines, "_TICK_S", 0.01)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    made: list[Playing] = []

    def make(
        *doing: Callable[[Fake, FakeFuture], None],
        workers: tuple[str, ...] = (A, B, C),
        patience: Patience | None = None,
        hellos: dict[str, Hello] | None = None,
    ) -> Playing:
        said: list[str] = []
        again: list[Observed] = []
        told: list[str] = []
        fake = Fake(hellos or {one: Hello("", "A") for one in workers}, list(doing))
        site = Site(
            None, None, lambda key: None,  # type: ignore[arg-type]
            lambda id: told.append(f"{id} started"), lambda id, text: told.append(f"{id} at {text}"),
            lambda job, observed: again.append(observed),
        )  # fmt: skip

        async def begin() -> Roll:
            roll = Roll(fake, SETTINGS, said.append)
            await roll.look()
            while not roll.are_all_asked:
                await asyncio.sleep(0)
            if roll.grading:
                roll.choose_tier()
            return roll

        roll = asyncio.run_coroutine_threadsafe(begin(), loop).result(LATE)
        flying = Flying(roll, loop, site, patience or Patience(LATE, LATE, LATE))
        made.append(Playing(fake, roll, flying, loop, said, again, told))
        return made[-1]

    yield make
    for one in made:
        one.call(one.flying.close())
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def finds(fake: Fake, future: FakeFuture) -> None:
    fake.tell(future, future.workers[0])
    future.finds(future.workers[0])


def lost(fake: Fake, future: FakeFuture) -> None:
    """As Dask tells it after some losses of its own."""
    future.result.set_exception(RuntimeError("killed"))


def waits(fake: Fake, future: FakeFuture) -> None:
    fake.tell(future, future.workers[0])


def test_what_is_found_comes_back_once(play: Play):
    playing = play(finds)
    futures = [playing.submit(f"s{i}") for i in range(20)]
    assert {playing.found(future) for future in futures} == {b"found"}
    assert len(playing.fake.sent) == 20
    assert sorted(playing.told) == sorted(f"s{i} started" for i in range(20))


def test_no_more_is_sent_than_there_is_room_for(play: Play):
    playing = play(waits, workers=(A, B))
    for i in range(20):
        playing.submit(f"s{i}")
    playing.call(asyncio.sleep(0.2))
    assert len(playing.fake.sent) == playing.roll.room == 4


def test_where_a_hand_in_is_and_what_it_is_at_is_told(play: Play):
    def at_work(fake: Fake, future: FakeFuture) -> None:
        fake.tell(future, A)
        fake.tell(future, A, "at", "the loss")
        future.finds(A)

    playing = play(at_work)
    playing.found(playing.submit())
    assert playing.told == ["ann started", "ann at the loss"]


def test_two_losses_are_two_more_tries(play: Play):
    playing = play(lost, lost, finds)
    assert playing.found(playing.submit()) == b"found"
    assert len(playing.fake.sent) == 3


def test_three_losses_are_no_zero_but_not_graded(play: Play):
    playing = play(lost)
    with pytest.raises(NotGraded, match="the machine: 3 workers were lost with it"):
        playing.submit().result(LATE)
    assert len(playing.fake.sent) == 3
    assert not playing.flying._flights


def test_losses_that_dask_mends_itself_count_too(play: Play):
    """It begins a hand-in again on another worker, without a word to us but the workers' own."""

    def again_and_again(fake: Fake, future: FakeFuture) -> None:
        for worker in (A, B, C, A):
            fake.tell(future, worker)

    playing = play(again_and_again)
    with pytest.raises(NotGraded, match=f"{A} was lost; {B} was lost; {C} was lost"):
        playing.submit().result(LATE)
    while not playing.fake.sent[0].cancelled:
        playing.call(asyncio.sleep(0))


def test_a_worker_that_is_gone_is_a_loss(play: Play):
    playing = play(waits, workers=(A, B))
    future = playing.submit()
    while not playing.told:
        playing.call(asyncio.sleep(0))
    del playing.fake.hellos[A]
    playing.look()
    (flight,) = playing.flying._flights.values()
    assert flight.losses == [f"{A} was lost"]
    playing.fake.tell(playing.fake.sent[0], B)
    playing.loop.call_soon_threadsafe(playing.fake.sent[0].finds, B)
    assert playing.found(future) == b"found"
    assert len(playing.fake.sent) == 1, "Dask sends it to the other one by itself"


def test_what_only_waits_at_a_lost_worker_has_lost_nothing(play: Play):
    playing = play(lambda fake, future: None, workers=(A, B))
    playing.submit()
    while not playing.fake.sent:
        playing.call(asyncio.sleep(0))
    del playing.fake.hellos[A]
    playing.look()
    (flight,) = playing.flying._flights.values()
    assert flight.losses == []


def test_when_all_that_it_was_sent_to_are_gone_newcomers_get_it(play: Play):
    playing = play(waits, finds, hellos={A: Hello("", "A"), C: Hello("refused")})
    future = playing.submit()
    while not playing.told:
        playing.call(asyncio.sleep(0))
    playing.fake.hellos = {B: Hello("", "A")}
    playing.look()
    assert playing.found(future) == b"found"
    assert [one.workers for one in playing.fake.sent] == [[A], [B]]
    assert playing.fake.sent[0].cancelled


def test_a_worker_that_lies_is_refused_and_its_hand_in_goes_to_another(play: Play):
    def lies(fake: Fake, future: FakeFuture) -> None:
        fake.tell(future, A)
        changed = bytearray(sealed(Answer(future.work.key, A, "", True, b"full marks", b"")))
        changed[-3] ^= 1
        future.answer(bytes(changed))

    playing = play(lies, lambda fake, future: future.finds(future.workers[0]))
    assert playing.found(playing.submit()) == b"found"
    assert [A in one.workers for one in playing.fake.sent] == [True, False]
    (line,) = playing.said
    assert line.startswith(f"worker {A}: refused: its answer was changed on its way")
    assert "\n" not in line


def test_findings_of_another_hand_in_are_refused(play: Play):
    def mixes_up(fake: Fake, future: FakeFuture) -> None:
        fake.tell(future, A)
        future.finds(A, b"of ben", key="key-ben")

    playing = play(mixes_up, finds)
    assert playing.found(playing.submit()) == b"found"


@pytest.mark.parametrize("content", [None, 7, "text", b"", b"x" * 100])
def test_what_is_no_answer_is_none(play: Play, content: object):
    playing = play(lambda fake, future: future.answer(content), finds)
    assert playing.found(playing.submit()) == b"found"


def test_a_worker_whose_grader_has_changed_since_is_refused_without_a_loss(play: Play):
    def refuses(fake: Fake, future: FakeFuture) -> None:
        worker = future.workers[0]
        future.answer(
            sealed(Answer(future.work.key, worker, refused="the grader's own files: found x, wanted y"))
        )

    playing = play(refuses, refuses, finds)
    assert playing.found(playing.submit()) == b"found"
    assert sorted(playing.said) == [
        f"worker {one}: refused: the grader's own files: found x, wanted y" for one in (A, B)
    ]


def test_a_machine_that_is_short_of_something_is_a_loss(play: Play):
    short = "the disk cannot be written"
    playing = play(lambda fake, future: future.answer(sealed(Answer(future.work.key, A, short=short))))
    with pytest.raises(NotGraded, match=f"{short}; .*{short}; .*{short}"):
        playing.submit().result(LATE)


def test_a_fault_of_the_graders_own_is_told_with_its_trace_and_not_tried_again(play: Play):
    answer = {"failed": "the grader failed (ZeroDivisionError)", "trace": "Traceback ..."}
    playing = play(lambda fake, future: future.answer(sealed(Answer(future.work.key, A, **answer))))
    with pytest.raises(NotGraded, match="ZeroDivisionError") as caught:
        playing.submit().result(LATE)
    assert caught.value.trace == "Traceback ..."
    assert len(playing.fake.sent) == 1


def test_a_hand_in_that_hangs_a_worker_costs_that_worker_and_nobody_else(play: Play):
    def hangs_one(fake: Fake, future: FakeFuture) -> None:
        fake.tell(future, A if len(fake.sent) == 1 else future.workers[0])
        if len(fake.sent) > 1:
            future.finds(future.workers[0])

    playing = play(hangs_one, patience=Patience(0.3, LATE, LATE))
    assert [playing.found(playing.submit(id)) for id in ("ann", "ben")] == [b"found", b"found"]
    assert playing.said == [f"worker {A}: refused: it has not answered for 0 seconds; start it anew"]
    assert set(playing.roll.grading) == {B, C}
    assert playing.fake.restarted == [A]


def silent(playing: Playing) -> None:
    """Nothing is heard of A any more."""
    playing.fake.seen = {A: 0.0, B: 100.0}
    playing.look()


@pytest.mark.parametrize("late", [b"found", b"something else"])
def test_of_a_silent_worker_another_one_takes_over_and_what_comes_late_is_compared(play: Play, late: bytes):
    def on_a(fake: Fake, future: FakeFuture) -> None:
        fake.tell(future, A)

    def on_b(fake: Fake, future: FakeFuture) -> None:
        fake.tell(future, B)
        future.finds(B)

    playing = play(on_a, on_b, workers=(A, B), patience=Patience(LATE, 50, LATE))
    future = playing.submit()
    while not playing.told:
        playing.call(asyncio.sleep(0))
    silent(playing)
    assert playing.found(future) == b"found"
    assert [one.workers for one in playing.fake.sent] == [[A, B], [B]]
    playing.loop.call_soon_threadsafe(playing.fake.sent[0].finds, A, late)
    while not playing.again:
        playing.call(asyncio.sleep(0))
    assert [one.findings for one in playing.again] == [late]


def test_without_a_worker_it_waits_and_then_the_run_ends(play: Play):
    playing = play(waits, workers=(A,), patience=Patience(LATE, LATE, 0.1))
    future = playing.submit()
    while not playing.told:
        playing.call(asyncio.sleep(0))
    playing.fake.hellos = {}
    playing.look()
    with pytest.raises(EngineGone, match=r"no worker left.*the same command goes on"):
        future.result(LATE)


def test_without_a_scheduler_the_run_ends(play: Play):
    playing = play(waits)
    futures = [playing.submit(f"s{i}") for i in range(10)]
    playing.roll.is_lost = True
    playing.loop.call_soon_threadsafe(playing.roll.on_change)
    for future in futures:
        with pytest.raises(EngineGone, match="the scheduler does not answer"):
            future.result(LATE)


def test_at_its_end_nothing_is_left_at_work(play: Play):
    playing = play(waits)
    playing.submit()
    while not playing.told:
        playing.call(asyncio.sleep(0))
    playing.call(playing.flying.close())
    assert playing.fake.sent[0].cancelled
    assert playing.fake.handlers == {}
    playing.loop.call_soon_threadsafe(playing.flying._begin)  # for the end of the test


# ---- who grades ----


def test_workers_that_are_refused_are_told_and_the_others_go_on(play: Play):
    hellos = {A: Hello("numpy: found 1, wanted 2"), B: Hello("", "A"), C: Hello("no sandbox holds")}
    playing = play(finds, hellos=hellos)
    assert playing.found(playing.submit()) == b"found"
    assert playing.fake.sent[0].workers == [B]
    assert sorted(playing.said) == [
        f"worker {A}: refused: numpy: found 1, wanted 2", f"worker {C}: refused: no sandbox holds",
    ]  # fmt: skip


def test_all_hand_ins_of_a_run_are_in_one_tier(play: Play):
    playing = play(finds, hellos={A: Hello("", "B"), B: Hello("", "A"), C: Hello("", "B")})
    assert playing.roll.tier == "B"
    assert set(playing.roll.grading) == {A, C}
    playing.fake.hellos["tls://10.0.0.4:1"] = Hello("", "A")
    playing.look()
    while not playing.roll.are_all_asked:
        playing.call(asyncio.sleep(0))
    assert set(playing.roll.grading) == {A, C}
    assert len(playing.said) == 2
    assert all("found tier A, wanted B" in line for line in playing.said)


def test_of_two_tiers_as_frequent_the_stronger_is_taken(play: Play):
    assert play(finds, hellos={A: Hello("", "B"), B: Hello("", "A")}).roll.tier == "A"


def test_what_a_worker_has_to_say_is_said(play: Play):
    assert play(finds, hellos={A: Hello("", "B", ("hand-ins run in tier B",))}).said == [
        f"worker {A}: hand-ins run in tier B"
    ]
