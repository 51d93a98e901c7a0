"""The frames between grader and worker: a length, a JSON header, raw array bytes. Never a pickle.

Both sides use this file, and it needs only the standard library and NumPy. A frame is

    4 bytes   length of the header, little endian
    header    UTF-8 JSON: {"id": request id, "body": tree, "arrays": [[dtype, shape], ...]}
    payload   the arrays' bytes, C order, little endian, one after the other

The reader treats every frame as hostile: types, depths, sizes and shapes are checked against caps before
anything is allocated. The `body` is a tree of tagged nodes (see `encode`), in which numbers exist only as
arrays, so that NaN, infinity and the exact bits of a float survive. Text that arrives can always be written
as UTF-8: a lone surrogate becomes a question mark.
"""

from __future__ import annotations

import json
import math
import select
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

MAX_HEADER = 1 << 18
"""Bytes of JSON in one frame."""
MAX_PAYLOAD = 32 << 20
"""Bytes of array data in one frame; datasets go by file, not through here.

Eight times the largest honest answer, scores of 50,000 x 10 float64. The grader keeps some twenty answers of a
hand-in at once, times the hand-ins at work.
"""
MAX_ARRAYS = 256
MAX_NODES = 1024
MAX_DEPTH = 6
MAX_DIMENSIONS = 8
MAX_TEXT = 2000
"""Characters of any one string."""
DTYPES = {name: np.dtype(name) for name in ("<f8", "<f4", "<i8", "<i4", "|u1", "|b1")}
_LENGTH = struct.Struct("<I")
_CHUNK = 1 << 20
_SHORT = 1 << 16
"""Bytes that one call sends or receives without more ado."""
_TICK = 0.05
"""Seconds between two calls of a `tick`."""
_INT64_MAX = 2**63 - 1
_NUMBERS = (bool, int, float, np.generic, np.ndarray)


class ProtocolError(Exception):
    """The bytes received are no legal frame, or a value cannot be put into one."""


class PeerGone(Exception):
    """The other side closed the connection."""


class DeadlinePassed(Exception):
    """The peer did not send or take a whole frame in time."""


@dataclass(frozen=True)
class Numbers:
    """A number, array or list of numbers as it came over the wire.

    `array` is a plain, writable ndarray of a whitelisted dtype; `form` names what the student's code
    returned: "ndarray", "matrix", "list", "tuple", "float", "int", "bool" or another type's name.
    """

    array: np.ndarray
    form: str

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.array, dtype=dtype, copy=True)

    def __float__(self) -> float:
        return float(self.array.reshape(-1)[0]) if self.array.size == 1 else float("nan")


@dataclass(frozen=True)
class Opaque:
    """A value of a type that has no place in a frame; only the type's name travels."""

    type_name: str


@dataclass(frozen=True)
class Reference:
    """In a request: an array that the worker already holds, by name."""

    name: str


# ---- values <-> trees ---------------------------------------------------------------------------


def encode(value: Any, arrays: list[np.ndarray]) -> list[Any]:
    """Turn `value` into a tree of `[tag, ...]` lists, appending array data to `arrays`.

    Tags: none, text, numbers (index, form), reference, tuple, list, dict (pairs), opaque (type name).
    What fits no tag or no cap becomes opaque. Methods that a class may redefine (`__array__`, `__str__` of
    a key) are called only where there is no other way; what they raise passes through.
    """
    return _encode(value, arrays, [MAX_NODES - 1], 0)


def _encode(value: Any, arrays: list[np.ndarray], budget: list[int], depth: int) -> list[Any]:
    if value is None:
        return ["none"]
    kind = type(value)
    if kind is str:
        return ["text", value[:MAX_TEXT]]
    if kind is Reference:
        return ["reference", value.name]
    if kind is Numbers:
        return _numbers(value.array, value.form, arrays)
    if issubclass(kind, _NUMBERS):
        return _numbers(value, _type_name(kind), arrays)
    if issubclass(kind, str):
        return ["text", str.__getitem__(value, slice(MAX_TEXT))]
    for builtin in (tuple, list, dict):
        if issubclass(kind, builtin):
            return _container(value, builtin, arrays, budget, depth)
    return ["opaque", _type_name(kind)]


