"""The comparison as one HTML file for staff: no network, no script, names hidden until somebody asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from textwrap import dedent

from ..report.html import environment
from .compare import MOST
from .result import KINDS, Pair, Similar

SMALL = 30
"""Hand-ins below which a class says little of what is rare."""


def render(result: Similar) -> str:
    """The whole page; links lead to reports beside it. Everything is escaped by the template engine."""
    return (
        environment()
        .get_template("similar.html.j2")
        .render(
            result=result,
            kinds=KINDS,
            above=[pair for pair in result.pairs if pair.is_above],
            below=[pair for pair in result.pairs if not pair.is_above],
            few=len(result.members) < SMALL,
            most=MOST,
            have=partial(_have, len(result.members)),
            anchor_of=partial(_anchor, result),
            number_of=_numbers(result),
            dedented=_dedented,
        )
    )


def _dedented(lines: Sequence[str]) -> list[str]:
    """Lines without the blanks that all of them begin with."""
    return dedent("\n".join(lines)).split("\n")


def _have(members: int, count: int) -> str:
    return f"{count} of {members} {'has' if count == 1 else 'have'} it"


def _numbers(result: Similar) -> dict[str, int]:
    """What each hand-in is called while names are hidden; those from outside the class are counted apart."""
    outside = dict.fromkeys(pair.right for pair in result.outside)
    return {id: n for n, id in enumerate(outside, 1)} | {id: one.number for id, one in result.members.items()}


def _anchor(result: Similar, pair: Pair) -> str:
    """An id that tells no name."""
    numbers = _numbers(result)
    return f"{'outside' if pair.source else 'pair'}-{numbers[pair.left]}-{numbers[pair.right]}"
