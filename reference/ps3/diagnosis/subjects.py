"""What a hand-in answers, and what a known mistake would answer, to the same questions.

A subject is a group of questions that belong together: all that `loss` answers with one activation, what `train`
does, what `predict` returns. A question has a key and a place: the gradient of W1 (key) on the second network
(place). That no answer comes, because code raises or returns no numbers, is an answer too: None.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from grader.assignment.reference import Reference
from grader.assignment.rubric import Net, Rubric
from grader.checks.base import Bench, Malformed
from grader.student.child.protocol import Numbers
from grader.student.faults import StudentError

from .. import misconceptions, toy
from ..kinds.backward import Gradient
from ..kinds.cases import (
    MOST_NUMBERS,
    NAMES,
    Case,
    Params,
    ask_loss,
    ask_scores,
    computed_single,
    draw,
    far_from_zero,
    held_net,
    hidden_cases,
    observe_losses,
    observe_scores,
)
from ..kinds.forward import DataLoss, Scores, ToyLoss
from ..kinds.pairs import loss_and_grads
from ..kinds.predict import networks
from ..kinds.training import SMALL, train_on
from .formulas import Answer, Formulas

Form = type[Any]
"""A class of the reference's misconceptions: a network with a known mistake."""
Answers = dict[str, dict[str, Answer]]
"""Key, then place, to an answer."""

EQUAL_SIZES = Net(inputs=5, hidden=5, classes=5, batch=5, reg=0.4)
"""Here also code runs whose shapes do not fit, so that something can be seen of it."""
THREE_CLASSES = Net(inputs=6, hidden=8, classes=3, batch=7, reg=0.25)
"""The toy problem's number of classes, but none of its other sizes."""

TEN_CLASSES = Net(inputs=3, hidden=5, classes=10, batch=6, reg=0.15)
"""The same for the number of digits."""


class Subject:
    """One group of questions; equal for every hand-in of a course."""

    places: tuple[str, ...]
    """All that can be asked about by itself: first what shows most."""
    glimpse: tuple[str, ...]
    """Of these, what is quick to ask about and shows most mistakes."""
    public: ClassVar[tuple[str, ...]] = ()
    """Keys whose right answers are known to everybody."""
    sample: tuple[str, ...] = ()
    """Places at which every mistake shows that shows at all, or nearly so."""
    lenient: tuple[str, ...] = ()
    """Places where also code answers that fails elsewhere because shapes do not fit."""
    before: ClassVar[tuple[str, ...]] = ()
    """Keys whose answers come before the others are computed: what is wrong in these refutes nothing there."""

    def forms(self, reference: Reference) -> tuple[Form, ...]:
        """The known mistakes that may show here."""
        raise NotImplementedError

    def of_form(self, form: Form, places: Collection[str] | None = None) -> Answers:
        """What a known mistake answers, at some places or at all."""
        raise NotImplementedError

    def of_hand_in(self, bench: Bench) -> Answers:
        """What the hand-in answers."""
        raise NotImplementedError

    def computed_single(self, bench: Bench) -> bool:
        """Whether the hand-in computes in float32."""
        raise NotImplementedError


