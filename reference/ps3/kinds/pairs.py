"""What `loss(X, y, reg)` returned, split into the loss and the gradients."""

from __future__ import annotations

from typing import Any

from grader.checks.base import Malformed
from grader.checks.coerce import describe
from grader.checks.words import tell
from grader.student.child.protocol import Numbers


def loss_and_grads(value: Any) -> tuple[Any, Any]:
    """Split what `loss(X, y, reg)` returned; see `pair` for what is wanted.

    More than two values, or the two the other way round, are understood all the same: that the form is wrong
    costs once, where the toy loss is judged.
    """
    if isinstance(value, tuple | list) and len(value) >= 2:
        loss, grads = value[:2]
        return (grads, loss) if isinstance(loss, dict) and not isinstance(grads, dict) else (loss, grads)
    if isinstance(value, Numbers) and value.array.size == 1:
        return value, None
    return pair(value)


def pair(value: Any) -> tuple[Any, Any]:
    """What `loss(X, y, reg)` returned, taken strictly: two values, the second one a dict."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise Malformed(
            tell("loss(X, y, reg) returned {}; wanted two values: `return loss, grads`.", describe(value))
        )
    if isinstance(value[0], dict) and not isinstance(value[1], dict):
        raise Malformed(
            "loss(X, y, reg) returned (grads, loss); wanted the other way round: `return loss, grads`."
        )
    return value[0], value[1]
