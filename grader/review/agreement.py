"""Whether two persons decide alike, item by item: pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from ..model import Mark

FEWEST = 10
"""With fewer answers that two persons have decided, kappa is not shown: a single answer would move it by a fifth."""


@dataclass(frozen=True)
class ItemAgreement:
    """How often two persons have given an item: both, one alone, or neither."""

    text: str
    both: int
    first: int
    """The first person alone."""
    second: int
    neither: int

    @property
    def answers(self) -> int:
        """How many answers two persons have decided by items."""
        return self.both + self.first + self.second + self.neither

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa: how much of the agreement that chance leaves open there is (1 all, 0 none of it).

        (p - e) / (1 - e), where p is the share of answers decided alike, and e that which two persons would decide
        alike who give the item as often as these, but by chance: J. Cohen, A coefficient of agreement for nominal
        scales, 1960. None where e is 1: both gave it always, or both never.
        """
        if not self.answers:
            return None
        alike = Fraction(self.both + self.neither, self.answers)
        one, other = (Fraction(self.both + alone, self.answers) for alone in (self.first, self.second))
        by_chance = one * other + (1 - one) * (1 - other)
        return None if by_chance == 1 else float((alike - by_chance) / (1 - by_chance))

    @property
    def said(self) -> str:
        """Kappa in print, or why there is none."""
        if self.answers < FEWEST:
            return "too few"
        if self.kappa is None:
            return "no disagreement possible"
        return f"{self.kappa:.2f}".replace("-", "\u2212")


def has_items(mark: Mark) -> bool:
    """Whether a mark says which items are true of an answer: also none of them; not a number alone."""
    return bool(mark.items) or not (mark.points or mark.adjustment)


def alike(first: Mark, second: Mark) -> bool:
    """Whether two persons decided the same: the same items where both say which, else the same points."""
    if has_items(first) and has_items(second):
        chosen = [{item.id for item in mark.items} for mark in (first, second)]
        return chosen[0] == chosen[1] and first.adjustment == second.adjustment
    return first.points == second.points


def by_item(texts: Mapping[str, str], marks: Iterable[tuple[Mark, Mark]]) -> list[ItemAgreement]:
    """Of each item, by id in `texts`, how often two persons gave it; of marks that say which items."""
    pairs = [pair for pair in marks if all(map(has_items, pair))]
    known = dict(texts)
    for pair in pairs:
        for mark in pair:
            known |= {item.id: item.text for item in mark.items if item.id not in known}
    found = []
    for id, text in known.items():
        counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
        for pair in pairs:
            one, other = (any(item.id == id for item in mark.items) for mark in pair)
            counts[one, other] += 1
        found.append(ItemAgreement(text, *counts.values()))
    return found
