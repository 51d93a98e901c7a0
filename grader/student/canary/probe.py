"""Run the attempts in a sandbox, and see which failed. The process of the attempts judges nothing."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...entry_point import EntryPoint
from ..child.protocol import Numbers
from ..client import Student
from ..faults import MachineFault, StudentError, StudentFault
from ..net import StaleObject, StudentNet
from ..process import Limits, granted
from ..sandbox import Sandbox
from ..sandbox.command import package_folders

_ATTEMPTS = Path(__file__).with_name("attempts.py")
_ENTRY = EntryPoint("attempts.py", ("Attempts",))
_MEMORY = 2 << 30
_THREADS = 5000
Attempt = tuple[str, str, tuple[Any, ...]]
"""What is tried, by which method, with which arguments."""
_LIMITS = Limits(
    call_cpu=20, call_wall=60, check_cpu=60, check_wall=120, worker_cpu=60, memory=_MEMORY, file_size=1 << 20
)
_TRIES = 2
_SHORT = (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN)
"""What the kernel says where there is no room, or no descriptor, process or memory left."""
_COMPUTED = 132.0
"""What `compute` gives: the sum of 0 to 11, twice."""


@dataclass(frozen=True)
class Facts:
    """What on this machine the attempts are to reach for."""

    workspace: Path
    """The folder of this run."""
    answers: tuple[Path, ...]
    """Files that no student may read: the solution, the rubric."""
    foreign: tuple[Path, ...] = ()
    """Modules of installed packages that hand-ins may not use."""


@dataclass(frozen=True)
class Trial:
    """One attempt: what was tried, whether it failed as it should, and how."""

    what: str
    held: bool
    how: str


@dataclass(frozen=True)
class Probe:
    """A sandbox, tried."""

    tier: str
    trials: tuple[Trial, ...]
    works: tuple[Trial, ...]
    """Honest work: here `held` says that it succeeded."""
    problem: str = ""
    """Why it could not be tried at all; empty where it could."""
    short: bool = False
    """Whether that is because the machine is short of something."""
    visible: tuple[Trial, ...] = ()
    """What could be seen of things that could not be read: here `held` says that it could not. Decides nothing."""

    @property
    def holds(self) -> bool:
        """Whether student code may be run in it."""
        return not self.problem and all(trial.held for trial in (*self.trials, *self.works))

    @property
    def reason(self) -> str:
        """Why it does not hold, in one line."""
        leaks = [trial.what for trial in self.trials if not trial.held]
        broken = [f"{trial.what} ({trial.how})" for trial in self.works if not trial.held]
        parts = [f"it let through: {', '.join(leaks)}"] if leaks else []
        parts += [f"it broke: {', '.join(broken)}"] if broken else []
        return self.problem or "; ".join(parts)


class NoSandbox(Exception):
    """No tier holds on this machine; the text says why not, each in a few words."""


class NotTried(Exception):
    """The machine is short of something, so that no tier could be tried; the text says what was refused."""


@dataclass(frozen=True)
class Choice:
    """The sandbox to grade in."""

    sandbox: Sandbox
    passed_over: tuple[str, ...] = ()
    """Why the stronger tiers are not used, each in a few words."""


def choose(tiers: Mapping[str, Callable[..., Sandbox]], facts: Facts) -> Choice:
    """The first sandbox that holds; one that does not is tried once more, for it may have been the machine.

    `tiers`: makers, which take whether workers are forked from a warm parent; where that holds, they are.

    Raises:
        NoSandbox: none does.
        NotTried: none does, and the machine has refused what it takes to try one.
    """
    reasons: list[str] = []
    short = ""
    for name, make in tiers.items():
        if warm := _warm(make, facts):
            return Choice(warm, tuple(reasons))
        for _ in range(_TRIES):
            try:
                found = probe(make, facts)
            except OSError as error:
                found = Probe("", (), (), _first_line(error), _of_the_machine(error))
            if found.holds:
                return Choice(make(), tuple(reasons))
        reasons.append(f"tier {name}: {found.reason}")
        short = short or (found.reason if found.short else "")
    if short:
        raise NotTried(short)
    raise NoSandbox("; ".join(reasons))


def _warm(make: Callable[..., Sandbox], facts: Facts) -> Sandbox | None:
    """A sandbox with a warm parent, which is there from now on; None where it does not hold, or cannot be had."""
    try:
        sandbox = make(warm=True)
        return sandbox if probe(lambda: sandbox, facts).holds else None
    except OSError:
        return None


def probe(make: Callable[[], Sandbox], facts: Facts, libraries: bool = False) -> Probe:
    """Try everything in a sandbox; with `libraries` also that those of the hand-ins can be imported (a second)."""
    try:
        sandbox = make()
    except OSError as error:
        return Probe("", (), (), str(error), _of_the_machine(error))
    with (
        _targets(facts) as targets,
        _student(sandbox, targets.folder) as student,
        _student(sandbox, targets.folder) as neighbour,
    ):
        try:
            net, other = student.new(), neighbour.new()
        except (MachineFault, OSError) as error:
            return Probe(sandbox.tier, (), (), _first_line(error), _of_the_machine(error))
        except StudentFault as fault:
            return Probe(sandbox.tier, (), (), f"the canary could not be loaded ({_first_line(fault)})")
        trials = tuple(
            _trial(student, net, what, name, arguments) for what, name, arguments in targets.attempts()
        ) + tuple(_pair(net, other, what, say, hear) for what, say, hear in _PAIRS)
        honest = [
            ("to compute with NumPy", "compute"),
            ("a folder for matplotlib's settings", "settings_folder"),
        ]
        if libraries:
            honest += [("SciPy, pickle and tempfile", "use_libraries"), ("a plot with matplotlib", "plot")]
        works = tuple(_work(student, net, what, name) for what, name in honest)
        visible = tuple(_trial(student, net, what, "stat", (path,)) for what, path in targets.seen())
        return Probe(sandbox.tier, trials, works, visible=visible)


_PAIRS = (
    ("tell a neighbour something by locking a file", "say_by_lock", "hear_lock"),
    ("tell a neighbour something by locking a byte of one", "say_by_bytes", "hear_bytes"),
    ("tell a neighbour something by waiting at a page of one", "say_by_waiting", "hear_waiting"),
)
"""What is tried by two workers at once: what the one does, and by what the other would notice."""


@dataclass(frozen=True)
class _Targets:
    """Things made for the attempts to reach."""

    facts: Facts
    folder: Path
    """The staged canary."""
    sibling: Path
    """A file of another hand-in."""
    closed: Path
    """A file of anybody's in a folder that is closed to others, as reports and the gradebook are."""
    tcp: int
    udp: int
    unix: str

    def attempts(self) -> list[Attempt]:
        """What is tried."""
        return [*self._at_files(), *self._at_others(), *self._at_the_machine()]

    def _at_files(self) -> list[Attempt]:
        me = os.getpid()
        home = Path.home()
        package = Path(__file__).resolve().parents[2]
        return [
            *((f"read {path.name} of the answers", "read", (str(path),)) for path in self.facts.answers),
            ("read the grader's own code", "read", (str(package / "grading" / "runner.py"),)),
            *(
                (f"read {copy.name} of an installed copy", "read", (str(copy),))
                for copy in _installed(package.name)
            ),
            ("list the answers' folder", "list", (str(self.facts.answers[0].parent),)),
            *(attempt for path in self.facts.foreign for attempt in _imports(path)),
            ("read another hand-in", "read", (str(self.sibling),)),
            ("list the other hand-ins", "list", (str(self.facts.workspace),)),
            ("list the home folder", "list", (str(home),)),
            ("read /etc/passwd", "read", ("/etc/passwd",)),
            ("read the grader's environment", "read", (f"/proc/{me}/environ",)),
            ("read the grader's memory map", "read", (f"/proc/{me}/maps",)),
            ("write into its own hand-in", "write", (str(self.folder / "written"),)),
            ("write beside another hand-in", "write", (str(self.sibling.parent / "written"),)),
            ("write to /tmp", "write", (f"/tmp/grade-canary-{me}",)),
            ("write to /dev/shm", "write", (f"/dev/shm/grade-canary-{me}",)),
            ("cut off another hand-in's file", "truncate", (str(self.sibling),)),
            ("change a file's mode", "change_mode", (str(self.sibling),)),
        ]

    def _at_others(self) -> list[Attempt]:
        """Other processes, here and elsewhere."""
        me = os.getpid()
        return [
            ("connect by TCP", "connect", (self.tcp,)),
            ("send by UDP", "send_datagram", (self.udp,)),
            ("connect to a Unix socket", "connect_unix", (self.unix,)),
            ("open a vsock socket", "open_socket", (40,)),
            ("open a netlink socket", "open_socket", (16,)),
            ("make a pair of sockets", "socket_pair", ()),
            ("fork", "fork", ()),
            ("fork by clone", "fork_by_clone", ()),
            ("execute a program", "execute", ()),
            ("send a signal to the grader", "signal", (me,)),
            ("queue a signal to the grader", "queue_signal", (me,)),
            ("have a file signal the grader", "signal_by_file", (me,)),
            ("open the grader's process", "signal_by_descriptor", (me,)),
            ("trace the grader", "trace", (me,)),
            ("read the grader's memory", "read_memory", (me,)),
            ("read the grader's CPU clock", "clock_of", (me,)),
            ("see how the grader is scheduled", "scheduling", (me,)),
            ("see on which cores the grader may run", "cores", (me,)),
            ("see the grader's priority", "priority", (me,)),
        ]

    def _at_the_machine(self) -> list[Attempt]:
        """Its memory, and what its kernel offers."""
        return [
            (f"start {_THREADS} threads", "many_threads", (_THREADS,)),
            ("take twice the memory it may", "allocate", (2 * _MEMORY,)),
            ("make a file in memory", "memory_file", ()),
            ("make shared memory", "shared_memory", ()),
            ("map shared memory", "shared_mapping", ()),
            ("lock bytes of a file", "lock_bytes", ()),
            ("see how much memory the machine has in use", "memory_in_use", ()),
            ("see which pages of a file are in memory", "resident_pages", ()),
            ("throw a file's pages out of memory", "evict", ()),
            ("make a pipe", "large_pipe", ()),
            ("make a namespace", "new_namespace", ()),
            ("mount a file system", "mount", ()),
            ("use io_uring", "io_uring", ()),
            ("use the kernel's keyrings", "keyring", ()),
            ("handle page faults", "page_faults", ()),
            ("load a BPF map", "load_program", ()),
            ("watch performance events", "performance_events", ()),
            ("use another table of system calls", "other_call_table", ()),
            ("raise its limits", "raise_limit", ()),
            ("become root", "become_root", ()),
            ("become traceable", "be_dumpable", ()),
            ("outlive the grader", "outlive_the_grader", ()),
        ]

    def seen(self) -> list[tuple[str, str]]:
        """Of what the size and the times are asked for, without opening it; and its path."""
        me = os.getpid()
        return [
            ("size and times of the answers", str(self.facts.answers[0])),
            ("size and times of another hand-in", str(self.sibling)),
            ("size and times of a closed folder's file", str(self.closed)),
            ("the home folder's times", str(Path.home())),
            ("that the grader runs", f"/proc/{me}"),
            ("how many threads the grader has", f"/proc/{me}/task"),
            ("the machine's accounts: size and times", "/etc/passwd"),
        ]


