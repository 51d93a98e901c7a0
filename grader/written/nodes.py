"""What a formula is made of, as plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Number:
    """A literal."""

    value: float


@dataclass(frozen=True)
class Symbol:
    """A letter with the index that belongs to it, as written: `h 1`, `\\theta t+1`, `y`."""

    written: str


@dataclass(frozen=True)
class Sum:
    """Terms with their signs, 1 or -1."""

    terms: tuple[tuple[int, Node], ...]


@dataclass(frozen=True)
class Product:
    """Factors in the order written; `signs[i]` stands before `factors[i + 1]`, empty for none."""

    factors: tuple[Node, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True)
class Quotient:
    """A fraction."""

    above: Node
    below: Node


@dataclass(frozen=True)
class Power:
    """`base` to the power of `exponent`."""

    base: Node
    exponent: Node


@dataclass(frozen=True)
class Transpose:
    """A transposed node."""

    of: Node


@dataclass(frozen=True)
class Call:
    """`f`, `exp`, `ln`, `sign`, `diag`, `abs`, `sqrt`, `total`, or `slope`: the derivative of f."""

    name: str
    of: Node


@dataclass(frozen=True)
class Norm:
    """The norm of a vector, of order 1 or 2."""

    of: Node
    order: int


@dataclass(frozen=True)
class Gradient:
    """The derivative of a node with respect to a symbol."""

    by: Symbol
    of: Node


@dataclass(frozen=True)
class Matrix:
    """A matrix written out, by rows; a list such as `[a, b, c]` has one row and may stand for a column."""

    rows: tuple[tuple[Node, ...], ...]
    is_list: bool = False


@dataclass(frozen=True)
class Differential:
    """`\\partial u`, above or below a fraction line; `\\partial` alone has none."""

    of: Node | None


@dataclass(frozen=True)
class Entries:
    """A matrix of which each entry is said: `of` for all values of the indices of `by`, such as `W 1 ij`."""

    by: Symbol
    of: Node


@dataclass(frozen=True)
class Entry:
    """An entry of what a symbol of the student's own stands for."""

    of: Node
    index: str


@dataclass(frozen=True)
class IndexSum:
    """The sum of a node over all values of indices."""

    letters: str
    of: Node
    has_limits: bool = False


@dataclass(frozen=True)
class Prime:
    """A node with a prime behind it: its transpose, or its derivative where it is an activation."""

    of: Node


@dataclass(frozen=True)
class Branch:
    """A value, and the condition that `subject` is above, below or equal to zero; no subject: in all other cases."""

    value: Node
    subject: Node | None = None
    relation: str = ""
    """GREATER, LESS or EQ. What holds at zero exactly is nobody's concern."""


@dataclass(frozen=True)
class Cases:
    """Values of which conditions on its entries say which one it is."""

    branches: tuple[Branch, ...]


Node = (
    Number
    | Symbol
    | Sum
    | Product
    | Quotient
    | Power
    | Transpose
    | Call
    | Norm
    | Gradient
    | Matrix
    | Differential
    | Entries
    | Entry
    | IndexSum
    | Cases
    | Branch
    | Prime
)
TILDE = r"\tilde"
"""Begins a letter with a tilde or a bar over it."""


def shown(symbol: Symbol) -> str:
    """A symbol as LaTeX again."""
    letter, _, index = symbol.written.partition(" ")
    return f"{letter}_{{{index}}}" if index else letter
