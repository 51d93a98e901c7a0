"""The selftest's short way from one end of the socket to the other: what arrives is what a frame would have brought."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.selftest.inside import Inside, arrived, over_the_wire
from grader.student.child import protocol
from grader.student.faults import Limit
from grader.student.process import Bounds, Limits
from grader.student.sandbox import Practice
from grader.student.sources import Sources

LIMITS = Limits(60, 60, 60, 60, 60, 2 << 30, 1 << 20)


class Own(dict):  # type: ignore[type-arg]
    """A student's own kind of dict."""


TYPES = st.sampled_from(["<f8", "<f4", ">f8", "<i8", "<i4", "<u2", "|u1", "|b1", "<c16", "<U3"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=6),
    st.builds(np.float64, st.floats()),
    st.builds(np.float32, st.floats(width=32)),
    st.builds(np.int64, st.integers(-9, 9)),
    st.just(protocol.Reference("X_train")),
    st.just(object()),
    st.builds(protocol.Numbers, hnp.arrays(np.float64, (2,)), st.just("float64")),
)
ARRAYS = TYPES.flatmap(
    lambda kind: hnp.arrays(kind, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
)
KEYS = st.one_of(st.text(max_size=4), st.integers(0, 3))
VALUES = st.recursive(
    st.one_of(SCALARS, ARRAYS, ARRAYS.map(np.asfortranarray)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=10),
        st.lists(inner, max_size=10).map(tuple),
        st.dictionaries(KEYS, inner, max_size=4),
        st.dictionaries(KEYS, inner, max_size=4).map(Own),
    ),
    max_leaves=12,
)


def alike(one: Any, two: Any) -> bool:
    """Equal in type and value, NaN to NaN, and arrays in all that a check can see of them."""
    if type(one) is not type(two):
        return False
    if isinstance(one, protocol.Numbers):
        a, b = one.array, two.array
        seen = [(x.dtype, x.shape, x.tobytes(), x.flags.writeable, x.flags.c_contiguous) for x in (a, b)]
        return one.form == two.form and seen[0] == seen[1]
    if isinstance(one, dict):
        return list(one) == list(two) and all(alike(one[key], two[key]) for key in one)
    if isinstance(one, tuple | list):
        return len(one) == len(two) and all(map(alike, one, two))
    return bool(one == two)


@pytest.mark.slow
@given(VALUES)
def test_any_value_arrives_as_in_a_frame(value: Any):
    assert alike(arrived(value), over_the_wire(value))


@pytest.mark.parametrize(
    "value",
    [
        [1.0, 2, True],
        [0.5] * 5000,
        [[1.0], [2.0, 3.0]],
        tuple(range(20)),
        {f"{i}": i for i in range(300)},
        "a" * 3000,
        "\ud800",
        2**63,
        {"a": {"b": {"c": {"d": {"e": {"f": 1.0}}}}}},
        np.zeros((1,) * 9),
        np.matrix([[1.0, 2.0]]),
    ],
    ids=lambda value: f"{value!r:.20}",
)
def test_what_is_rare_or_large_arrives_as_in_a_frame(value: Any):
    assert alike(arrived(value), over_the_wire(value))


def test_nothing_is_shared_with_what_was_sent():
    sent = np.zeros(3)
    got = arrived({"X": sent})["X"].array
    got[0] = 1.0
    assert not sent.any()


def test_what_no_frame_holds_is_refused():
    with pytest.raises(protocol.ProtocolError, match="MB of numbers"):
        arrived([np.zeros(protocol.MAX_PAYLOAD // 8), np.zeros(8)])


def test_names_of_other_years_are_gone_with_the_hand_in(tmp_path: Path):
    import builtins

    (tmp_path / "old.py").write_text(
        "import numpy as np\nfrom past.builtins import xrange\nx = np.float(3)\n"
    )
    worker = Inside(Practice(), Sources(tmp_path, "old.py"), LIMITS, {}, threading.Event())
    body = {
        "op": "load",
        "module": "old",
        "compat": ["numpy1", "python2-builtins"],
        "line": 0,
        "asked_is_own": False,
    }
    bounds = Bounds(time.monotonic() + 60, Limit("call", False, 60), lambda: None)
    assert "ok" in worker.ask(body, bounds)
    worker.kill()
    assert "float" not in vars(np) and not hasattr(builtins, "xrange") and "past" not in sys.modules
