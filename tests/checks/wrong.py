"""The mistakes of real hand-ins, one at a time, each a small edit of a correct hand-in.

The numbers are those of the list that the project was given; some mistakes come in more than one form.
"""

# ruff: noqa: E501 (the tables quote whole lines of code)

from __future__ import annotations

from dataclasses import dataclass

from .handins import Edit, handin, method
from .right import FORWARD, GRADS, HISTORIES, IDX, RETURN, SIGMOID, SOFTMAX, UPDATE


@dataclass(frozen=True)
class Wrong:
    """One mistake and the questions that it may cost points in: each of them, and no other."""

    number: int
    """In the project's list of mistakes; 0 for one that is not on it."""
    edits: tuple[Edit, ...]
    questions: tuple[str, ...]

    @property
    def source(self) -> str:
        return handin(*self.edits)


MASK = "d_z = d_h * (z > 0)"
ONLY_21, ONLY_22, ONLY_23, ONLY_24 = ("Q2.1",), ("Q2.2",), ("Q2.3",), ("Q2.4",)
PROBS = "        probs = np.exp(scores)\n"
SHIFT = "        scores = scores - scores.max(axis=1, keepdims=True)\n"
MOMENTUM = (
    ("        np.random.seed(1)\n", "        np.random.seed(1)\n        v = {n: 0.0 for n in self.params}\n"),
    (
        UPDATE,
        "                    v[name] = 0.9 * v[name] - learning_rate * grads[name]\n"
        "                    self.params[name] += v[name]\n",
    ),
)


def wrong(number: int, questions: tuple[str, ...], *edits: Edit) -> Wrong:
    return Wrong(number, edits, questions)


