"""The process that runs student code. It answers requests with what the code did, and judges nothing.

Started by the grader (see `BOOT` in `sandbox.command`), never imported where hand-ins are graded. From the
moment the student's file is imported, everything in here is in the student's hands: that is why no answer
ever enters this process, and why the other side treats each reply as hostile data.

Its settings are JSON, in a file that it inherits: `socket`, `stack` (descriptors), `arrays` (names of dataset
arrays to descriptors of their `.npy` files), `folder` (the staged hand-in), `packages` (folders that hold NumPy
and the like), `modules` (names of those in them that may be imported; null for all), `limits` (see
`lockdown.limit_resources`), `watchdog` (the signal that asks for a stack), `scratch` (the working folder),
`lockdown` (see `lockdown.lock_down`; null for none).
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib.util
import os
import socket
import sys
import traceback
from pathlib import Path
from typing import Any

from . import data, lockdown, settings
from .patched import NAME, patched, supplier
from .unfinished import rests_on_none, unfinished


class Session:
    """The student's module and the objects made from it."""

    def __init__(
        self,
        folder: str,
        arrays: dict[str, int],
        protocol: Any,
        numpy: Any,
        supply: Any,
        imported: Any = lambda: None,
    ) -> None:
        self._folder = folder
        self._arrays = arrays
        self._protocol = protocol
        self.numpy = numpy
        self._supply = supply
        self._imported = imported
        self._ask: Any = None
        self._module: Any = None
        self._objects: dict[str, Any] = {}
        self._asked_is_own = False
        self._originals: dict[str, Any] = {}
        """The student's own of what is supplied: for who asks for it directly."""

    def handle(self, request: dict[str, Any], ask: Any) -> Any:
        """Carry out one request and return its plain result. `ask` puts a question to the grader meanwhile."""
        self._ask = ask
        operation: Any = {
            "ping": lambda: None,
            "load": self.load,
            "new": self.new,
            "call": self.call,
            "several": self.several,
            "function": self.function,
            "get": self.get,
            "set_params": self.set_params,
        }[request.pop("op")]
        return operation(**{key: self._plain(value) for key, value in request.items()})

    def load(
        self, module: str, compat: list[str], line: dict[str, Any] | None, asked_is_own: bool
    ) -> dict[str, Any]:
        """Import the `module`, with names of other years supplied; return the names of the classes that it defines.

        Where a `line` is given, its value comes from the grader (see `patched`).
        """
        self._asked_is_own = asked_is_own
        self._supply(compat, self.numpy)
        path = str(Path(self._folder) / f"{module}.py")
        sys.path.insert(0, self._folder)
        sys.argv = [f"{module}.py"]
        spec = importlib.util.spec_from_file_location(module, path)
        if spec is None or spec.loader is None:
            raise ImportError(f"{module}.py cannot be imported")
        made = importlib.util.module_from_spec(spec)
        sys.modules[module] = made
        if not line:
            spec.loader.exec_module(made)
        else:
            changed = patched(Path(path).read_bytes(), line["number"])
            vars(made)[NAME] = supplier(lambda asked: self._plain(self._ask(asked)), self._folder, line)
            exec(compile(changed, path, "exec"), vars(made))
        self._imported()
        self._module = made

        def names(wanted: Any) -> list[str]:
            found = [(name, value) for name, value in vars(made).items() if wanted(value)]
            # Its own before the imported ones, of which a star import may bring hundreds.
            found.sort(key=lambda item: getattr(item[1], "__module__", "") != module)
            return [name for name, _ in found][:100]

        return {
            "classes": names(lambda value: isinstance(value, type)),
            "functions": names(lambda value: callable(value) and not isinstance(value, type)),
        }

    def _array(self, name: str) -> Any:
        """The file, mapped anew for each use: what one call wrote into it, the next does not see.

        Copy on write: code that works in place must not fail. A plain ndarray, so that nothing that student
        code derives from it is a memmap. By descriptor: the path is nowhere to be seen from here.
        """
        np = self.numpy
        with open(self._arrays[name], "rb", closefd=False) as file:
            file.seek(0)
            np.lib.format.read_magic(file)
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
            order = "F" if fortran else "C"
            mapped = np.memmap(file, dtype, mode="c", offset=file.tell(), shape=shape, order=order)
        return mapped.view(np.ndarray)

    def new(
        self,
        handle: str,
        class_name: str,
        args: Any,
        kwargs: dict[str, Any],
        seed: int,
        supplied: dict[str, list[str]],
    ) -> None:
        """Create an object of the student's class, with NumPy's global generator seeded before.

        The methods that `supplied` names ask the grader; with each come the names of its arguments.
        """
        kind = getattr(self._module, class_name)
        self._supply_in(kind, supplied, method=True)
        self.numpy.random.seed(seed)
        self._objects[handle] = kind(*args, **kwargs)

    def function(
        self,
        name: str,
        args: Any,
        kwargs: dict[str, Any],
        seed: int,
        echo: bool,
        supplied: dict[str, list[str]],
    ) -> dict[str, Any]:
        """Call a function of the student's module; the rest is as in `new` and `call`."""
        self._supply_in(self._module, supplied, method=False)
        self.numpy.random.seed(seed)
        result = (self._originals.get(name) or getattr(self._module, name))(*args, **kwargs)
        return {"result": result, "args": tuple(args) if echo else None}

    def _supply_in(self, owner: Any, supplied: dict[str, list[str]], method: bool) -> None:
        for name, takes in supplied.items():
            own = getattr(owner, name, None)
            if getattr(own, "__name__", "") != "supplied_method":
                setattr(owner, name, self._asking(name, own, takes, method))
                if self._asked_is_own and own is not None:
                    self._originals[name] = own

    def _asking(self, name: str, own: Any, known: list[str], method: bool) -> Any:
        """A stand-in for code of the student's, to be called as theirs is, that returns what the grader answers."""
        import inspect

        try:
            signature = inspect.signature(own)
        except (TypeError, ValueError):
            signature = None

        def supplied_method(*args: Any, **kwargs: Any) -> Any:
            by_name = kwargs
            if signature is not None:
                # By position, as the student may have names of their own; what stays a keyword has ours or none.
                bound = signature.bind(*args, **kwargs)
                bound.apply_defaults()
                args, by_name = bound.args, bound.kwargs
            of = {"params": dict(getattr(args[0], "params", {}))} if method else {}
            args = args[1:] if method else args
            named = {key: by_name[key] for key in known if key in by_name}
            others = [value for key, value in by_name.items() if key not in named]
            left = [key for key in known if key not in named]
            given = {**dict(zip(left, (*args, *others), strict=False)), **named, **of}
            reply = self._ask({**given, "method": name})
            if "refused" in reply:
                raise ValueError(
                    f"the right {name}, supplied by the grader, does not take this: {reply['refused']}"
                )
            return self._plain(reply["answer"])

        return supplied_method

    def call(
        self,
        handle: str,
        method: str,
        args: Any,
        kwargs: dict[str, Any],
        echo: bool,
        making: dict[str, Any] | None = None,
        params: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Call a method; with `echo` also return the arguments as they are afterwards.

        Before, make the object where it is not made yet, and overwrite parameters: see `new` and `set_params`.
        """
        if making is not None and handle not in self._objects:
            self.new(**making)
        if params:
            self.set_params(handle, params)
        made = self._objects[handle]
        own = self._originals.get(method)
        result = own(made, *args, **kwargs) if own is not None else getattr(made, method)(*args, **kwargs)
        return {"result": result, "args": tuple(args) if echo else None}

    def several(self, handle: str, method: str, calls: Any, hollow: bool, **made: Any) -> dict[str, Any]:
        """What numbered calls of one method of one object return, in turn; what one of them raises ends them.

        Before each, parameters are overwritten: see `set_params`. With `hollow`, of a result of several values those
        that are dicts arrive empty.
        """
        found = {}
        for number, (args, kwargs, params) in calls.items():
            made["params"] = {**(made.get("params") or {}), **params}
            result = self.call(handle, method, args, kwargs, echo=False, **made)["result"]
            if hollow and type(result) in (tuple, list):
                result = type(result)({} if isinstance(value, dict) else value for value in result)
            found[number] = result
            made = {}
        return found

    def get(self, handle: str, attribute: str) -> Any:
        """Read an attribute."""
        return getattr(self._objects[handle], attribute)

    def set_params(self, handle: str, values: dict[str, Any]) -> None:
        """Overwrite entries of `params`: in place where that is possible, so that aliases follow."""
        np = self.numpy
        params = self._objects[handle].params
        for key, value in values.items():
            old = params.get(key)
            if (
                isinstance(old, np.ndarray)
                and old.flags.writeable
                and [n for n in old.shape if n != 1] == [n for n in value.shape if n != 1]
                and np.can_cast(value.dtype, old.dtype, "same_kind")
            ):
                old[...] = value.reshape(old.shape)
            else:
                params[key] = value

    def _plain(self, value: Any) -> Any:
        """Undo the wrapping of numbers and references in a request."""
        if isinstance(value, self._protocol.Numbers):
            if value.form in ("list", "tuple"):
                items = value.array.tolist()
                return tuple(items) if value.form == "tuple" else items
            return value.array if value.form == "ndarray" or value.array.ndim else value.array.item()
        if isinstance(value, self._protocol.Reference):
            return self._array(value.name)
        if isinstance(value, str):
            return sys.intern(value)  # older templates compare with `is`
        if isinstance(value, tuple | list):
            return type(value)(self._plain(item) for item in value)
        if isinstance(value, dict):
            return {sys.intern(key): self._plain(item) for key, item in value.items()}
        return value


def describe(error: BaseException, folder: str, numpy: Any) -> dict[str, Any]:
    """What the student's code raised: type, text, and the places in the student's own files, outermost first.

    And what it had computed by then, see `unfinished`.

    An exception is an object of the student's: whatever looking at it raises, this returns.
    """
    described: dict[str, Any] = {
        "type": "Exception",
        "text": "",
        "module": "",
        "places": _places(error, folder),
    }
    with contextlib.suppress(BaseException):
        # NumPy's _ArrayMemoryError is a MemoryError to whoever reads about it.
        described["type"] = next(c.__name__ for c in type(error).__mro__ if not c.__name__.startswith("_"))
    with contextlib.suppress(BaseException):
        described["module"] = str((isinstance(error, ImportError) and error.name) or "")
    with contextlib.suppress(BaseException):
        described["text"] = str(error)
    with contextlib.suppress(BaseException):
        described["gap"] = rests_on_none(error.__traceback__, folder)
    with contextlib.suppress(BaseException):
        described["unfinished"] = unfinished(error.__traceback__, folder, numpy)
    return described


def _places(error: BaseException, folder: str) -> list[tuple[str, int, str]]:
    with contextlib.suppress(BaseException):
        # Without its lines of code: the grader reads those itself.
        stack = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), lookup_lines=False)
        places = [
            (os.path.relpath(frame.filename, folder), frame.lineno or 0, frame.name)
            for frame in stack
            if frame.filename.startswith(folder + os.sep)
        ]
        if isinstance(error, SyntaxError) and (error.filename or "").startswith(folder + os.sep):
            places.append((os.path.relpath(str(error.filename), folder), error.lineno or 0, ""))
        return places[-20:]
    return []


def serve(channel: Any, session: Session, protocol: Any, folder: str) -> None:
    """Answer requests until the grader hangs up."""
    while True:
        try:
            request_id, request = channel.receive()
        except protocol.PeerGone:
            return

        def ask(question: Any, id: int = request_id) -> Any:
            channel.send(id, {"ask": question})
            return channel.receive()[1]

        frame = reply(session, request_id, request, ask, protocol, folder)
        channel.send_packed(frame)
        del frame


def reply(
    session: Session, request_id: int, request: dict[str, Any], ask: Any, protocol: Any, folder: str
) -> Any:
    """Carry out a request; the packed frame with what came of it.

    Packing belongs to the student's part: an object of theirs may raise when it is looked at.
    """
    try:
        return protocol.pack(request_id, {"ok": session.handle(request, ask)})
    except protocol.ProtocolError as error:
        text = str(error).removesuffix(" for one frame")
        raised = {"type": "TooLarge", "text": text, "module": "", "places": ()}
        return protocol.pack(request_id, {"raised": raised})
    except BaseException as error:  # student code may raise anything, SystemExit included
        return protocol.pack(request_id, {"raised": describe(error, folder, session.numpy)})


def main() -> None:
    """Lock this process down, import NumPy, and serve."""
    work(settings.read())


def import_ahead() -> None:
    """Import what any worker needs, so that no process forked from this one has to."""
    import numpy.random  # noqa: F401

    from . import compat, gate, headless, ipython, protocol  # noqa: F401


def work(config: dict[str, Any]) -> None:
    """Lock this process down and serve, to its end. Where NumPy is not imported yet, that comes after the lock-down."""
    # A C-level handler: it writes the stack even where student code holds the GIL or catches everything.
    faulthandler.register(config["watchdog"], file=config["stack"], all_threads=False, chain=False)
    lockdown.lock_or_end(config, "worker", lambda: data.lay_out(config["folder"], config["scratch"]))
    sock = socket.socket(fileno=config["socket"])
    import numpy
    import numpy.random  # late, it would find a student's random.py or secrets.py in the standard library's place

    from . import compat, gate, headless, ipython, protocol

    if config["modules"] is not None:
        sys.meta_path.insert(0, gate.Gate(config["modules"], config["folder"]))
    # A hand-in may have a file of one of these names.
    for name in [name for name in sys.modules if name.partition(".")[0] == __package__]:
        del sys.modules[name]
    headless.install()
    session = Session(
        config["folder"], config["arrays"], protocol, numpy, compat.supply, ipython.Supplied().imported
    )
    try:
        serve(protocol.Channel(sock), session, protocol, config["folder"])
    except BaseException:  # an alarm or a thread of the student's interrupted the worker itself
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)  # at once: no thread or exit handler of the student's holds it up
