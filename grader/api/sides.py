"""The two sides of a check, which answer to the same calls: a hand-in over the wire, and a module of ours beside it."""

from __future__ import annotations

import copy
import io
import re
import threading
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ..checks.base import Malformed
from ..student.faults import StudentError
from ..student.net import StudentNet
from .answers import Answer, Path, plain

if TYPE_CHECKING:
    from ..student.client import Student

T = TypeVar("T")
MOST_KEPT = 1 << 17
"""Numbers of one answer that are kept for naming mistakes: a megabyte."""
_TOO_LARGE = object()
"""In place of an answer with more: it is like no other."""
_ONE_AT_A_TIME = threading.RLock()
"""Threads grade side by side, and NumPy has one global generator."""


@dataclass(frozen=True)
class Call:
    """One thing that was asked of a hand-in, and what came of it."""

    what: str
    """`new`, `function`, `method`, `changed` (of either), `read`, `set`, or of printing `quiet` and `printed`."""
    made: int
    """Which object it was asked of, in the order in which they were made; of `new` its own number."""
    name: str
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    answer: Any = None
    """What it answered, as plain values."""
    raised: str = ""
    """The type of the exception that it raised instead."""
    looked_at: set[Path] = field(default_factory=set)
    """The parts of the answer that the check has looked at."""


class Remote:
    """A hand-in; what it is asked and answers is written down. `t.student.f(x)` is `t.student.call("f", x)`."""

    def __init__(
        self, student: Student, solution: Local, arrays: Mapping[str, np.ndarray] | None = None
    ) -> None:
        """`arrays`: those of a dataset, of which workers have the file; as far as they have been read.

        What the `solution` does not have, no hand-in is asked for.
        """
        self._student = student
        self._solution = solution
        self._arrays = arrays or {}
        self.calls: list[Call] = []

    def _sent(self, value: Any) -> Any:
        """A value as it goes over the wire: of an array of a dataset the name."""
        if isinstance(value, tuple | list):
            return type(value)(self._sent(part) for part in value)
        if isinstance(value, dict):
            return {name: self._sent(part) for name, part in value.items()}
        known = (name for name, array in self._arrays.items() if array is value)
        return self._student.array(name) if (name := next(known, "")) else value

    def new(self, *args: Any, seed: int = 0, **kwargs: Any) -> RemoteObject:
        """An object of its class, with `np.random.seed(seed)` before."""
        number = len([call for call in self.calls if call.what == "new"])
        taken = _taken(args, kwargs)
        made = self._kept(
            Call("new", number, "", *taken, seed),
            lambda: self._student.new(*self._sent(taken[0]), seed=seed, **self._sent(taken[1])),
        )
        return RemoteObject(self, made, number)

    def call(self, function: str, *args: Any, seed: int = 0, **kwargs: Any) -> Answer:
        """What a function of it returns, with `np.random.seed(seed)` before."""
        self._solution.own(function)
        taken = _taken(args, kwargs)
        return self._answer(
            Call("function", -1, function, *taken, seed),
            lambda: self._student.function(
                function, *self._sent(taken[0]), seed=seed, **self._sent(taken[1])
            ),
            f"what {function} returned",
        )

    def changed(self, function: str, *args: Any) -> list[int]:
        """Which of the arguments a function changes, by position."""
        taken, _ = _taken(args, {})
        asked = Call("changed", -1, function, taken, looked_at={()})
        return list(
            self._answer(
                asked, lambda: _differing(taken, self._student.left_by(function, *self._sent(taken))), ""
            ).value
        )

    def times_printed(self, pattern: str, ask: Callable[[], object]) -> int:
        """How often a pattern is found in what the hand-in prints while something is asked of it."""
        self.calls.append(Call("quiet", -1, ""))
        found = times_in(self._student.printed_by(ask), pattern)
        self.calls.append(Call("printed", -1, pattern, answer=found, looked_at={()}))
        return found

    def __getattr__(self, function: str) -> Callable[..., Any]:
        return _named(self, function)

    def _kept(self, call: Call, ask: Callable[[], T]) -> T:
        try:
            found = ask()
        except StudentError as fault:
            self.calls.append(replace(call, raised=f"{fault.kind}: {fault.text}"))
            if fault.kind == "AttributeError" and not fault.places and call.name:
                raise Malformed(
                    f"Your code has no {call.name}, which is asked for here.", missing=True
                ) from None
            raise
        self.calls.append(call)
        return found

    def _answer(self, call: Call, ask: Callable[[], Any], what: str) -> Answer:
        found: Any = self._kept(call, ask)
        kept = plain(found)
        self.calls[-1] = replace(call, answer=kept if size_of(kept) <= MOST_KEPT else _TOO_LARGE)
        return Answer(found, what, call.looked_at)


