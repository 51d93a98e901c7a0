"""Grade hand-ins of our own inside this process: no worker, no socket, but the same encoding of values.

It stands in for `Student` and does what a worker does with a request. Every value goes through the protocol's
own frames, so that the checks see exactly what would come out of a process. For sources that these tests
make themselves.
"""

from __future__ import annotations

import contextlib
import functools
import io
import math
import sys
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from grader import runner
from grader.model import CheckResult, GradeReport
from grader.student.child import protocol
from grader.student.child.worker import Session
from grader.student.faults import Place, StudentError
from grader.submission import Submission


class LocalStudent:
    """A `Student` whose worker is this process."""

    generation = 1

    def __init__(
        self, sandbox: Any, folder: Path, limits: Any, class_name: str, oracle: Any = None, **_: Any
    ) -> None:
        self._oracle = oracle
        self._path = folder / "mlp.py"
        self._class_name = class_name
        self._module: types.ModuleType | None = None

    def load(self) -> tuple[str, ...]:
        """Import the module once."""
        if self._module is None:
            module = types.ModuleType("mlp")
            module.__file__ = str(self._path)
            code = self.carry_out(
                lambda: compile(self._path.read_text(), str(self._path), "exec", dont_inherit=True)
            )
            self._module = module
            self.carry_out(lambda: exec(code, vars(module)))
        return tuple(name for name, value in vars(self._module).items() if isinstance(value, type))

    def new(self, *args: Any, seed: int = 0, **kwargs: Any) -> LocalNet:
        """Make an object of the hand-in's class."""
        self.load()
        kwargs = {key: sys.intern(v) if isinstance(v, str) else v for key, v in kwargs.items()}

        def make() -> Any:
            kind = getattr(self._module, self._class_name)
            np.random.seed(seed)
            net = kind(*args, **kwargs)
            if self._oracle is not None:
                session = Session("", {}, protocol, np, None)
                session._ask = lambda question: over_the_wire(
                    self._oracle(args, kwargs, over_the_wire(question))
                )
                net.loss = functools.partial(session._asking(kind.loss), net)
            return net

        return LocalNet(self, self.carry_out(make))

    def carry_out(self, action: Callable[[], Any]) -> Any:
        """Run student code; what it raises becomes a `StudentError`."""
        try:
            with _quietly(), _as_mlp(self._module):
                return action()
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            own = [f for f in frames if f.filename == str(self._path)]
            places = tuple(Place("mlp.py", f.lineno or 0, f.name, f.line or "") for f in own)
            module = str(getattr(error, "name", "") or "") if isinstance(error, ImportError) else ""
            raise StudentError(type(error).__name__, str(error), places, module) from None

    def begin_check(self) -> None:
        """There is no clock."""

    def take_output(self) -> str:
        """Nothing that was printed is kept."""
        return ""

    def close(self) -> None:
        """There is nothing to kill."""

    def __enter__(self) -> LocalStudent:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class LocalNet:
    """An object of a hand-in's class, asked as `StudentNet` is."""

    def __init__(self, student: LocalStudent, net: Any) -> None:
        self._student = student
        self._net = net

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if method.startswith("__"):
            raise AttributeError(method)
        return lambda *args, **kwargs: self.call(method, *args, **kwargs)

    def call(self, method: str, *args: Any, cpu: float = 0, wall: float = 0, **kwargs: Any) -> Any:
        """Call a method on copies of the arguments."""
        return self.call_and_echo(method, *args, **kwargs)[0]

    def call_and_echo(self, method: str, *args: Any, **kwargs: Any) -> tuple[Any, tuple[Any, ...]]:
        """The same; also the arguments as the call left them."""
        copies = tuple(np.array(a) if isinstance(a, np.ndarray) else a for a in args)
        answer = self._student.carry_out(lambda: over_the_wire(getattr(self._net, method)(*copies, **kwargs)))
        return answer, over_the_wire(copies)

    @property
    def params(self) -> Any:
        """The object's `params`."""
        return self._student.carry_out(lambda: over_the_wire(self._net.params))

    def set_params(self, values: dict[str, np.ndarray]) -> None:
        """Overwrite parameters, in place where that is possible."""

        def write() -> None:
            params = self._net.params
            for key, value in values.items():
                old = params.get(key)
                if isinstance(old, np.ndarray) and old.shape == value.shape and old.flags.writeable:
                    old[...] = value
                else:
                    params[key] = value.copy()

        self._student.carry_out(write)


def over_the_wire(value: Any) -> Any:
    """What arrives at the other end of the socket."""
    frame = io.BytesIO(b"".join(bytes(piece) for piece in protocol.pack(1, value)))
    header = frame.read(int.from_bytes(frame.read(4), "little"))
    _, tree, specs = protocol.unpack_header(header)
    arrays = [
        np.frombuffer(bytearray(frame.read(math.prod(shape) * dtype.itemsize)), dtype).reshape(shape)
        for dtype, shape in specs
    ]
    return protocol.decode(tree, arrays)


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    with (
        contextlib.redirect_stdout(io.StringIO()),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _as_mlp(module: types.ModuleType | None) -> Iterator[None]:
    before = sys.modules.get("mlp")
    if module is not None:
        sys.modules["mlp"] = module  # dataclasses look their module up
    try:
        yield
    finally:
        sys.modules.pop("mlp", None)
        if before is not None:
            sys.modules["mlp"] = before


def grade_source(source: str, run: runner.Run, folder: Path) -> GradeReport:
    """Write a hand-in into a folder and grade it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mlp.py").write_text(source)
    state = np.random.get_state()
    try:
        return runner.grade(Submission("someone", folder, "mlp.py", None), run)
    finally:
        np.random.set_state(state)


def checks(report: GradeReport) -> dict[str, CheckResult]:
    """Every check by id."""
    return {check.id: check for question in report.questions for check in question.checks}


def lost(report: GradeReport) -> dict[str, str]:
    """Questions that lost points, and how many (open points are no loss)."""
    return {
        q.id: str(q.points - q.open_points - q.earned)
        for q in report.questions
        if q.points - q.open_points != q.earned
    }
