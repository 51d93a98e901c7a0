"""The process that opens archives: how long it lives, whose fault its end is, and what is believed of what it says."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from grader.entry_point import EntryPoint
from grader.errors import GraderError
from grader.handin.intake.archives import CLASS, ONE, OURS, unpack
from grader.handin.intake.place import Desk
from grader.handin.search import Wanted
from grader.handin.unpacking import listed
from grader.handin.unpacking.entry import BadArchive
from grader.handin.unpacking.messages import Caps, Reply, Step
from grader.handin.unpacking.process import Opener, _Running
from grader.student.sandbox import Practice
from tests.conftest import ROOT
from tests.handin.intake.making import CODE, NOTEBOOK, tree, zipped


@pytest.fixture
def opener(temporary: Path) -> Iterator[Opener]:
    with closing(Opener(temporary)) as opener:
        yield opener


@pytest.fixture
def desk(tmp_path: Path, opener: Opener) -> Desk:
    (tmp_path / "w").mkdir()
    return Desk(Wanted(EntryPoint("mlp.py", ("TwoLayerMLP",))), tmp_path / "w", opener)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return zipped(tmp_path / "a.zip", {"mlp.py": CODE, "hw/ps3.ipynb": NOTEBOOK})


def pid(running: _Running) -> int:
    return int(running.process._popen.pid)  # type: ignore[attr-defined]


def each_is(
    do: Callable[[_Running], None], opener: Opener, monkeypatch: pytest.MonkeyPatch, times: int
) -> list[int]:
    """Have something happen to the process, as often, just before it is asked; the ids of those that were asked."""
    started, asked = opener._started, []

    def hit(seconds: float) -> _Running:
        running = started(seconds)
        asked.append(pid(running))
        if len(asked) <= times:
            do(running)
        return running

    monkeypatch.setattr(opener, "_started", hit)
    return asked


def kill(running: _Running) -> None:
    os.kill(pid(running), signal.SIGKILL)
    running.process.has_ended(10)


def test_one_process_opens_many_archives(desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch):
    asked = each_is(kill, desk.opener, monkeypatch, 0)
    for caps in (CLASS, ONE, CLASS, ONE):
        place = unpack(path, caps, desk)
        assert tree(place.folder) == {"mlp.py", "hw", "hw/ps3.ipynb"}
    assert len(asked) == 4
    assert len({*asked}) == 1


def test_it_ends_with_its_desk(desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch):
    asked = each_is(kill, desk.opener, monkeypatch, 0)
    unpack(path, ONE, desk)
    desk.opener.close()
    assert not psutil.pid_exists(asked[0])


def test_one_that_somebody_kills_is_replaced(desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch):
    desk.opener._makers = [Practice]
    asked = each_is(kill, desk.opener, monkeypatch, 1)
    assert (unpack(path, ONE, desk).folder / "mlp.py").read_text() == CODE
    assert len({*asked}) == 2
    assert len(list((desk.workspace).iterdir())) == 1  # of the first there is nothing left


def test_that_it_is_killed_again_is_no_hand_ins_fault(
    desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch
):
    desk.opener._makers = [Practice]
    each_is(kill, desk.opener, monkeypatch, 9)
    with pytest.raises(GraderError, match="the machine may be short of memory") as raised:
        unpack(path, ONE, desk)
    assert raised.value.exit_code == 3
    assert not list(desk.workspace.iterdir())


def less_by_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.student.program.granted", lambda which: 1 << 29)


def less_by_all_that_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr("grader.student.program.mmap.mmap", full)


@pytest.mark.slow
@pytest.mark.parametrize("less", [less_by_a_limit, less_by_all_that_there_is])
def test_a_machine_that_has_less_memory_is_at_fault(
    desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch, less: Callable[[pytest.MonkeyPatch], None]
):
    def shrink(running: _Running) -> None:
        resource.prlimit(psutil.Process(pid(running)).pid, resource.RLIMIT_AS, (1 << 20, 1 << 20))

    less(monkeypatch)
    desk.opener._makers = [Practice]
    zipped(path, {"ps3.ipynb": bytes(4 << 20)})
    each_is(shrink, desk.opener, monkeypatch, 9)
    with pytest.raises(GraderError, match="the machine may be short of memory"):
        unpack(path, ONE, desk)


def test_where_the_machine_has_the_memory_the_archive_is_at_fault(
    desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch
):
    def shrink(running: _Running) -> None:
        resource.prlimit(psutil.Process(pid(running)).pid, resource.RLIMIT_AS, (1 << 20, 1 << 20))

    desk.opener._makers = [Practice]
    zipped(path, {"ps3.ipynb": bytes(4 << 20)})
    each_is(shrink, desk.opener, monkeypatch, 9)
    with pytest.raises(BadArchive, match=r"^it takes more than 1,024 MB of memory$"):
        unpack(path, ONE, desk)


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (signal.SIGPROF, "it takes more than 20 seconds of computing"),
        (signal.SIGSEGV, "it makes the program crash that reads it"),
    ],
)
def test_time_and_crashes_are_the_archives(
    desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch, number: int, why: str
):
    def hit(running: _Running) -> None:
        os.kill(pid(running), number)
        running.process.has_ended(10)

    desk.opener._makers = [Practice]
    each_is(hit, desk.opener, monkeypatch, 1)
    with pytest.raises(BadArchive, match=why):
        unpack(path, ONE, desk)
    assert unpack(path, ONE, desk).names() == ["hw", "mlp.py"]


def refuses() -> Practice:
    raise OSError("no such lock-down")


def test_without_a_sandbox_limits_alone_remain(desk: Desk, path: Path):
    desk.opener._makers = [refuses, Practice]
    assert unpack(path, ONE, desk).names() == ["hw", "mlp.py"]


def test_one_that_cannot_lock_itself_down_gives_way_to_the_next(
    desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch
):
    class Ends(Practice):
        def start(self, launch):  # type: ignore[no-untyped-def]
            running = super().start(launch)
            running._popen.terminate()
            return running

    class Refuses(Practice):
        def start(self, launch):  # type: ignore[no-untyped-def]
            monkeypatch.setattr("grader.student.sandbox.command.BOOT", "raise SystemExit(1)")
            running = super().start(launch)
            monkeypatch.undo()
            return running

    desk.opener._makers = [Refuses, Practice]
    assert unpack(path, ONE, desk).names() == ["hw", "mlp.py"]
    desk.opener.close()
    desk.opener._makers, desk.opener._sandbox = [Ends, Practice], None
    with pytest.raises(GraderError, match="ended twice"):  # by somebody: no reason for less of a lock-down
        unpack(path, ONE, desk)


def test_where_nothing_starts_it_is_no_hand_ins_fault(desk: Desk, path: Path):
    desk.opener._makers = [refuses]
    with pytest.raises(GraderError, match="archives cannot be opened here: no such lock-down"):
        unpack(path, ONE, desk)


def test_it_is_locked_down_where_workers_are(desk: Desk, path: Path, on_digits: object):
    unpack(path, ONE, desk)
    assert desk.opener._sandbox is not None
    assert desk.opener._sandbox.tier == on_digits.sandbox.tier  # type: ignore[attr-defined]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it ends with its next answer")
def test_it_ends_when_the_grader_is_killed(tmp_path: Path, path: Path):
    code = (
        "import sys, time; from pathlib import Path; from grader.handin.intake.archives import *; "
        "from grader.handin.intake.place import desk; from grader.handin.search import Wanted; "
        "from grader.entry_point import EntryPoint\n"
        "with desk(Wanted(EntryPoint('mlp.py', ('TwoLayerMLP',))), Path(sys.argv[1])) as here:\n"
        "    unpack(Path(sys.argv[2]), ONE, here); print('done', flush=True); time.sleep(600)"
    )
    grader = subprocess.Popen(
        [sys.executable, "-c", code, tmp_path, path], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert grader.stdout is not None
    assert grader.stdout.readline() == "done\n"
    family = psutil.Process(grader.pid).children(recursive=True)
    assert family
    grader.kill()
    grader.wait()
    _, alive = psutil.wait_procs(family, 10)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


# ---- what is believed ------------------------------------------------------------------------------

SMALL = Caps(1 << 20, 3, 1000, 1000, 1 << 20, 20.0)
LIES = {
    "up": [Step((b"..", b"x.py"))],
    "up in a folder": [Step((b"a", b"..", b"x.py"))],
    "a folder that leads up": [Step((b"..", b""))],
    "the root": [Step((b"", b"tmp", b"x.py"))],
    "a path in a name": [Step((b"../x.py",))],
    "a path in a folder's name": [Step((b"/tmp", b"x.py"))],
    "here": [Step((b".", b"x.py"))],
    "a NUL": [Step((b"x\0.py",))],
    "no name": [Step(())],
    "no text": [Step((b"\xff.py",))],
    "a refused path": [Step((b"../../etc",), refused="it is odd")],
    "a refused path in one": [Step((b"..", b"etc"), refused="it is odd")],
    "more than the archive may have": [Step((b"x.py",), bytes(600)), Step((b"x.py",), bytes(600))],
    "content of what is not graded": [Step((b"x.so",), b"x")],
    "content of a folder": [Step((b"a", b""), b"x")],
    "more entries": [Step((b"%d.py" % i,)) for i in range(4)],
    "more outside": [],
    "no end": [Step((b"x.py",), b"x")],
    "another's end": [Step((b"x.py",), b"x"), Step((b"y.py",))],
    "too deep": [Step((*(b"a",) * 30, b"x.py"))],
}


class Says:
    """In the place of an opener: what a process that was taken over may say."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = replies

    def ask(self, task, file, take):  # type: ignore[no-untyped-def]
        return take(iter(self.replies))


