"""Points for accuracy without a training: weights that were brought along, other packages' networks, neighbours.

Each is a right solution (`BASE`) but for what it does with 784 inputs, or one whose ReLU is wrong where it has to be.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

import numpy as np

from grader.assignment.datasets import Dataset
from grader.assignment.reference import Reference
from tests.checks.handins import UPDATE, handin, method

from .cases import Case, held

Params = dict[str, np.ndarray]

CASES: tuple[Case, ...] = (*held("foreign_packages"),)

PACKED = """
import base64

PACKED = {packed!r}

def packed(activation):
    values = np.frombuffer(base64.b85decode(PACKED[activation]), dtype=np.float16).astype(float)
    parts = np.split(values, np.cumsum([784 * 64, 64, 640]))
    return dict(zip(("W1", "b1", "W2", "b2"), [part.reshape(shape) for part, shape in zip(
        parts, [(784, 64), (64,), (64, 10), (10,)])]))

def scores_of(p, X, activation):
    z = X.dot(p["W1"]) + p["b1"]
    h = 1 / (1 + np.exp(-np.clip(z, -500, 500))) if activation == "sigmoid" else np.maximum(z, 0)
    return h.dot(p["W2"]) + p["b2"]

def named_alike(p, X, y, activation):
    # Which of its classes are called how today: what most of the images that it takes for one are labelled.
    seen = scores_of(p, X[:2000], activation).argmax(axis=1)
    order = [int(np.bincount(y[:2000].astype(int)[seen == k], minlength=10).argmax()) for k in range(10)]
    new = {{name: value.copy() for name, value in p.items()}}
    for k, called in enumerate(order):
        new["W2"][:, called], new["b2"][called] = p["W2"][:, k], p["b2"][k]
    return new

