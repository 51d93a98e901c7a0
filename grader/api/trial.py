"""What a check is given: both sides, hidden inputs, and ways to say what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

import numpy as np

from ..checks import coerce
from ..checks.base import Malformed
from ..checks.compare import difference
from ..model import Comparison
from ..student.child.protocol import Numbers
from ..student.faults import StudentError
from .answers import FLOOR, Answer
from .sides import Local, Made, Remote

T = TypeVar("T")
SINGLE = 1e-4
"""Relative difference that is accepted of values that were computed in float32."""


class Lost(Exception):
    """What was found wrong; the text is for the student. `share` of the points is earned all the same."""

    def __init__(self, sentence: str, share: float = 0.0, comparison: Comparison | None = None) -> None:
        self.sentence = sentence
        if not isinstance(sentence, str):
            raise TypeError(f"found {sentence!r}, wanted a sentence for students")
        if not 0 <= share <= 1:
            raise ValueError(f"found a share of {share}, wanted 0 to 1")
        self.share = Decimal(str(share))
        self.comparison = comparison
        super().__init__(str(sentence))


@dataclass
class Trial:
    """One run of one check on one hand-in."""

    student: Remote
    solution: Local
    draw: Callable[..., np.random.Generator]
    arrays: Mapping[str, np.ndarray]
    """The arrays of the assignment's dataset, such as `X_train`; none without one."""
    relative: float
    hidden: bool = True
    supplied: tuple[str, ...] = ()
    """Methods and functions that are the solution's where the hand-in's own code asks for them (see `supply`)."""
    notes: list[str] = field(default_factory=list)
    """Remarks that cost nothing."""
    comparisons: list[Comparison] = field(default_factory=list)

    def both(self, *args: Any, seed: int = 0, **kwargs: Any) -> tuple[Made, Made]:
        """An object of the hand-in's class and one of the solution's, made with the same arguments."""
        return self.student.new(*args, seed=seed, **kwargs), self.solution.new(*args, seed=seed, **kwargs)

    def attempt(self, ask: Callable[[], T], otherwise: T) -> T:
        """What it gives; `otherwise` where the hand-in raises in it or has no such answer. Nothing is judged by it."""
        before = len(self.student.calls)
        try:
            return ask()
        except (StudentError, Malformed):
            return otherwise
        finally:
            for call in self.student.calls[before:]:
                call.looked_at.clear()

    def random(self, *purpose: object) -> np.random.Generator:
        """Random numbers that depend on the course secret, the run's nonce and the purpose, and on nothing else."""
        return self.draw(*purpose)

    def constant(self, name: str) -> Any:
        """A constant of `solution.py`, which the rubric's `[constants]` may have set."""
        return self.solution.constant(name)

    def close(self, found: Any, wanted: Any, what: str, relative: float | None = None) -> None:
        """Go on where `found` is `wanted`, to the check's tolerance or another one; else the check is lost.

        `what` names it for students: `the loss`. Shapes have to agree; lists and rows for vectors are converted.
        """
        if not isinstance(what, str):
            raise TypeError(f"found {what!r}, wanted what it is, for students")
        right = np.asarray(wanted, dtype=np.float64)
        if wanted is None or not np.isfinite(right).all():
            raise ValueError(
                f"what is wanted of {what} is {wanted!r}: the solution's fault, not the hand-in's"
            )
        raw = found.value if isinstance(found, Answer) else Numbers(np.asarray(found), "ndarray")
        if isinstance(raw, Numbers) and raw.form in ("list", "tuple"):
            raw = Numbers(raw.array, "ndarray")  # as good as an array for what is compared
        if right.ndim:
            observed = coerce.array(raw, right.shape, what, self.notes)
        else:
            observed = np.asarray(coerce.number(raw, what, self.notes))
        bound = self.relative if relative is None else relative
        if coerce.is_single_precision(raw):
            bound = max(bound, SINGLE)
        allowed = max(bound * float(np.abs(right).max(initial=0.0)), FLOOR)
        off = difference(observed, right, allowed)
        at = off.index
        where = f"{what}{list(at)}" if at else what
        evidence = Comparison(where, float(observed[at]), float(right[at]), allowed)
        self.comparisons.append(evidence)
        if off.ok:
            return
        raise Lost(_off(what, off.share, observed, right, self.hidden), comparison=evidence)

    def array(self, found: Any, shape: tuple[int | None, ...], what: str) -> np.ndarray:
        """What the hand-in answered as an array of a shape; None stands for any length. Else the check is lost.

        Columns and rows for vectors are converted, as in `close`.
        """
        value = np.asarray(found)
        if value.dtype.kind not in "biuf":
            raise Lost(f"{what[:1].upper()}{what[1:]} should be numbers.")
        if value.ndim > len(shape):
            value = value.reshape([n for n in value.shape if n != 1] or [1])
        if value.ndim != len(shape) or any(
            n not in (None, own) for n, own in zip(shape, value.shape, strict=True)
        ):
            wanted = ", ".join("any" if n is None else str(n) for n in shape)
            raise Lost(f"{what[:1].upper()}{what[1:]} should be an array of shape ({wanted}).")
        return value.astype(np.float64)

    def equal(self, found: Any, wanted: Any, what: str) -> None:
        """The same for whole numbers, such as labels: every entry has to be the same."""
        self.close(found, wanted, what, relative=0.0)

    def that(self, holds: bool, sentence: str) -> None:
        """Go on where it holds; else the check is lost, and `sentence` is what students are told."""
        if not holds:
            raise Lost(sentence)

    def part(self, share: float, sentence: str) -> None:
        """End the check with a share (0 to 1) of its points, and say why it is no more."""
        raise Lost(sentence, share)

    def remark(self, sentence: str) -> None:
        """Say something that costs nothing."""
        if not isinstance(sentence, str):
            raise TypeError(f"found {sentence!r}, wanted a sentence for students")
        if sentence not in self.notes:
            self.notes.append(sentence)


def _off(what: str, share: float, observed: np.ndarray, right: np.ndarray, hidden: bool) -> str:
    begin = f"{what[:1].upper()}{what[1:]}"
    if not np.isfinite(observed).all():
        return f"{begin}: NaN or infinity is among the values."
    if not right.ndim:
        return f"{begin} is wrong." if hidden else f"{begin} is {observed:.9g}; it should be {right:.9g}."
    how = "every entry is" if share == 1 else "most entries are" if share > 0.5 else "some entries are"
    return f"{begin}: {how} wrong."
