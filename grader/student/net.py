"""Objects that live in a worker, as the grader's end sees them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from .client import Student


class Call(NamedTuple):
    """One of `several` calls of a method: its arguments, and parameters that the object is given before it."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    params: dict[str, np.ndarray]


class StaleObject(Exception):
    """A check uses an object of a worker that is gone: the grader's fault."""


class StudentNet:
    """An object that lives in a worker. Any method can be called; `params` reads, `set_params` writes."""

    def __init__(self, student: Student, handle: str) -> None:
        self._student = student
        self._handle = handle
        self._generation = student.generation

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if method.startswith("__"):
            raise AttributeError(method)
        return functools.partial(self.call, method)

    def call(
        self,
        method: str,
        *args: Any,
        cpu: float | None = None,
        wall: float | None = None,
        **kwargs: Any,
    ) -> Any:
        """Call a method of the student's object; `cpu` and `wall` override the limits (seconds)."""
        return self._call(method, args, kwargs, echo=False, cpu=cpu, wall=wall)["result"]

    def several(self, method: str, calls: Sequence[Call], hollow: bool = False) -> tuple[Any, ...]:
        """What a method returns in each of the calls, one after the other, asked in one frame.

        What one of the calls raises is raised, and the others' answers are lost. Their arguments, and their answers,
        may have 256 arrays in all: see `protocol`. With `hollow`, of an answer of several values those that are dicts
        come empty: for who wants the others only.
        """
        # By number, in a dict: a long tuple is taken for numbers.
        numbered = {str(i): tuple(call) for i, call in enumerate(calls)}
        reply = self._request({"op": "several", "method": method, "calls": numbered, "hollow": hollow})
        if not isinstance(reply, dict) or list(reply) != list(numbered):
            raise self._student.nonsense("a reply without an answer to each call")
        return tuple(reply.values())

    def call_and_echo(self, method: str, *args: Any, **kwargs: Any) -> tuple[Any, tuple[Any, ...]]:
        """Call a method; return its result and the positional arguments as the call left them."""
        reply = self._call(method, args, kwargs, echo=True)
        if not isinstance(reply["args"], tuple) or len(reply["args"]) != len(args):
            raise self._student.nonsense("a reply without the arguments that were asked for")
        return reply["result"], reply["args"]

    def _call(
        self,
        method: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        echo: bool,
        cpu: float | None = None,
        wall: float | None = None,
    ) -> dict[str, Any]:
        body = {"op": "call", "method": method, "args": args, "kwargs": kwargs, "echo": echo}
        reply = self._request(body, cpu, wall)
        if not isinstance(reply, dict) or set(reply) != {"result", "args"}:
            raise self._student.nonsense("a reply without a result")
        return reply

    @property
    def params(self) -> Any:
        """The object's `params` as it is now: normally a dict of names to `Numbers`."""
        return self.read("params")

    def read(self, attribute: str) -> Any:
        """The value of an attribute as it is now."""
        return self._request({"op": "get", "attribute": attribute})

    def set_params(self, values: dict[str, np.ndarray]) -> None:
        """Overwrite parameters by value: in place where they have the shape already, so that aliases follow."""
        self._request({"op": "set_params", "values": values})

    def _request(self, body: dict[str, Any], cpu: float | None = None, wall: float | None = None) -> Any:
        if self._generation != self._student.generation or not self._student.is_alive:
            raise StaleObject("an object of the student's, used after its worker was gone")
        return self._student.request({**body, "handle": self._handle}, cpu, wall)


class HeldNet(StudentNet):
    """One that is made, and given parameters, in the same frame as the call of a method that follows.

    A frame costs more than most calls, and checks ask thousands of networks of a wrong hand-in one thing each.
    """

    def __init__(self, student: Student, making: dict[str, Any], params: dict[str, np.ndarray]) -> None:
        super().__init__(student, making["handle"])
        self._making: dict[str, Any] | None = making
        self._held = params

    def set_params(self, values: dict[str, np.ndarray]) -> None:
        """Overwrite parameters with the next call."""
        self._held = {**self._held, **values}

    def _request(self, body: dict[str, Any], cpu: float | None = None, wall: float | None = None) -> Any:
        if body["op"] in ("call", "several"):
            # All of it again after a call that raised: nobody knows whether it came as far as the method.
            body = {**body, "making": self._making, "params": self._held}
            reply = super()._request(body, cpu, wall)
            self._making, self._held = None, {}
            return reply
        if self._making is not None:
            making, self._making = self._making, None
            self._student.request({"op": "new", **making})
        if self._held:
            held, self._held = self._held, {}
            super()._request({"op": "set_params", "values": held})
        return super()._request(body, cpu, wall)
