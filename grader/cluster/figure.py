"""A figure that shows what a processor and its BLAS make of the arithmetic that hand-ins are judged by.

Two machines whose figures are the same to the last bit round alike: products of matrices, sums, exponentials and a
training, in which a bit that differs in the first step grows. The last bits stand in reports.
"""

from __future__ import annotations

import platform

import numpy as np
from threadpoolctl import threadpool_limits

_STEPS = 120
_SHOWN_EVERY = 40


def architecture() -> str:
    """Such as `x86_64`."""
    return platform.machine()


def figure() -> tuple[str, ...]:
    """Losses of a small net in training, in hexadecimal floats, so that nothing is rounded."""
    draw = np.random.default_rng(20_131)
    X, y = draw.normal(size=(160, 96)), draw.integers(0, 10, 160)
    first, second = draw.normal(scale=0.1, size=(96, 64)), draw.normal(scale=0.1, size=(64, 10))
    found = []
    with threadpool_limits(1):  # as in workers; sums in another order round otherwise
        for step in range(_STEPS + 1):
            hidden = 1 / (1 + np.exp(-(X @ first)))
            scores = hidden @ second
            shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
            shares = shifted / shifted.sum(axis=1, keepdims=True)
            if step % _SHOWN_EVERY == 0:
                found.append(float(-np.log(shares[np.arange(160), y]).mean()).hex())
            shares[np.arange(160), y] -= 1
            back = (shares @ second.T) * hidden * (1 - hidden) / 160
            second -= 0.5 * hidden.T @ shares / 160
            first -= 0.5 * X.T @ back
    return tuple(found)
