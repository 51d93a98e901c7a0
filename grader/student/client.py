"""The grader's end of the boundary: student objects that read like local ones.

    student = Student(sandbox, folder, limits, EntryPoint("layers.py", ("Net",)))
    net = student.new(4, 10, 3, std=0.1, seed=0)
    loss, grads = net.loss(X, y, reg=0.1)

A call returns plain values (see `child.protocol.decode`) or raises one of `faults`. After a time-out, a
crash or a protocol fault the worker is gone; the next call starts a fresh one, in which objects made
before no longer exist: to use one is a `StaleObject`, an error of the check's. A `Student` serves one
thread, and on Linux its worker ends with that thread. Who runs several checks with it calls `begin_check`
before each, which gives it its time, and `take_output` after it.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from ..entry_point import EntryPoint
from .budget import Meter, SubmissionTime
from .child.protocol import (
    Numbers,
    Reference,
)
from .faults import (
    MachineFault,
    OutOfTime,
    Place,
    StudentError,
    StudentFault,
    StudentProtocolFault,
    WorkerDidNotStart,
)
from .net import HeldNet, StudentNet
from .output import KEPT_OUTPUT, as_text
from .process import Answer, Cancelled, Limits, Worker, lowered
from .sandbox import Sandbox
from .sources import Sources

START_LIMIT = 120.0
"""Seconds for a worker to start and import NumPy; generous, because a slow machine must not cost marks."""


Oracle = Callable[[tuple[Any, ...], dict[str, Any], Any], dict[str, Any]]
"""Answers a question of an object, given the arguments (positional, keywords) that the object was made with."""


@dataclass(frozen=True)
class Line:
    """A line of the module whose value is supplied; of what runs there, what is asked along with it."""

    number: int
    examples: str
    """What the first argument of a method is called in a question, where it is an array of examples."""
    fits: str
    """The name of the parameter whose first axis is as long as the second one of such an array."""
    method: str
    """The method whose other arguments are asked along."""
    others: tuple[str, ...]
    """Their names in a question, in order."""


class Student:
    """A staged hand-in and, on demand, a worker that runs it."""

    def __init__(
        self,
        sandbox: Sandbox,
        folder: Path | Sources,
        limits: Limits,
        entry: EntryPoint,
        datasets: dict[str, Path] | None = None,
        whole: SubmissionTime | None = None,
        cancelled: threading.Event | None = None,
        compat: tuple[str, ...] = (),
        oracle: Oracle | None = None,
        supplied: Mapping[str, Sequence[str]] | None = None,
        line: Line | None = None,
        worker: type[Worker] = Worker,
        asked_is_own: bool = False,
    ) -> None:
        """`datasets` maps names to `.npy` files for `array`; `whole` is the time of the submission.

        Where there is an `oracle`, the methods or functions `supplied` are not the student's: they ask the oracle, and
        take arguments of the names that stand there with each. Who asks for one by itself gets the oracle's answers,
        too, but where `asked_is_own`. With a `line` of the module, only the value of that
        line is asked for.

        Each worker gets an empty folder beside `folder`, removed when it ends.

        Once `cancelled` is set, a call in progress ends within a tenth of a second and no other starts.
        """
        self._sandbox = sandbox
        sources = folder if isinstance(folder, Sources) else Sources(folder, entry.module)
        self._sources = replace(sources, folder=sources.folder.absolute())
        self._limits = limits
        self._entry = entry
        self._datasets = {name: path.absolute() for name, path in (datasets or {}).items()}
        self._meter = Meter(limits, whole or SubmissionTime())
        self._cancelled = cancelled or threading.Event()
        self._load = {
            "op": "load",
            "module": entry.stem,
            "compat": list(compat),
            "line": asdict(line) if line else None,
            "asked_is_own": asked_is_own,
        }
        self._oracle = oracle
        of_oracle = supplied if supplied and oracle is not None and not line else {}
        self._supplied = {name: list(takes) for name, takes in of_oracle.items()}
        self._made: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {}
        """The arguments that each object was made with, by its handle."""
        self._start = worker
        self._worker: Worker | None = None
        self._classes: tuple[str, ...] = ()
        self._functions: tuple[str, ...] = ()
        self._serial = 0
        self._generation = 0
        self._hidden = True
        self._knows_hidden = False
        """Whether the worker may have been told something hidden."""
        self._printed = b""

    def begin_check(self, hidden: bool = True) -> None:
        """Give the calls from now on the time of a check.

        Of one that is not `hidden`, students are shown what the code answers and what it says: it gets a worker that
        has been told nothing that is hidden.
        """
        if not hidden and self._knows_hidden:
            self.close()
        self._hidden = hidden
        self._knows_hidden = hidden or self._knows_hidden
        self._meter.begin_check()

    def knows_hidden(self) -> None:
        """The check at work has told the worker something hidden, though it is none of the hidden ones."""
        self._knows_hidden = self.is_alive

    def take_output(self) -> str:
        """What student code printed since the last time, in whatever workers: untrusted text, cut where it is long.

        All that the main thread printed before its last answer is in it: the worker does not buffer.
        """
        if self._worker is not None:
            self._keep(self._worker.take_output())
        printed, self._printed = self._printed, b""
        return as_text(printed)

    def printed_by(self, ask: Callable[[], object]) -> str:
        """What student code prints while something is asked of it; `take_output` gives it again."""
        earlier = self.take_output().encode()
        ask()
        said = self.take_output()
        self._printed = (earlier + said.encode())[: KEPT_OUTPUT + 1]
        return said

    def _keep(self, printed: bytes) -> None:
        self._printed = (self._printed + printed)[: KEPT_OUTPUT + 1]

    def load(self) -> tuple[str, ...]:
        """Import the student's module, once for each worker; return the names of its classes."""
        if self._worker is None:
            self.request(self._load)
        return self._classes

    def functions(self) -> tuple[str, ...]:
        """The names of the functions of the student's module."""
        self.load()
        return self._functions

    def new(self, *args: Any, seed: int = 0, **kwargs: Any) -> StudentNet:
        """Make an object of the student's class, with `np.random.seed(seed)` before."""
        making = self._making(args, kwargs, seed)
        self.request({"op": "new", **making})
        self._made[making["handle"]] = (args, kwargs)
        return StudentNet(self, making["handle"])

    def held(self, *args: Any, params: dict[str, np.ndarray], seed: int = 0, **kwargs: Any) -> HeldNet:
        """The same with `params`, made by the first call of a method: what making it raises, that call raises."""
        making = self._making(args, kwargs, seed)
        self._made[making["handle"]] = (args, kwargs)
        return HeldNet(self, making, params)

    def _making(self, args: tuple[Any, ...], kwargs: dict[str, Any], seed: int) -> dict[str, Any]:
        """What a worker needs to make an object under a handle of its own."""
        self.load()
        self._serial += 1
        return {
            "handle": f"net{self._serial}",
            "class_name": self._entry.class_name,
            "args": tuple(args),
            "kwargs": kwargs,
            "seed": seed,
            "supplied": self._supplied,
        }

    def function(self, name: str, *args: Any, seed: int = 0, **kwargs: Any) -> Any:
        """What a function of the student's module returns, called with `np.random.seed(seed)` before."""
        return self._function(name, args, kwargs, seed, echo=False)["result"]

    def left_by(self, name: str, *args: Any, seed: int = 0) -> tuple[Any, ...]:
        """The positional arguments as a call of a function leaves them."""
        left = self._function(name, args, {}, seed, echo=True)["args"]
        if not isinstance(left, tuple) or len(left) != len(args):
            raise self.nonsense("a reply without the arguments that were asked for")
        return left

    def _function(
        self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], seed: int, echo: bool
    ) -> dict[str, Any]:
        self.load()
        reply = self.request(
            {
                "op": "function",
                "name": name,
                "args": args,
                "kwargs": kwargs,
                "seed": seed,
                "echo": echo,
                "supplied": self._supplied,
            }
        )
        if not isinstance(reply, dict) or set(reply) != {"result", "args"}:
            raise self.nonsense("a reply without a result")
        return reply

    def array(self, name: str) -> Reference:
        """A stand-in for a dataset array, to pass as an argument; the worker maps the file for each call."""
        self.load()
        if name not in self._datasets:
            raise KeyError(name)
        return Reference(name)

    @property
    def generation(self) -> int:
        """Counts the workers so far: an object lives only as long as its worker."""
        return self._generation

    def request(self, body: dict[str, Any], cpu: float | None = None, wall: float | None = None) -> Any:
        """Send one request, starting a worker where there is none, and return the result."""
        if self._cancelled.is_set():
            raise Cancelled
        try:
            self._meter.require()
        except OutOfTime:
            self.close()  # the next check starts afresh, as after a call that was stopped
            raise
        if self._worker is None:
            try:
                self._worker = self._start(
                    self._sandbox, self._sources, self._limits, self._datasets, self._cancelled
                )
            except OSError as error:
                raise WorkerDidNotStart(str(error)) from None
            self._generation += 1
            self._knows_hidden = self._hidden
            self._greet()
            self._meter.begin_worker(self._worker.cpu_seconds)
            reply = self._ask(self._load, cpu, wall)
            self._classes, self._functions = self._names(reply, "classes"), self._names(reply, "functions")
            if body["op"] == "load":
                return reply
        return self._ask(body, cpu, wall)

    def _greet(self) -> None:
        """Make sure that the worker is up before it sees student code: a failure until then is not the student's."""
        assert self._worker is not None
        meter = Meter(self._limits, SubmissionTime())  # its start is not the student's time
        meter.begin_worker(self._worker.cpu_seconds)
        try:
            with meter.call(START_LIMIT, START_LIMIT) as bounds:
                self._worker.ask({"op": "ping"}, bounds)
        except StudentFault as fault:
            self.close()
            said = self.take_output().strip()
            raise WorkerDidNotStart(f"{fault}; it said: {said or 'nothing'}") from None
        except BaseException:
            self.close()
            raise

    def _ask(self, body: dict[str, Any], cpu: float | None, wall: float | None) -> Any:
        assert self._worker is not None
        try:
            with self._meter.call(cpu, wall) as bounds:
                reply = self._worker.ask(body, bounds, self._answer(body))
        except BaseException:  # also Ctrl-C: no worker survives an answer that did not come
            self.close()
            raise
        match reply:
            case {"ok": result} if len(reply) == 1:
                return result
            case {
                "raised": {
                    "type": str(kind),
                    "text": str(text),
                    "module": str(module),
                    "places": places,
                } as raised
            }:
                if body["op"] == "load":
                    self.close()
                if kind == "MemoryError" and (limits := lowered(self._limits)):
                    raise MachineFault(f"the hand-in's code ran out of memory, where {limits}")
                gap = raised.get("gap")
                raise StudentError(
                    kind,
                    text,
                    self._places(places),
                    module,
                    _unfinished(raised.get("unfinished")),
                    gap=isinstance(gap, Numbers) and bool(gap.array.any()),
                )
        raise self.nonsense("a reply that is neither a result nor an exception")

    def _answer(self, body: dict[str, Any]) -> Answer | None:
        """What answers questions that come up during a request; None where none may."""
        made = ((), {}) if body["op"] == "function" else self._made.get(body.get("handle", ""))
        if self._oracle is None or made is None:
            return None
        return functools.partial(self._oracle, *made)

    def _names(self, reply: Any, what: str) -> tuple[str, ...]:
        names = reply.get(what) if isinstance(reply, dict) else None
        if not isinstance(names, list):
            raise self.nonsense(f"a reply without the module's {what}")
        return tuple(name for name in names if isinstance(name, str))

    def nonsense(self, what: str) -> StudentProtocolFault:
        """Kill the worker, which sent something else than was asked for; return the fault to raise."""
        self.close()
        return StudentProtocolFault(what)

    def _places(self, places: Any) -> tuple[Place, ...]:
        found = []
        for place in places if isinstance(places, tuple | list) else ():
            match place:
                case (str(file), Numbers(array=line), str(function)) if (
                    line.size == 1 and line.dtype.kind == "i"
                ):
                    found.append(self._sources.place(file, int(line.reshape(-1)[0]), function))
        return tuple(place for place in found[-20:] if place is not None)

    @property
    def sources(self) -> Sources:
        """The files that it runs."""
        return self._sources

    @property
    def cpu_seconds(self) -> float:
        """What its worker has used so far; zero where there is none."""
        return self._worker.cpu_seconds() if self._worker is not None else 0.0

    @property
    def is_alive(self) -> bool:
        """Whether there is a worker now."""
        return self._worker is not None

    def close(self) -> None:
        """Kill the worker, if there is one."""
        if self._worker is not None:
            worker, self._worker = self._worker, None
            self._knows_hidden = False
            self._meter.end_worker()
            worker.kill()
            self._keep(worker.take_output())

    def __enter__(self) -> Student:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _unfinished(value: Any) -> tuple[Any, dict[str, Any]]:
    match value:
        case (loss, dict(grads)):
            return loss, grads
    return None, {}