class Loss(Subject):
    """All that `loss` answers with one activation: scores, the loss and its penalty, four gradients."""

    public: ClassVar[tuple[str, ...]] = ("toy-loss",)
    before: ClassVar[tuple[str, ...]] = ("scores", "toy-loss", "data", "penalty")

    def __init__(self, rubric: Rubric, reference: Reference, activation: str) -> None:
        self.activation = activation
        self._right: Form = misconceptions.Network
        params, (X, y) = toy.toy_params(), toy.toy_data()
        inputs, hidden = params["W1"].shape
        shape = Net(inputs=inputs, hidden=hidden, classes=len(params["b2"]), batch=len(y), reg=toy.REG)
        usual = {f"network {i}": case for i, case in enumerate(hidden_cases(rubric), 1)}
        squares = {f"equal sizes {i}": draw(rubric, EQUAL_SIZES, "equal sizes", i) for i in (1, 2, 3)}
        self.cases: dict[str, Case] = {
            **usual,
            "three classes": draw(rubric, THREE_CLASSES, "three classes"),
            "ten classes": draw(rubric, TEN_CLASSES, "ten classes"),
            **squares,
            "toy": Case(shape, params, X, y),
            "far": far_from_zero(rubric),
        }
        self.usual = tuple(usual)
        self.lenient = tuple(squares)
        penalised = [place for place, case in usual.items() if case.net.reg and case.net.batch > 1]
        self.glimpse = (penalised[0] if penalised else "three classes",)
        self.places = tuple(dict.fromkeys((*self.glimpse, *self.lenient, *self.cases)))
        self.sample = (*self.glimpse, "three classes", "ten classes", "toy", *self.lenient)

    def forms(self, reference: Reference) -> tuple[Form, ...]:
        """Mistakes in the forward and the backward pass."""
        found: tuple[Form, ...] = misconceptions.FORWARD_AND_BACKWARD
        return found

    def of_form(self, form: Form, places: Collection[str] | None = None) -> Answers:
        """Computed from the form's own formulas."""
        asked = Formulas(form, self._right, self.activation)
        with np.errstate(all="ignore"):
            return self._answers(asked.scores, asked.loss, asked.data, places)

    def of_hand_in(self, bench: Bench) -> Answers:
        """Asked of the student's code; the hidden networks are those that the checks have asked about."""
        usual = [id(self.cases[place]) for place in self.usual]
        scored = dict(
            zip([*usual, id(self.cases["far"])], observe_scores(bench, self.activation), strict=True)
        )
        lost = dict(zip(usual, observe_losses(bench, self.activation), strict=True))

        def scores(case: Case) -> Answer:
            if id(case) in scored:
                return _asked(lambda: scored[id(case)].answer)
            return _asked(lambda: ask_scores(held_net(bench, self.activation, case.params), case.X))

        def answer(case: Case, reg: float) -> tuple[Any, Any]:
            if id(case) in lost and reg == case.net.reg:
                return loss_and_grads(lost[id(case)].answer)
            net = held_net(bench, self.activation, case.params)
            return loss_and_grads(ask_loss(net, case.X, case.y, reg))

        def loss(case: Case) -> tuple[Answer, Mapping[str, Answer]]:
            try:
                value, grads = answer(case, case.net.reg)
            except (StudentError, Malformed):
                return None, {}
            entries = grads if isinstance(grads, dict) else {}
            return _numbers(value), {name: _numbers(entries.get(name)) for name in NAMES}

        def data(case: Case) -> Answer:
            try:
                return _numbers(answer(case, 0.0)[0])
            except (StudentError, Malformed):
                return None

        with np.errstate(all="ignore"):
            return self._answers(scores, loss, data, None)

    def computed_single(self, bench: Bench) -> bool:
        """By its parameters."""
        return computed_single(bench, self.activation)

    def _answers(
        self,
        scores: Callable[[Case], Answer],
        loss: Callable[[Case], tuple[Answer, Mapping[str, Answer]]],
        data_loss: Callable[[Case], Answer],
        places: Collection[str] | None,
    ) -> Answers:
        found: Answers = {key: {} for key in (*self.before, *NAMES)}
        for place, case in self.cases.items():
            if places is not None and place not in places:
                continue
            found["scores"][place] = scores(case)
            if place == "far":
                continue  # there the gradients vanish, and losses are mostly rounding
            whole, grads = loss(case)
            for name in NAMES:
                found[name][place] = grads.get(name)
            if place == "toy":
                found["toy-loss"][place] = whole
                continue
            data = data_loss(case) if case.net.reg else whole
            found["data"][place] = data
            if case.net.reg:
                found["penalty"][place] = _difference(whole, data)
        return found


@dataclass(frozen=True)
class Schedule:
    """One training to ask for, in which the order of the examples does not matter."""

    params: Params
    X: np.ndarray
    y: np.ndarray
    rate: float
    decay: float
    reg: float
    epochs: int
    size: int


