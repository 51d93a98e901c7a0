"""Which known mistakes fit: those whose formulas give what the hand-in gave, wherever it was asked.

Nothing is guessed. A mistake explains a key (see `subjects`) where all of its answers are the hand-in's, to the
precision of the checks, and not all of them the right ones. Among several, those that explain more of what is wrong
and contradict less of what is right come first; those that are still equal are all named.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from grader.assignment.reference import Reference

from .. import misconceptions
from .first_numbers import First, Table, first_of
from .formulas import Answer
from .subjects import Answers, Form, Subject

Bound = Callable[[np.ndarray | float], float]
"""From the expected values, or the largest of them, the largest accepted absolute difference; equal where it does the
same."""
T = TypeVar("T")


@dataclass(frozen=True)
class Explanation:
    """One known mistake, or two that only together explain what was found."""

    parts: tuple[Form, ...]
    network: Form
    """A network with all of them."""

    @property
    def names(self) -> tuple[str, ...]:
        """What the mistakes are called."""
        return tuple(part.name for part in self.parts)


class Known:
    """The answers of every known mistake about one subject: the same for all hand-ins, so computed once.

    May be used by several threads.
    """

    def __init__(self, subject: Subject, reference: Reference) -> None:
        self.subject = subject
        self.right: Form = misconceptions.Network
        self.forms = subject.forms(reference)
        self._places: dict[str, list[str]] = {}
        self._parts: dict[tuple[Form, str], Answers] = {}
        self._whole: dict[Form, Answers] = {}
        self._glimpses: dict[Form, Answers] = {}
        self._firsts: dict[tuple[Form, str], First] = {}
        self._pairs: dict[tuple[Form, Form], tuple[Explanation, ...]] = {}
        self._kept: dict[Any, Any] = {}

    def once(self, question: tuple[Any, ...], answer: Callable[[], T]) -> T:
        """What `answer` returns, or has returned to a question about known mistakes alone."""
        if question not in self._kept:
            self._kept[question] = answer()
        found: T = self._kept[question]
        return found

    def answers(self, form: Form) -> Answers:
        """What it answers everywhere."""
        if form not in self._whole:
            self._whole[form] = self._at(form, self.subject.places)
        return self._whole[form]

    def glimpse(self, form: Form) -> Answers:
        """What it answers at the few places that tell most."""
        if form not in self._glimpses:
            self._glimpses[form] = self._at(form, self.subject.glimpse)
        return self._glimpses[form]

    def one_by_one(self, form: Form, key: str) -> Iterator[tuple[str, Answer]]:
        """Its answers to a key, and their places: each is computed when its turn comes, and mostly one is enough."""
        for place in self._places_of(key):
            yield from self._part(form, place)[key].items()

    def first(self, form: Form, key: str) -> First:
        """Of the first answer to a key, what tells it from most others."""
        found = self._firsts.get((form, key))
        if found is None:
            found = self._firsts[form, key] = first_of(*next(self.one_by_one(form, key)))
        return found

    def _places_of(self, key: str) -> list[str]:
        """Where there are answers to a key: not everywhere is everything asked."""
        if key not in self._places:
            self._places[key] = [at for at in self.subject.places if self._part(self.right, at)[key]]
        return self._places[key]

    def _at(self, form: Form, places: Iterable[str]) -> Answers:
        parts = [self._part(form, place) for place in places]
        return {key: {at: a for part in parts for at, a in part[key].items()} for key in parts[0]}

    def _part(self, form: Form, place: str) -> Answers:
        found = self._parts.get((form, place))
        if found is None:
            found = self._parts[form, place] = self.subject.of_form(form, (place,))
        return found

    def like(
        self, key: str, forms: tuple[Form, ...], bound: Bound, answers: dict[str, Answer]
    ) -> list[Explanation]:
        """Every two of some mistakes whose first answer to a key is the one of these answers, to the bound."""

        def table() -> Table[Explanation]:
            pairs = list(self.pairs(forms))
            return Table(pairs, [self.first(pair.network, key) for pair in pairs], bound)

        return self.once(("like", key, forms, bound), table).not_denied(answers)

    def pairs(self, forms: Iterable[Form]) -> Iterator[Explanation]:
        """Every two of some mistakes, in one network; one network for all hand-ins, as what it answers is kept."""
        for one, two in itertools.combinations(forms, 2):
            if one.name != two.name:
                yield from self._pair(one, two)

    def _pair(self, one: Form, two: Form) -> tuple[Explanation, ...]:
        found = self._pairs.get((one, two))
        if found is None:
            made = tuple(Explanation((one, two), network) for network in _together(one, two, self.right))
            found = self._pairs.setdefault((one, two), made)
        return found


def _together(one: Form, two: Form, right: Form) -> Iterator[Form]:
    """Both mistakes in one network; in both orders where they change the same step."""
    orders = [(one, two), (two, one)] if changed(one, right) & changed(two, right) else [(one, two)]
    yield from filter(None, map(together, orders))


def together(forms: tuple[Form, ...]) -> Form | None:
    """One network with all of some mistakes, the first of which comes last; None where one is a form of another."""
    try:
        return type("Together", forms, {})
    except TypeError:
        return None


def changed(form: Form, right: Form) -> frozenset[str]:
    """Names of the steps that a mistake changes."""
    steps = (name for name, value in vars(right).items() if callable(value) and not name.startswith("_"))
    return frozenset(name for name in steps if getattr(form, name) is not getattr(right, name))


@dataclass(frozen=True)
class Fitting:
    """One hand-in's answers about a subject, beside those of the known mistakes."""

    known: Known
    observed: Answers
    bound: Bound

    def wrong(self, key: str) -> bool:
        """Whether some answer of the hand-in is wrong."""
        return not self._equal(self.known.right, key)

    def explain(self, key: str, told: Collection[str] = ()) -> list[Explanation]:
        """The best explanations of what is wrong with a key: one, several that fit equally well, or none.

        Mistakes that are `told` of this hand-in already come before others: the fewest that explain it all are wanted.
        """
        single = self._single(key)
        known = [one for one in single if set(one.names) <= set(told)]
        return self._best(known or single or self._double(key))

    def _single(self, key: str) -> list[Explanation]:
        return [Explanation((form,), form) for form in self.known.forms if self.fits(form, key)]

    def _double(self, key: str) -> list[Explanation]:
        """Pairs of mistakes that both show in a key; where that takes long to see, of those found already."""
        if all(answer is None for answer in self.observed[key].values()):
            return []
        if self.known.glimpse(self.known.right)[key]:
            touching = self.known.once(
                ("touching", key, self.bound),
                lambda: tuple(form for form in self.known.forms if self._touches(form, key)),
            )
        else:
            found = {one.network for other in self.observed if other != key for one in self._single(other)}
            touching = tuple(form for form in self.known.forms if form in found)
        alike = self.known.like(key, touching, self.bound, self.observed[key])
        return [pair for pair in alike if self.fits(pair.network, key)]

    def proven(self, key: str, steps: frozenset[str]) -> bool:
        """Whether no mistake in some steps is behind what is wrong with a key: each would show where all is right."""
        own = self._own(key, steps)
        return bool(own) and all(self._excluded(form) for form in own)

    def _own(self, key: str, steps: frozenset[str]) -> list[Form]:
        """Known mistakes in some steps, and in no others, that show in a key."""
        own = [form for form in self.known.forms if changed(form, self.known.right) <= steps]
        return [form for form in own if self._differs_from_right(form, key)]

    def _excluded(self, form: Form) -> bool:
        """Whether a mistake would show in a key that is right wherever there are numbers.

        Not in one that somebody can have learnt by heart.
        """
        for key, answers in self.observed.items():
            right, found = self.known.answers(self.known.right)[key], self.known.answers(form)[key]
            numeric = [place for place, answer in answers.items() if answer is not None]
            if (
                key not in self.known.subject.public
                and all(same(answers[place], right[place], self.bound) for place in numeric)
                and not all(same(found[place], right[place], self.bound) for place in numeric)
            ):
                return True
        return False

    def shows(self, network: Form, key: str, steps: frozenset[str]) -> bool:
        """Whether mistakes in some steps would still show in a key of a network that has another mistake.

        A gradient that is zero for whatever reason, say, shows nothing of the lines that it is made of.
        """
        return self.known.once(
            ("shows", network, key, steps, self.bound), lambda: self._shows(network, key, steps)
        )

    def _shows(self, network: Form, key: str, steps: frozenset[str]) -> bool:
        subject, right = self.known.subject, self.known.answers(self.known.right)[key]
        answers = self.known.answers(network)[key]
        found = {place: answers[place] for place in subject.sample if answers.get(place) is not None}

        def alike(one: dict[str, Answer], two: dict[str, Answer]) -> bool:
            return all(same(one[place], two[place], self.bound) for place in found)

        own = [form for form in self._own(key, steps) if not alike(self.known.answers(form)[key], right)]
        both = (
            subject.of_form(pair, found)[key]
            for form in own
            for pair in _together(form, network, self.known.right)
        )
        return bool(own) and not any(alike(with_both, found) for with_both in both)

    def fits(self, network: Form, key: str) -> bool:
        """Whether it explains a key, and nothing that comes before speaks against it."""
        return (
            not self._denied_at_first(network, key)
            and self._explains(network, key)
            and any(
                self._explains(network, other) and self._telling(network, other) for other in self.observed
            )
            and not any(self._contradicts(network, other) for other in self._before(key))
        )

    def _denied_at_first(self, network: Form, key: str) -> bool:
        """Whether one number shows that it does not explain a key: of nearly all pairs of mistakes it does."""
        first = self.known.first(network, key)
        if first.shape is None:
            return False
        answer = self.observed[key][first.place]
        if answer is None or answer.shape != first.shape:
            return True
        return not abs(float(answer.flat[0]) - first.entry) <= self.bound(first.largest)

    def _before(self, key: str) -> tuple[str, ...]:
        before = self.known.subject.before
        return before if key in before else tuple(self.observed)

    def _best(self, found: list[Explanation]) -> list[Explanation]:
        """Those of the highest rank, one for each set of names."""
        ranks = [self._rank(one.network) for one in found]
        best: dict[frozenset[str], Explanation] = {}
        for one, rank in zip(found, ranks, strict=True):
            if rank == max(ranks):
                best.setdefault(frozenset(one.names), one)
        return list(best.values())

    def _rank(self, form: Form) -> int:
        """How many keys it explains, less how many it would have made wrong that are right."""
        return sum(self._explains(form, key) - self._contradicts(form, key) for key in self.observed)

    def _explains(self, form: Form, key: str) -> bool:
        return self._equal(form, key) and self._differs_from_right(form, key)

    def _telling(self, form: Form, key: str) -> bool:
        """Whether its answers say more than that code fails wherever the sizes of a network differ."""
        answers, right = self.known.answers(form)[key], self.known.answers(self.known.right)[key]
        lenient = self.known.subject.lenient
        return any(
            answer is not None and (place not in lenient or not same(answer, right[place], self.bound))
            for place, answer in answers.items()
        )

    def _contradicts(self, form: Form, key: str) -> bool:
        return not self.wrong(key) and self._differs_from_right(form, key)

    def _differs_from_right(self, form: Form, key: str) -> bool:
        def differs() -> bool:
            right = self.known.answers(self.known.right)[key]
            return not all(same(a, right[place], self.bound) for place, a in self.known.one_by_one(form, key))

        return self.known.once(("differs", form, key, self.bound), differs)

    def _touches(self, form: Form, key: str) -> bool:
        right = self.known.glimpse(self.known.right)[key]
        return not all(
            same(a, right[place], self.bound) for place, a in self.known.glimpse(form)[key].items()
        )

    def _equal(self, form: Form, key: str) -> bool:
        """Whether the hand-in gave a mistake's answers, at the places where there are any."""
        observed = self.observed[key]
        return all(same(observed[place], a, self.bound) for place, a in self.known.one_by_one(form, key))


def same(one: Answer, two: Answer, bound: Bound) -> bool:
    """Whether two answers agree to the bound of the second; NaN agrees with NaN, infinity with itself."""
    if one is None or two is None:
        return one is two
    if one.shape != two.shape:
        return False
    if one.size and (largest := np.abs(one - two).max()) < np.inf:  # nearly always: and asked a million times
        return bool(largest <= bound(two))
    finite = np.isfinite(two)
    if not np.array_equal(one[~finite], two[~finite], equal_nan=True):
        return False
    off = np.abs(one[finite] - two[finite])
    return bool(np.all(off <= bound(two[finite])))
