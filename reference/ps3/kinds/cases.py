"""Hidden networks and batches, drawn from the rubric's key, and what the student's code says of them."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grader.assignment.reference import Reference
from grader.assignment.rubric import Net, Rubric
from grader.checks import coerce
from grader.checks.base import Bench, Malformed
from grader.checks.hidden import drawn_from
from grader.checks.words import Words, tell
from grader.student.child.protocol import Numbers
from grader.student.faults import StudentError
from grader.student.net import Call, StudentNet

from .pairs import loss_and_grads

Params = dict[str, np.ndarray]

KINK = 0.02
"""Hidden pre-activations keep this distance from zero, where ReLU's derivative is a matter of taste."""
FAR = 30.0
"""Pre-activation at which a sigmoid is 0 or 1 to thirteen digits, and no exp overflows."""
LARGEST_SCORE = 50.0
"""Scores stay within this, so that an unshifted softmax neither overflows nor loses digits."""
MOST_NUMBERS = 1 << 16
"""Entries of one array in an answer about a network: a hidden one has hundreds, and answers are kept for a while."""
NAMES = ("W1", "b1", "W2", "b2")


@dataclass(frozen=True)
class Case:
    """A network with non-zero biases and a labelled batch."""

    net: Net
    params: Params
    X: np.ndarray
    y: np.ndarray


def case_of(params: Params, X: np.ndarray, y: np.ndarray, reg: float) -> Case:
    """The case of a network and a batch that are there already."""
    (inputs, hidden), classes = params["W1"].shape, len(params["b2"])
    return Case(Net(inputs=inputs, hidden=hidden, classes=classes, batch=len(X), reg=reg), params, X, y)


def draw(rubric: Rubric, net: Net, *purpose: object) -> Case:
    """Draw a case of the given shape, away from the kink and from overflow; its arrays cannot be written to."""
    return _drawn(rubric.key, net, *map(str, purpose))


@functools.lru_cache(maxsize=256)
def _drawn(key: str, net: Net, *purpose: str) -> Case:
    """One case is asked for by a dozen checks of each hand-in."""
    random = drawn_from(key, *purpose)
    while True:
        params = {
            "W1": 0.6 * random.standard_normal((net.inputs, net.hidden)),
            "b1": 0.5 * random.standard_normal(net.hidden),
            "W2": 0.8 * random.standard_normal((net.hidden, net.classes)),
            "b2": 0.7 * random.standard_normal(net.classes),
        }
        X = 1.5 * random.standard_normal((net.batch, net.inputs))
        y = random.integers(0, net.classes - 1 if net.missing_class else net.classes, net.batch)
        pre = X @ params["W1"] + params["b1"]
        scores = np.maximum(pre, 0.0) @ params["W2"] + params["b2"]
        mixed = (pre > 0).any() and (pre < 0).any()
        if np.abs(pre).min() > KINK and np.abs(scores).max() < LARGEST_SCORE and mixed:
            for array in (*params.values(), X, y):
                array.flags.writeable = False
            return Case(net, params, X, y)


def hidden_cases(rubric: Rubric) -> list[Case]:
    """One case for each of the rubric's nets; the same for both activations, so that they can be compared."""
    return [draw(rubric, net, "case", i) for i, net in enumerate(rubric.nets)]


def far_from_zero(rubric: Rubric) -> Case:
    """The first hidden case with pre-activations around plus and minus FAR: a saturated sigmoid is 1 or 0."""
    case = draw(rubric, rubric.nets[0], "far from zero")
    pre = case.X @ case.params["W1"] + case.params["b1"]
    scale = FAR / float(np.median(np.abs(pre)))
    params = {**case.params, "W1": scale * case.params["W1"], "b1": scale * case.params["b1"]}
    largest = np.abs(np.maximum(scale * pre, 0.0) @ params["W2"]).max()
    params["W2"] = params["W2"] * (LARGEST_SCORE / 2 / largest)
    return Case(case.net, params, case.X, case.y)


def student_net(bench: Bench, activation: str, params: Params) -> StudentNet:
    """An object of the student's class that holds `params`, whatever its constructor drew."""
    inputs, hidden = params["W1"].shape
    net = bench.student.new(inputs, hidden, params["W2"].shape[1], activation=activation)
    net.set_params(params)
    return net


def held_net(bench: Bench, activation: str, params: Params) -> StudentNet:
    """The same, made with the first call of a method, which raises what making it raises: for many short questions."""
    inputs, hidden = params["W1"].shape
    return bench.student.held(inputs, hidden, params["W2"].shape[1], activation=activation, params=params)


def ask_scores(net: StudentNet, X: np.ndarray) -> Any:
    """`loss(X)`: the raw answer, `bounded`."""
    return bounded(net.loss(X))


