"""The frames: what is sent arrives, bit by bit, and what arrives is harmless, whatever was sent."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import time
import tracemalloc
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.student.child import protocol
from grader.student.child.protocol import (
    Channel,
    DeadlinePassed,
    Numbers,
    Opaque,
    PeerGone,
    ProtocolError,
    Reference,
    decode,
    encode,
    pack,
    unpack_header,
)

# ---- values that must arrive ----------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
arrays = st.sampled_from(sorted(protocol.DTYPES)).flatmap(lambda dtype: hnp.arrays(dtype, shapes))
numbers = st.one_of(
    st.floats(width=64), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(width=32).map(np.float32)
)
leaves = st.one_of(st.none(), texts, arrays, numbers, st.builds(Reference, texts))
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple), st.dictionaries(texts, inner, max_size=3)
    ),
    max_leaves=8,
).filter(lambda tree: depth(tree) < protocol.MAX_DEPTH)


def depth(tree: Any) -> int:
    inner = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, tuple) else ()
    return 1 + max(map(depth, inner), default=-1) if isinstance(tree, dict | tuple) else 0


def there_and_back(value: Any) -> Any:
    """`value` through a whole frame and a real socket."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        frame = b"".join(bytes(piece) for piece in pack(7, value))
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, max(len(frame) * 2, 4096))
        theirs.sendall(frame)
        request_id, arrived = Channel(ours).receive(time.monotonic() + 10)
    assert request_id == 7
    return arrived


def assert_same(sent: Any, arrived: Any) -> None:
    if isinstance(sent, tuple):
        assert type(arrived) is tuple and len(arrived) == len(sent)
        for a, b in zip(sent, arrived, strict=True):
            assert_same(a, b)
    elif isinstance(sent, dict):
        assert type(arrived) is dict and list(arrived) == list(sent)
        for key in sent:
            assert_same(sent[key], arrived[key])
    elif sent is None or isinstance(sent, str | Reference):
        assert arrived == sent
    else:
        wanted = np.array(sent)
        assert isinstance(arrived, Numbers)
        assert (arrived.array.dtype, arrived.array.shape) == (wanted.dtype, wanted.shape)
        assert arrived.array.tobytes() == wanted.tobytes()  # NaN payloads and -0.0 included
        assert arrived.array.flags.writeable


@given(trees)
def test_every_supported_value_arrives_bit_by_bit(value: Any):
    assert_same(value, there_and_back(value))


plain_leaves = st.one_of(st.none(), texts, st.booleans(), st.integers(-5, 5), st.floats(allow_nan=False))
plain = st.recursive(
    plain_leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=9),
        st.lists(inner, max_size=9).map(tuple),
        st.dictionaries(texts, inner, max_size=3),
        st.lists(texts, max_size=12),
        st.lists(st.booleans(), max_size=12).map(tuple),
    ),
    max_leaves=6,
)


def form(value: Any) -> str:
    """What kind of value it is said to be."""
    if isinstance(value, Numbers):
        return value.form
    if isinstance(value, Opaque):
        return value.type_name.rpartition(" ")[2]
    return type(value).__name__


@given(plain)
@example([])
@example(())
@example({})
@example([[]])
@example([[], []])
@example(((), [], {}))
@example([True, False])
@example(["a", "b"])
@example(tuple("abcdefghij"))
@example({"classes": []})
def test_no_value_arrives_as_another_kind(value: Any):
    """An empty list was a number of nothing: a module without classes broke the connection."""
    arrived = there_and_back(value)
    assert form(arrived) == type(value).__name__
    if isinstance(arrived, list | tuple | dict):
        assert len(arrived) == len(value)
        inner = zip(arrived, value, strict=True)
        if isinstance(arrived, dict):
            inner = zip(arrived.values(), value.values(), strict=True)
        assert all(form(one) == type(other).__name__ for one, other in inner)


@given(st.lists(st.floats(), min_size=1, max_size=20))
def test_a_list_of_floats_arrives_as_one_array_that_says_so(values: list[float]):
    arrived = there_and_back(values)
    assert arrived.form == "list"
    assert arrived.array.tobytes() == np.array(values).tobytes()


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (2**63, 2.0**63),
        (-(2**70), -(2.0**70)),
        (np.uint64(2**64 - 1), 2.0**64),
        (np.array([1, 2**63], dtype=np.uint64), [1.0, 2.0**63]),
        (np.float16(0.5), 0.5),
        (np.int8(-3), -3),
        (np.array([1.5], dtype=">f8"), [1.5]),
        ([np.array([1.0]), np.array([2.0])], [[1.0], [2.0]]),
        ([1, 2**70], [1.0, 2.0**70]),
    ],
)
def test_numbers_of_other_types_keep_their_value(value: Any, wanted: Any):
    assert there_and_back(value).array.tolist() == wanted


@pytest.mark.parametrize("value", [[None, 1.0], ["1.5", 2.0], [None], np.array([None, 2.0]), [1j]])
def test_what_is_no_number_does_not_become_one(value: Any):
    assert not isinstance(there_and_back(value), Numbers)


