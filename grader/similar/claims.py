"""Numbers that a notebook claims, that its own code does not give, and another hand-in's does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scipy import sparse

from .hand_in import Claim, Work
from .rarity import Kind, most, upper, weigh
from .result import Evidence


def claims(works: Sequence[Work], members: int) -> Kind:
    """The kind of evidence that such claims are. One and the same number counts once for two hand-ins."""
    found: dict[tuple[int, int], dict[str, Evidence]] = {}
    for i, claim in _not_own(works):
        giving = {j: other for j, work in enumerate(works) if j != i and (other := _gives(work, claim))}
        have = 1 + sum(j < members for j in giving)
        if have <= most(members):
            for j, other in giving.items():
                pair = (min(i, j), max(i, j))
                which = "first" if i == pair[0] else "second"
                text = f"{claim.title}: the {which} claims {claim.claimed:.12g}, {_instead(claim)}; {other}"
                evidence = Evidence("claims", text, have, weigh(have, members))
                found.setdefault(pair, {}).setdefault(claim.title, evidence)
    rows, columns = zip(*found, strict=True) if found else ((), ())
    weights = [sum(one.weight for one in shared.values()) for shared in found.values()]
    amounts = sparse.csr_matrix((weights, (rows, columns)), shape=(len(works), len(works)), dtype=float)
    return Kind("claims", upper(amounts, members), lambda i, j: list(found.get((i, j), {}).values()))


def _not_own(works: Sequence[Work]) -> Iterator[tuple[int, Claim]]:
    """What each hand-in claims and does not give."""
    for i, work in enumerate(works):
        for claim in work.claims:
            if claim.claimed is not None and not claim.is_own:
                yield i, claim


def _gives(work: Work, claim: Claim) -> str:
    """How another hand-in has the number that is claimed, in words; empty where it has not."""
    for other in work.claims:
        if other.title == claim.title:
            if _same(other.obtained, claim):
                return "the code of the other gives it"
            if _same(other.claimed, claim):
                return "the other claims it as well"
    return ""


def _same(value: float | None, claim: Claim) -> bool:
    assert claim.claimed is not None
    # A hair more than half a unit: both were rounded.
    return value is not None and abs(value - claim.claimed) <= claim.half_unit * (1 + 1e-9)


def _instead(claim: Claim) -> str:
    return "its code gives none" if claim.obtained is None else f"its code gives {claim.obtained:.12g}"
