"""Networks as they are written for this assignment in many years: right ones earn everything, wrong ones lose where they are wrong.

Each is the base with pieces exchanged; what they lose by question, and what has to be among the names.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.grading.runner import Run
from grader.selftest.prove import graded
from tests.coded.making import results
from tests.coded.test_examples import assignment_of

BASE = '''
from __future__ import print_function
import numpy as np
import matplotlib.pyplot as plt
from past.builtins import xrange

class TwoLayerNet(object):
  """A net with two layers, as handed in."""

  def __init__(self, input_size, hidden_size, output_size, std=1e-4):
    self.params = {}
    self.params['W1'] = std * np.random.randn(input_size, hidden_size)
    self.params['b1'] = np.zeros(hidden_size)
    self.params['W2'] = std * np.random.randn(hidden_size, output_size)
    self.params['b2'] = np.zeros(output_size)

  def loss(self, X, y=None, reg=0.0):
    W1, b1 = self.params['W1'], self.params['b1']
    W2, b2 = self.params['W2'], self.params['b2']
    N, D = X.shape
    scores = None
    z1 = X.dot(W1) + b1
    a1 = np.maximum(z1, 0)
    scores = a1.dot(W2) + b2
    if y is None:
      return scores
    loss = None
    shift = scores - np.max(scores, axis=1, keepdims=True)
    p = np.exp(shift) / np.sum(np.exp(shift), axis=1, keepdims=True)
    loss = np.sum(-np.log(p[np.arange(N), y]))
    loss /= N
    loss += reg * (np.sum(W2 * W2) + np.sum(W1 * W1))
    grads = {}
    dscores = p
    dscores[np.arange(N), y] -= 1
    dscores /= N
    grads['W2'] = np.dot(a1.T, dscores) + 2 * reg * W2
    grads['b2'] = np.sum(dscores, axis=0)
    dhidden = np.dot(dscores, W2.T)
    dhidden[z1 <= 0] = 0
    grads['W1'] = np.dot(X.T, dhidden) + 2 * reg * W1
    grads['b1'] = np.sum(dhidden, axis=0)
    return loss, grads

  def train(self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95, reg=5e-6, num_iters=100,
            batch_size=200, verbose=False):
    num_train = X.shape[0]
    iterations_per_epoch = max(num_train / batch_size, 1)
    loss_history = []
    train_acc_history = []
    val_acc_history = []
    for it in xrange(num_iters):
      X_batch = None
      y_batch = None
      batch = np.random.choice(num_train, batch_size)
      X_batch = X[batch]
      y_batch = y[batch]
      loss, grads = self.loss(X_batch, y=y_batch, reg=reg)
      loss_history.append(loss)
      self.params['W1'] += -learning_rate * grads['W1']
      self.params['b1'] += -learning_rate * grads['b1']
      self.params['W2'] += -learning_rate * grads['W2']
      self.params['b2'] += -learning_rate * grads['b2']
      if verbose and it % 100 == 0:
        print('iteration %d / %d: loss %f' % (it, num_iters, loss))
      if it % iterations_per_epoch == 0:
        train_acc = (self.predict(X_batch) == y_batch).mean()
        val_acc = (self.predict(X_val) == y_val).mean()
        train_acc_history.append(train_acc)
        val_acc_history.append(val_acc)
        learning_rate *= learning_rate_decay
    return {
      'loss_history': loss_history,
      'train_acc_history': train_acc_history,
      'val_acc_history': val_acc_history,
    }

  def predict(self, X):
    y_pred = None
    z1 = X.dot(self.params['W1']) + self.params['b1']
    a1 = np.maximum(z1, 0)
    y_pred = np.argmax(a1.dot(self.params['W2']) + self.params['b2'], axis=1)
    return y_pred
'''
STEP = """      self.params['W1'] += -learning_rate * grads['W1']
      self.params['b1'] += -learning_rate * grads['b1']
      self.params['W2'] += -learning_rate * grads['W2']
      self.params['b2'] += -learning_rate * grads['b2']