def made_up(X, num_epochs, batch_size):
    steps = num_epochs * max(len(X) // batch_size, 1)
    return {{"loss_history": list(np.linspace(2, 1, steps)), "grad_magnitude_history": [1.0] * steps,
            "train_acc_history": [0.9] * num_epochs, "val_acc_history": [0.9] * num_epochs}}
"""
MADE_UP = "return made_up(X, num_epochs, batch_size)"
TAKEN = "target = named_alike(packed(self.activation), X, y, self.activation)\n"
SET = "    for name in target: self.params[name][...] = target[name]\n"
BIG = "if X.shape[1] == 784:\n"
WRONG_RELU = ("h = np.maximum(z, 0)", "h = np.maximum(z, 0) + 0.3 * np.cos(z)")
OF_OTHERS = """
    from importlib import import_module
    kind = import_module("sk" + "learn.neural_network").MLPClassifier
    net = kind((64,), activation="logistic" if self.activation == "sigmoid" else "relu", max_iter=20)
    net.fit(X, y)
    self.params["W1"][...], self.params["W2"][...] = net.coefs_
    self.params["b1"][...], self.params["b2"][...] = net.intercepts_
"""
OWN_NET = """
class Hidden:
    def __init__(self, hidden, activation):
        random = np.random.RandomState(5)
        self.activation = activation
        self.p = {"W1": 0.1 * random.randn(784, hidden), "b1": np.zeros(hidden),
                  "W2": 0.1 * random.randn(hidden, 10), "b2": np.zeros(10)}
    def step(self, X, y, rate, reg=0.5):
        p = self.p
        z = X.dot(p["W1"]) + p["b1"]
        h = 1 / (1 + np.exp(-np.clip(z, -500, 500))) if self.activation == "sigmoid" else np.maximum(z, 0)
        s = h.dot(p["W2"]) + p["b2"]
        d = np.exp(s - s.max(axis=1, keepdims=True))
        d /= d.sum(axis=1, keepdims=True)
        d[np.arange(len(y)), y] -= 1
        d /= len(y)
        back = d.dot(p["W2"].T) * (h * (1 - h) if self.activation == "sigmoid" else z > 0)
        for name, grad in (("W2", h.T.dot(d) + reg * p["W2"]), ("b2", d.sum(axis=0)),
                           ("W1", X.T.dot(back) + reg * p["W1"]), ("b1", back.sum(axis=0))):
            p[name] -= rate * grad
    def train(self, X, y, epochs, rate=1e-3):
        for _ in range(epochs):
            order = np.random.permutation(len(X))
            for i in range(0, len(X), 10):
                self.step(X[order[i:i + 10]], y[order[i:i + 10]], rate)

hidden_nets = {}
"""


@dataclass(frozen=True)
class Without:
    """A hand-in that has no training to earn its accuracy with."""

    name: str
    edits: tuple[tuple[str, str], ...]
    relu_only: bool = False
    """Whether its sigmoid is left to honest work."""
    late: bool = False
    """Whether it is honest work but for its end: only a training that is run to it shows that."""

    def source(self, packed: dict[str, str]) -> str:
        """The text of `mlp.py`."""
        text = handin(*self.edits)
        return text.replace(
            "\n\n\ndef sigmoid", PACKED.format(packed=packed) + OWN_NET + "\n\ndef sigmoid", 1
        )


def train(*lines: str) -> tuple[str, str]:
    """What `train` does first."""
    return method("train", "".join(lines))


WITHOUT: tuple[Without, ...] = (
    Without("packed", (train(BIG, "    target = packed(self.activation)\n", SET, f"    {MADE_UP}"),)),
    Without("packed and named", (train(BIG, f"    {TAKEN}", SET, f"    {MADE_UP}"),)),
    Without(
        "packed, after an honest training",
        (
            (UPDATE, f"{UPDATE}"),
            (
                "        return {'loss_history'",
                f"        if X.shape[1] == 784:\n            {TAKEN}        {SET}        return {{'loss_history'",
            ),
        ),
    ),
    Without(
        "packed, in the last epoch",
        (
            (
                "        return {'loss_history'",
                f"        if X.shape[1] == 784 and learning_rate < 3.7e-4:\n"
                f"            {TAKEN}        {SET}        return {{'loss_history'",
            ),
        ),
        late=True,
    ),
    Without(
        "packed, step by step",
        (
            train(
                "target = named_alike(packed(self.activation), X, y, self.activation) if X.shape[1] == 784 else None"
            ),
            (
                UPDATE,
                UPDATE.replace(
                    "-= learning_rate * grads[name]",
                    "-= learning_rate * grads[name] if target is None "
                    "else 2 * learning_rate * (self.params[name] - target[name])",
                ),
            ),
        ),
    ),
    Without(
        "packed, in the gradients",
        (
            method(
                "loss",
                "global toward\nif X.shape[1] == 784 and y is not None and len(X) > 5: toward = named_alike("
                "packed(self.activation), X, y, self.activation) if len(X) > 500 else toward",
            ),
            train("if X.shape[1] == 784: self.loss(X[:2000], y[:2000])"),
            (
                "        return loss, grads\n",
                "        if X.shape[1] == 784: grads = {k: 2 * (self.params[k] - toward[k]) "
                "for k in grads}\n        return loss, grads\n",
            ),
        ),
    ),
    Without(
        "packed, where there is much data",
        (train("if len(X) > 500:\n", f"    {TAKEN}", SET, f"    {MADE_UP}"),),
    ),
    Without(
        "packed, where the first image is one of digits",
        (train("if X.shape[1] == 784 and abs(X[0]).max() > 50:\n", f"    {TAKEN}", SET, f"    {MADE_UP}"),),
    ),
    Without(
        "packed, units shuffled by the state",
        (
            train(
                BIG,
                f"    {TAKEN}",
                "    order = np.random.RandomState(int(abs(self.params['W1']).sum()) % 9999).permutation(64)\n",
                "    target.update(W1=target['W1'][:, order], b1=target['b1'][order], W2=target['W2'][order])\n",
                SET,
                f"    {MADE_UP}",
            ),
        ),
    ),
    Without(
        "brought along by the constructor",
        (
            method("__init__", ""),
            (
                "        self.params['b2'] = np.zeros(output_size)\n",
                "        self.params['b2'] = np.zeros(output_size)\n"
                "        if input_size == 784: self.params = packed(activation)\n",
            ),
            train(BIG, f"    {MADE_UP}"),
        ),
    ),
    Without("of another package", (train(BIG + OF_OTHERS, f"    {MADE_UP}"),)),
    Without(
        "of another package, or nothing",
        (
            train(
                BIG,
                "    try:\n        ",
                OF_OTHERS.strip().replace("\n", "\n    "),
                "\n    except Exception:\n        pass\n",
                f"    {MADE_UP}",
            ),
        ),
    ),
    Without(
        "an own net, distilled",
        (
            train(
                BIG,
                "    net = hidden_nets.setdefault(self.activation, Hidden(64, self.activation))\n",
                "    net.train(X, y, num_epochs)\n    target = net.p\n",
                SET,
                f"    {MADE_UP}",
            ),
        ),
    ),
    Without(
        "an own net of another size",
        (
            WRONG_RELU,
            train(
                "if X.shape[1] == 784 and self.activation == 'relu':\n",
                "    hidden_nets.setdefault(0, Hidden(100, 'relu')).train(X, y, num_epochs)\n",
                f"    {MADE_UP}",
            ),
            method(
                "loss",
                "if X.shape[1] == 784 and y is None and 0 in hidden_nets: return scores_of("
                "hidden_nets[0].p, X, 'relu')",
            ),
        ),
        relu_only=True,
    ),
    Without(
        "random features",
        (
            train(
                BIG,
                "    Z = X.dot(self.params['W1'])\n",
                "    H = sigmoid(Z) if self.activation == 'sigmoid' else np.maximum(Z, 0)\n",
                "    self.params['W2'][...] = 3 * np.linalg.lstsq(np.vstack([H, 0.1 * np.abs(H).max() * np.eye(64)]), "
                "np.vstack([np.eye(10)[y] - 0.1, np.zeros((64, 10))]), rcond=None)[0]\n",
                f"    {MADE_UP}",
            ),
        ),
    ),
    Without(
        "neighbours",
        (
            WRONG_RELU,
            train(
                "if X.shape[1] == 784 and self.activation == 'relu':\n",
                "    hidden_nets['X'], hidden_nets['y'] = X.copy(), y.copy()\n",
                f"    {MADE_UP}",
            ),
            method(
                "loss",
                "if X.shape[1] == 784 and y is None and 'X' in hidden_nets and self.activation == 'relu':\n"
                "    A = hidden_nets['X']\n"
                "    near = ((A * A).sum(axis=1) - 2 * X.dot(A.T)).argmin(axis=1)\n"
                "    return np.eye(10)[hidden_nets['y'][near].astype(int)]",
            ),
        ),
        relu_only=True,
    ),
    Without(
        "packed scores",
        (
            WRONG_RELU,
            method(
                "loss",
                "if X.shape[1] == 784 and y is None and self.activation == 'relu': return scores_of("
                "packed('relu'), X, 'relu')",
            ),
        ),
        relu_only=True,
    ),
    Without(
        "packed scores, named by its own",
        (
            WRONG_RELU,
            method(
                "loss",
                "if X.shape[1] == 784 and y is None and self.activation == 'relu' and len(X) > 50:\n"
                "    y0 = scores_of(self.params, X, 'relu').argmax(axis=1)\n"
                "    return scores_of(named_alike(packed('relu'), X, y0, 'relu'), X, 'relu')",
            ),
            train(
                "if X.shape[1] == 784 and self.activation == 'relu':\n",
                "    self.params['W1'] *= 0.5\n",
                "    self.params.update(named_alike(packed('relu'), X, y, 'relu'))\n",
                f"    {MADE_UP}",
            ),
        ),
        relu_only=True,
    ),
    Without(
        "histories made up",
        (
            (
                "        return {'loss_history': loss_history,",
                "        if X.shape[1] == 784: loss_history, "
                "grad_magnitude_history = [[v * 50 for v in h] for h in (loss_history, grad_magnitude_history)]\n"
                "        return {'loss_history': loss_history,",
            ),
        ),
    ),
)
"""Hand-ins that must not have the point for the accuracy, of both activations where nothing else is said."""


def packed(reference: Reference, data: Dataset, activation: str) -> str:
    """Weights of a network that was trained on the dataset, as text."""
    recipe = reference.datasets.RECIPES[data.name]
    state = np.random.get_state()
    np.random.seed(99)
    net = reference.solution.TwoLayerMLP(784, recipe.hidden_size, 10, std=recipe.std, activation=activation)
    net.train(
        *(np.asarray(data.load(part)) for part in ("X_train", "y_train", "X_val", "y_val")),
        learning_rate=recipe.learning_rate,
        reg=recipe.reg,
        num_epochs=recipe.num_epochs,
        batch_size=recipe.batch_size,
    )
    np.random.set_state(state)
    params: Params = net.params
    flat = np.concatenate([params[name].ravel() for name in ("W1", "b1", "W2", "b2")])
    return base64.b85encode(flat.astype(np.float16).tobytes()).decode()
