"""What one answer says, as far as it is read: its claims, and what counts for or against them."""

from __future__ import annotations

from dataclasses import dataclass, field

from .nodes import Node
from .statements import Chain, Form


@dataclass
class Said:
    """What one answer says, as far as it is read."""

    claims: dict[str, Claim] = field(default_factory=dict)
    earlier: dict[str, list[Claim]] = field(default_factory=dict)
    stated: dict[str, Node] = field(default_factory=dict)
    """Gradients of the loss, by our name, of which it says rightly what they are."""
    alone: list[Claim] = field(default_factory=list)
    offered: list[tuple[Chain, Node]] = field(default_factory=list)
    """Formulas that it offers in place of the end of a chain."""
    cases: list[Chain | None] = field(default_factory=list)
    """Conditions, such as `\\lambda = 0`, under which it says what its result comes to."""
    doubt: str = ""
    """The words that deny or doubt some formula, which is left out; empty where there are none."""
    denied: list[Node] = field(default_factory=list)
    """The formulas left out."""
    false_link: str = ""
    uses: dict[str, set[str]] = field(default_factory=dict)
    """The student's own symbols, and those that their definitions use."""
    meant: dict[str, set[str]] = field(default_factory=dict)
    """The student's own symbols, and the gradients that they are said to be."""
    contradicted: set[str] = field(default_factory=set)
    """Own symbols that are defined twice, as different things."""


@dataclass(frozen=True)
class Claim:
    """A form that an answer offers for what is asked, and its tree with the student's own symbols put in."""

    form: Form
    node: Node | None
    is_stated: bool
    """Whether the asked symbol stands before it; else it is a formula that stands alone."""
