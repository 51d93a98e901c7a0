"""Numbers that a notebook claims, that its own code does not give, and another hand-in's does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from .hand_in import Claim, Work
from .rarity import Kind, most, upper, weigh
from .result import Evidence

_NUMBER = re.compile(r"(?<![\w.])\d++\.\d++(?:[eE][-+]?\d{1,2})?+(?!\w)")


@dataclass(frozen=True)
class _Numbers:
    """Numbers of one title, sorted, and which hand-in each is of."""

    values: np.ndarray
    owners: np.ndarray

    def like(self, claim: Claim) -> dict[int, float]:
        """Who has the number that is claimed, to its last digit, and that one's own."""
        assert claim.claimed is not None
        around = claim.half_unit * (1 + 1e-9)  # a hair more than half a unit: both were rounded
        first = np.searchsorted(self.values, claim.claimed - around, "left")
        last = np.searchsorted(self.values, claim.claimed + around, "right")
        return dict(zip(self.owners[first:last].tolist(), self.values[first:last].tolist(), strict=True))


def claims(works: Sequence[Work], given: Iterable[str], members: int) -> Kind:
    """The kind of evidence that such claims are. One and the same number counts once for two hand-ins.

    A number that stands in what was `given` may be claimed from there.

    That somebody claims what the own code does not give is rare in itself, and weighs once for a pair.
    """
    obtained, claimed = _by_title(works, "obtained"), _by_title(works, "claimed")
    found: dict[tuple[int, int], dict[str, Evidence]] = {}
    printed = _sorted((float(number), 0) for text in given for number in _NUMBER.findall(text))
    not_own = [(i, claim) for i, claim in _not_own(works) if not printed.like(claim)]
    odd = {i for i, _ in not_own if i < members}
    for i, claim in not_own:
        giving = {j: f"the code of the other gives {value:.12g}"
                  for j, value in obtained[claim.title].like(claim).items() if j != i}  # fmt: skip
        for j, value in claimed[claim.title].like(claim).items():
            if j != i:
                giving.setdefault(j, f"the other claims {value:.12g} as well")
        have = 1 + sum(j < members for j in giving)
        if have <= most(members):
            for j, other in giving.items():
                pair = (min(i, j), max(i, j))
                which = "first" if i == pair[0] else "second"
                text = f"{claim.title}: the {which} claims {claim.claimed:.12g}, {_instead(claim)}; {other}"
                evidence = Evidence("claims", text, have, weigh(have, members))
                found.setdefault(pair, {}).setdefault(claim.title, evidence)
    rows, columns = zip(*sorted(found), strict=True) if found else ((), ())
    once = weigh(max(1, len(odd)), members) if members else 0.0
    weights = [once + sum(one.weight for one in found[pair].values()) for pair in sorted(found)]
    amounts = sparse.csr_matrix((weights, (rows, columns)), shape=(len(works), len(works)), dtype=float)
    return Kind("claims", upper(amounts, members), lambda i, j: list(found.get((i, j), {}).values()))


def _by_title(works: Sequence[Work], name: str) -> dict[str, _Numbers]:
    every: dict[str, list[tuple[float, int]]] = {}
    for i, work in enumerate(works):
        for claim in work.claims:
            own = every.setdefault(claim.title, [])
            value = getattr(claim, name)
            if value is not None and np.isfinite(value):
                own.append((value, i))
    return {title: _sorted(own) for title, own in every.items()}


def _sorted(numbers: Iterable[tuple[float, int]]) -> _Numbers:
    """Of numbers, each with its hand-in."""
    found = sorted(numbers)
    return _Numbers(np.array([value for value, _ in found], float), np.array([i for _, i in found], int))


def _not_own(works: Sequence[Work]) -> Iterator[tuple[int, Claim]]:
    """What each hand-in claims and does not give, as far as it has so many digits that it says something."""
    for i, work in enumerate(works):
        for claim in work.claims:
            if not claim.is_own and claim.is_telling:
                yield i, claim


def _instead(claim: Claim) -> str:
    return "its code gives none" if claim.obtained is None else f"its code gives {claim.obtained:.12g}"