class RemoteObject:
    """An object of a hand-in's class."""

    __slots__ = ("_made", "_number", "_side")

    def __init__(self, side: Remote, made: StudentNet, number: int) -> None:
        self._side = side
        self._made = made
        self._number = number

    def call(self, method: str, *args: Any, **kwargs: Any) -> Answer:
        """What a method returns; `net.loss(X)` is `net.call("loss", X)`."""
        self._side._solution.own(method)
        taken = _taken(args, kwargs)
        return self._side._answer(
            Call("method", self._number, method, *taken),
            lambda: self._made.call(method, *self._side._sent(taken[0]), **self._side._sent(taken[1])),
            f"what {method} returned",
        )

    def read(self, attribute: str) -> Answer:
        """The value of an attribute."""
        return self._side._answer(
            Call("read", self._number, attribute),
            lambda: self._made.read(attribute),
            f"the object's {attribute}",
        )

    def changed(self, method: str, *args: Any) -> list[int]:
        """Which of the arguments a method changes, by position."""
        taken, _ = _taken(args, {})
        asked = Call("changed", self._number, method, taken, looked_at={()})
        sent = self._side._sent(taken)
        found = self._side._answer(
            asked, lambda: _differing(taken, self._made.call_and_echo(method, *sent)[1]), ""
        )
        return list(found.value)

    @property
    def params(self) -> Any:
        """Its parameters by name. They can be set: their values are copied."""
        return self.read("params")

    @params.setter
    def params(self, value: Mapping[str, Any]) -> None:
        values = {key: np.asarray(plain(one)) for key, one in value.items()}
        self._side._kept(
            Call("set", self._number, "params", (values,)), lambda: self._made.set_params(values)
        )

    def __getattr__(self, method: str) -> Callable[..., Any]:
        return _named(self, method)


