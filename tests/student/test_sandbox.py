"""Workers in the tiers that hold: honest work goes on as ever, ends are told alike, stacks are found, nothing stays."""

from __future__ import annotations

import os
import signal
import tempfile
import textwrap
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from grader.machine import fonts
from grader.machine.cache import cache_folder
from grader.student.client import Student
from grader.student.faults import StudentCrash, StudentError, StudentTimeout, WorkerDidNotStart
from grader.student.sandbox import Bubblewrap, Practice, Sandbox
from grader.student.sandbox.base import WATCHDOG
from tests.hostile.test_hostile import not_possible

from .conftest import MakeStudent, net_with
from .test_client import alive_with
from .ways import WAYS

MakeConfined = Callable[..., Student]


@pytest.fixture
def tmp_path(temporary: Path) -> Path:
    """As in a run, a folder that workers can enter though they be another user; pytest's own is closed to them."""
    folder = Path(tempfile.mkdtemp(dir=temporary))
    folder.chmod(0o711)
    return folder


@pytest.fixture(scope="module", params=list(WAYS))
def confined(request: pytest.FixtureRequest) -> Sandbox:
    """A sandbox of each tier."""
    return WAYS[request.param]((), fonts.prepared(cache_folder(os.environ)))


@pytest.fixture
def make(make_student: MakeStudent, confined: Sandbox) -> MakeConfined:
    """Make a client whose workers run in the sandbox; its first worker is up."""

    def started(source: str, *args: object, **named: object) -> Student:
        student = make_student(source, *args, **{"sandbox": confined, **named})
        try:
            student.load()
        except (WorkerDidNotStart, OSError) as error:
            not_possible(f"tier {confined.tier} does not work on this machine: {error}")
        return student

    return started


def assert_nothing_left(tmp_path: Path) -> None:
    """No process is at work below the test's folder, and no working folder is there."""
    assert alive_with(str(tmp_path)) == []
    assert list(tmp_path.glob("scratch-*")) == []


# ---- honest work -----------------------------------------------------------------------------------


@pytest.mark.battery
def test_the_libraries_of_hand_ins_work_with_one_thread(make: MakeConfined):
    student = make(
        net_with("""
        def libraries(self):
            import pickle, tempfile
            from scipy.special import expit
            return [pickle.loads(pickle.dumps(expit(0.0))), tempfile.gettempprefix()]

        def product(self):
            return np.linalg.inv(np.eye(300) * 2) @ np.ones(300)
        """)
    )
    net = student.new()
    half, prefix = net.libraries()
    assert (float(half.array), prefix) == (0.5, "tmp")
    assert net.product().array.tolist() == [0.5] * 300
    assert student._worker._process._code().num_threads() == 1


@pytest.mark.slow
def test_a_figure_is_drawn_with_the_list_of_fonts_that_is_there(make: MakeConfined):
    net = make(
        net_with("""
        def draw(self):
            import logging
            said = []
            handler = logging.Handler()
            handler.emit = lambda record: said.append(record.getMessage())
            logger = logging.getLogger("matplotlib.font_manager")
            logger.setLevel(logging.DEBUG)
            logger.addHandler(handler)
            import matplotlib
            import matplotlib.pyplot as plt
            figure, axes = plt.subplots()
            axes.plot([0, 1])
            axes.set_title("a title")
            figure.canvas.draw()
            dark = int((np.asarray(figure.canvas.buffer_rgba())[..., :3] < 128).sum())
            return [matplotlib.get_backend().lower(), dark, "; ".join(said)]
        """)
    ).new()
    backend, dark, said = net.draw()
    assert backend == "agg"
    assert int(dark.array) > 1000
    assert "Using fontManager instance" in said
    assert "generated new fontManager" not in said


def test_datasets_can_be_changed_in_place_and_are_fresh_on_the_next_use(make: MakeConfined, tmp_path: Path):
    np.save(tmp_path / "X.npy", np.zeros((10, 3)))
    (tmp_path / "X.npy").chmod(0o600)
    student = make(
        net_with("""
        def spoil(self, X): X += 1; return f"{type(X).__name__} {X.sum()}"
        def total(self, X): return X.sum()
        """),
        datasets={"X": tmp_path / "X.npy"},
    )
    net, X = student.new(), student.array("X")
    assert net.spoil(X) == "ndarray 30.0"
    assert float(net.total(X)) == 0
    assert not np.load(tmp_path / "X.npy").any()


OURS = ("child", "protocol", "syscalls", "lockdown", "worker", "settings", "warm")


