"""The client: student objects that read like local ones, and four faults that are told apart."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from grader.entry_point import EntryPoint
from grader.grading.explain import fault_verdict
from grader.student.child import protocol
from grader.student.child.protocol import Numbers, Opaque
from grader.student.client import Student
from grader.student.faults import (
    MachineFault,
    StudentCrash,
    StudentError,
    StudentFault,
    StudentProtocolFault,
    StudentTimeout,
    WorkerDidNotStart,
)
from grader.student.net import StaleObject
from grader.student.output import KEPT_OUTPUT
from grader.student.process import Cancelled
from grader.student.sandbox import Practice
from grader.student.sandbox.base import WATCHDOG
from tests.hangs import no_hang

from .conftest import NET, MakeStudent, net_with

FORGE = """
def frame(id, body, arrays=()):
    import json, struct
    header = json.dumps({"id": id, "body": body, "arrays": arrays}).encode()
    return struct.pack("<I", len(header)) + header

def reply(value=None):
    return ["dict", [["ok", ["dict", [["result", value or ["none"]], ["args", ["none"]]]]]]]

def my_request():
    import sys
    frame = sys._getframe()
    while "request_id" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["request_id"]

def sockets():
    import os, stat
    return [fd for fd in range(3, 64) if os.path.exists(f"/proc/self/fd/{fd}")
            and stat.S_ISSOCK(os.fstat(fd).st_mode)]

def write(data):
    import os
    for fd in sockets():
        os.write(fd, data)
"""
"""What a forger would write, as methods' helpers at the top of a module."""


def forging(method: str) -> str:
    return FORGE + net_with(method)


