"""Sentences in two wordings: one for a student whatever the check, and one that also quotes what the code made up.

Names, keys, shapes and counts that student code answers with can hold the hidden inputs that it was given. Such a part
of a sentence is made with both wordings; put together with `tell`, both come along. Everything else that is done with
such a sentence, an f-string say, keeps the careful wording alone.
"""

from __future__ import annotations

from fractions import Fraction

ONE_BEHIND = (
    "Look first at \N{LEFT DOUBLE QUOTATION MARK}{title}\N{RIGHT DOUBLE QUOTATION MARK}: the mistake there may be "
    "behind this, too."
)
"""What is said in place of a second thing to do."""
MOST_PLAIN = 12
"""Largest numerator and denominator of a factor that is told in a hidden check: real mistakes give 2, 1/2, -1, 3."""
MOST_COUNT = 20
"""Largest count that is told there."""


class Words(str):
    """Text for a student in any check; `full` is for staff, and for students where nothing is hidden."""

    full: str

    def __new__(cls, careful: str, full: str) -> Words:
        """Both wordings."""
        made = super().__new__(cls, careful)
        made.full = full
        return made


def full(text: str) -> str:
    """The wording that keeps nothing back."""
    return text.full if isinstance(text, Words) else text


def careful(text: str) -> str:
    """The wording for a hidden check, as a plain string."""
    return str(text)


def tell(template: str, *parts: str) -> Words:
    """Both wordings of a sentence with `{}` where its parts go."""
    return Words(template.format(*map(careful, parts)), template.format(*map(full, parts)))


def count(number: int) -> Words:
    """How many there are of what student code made."""
    return Words(str(number) if 0 <= number <= MOST_COUNT else f"more than {MOST_COUNT}", str(number))


def factor(value: float, exact: str, accuracy: float = 1e-5) -> Words:
    """How many times something is what it should be, if it is a fraction of small whole numbers; `exact` in full."""
    return Words(exact if _is_plain(value, accuracy) else "another number of", exact)


def constant(value: float, exact: str) -> Words:
    """The same of what is a multiple of the right one, entry by entry: ahead of "times what it should be"."""
    return Words(f"exactly {exact}" if _is_plain(value, 1e-5) else "a constant", f"exactly {exact}")


def _is_plain(value: float, accuracy: float) -> bool:
    near = Fraction(value).limit_denominator(MOST_PLAIN) if abs(value) <= MOST_PLAIN else Fraction(0)
    return abs(near.numerator) <= MOST_PLAIN and abs(value - near) <= accuracy * max(1e-9, abs(value))
