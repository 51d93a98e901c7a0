"""The answers are right: against the published figures, and against independent derivations."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.assignment.reference import Reference
from grader.grading.runner import Run
from tests.conftest import ROOT

TOY = {  # loss at reg 0.1, loss at reg 0, final training loss
    "sigmoid": (1.1822479803941373, 1.1443171411823703, 0.10926794610680686),
    "relu": (1.3037878913298202, 1.2658570521180532, 0.017856220486983883),
}

SIGMOID_ON_MNIST = """\
79.040004 0.16 0.2663
49.814996 0.50 0.4611
32.419904 0.64 0.5683
21.756599 0.63 0.6397
15.148895 0.68 0.6850
10.909900 0.68 0.7126
8.078106 0.76 0.7379
6.166522 0.83 0.7556
4.948016 0.78 0.7729
4.113118 0.76 0.7850
3.455138 0.84 0.7970
3.026239 0.84 0.8081
2.702231 0.84 0.8196
2.438965 0.82 0.8309
2.258613 0.90 0.8399
2.166625 0.86 0.8468
2.098843 0.84 0.8528
1.975990 0.91 0.8593
1.898398 0.90 0.8623
1.876564 0.91 0.8664"""
"""The notebook's sigmoid run, an epoch a line: loss, accuracy on the last mini-batch, on the validation set."""

RELU_ON_MNIST = {
    3: (29.867657, 0.9055),
    10: (2.410958, 0.9543),
    15: (0.815937, 0.9615),
    20: (0.404945, 0.9659),
}
"""Some epochs of a published ReLU run from another starting state: loss, validation accuracy."""


@pytest.mark.parametrize("activation", TOY)
def test_toy_losses(reference: Reference, activation: str):
    params, (X, y) = reference.own("toy").toy_params(), reference.own("toy").toy_data()
    loss, without, final = TOY[activation]
    assert reference.answers.loss(activation, params, X, y, 0.1)[0] == pytest.approx(loss, rel=1e-10)
    assert reference.answers.loss(activation, params, X, y, 0.0)[0] == pytest.approx(without, rel=1e-10)
    assert reference.expected["toy"][activation]["loss"] == pytest.approx(loss, rel=1e-10)
    assert reference.expected["toy"][activation]["final_loss"] == pytest.approx(final, rel=1e-10)


def random_case(reference: Reference, seed: int):
    random = np.random.default_rng(seed)
    params = {
        "W1": random.standard_normal((5, 7)),
        "b1": random.standard_normal(7),
        "W2": random.standard_normal((7, 4)),
        "b2": random.standard_normal(4),
    }
    return params, random.standard_normal((6, 5)), random.integers(0, 4, 6)


def complex_loss(activation: str, params, X, y, reg: float):
    """The loss written anew from its definition, for complex parameters."""
    z = X @ params["W1"] + params["b1"]
    hidden = 1 / (1 + np.exp(-z)) if activation == "sigmoid" else np.where(z.real > 0, z, 0)
    scores = hidden @ params["W2"] + params["b2"]
    picked = scores[np.arange(len(y)), y]
    data = (np.log(np.exp(scores).sum(axis=1)) - picked).sum() / len(y)
    return data + reg / 2 * ((params["W1"] ** 2).sum() + (params["W2"] ** 2).sum())


@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
@pytest.mark.parametrize("seed", range(3))
def test_gradients_agree_with_the_complex_step(reference: Reference, activation: str, seed: int):
    params, X, y = random_case(reference, seed)
    loss, grads = reference.answers.loss(activation, params, X, y, 0.3)
    assert loss == pytest.approx(complex_loss(activation, params, X, y, 0.3).real, rel=1e-13)
    for name, value in params.items():
        for index in np.ndindex(value.shape):
            moved = {k: v.astype(complex) for k, v in params.items()}
            moved[name][index] += 1e-30j
            expected = complex_loss(activation, moved, X, y, 0.3).imag / 1e-30
            assert grads[name][index] == pytest.approx(expected, rel=1e-11, abs=1e-13)