def test_modules_named_like_ours_are_the_students(make: MakeConfined):
    student = make(
        f"import {', '.join(OURS)}\n"
        + net_with(f"def whose(self): return [m.whose for m in ({', '.join(OURS)})]"),
        {f"{name}.py": "whose = 'the student'" for name in OURS},
    )
    assert student.new().whose() == ["the student"] * len(OURS)


def test_what_is_printed_arrives_and_an_exception_names_its_line(make: MakeConfined):
    student = make(net_with("def loss(self): print('so far'); return 1 / 0"))
    net = student.new()
    with pytest.raises(StudentError) as caught:
        net.loss()
    assert (caught.value.kind, caught.value.places[-1].function) == ("ZeroDivisionError", "loss")
    assert student.take_output() == "so far\n"


WRITES = net_with("""
def write(self):
    with open("notes.txt", "w") as file:
        file.write("x" * 1000)
    return self.notes()

def notes(self):
    return open("notes.txt").read()

def temporary(self):
    import tempfile
    with tempfile.NamedTemporaryFile("w+") as file:
        file.write("y")
        file.seek(0)
        return file.read()

def write_beside(self):
    open(__file__, "a")
""")


def test_a_file_can_be_written_where_there_is_a_private_folder_and_is_gone_with_its_worker(
    make: MakeConfined, confined: Sandbox, tmp_path: Path
):
    student = make(WRITES)
    net = student.new()
    if confined.tier.startswith("A"):
        assert net.write() == "x" * 1000
        assert net.temporary() == "y"
        assert not list(tmp_path.rglob("notes.txt")), "it is in memory, not on a disk"
    else:
        for method, words in (("write", "Permission denied"), ("temporary", "No usable temporary directory")):
            with pytest.raises(StudentError, match=words):
                net.call(method)
    with pytest.raises(StudentError, match=r"Permission denied|Read-only file system"):
        net.write_beside()
    student.close()
    assert_nothing_left(tmp_path)
    with pytest.raises(StudentError, match="No such file"):
        student.new().notes()


# ---- ends ------------------------------------------------------------------------------------------

ENDS = {
    "os._exit(7)": 7,
    "os._exit(137)": -31,
    "os._exit(-1)": -31,
    "os.abort()": -6,
    "ctypes.string_at(0)": -11,
    "(os.closerange(3, 64), os._exit(0))": 0,
}
"""What ends a process, and its status."""


LOOKS_LIKE_THE_MACHINE = {
    "os.kill(os.getpid(), 9)": "PermissionError",
    "signal.raise_signal(9)": "PermissionError",
    "signal.pthread_kill(threading.get_ident(), 9)": "PermissionError",
    "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))": "ValueError",
    "resource.setrlimit(resource.RLIMIT_AS, (1 << 20, 1 << 20))": "ValueError",
    "resource.prlimit(0, resource.RLIMIT_CPU, (1, 1))": "PermissionError",
}
"""What would end a process as the machine may, and what comes of it."""


@pytest.mark.battery
@pytest.mark.parametrize("tier", WAYS)
def test_student_code_cannot_end_as_if_the_machine_had_ended_it(make_student: MakeStudent, tier: str):
    student = make_student(
        "import os, resource, signal, threading\n"
        + net_with("\n".join(f"def end{i}(self): {code}" for i, code in enumerate(LOOKS_LIKE_THE_MACHINE))),
        sandbox=WAYS[tier]((), None),
    )
    found = {}
    for i, code in enumerate(LOOKS_LIKE_THE_MACHINE):
        try:
            net = student.new()
        except (WorkerDidNotStart, OSError) as error:
            not_possible(f"tier {tier} does not work on this machine: {error}")
        with pytest.raises(StudentError) as caught:
            net.call(f"end{i}")
        found[code] = caught.value.kind
    assert found == LOOKS_LIKE_THE_MACHINE


@pytest.mark.slow
@pytest.mark.parametrize("tier", ["practice", *WAYS])
def test_the_end_of_a_process_is_told_alike_in_every_tier(make_student: MakeStudent, tier: str):
    student = make_student(
        "import ctypes, os, signal\n"
        + net_with("\n".join(f"def end{i}(self): {code}" for i, code in enumerate(ENDS))),
        sandbox=Practice() if tier == "practice" else WAYS[tier]((), None),
    )
    ends = {code: status for code, status in ENDS.items() if tier != "practice" or status != -signal.SIGSYS}
    found = {}
    for i, code in enumerate(ENDS):
        if code not in ends:
            continue
        try:
            net = student.new()
        except (WorkerDidNotStart, OSError) as error:
            not_possible(f"tier {tier} does not work on this machine: {error}")
        with pytest.raises(StudentCrash) as caught:
            net.call(f"end{i}")
        found[code] = caught.value.status
    assert found == ends