@pytest.mark.parametrize("name", sorted(LIES))
def test_what_no_archive_gives_is_not_written(tmp_path: Path, path: Path, name: str):
    (tmp_path / "w").mkdir()
    outside = tuple(Step((b"../x",), refused="it") for _ in range(4)) if name == "more outside" else ()
    says = Says(Reply(steps=tuple(LIES[name]), outside=outside, last=True))
    before = tree(tmp_path)
    with pytest.raises(BadArchive, match=OURS):
        unpack(path, SMALL, Desk(Wanted(EntryPoint("mlp.py", ("TwoLayerMLP",))), tmp_path / "w", says))  # type: ignore[arg-type]
    assert tree(tmp_path) == before


def test_a_name_that_is_there_is_not_written_again(tmp_path: Path, path: Path):
    (tmp_path / "w").mkdir()
    steps = (Step((b"x.py",), b"1"), Step((b"x.py",)), Step((b"x.py",), b"2"), Step((b"x.py",)))
    desk = Desk(
        Wanted(EntryPoint("mlp.py", ("TwoLayerMLP",))), tmp_path / "w", Says(Reply(steps=steps, last=True))
    )  # type: ignore[arg-type]
    place = unpack(path, ONE, desk)
    assert (place.folder / "x.py").read_bytes() == b"1"
    assert "cannot be written" in place.refused[0].why