def _imports(path: Path) -> list[Attempt]:
    """Ways to a package that is not for hand-ins, by its `__init__.py`."""
    name = path.parent.name
    return [
        (f"import {name}", "import_name", (name,)),
        (f"import {name} without what looks first", "import_without_gate", (name,)),
        (f"load {name} from its file", "load", (str(path),)),
        (f"execute {name}'s source", "execute_source", (str(path),)),
        (f"list {name}'s folder", "list", (str(path.parent),)),
    ]


def _installed(name: str) -> list[Path]:
    """A file of each installed copy of this package, and of the answers in it."""
    folders = [Path(folder) / name for folder in package_folders()]
    names = ("runner.py", "_assets/reference/*/solution.py", "_assets/rubrics/*.toml")
    return [path for folder in folders for name in names for path in sorted(folder.glob(name))[:1]]


@contextlib.contextmanager
def _targets(facts: Facts) -> Iterator[_Targets]:
    """Make the things to reach for, and take them away again."""
    with contextlib.ExitStack() as stack:
        base = Path(tempfile.mkdtemp(prefix="canary-", dir=facts.workspace))
        stack.callback(shutil.rmtree, base, ignore_errors=True)
        base.chmod(0o755)
        folder, other = base / "canary", base / "other"
        for made in (folder, other):
            made.mkdir()
            made.chmod(0o755)
        shutil.copyfile(_ATTEMPTS, folder / _ENTRY.module)
        (folder / _ENTRY.module).chmod(0o644)
        sibling = other / _ENTRY.module
        sibling.write_text("another student's work")
        sibling.chmod(0o666)
        closed = base / "closed"
        closed.mkdir(0o700)
        (closed / "file").touch(0o666)
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        unix = stack.enter_context(socket.socket(socket.AF_UNIX))
        unix.bind("\0" + base.name)  # abstract: the path of a temporary folder may be too long for a socket's
        unix.listen()
        yield _Targets(
            facts,
            folder,
            sibling,
            closed / "file",
            tcp.getsockname()[1],
            udp.getsockname()[1],
            "\0" + base.name,
        )


