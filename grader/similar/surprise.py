"""How surprising it is that two hand-ins share so much, as the class itself says.

Nearly all pairs of a class have nothing to do with each other, so all pairs together say what chance does. Up to the
99th percentile the share of pairs with as much is the likelihood; past it, where copies are, the tail goes on as it
began between the 95th and the 99th: exponentially. A few copies move neither. In a
small class, where a few are more than that, the tail begins further in.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import log, log10

import numpy as np
from scipy import sparse

from .rarity import Kind

CHANCE = 2
"""Pairs of a class that the tail, prolonged, puts above the line. The real one is a little heavier: three are found
there in classes of which it is known who copied (`benchmarks/similar.py`)."""
_FAR, _NEAR = 0.01, 0.05
"""The share of pairs past which copies may be, and the one from which on the tail is measured."""
_AT_MOST = 0.5
"""Of pairs, that the tail is measured on."""


def line(members: int) -> float:
    """The surprise above which chance puts few pairs of a class of that size (see `CHANCE`)."""
    return max(1.0, log10(max(1, members * (members - 1) // 2) / CHANCE))


def unlikely(kind: Kind, members: int) -> sparse.csr_matrix:
    """Minus the natural logarithm of how likely two of the class share that much, for each two that share anything.

    Amounts are sums of logarithms of shares of the class: were all features independent, that would be it, and no tail
    is taken to be steeper than that.
    """
    amounts = kind.amounts
    inside = np.sort(amounts[:members, :members].data)
    every = max(1, members * (members - 1) // 2)
    far = max(_FAR, 1 / max(2, members))  # in a small class a few copies are more than one pair in a hundred
    near = min(far * _NEAR / _FAR, _AT_MOST)
    low, high = _quantile(inside, every, 1 - near), _quantile(inside, every, 1 - far)
    found = amounts.copy()
    if high <= 0:  # most pairs share nothing of that kind: what is shared speaks for itself
        return found / kind.overlap
    as_much = np.maximum(1, len(inside) - np.searchsorted(inside, amounts.data)) / every
    scale = kind.overlap if near <= far else max((high - low) / log(near / far), kind.overlap)
    past = -log(far) + (amounts.data - high) / scale
    found.data = np.where(amounts.data > high, past, np.minimum(-np.log(as_much), -log(far)))
    return found


def _quantile(values: np.ndarray, every: int, part: float) -> float:
    """Of sorted amounts and as many zeros as there are pairs besides."""
    at = int(part * every) - (every - len(values))
    return float(values[min(at, len(values) - 1)]) if at >= 0 and len(values) else 0.0


def strongest(kinds: Iterable[sparse.csr_matrix]) -> sparse.csr_matrix:
    """What the strongest kind of evidence says of each two, in decimal logarithms, for all the kinds there were."""
    found: sparse.csr_matrix | None = None
    count = 0
    for one in kinds:
        count += bool(one.nnz)
        found = one if found is None else found.maximum(one)
    assert found is not None
    found = found.tocsr()
    found.data = np.maximum(0.0, found.data / log(10) - log10(max(1, count)))
    return found
