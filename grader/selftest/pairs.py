"""Two mistakes in one solution: they cost what each costs alone, and never earn more than either of them alone.

Whatever makes a check lenient where an earlier one has cost points must not be worth breaking that one for; and what
a mistake costs must not depend on which other one it meets.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

PARTNERS = 3
"""Others with which a mistake is tried that only the training on a dataset shows: these pairs are trained."""


@dataclass(frozen=True)
class Pair:
    """Two mistakes, and the source that has both."""

    names: tuple[str, str]
    source: str
    trained: bool = False
    """Whether it is trained on the dataset; its singles are as well, then."""


Lost = Mapping[str, Decimal]
"""Points that a solution loses, by check; those that lose none may be missing."""


@dataclass(frozen=True)
class Weighed:
    """What a pair loses, and each of its mistakes alone."""

    names: tuple[str, str]
    together: Lost
    alone: tuple[Lost, Lost]
    carried: tuple[str, ...] = ()
    """Checks of the pair that earned points for a value that is wrong, and where it says that these were lost."""
    faults: tuple[str, ...] = ()
    why: str = ""
    """Why it need not cost what both cost alone; empty where it has to."""

    @property
    def breaks(self) -> bool:
        """Whether a mistake has earned points here, or the grader has failed."""
        return total(self.together) < max(map(total, self.alone)) or bool(self.faults)

    @property
    def off(self) -> dict[str, Decimal]:
        """By how much checks cost more than both mistakes do there alone, or (negative) less than one of them does."""
        one, two = self.alone
        found = {}
        for id in sorted({*self.together, *one, *two}):
            lost, each = self.together.get(id, NONE), (one.get(id, NONE), two.get(id, NONE))
            if difference := max(lost - sum(each), NONE) + min(lost - max(each), NONE):
                found[id] = difference
        return found


NONE = Decimal(0)


def total(lost: Lost) -> Decimal:
    """All points lost."""
    return sum(lost.values(), NONE)


def pairs(
    base: str, sources: Mapping[str, str], count: int, excused: Sequence[frozenset[str]]
) -> Iterator[Pair]:
    """The first `count` pairs that can be made, in an order that is drawn once and for all.

    `sources` are edits of `base`, by name. Two go together where they edit different lines, not even neighbours.
    `excused` pairs are left out.
    """
    edits = {name: _edits(base, source) for name, source in sources.items()}
    found = 0
    for one, two in sorted(combinations(sources, 2), key=_drawn):
        if found == count:
            return
        source = _combined(base, edits[one], edits[two]) if frozenset((one, two)) not in excused else None
        if source is not None:
            found += 1
            yield Pair((one, two), source)


def with_partners(
    base: str, sources: Mapping[str, str], names: Sequence[str], excused: Sequence[frozenset[str]]
) -> Iterator[Pair]:
    """Each of `names` with the first `PARTNERS` others with which it can be paired; to be trained."""
    for name in names:
        found = 0
        for other in sorted(set(sources) - {name}, key=lambda other: _drawn((name, other))):
            source = _combined(base, _edits(base, sources[name]), _edits(base, sources[other]))
            if source is None or frozenset((name, other)) in excused:
                continue
            found += 1
            yield Pair((name, other), source, trained=True)
            if found == PARTNERS:
                break


def _drawn(names: tuple[str, str]) -> bytes:
    return hashlib.sha256("\0".join(names).encode()).digest()


Edits = list[tuple[int, int, list[str]]]
"""From and up to which line, and what stands there instead."""


def _edits(base: str, source: str) -> Edits:
    before, after = base.splitlines(keepends=True), source.splitlines(keepends=True)
    changes = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return [(i, j, after[k:m]) for what, i, j, k, m in changes if what != "equal"]


def _combined(base: str, one: Edits, two: Edits) -> str | None:
    """Both edits in one text; None where they touch."""
    if any(a[0] <= b[1] and b[0] <= a[1] for a in one for b in two):
        return None
    lines = base.splitlines(keepends=True)
    for start, end, new in sorted([*one, *two], key=lambda edit: -edit[0]):
        lines[start:end] = new
    return "".join(lines)
