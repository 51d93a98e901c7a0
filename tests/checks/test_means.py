"""Losses that are means over a batch are told from others."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np

from tests.ps3 import kinds


def test_means_of_so_many_and_no_others():
    singles = np.random.default_rng(3).normal(size=12)
    some = [singles[list(four)].mean() for four in combinations_with_replacement(range(12), 4)]
    assert kinds.steps._are_means(np.array(some[::50]), singles, 4)
    assert not kinds.steps._are_means(np.array([some[7], some[9] + 1e-3 * np.pi]), singles, 4)
    assert not kinds.steps._are_means(np.array([singles.mean()]), singles, 4)
    assert not kinds.steps._are_means(np.array([np.nan]), singles, 4)