class Local:
    """A module of ours: the solution, or that with a mistake.

    As in a worker, NumPy's global generator goes on from one call to the next; it is this side's own.
    """

    def __init__(self, module: ModuleType, class_name: str) -> None:
        self._module = module
        self._class_name = class_name
        self._random = np.random.RandomState(0).get_state()
        self.said = io.StringIO()
        """What it has printed."""
        self.asked_for: dict[str, Callable[..., Any]] = {}
        """Of methods and functions that are supplied, the module's own."""

    def new(self, *args: Any, seed: int = 0, **kwargs: Any) -> LocalObject:
        """As of a hand-in."""
        self._random = np.random.RandomState(seed).get_state()
        return LocalObject(self, self.run(getattr(self._module, self._class_name), *_taken(args, kwargs)))

    def call(self, function: str, *args: Any, seed: int = 0, **kwargs: Any) -> Any:
        """As of a hand-in."""
        self._random = np.random.RandomState(seed).get_state()
        own = self.asked_for.get(function) or getattr(self._module, function)
        return copy.deepcopy(self.run(own, *_taken(args, kwargs)))

    def run(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What a function of ours returns; one at a time, as the generator is the process's."""
        with _ONE_AT_A_TIME, np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            before = np.random.get_state()
            vars(self._module)["print"] = self._print
            np.random.set_state(self._random)
            try:
                return function(*_own(args), **_own(kwargs))
            except SystemExit as stop:
                raise RuntimeError(f"SystemExit: {stop}") from None
            finally:
                self._random = np.random.get_state()
                np.random.set_state(before)

    def _print(self, *values: object, sep: str = " ", end: str = "\n", **_: Any) -> None:
        """In place of the module's `print`: what it says is for nobody's terminal."""
        self.said.write((sep or " ").join(map(str, values)) + (end if end is not None else "\n"))

    def changed(self, function: str, *args: Any) -> list[int]:
        """As of a hand-in."""
        return self.changed_by(getattr(self._module, function), args)

    def changed_by(self, function: Callable[..., Any], args: tuple[Any, ...]) -> list[int]:
        """Which of the arguments a function of ours changes."""
        taken, _ = _taken(args, {})
        given = _own(_taken(taken, {})[0])
        with _ONE_AT_A_TIME, np.errstate(all="ignore"):
            function(*given)
        return _differing(taken, given)

    def supply(self, name: str, function: Callable[..., Any]) -> None:
        """Put another one in the place of a method or function, but where a check asks for it by itself."""
        self.asked_for[name] = self.own(name)
        setattr(getattr(self._module, self._class_name) if self._class_name else self._module, name, function)

    def constant(self, name: str) -> Any:
        """A name at the top of the module."""
        return getattr(self._module, name)

    def own(self, name: str) -> Callable[..., Any]:
        """A method of its class, or else a function."""
        kind = getattr(self._module, self._class_name, None) if self._class_name else None
        found = getattr(kind, name, None) or getattr(self._module, name, None)
        if found is None:
            raise AttributeError(f"the solution has no method or function {name!r}")
        made: Callable[..., Any] = found
        return made

    def has(self, name: str) -> bool:
        """Whether there is such a method or function."""
        try:
            return callable(self.own(name))
        except AttributeError:
            return False

    def __getattr__(self, function: str) -> Callable[..., Any]:
        return _named(self, function)


class LocalObject:
    """An object of a class of ours."""

    __slots__ = ("_made", "_side")

    def __init__(self, side: Local, made: Any) -> None:
        self._side = side
        self._made = made

    def call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """As of a hand-in's object."""
        args, kwargs = _taken(args, kwargs)
        if own := self._side.asked_for.get(method):
            return copy.deepcopy(self._side.run(partial(own, self._made), args, kwargs))
        return copy.deepcopy(self._side.run(getattr(self._made, method), args, kwargs))

    def read(self, attribute: str) -> Any:
        """As of a hand-in's object."""
        return copy.deepcopy(getattr(self._made, attribute))

    def changed(self, method: str, *args: Any) -> list[int]:
        """As of a hand-in's object."""
        return self._side.changed_by(getattr(self._made, method), args)

    @property
    def params(self) -> Any:
        """Its parameters by name. They can be set: their values are copied."""
        return self.read("params")

    @params.setter
    def params(self, value: Mapping[str, Any]) -> None:
        self._made.params.update({key: np.array(plain(one)) for key, one in value.items()})

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if not method.startswith("_") and not callable(getattr(self._made, method, None)):
            raise AttributeError(
                f"the solution's object has no method {method!r}; of an attribute, read({method!r})"
            )
        return _named(self, method)


Side = Remote | Local
"""A hand-in, the solution, or the solution with a mistake."""
Made = RemoteObject | LocalObject
"""An object of one of the sides."""


def _named(of: Any, name: str) -> Callable[..., Any]:
    if name.startswith("_"):
        raise AttributeError(name)
    return lambda *args, **kwargs: of.call(name, *args, **kwargs)


def size_of(value: Any) -> int:
    """How many numbers an answer holds."""
    if isinstance(value, dict):
        return sum(map(size_of, value.values()))
    if isinstance(value, tuple | list):
        return sum(map(size_of, value))
    return value.size if isinstance(value, np.ndarray) else 1


def times_in(text: str, pattern: str) -> int:
    """How often a pattern is found, line by line."""
    return len(re.findall(pattern, text, re.MULTILINE))


def _differing(given: tuple[Any, ...], left: tuple[Any, ...]) -> list[int]:
    """Which arrays a call has changed."""
    return [
        i
        for i, (one, other) in enumerate(zip(given, map(plain, left), strict=True))
        if isinstance(one, np.ndarray) and not np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    ]


def _own(value: Any) -> Any:
    """The same with arrays that may be written to."""
    if isinstance(value, tuple | list):
        return type(value)(_own(part) for part in value)
    if isinstance(value, dict):
        return {name: _own(part) for name, part in value.items()}
    return value if not isinstance(value, np.ndarray) or value.flags.writeable else np.array(value)


def _taken(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments as plain values of their own: no side sees what another one does to them."""
    return _copied(plain(args)), _copied(plain(kwargs))


def _copied(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return type(value)(_copied(part) for part in value)
    if isinstance(value, dict):
        return {name: _copied(part) for name, part in value.items()}
    if isinstance(value, np.ndarray):
        return value if not value.flags.writeable else value.copy()
    if value is not None and not isinstance(value, bool | int | float | str | np.generic):
        raise TypeError(
            f"a hand-in cannot be given a value of type {type(value).__name__}; wanted numbers, text, arrays"
        )
    return value