def alive_with(text: str) -> list[int]:
    """Processes with `text` on their command line or in their working folder's path."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and text in f"{process.cwd()} {process.cmdline()}":
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue
    return [pid for pid in found if pid != os.getpid()]


def assert_none_left(temp: Path) -> None:
    """No process has its working folder below `temp`, and `temp` is empty."""
    for _ in range(100):
        if not alive_with(str(temp)):
            break
        time.sleep(0.02)
    assert alive_with(str(temp)) == []
    assert list(temp.iterdir()) == []


# ---- a call reads naturally ------------------------------------------------------------------------


def test_a_check_reads_as_if_the_object_were_local(make_student: MakeStudent):
    student = make_student(
        net_with("""
        def loss(self, X, y=None, reg=0.0):
            return float(X.sum()) + reg, {"W": X * 2, "names": ("a", None)}
        """)
    )
    assert student.load() == ("Net",)
    net = student.new(4, std=0.1)
    loss, grads = net.loss(np.ones((2, 2)), reg=0.5)
    assert float(loss) == 4.5
    assert grads["W"].array.tolist() == [[2.0, 2.0], [2.0, 2.0]]
    assert grads["names"] == ("a", None)


def test_arguments_arrive_as_the_types_that_a_student_expects(make_student: MakeStudent):
    student = make_student(
        net_with("""
        def types(self, *values, **named):
            return " ".join(type(value).__name__ for value in (*values, *named.values()))
        """)
    )
    sent = (
        1,
        1.5,
        True,
        "x",
        None,
        np.zeros(2),
        np.zeros(2).view(np.memmap),
        np.float32(1),
        [1, 2],
        (1.0,) * 9,
        {},
    )
    got = student.new().types(*sent, a=np.int64(3))
    assert got == "int float bool str NoneType ndarray ndarray float list tuple dict int"


def test_strings_are_interned_because_templates_compare_with_is(make_student: MakeStudent):
    student = make_student(net_with("def same(self, name): return name is 'relu'"))
    assert bool(student.new().same("".join(["re", "lu"])))


def test_the_seed_decides_what_the_constructor_draws(make_student: MakeStudent):
    student = make_student(
        "import numpy as np\nclass Net:\n    def __init__(self): self.params = {'W': np.random.randn(3)}\n"
    )
    first, again, other = (student.new(seed=seed).params["W"].array.tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_the_echo_shows_what_the_call_did_to_its_arguments(make_student: MakeStudent):
    student = make_student(net_with("def train(self, X, y): X[0] = 7; return 1"))
    result, (X, y) = student.new().call_and_echo("train", np.zeros(2), np.ones(1))
    assert float(result) == 1
    assert (X.array.tolist(), y.array.tolist()) == ([7.0, 0.0], [1.0])


def test_set_params_keeps_aliases(make_student: MakeStudent):
    student = make_student(
        """
        import numpy as np
        class Net:
            def __init__(self):
                self.W = np.zeros((2, 3))
                self.b = np.zeros((1, 3), dtype=np.float32)
                self.params = {"W": self.W, "b": self.b}
            def total(self): return self.W.sum() + self.b.sum()
        """
    )
    net = student.new()
    net.set_params({"W": np.ones((2, 3)), "b": np.ones(3)})
    assert float(net.total()) == 9
    assert net.params["b"].array.shape == (1, 3)


def test_set_params_does_not_cut_values_down_to_integers(make_student: MakeStudent):
    student = make_student(
        "import numpy as np\nclass Net:\n    def __init__(self): self.params = {'b': np.zeros(2, dtype=int)}\n"
    )
    net = student.new()
    net.set_params({"b": np.array([0.5, 1.5])})
    assert net.params["b"].array.tolist() == [0.5, 1.5]


def test_a_dataset_can_be_written_in_place_and_neither_the_file_nor_the_next_call_sees_it(
    make_student: MakeStudent, tmp_path: Path
):
    np.save(tmp_path / "X.npy", np.zeros((10, 3)))
    student = make_student(
        net_with("""
        def spoil(self, X): X += 1; return type(X).__name__
        def total(self, X): return X.sum()
        """),
        datasets={"X": tmp_path / "X.npy"},
    )
    net, X = student.new(), student.array("X")
    assert net.spoil(X) == "ndarray"
    assert float(net.total(X)) == 0
    assert not np.load(tmp_path / "X.npy").any()


def test_relative_paths_mean_the_graders_folder(
    make_student: MakeStudent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    np.save("X.npy", np.ones(3))
    Path("staged").mkdir()
    Path("staged/mlp.py").write_text(net_with("def total(self, X): return X.sum()"))
    limits = make_student(NET)._limits
    with Student(
        Practice(), Path("staged"), limits, EntryPoint("mlp.py", ("Net",)), {"X": Path("X.npy")}
    ) as student:
        assert float(student.new().total(student.array("X"))) == 3


def test_own_classes_come_before_those_of_star_imports(make_student: MakeStudent):
    many = "\n".join(f"class C{i}: pass" for i in range(150))
    student = make_student("from many import *\nclass Net: pass\n", {"many.py": many})
    assert student.load()[0] == "Net"


# ---- fault one: an exception -----------------------------------------------------------------------


RAISED = {
    "1 / 0": "ZeroDivisionError",
    "raise SystemExit(0)": "SystemExit",
    "__import__('sys').exit(0)": "SystemExit",
    "raise KeyboardInterrupt": "KeyboardInterrupt",
    "raise GeneratorExit": "GeneratorExit",
    "return self.method5()": "RecursionError",
    "raise EOFError": "EOFError",
    "import nowhere": "ModuleNotFoundError",
    "open('big', 'wb').write(bytes(2 << 20))": "OSError",
    "return np.zeros((1 << 20, 1 << 10))": "MemoryError",
    "return bytearray(4 << 30)": "MemoryError",
}


def test_whatever_is_raised_is_an_error_with_its_place_and_the_worker_lives_on(make_student: MakeStudent):
    net = make_student(
        net_with("\n".join(f"def method{i}(self): {code}" for i, code in enumerate(RAISED)))
    ).new()
    for i, (code, kind) in enumerate(RAISED.items()):
        with pytest.raises(StudentError) as caught:
            net.call(f"method{i}")
        place = caught.value.places[-1]
        assert (caught.value.kind, place.file, place.function) == (kind, "mlp.py", f"method{i}")
        assert code in place.code


ODD = """
class Odd:
    def __init__(self, what): pass
    def __array__(self, *args, **kwargs): raise RuntimeError("not an array")
    def __str__(self): raise RuntimeError("no text")
    __len__ = __iter__ = __float__ = __array__