def _student(sandbox: Sandbox, folder: Path) -> Student:
    # No more than the machine grants: that it grants little is not the sandbox's fault.
    memory = int(min(_MEMORY, granted(resource.RLIMIT_AS), granted(resource.RLIMIT_DATA)))
    return Student(sandbox, folder, replace(_LIMITS, memory=memory), _ENTRY)


def _trial(student: Student, net: StudentNet, what: str, name: str, arguments: tuple[Any, ...]) -> Trial:
    if not student.is_alive:
        return Trial(what, False, "not tried: the canary's process had ended")
    try:
        net.call(name, *arguments)
    except StudentError as error:
        return Trial(what, True, f"{error.kind}: {error.text}".rstrip(": "))
    except (StudentFault, MachineFault) as fault:
        return Trial(what, False, f"unclear: {_first_line(fault)}")
    return Trial(what, False, "it went through")


def _pair(net: StudentNet, other: StudentNet, what: str, say: str, hear: str) -> Trial:
    """Whether a neighbour hears the same before and after something is said."""

    def heard() -> str:
        try:
            return repr(other.call(hear))
        except StudentError as error:
            return f"{error.kind}: {error.text}"

    try:
        before = heard()
        with contextlib.suppress(StudentError):
            net.call(say)
        after = heard()
    except (StudentFault, StaleObject) as fault:
        return Trial(what, False, f"unclear: {_first_line(fault)}")
    return Trial(
        what, before == after, f"before and after: {after}" if before == after else f"it heard {after}"
    )


def _work(student: Student, net: StudentNet, what: str, name: str) -> Trial:
    if not student.is_alive:
        return Trial(what, False, "not tried: the canary's process had ended")
    try:
        result = net.call(name)
    except (StudentFault, MachineFault) as fault:
        return Trial(what, False, _first_line(fault))
    right = isinstance(result, Numbers) and float(result) == (_COMPUTED if name == "compute" else 1.0)
    return Trial(what, right, "works" if right else "a wrong result")


def _of_the_machine(error: Exception) -> bool:
    """Whether a process could not be started, or ended, because the machine is short of something."""
    return getattr(error, "errno", None) in _SHORT or any(os.strerror(one) in str(error) for one in _SHORT)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).partition("\n")[0]