def test_a_ragged_list_arrives_item_by_item():
    first, second = there_and_back([[1.0, 2.0], [3.0]])
    assert (first.array.tolist(), second.array.tolist()) == ([1.0, 2.0], [3.0])


def test_subclasses_of_builtins_count_as_what_they_are():
    class Text(str):
        def __str__(self) -> str:
            return "a lie"

    assert there_and_back(Text("true")) == "true"
    assert list(there_and_back(OrderedDict(b=None, a=None))) == ["b", "a"]


def test_a_lone_surrogate_arrives_as_text_that_can_be_written():
    arrived = there_and_back({"\udcff": "\ud800x"})
    json.dumps(arrived, ensure_ascii=False).encode()
    assert arrived == {"?": "?x"}


# ---- odd objects: encode raises nothing of its own -----------------------------------------------


class LyingArray(np.ndarray):
    dtype = property(lambda self: np.dtype(object))  # type: ignore[assignment]
    shape = property(lambda self: (10**15,))  # type: ignore[assignment]
    nbytes = property(lambda self: -1)  # type: ignore[assignment]


class Meta(type):
    __name__ = property(lambda cls: 5)  # type: ignore[assignment]


class OddlyNamed(metaclass=Meta):
    pass


def self_referencing_list() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


def self_referencing_dict() -> dict[str, Any]:
    value: dict[str, Any] = {}
    value["self"] = value
    return value


def wide_and_deep() -> list[Any]:
    value: list[Any] = ["x"]
    for _ in range(4):
        value = [value] * 20
    return value


@pytest.mark.parametrize(
    "value",
    [
        np.array([object()]),
        np.array(["a"]),
        np.array([1j]),
        np.zeros((1,) * 12),
        np.zeros(3, dtype=[("a", "f8")]),
        np.array(["2020-01-01"], dtype="M8[D]"),
        (i for i in range(3)),
        self_referencing_list(),
        self_referencing_dict(),
        wide_and_deep(),
        [[[[[[[["deep"]]]]]]]],
        {i: i for i in range(1000)},
        [object()] * 1000,
        tuple([np.zeros(1)] * 500 for _ in range(8)),
        {"a": 1, 1: 2, None: 3, (1, 2): 4},
        lambda: None,
        OddlyNamed(),
        type("x" * 5000, (), {})(),
        np.ma.masked,
    ],
    ids=lambda value: type.__repr__(type(value))[:30],
)
def test_whatever_encode_makes_decode_takes(value: Any):
    there_and_back(value)


def test_an_array_that_lies_about_itself_is_read_by_numpy():
    arrived = there_and_back(np.arange(3.0).view(LyingArray))
    assert arrived.array.tolist() == [0.0, 1.0, 2.0]


def test_more_values_than_a_frame_holds_become_opaque():
    arrived = there_and_back(tuple([f"{i}" for i in range(250)] for _ in range(6)))
    assert arrived[0][249] == "249"
    assert isinstance(arrived[5], Opaque)


def test_more_numbers_than_a_frame_holds_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(protocol, "MAX_PAYLOAD", 1000)
    with pytest.raises(ProtocolError):
        pack(1, (np.zeros(100), np.zeros(100)))


# ---- hostile bytes ---------------------------------------------------------------------------------

HARMLESS = (ProtocolError, PeerGone, DeadlinePassed)