"""


@pytest.mark.parametrize(
    "result",
    [
        "Odd('array')",
        "{Odd('key'): 1}",
        "[Odd('array')] * 3",
        "type('E', (Exception,), {'__str__': lambda s: 1 / 0})",
    ],
)
def test_a_result_that_raises_when_it_is_looked_at_is_the_students_error_or_opaque(
    make_student: MakeStudent, result: str
):
    student = make_student(ODD + net_with(f"def loss(self): return {result}"))
    net = student.new()
    try:
        assert not isinstance(net.loss(), Numbers)
    except StudentError as error:
        assert error.kind in ("RuntimeError", "TypeError")
    assert net.params["b"].array.size == 3


INDESCRIBABLE = [
    "type('E', (Exception,), {'__str__': lambda s: 1 / 0})()",
    "type('E', (Exception,), {'__str__': lambda s: type('S', (str,), {'__len__': lambda s: 1 / 0})('hi')})()",
    "type('M', (type,), {'__name__': property(lambda c: 5)})('E', (Exception,), {})()",
    "type('E', (ImportError,), {'name': property(lambda s: 1 / 0)})()",
    "Exception('\\udcff' * 10)",
    "Exception('x' * 10**6)",
]


def test_an_exception_that_cannot_be_described_is_still_an_error(make_student: MakeStudent):
    methods = "\n".join(f"def method{i}(self): raise {error}" for i, error in enumerate(INDESCRIBABLE))
    net = make_student(net_with(methods)).new()
    for i in range(len(INDESCRIBABLE)):
        with pytest.raises(StudentError) as caught:
            net.call(f"method{i}")
        caught.value.text.encode()
        assert len(caught.value.text) <= 2000


@pytest.mark.slow
def test_an_answer_too_large_for_a_frame_is_the_students_error(make_student: MakeStudent):
    student = make_student(net_with("def loss(self): return np.zeros(5 << 20)"))
    with pytest.raises(StudentError, match="TooLarge") as caught:
        student.new().loss()
    told = fault_verdict(caught.value, hidden=True, packages=()).message
    assert (
        "larger than the grader reads, and than any right answer: more than 32 MB of numbers. Return " in told
    )
    own = make_student("class TooLarge(Exception): pass\n" + net_with("def loss(self): raise TooLarge('7')"))
    with pytest.raises(StudentError) as caught:
        own.new().loss()
    assert (
        "Your code raised TooLarge in mlp.py" in fault_verdict(caught.value, hidden=True, packages=()).message
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        ("x = (\n", "SyntaxError", 1),
        ("import os\n1 / 0\n", "ZeroDivisionError", 2),
        ("raise SystemExit", "SystemExit", 1),
    ],
)
def test_an_import_that_fails_is_told_each_time_it_is_asked(
    make_student: MakeStudent, source: str, kind: str, line: int
):
    student = make_student(source)
    for _ in range(2):
        with pytest.raises(StudentError) as caught:
            student.load()
        assert (caught.value.kind, caught.value.places[-1].line) == (kind, line)


# ---- fault two: time -------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        """
        while True:
            try:
                while True: pass
            except BaseException:
                pass
        """,
        "return sum(range(10**12))",
        """
        import signal
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN)
        while True: pass
        """,
    ],
    ids=["loop", "catches everything", "C code that holds the GIL", "ignores signals"],
)
def test_computing_too_long_is_a_time_out_of_the_cpu_with_its_place(make_student: MakeStudent, body: str):
    student = make_student(
        net_with("def loss(self):\n" + textwrap.indent(textwrap.dedent(body), "    ")), call_cpu=0.2
    )
    net = student.new()
    with pytest.raises(StudentTimeout) as caught:
        net.loss()
    assert caught.value.cpu
    place = caught.value.places[-1]
    assert (place.file, place.function) == ("mlp.py", "loss")
    assert place.code in (student._sources.folder / "mlp.py").read_text()
    assert place.code


@pytest.mark.slow
def test_waiting_too_long_is_a_time_out_of_the_wall_clock(make_student: MakeStudent):
    student = make_student(net_with("def loss(self): __import__('time').sleep(60)"))
    with pytest.raises(StudentTimeout) as caught:
        student.new().call("loss", wall=0.3)
    assert not caught.value.cpu
    assert caught.value.places[-1].function == "loss"


@pytest.mark.slow
def test_a_loop_at_import_is_a_time_out(make_student: MakeStudent):
    student = make_student("while True: pass", call_cpu=0.2)
    with pytest.raises(StudentTimeout) as caught:
        student.load()
    assert caught.value.places[-1].line == 1


@pytest.mark.slow
def test_code_that_blinds_the_watchdog_only_hides_its_place(make_student: MakeStudent):
    student = make_student(
        net_with("""
        def loss(self):
            import faulthandler, signal
            faulthandler.unregister(signal.SIGRTMAX - 1)
            signal.signal(signal.SIGRTMAX - 1, signal.SIG_IGN)
            while True: pass
        """),
        call_cpu=0.2,
    )
    with pytest.raises(StudentTimeout) as caught:
        student.new().loss()
    assert caught.value.places == ()


@pytest.mark.slow
def test_a_forged_stack_breaks_nothing_and_quotes_no_other_file(make_student: MakeStudent):
    lines = [
        '  File "{folder}/mlp.py", line ' + "9" * 5000 + " in loss",
        '  File "{folder}/mlp.py", line 999999999 in loss',
        '  File "{folder}/../../../../../etc/passwd", line 1 in loss',
        '  File "{folder}/pipe", line 1 in loss',
        '  File "{folder}/loop", line 1 in loss',
    ]
    student = make_student(
        net_with(f"""
        def loss(self):
            import os, signal, faulthandler, stat
            folder = os.path.dirname(__file__)
            os.mkfifo(folder + "/pipe")
            os.symlink("loop", folder + "/loop")
            text = "\\n".join({lines!r}).format(folder=folder).encode() + b"\\n"
            pipes = [fd for fd in range(3, 64) if os.path.exists(f"/proc/self/fd/{{fd}}")
                     and stat.S_ISFIFO(os.fstat(fd).st_mode)]
            signal.signal({int(WATCHDOG)}, lambda *_: [os.write(fd, text) for fd in pipes])
            while True: pass
        """),
        call_cpu=0.2,
    )
    with pytest.raises(StudentTimeout) as caught:
        student.new().loss()
    assert caught.value.places == ()


@pytest.mark.slow
def test_a_reply_that_trickles_past_the_deadline_is_a_time_out(make_student: MakeStudent):
    student = make_student(
        forging("""
        def loss(self):
            import time
            for byte in frame(my_request(), reply(["text", "x" * 2000])):
                write(bytes([byte]))
                time.sleep(0.2)
        """)
    )
    with no_hang(), pytest.raises(StudentTimeout) as caught:
        student.new().call("loss", wall=0.3)
    assert not caught.value.cpu


@pytest.mark.slow
def test_a_trickle_does_not_hide_the_cpu_time(make_student: MakeStudent):
    student = make_student(
        forging("""
        def loss(self):
            import time
            write((10**5).to_bytes(4, "little"))
            while True:
                end = time.monotonic() + 0.01
                while time.monotonic() < end: pass
                write(b" ")
        """)
    )
    with pytest.raises(StudentTimeout) as caught:
        student.new().call("loss", cpu=0.2)
    assert caught.value.cpu


@pytest.mark.slow
def test_half_a_frame_and_silence_is_a_time_out(make_student: MakeStudent):
    student = make_student(
        forging("def loss(self): write(frame(my_request(), reply())[:20]); __import__('time').sleep(60)")
    )
    with pytest.raises(StudentTimeout):
        student.new().call("loss", wall=0.3)


# ---- fault three: the process ends -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("os._exit(0)", 0),
        ("os._exit(3)", 3),
        ("os.kill(os.getpid(), 15)", -15),
        ("os.abort()", -6),
        ("ctypes.string_at(0)", -11),
        ("(os.closerange(3, 64), os._exit(0))", 0),
    ],
)
def test_the_end_of_the_process_is_a_crash_and_never_an_answer(
    make_student: MakeStudent, code: str, status: int
):
    student = make_student("import ctypes, os\n" + net_with(f"def loss(self): {code}"))
    net = student.new()
    with pytest.raises(StudentCrash) as caught:
        net.loss()
    assert caught.value.status == status


@pytest.mark.slow
def test_a_kill_from_outside_is_not_the_codes_doing(make_student: MakeStudent):
    student = make_student(
        "import os, time\n" + net_with("def loss(self): time.sleep(30)\ndef fine(self): return 1")
    )
    net = student.new()
    process = student._worker._process._code()
    threading.Timer(0.2, process.kill).start()
    with pytest.raises(MachineFault, match="neither by it nor by the grader"):
        net.loss()
    assert student.new().fine().array == 1


@pytest.mark.parametrize("which", [resource.RLIMIT_AS, resource.RLIMIT_DATA])
def test_memory_that_the_environment_has_taken_is_not_the_codes_doing(
    make_student: MakeStudent, monkeypatch: pytest.MonkeyPatch, which: int
):
    real = resource.getrlimit
    monkeypatch.setattr(resource, "getrlimit", lambda w: (-1, 400 << 20) if w == which else real(w))
    student = make_student(net_with("def loss(self): raise MemoryError"), memory=800 << 20)
    with pytest.raises(MachineFault, match=r"limited to 400 MB, and a hand-in may use 800 MB"):
        student.new().loss()


def test_memory_past_the_rubrics_limit_is_the_codes_doing(make_student: MakeStudent):
    with pytest.raises(StudentError, match="MemoryError"):
        make_student(net_with("def loss(self): raise MemoryError")).new().loss()


def test_a_worker_that_the_machine_cannot_start_is_no_fault_of_the_codes(
    make_student: MakeStudent, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("grader.student.sandbox.practice.spawn", refuse)
    with pytest.raises(WorkerDidNotStart, match="temporarily"):
        make_student(net_with("def loss(self): pass")).new()


def test_exit_at_import_is_a_crash(make_student: MakeStudent):
    with pytest.raises(StudentCrash):
        make_student("import os; os._exit(0)").load()


@pytest.mark.slow
def test_the_workers_whole_cpu_time_is_bounded_by_the_kernel(make_student: MakeStudent):
    student = make_student(net_with("def loss(self):\n    while True: pass"), worker_cpu=1)
    with pytest.raises(StudentCrash) as caught:
        student.new().call("loss", cpu=30)
    assert caught.value.status in (-9, -24)


@pytest.mark.slow
def test_an_alarm_that_strikes_between_calls_is_a_crash(make_student: MakeStudent):
    student = make_student(
        net_with("""
        def loss(self):
            import signal
            def strike(*_): raise ValueError
            signal.signal(signal.SIGALRM, strike)
            signal.setitimer(signal.ITIMER_REAL, 0.05)
        """)
    )
    net = student.new()
    net.loss()
    time.sleep(0.3)
    with pytest.raises(StudentCrash):
        net.loss()


# ---- fault four: nonsense --------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        "write(frame(12345, reply()))",
        "write(b'garbage' * 100)",
        "write(b'{\"ok\": true}\\n')",
        "write((1 << 31).to_bytes(4, 'little'))",
        "write(frame(my_request(), ['none']))",
        "write(frame(my_request(), ['dict', [['ok', ['none']], ['more', ['none']]]]))",
        "write(frame(my_request(), ['dict', [['ok', ['none']]]]))",
        "write(frame(my_request(), ['numbers', 0, 'float'], [['|O', [1]]]) + b'12345678')",
        "write(frame(my_request(), ['numbers', 0, 'float'], [['<f8', [10**15]]]))",
        "os.closerange(3, 64); __import__('time').sleep(60)",
    ],
)
def test_forged_bytes_are_a_protocol_fault(make_student: MakeStudent, code: str):
    student = make_student("import os\n" + forging(f"def loss(self): {code}; return 1"))
    with pytest.raises(StudentProtocolFault):
        student.new().loss()


@pytest.mark.slow
def test_after_nonsense_the_next_call_has_a_fresh_worker(make_student: MakeStudent):
    student = make_student(forging("def loss(self): write(b'garbage')\ndef fine(self): return 2"))
    with pytest.raises(StudentProtocolFault):
        student.new().loss()
    assert float(student.new().fine()) == 2


def test_a_reply_sent_twice_breaks_the_next_call(make_student: MakeStudent):
    student = make_student(
        forging("def loss(self): write(frame(my_request(), reply()))\ndef fine(self): return 1")
    )
    net = student.new()
    assert net.loss() is None  # the forged one: an observation like any other
    with pytest.raises(StudentProtocolFault, match="not asked"):
        net.fine()


@pytest.mark.parametrize("line", ["NaN", "Infinity", "1e400"])
def test_a_forged_place_is_left_out(make_student: MakeStudent, line: str):
    student = make_student(
        forging(f"""
        def loss(self):
            import numpy as np, struct
            places = ["list", [["tuple", [["text", "mlp.py"], ["numbers", 0, "int"], ["text", "f"]]]]]
            raised = [["type", ["text", "E"]], ["text", ["text", ""]], ["module", ["text", ""]], ["places", places]]
            body = ["dict", [["raised", ["dict", raised]]]]
            value = float("{line}".replace("Infinity", "inf"))
            write(frame(my_request(), body, [["<f8", []]]) + struct.pack("<d", value))
        """)
    )
    with pytest.raises(StudentError) as caught:
        student.new().loss()
    assert caught.value.places == ()


def test_forged_classes_are_a_fault_and_not_remembered(make_student: MakeStudent):
    forged = "frame(my_request(), ['dict', [['ok', ['dict', [['classes', ['text', 'Net']]]]]]])"
    student = make_student(f"{FORGE}\nwrite({forged})\n{NET}")
    for _ in range(2):
        with pytest.raises(StudentProtocolFault):
            student.load()


# ---- after a fault ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_after_a_time_out_the_next_call_has_a_fresh_worker(make_student: MakeStudent):
    student = make_student(
        net_with("def loop(self):\n    while True: pass\ndef fine(self): return 1"), call_cpu=0.2
    )
    with pytest.raises(StudentTimeout):
        student.new().loop()
    assert float(student.new().fine()) == 1


@pytest.mark.slow
def test_an_object_of_a_dead_worker_is_the_checks_error_not_the_students(make_student: MakeStudent):
    student = make_student("import os\n" + net_with("def end(self): os._exit(0)\ndef fine(self): return 1"))
    old, other = student.new(), student.new()
    with pytest.raises(StudentCrash):
        old.end()
    for _ in range(2):
        with pytest.raises(StaleObject):
            other.fine()
        student.new()


def test_a_request_too_large_is_the_checks_error_not_the_students(
    make_student: MakeStudent, monkeypatch: pytest.MonkeyPatch
):
    net = make_student(net_with("def loss(self, X): return 1")).new()
    monkeypatch.setattr(protocol, "MAX_PAYLOAD", 1000)
    with pytest.raises(Exception, match="MB of numbers") as caught:
        net.loss((np.zeros(100), np.zeros(100)))
    assert not isinstance(caught.value, StudentFault)


def test_a_worker_that_does_not_start_is_the_graders_fault(make_student: MakeStudent):
    with pytest.raises(WorkerDidNotStart):
        make_student(NET, memory=1 << 20).load()


def test_a_machine_that_cannot_start_workers_leaks_nothing(make_student: MakeStudent, temp: Path):
    class Broken(Practice):
        def start(self, launch: Any) -> Any:
            raise OSError("no more processes")

    before = set(Path("/proc/self/fd").iterdir())
    with pytest.raises(WorkerDidNotStart, match="no more processes"):
        make_student(NET, sandbox=Broken()).load()
    assert set(Path("/proc/self/fd").iterdir()) == before
    assert list(temp.iterdir()) == []


# ---- output, tricks, leftovers ---------------------------------------------------------------------


def test_a_flood_of_output_is_capped_and_harms_no_answer(make_student: MakeStudent):
    student = make_student(
        net_with("""
        def loss(self):
            import os
            print("first")
            for _ in range(64): os.write(1, b"x" * (1 << 20))
            return 1
        """)
    )
    net = student.new()
    before = psutil.Process().memory_info().rss
    assert float(net.loss()) == 1
    assert psutil.Process().memory_info().rss - before < 32 << 20
    printed = student.take_output()
    assert printed.startswith("first\nxxx")
    assert printed.endswith("x\n(cut at 16 KiB)")
    assert len(printed) == KEPT_OUTPUT + len("\n(cut at 16 KiB)")


@pytest.mark.slow
def test_a_gigabyte_of_prints_takes_seconds_and_no_memory(make_student: MakeStudent):
    student = make_student(
        net_with("def loss(self):\n    for _ in range(1024): print('x' * (1 << 20))\n    return 1")
    )
    before = psutil.Process().memory_info().rss
    assert float(student.new().loss()) == 1
    assert psutil.Process().memory_info().rss - before < 64 << 20


@pytest.mark.slow
def test_output_is_kept_over_workers_and_bytes_that_are_no_text_do_no_harm(make_student: MakeStudent):
    student = make_student("import os\nprint('hello')\nos.write(1, b'\\xff\\x00')\n" + NET)
    student.load()
    student.close()
    student.load()
    student.close()
    assert student.take_output() == 2 * "hello\n\ufffd\0"


SHADOWS = (
    "random.py",
    "json.py",
    "secrets.py",
    "socket.py",
    "traceback.py",
    "linecache.py",
    "numpy.py",
    "struct.py",
)


def test_files_named_like_the_standard_library_do_not_break_the_worker(make_student: MakeStudent):
    student = make_student(
        net_with(
            "def loss(self): return np.random.randn(2).sum()\ndef fail(self): import helper; helper.fail()"
        ),
        {**dict.fromkeys(SHADOWS, "raise RuntimeError('shadow')"), "helper.py": "def fail(): 1 / 0"},
    )
    net = student.new()
    assert isinstance(net.loss(), Numbers)
    with pytest.raises(StudentError, match="ZeroDivisionError") as caught:
        net.fail()
    assert [place.file for place in caught.value.places] == ["mlp.py", "helper.py"]


def test_a_hand_in_that_breaks_the_modules_of_its_process_harms_only_itself(make_student: MakeStudent):
    vandal = make_student(
        """
        import json, socket, sys, numpy as np
        np.random = np.array = json.dumps = socket.socket = None
        for name in ("numpy", "json", "_worker_protocol"): sys.modules[name] = None
        class Net: pass
        """
    )
    with pytest.raises(StudentFault):
        vandal.new()
    honest = make_student(net_with("def fine(self): return 1"))
    assert float(honest.new().fine()) == 1


def test_an_array_that_cannot_be_sent_is_opaque(make_student: MakeStudent):
    net = make_student(net_with("def loss(self): return np.array(['a', None], dtype=object)")).new()
    assert isinstance(net.loss(), Opaque)


def test_threads_that_are_left_running_hold_nothing_up(make_student: MakeStudent, temp: Path):
    student = make_student(
        net_with("""
        def loss(self):
            import threading, time
            threading.Thread(target=time.sleep, args=(60,)).start()
            return 1
        """)
    )
    net = student.new()
    assert float(net.loss()) == 1
    assert float(net.loss()) == 1
    student.close()
    assert_none_left(temp)


FORKS = {
    "a child": "if os.fork() == 0: time.sleep(60)",
    "a grandchild in a session of its own": """
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0: time.sleep(60)
            os._exit(0)
        os.wait()
    """,
    "a shell's child": "subprocess.Popen(['sh', '-c', 'sleep 60 & exec sleep 60'], start_new_session=True)",
}


@pytest.mark.parametrize("code", FORKS.values(), ids=FORKS)
def test_processes_that_a_living_worker_has_left_are_killed_with_it(
    make_student: MakeStudent, temp: Path, code: str
):
    student = make_student(
        "import os, subprocess, time\n"
        + net_with("def loss(self):\n" + textwrap.indent(textwrap.dedent(code), "    ") + "\n    return 1")
    )
    assert float(student.new().loss()) == 1
    student.close()
    assert_none_left(temp)


def test_an_orphan_of_a_worker_that_ended_itself_is_found_by_its_environment(
    make_student: MakeStudent, temp: Path
):
    student = make_student(
        "import os, time\n"
        + net_with("""
        def loss(self):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0: time.sleep(60)
            os._exit(0)
        """)
    )
    with pytest.raises(StudentCrash):
        student.new().loss()
    assert_none_left(temp)


@pytest.mark.slow
def test_an_orphan_with_a_new_environment_is_beyond_reach_without_a_sandbox_but_harms_no_other_call(
    make_student: MakeStudent,
):
    """What does not hold in this tier: such a process survives. It holds nothing up, and can answer nothing."""
    mark = f"5{os.getpid() % 1000:03}.25"
    student = make_student(
        "import os\n"
        + net_with(f"""
        def loss(self):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0: os.execve("/bin/sleep", ["sleep", "{mark}"], {{}})
            os._exit(0)
        def fine(self): return 1
        """)
    )
    with no_hang():
        with pytest.raises(StudentCrash):
            student.new().loss()
        assert float(student.new().fine()) == 1
        student.close()
    for pid in alive_with(f"'{mark}'"):
        os.kill(pid, 9)


@pytest.mark.slow
def test_a_survivor_that_floods_the_output_does_not_hold_up_the_end(
    make_student: MakeStudent, tmp_path: Path
):
    student = make_student(
        "import os\n"
        + net_with(f"""
        def loss(self):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    with open("{tmp_path}/new", "w") as file:
                        file.write(str(os.getpid()))
                    os.rename("{tmp_path}/new", "{tmp_path}/pid")
                    os.execve("/usr/bin/yes", ["yes"], {{}})
                os._exit(0)
            while not os.path.exists("{tmp_path}/pid"):  # or it might be killed before it floods anything
                pass
            os._exit(0)
        """)
    )
    threads = threading.active_count()
    with pytest.raises(StudentCrash):
        student.new().loss()
    student.close()
    assert threading.active_count() == threads
    pid = int((tmp_path / "pid").read_text())
    if psutil.pid_exists(pid):
        os.kill(pid, 9)


LITTER = {
    "a deep tree": "for _ in range(1200): os.mkdir('d'); os.chdir('d')",
    "no permissions": "os.makedirs('a/b/c'); open('a/b/f', 'w'); os.chmod('a/b', 0); os.chmod('a', 0)",
    "pipes and links": "os.mkfifo('p'); os.symlink('/', 'root'); os.symlink('loop', 'loop')",
    "odd names": r"[open(n, 'w') for n in ('-rf', 'a\nb', b'\xff', ' ', 'x' * 255)]",
}


@pytest.mark.slow
@pytest.mark.parametrize("code", LITTER.values(), ids=LITTER)
def test_nothing_is_left_of_the_working_folder(make_student: MakeStudent, tmp_path: Path, code: str):
    student = make_student("import os\n" + net_with(f"def loss(self):\n    {code}"))
    student.new().loss()
    assert list(tmp_path.glob("scratch-*"))
    student.close()
    assert not list(tmp_path.glob("scratch-*"))


def test_what_a_link_points_to_is_not_removed(make_student: MakeStudent, tmp_path: Path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").write_text("x")
    student = make_student("import os\n" + net_with(f"def loss(self): os.symlink('{tmp_path}/kept', 'link')"))
    student.new().loss()
    student.close()
    assert (tmp_path / "kept/file").read_text() == "x"


@pytest.mark.slow
def test_closing_twice_is_fine_and_use_after_it_starts_afresh(make_student: MakeStudent):
    student = make_student(net_with("def fine(self): return 1"))
    student.close()
    with student:
        assert float(student.new().fine()) == 1
    student.close()
    student.close()
    assert float(student.new().fine()) == 1


# ---- stopping --------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "body", ["while True: pass", "__import__('time').sleep(600)"], ids=["busy", "asleep"]
)
def test_ctrl_c_ends_a_call_at_once_and_no_worker_survives(make_student: MakeStudent, temp: Path, body: str):
    cancelled = threading.Event()
    student = make_student(net_with(f"def loss(self):\n    {body}"), cancelled=cancelled)
    net = student.new()
    threading.Timer(0.2, cancelled.set).start()
    with no_hang(), pytest.raises(Cancelled):
        net.loss()
    assert_none_left(temp)
    with pytest.raises(Cancelled):
        student.load()


@pytest.mark.slow
def test_ctrl_c_also_ends_a_call_whose_reply_trickles(make_student: MakeStudent, temp: Path):
    cancelled = threading.Event()
    student = make_student(
        forging("""
        def loss(self):
            import time
            write((10**5).to_bytes(4, "little"))
            while True: write(b" "); time.sleep(0.01)
        """),
        cancelled=cancelled,
    )
    net = student.new()
    threading.Timer(0.2, cancelled.set).start()
    with no_hang(), pytest.raises(Cancelled):
        net.loss()
    assert_none_left(temp)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="asks the Linux kernel")
def test_a_worker_does_not_outlive_a_grader_that_is_killed(
    make_student: MakeStudent, tmp_path: Path, temp: Path
):
    student = make_student(net_with("def loss(self):\n    print('up', flush=True)\n    while True: pass"))
    script = f"""
