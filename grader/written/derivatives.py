"""Derivatives that a formula takes: those of the loss are known, others are central differences."""

from __future__ import annotations

from typing import Final

import numpy as np

from .changes import Evaluate
from .indices import picked
from .matrices import Unknown, Value, flipped, is_number, spread
from .nodes import Node, Symbol, shown
from .scene import Scene, is_loss

_STEP: Final = 1e-5
"""Half width of a central difference: errors of about 1e-10 for values of about 1."""


def gradients(by: Symbol, of: Node, scene: Scene, evaluate: Evaluate) -> list[Value]:
    """What the derivative of a formula by a symbol may be; `Unknown` where it is not certain by what, or of what."""
    name = (scene.network.name(by.written) or scene.network.whole(by.written)) if by.written else None
    if name is None:
        raise Unknown(
            f"a derivative by {shown(by)}" if by.written else "a nabla without the letter it belongs to"
        )
    if is_loss(of, scene) and (gradient := scene.gradient(name)) is not None:
        entry = picked(gradient, by.written.rpartition(" ")[2], scene) if scene.at else None
        return [gradient if entry is None else entry]
    jacobians = [
        np.stack([_jacobian(name, of, p, scene, evaluate) for p in points]) for points in scene.alike
    ]
    return _as_gradients(jacobians, scene.value(name))


def _jacobian(
    name: str, of: Node, base: dict[str, np.ndarray], scene: Scene, evaluate: Evaluate
) -> np.ndarray:
    """Central differences at one point, of shape (rows of `of`, columns of `of`, rows, columns of the symbol)."""
    turned = name in scene.turned
    at = base[name].T if turned else base[name]
    columns = []
    for i in np.ndindex(at.shape):
        ends = []
        for step in (_STEP, -_STEP):
            moved = at.copy()
            moved[i] += step
            ends.append(scene.network.forward(base, {name: moved.T if turned else moved}))
        there = scene.elsewhere(ends)
        found = evaluate(there)(of)
        if not found:
            raise Unknown("a derivative of something whose shapes do not fit")
        (value,) = found[0].value
        columns.append((value[0] - value[1]) / (2 * _STEP))
    return np.moveaxis(np.array(columns).reshape(*at.shape, *columns[0].shape), (0, 1), (2, 3))


def _as_gradients(jacobians: list[np.ndarray], at: Value) -> list[Value]:
    """Derivatives as matrices: what students may mean by them. Jacobians are (points, rows, columns, rows, columns)."""
    if all(j.shape[1:3] == (1, 1) for j in jacobians):
        return [tuple(j[:, 0, 0] for j in jacobians)]
    if is_number(at):
        return [tuple(j[..., 0, 0] for j in jacobians)]
    if all(j.shape[2] == 1 and j.shape[4] == 1 for j in jacobians):
        flat = tuple(j[:, :, 0, :, 0] for j in jacobians)
        is_square = all(a.shape[1] == a.shape[2] for a in flat)
        own = tuple(np.diagonal(a, axis1=1, axis2=2)[..., None] for a in flat) if is_square else ()
        is_own = is_square and all(
            np.allclose(a, spread(b), atol=1e-7) for a, b in zip(flat, own, strict=True)
        )
        return [*([own] if is_own else []), flat, flipped(flat)]
    raise Unknown("a derivative of a vector by a matrix")
