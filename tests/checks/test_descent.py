"""Where gradients lead: a training of any order goes there, weights from somewhere else do not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from grader.grading.runner import Run
from tests.ps3 import kinds

Params = dict[str, np.ndarray]

RATE, REG, BATCH = 1e-3, 0.5, 10


@pytest.mark.parametrize("epochs", [1, 2, 3, 19, 20, 50])
def test_stretches_add_up_and_begin_with_one_epoch(epochs: int):
    for seed in range(20):
        found = kinds.descent.lengths(epochs, np.random.default_rng(seed))
        assert sum(found) == epochs
        assert found[0] == 1
        assert all(0 < length <= 1 + sum(found[:i]) for i, length in enumerate(found))


def start(seed: int) -> Params:
    random = np.random.default_rng(seed)
    return {
        "W1": 0.1 * random.standard_normal((784, 64)),
        "b1": np.zeros(64),
        "W2": 0.1 * random.standard_normal((64, 10)),
        "b2": np.zeros(10),
    }


@pytest.fixture(scope="module")
def judged(on_digits: Run) -> Callable[[str, int, Params, Params], float]:
    """The likeness of a way from one state to another in so many epochs."""
    X, y = (np.asarray(on_digits.dataset.load(part)) for part in ("X_train", "y_train"))

    def judge(activation: str, epochs: int, before: Params, after: Params) -> float:
        random = np.random.default_rng(7)

        def batch(count: int) -> tuple[np.ndarray, np.ndarray]:
            rows = random.integers(0, len(X), count * BATCH)
            return X[rows], y[rows]

        stretch = kinds.descent.Stretch(0, epochs, before, after, None)
        led = kinds.descent.lead(on_digits.reference, activation, stretch, batch, RATE, REG, 6, 64)
        return kinds.descent.likeness(stretch, led, [RATE] * (epochs * 129), REG)

    return judge


def trained(
    run: Run, activation: str, before: Params, epochs: int, labels: np.ndarray | None = None
) -> Params:
    data = run.dataset
    X, y = np.asarray(data.load("X_train")), data.load("y_train")
    net = run.reference.answers.net(activation, before)
    state = np.random.get_state()
    net.train(
        X,
        y if labels is None else labels,
        X[:5],
        y[:5],
        learning_rate=RATE,
        reg=REG,
        num_epochs=epochs,
        batch_size=BATCH,
    )
    np.random.set_state(state)
    params: Params = net.params
    return params


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
def test_a_training_goes_where_gradients_lead_and_nothing_else_does(activation: str, judged, on_digits: Run):
    before, other = start(1), start(2)
    after = trained(on_digits, activation, before, 2)
    from_elsewhere = trained(on_digits, activation, other, 2)
    rule = on_digits.rubric.checks[f"{activation}-accuracy"].descent  # type: ignore[attr-defined]
    assert judged(activation, 2, before, after) > rule.like
    for cheat in (
        from_elsewhere,
        before,
        {name: (value + from_elsewhere[name]) / 2 for name, value in before.items()},
        {name: 0.9 * value for name, value in before.items()},
    ):
        assert judged(activation, 2, before, cheat) < rule.unlike


def test_a_training_on_shuffled_labels_goes_elsewhere(judged, on_digits: Run):
    before = start(1)
    labels = np.random.default_rng(3).permutation(on_digits.dataset.load("y_train"))
    rule = on_digits.rubric.checks["sigmoid-accuracy"].descent  # type: ignore[attr-defined]
    assert judged("sigmoid", 1, before, trained(on_digits, "sigmoid", before, 1, labels)) < rule.unlike


def test_a_penalty_that_is_left_out_or_counts_twice_is_not_judged_here(judged, on_digits: Run):
    before = start(1)
    after = trained(on_digits, "sigmoid", before, 1)
    shrunk = (1 - RATE * REG) ** 129
    for factor in (0, 2):
        moved = {**after, "W1": after["W1"] + (shrunk ** (factor) - shrunk) * before["W1"]}
        assert judged("sigmoid", 1, before, moved) > 0.5


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf])
def test_the_angle_with_nothing_is_none(bad: float):
    assert kinds.descent.cosine(np.full(3, bad), np.ones(3)) == 0.0
