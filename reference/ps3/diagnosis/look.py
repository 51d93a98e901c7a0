"""The second look at a hand-in that has lost points: name the mistakes, and let each cost once.

It asks the student's code some more, and compares with what known mistakes would answer (`fitting`). That names
mistakes, and it moves points: what is wrong in a later question only because of a mistake that has cost its points
in an earlier one is given back. So is what could not be judged because code of another question raised: where all
sizes of a network are equal, code runs whose shapes do not fit, and shows what it computes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

import msgspec
import numpy as np

from grader.assignment.reference import Reference
from grader.assignment.rubric import CheckSpec, Rubric
from grader.checks.base import Bench
from grader.checks.compare import Tolerance
from grader.checks.words import ONE_BEHIND, careful, full
from grader.model import CheckResult, Outcome

from .. import misconceptions
from ..kinds.backward import FIRST_LAYER, Gradient
from ..kinds.cases import NAMES
from ..kinds.forward import Scores
from ..kinds.histories import Histories
from ..kinds.predict import Predict
from ..kinds.steps import Decay, Epoch, UpdateStep
from ..kinds.toy_training import ToyTraining
from . import structure
from .alone import played
from .asked_again import Results, judged, with_equal_sizes
from .fitting import Bound, Explanation, Fitting, Known, changed, together
from .subjects import Form, Labels, Loss, Subject, Training, key_of

LOST = (Outcome.FAILED, Outcome.PARTIAL, Outcome.SKIPPED)


class Library:
    """What known mistakes answer, kept for all hand-ins of a run. May be used by several threads."""

    def __init__(self) -> None:
        self._known: dict[Any, Known] = {}
        self._costs: dict[Any, Mapping[str, Decimal]] = {}

    def known(self, key: Any, subject: Callable[[], Subject], rubric: Rubric, reference: Reference) -> Known:
        """The known mistakes about a subject that `key` names."""
        whole = (rubric.fingerprint, rubric.key, key)
        if whole not in self._known:
            self._known[whole] = Known(subject(), reference)
        return self._known[whole]

    def costs_alone(self, bench: Bench, form: Form) -> Mapping[str, Decimal]:
        """Points that a known mistake loses by itself, by check of `loss`."""
        whole = (bench.rubric.fingerprint, bench.rubric.key, form)
        if whole not in self._costs:
            by_itself = played(bench, form)
            ids = [id for id, check in bench.rubric.checks.items() if key_of(check)]
            found = _Look(by_itself, judged(by_itself, ids), self).revised()
            self._costs[whole] = {id: one.points - one.earned for id, one in found.items()}
        return self._costs[whole]


def second_look(bench: Bench, results: Mapping[str, CheckResult], library: Library) -> Results:
    """The results of all checks so far, with mistakes named and points moved.

    Raises `StudentFault` and `OutOfTime`; the results are then as good as they were.
    """

    def alone(form: Form) -> Mapping[str, Decimal]:
        return library.costs_alone(bench, form)

    return _Look(bench, dict(results), library, alone).revised()


@dataclass(frozen=True)
class _Close:
    """How close is close; equal for all hand-ins that are compared alike."""

    tolerance: Tolerance
    single: bool

    def __call__(self, expected: np.ndarray | float) -> float:
        return self.tolerance.bound(expected, self.single)


@dataclass
class _Look:
    bench: Bench
    results: Results
    library: Library
    costs_alone: Callable[[Form], Mapping[str, Decimal]] | None = None
    """Points that a known mistake loses by itself, by check of `loss`."""
    named: dict[str, Explanation] = field(default_factory=dict)
    """Check id to the one explanation of what it lost, of those for which there is just one."""
    _fittings: dict[str, Fitting] = field(default_factory=dict)
    """What `loss` answers, by activation."""

    def revised(self) -> Results:
        for activation in self._activations:
            if any(self._lost(id) for id in self._about_loss(activation)):
                self._loss(activation)
        self._training()
        self._labels()
        self._once()
        return self.results

    # ---- what there is ----

    @cached_property
    def _checks(self) -> dict[str, Any]:
        return {id: check for id, check in self.bench.rubric.checks.items() if id in self.results}

    @property
    def _activations(self) -> list[str]:
        """In the order of the rubric: the first one is that of the earlier questions."""
        return list(dict.fromkeys(c.activation for c in self._checks.values() if isinstance(c, Gradient)))

    def _about_loss(self, activation: str) -> dict[str, str]:
        """Ids of the checks of `loss` with an activation, and the key of each (see `subjects.Loss`)."""
        return {
            id: key
            for id, check in self._checks.items()
            if (key := key_of(check)) and check.activation == activation
        }

    def _lost(self, id: str) -> bool:
        return self.results[id].outcome in LOST and self.results[id].earned < self.results[id].points

    def _has_cost(self, id: str) -> bool:
        """Whether what is wrong there has cost points: there, or in the check that it was carried from."""
        source = self.results[id].carried_from
        return self._lost(id) or bool(source and self._lost(source))

    def _question(self, id: str) -> int:
        """Number of the question that a check belongs to."""
        return next(
            i for i, q in enumerate(self.bench.rubric.questions) if any(spec.id == id for spec in q.checks)
        )

    def _fitting(self, key: Any, subject: Callable[[], Subject]) -> Fitting:
        known = self.library.known(key, subject, self.bench.rubric, self.bench.reference)
        return Fitting(known, known.subject.of_hand_in(self.bench), self._bound(known.subject))

    def _bound(self, subject: Subject) -> Bound:
        """How close is close: as close as the checks of gradients want it."""
        tolerance: Tolerance = next(c.tolerance for c in self._checks.values() if isinstance(c, Gradient))
        single = subject.computed_single(self.bench)
        return _Close(tolerance, single)

    # ---- naming ----

    def _loss(self, activation: str) -> None:
        rubric, reference = self.bench.rubric, self.bench.reference
        fitting = self._fitting(("loss", activation), lambda: Loss(rubric, reference, activation))
        self._fittings[activation] = fitting
        checks = self._about_loss(activation)
        self._on_equal_sizes(fitting, checks)
        before: dict[str, str] = {}
        described = []
        for id, key in checks.items():
            if self._lost(id) and fitting.wrong(key):
                found = self._name(id, fitting, key) if self._lost_for_its_value(id, fitting, key) else []
                if found:
                    continue
                if not isinstance(self._checks[id], Gradient):
                    before[key] = id
                elif self._describe(id, fitting, key):
                    described.append(id)
        self._one_behind([id for id in described if not self._same_as_before(id)], before)

    def _lost_for_its_value(self, id: str, fitting: Fitting, key: str) -> bool:
        """False where the hand-in raised when asked here, but that is not what the check has found."""
        raised = all(answer is None for answer in fitting.observed[key].values())
        result = self.results[id]
        return not raised or result.outcome is Outcome.SKIPPED or result.place is not None

    def _training(self) -> None:
        """`train` is named by its parameters' way; a mistake of `loss` that is known is taken into account."""
        rubric, reference = self.bench.rubric, self.bench.reference
        for activation in self._activations:
            lost = [
                id
                for id, check in self._checks.items()
                if isinstance(check, ToyTraining | UpdateStep | Decay)
                and check.activation == activation
                and self._lost(id)
            ]
            if not lost:
                continue
            base = self._base(activation)
            fitting = self._fitting(
                ("training", activation, base),
                lambda: Training(rubric, reference, activation, base),  # noqa: B023
            )
            if fitting.wrong("parameters"):
                for id in lost:
                    self._name(id, fitting, "parameters")
                self._beside_training(lost)

    def _beside_training(self, of_training: Sequence[str]) -> None:
        """Point from what else `train` does wrong, and no mistake is looked for in, to the mistake that is named."""
        named = next((id for id in of_training if self.results[id].mistakes), "")
        for id, check in self._checks.items():
            if not (named and isinstance(check, Epoch | Histories) and self._lost(id)):
                continue
            if check.activation == self._checks[named].activation and self._question(id) == self._question(
                named
            ):
                self.results[id] = msgspec.structs.replace(
                    self.results[id], diagnosis=ONE_BEHIND.format(title=self.results[named].title), hint=""
                )

    def _base(self, activation: str) -> tuple[Form, ...]:
        """Networks that hold the mistakes of `loss` that have been named, and can be one."""
        about = self._about_loss(activation)
        # In the order of the checks: a set of classes has another order in each process.
        networks = dict.fromkeys(self.named[id].network for id in about if id in self.named)
        base: tuple[Form, ...] = ()
        for network in sorted(networks, key=lambda form: -len(form.__mro__)):
            if not any(issubclass(other, network) for other in base) and together((*base, network)):
                base = (*base, network)
        return base

    def _labels(self) -> None:
        rubric, reference = self.bench.rubric, self.bench.reference
        for id, check in self._checks.items():
            if isinstance(check, Predict) and self._lost(id):
                activations = check.activations
                fitting = self._fitting(
                    ("labels", activations),
                    lambda: Labels(rubric, reference, activations),  # noqa: B023
                )
                if fitting.wrong("labels"):
                    self._name(id, fitting, "labels")

    def _name(self, id: str, fitting: Fitting, key: str) -> list[Explanation]:
        """Put the names of what explains a key into a check's result."""
        found = fitting.explain(key, {name for one in self.named.values() for name in one.names})
        if found:
            if len(found) == 1:
                self.named[id] = found[0]
            self.results[id] = msgspec.structs.replace(
                self.results[id],
                diagnosis=self._words(id, found),
                hint="",
                detail="; ".join([*filter(None, [self.results[id].detail]), *map(_for_staff, found)]),
                mistakes=tuple(dict.fromkeys(name for one in found for name in one.names)),
            )
        return found

    def _words(self, id: str, found: list[Explanation]) -> str:
        """For the student; a sentence that stands in the same question already is not said again."""
        told = {
            other: explanation
            for other, explanation in self.named.items()
            if other != id and self._question(other) == self._question(id)
        }
        for other, explanation in told.items():
            if [explanation] == found:
                return f"The same mistake as in {self._quoted(other)}."
        alternatives = [_together([self._sentence(name, told) for name in one.names]) for one in found]
        if len(alternatives) == 1:
            return alternatives[0]
        return "One of these fits exactly; all of them give the same numbers here. " + " Or: ".join(
            alternatives
        )

    def _sentence(self, name: str, told: Mapping[str, Explanation]) -> str:
        """What is said of a mistake, or where that is said."""
        for other, explanation in told.items():
            if explanation.names == (name,):
                return f"The mistake in {self._quoted(other)}."
            if name in explanation.names:
                which = "first" if explanation.names.index(name) == 0 else "second"
                return f"The {which} mistake in {self._quoted(other)}."
        words = self.bench.rubric.mistakes[name]
        is_told = any(_of_any(one) == _of_any(name) for other in told.values() for one in other.names)
        return (
            re.split(_AFTER_A_SENTENCE, words)[0] if is_told else words
        )  # why it is one was said of another parameter

    def _quoted(self, id: str) -> str:
        return f"\N{LEFT DOUBLE QUOTATION MARK}{self.results[id].title}\N{RIGHT DOUBLE QUOTATION MARK}"

    def _one_behind(self, described: Sequence[str], before: Mapping[str, str]) -> None:
        """Of gradients that no known mistake explains, point from those that one mistake may have spoilt to the first.

        What is wrong at the scores is in all gradients, and what is wrong at the hidden layer in the first layer's.
        What is wrong in the forward pass, and not explained either, comes `before` them all: ids of checks, by key.
        """
        forward = [before[key] for key in ("scores", "data", "toy-loss") if key in before]
        if first := next(iter([*forward, *before.values()]), ""):
            self._point([*forward[1:], *described], first)
            return
        params = {self._checks[id].param: id for id in described}
        first_layer = [id for id in described if self._checks[id].param in FIRST_LAYER]
        spoilt = described if len(params) == len(NAMES) else first_layer
        whole = len(params) == len(NAMES) or set(params) == set(FIRST_LAYER)
        if not whole:
            return
        self._point(spoilt[1:], spoilt[0])

    def _same_as_before(self, id: str) -> bool:
        """Point to a gradient of an earlier activation that nothing explains either: much of it is the same code."""
        source = self._spec(id).shared_with
        if not (source and self._lost(source) and source not in self.named):
            return False
        self._point([id], source)
        return True

    def _point(self, ids: Sequence[str], first: str) -> None:
        """Say where to look first, in place of another thing to do."""
        behind = ONE_BEHIND.format(title=self.results[first].title)
        for id in ids:
            found = self.results[id].diagnosis.removeprefix(structure.UNKNOWN).strip()
            self.results[id] = msgspec.structs.replace(
                self.results[id], diagnosis=f"{found} {behind}".strip(), hint=""
            )

    def _describe(self, id: str, fitting: Fitting, param: str) -> bool:
        """Say how a gradient differs that no known mistake explains, where that can be said."""
        subject = fitting.known.subject
        assert isinstance(subject, Loss)
        right = fitting.known.answers(fitting.known.right)[param]
        pairs = []
        for place in subject.usual:
            case, observed, expected = subject.cases[place], fitting.observed[param][place], right[place]
            if observed is None or expected is None or observed.shape != expected.shape:
                return False
            shape = case.params[param].shape
            off = case.X @ case.params["W1"] + case.params["b1"] < 0
            pairs.append(
                structure.Pair(
                    case, observed.reshape(shape), expected.reshape(shape), fitting.bound(expected), off
                )
            )
        words = structure.describe(param, pairs)
        result = self.results[id]
        told, more = (careful(words), full(words)) if result.hidden else (full(words), "")
        detail = "; ".join(filter(None, [result.detail, more if more != told else ""]))
        self.results[id] = msgspec.structs.replace(result, diagnosis=told, detail=detail)
        return True

    # ---- points ----

    def _on_equal_sizes(self, fitting: Fitting, checks: dict[str, str]) -> None:
        """Where `loss` raises on the usual sizes, judge it where all sizes are equal and it runs."""
        subject = fitting.known.subject
        assert isinstance(subject, Loss)
        at = fitting.observed["data"]
        usual = [at[place] for place in subject.usual if subject.cases[place].net.batch > 1]
        if any(a is not None for a in usual) or any(at[place] is None for place in subject.lenient):
            return
        lost = {id: key for id, key in checks.items() if self._lost(id)}
        there = {id: self._there[id] for id in lost if id in self._there}
        is_right = {id: result.earned == result.points for id, result in there.items()}
        of_loss = [id for id, key in lost.items() if key in ("data", "penalty")]
        if len(of_loss) == 2 and all(is_right[id] for id in of_loss):
            is_right |= {id: True for id, key in lost.items() if key == "toy-loss"}
        wrong = [id for id, right in is_right.items() if not right and lost[id] != "scores"]
        if not (culprits := wrong or [id for id, key in lost.items() if key in ("toy-loss", *of_loss)]):
            return
        for id, right in is_right.items():
            if right and (wrong or lost[id] not in ("toy-loss", "data", "penalty")):
                self._give_back(id, culprits[0], _RUNS_ON_EQUAL_SIZES)
        for id in wrong:
            if self.results[id].outcome is Outcome.SKIPPED:
                self.results[id] = msgspec.structs.replace(
                    self.results[id],
                    outcome=Outcome.FAILED,
                    message=f"{_FAILS} There {_SUBJECTS.get(lost[id], f'grads[{lost[id]!r}]')} is wrong.",
                    hint=self._spec(id).hint,
                )

    @cached_property
    def _there(self) -> Results:
        """What the checks of `loss` say of networks whose sizes are all equal."""
        ids = [id for id, check in self._checks.items() if key_of(check) not in ("", "toy-loss")]
        return judged(with_equal_sizes(self.bench), ids)

    def _spec(self, id: str) -> CheckSpec:
        return next(s for q in self.bench.rubric.questions for s in q.checks if s.id == id)

    def _once(self) -> None:
        """What follows from a mistake that has cost its points in an earlier question is given back."""
        shared: dict[str, str] = {}
        for id in list(self.results):
            if self._lost(id) and id in self.named and (source := self._home(id)):
                self._give_back(id, source, _COST_ELSEWHERE)
            elif self._lost(id) and (source := self._shared(id)):
                self._give_back(id, source, _SHARED)
                shared[id] = source
        for id, found in self.named.items():
            if self._lost(id):
                self._each_alone(id, found)
        for id, source in shared.items():
            own = [other for other in self._about_loss(self._checks[id].activation) if self._lost(other)]
            if own:  # nothing is said to be right above a check that has failed
                title = self.results[source].title
                self.results[id] = msgspec.structs.replace(
                    self.results[id], message=_SAME_CODE.format(title=title)
                )

    def _each_alone(self, id: str, found: Explanation) -> None:
        """Mistakes that explain a check cost there what each of them costs alone, whatever else is wrong."""
        key = key_of(self._checks[id])
        if not (key and self.costs_alone):
            return
        fitting = self._fittings[self._checks[id].activation]
        if any(
            answer is None and place not in fitting.known.subject.lenient
            for place, answer in fitting.observed[key].items()
        ):
            return  # code that raises does not show what else is wrong, nor what it has got right by then
        own, right = self._own_steps(id), misconceptions.Network
        if not (changed(found.network, right) & own or fitting.shows(found.network, key, own)):
            return
        result, costs = self.results[id], [self.costs_alone(part) for part in found.parts]
        sources = [
            next((o for o in self.results if o != id and self._lost(o) and cost.get(o)), "") for cost in costs
        ]
        too_much = (
            result.points - result.earned - sum((cost.get(id, Decimal(0)) for cost in costs), Decimal(0))
        )
        if too_much > 0 and all(sources):
            titles = dict.fromkeys(self.results[source].title for source in sources)
            why = (
                _COST_ELSEWHERE if len(titles) == 1 else _EACH_ALONE.format(titles=", and in: ".join(titles))
            )
            self._give_back(id, sources[0], why, too_much)

    def _home(self, id: str) -> str:
        """The check of an earlier question that has lost points for the mistake that explains this one; else empty.

        The mistake must be in lines that the earlier one is about, and not in those of this one, which must still
        show. (Code that raises in a later line takes earlier points with it; there the mistake is not at home.)
        """
        explanation, check = self.named[id], self._checks[id]
        if not key_of(check):
            return ""
        own = self._own_steps(id)
        sources = {
            name: other
            for other, found in reversed(self.named.items())  # of several, the first
            if self._lost(other)
            and self._question(other) < self._question(id)
            and key_of(self._checks[other])
            and changed(found.network, misconceptions.Network) & self._own_steps(other)
            for name in found.names
        }
        fitting = self._fittings[check.activation]
        if (
            set(explanation.names) <= set(sources)
            and not changed(explanation.network, misconceptions.Network) & own
            and fitting.shows(explanation.network, key_of(check), own)
        ):
            return sources[explanation.names[0]]
        return ""

    def _own_steps(self, id: str) -> frozenset[str]:
        """The steps of the lines that a check of `loss` is about."""
        check = self._checks[id]
        if check.activation != self._activations[0]:
            own: frozenset[str] = misconceptions.ACTIVATION_STEPS
            return own
        own = misconceptions.BACKWARD_STEPS if isinstance(check, Gradient) else misconceptions.FORWARD_STEPS
        return own

    def _shared(self, id: str) -> str:
        """The check of the same lines with another activation, where this one's own are proven right elsewhere."""
        source, check = self._spec(id).shared_with, self._checks[id]
        if not (source and key_of(check) and check.activation in self._fittings and self._has_cost(source)):
            return ""
        if (
            isinstance(check, Gradient)
            and check.param in FIRST_LAYER
            and self._own_scores_lost(check.activation)
        ):
            return ""
        steps = misconceptions.ACTIVATION_STEPS
        if not self._fittings[check.activation].proven(key_of(check), steps):
            return ""
        return self.results[source].carried_from or source

    def _own_scores_lost(self, activation: str) -> bool:
        """Whether an activation's own forward pass is wrong: then nothing elsewhere proves its slope."""
        return any(
            isinstance(check, Scores) and check.activation == activation and self._lost(id)
            for id, check in self._checks.items()
        )

    def _give_back(self, id: str, source: str, why: str, points: Decimal | None = None) -> None:
        """Give all the points back, or so many of them."""
        result = self.results[id]
        earned = result.points if points is None else result.earned + points
        self.results[id] = msgspec.structs.replace(
            result,
            outcome=Outcome.PASSED if earned == result.points else Outcome.PARTIAL,
            earned=earned,
            message=why.format(title=self.results[source].title),
            hint="",
            diagnosis="",
            carried_from=source,
        )


_SUBJECTS = {"data": "the loss without regularisation", "penalty": "what reg adds to the loss"}
_FAILS = "loss fails where the sizes of a network differ, so it was asked where they are all equal."
_RUNS_ON_EQUAL_SIZES = _FAILS + " This part is right there."
_SAME_CODE = "What goes wrong here is code that has been judged before."
_SHARED = (
    "What this activation has of its own is right, as the other checks show; what goes wrong here is code that has "
    "been judged before."
)
_EACH_ALONE = "This is exactly what follows from the mistakes in: {titles}. Nothing else is wrong here."
_COST_ELSEWHERE = "This is exactly what follows from a mistake elsewhere. Nothing else is wrong here."


_AFTER_A_SENTENCE = r"(?<=[.?]) "


def _of_any(name: str) -> str:
    """A mistake's name without the parameter that it is about."""
    param, _, rest = name.partition("-")
    return rest if param in NAMES else name


def _together(sentences: list[str]) -> str:
    if len(sentences) == 1:
        return sentences[0]
    return "Two mistakes together give exactly this. " + " And: ".join(sentences)


def _for_staff(found: Explanation) -> str:
    return "fits everywhere: " + " with ".join(f"{part.name} ({part.staff})" for part in found.parts)