def _container(
    value: Any, builtin: Any, arrays: list[np.ndarray], budget: list[int], depth: int
) -> list[Any]:
    """Encode a tuple, list or dict, by the builtin's methods: those of a subclass may be anything."""
    length = builtin.__len__(value)
    if builtin is list or (builtin is tuple and length > 8):
        node = _numbers(value, builtin.__name__, arrays)
        if node[0] == "numbers" and arrays[node[1]].size:
            return node
        if node[0] == "numbers":
            arrays.pop()  # of what has no numbers in it NumPy would make numbers: it stays the list that it is
    if depth >= MAX_DEPTH - 1 or length > min(MAX_ARRAYS, budget[0]):
        return ["opaque", _type_name(type(value))]
    budget[0] -= length
    if builtin is dict:
        pairs = list(dict.items(value))
        return ["dict", [[str(k)[:MAX_TEXT], _encode(item, arrays, budget, depth + 1)] for k, item in pairs]]
    items = list(builtin.__iter__(value))
    return [builtin.__name__, [_encode(item, arrays, budget, depth + 1) for item in items]]


def _numbers(value: Any, form: str, arrays: list[np.ndarray]) -> list[Any]:
    """Encode as one array of a whitelisted dtype; opaque where NumPy makes no numeric array of it."""
    try:
        array = np.array(value, copy=True, subok=False, order="C")
    except (ValueError, TypeError, OverflowError):
        return ["opaque", "ragged " + form]
    if array.dtype.kind == "O" and array.size <= _CHUNK:
        # A list of one-element arrays, or of integers past 64 bits. Not None or "1.5", of which NumPy
        # would make numbers too.
        items = array.ravel().tolist()
        if not all(issubclass(type(item), _NUMBERS) for item in items):
            return ["opaque", form + " of objects"]
        try:
            array = np.array(array.tolist(), dtype=np.float64)
        except (ValueError, TypeError, OverflowError):
            return ["opaque", form + " of objects"]
    if array.dtype.kind not in "fiub":
        return ["opaque", f"{form} of {array.dtype.name}"]
    if array.ndim > MAX_DIMENSIONS:
        return ["opaque", f"{form} of {array.ndim} dimensions"]
    if len(arrays) >= MAX_ARRAYS or _cells(array.shape) > MAX_PAYLOAD:
        return ["opaque", f"{form}, one of too many"]
    if array.dtype.str not in DTYPES:
        wide = array.dtype.kind == "u" and array.size and array.max() > _INT64_MAX
        array = array.astype("<i8" if array.dtype.kind in "iu" and not wide else "<f8")
    arrays.append(array)
    return ["numbers", len(arrays) - 1, form[:100]]


def _type_name(kind: type) -> str:
    """The name of a type, whatever its metaclass makes of `__name__`."""
    return str(type.__dict__["__name__"].__get__(kind))[:100]


def _cells(shape: Sequence[int]) -> int:
    """What a shape costs at most: an empty array may still have a dimension that NumPy cannot count in."""
    cells = 1
    for n in shape:
        cells *= n or 1
    return cells


def decode(tree: Any, arrays: list[np.ndarray]) -> Any:
    """Turn a received tree back into values; `ProtocolError` for anything that `encode` cannot have made.

    Numbers come back as `Numbers`, unknown types as `Opaque`, the rest as the builtin of that name.
    """
    budget = [MAX_NODES]
    return _decode(tree, arrays, budget, 0)


