"""What reading a derivation leads to, as plain data that goes between processes."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """How a claim is judged."""

    CORRECT = "correct"
    UNSIMPLIFIED = "unsimplified"
    """Right value; a fraction, exponential, f' or earlier gradient is left in it."""
    TURNED = "turned"
    """Right in the orientation of the student's own forward pass."""
    SHAPE = "shape"
    """Right factors; as written the product has another shape, or none."""
    CARRIED = "carried"
    """Right if the student's own, wrong, gradient of an earlier question were right."""
    UNFINISHED = "unfinished"
    """A true relation in which what is asked is still to be worked out."""
    INCORRECT = "incorrect"
    UNREADABLE = "unreadable"
    ERROR = "error"
    """Judging it failed, which is our own fault."""


class Judgement(msgspec.Struct, frozen=True):
    """The verdict on one quantity that a question asks."""

    asked: str
    """Our name of the symbol."""
    kind: Kind
    formula: str = ""
    """The claim, as LaTeX; the student's, untrusted."""
    reason: str = ""
    """What is left in it; what did not fit; where reading stopped."""
    mistake: str = ""
    """Name of a known mistake."""
    false_link: str = ""
    """The first two forms, as LaTeX, that the student calls equal and that are not."""
    values: tuple[str, str] | None = None
    """The claim's value and the right one at the reference's example."""
    at: str = ""
    """That example, in words."""
    suggests: Kind | None = None
    """Of an unreadable claim: the verdict that all its readings lead to; None where they differ, or none is known."""
    results: tuple[str, ...] = ()
    """The results that differ, as LaTeX, where the answer gives several."""
    trace: str = ""
    """The traceback of our own fault, for staff."""


def claim_id(question: str, symbol: str) -> str:
    """The id of a claim's result in reports."""
    return f"{question}-{symbol}"
