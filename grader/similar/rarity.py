"""How much two hand-ins share, weighed by how few of the class have it.

What is compared are features: each hand-in has some, and a matrix says which. Only features that few have are
multiplied out, so the work grows with what is shared, and not with all pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import log

import numpy as np
from scipy import sparse

from .result import Evidence, KindName

COMMON = 5
"""What more than one in so many of the class have says nothing of any two of them."""
FEW = 3
"""So many may have it in the smallest class."""


@dataclass(frozen=True)
class Kind:
    """One kind of evidence over a class."""

    name: KindName
    amounts: sparse.csr_matrix
    """What hand-ins share, above the diagonal; the rows of the class come first, and those behind share nothing."""
    evidence: Callable[[int, int], list[Evidence]]
    """What two of them share, the most telling first."""
    overlap: int = 1
    """How many features are about one and the same thing: runs that begin at neighbouring tokens are."""


def most(members: int) -> int:
    """How many of a class of that size may have what is called rare; never all of it."""
    return min(max(FEW, members // COMMON), members - 1)


def matrix(owned: Sequence[np.ndarray]) -> tuple[sparse.csr_matrix, np.ndarray]:
    """Which hand-in has which feature, of the distinct features that each has; and the features, sorted."""
    lengths = [len(one) for one in owned]
    every = np.concatenate(owned) if owned else np.zeros(0, np.uint64)
    features, columns = np.unique(every, return_inverse=True)
    rows = np.repeat(np.arange(len(owned)), lengths)
    shape = (len(owned), len(features))
    return sparse.csr_matrix((np.ones(len(every)), (rows, columns)), shape=shape), features


def counts(has: sparse.csr_matrix, members: int) -> np.ndarray:
    """How many of the class have each feature; one from outside counts as one where nobody of the class has it."""
    found: np.ndarray = np.asarray(has[:members].sum(axis=0)).ravel()
    kept: np.ndarray = np.maximum(found, 1)
    return kept


def shared(has: sparse.csr_matrix, members: int, among: np.ndarray | None = None) -> sparse.csr_matrix:
    """The sum over the rare features that two share of `log(among / how many have it)`.

    `among`: of how many a feature's holders are; by default all of the class.
    """
    have = counts(has, members)
    both = np.asarray(has.sum(axis=0)).ravel()
    kept = np.flatnonzero((both >= 2) & (have <= most(members)))
    weight = np.log((members if among is None else among[kept]) / have[kept])
    scaled = has[:, kept] @ sparse.diags(np.sqrt(weight))
    return upper(scaled @ scaled.T, members)


def upper(amounts: sparse.spmatrix, members: int) -> sparse.csr_matrix:
    """What stands above the diagonal, but nothing of two that are both from outside."""
    found = sparse.triu(amounts, 1).tocoo()
    inside = found.row < members
    return sparse.csr_matrix((found.data[inside], (found.row[inside], found.col[inside])), shape=found.shape)


def without(kind: Kind, pairs: Iterable[tuple[int, int]]) -> Kind:
    """The same, but these pairs share nothing."""
    amounts = kind.amounts.tolil()
    for pair in pairs:
        amounts[pair] = 0.0
    amounts = amounts.tocsr()
    amounts.eliminate_zeros()
    return replace(kind, amounts=amounts)


def weigh(have: int, members: int) -> float:
    """Minus the logarithm of the share of the class that has something."""
    return log(members / have)