def _decode(tree: Any, arrays: list[np.ndarray], budget: list[int], depth: int) -> Any:
    budget[0] -= 1
    if budget[0] < 0 or depth >= MAX_DEPTH or type(tree) is not list or not tree:
        raise ProtocolError("a malformed value")
    # By hand: patterns, which say the same in fewer lines, take three times as long, and this is most of a request.
    tag, value, form = (*tree, None, None)[:3]
    if len(tree) == 3:
        if tag == "numbers" and type(form) is str and type(value) is int and 0 <= value < len(arrays):
            return Numbers(arrays[value], _clean(form[:100]))
    elif len(tree) == 2 and type(value) is str:
        if tag == "text" and len(value) <= MAX_TEXT:
            return _clean(value)
        if tag == "reference":
            return Reference(_clean(value[:MAX_TEXT]))
        if tag == "opaque":
            return Opaque(_clean(value[:MAX_TEXT]))
    elif len(tree) == 2 and type(value) is list:
        if tag == "dict":
            return dict(_pair(pair, arrays, budget, depth + 1) for pair in value)
        if tag in ("tuple", "list"):
            items = [_decode(item, arrays, budget, depth + 1) for item in value]
            return tuple(items) if tag == "tuple" else items
    elif tree == ["none"]:
        return None
    raise ProtocolError("an unknown kind of value")


def _pair(pair: Any, arrays: list[np.ndarray], budget: list[int], depth: int) -> tuple[str, Any]:
    if type(pair) is not list or len(pair) != 2 or type(pair[0]) is not str:
        raise ProtocolError("a malformed pair")
    return _clean(pair[0][:MAX_TEXT]), _decode(pair[1], arrays, budget, depth)