def ask_loss(net: StudentNet, X: np.ndarray, y: np.ndarray, reg: float) -> Any:
    """`loss(X, y, reg=reg)`: the raw answer, `bounded`. A `reg` renamed costs where the toy loss is judged."""
    try:
        return bounded(net.loss(X, y, reg=reg))
    except StudentError as fault:
        if not renamed_keyword(fault):
            raise
        return bounded(net.loss(X, y, reg))


def ask_losses(
    net: StudentNet,
    batches: Sequence[tuple[np.ndarray, np.ndarray, float]],
    hollow: bool = False,
    params: Sequence[Params] = (),
) -> list[Any]:
    """`ask_loss` for batches of examples, labels and `reg`, with few frames where all is as it should be.

    With `hollow`, gradients need not be in the answers. `params`, one for each batch, are set before it.
    """
    answers: list[Any] = []
    for start in range(0, len(batches), _IN_A_FRAME):
        some = batches[start : start + _IN_A_FRAME]
        moved = params[start : start + _IN_A_FRAME] or [{}] * len(some)
        calls = [Call((X, y), {"reg": reg}, to) for (X, y, reg), to in zip(some, moved, strict=True)]
        try:
            if len(calls) > 1:
                answers += map(bounded, net.several("loss", calls, hollow))
                continue
        except StudentError:  # or more came back than a frame holds: one at a time says which, and what
            pass
        for batch, to in zip(some, moved, strict=True):
            if to:
                net.set_params(to)
            answers.append(ask_loss(net, *batch))
    return answers


_IN_A_FRAME = 24
"""Calls; a loss and four gradients each are half of what a frame may hold."""


def bounded(value: Any) -> Any:
    """An answer as it came, but of arrays with more than `MOST_NUMBERS` entries only type and shape: no memory."""
    match value:
        case Numbers(array=array) if array.size > MOST_NUMBERS:
            return Numbers(np.broadcast_to(np.zeros((), array.dtype), array.shape), value.form)
        case tuple():
            return tuple(map(bounded, value))
        case list():
            return [*map(bounded, value)]
        case dict():
            return {name: bounded(entry) for name, entry in value.items()}
    return value


def renamed_keyword(fault: StudentError) -> str:
    """The keyword of ours that the student's method does not know; empty where it raised for another reason."""
    found = re.search(r"got an unexpected keyword argument '(\w+)'", fault.text)
    return found[1] if found and fault.kind == "TypeError" and not fault.places else ""


def computed_single(bench: Bench, activation: str, *values: Any) -> bool:
    """Whether the hand-in computes in float32: such values came back, it keeps its parameters so, or it rounds so."""
    return answers_single(bench, activation, *values) or bench.once(
        ("rounds", activation), lambda: _rounds_to_single(bench, activation)
    )


def answers_single(bench: Bench, activation: str, *values: Any) -> bool:
    """Whether float32 values came back, or the hand-in keeps its parameters so."""

    def parameters_are() -> bool:
        params = bench.student.new(2, 3, 2, std=1.0, activation=activation).params
        kept = params.values() if isinstance(params, dict) else ()
        return any(isinstance(value, Numbers) and value.array.dtype == np.float32 for value in kept)

    return coerce.is_single_precision(*values) or bench.once(("single", activation), parameters_are)


def _rounds_to_single(bench: Bench, activation: str) -> bool:
    """Whether the scores, or else the gradients, are off by single precision's rounding, and by nothing else.

    On every hidden case, and in both directions: a mistake of that size would be off in one, or on some cases only.
    """
    scores = [
        (one.value, bench.reference.answers.scores(activation, one.case.params, one.case.X))
        for one in observe_scores(bench, activation)
    ]
    if _are_rounded(scores):
        return True
    grads = []
    for one in observe_losses(bench, activation):
        case, answer = one.case, one.value
        _, right = bench.reference.answers.loss(activation, case.params, case.X, case.y, case.net.reg)
        pair = isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[1], dict)
        grads.append((answer[1].get("W1") if pair else None, right["W1"]))
    return _are_rounded(grads)


def _are_rounded(answers: Sequence[tuple[Any, np.ndarray]]) -> bool:
    """Whether each array is the wanted one but for single precision's rounding."""
    up = down = 0
    for answer, wanted in answers:
        if not isinstance(answer, Numbers) or answer.array.shape != wanted.shape:
            return False
        with np.errstate(invalid="ignore", over="ignore"):
            off = (answer.array.astype(np.float64) - wanted) / np.max(np.abs(wanted), initial=1e-300)
        if not (_EXACT < np.max(np.abs(off), initial=0.0) < _ROUNDED):
            return False
        up, down = up + int((off > _EXACT).sum()), down + int((off < -_EXACT).sum())
    return bool(answers) and min(up, down) * _ONE_SIDED >= up + down