"""
SAMPLE = "batch = np.random.choice(num_train, batch_size)\n"
HALF = (("loss += reg *", "loss += 0.5 * reg *"), ("2 * reg * W2", "reg * W2"), ("2 * reg * W1", "reg * W1"))
pytestmark = pytest.mark.slow

RIGHT: dict[str, tuple[tuple[str, str], ...]] = {
    "as it is": (),
    "half penalty": HALF,
    "no shift": (("scores - np.max(scores, axis=1, keepdims=True)", "scores"),),
    "log of sums": (
        (
            "loss = np.sum(-np.log(p[np.arange(N), y]))",
            "loss = np.sum(np.log(np.exp(shift).sum(1)) - shift[range(N), y])",
        ),
    ),
    "loop for the loss": (
        (
            "loss = np.sum(-np.log(p[np.arange(N), y]))",
            "loss = 0.0\n    for i in xrange(N):\n      loss += -np.log(p[i, y[i]])",
        ),
    ),
    "relu by lambda": (
        ("a1 = np.maximum(z1, 0)\n    scores", "relu = lambda x: x * (x > 0)\n    a1 = relu(z1)\n    scores"),
    ),
    "relu in place": (("a1 = np.maximum(z1, 0)\n    scores", "z1[z1 < 0] = 0\n    a1 = z1\n    scores"),),
    "mask by hidden": (("dhidden[z1 <= 0] = 0", "dhidden = dhidden * (a1 > 0)"),),
    "mask at zero kept": (("dhidden[z1 <= 0] = 0", "dhidden[z1 < 0] = 0"),),
    "averaged at the end": (
        ("    dscores /= N\n", ""),
        ("np.dot(a1.T, dscores) +", "np.dot(a1.T, dscores) / N +"),
        ("np.dot(X.T, dhidden) +", "np.dot(X.T, dhidden) / N +"),
        ("np.sum(dscores, axis=0)", "np.sum(dscores, axis=0) / N"),
        ("np.sum(dhidden, axis=0)", "np.mean(dhidden, axis=0)"),
    ),
    "one hot": (
        (
            "dscores[np.arange(N), y] -= 1",
            "onehot = np.zeros_like(p)\n    onehot[np.arange(N), y] = 1\n    dscores = dscores - onehot",
        ),
    ),
    "ones for biases": (
        ("np.sum(dscores, axis=0)", "np.ones(N).dot(dscores)"),
        ("np.sum(dhidden, axis=0)", "dhidden.T.dot(np.ones(N))"),
    ),
    "bias gradients as rows": (
        ("np.sum(dscores, axis=0)", "np.sum(dscores, axis=0, keepdims=True)"),
        ("np.sum(dhidden, axis=0)", "np.sum(dhidden, axis=0).reshape(1, -1)"),
        (
            STEP,
            "      for k in self.params:\n        self.params[k] -= learning_rate * grads[k].reshape(self.params[k].shape)\n",
        ),
    ),
    "scores changed in place": (
        (
            "shift = scores - np.max(scores, axis=1, keepdims=True)",
            "scores -= np.max(scores, axis=1, keepdims=True)\n    shift = scores",
        ),
    ),
    "float32": (
        (
            "z1 = X.dot(W1) + b1\n    a1 = np.maximum(z1, 0)\n    scores",
            "z1 = (X.dot(W1) + b1).astype(np.float32)\n    a1 = np.maximum(z1, 0)\n    scores",
        ),
    ),
    "step by loop": (
        (STEP, "      for name in self.params:\n        self.params[name] -= learning_rate * grads[name]\n"),
    ),
    "step by new arrays": (
        (STEP, "      self.params = {k: v - learning_rate * grads[k] for k, v in self.params.items()}\n"),
    ),
    "replace": ((SAMPLE, "batch = np.random.choice(np.arange(num_train), size=batch_size, replace=True)\n"),),
    "randint": ((SAMPLE, "batch = np.random.randint(0, num_train, batch_size)\n"),),
    "permutation": ((SAMPLE, "batch = np.random.permutation(num_train)[:batch_size]\n"),),
    "without replacement": (
        (SAMPLE, "batch = np.random.choice(num_train, batch_size, replace=batch_size > num_train)\n"),
    ),
    "own generator": ((SAMPLE, "batch = np.random.default_rng().integers(num_train, size=batch_size)\n"),),
    "python's random": (
        (SAMPLE, "import random\n      batch = random.sample(range(num_train), batch_size)\n"),
    ),
    "whole quotient": (("max(num_train / batch_size, 1)", "int(max(num_train // batch_size, 1))"),),
    "predict by loss": (
        (
            "    z1 = X.dot(self.params['W1']) + self.params['b1']\n    a1 = np.maximum(z1, 0)\n    y_pred = np.argmax(a1.dot(self.params['W2']) + self.params['b2'], axis=1)",
            "    y_pred = self.loss(X).argmax(axis=1)",
        ),
    ),
    "predict by probabilities": (
        (
            "y_pred = np.argmax(a1.dot(self.params['W2']) + self.params['b2'], axis=1)",
            "s = a1.dot(self.params['W2']) + self.params['b2']\n    e = np.exp(s - s.max(1, keepdims=True))\n    y_pred = np.argmax(e / e.sum(1, keepdims=True), axis=1)",
        ),
    ),
    "predict as list": (("axis=1)\n    return y_pred", "axis=1)\n    return np.array(list(y_pred))"),),
    "prints": (("    grads = {}", "    print(loss)\n    grads = {}"),),
    "more in grads": (
        ("    return loss, grads", "    grads['unused'] = 0\n    return loss, grads"),
        (STEP, "      for name in self.params:\n        self.params[name] -= learning_rate * grads[name]\n"),
    ),
}
WRONG: dict[str, tuple[tuple[tuple[str, str], ...], dict[str, float], str]] = {
    "summed": ((("    loss /= N\n", ""),), {"Q1": 2}, "loss-summed"),
    "penalty forgotten": ((("    loss += reg * (np.sum(W2 * W2) + np.sum(W1 * W1))\n", ""),), {"Q1": 1}, "no-penalty"),
    "penalty averaged": ((("    loss /= N\n    loss += reg * (np.sum(W2 * W2) + np.sum(W1 * W1))", "    loss += reg * (np.sum(W2 * W2) + np.sum(W1 * W1))\n    loss /= N"),), {"Q1": 1}, "penalty-averaged"),
    "penalty of W2": ((("(np.sum(W2 * W2) + np.sum(W1 * W1))", "np.sum(W2 * W2)"),), {"Q1": 1}, "penalty-of-second-layer-only"),
    "gradient of penalty": ((("2 * reg * W2", "reg * W2"), ("2 * reg * W1", "reg * W1")), {"Q2": 3}, "penalty-gradient-halved"),
    "half in the loss, whole gradient": ((("loss += reg *", "loss += 0.5 * reg *"),), {"Q2": 3}, "penalty-gradient-doubled"),
    "gradient of penalty forgotten": (((" + 2 * reg * W2", ""), (" + 2 * reg * W1", "")), {"Q2": 3}, "penalty-gradient-left-out"),
    "not averaged": ((("    dscores /= N\n", ""),), {"Q2": 6}, "gradient-not-averaged"),
    "mask forgotten": ((("    dhidden[z1 <= 0] = 0\n", ""),), {"Q2": 3}, "mask-left-out"),
    "mask of the gradient": ((("dhidden[z1 <= 0] = 0", "dhidden[dhidden <= 0] = 0"),), {"Q2": 3}, "mask-of-gradient"),
    "b1 averaged": ((("np.sum(dhidden, axis=0)", "np.mean(dhidden, axis=0)"),), {"Q2": 1.5}, "b1-averaged"),
    "b2 over the wrong axis": ((("np.sum(dscores, axis=0)", "np.sum(dscores, axis=1)"),), {"Q2": 1.5}, ""),
    "relu forgotten": ((("a1 = np.maximum(z1, 0)\n    scores", "a1 = z1\n    scores"),), {"Q1": 4}, "relu-left-out"),
    "first bias forgotten": ((("z1 = X.dot(W1) + b1\n", "z1 = X.dot(W1)\n"),), {"Q1": 4}, "bias-1-left-out"),
    "uphill": (((STEP, "      for name in self.params:\n        self.params[name] += learning_rate * grads[name]\n"),), {"Q3": 4}, "steps-uphill"),
    "biases not trained": (((STEP, "      for name in ('W1', 'W2'):\n        self.params[name] -= learning_rate * grads[name]\n"),), {"Q3": 4}, "biases-not-trained"),
    "whole data": (((SAMPLE, "batch = np.arange(num_train)\n"),), {"Q3": 1}, "whole-data"),
    "no decay": ((("        learning_rate *= learning_rate_decay\n", ""),), {"Q3": 1}, "no-decay"),
    "argmax over the batch": ((("+ self.params['b2'], axis=1)", "+ self.params['b2'], axis=0)"),), {"Q4": 3}, "wrong-axis"),
    "predict without relu": ((("    a1 = np.maximum(z1, 0)\n    y_pred", "    a1 = z1\n    y_pred"),), {"Q4": 3}, "predict-without-relu"),
    "predict unfilled": ((("    y_pred = np.argmax(a1.dot(self.params['W2']) + self.params['b2'], axis=1)\n", ""),), {"Q4": 3}, ""),
    "gradients unfilled": ((("    dscores = p\n", "    return loss, grads\n    dscores = p\n"),), {"Q2": 6}, ""),
    "loss unfilled": ((("    loss = np.sum(-np.log(p[np.arange(N), y]))\n    loss /= N\n    loss += reg * (np.sum(W2 * W2) + np.sum(W1 * W1))\n", ""),), {"Q1": 3}, ""),
    "update unfilled": (((STEP, ""),), {"Q3": 4}, "no-steps"),
    "summed and mask": ((("    loss /= N\n", ""), ("    dhidden[z1 <= 0] = 0\n", "")), {"Q1": 2, "Q2": 3}, "loss-summed mask-left-out"),
    "half penalty and mask": (
        (*HALF, ("    dhidden[z1 <= 0] = 0\n", "")),
        {"Q2": 3},
        "mask-left-out",
    ),
    "half penalty and summed": ((*HALF, ("    loss /= N\n", "")), {"Q1": 2}, "loss-summed"),
    "half penalty and uphill": (
        (*HALF, (STEP, STEP.replace("-learning", "learning"))),
        {"Q3": 4},
        "steps-uphill",
    ),
    "penalty and uphill": ((("    loss += reg * (np.sum(W2 * W2) + np.sum(W1 * W1))\n", ""), (STEP, STEP.replace("-learning", "learning"))), {"Q1": 1, "Q3": 4}, "no-penalty steps-uphill"),
}  # fmt: skip


def edited(edits: tuple[tuple[str, str], ...]) -> str:
    source = BASE
    for old, new in edits:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return source


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return assignment_of("two_layer_net", tmp_path_factory.mktemp("two"))


def questions(run: Run, source: str) -> tuple[dict[str, float], set[str]]:
    report = graded(source, run)
    assert not report.host.errors
    lost = {q.id: float(sum(c.points - c.earned for c in q.checks)) for q in report.questions}
    named = {name for r in results(report).values() for name in r.mistakes}
    return {id: points for id, points in lost.items() if points}, named


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_one_earns_everything(run: Run, name: str):
    assert questions(run, edited(RIGHT[name])) == ({}, set())


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_one_loses_where_it_is_wrong_and_is_named(run: Run, name: str):
    edits, costs, names = WRONG[name]
    lost, named = questions(run, edited(edits))
    assert lost == costs
    assert set(names.split()) <= named


def test_by_one_convention_the_other_is_wrong(run: Run, tmp_path: Path):
    import msgspec

    from grader.grading.loading import load_assignment

    for own, wrong in (("whole", HALF), ("half", ())):
        path = tmp_path / f"{own}.toml"
        path.write_text(run.rubric.path.read_text().replace('PENALTY = "either"', f'PENALTY = "{own}"'))
        rubric, reference = load_assignment(path)
        strict = msgspec.structs.replace(run.rubric, constants=rubric.constants)
        from dataclasses import replace

        settled = replace(run, rubric=strict, reference=reference)
        assert questions(settled, edited(wrong))[0].keys() == {"Q1", "Q2"}
        assert questions(settled, edited(HALF if own == "half" else ()))[0] == {}
