"""Answers are kept while a hand-in is looked at: one that is far too large is kept by its type and shape alone."""

from __future__ import annotations

import numpy as np
import pytest

from grader.student.child.protocol import Numbers, Opaque
from tests.ps3 import kinds


def numbers(*shape: int, dtype: str = "f8", form: str = "ndarray") -> Numbers:
    return Numbers(np.arange(np.prod(shape, dtype=int)).astype(dtype).reshape(shape), form)


SMALL = [numbers(), numbers(5, 3), numbers(kinds.cases.MOST_NUMBERS), Opaque("Net"), None, "text"]
LARGE = [
    numbers(kinds.cases.MOST_NUMBERS + 1),
    numbers(1 << 10, 1 << 7, dtype="f4"),
    numbers(1 << 17, form="list"),
]


@pytest.mark.parametrize("value", SMALL)
def test_an_answer_that_can_be_one_is_kept_as_it_came(value: object):
    assert kinds.cases.bounded(value) is value


@pytest.mark.parametrize("value", LARGE)
def test_of_a_larger_one_type_and_shape_stay(value: Numbers):
    kept = kinds.cases.bounded(value)
    assert (kept.form, kept.array.shape, kept.array.dtype) == (
        value.form,
        value.array.shape,
        value.array.dtype,
    )
    assert kept.array.base.nbytes == value.array.itemsize


def test_it_is_found_wherever_it_is():
    kept = kinds.cases.bounded((LARGE[0], {"W1": [LARGE[1], SMALL[1]]}))
    assert kept[0].array.base.nbytes == 8
    assert kept[1]["W1"][0].array.base.nbytes == 4
    assert kept[1]["W1"][1] is SMALL[1]