_EXACT = 1e-10
"""Relative error up to which values are those of double precision: its own rounding is a thousandth of that."""
_ROUNDED = 64 * float(np.finfo(np.float32).eps)
"""Relative error that single precision's rounding stays below, summed over a layer's inputs."""
_ONE_SIDED = 8
"""Of how many errors one at least goes the other way where they are rounding's."""


@dataclass(frozen=True)
class Observed:
    """One hidden case with the student's raw answer to it, or what was raised in its stead."""

    case: Case
    value: Any = None
    fault: StudentError | None = None

    @property
    def answer(self) -> Any:
        """The answer; raises what the student's code raised."""
        if self.fault is not None:
            raise self.fault
        return self.value

    @property
    def loss(self) -> Any:
        """The loss that came, or that had been computed when the code raised; raises as `answer` does."""
        return own_loss(lambda: self.answer)

    def gradient(self, name: str) -> Any:
        """The same for a gradient."""
        if self.fault is not None and name in self.fault.unfinished[1]:
            return self.fault.unfinished[1][name]
        return coerce.entry(loss_and_grads(self.answer)[1], name, "grads")

    @property
    def late(self) -> str:
        """A remark where the code raised behind what is judged; empty where it did not raise."""
        return "" if self.fault is None else late(self.fault)


def late(fault: StudentError) -> str:
    """The remark that code raised behind what is judged."""
    where = fault.places[-1] if fault.places else None
    if where is not None and where.function == "loss":
        where = replace(where, function="")  # it is named already
    place = f" in {where}" if where else ""
    return f"loss raised {fault.kind}{place}, after this had been computed."


def own_loss(ask: Callable[[], Any]) -> Any:
    """The loss of an answer; where the code raised instead, what it had computed by then, if it had."""
    try:
        return loss_and_grads(ask())[0]
    except StudentError as fault:
        if fault.unfinished[0] is None:
            raise
        return fault.unfinished[0]


def observe_scores(bench: Bench, activation: str) -> list[Observed]:
    """`loss(X)` on every hidden case, and on one whose hidden units are far from zero."""
    cases = [*hidden_cases(bench.rubric), far_from_zero(bench.rubric)]
    return _observe(bench, "scores", activation, cases, lambda net, case: ask_scores(net, case.X))


def observe_losses(bench: Bench, activation: str) -> list[Observed]:
    """`loss(X, y, reg)` on every hidden case: the raw pair of loss and gradients."""
    cases = hidden_cases(bench.rubric)
    return _observe(
        bench, "losses", activation, cases, lambda net, case: ask_loss(net, case.X, case.y, case.net.reg)
    )


def _observe(
    bench: Bench, what: str, activation: str, cases: list[Case], ask: Callable[[StudentNet, Case], Any]
) -> list[Observed]:
    """Ask on every case; an exception on some of them does not hide the answers on the others."""

    def one(case: Case) -> Observed:
        try:
            return Observed(case, ask(held_net(bench, activation, case.params), case))
        except StudentError as fault:
            return Observed(case, fault=fault)

    return bench.once((what, activation), lambda: [one(case) for case in cases])


class Failures:
    """Counts the hidden cases on which an answer was wrong, could not be used, or did not come."""

    def __init__(self, total: int) -> None:
        self.count = 0
        self._total = total
        self._troubles: list[StudentError | Malformed] = []

    def add(self, trouble: StudentError | Malformed | None = None) -> None:
        """Count one; where all cases fail without a value, raise the first trouble: it says more than a count."""
        self.count += 1
        if trouble is not None:
            self._troubles.append(trouble)
            if len(self._troubles) == self._total:
                raise self._troubles[0]

    @property
    def complete(self) -> bool:
        """Whether every answer could be compared, so that something can be said about all of them."""
        return not self._troubles

    @property
    def words(self) -> Words:
        """`3 of 4 other networks`, and what kept code from answering on some of them."""
        text = f"{self.count} of {self._total} other networks"
        faults = [t for t in self._troubles if isinstance(t, StudentError)]
        if faults:
            place = f" in {faults[0].places[-1]}" if faults[0].places else ""
            return tell("{}", f"{text} (on {len(faults)} of them it raised {faults[0].kind}{place})")
        for trouble in self._troubles:
            if isinstance(trouble, Malformed):
                what = Words(trouble.words.rstrip("."), trouble.words.full.rstrip("."))
                return tell("{} ({})", text, what)
        return tell("{}", text)


def data_and_penalty(
    reference: Reference, activation: str, params: Params, X: np.ndarray, y: np.ndarray, reg: float
) -> tuple[float, float]:
    """The reference's loss, split into its data part and its penalty."""
    data = reference.answers.loss(activation, params, X, y, 0.0)[0]
    return data, reference.answers.loss(activation, params, X, y, reg)[0] - data