def test_a_worker_that_ends_between_calls_has_ended_and_keeps_its_status(make: MakeConfined):
    student = make(
        net_with("""
        def work(self):
            import time
            while time.process_time() < 0.05: pass

        def end_soon(self):
            import os, threading
            threading.Timer(0.05, os._exit, [7]).start()
        """)
    )
    net = student.new()
    process = student._worker._process
    net.work()
    assert not process.has_ended(0)
    assert process.cpu_seconds() > 0
    net.end_soon()
    assert process.has_ended(10)
    assert process.cpu_seconds() >= 0
    process.ask_for_stack()  # of nobody: does nothing
    assert process.kill() == process.kill() == 7


BUSY = net_with("""
def start(self):
    import signal, threading
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    def turn():
        while True: pass
    for _ in range(8):
        threading.Thread(target=turn, daemon=True).start()
    return True
""")


@pytest.mark.slow
def test_killing_a_worker_leaves_no_process_and_no_folder(make: MakeConfined, tmp_path: Path):
    student = make(BUSY)
    assert student.new().start()
    assert alive_with(str(tmp_path))
    student.close()
    assert_nothing_left(tmp_path)


# ---- where code was when its time was up ------------------------------------------------------------

ENDLESS = {
    "ignores every signal": """
        import signal
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        while True: pass  # here
        """,
    "catches everything": """
        while True:  # here
            try:  # here
                while True: pass  # here
            except BaseException:  # here
                pass  # here
        """,
    "a regular expression": """
        import re
        hold()
        re.match("(a+)+$", "a" * 60 + "b")  # here
        """,
    "a sum": """
        hold()
        return sum(range(10**12))  # here
        """,
}
HOLD = """
def hold():
    # From here on another thread gets its turn only where C code lets go of the interpreter's lock.
    import sys, threading
    go = threading.Lock()
    go.acquire()
    threading.Thread(target=lambda: (go.acquire(), print("let go")), daemon=True).start()
    sys.setswitchinterval(1000)
    go.release()
"""


@pytest.mark.slow
@pytest.mark.parametrize("what", ENDLESS)
def test_the_line_of_an_endless_call_is_found(make: MakeConfined, what: str):
    method = "def loss(self):\n" + textwrap.indent(textwrap.dedent(ENDLESS[what]), "    ")
    student = make(HOLD + net_with(method), call_cpu=0.1)
    with pytest.raises(StudentTimeout) as caught:
        student.new().loss()
    assert caught.value.cpu
    place = caught.value.places[-1]
    assert (place.file, place.function) == ("mlp.py", "loss")
    assert place.code.endswith("# here")
    assert student.take_output() == "", "the call holds the lock throughout"


def test_the_handler_of_the_watchdog_cannot_be_changed(make: MakeConfined):
    net = make(
        net_with(f"""
        def change(self):
            import signal
            signal.signal({int(WATCHDOG)}, signal.SIG_IGN)
        """)
    ).new()
    with pytest.raises(StudentError, match="Operation not permitted"):
        net.change()


# ---- a worker that cannot start ---------------------------------------------------------------------


def in_place_of_bubblewrap(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    (folder / "bwrap").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


def test_what_bubblewrap_says_when_it_fails_is_passed_on(
    make_student: MakeStudent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    in_place_of_bubblewrap(tmp_path / "bin", "echo bwrap: no namespaces for you >&2; exit 1", monkeypatch)
    student = make_student(net_with("pass"), sandbox=Bubblewrap())
    with pytest.raises(WorkerDidNotStart, match=r"status 1.*bwrap: no namespaces for you"):
        student.load()
    assert not student.is_alive
    assert_nothing_left(tmp_path)


@pytest.mark.parametrize("told", ["{", '{"child-pid": 0}', '{"child-pid": 4194305}'])
def test_nonsense_in_place_of_bubblewraps_information_is_no_time_out(
    make_student: MakeStudent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str
):
    script = f"""
    while [ "$1" != --info-fd ]; do shift; done
    printf '%s' '{told}' > /proc/self/fd/$2
    exit 1
    """
    in_place_of_bubblewrap(tmp_path / "bin", script, monkeypatch)
    with pytest.raises(WorkerDidNotStart):
        make_student(net_with("pass"), sandbox=Bubblewrap()).load()
    assert_nothing_left(tmp_path)


def test_a_machine_without_bubblewrap_says_so(
    make_student: MakeStudent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(WorkerDidNotStart, match="not installed"):
        make_student(net_with("pass"), sandbox=Bubblewrap()).load()
    assert_nothing_left(tmp_path)