@pytest.mark.parametrize(("activation", "theirs"), [("sigmoid", "logistic"), ("relu", "relu")])
def test_one_step_agrees_with_scikit_learn(reference: Reference, activation: str, theirs: str):
    from sklearn.exceptions import ConvergenceWarning  # takes a second, which collecting the tests need not
    from sklearn.neural_network import MLPClassifier

    params, X, y = random_case(reference, 5)
    y[:4] = range(4)
    reg, rate = 0.3, 0.01
    network = MLPClassifier(
        (7,), activation=theirs, solver="sgd", alpha=reg * len(y), batch_size=len(y), learning_rate_init=rate,
        momentum=0.0, shuffle=False,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.partial_fit(X, y, classes=range(4))
        network.coefs_ = [params["W1"].copy(), params["W2"].copy()]
        network.intercepts_ = [params["b1"].copy(), params["b2"].copy()]
        network._optimizer.params = network.coefs_ + network.intercepts_
        network._optimizer.velocities = [np.zeros_like(p) for p in network._optimizer.params]
        network.partial_fit(X, y)
    _, grads = reference.answers.loss(activation, params, X, y, reg)
    after = dict(zip(("W1", "W2", "b1", "b2"), network.coefs_ + network.intercepts_, strict=True))
    for name, gradient in grads.items():
        np.testing.assert_allclose((params[name] - after[name]) / rate, gradient, rtol=1e-9, atol=1e-10)


def test_the_template_is_what_the_solution_gives(reference: Reference):
    template = (reference.folder / "handout" / "mlp.py").read_text()
    solution = (reference.folder / "solution.py").read_text()
    compile(template, "mlp.py", "exec")
    for answer in ("hidden @ W2", "d_scores", "np.argmax", "learning_rate * grads", "np.maximum"):
        assert answer in solution
        assert answer not in template


def build(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "reference/ps3/build.py"), *arguments]
    return subprocess.run(command, env={**os.environ, **environ}, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_committed_expected_values_are_what_the_solution_gives(tmp_path: Path):
    """All but those of MNIST, of which the next tests show as much with half of the trainings."""
    done = build("--check", "--sample", GRADE_DATA=str(tmp_path), GRADE_CACHE=str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "MNIST was not checked" in done.stdout
    assert "0 differences (digits; 2 training runs)" in done.stdout


@pytest.mark.slow
def test_so_are_those_of_the_notebook_on_mnist(build_module: Any, on_mnist: Run, reference: Reference):
    found = build_module.handout_run()
    committed = reference.expected["mnist"]
    assert build_module.differences(found, committed["handout"], "mnist.handout", True) == []
    for activation in TOY:
        accuracies = committed[activation]
        final = found[activation]["final_test"]
        assert abs(final - accuracies["mean"]) < 6 * accuracies["spread"]


@pytest.mark.slow
@pytest.mark.parametrize("activation", TOY)
def test_and_the_histories_on_mnist(
    build_module: Any, on_mnist: Run, reference: Reference, activation: str, monkeypatch: pytest.MonkeyPatch
):
    """In their first epoch; what a training on MNIST comes to, the test above shows."""
    recipes = reference.datasets.RECIPES
    monkeypatch.setattr(build_module, "Reference", lambda folder: reference)
    whole = recipes["mnist"].num_epochs
    monkeypatch.setitem(recipes, "mnist", replace(recipes["mnist"], num_epochs=1))
    _, histories = build_module.run(("mnist", activation, build_module.FIRST_SEED))
    for name, committed in reference.answers.histories("mnist", activation).items():
        fresh = np.array(histories[name])
        assert len(committed) == whole * len(fresh)
        if len(fresh) > 1:
            assert build_module.same_history(committed[: len(fresh)], fresh)
        else:  # an accuracy, after 500 steps in which other kernels round otherwise
            assert fresh == pytest.approx(committed[:1], abs=0.05)


@pytest.fixture
def build_module(reference: Reference) -> Any:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("_build_under_test", reference.folder / "build.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_histories_are_the_same_where_they_begin_alike_and_come_to_the_same(build_module: Any):
    committed = np.linspace(3, 1, 2000)
    grown = np.where(np.arange(2000) < 100, committed, committed * 1.001)
    grown[1000] *= 3  # one step of a training that has gone another way
    assert build_module.same_history(committed, grown)
    accuracies = np.linspace(0.5, 0.9, 20)
    assert build_module.same_history(accuracies, accuracies + 1e-4)


@pytest.mark.parametrize(
    "fresh",
    [
        np.linspace(3, 1, 2000)[:-1],
        np.linspace(3, 1, 2000) * 1.00001,
        np.r_[np.linspace(3, 1, 2000)[:1000], np.linspace(3, 1, 2000)[1000:] * 1.1],
    ],
    ids=["shorter", "another beginning", "another end"],
)
def test_other_histories_are_told(build_module: Any, fresh: np.ndarray):
    assert not build_module.same_history(np.linspace(3, 1, 2000), fresh)


@pytest.mark.slow
def test_the_check_of_the_expected_values_can_fail(build_module: Any, reference: Reference):
    module = build_module
    fresh = {"toy": {"sigmoid": module.toy(reference, "sigmoid")}}
    assert module.differences(fresh, reference.expected, "", sample=True) == []
    fresh["toy"]["sigmoid"]["loss"] += 1e-8
    (difference,) = module.differences(fresh, reference.expected, "", sample=True)
    assert "toy.sigmoid.loss" in difference


def test_mnist_as_in_the_notebook(reference: Reference):
    """What is committed is printed as the notebook's figures are; that the solution gives it, the test above shows."""
    sigmoid = reference.expected["mnist"]["handout"]["sigmoid"]
    assert [
        f"{loss:.6f} {train:.2f} {val:.4f}"
        for loss, train, val in zip(sigmoid["loss"], sigmoid["train_acc"], sigmoid["val_acc"], strict=True)
    ] == SIGMOID_ON_MNIST.splitlines()
    relu = reference.expected["mnist"]["handout"]["relu"]
    for epoch, (loss, accuracy) in RELU_ON_MNIST.items():
        assert relu["loss"][epoch - 1] == pytest.approx(loss, rel=3e-3)
        assert relu["val_acc"][epoch - 1] == pytest.approx(accuracy, abs=1e-3)
    assert relu["final_test"] == pytest.approx(0.9653, abs=1e-3)