class Training(Subject):
    """The parameters that `train` ends with, on three short trainings with one activation.

    `base` names known mistakes of the hand-in's `loss`, which `train` has to live with.
    """

    def __init__(
        self, rubric: Rubric, reference: Reference, activation: str, base: tuple[Form, ...] = ()
    ) -> None:
        self.activation = activation
        self._base = base
        step = draw(rubric, SMALL, "diagnosis of a step")
        same = draw(rubric, SMALL, "diagnosis of the decay")
        repeated = np.repeat(same.X[:1], 12, axis=0), np.repeat(same.y[:1], 12)
        how, (X, y) = toy.TRAINING[activation], toy.toy_data()
        self.schedules = {
            "one step": Schedule(step.params, step.X, step.y, 0.05, 0.9, SMALL.reg, 1, SMALL.batch),
            "three epochs on identical examples": Schedule(same.params, *repeated, 0.1, 0.5, SMALL.reg, 3, 4),
            "toy": Schedule(
                toy.toy_params(), X, y, how.learning_rate, 0.95, how.reg, how.num_epochs, size=len(X)
            ),
        }
        self.places = tuple(self.schedules)
        self.glimpse = self.places[:2]

    def forms(self, reference: Reference) -> tuple[Form, ...]:
        """Mistakes of `train`."""
        found: tuple[Form, ...] = misconceptions.TRAINING
        return found

    def of_form(self, form: Form, places: Collection[str] | None = None) -> Answers:
        """Trained with the form's own formulas."""
        parts = [
            part for part in (form, *self._base) if not any(issubclass(base, part) for base in self._base)
        ]
        network = type("Based", (*parts, *self._base), {}) if self._base else form

        def train(how: Schedule) -> Mapping[str, Answer]:
            try:
                trained = network(self.activation, how.params)
                after: Mapping[str, Answer] = trained.train(
                    how.X, how.y, how.rate, how.decay, how.reg, how.epochs, how.size
                )[1]
            except (ValueError, IndexError):
                return {}
            return after

        with np.errstate(all="ignore"):
            return self._answers(train, places)

    def of_hand_in(self, bench: Bench) -> Answers:
        """Trained by the student's code."""

        def train(how: Schedule) -> Mapping[str, Answer]:
            try:
                return train_on(
                    bench,
                    self.activation,
                    how.params,
                    (how.X, how.y, how.X, how.y),
                    learning_rate=how.rate,
                    learning_rate_decay=how.decay,
                    reg=how.reg,
                    num_epochs=how.epochs,
                    batch_size=how.size,
                ).after
            except (StudentError, Malformed):
                return {}

        return self._answers(train, None)

    def computed_single(self, bench: Bench) -> bool:
        """By its parameters."""
        return computed_single(bench, self.activation)

    def _answers(
        self, train: Callable[[Schedule], Mapping[str, Answer]], places: Collection[str] | None
    ) -> Answers:
        found: Answers = {"parameters": {}}
        for place, how in self.schedules.items():
            if places is not None and place not in places:
                continue
            after = train(how)
            for name in NAMES:
                found["parameters"][f"{place}, {name}"] = after.get(name)
        return found


class Labels(Subject):
    """What `predict` answers on the check's networks, for all activations."""

    def __init__(self, rubric: Rubric, reference: Reference, activations: tuple[str, ...]) -> None:
        self._cases = {
            f"{activation}, {name}": (activation, case)
            for activation in activations
            for name, case in networks(rubric, reference, activation)
        }
        self.places = self.glimpse = tuple(self._cases)

    def forms(self, reference: Reference) -> tuple[Form, ...]:
        """Mistakes of `predict`."""
        found: tuple[Form, ...] = misconceptions.PREDICTION
        return found

    def of_form(self, form: Form, places: Collection[str] | None = None) -> Answers:
        """By the form's own formulas."""

        def labels(activation: str, case: Case) -> Answer:
            return _computed(lambda: form(activation, case.params).predict(case.X))

        with np.errstate(all="ignore"):
            asked = self._cases if places is None else {place: self._cases[place] for place in places}
            return {"labels": {place: labels(*how) for place, how in asked.items()}}

    def of_hand_in(self, bench: Bench) -> Answers:
        """By the student's code."""

        def labels(activation: str, case: Case) -> Answer:
            return _asked(lambda: held_net(bench, activation, case.params).predict(case.X))

        return {"labels": {place: labels(*asked) for place, asked in self._cases.items()}}

    def computed_single(self, bench: Bench) -> bool:
        """Labels are whole numbers."""
        return False


def _asked(ask: Callable[[], Any]) -> Answer:
    try:
        return _numbers(ask())
    except StudentError:
        return None


def _numbers(value: Any) -> Answer:
    if not isinstance(value, Numbers) or value.array.size > MOST_NUMBERS:
        return None  # no mistake that is known answers so much
    return np.squeeze(value.array.astype(np.float64))


def _computed(compute: Callable[[], np.ndarray]) -> Answer:
    try:
        return np.squeeze(np.asarray(compute(), dtype=np.float64))
    except (ValueError, IndexError):
        return None


def _difference(one: Answer, two: Answer) -> Answer:
    return None if one is None or two is None or one.shape != two.shape else one - two


def key_of(check: Any) -> str:
    """The key (see `Loss`) of what a check of `loss` judges; empty for other checks."""
    match check:
        case ToyLoss():
            return "toy-loss"
        case Scores():
            return "scores"
        case DataLoss():
            return check.part
        case Gradient():
            return check.param
    return ""