WRONG: dict[str, Wrong] = {
    "relu mask omitted": wrong(1, ONLY_24, (MASK, "d_z = d_h")),
    "relu mask is a no-op": wrong(2, ONLY_24, (MASK, "d_z = d_h.copy()\n            d_z[h < 0] = 0")),
    "relu mask inverted": wrong(3, ONLY_24, (MASK, "d_z = d_h * (z <= 0)")),
    "upstream clipped": wrong(4, ONLY_24, (MASK, "d_z = np.maximum(d_h, 0)")),
    "loss without the half": wrong(5, ONLY_21, ("0.5 * reg * (", "reg * (")),
    "gradient with factor 2": wrong(
        5,
        ONLY_22,
        ("h.T.dot(d_scores) + reg * W2", "h.T.dot(d_scores) + 2 * reg * W2"),
        ("X.T.dot(d_z) + reg * W1", "X.T.dot(d_z) + 2 * reg * W1"),
    ),
    "no regularisation in the gradient": wrong(
        6, ONLY_22, ("dot(d_scores) + reg * W2", "dot(d_scores)"), ("dot(d_z) + reg * W1", "dot(d_z)")
    ),
    "regularisation twice in the gradient": wrong(
        7, ONLY_22, (GRADS, GRADS + "        grads['W1'] += reg * W1\n        grads['W2'] += reg * W2\n")
    ),
    "biases regularised in the loss": wrong(
        8, ONLY_21, ("np.sum(W2 ** 2))", "np.sum(W2 ** 2) + np.sum(b1 ** 2) + np.sum(b2 ** 2))")
    ),
    "biases regularised in both": wrong(
        9,
        ONLY_21,
        ("np.sum(W2 ** 2))", "np.sum(W2 ** 2) + np.sum(b1 ** 2) + np.sum(b2 ** 2))"),
        ("db1 = d_z.sum(axis=0)", "db1 = d_z.sum(axis=0) + reg * b1"),
        ("db2 = d_scores.sum(axis=0)", "db2 = d_scores.sum(axis=0) + reg * b2"),
    ),
    "biases regularised in the gradient": wrong(
        9,
        ONLY_22,
        ("db1 = d_z.sum(axis=0)", "db1 = d_z.sum(axis=0) + reg * b1"),
        ("db2 = d_scores.sum(axis=0)", "db2 = d_scores.sum(axis=0) + reg * b2"),
    ),
    "dW1 divided by N twice": wrong(10, ONLY_22, ("dW1 = X.T.dot(d_z)", "dW1 = X.T.dot(d_z) / N")),
    "db1 summed, not averaged": wrong(11, ONLY_22, ("db1 = d_z.sum(axis=0)", "db1 = d_z.sum(axis=0) * N")),
    "dW2 multiplied by N": wrong(12, ONLY_22, ("dW2 = h.T.dot(d_scores)", "dW2 = N * h.T.dot(d_scores)")),
    "db1 from dW1": wrong(13, ONLY_22, ("db1 = d_z.sum(axis=0)", "db1 = dW1.sum(axis=0)")),
    "db1 and db2 from dW": wrong(
        13,
        ONLY_22,
        ("db1 = d_z.sum(axis=0)", "db1 = dW1.sum(axis=0)"),
        ("db2 = d_scores.sum(axis=0)", "db2 = dW2.sum(axis=0)"),
    ),
    "softmax gradient without the right class": wrong(
        14, ONLY_22, ("        d_scores[np.arange(N), y] -= 1\n", "")
    ),
    "softmax gradient without 1/N": wrong(14, ONLY_22, ("        d_scores = d_scores / N\n", "")),
    "normalised without exp": wrong(15, ONLY_21, (SHIFT, ""), (PROBS, "        probs = np.abs(scores)\n")),
    "number of classes from the batch, set": wrong(
        16,
        ONLY_21,
        (
            PROBS,
            "        C = len(set(y.tolist()))\n        scores = scores[:, :C]\n        y = y % C\n" + PROBS,
        ),
        (
            "        d_scores = d_scores / N\n",
            "        d_scores = np.pad(d_scores / N, ((0, 0), (0, len(b2) - C)))\n",
        ),
    ),
    "number of classes from the batch, max": wrong(
        16,
        ONLY_22,
        (
            "        d_scores = probs.copy()\n        d_scores[np.arange(N), y] -= 1\n",
            "        one_hot = np.zeros((N, y.max() + 1))\n        one_hot[np.arange(N), y] = 1\n"
            "        d_scores = probs - one_hot\n",
        ),
    ),
    "three classes, hard-coded": wrong(
        17,
        ONLY_22,
        (
            "        d_scores = probs.copy()\n        d_scores[np.arange(N), y] -= 1\n",
            "        d_scores = probs - np.eye(3)[y]\n",
        ),
    ),
    "maximum without keepdims": wrong(
        18, ONLY_21, ("scores.max(axis=1, keepdims=True)", "scores.max(axis=1)")
    ),
    "sum without keepdims": wrong(18, ONLY_21, ("probs.sum(axis=1, keepdims=True)", "probs.sum(axis=1)")),
    "predict with an activation at the output": wrong(
        19, ONLY_23, ("return np.argmax(scores, axis=1)", "return np.argmax(sigmoid(scores), axis=1)")
    ),
    "predict with relu at the output": wrong(
        19, ONLY_23, ("return np.argmax(scores, axis=1)", "return np.argmax(np.maximum(scores, 0), axis=1)")
    ),
    "predict without b2": wrong(
        20,
        ONLY_23,
        ("return np.argmax(scores, axis=1)", "return np.argmax(scores - self.params['b2'], axis=1)"),
    ),
    "biases never updated": wrong(21, ONLY_23, ("for name in self.params:", "for name in ['W1', 'W2']:")),
    "decay only when verbose": wrong(
        22,
        ONLY_23,
        (
            "            learning_rate *= learning_rate_decay\n",
            "            if verbose:\n                learning_rate *= learning_rate_decay\n",
        ),
    ),
    "decay after each iteration": wrong(
        22,
        ONLY_23,
        ("            learning_rate *= learning_rate_decay\n", ""),
        (UPDATE, UPDATE + "                learning_rate *= learning_rate_decay\n"),
    ),
    "decay before the first epoch": wrong(
        22,
        ONLY_23,
        ("            learning_rate *= learning_rate_decay\n", ""),
        ("            perm =", "            learning_rate *= learning_rate_decay\n            perm ="),
    ),
    "loss returns three values": wrong(
        23,
        ONLY_21,
        (RETURN, "        return loss, grads, probs\n"),
        ("loss, grads = self.loss(X_batch", "loss, grads, _ = self.loss(X_batch"),
    ),
    "loss returns gradients first": wrong(
        23,
        ONLY_21,
        (RETURN, "        return grads, loss\n"),
        ("loss, grads = self.loss(X_batch", "grads, loss = self.loss(X_batch"),
    ),
    "sigmoid saturates the wrong way": wrong(
        24,
        ONLY_21,
        (
            SIGMOID,
            SIGMOID.replace("return ", "s = ") + "    s[z > 20] = 0.0\n    s[z < -20] = 1.0\n    return s\n",
        ),
    ),
    "momentum": wrong(25, ONLY_23, *MOMENTUM),
    "replace=False with few examples": wrong(
        28, ONLY_23, (IDX, "idx = np.random.choice(num_train, batch_size, replace=False)\n")
    ),
    "loss's reg renamed": wrong(
        29,
        ONLY_21,
        ("y=None, reg=0.0):", "y=None, lam=0.0):\n        reg = lam"),
        ("y=y_batch, reg=reg)", "y_batch, reg)"),
    ),
    "train's learning_rate renamed": wrong(
        29,
        ONLY_23,
        ("X_val, y_val, learning_rate=1e-3,", "X_val, y_val, lr=1e-3,"),
        ("        np.random.seed(1)\n", "        np.random.seed(1)\n        learning_rate = lr\n"),
    ),
    "1/N forgotten in the loss": wrong(
        30,
        ONLY_21,
        (
            "data_loss = -np.log(probs[np.arange(N), y]).mean()",
            "data_loss = -np.log(probs[np.arange(N), y]).sum()",
        ),
    ),
    "1/N forgotten in loss and gradient": wrong(
        30,
        ONLY_21,
        (
            "data_loss = -np.log(probs[np.arange(N), y]).mean()",
            "data_loss = -np.log(probs[np.arange(N), y]).sum()",
        ),
        ("        d_scores = d_scores / N\n", ""),
    ),
    "relu mask from the upstream sign": wrong(31, ONLY_24, (MASK, "d_z = d_h * (d_h > 0)")),
    # Not on the list, but as likely.
    "softplus for relu": wrong(
        0, ONLY_24, ("h = np.maximum(z, 0)", "h = np.logaddexp(0, z)"), (MASK, "d_z = d_h * sigmoid(z)")
    ),
    "leaky relu": wrong(
        0,
        ONLY_24,
        ("h = np.maximum(z, 0)", "h = np.where(z > 0, z, 0.01 * z)"),
        (MASK, "d_z = d_h * np.where(z > 0, 1, 0.01)"),
    ),
    "tanh for sigmoid": wrong(
        0,
        ("Q2.1", "Q2.2"),
        (SIGMOID, "    return np.tanh(z)\n"),
        ("d_z = d_h * h * (1 - h)", "d_z = d_h * (1 - h ** 2)"),
    ),
    "sigmoid slope of the pre-activation": wrong(
        0, ONLY_22, ("d_z = d_h * h * (1 - h)", "d_z = d_h * z * (1 - z)")
    ),
    "sigmoid slope missing": wrong(0, ONLY_22, ("d_z = d_h * h * (1 - h)", "d_z = d_h")),
    "b1 forgotten": wrong(0, ONLY_21, ("z = X.dot(W1) + b1", "z = X.dot(W1)")),
    "b2 forgotten": wrong(0, ONLY_21, ("scores = h.dot(W2) + b2", "scores = h.dot(W2)")),
    "activation at the output": wrong(
        0, ONLY_21, ("scores = h.dot(W2) + b2", "scores = sigmoid(h.dot(W2) + b2)")
    ),
    "scores are probabilities": wrong(
        0,
        ONLY_21,
        (
            "            return scores\n",
            "            e = np.exp(scores - scores.max(1, keepdims=True))\n            return e / e.sum(1, keepdims=True)\n",
        ),
    ),
    "only W1 in the penalty": wrong(0, ONLY_21, ("(np.sum(W1 ** 2) + np.sum(W2 ** 2))", "np.sum(W1 ** 2)")),
    "no penalty": wrong(0, ONLY_21, ("loss = data_loss + penalty", "loss = data_loss")),
    "penalty divided by N": wrong(0, ONLY_21, ("penalty = 0.5 * reg", "penalty = 0.5 / N * reg")),
    "gradient sign reversed, training too": wrong(
        0,
        ONLY_22,
        (GRADS, GRADS + "        grads = {n: -g for n, g in grads.items()}\n"),
        ("[name] -= learning_rate", "[name] += learning_rate"),
    ),
    "training climbs": wrong(0, ONLY_23, ("[name] -= learning_rate", "[name] += learning_rate")),
    "no update": wrong(0, ONLY_23, (UPDATE, "                    pass\n")),
    "update of a copy": wrong(
        0,
        ONLY_23,
        (
            "        np.random.seed(1)\n",
            "        np.random.seed(1)\n        params = {n: p.copy() for n, p in self.params.items()}\n",
        ),
        (UPDATE, "                    params[name] -= learning_rate * grads[name]\n"),
    ),
    "regularisation added in the update": wrong(
        0, ONLY_23, (UPDATE, UPDATE.replace("grads[name]", "(grads[name] + reg * self.params[name])"))
    ),
    "always the first batch": wrong(
        0,
        ONLY_23,
        (IDX, "idx = perm[:batch_size]\n"),
        ("perm = np.random.permutation(num_train)", "perm = np.arange(num_train)"),
    ),
    "batches with replacement": wrong(0, ONLY_23, (IDX, "idx = np.random.choice(num_train, batch_size)\n")),
    "reg not passed on": wrong(
        0, ONLY_23, ("self.loss(X_batch, y=y_batch, reg=reg)", "self.loss(X_batch, y=y_batch)")
    ),
    "train changes X": wrong(0, ONLY_23, method("train", "X -= X.mean(axis=0)\nX += X.mean(axis=0)")),
    "train normalises X": wrong(0, ONLY_23, method("train", "X = X / np.abs(X).max()")),
    "histories missing": wrong(0, ONLY_23, (HISTORIES, "        return {'loss_history': loss_history}\n")),
    "histories per epoch": wrong(
        0,
        ONLY_23,
        ("                loss_history.append(loss)\n", ""),
        ("            train_acc =", "            loss_history.append(loss)\n            train_acc ="),
    ),
    "accuracies in percent": wrong(
        0, ONLY_23, ("train_acc_history.append(train_acc)", "train_acc_history.append(100 * train_acc)")
    ),
    "validation accuracy on the training data": wrong(
        0, ONLY_23, ("(self.predict(X_val) == y_val)", "(self.predict(X) == y)")
    ),
    "gradient magnitude of W2": wrong(
        0, ONLY_23, ("np.linalg.norm(grads['W1'])", "np.linalg.norm(grads['W2'])")
    ),
    "gradient magnitude squared": wrong(
        0, ONLY_23, ("np.linalg.norm(grads['W1'])", "np.sum(grads['W1'] ** 2)")
    ),
    "train returns nothing": wrong(0, ONLY_23, (HISTORIES, "")),
    "predict one-hot": wrong(
        0,
        ONLY_23,
        ("return np.argmax(scores, axis=1)", "return np.eye(scores.shape[1])[np.argmax(scores, axis=1)]"),
    ),
    "predict along the wrong axis": wrong(
        0, ONLY_23, ("return np.argmax(scores, axis=1)", "return np.argmax(scores, axis=0)")
    ),
    "predict counts from one": wrong(
        0, ONLY_23, ("return np.argmax(scores, axis=1)", "return np.argmax(scores, axis=1) + 1")
    ),
    "predict the lowest score": wrong(
        0, ONLY_23, ("return np.argmax(scores, axis=1)", "return np.argmin(scores, axis=1)")
    ),
    "predict returns floats": wrong(
        0, ONLY_23, ("return np.argmax(scores, axis=1)", "return np.argmax(scores, axis=1).astype(float)")
    ),
    "predict of sigmoid only": wrong(
        0,
        ONLY_23,
        (
            "        scores = self.loss(X)\n",
            "        p = self.params\n        scores = sigmoid(X.dot(p['W1']) + p['b1']).dot(p['W2']) + p['b2']\n",
        ),
    ),
    "relu slope for both": wrong(0, ONLY_22, ("d_z = d_h * h * (1 - h)", "d_z = d_h * (z > 0)")),
    "sigmoid slope for both": wrong(0, ONLY_24, (MASK, "d_z = d_h * h * (1 - h)")),
    "sigmoid for both": wrong(
        0, ONLY_24, ("h = np.maximum(z, 0)", "h = sigmoid(z)"), (MASK, "d_z = d_h * h * (1 - h)")
    ),
    "W1 gradient transposed": wrong(
        0, ONLY_22, ("dW1 = X.T.dot(d_z) + reg * W1", "dW1 = (X.T.dot(d_z) + reg * W1).T")
    ),
    "a gradient missing": wrong(0, ONLY_22, (GRADS, GRADS.replace("'b1': db1, ", ""))),
}
"""Name to mistake. Mistake 26 (lists and matrices) and 27 (unshifted softmax) are right and stand there."""

__all__ = ["FORWARD", "SOFTMAX", "WRONG", "Wrong"]