import tempfile, pathlib
tempfile.tempdir = {str(temp)!r}
from grader.entry_point import EntryPoint
from grader.student.client import Student
from grader.student.process import Limits
from grader.student.sandbox import Practice
from grader.student.sandbox.base import WATCHDOG
limits = Limits(60, 60, 60, 60, 60, 2 << 30, 1 << 20)
student = Student(Practice(), pathlib.Path({str(student._sources.folder)!r}), limits, EntryPoint("mlp.py", ("Net",)))
net = student.new()
print("ready", flush=True)
net.loss()
"""
    grader = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert grader.stdout is not None
    with grader.stdout:
        assert grader.stdout.readline() == b"ready\n"
        assert alive_with(str(temp))
        grader.kill()
        grader.wait()
    for _ in range(100):
        if not alive_with(str(temp)):
            break
        time.sleep(0.02)
    assert alive_with(str(temp)) == []


def descriptors_and_threads() -> tuple[int, int]:
    return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()


def use_workers(make_student: MakeStudent, count: int) -> None:
    student = make_student("import os\n" + net_with("def end(self): os._exit(1)"))
    for i in range(count):
        net = student.new()
        if i % 2:
            with pytest.raises(StudentCrash):
                net.end()
        student.close()


@pytest.mark.slow
def test_workers_leave_no_descriptors_threads_or_folders(make_student: MakeStudent, temp: Path):
    use_workers(make_student, 1)
    before = descriptors_and_threads()
    use_workers(make_student, 6)
    assert descriptors_and_threads() == before
    assert_none_left(temp)


@pytest.mark.slow
def test_fifty_workers_leave_nothing(make_student: MakeStudent, temp: Path):
    use_workers(make_student, 1)
    before = descriptors_and_threads()
    use_workers(make_student, 50)
    assert descriptors_and_threads() == before
    assert_none_left(temp)


@pytest.mark.slow
def test_descriptors_past_1024_work(make_student: MakeStudent):
    resource = pytest.importorskip("resource")
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 1200:
        pytest.skip("this machine allows too few descriptors")
    taken = [os.open("/dev/null", os.O_RDONLY) for _ in range(1050)]
    try:
        net = make_student(net_with("def loss(self):\n    while True: pass"), call_cpu=0.2).new()
        with pytest.raises(StudentTimeout) as caught:
            net.loss()
        assert caught.value.places
    finally:
        for descriptor in taken:
            os.close(descriptor)


@pytest.mark.parametrize("source", ["", "# TODO\n", "def loss(X):\n    return X\n", "x = []\n"])
def test_a_module_without_classes_says_so(make_student: MakeStudent, source: str):
    assert make_student(source).load() == ()


SAVED = """
get_ipython().run_line_magic("matplotlib", "inline")
get_ipython().system("pip install numpy")
display(3)
{}
exit()
"""


@pytest.mark.parametrize("net", [NET])
def test_what_a_notebook_leaves_in_a_module_is_supplied(make_student: MakeStudent, net: str):
    assert make_student(SAVED.format(net)).load()


def test_exit_in_a_method_ends_the_program_in_words(make_student: MakeStudent):
    with pytest.raises(StudentError) as raised:
        make_student(net_with("def loss(self, X):\n    quit()")).new().loss(1)
    assert raised.value.kind == "SystemExit"


BACKENDS = ("TkAgg", "Qt5Agg", "qtagg", "MacOSX", "nbagg", "notebook", "WebAgg", "gtk3agg")


@pytest.mark.slow
@pytest.mark.parametrize(
    "source",
    [
        "\n".join(f"matplotlib.use({name!r})" for name in BACKENDS) + "\nimport matplotlib.pyplot as plt",
        "import matplotlib.pyplot as plt\n" + "\n".join(f"matplotlib.use({name!r})" for name in BACKENDS),
        "import matplotlib.pyplot as plt\nplt.switch_backend('TkAgg')",
        "matplotlib.rcParams['backend'] = 'TkAgg'\nimport matplotlib.pyplot as plt",
        "from matplotlib import pyplot as plt\nmatplotlib.use('svg')\nmatplotlib.use('Qt5Agg', force=True)",
    ],
)
def test_backends_that_need_a_screen_are_taken_as_the_one_that_needs_none(
    make_student: MakeStudent, source: str
):
    drawn = "plt.plot([1, 2])\nplt.show()\nassert matplotlib.get_backend().lower() == 'agg'"
    assert make_student(f"import matplotlib\n{source}\n{drawn}\n{NET}", whole=None).load()


def test_files_handed_in_with_the_module_are_where_it_looks_for_them(
    make_student: MakeStudent, tmp_path: Path
):
    source = (
        "import numpy as np, os\nfrom layers.act import f\nfrom layers import act\n"
        "here = np.load('mean.npy'), np.load(os.path.join(os.path.dirname(__file__), 'mean.npy'))\n"
        "assert open('data/x.csv').read() == '1'\n"
    )
    student = make_student(source + NET, {"layers/act.py": "f = 1\n", "data/x.csv": "1"})
    np.save(student._sources.folder / "mean.npy", np.zeros(3))
    assert student.load()