def _clean(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


# ---- frames -------------------------------------------------------------------------------------


def pack(request_id: int, body: Any) -> list[bytes | memoryview]:
    """Build the pieces of one frame that carries `body`; `ProtocolError` where it is too large for one."""
    arrays: list[np.ndarray] = []
    tree = encode(body, arrays)
    specs = [[array.dtype.str, list(array.shape)] for array in arrays]
    header = json.dumps({"id": request_id, "body": tree, "arrays": specs}).encode()
    if len(header) > MAX_HEADER or len(arrays) > MAX_ARRAYS:
        raise ProtocolError("too many values for one frame")
    if sum(array.nbytes for array in arrays) > MAX_PAYLOAD:
        raise ProtocolError(f"more than {MAX_PAYLOAD >> 20} MB of numbers for one frame")
    pieces: list[bytes | memoryview] = [_LENGTH.pack(len(header)) + header]
    pieces += [memoryview(array.data).cast("B") for array in arrays if array.nbytes]
    # In one go where it is short, as nearly all are: woken for each piece, the reader takes a sixth longer.
    return [b"".join(pieces)] if sum(map(len, pieces)) <= _SHORT else pieces


def unpack_header(header: bytes) -> tuple[int, Any, list[tuple[np.dtype[Any], tuple[int, ...]]]]:
    """Check a received header; return request id, tree, and dtype and shape of each array to come."""
    try:
        fields = json.loads(header.decode())
    except (ValueError, RecursionError):
        raise ProtocolError("a header that is not JSON") from None
    if type(fields) is not dict or set(fields) != {"id", "body", "arrays"} or type(fields["id"]) is not int:
        raise ProtocolError("a header without id, body and arrays")
    specs = fields["arrays"]
    if type(specs) is not list or len(specs) > MAX_ARRAYS:
        raise ProtocolError("a malformed list of arrays")
    checked = []
    total = 0
    for spec in specs:
        name, shape = spec if type(spec) is list and len(spec) == 2 else ("", [])
        dtype = DTYPES.get(name) if type(name) is str else None
        if dtype is None or type(shape) is not list or len(shape) > MAX_DIMENSIONS:
            raise ProtocolError("an array of a type or rank that is not allowed")
        for n in shape:
            if type(n) is not int or not 0 <= n <= MAX_PAYLOAD:
                raise ProtocolError("an array with an impossible shape")
        total += math.prod(shape) * dtype.itemsize
        if total > MAX_PAYLOAD or _cells(shape) > MAX_PAYLOAD:
            raise ProtocolError(f"arrays that claim more than {MAX_PAYLOAD >> 20} MB")
        checked.append((dtype, tuple(shape)))
    return fields["id"], fields["body"], checked


class Channel:
    """One end of the socket between grader and worker.

    `send` and `receive` take a deadline (on `time.monotonic()`), or None to wait for ever, and a `tick`
    that is called every 50 ms until they are done, the first time after 50 ms; what it raises ends them.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._ahead = bytearray()
        """Received, and not yet asked for."""
        sock.setblocking(False)

    def send(self, request_id: int, body: Any, deadline: float | None = None, tick: Any = None) -> None:
        """Send one frame; `PeerGone` or `DeadlinePassed` where the other side does not take it."""
        self.send_packed(pack(request_id, body), deadline, tick)

    def send_packed(
        self, pieces: Sequence[bytes | memoryview], deadline: float | None = None, tick: Any = None
    ) -> None:
        """Send a frame that `pack` has made."""
        patience = _Patience(self._sock, select.POLLOUT, deadline, tick)
        for piece in pieces:
            view = memoryview(piece)
            while view:
                try:
                    sent = self._sock.send(view[:_CHUNK])
                except BlockingIOError:
                    patience.wait()
                except (BrokenPipeError, ConnectionResetError):
                    raise PeerGone from None
                else:
                    view = view[sent:]
                    patience.check()

    def receive(self, deadline: float | None = None, tick: Any = None) -> tuple[int, Any]:
        """Receive one frame: its request id and its body."""
        patience = _Patience(self._sock, select.POLLIN, deadline, tick)
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size, patience))
        if length > MAX_HEADER:
            raise ProtocolError(f"a header of {length} bytes")
        request_id, tree, specs = unpack_header(bytes(self._read(length, patience)))
        arrays = []
        for dtype, shape in specs:
            raw = self._read(math.prod(shape) * dtype.itemsize, patience)
            # Of a byte that is neither 0 nor 1, NumPy would make a bool that is neither True nor False.
            array = np.frombuffer(raw, np.uint8) != 0 if dtype.kind == "b" else np.frombuffer(raw, dtype)
            arrays.append(array.reshape(shape))
        return request_id, decode(tree, arrays)

    def close(self) -> None:
        """Close this end; the peer sees `PeerGone`."""
        self._sock.close()

    def _read(self, count: int, patience: _Patience) -> bytearray:
        # Grows with what arrives: a header that claims 32 MB costs the reader nothing until they come.
        buffer = self._ahead
        while len(buffer) < count:
            try:
                piece = self._sock.recv(max(_SHORT, min(count - len(buffer), _CHUNK)))
            except BlockingIOError:
                patience.wait()
                continue
            except ConnectionResetError:
                raise PeerGone from None
            if not piece:
                raise PeerGone
            buffer += piece
            patience.check()
        self._ahead = buffer[count:]
        del buffer[count:]
        return buffer


class _Patience:
    """Waits for a socket, and looks at the clock also while bytes keep trickling."""

    def __init__(self, sock: socket.socket, event: int, deadline: float | None, tick: Any) -> None:
        self._poll = select.poll()  # select() refuses descriptors from 1024 on
        self._poll.register(sock, event)
        self._deadline = deadline
        self._tick = tick
        self._next = time.monotonic() + _TICK

    def wait(self) -> None:
        """Wait until the socket is ready or the next tick is due."""
        ends = [end for end in (self._deadline, self._next if self._tick else None) if end is not None]
        left = max(0.0, min(ends) - time.monotonic()) if ends else None
        self._poll.poll(None if left is None else math.ceil(left * 1000))
        self.check()

    def check(self) -> None:
        """Raise where time is up; call the tick where one is due."""
        now = time.monotonic()
        if self._deadline is not None and now >= self._deadline:
            raise DeadlinePassed
        if self._tick is not None and now >= self._next:
            self._next = now + _TICK
            self._tick()