def test_a_sentence_is_a_line_without_control_characters(tmp_path: Path, path: Path):
    (tmp_path / "w").mkdir()
    says = Says(Reply(bad="it\n\x1b[2J is bad", last=True))
    with pytest.raises(BadArchive, match=r"^it\\n\\x1b\[2J is bad$"):
        unpack(path, ONE, Desk(Wanted(EntryPoint("mlp.py", ("TwoLayerMLP",))), tmp_path / "w", says))  # type: ignore[arg-type]


def test_a_fault_of_ours_costs_one_archive(desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch):
    replies = [Reply(trace="Traceback: KeyError", last=True)]
    monkeypatch.setattr(_Running, "replies", lambda *_: iter(replies))
    with pytest.raises(BadArchive, match=OURS):
        unpack(path, ONE, desk)
    monkeypatch.undo()
    assert unpack(path, ONE, desk).names() == ["hw", "mlp.py"]


def test_names_in_a_list_can_be_written_whatever_they_are(monkeypatch: pytest.MonkeyPatch):
    import yaml

    monkeypatch.delattr(yaml, "CBaseLoader", raising=False)  # the C library refuses half a character
    (found,) = listed.read(b'submission_1: {":submitters": [{":name": "a\\ud800  b"}]}')
    assert found.persons[0].name == "a? b"