json_values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5),
        st.sampled_from(["none", "text", "numbers", "list", "dict", "tuple", "opaque", "reference", "<f8"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=12,
)  # fmt: skip
specs = st.lists(
    st.tuples(
        st.sampled_from([*sorted(protocol.DTYPES), "|O", ">f8", "V8", "<U4"]),
        st.lists(st.one_of(st.integers(-1, 3), st.integers(), st.booleans(), st.floats()), max_size=9),
    ),
    max_size=3,
)


def frame(header: bytes, payload: bytes = b"") -> bytes:
    return struct.pack("<I", len(header)) + header + payload


def header_of(arrays: Any = (), body: Any = ("none",), id: Any = 1) -> bytes:
    return json.dumps({"id": id, "body": body, "arrays": arrays}).encode()


def receive(data: bytes) -> Any:
    """Let a channel read exactly these bytes, then end of file."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        return Channel(ours).receive(time.monotonic() + 5)


def refused(data: bytes) -> None:
    with pytest.raises(HARMLESS):
        receive(data)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_a_protocol_error_or_nothing(data: bytes):
    for read in (unpack_header, receive):
        with contextlib.suppress(*HARMLESS):
            read(data)


@pytest.mark.slow
@settings(max_examples=300)
@given(json_values, specs, json_values, st.binary(max_size=200))
def test_arbitrary_json_in_the_right_places_is_a_protocol_error_or_a_value(
    body: Any, arrays: Any, id: Any, payload: bytes
):
    for wanted in (1, id):
        with contextlib.suppress(*HARMLESS):
            receive(frame(header_of(arrays, body, wanted), payload))


@pytest.mark.parametrize(
    "spec",
    [
        ["<f8", [10**15]],
        ["<f8", [2**28, 2**28, 2**28]],
        ["<f8", [0, 2**28, 2**28, 2**28, 2**28]],
        ["<f8", [0, 10**400]],
        ["<f8", [-1]],
        ["<f8", [-1, -8]],
        ["<f8", [True]],
        ["<f8", [2.0]],
        ["<f8", ["2"]],
        ["<f8", [1] * 9],
        ["<f8", 2],
        ["<f8"],
        ["|O", [1]],
        ["O", [1]],
        [">f8", [1]],
        ["<f8,<f8", [1]],
        ["<U9999", [1]],
        [None, [1]],
        "<f",
    ],
    ids=str,
)
def test_an_array_with_a_bad_type_or_shape_is_refused(spec: Any):
    with pytest.raises(ProtocolError):
        unpack_header(header_of([spec]))


def test_claims_cost_nothing_before_the_bytes_arrive():
    data = frame(header_of([["|u1", [protocol.MAX_PAYLOAD]]]), b"x" * 100)
    tracemalloc.start()
    try:
        refused(data)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_arrays_that_are_small_one_by_one_but_large_together_are_refused():
    with pytest.raises(ProtocolError):
        unpack_header(header_of([["|u1", [protocol.MAX_PAYLOAD // 2 + 1]]] * 2))


@pytest.mark.parametrize(
    "header",
    [
        b"[" * 10_000,
        b"[" * 10_000 + b"]" * 10_000,
        b'{"a":' * 10_000,
        b'{"id": NaN, "body": ["none"], "arrays": []}',
        b'{"id": 1, "body": ["none"], "arrays": [], "more": 1}',
        b'{"id": 1, "body": ["none"]}',
        b'{"id": true, "body": ["none"], "arrays": []}',
        b'{"id": ' + b"9" * 5000 + b', "body": ["none"], "arrays": []}',
        b"\xff\xfe",
        b"",
        b"null",
    ],
    ids=lambda header: header[:20].decode("latin-1") or "empty",
)
def test_a_bad_header_is_a_protocol_error(header: bytes):
    with pytest.raises(ProtocolError):
        unpack_header(header)


def test_of_a_key_that_comes_twice_the_last_counts_and_is_checked():
    with pytest.raises(ProtocolError):
        unpack_header(b'{"id": 1, "id": "x", "body": ["none"], "arrays": []}')


def test_a_huge_header_is_refused_unread():
    refused(struct.pack("<I", protocol.MAX_HEADER + 1))


@pytest.mark.parametrize(
    "tree",
    [
        [],
        None,
        ["numbers", 0, "float"],
        ["numbers", -1, "float"],
        ["numbers", True, "float"],
        ["numbers", 0.0, "float"],
        ["text", "x" * 2001],
        ["text", 5],
        ["dict", [["a"]]],
        ["dict", [[5, ["none"]]]],
        ["pickle", "x"],
        ["tuple", [["tuple", [["tuple", [["tuple", [["tuple", [["tuple", [["none"]]]]]]]]]]]]],
        ["list", [["none"]] * 2000],
    ],
    ids=lambda tree: str(tree)[:30],
)
def test_a_malformed_value_is_a_protocol_error(tree: Any):
    with pytest.raises(ProtocolError):
        decode(tree, [])


def test_bytes_that_are_no_bool_become_one():
    _, value = receive(frame(header_of([["|b1", [3]]], ["numbers", 0, "ndarray"]), b"\x00\x01\x07"))
    assert value.array.tolist() == [False, True, True]
    assert value.array.view(np.uint8).max() == 1


def test_encoding_is_plain_json_and_holds_no_pickle():
    assert json.loads(json.dumps(encode({"a": (1.0, "b")}, []))) == [
        "dict",
        [["a", ["tuple", [["numbers", 0, "float"], ["text", "b"]]]]],
    ]


# ---- waiting ---------------------------------------------------------------------------------------


def test_silence_ends_at_the_deadline():
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(DeadlinePassed):
        Channel(ours).receive(time.monotonic() + 0.05)


def test_a_peer_that_takes_nothing_ends_at_the_deadline():
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(DeadlinePassed):
        Channel(ours).send(1, np.zeros(1 << 20), time.monotonic() + 0.05)


def test_half_a_frame_and_end_of_file_is_no_answer():
    with pytest.raises(PeerGone):
        receive(frame(header_of())[:-5])


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=4))
def test_frames_that_arrive_together_are_received_one_by_one(sizes: list[int]):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
        for number, size in enumerate(sizes):
            theirs.sendall(b"".join(bytes(piece) for piece in pack(number, np.arange(float(size)))))
        channel = Channel(ours)
        for number, size in enumerate(sizes):
            id, value = channel.receive(time.monotonic() + 5)
            assert id == number
            assert np.array_equal(value.array, np.arange(float(size)))
            value.array[:] = 0  # its own memory


def test_a_short_frame_is_sent_at_once():
    assert len(pack(1, (np.zeros((5, 4)), np.zeros(5)))) == 1
    assert len(pack(1, np.zeros(1 << 20))) == 2
