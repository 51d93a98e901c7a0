"""Workers forked from a warm parent are as any other, know nothing of one another, and come though the parent ended."""

from __future__ import annotations

import gc
import os
import signal
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from grader.student.canary import Facts, choose
from grader.student.client import Student
from grader.student.sandbox import TIERS, Sandbox
from grader.student.sandbox.warm import Warm
from tests.hostile.test_hostile import not_possible
from tests.warm import parents

from .conftest import MakeStudent, net_with

LOOK = (
    "import random\nimport numpy\nFIRST = [numpy.random.rand(), random.random(), numpy.random.default_rng().random()]\n"
    + net_with("""
def around(self):
    import os, resource, signal, stat, sys
    limits = [getattr(resource, name) for name in sorted(dir(resource)) if name.startswith("RLIMIT_")]
    kinds = {}
    for descriptor in range(200):
        try:
            kinds[descriptor] = stat.S_IFMT(os.fstat(descriptor).st_mode)
        except OSError:
            pass
    here = os.getcwd()
    handlers = [str(signal.getsignal(number)) for number in sorted(signal.valid_signals())]
    return {
        "environment": sorted(f"{k}={v}".replace(here, "HERE") for k, v in os.environ.items()),
        "path": sys.path[1:],
        "modules": sorted({*sys.modules} - {"gc"}),
        "finders": [type(finder).__name__ for finder in sys.meta_path],
        "limits": [str(resource.getrlimit(limit)) for limit in limits],
        "descriptors": [str(kind) for kind in sorted(kinds.values())],
        "handlers": handlers,
        "user": str([os.getuid() == os.geteuid(), os.getgid() == os.getegid(), os.getuid() == 0]),
        "files": sorted(os.listdir(here)),
        "leader": str(os.getpid() == os.getpgrp()),
        "flags": str(sys.flags),
        "masks": str(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    }

def draws(self):
    return [repr(x) for x in FIRST]

def strings(self, part):
    import gc
    seen, todo = set(), list(gc.get_objects())
    found = 0
    while todo:
        one = todo.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, str):
            found += "".join(reversed(part)) in one
        elif isinstance(one, (dict, list, tuple, set)):
            todo += [*one, *one.values()] if isinstance(one, dict) else one
    return str(found)
""")
)


@pytest.fixture
def tmp_path(temporary: Path) -> Path:
    """As in a run, a folder that workers can enter though they be another user."""
    folder = Path(tempfile.mkdtemp(dir=temporary))
    folder.chmod(0o711)
    return folder


@pytest.fixture(params=list(TIERS))
def tier(request: pytest.FixtureRequest) -> Callable[..., Sandbox]:
    return TIERS[request.param]


@pytest.fixture
def make(make_student: MakeStudent) -> Callable[..., Student]:
    """A client whose first worker is up."""

    def started(source: str, sandbox: Sandbox) -> Student:
        student = make_student(source, sandbox=sandbox)
        try:
            student.load()
        except Exception as error:
            not_possible(f"tier {sandbox.tier} does not work on this machine: {error}")
        return student

    return started


@pytest.mark.slow
def test_what_a_worker_can_see_of_itself_is_the_same(
    make: Callable[..., Student], tier: Callable[..., Sandbox]
):
    cold = make(LOOK, tier((), None)).new().around()
    warm = make(LOOK, tier((), None, warm=True)).new().around()
    # A worker under bubblewrap is no leader of a group, and one that is forked is none either.
    cold.pop("leader"), warm.pop("leader")
    assert warm.keys() == cold.keys()
    for name in cold:
        assert warm[name] == cold[name], name


def test_no_two_draw_the_same(make: Callable[..., Student], tier: Callable[..., Sandbox]):
    sandbox = tier((), None, warm=True)
    one, two = make(LOOK, sandbox).new().draws(), make(LOOK, sandbox).new().draws()
    assert not {*one} & {*two}


@pytest.mark.slow
def test_nothing_of_another_hand_in_is_in_memory(make: Callable[..., Student], tier: Callable[..., Sandbox]):
    sandbox = tier((), None, warm=True)
    first = make(f"MARK = 'zqxjk' + 'vbpwy'\n{LOOK}", sandbox).new()
    assert first.strings("ywpbvkjxqz") != "0"  # it is found where it is
    assert make(LOOK, sandbox).new().strings("ywpbvkjxqz") == "0"


@pytest.mark.slow
def test_another_parent_comes_where_one_has_ended(make: Callable[..., Student], tier: Callable[..., Sandbox]):
    sandbox = tier((), None, warm=True)
    make(LOOK, sandbox)
    for parent in parents():
        parent.kill()
        parent.wait(10)
    assert make(LOOK, sandbox).new().draws()


def test_a_parent_outlives_the_thread_that_wanted_it(
    make: Callable[..., Student], tier: Callable[..., Sandbox]
):
    sandbox = tier((), None, warm=True)
    made: list[Student] = []
    thread = threading.Thread(target=lambda: made.append(make(LOOK, sandbox)))
    thread.start()
    thread.join()
    before = parents()
    assert made[0].new().draws()
    assert make(LOOK, sandbox).new().draws()
    assert before <= parents()


@pytest.mark.slow
def test_a_parent_ends_with_its_sandbox(make_student: MakeStudent, tier: Callable[..., Sandbox]):
    before = {*psutil.Process().children(recursive=True)}
    sandbox = tier((), None, warm=True)
    with make_student(LOOK, sandbox=sandbox) as student:
        try:
            student.load()
        except Exception as error:
            not_possible(f"this tier does not work on this machine: {error}")
        started = {*psutil.Process().children(recursive=True)} - before
    assert started
    student._sandbox = None  # type: ignore[assignment]
    del sandbox
    gc.collect()
    assert not psutil.wait_procs(started, timeout=10)[1]


def test_interrupts_of_the_terminal_do_not_reach_it(
    make: Callable[..., Student], tier: Callable[..., Sandbox]
):
    sandbox = tier((), None, warm=True)
    make(LOOK, sandbox)
    assert all(os.getpgid(one.pid) != os.getpgrp() for one in parents())


@pytest.mark.slow
@pytest.mark.parametrize("name", TIERS)
def test_where_a_warm_parent_does_not_hold_workers_start_by_themselves(
    monkeypatch: pytest.MonkeyPatch, temporary: Path, name: str
):
    def refused(*_: object) -> None:
        raise PermissionError(1, "unshare: Operation not permitted")

    monkeypatch.setattr(Warm, "fork", refused)
    answers = temporary / "answers"
    answers.mkdir(exist_ok=True)
    (answers / "solution.py").touch()
    facts = Facts(temporary, (answers / "solution.py",))
    chosen = choose({name: lambda warm=False: TIERS[name]((answers,), None, warm=warm)}, facts)
    assert not chosen.sandbox._warm  # type: ignore[attr-defined]


def test_how_a_worker_ended_is_told_though_who_waited_for_it_was_killed(
    make: Callable[..., Student], tier: Callable[..., Sandbox]
):
    student = make(LOOK, tier((), None, warm=True))
    process = student._worker._process  # type: ignore[union-attr]
    signal.pidfd_send_signal(process._first, signal.SIGKILL)
    assert process.has_ended(10)
    assert process.kill() == -signal.SIGKILL
