"""Training that does not depend on which examples are drawn, and data that shows how many are."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..api import Trial


def identical(
    t: Trial, examples: int, features: int, classes: int, *purpose: object
) -> tuple[np.ndarray, np.ndarray]:
    """The same hidden example so many times: X (examples, features), y (examples,).

    Whatever a hand-in draws, every batch is the same: its losses and its parameters after each step are the solution's.
    """
    random = t.random("identical", *purpose)
    row = 1.5 * random.standard_normal(features)
    return np.tile(row, (examples, 1)), np.full(examples, int(random.integers(classes)))


def of_batches(t: Trial, losses: Any, one: float, other: float, size: int) -> None:
    """Go on where each of the losses can be the mean over `size` examples, of which each has loss `one` or `other`.

    For training with a learning rate of zero on two different examples, half of the data each. Lost is the check where
    every batch has the same share of both, as the whole data has: by chance, that is so for 20 batches of 10 less than
    once in 10**11 times.
    """
    if abs(one - other) < 1e-9:
        raise ValueError("the two examples have the same loss; take other ones")
    each = t.array(losses, (None,), "the losses of all steps")
    t.that(len(each) > 1, "There is no loss for each step.")
    parts = (each - other) / (one - other) * size
    t.that(
        not np.allclose(parts, parts[0], atol=1e-6),
        "Each step uses all of the data, or the same part of it; it should draw a batch of its own.",
    )
    t.that(
        bool(
            np.allclose(parts, np.round(parts), atol=1e-4)
            and (parts > -0.5).all()
            and (parts < size + 0.5).all()
        ),
        "The batches do not have as many examples as they should.",
    )
