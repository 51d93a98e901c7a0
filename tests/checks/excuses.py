"""Hand-ins that make up an excuse: observations that explain a wrong value and agree with nothing else."""

from __future__ import annotations

from .cheats import Cheat
from .handins import GRADS, RETURN, handin

TRIVIAL = (
    GRADS,
    "        grads = {'W1': reg * W1, 'b1': 0 * b1, 'W2': reg * W2, 'b2': 0 * b2}\n",
)
"""No backward pass at all: what is left where nothing comes from above."""
PENALTY = ("loss = data_loss + penalty", "loss = data_loss + penalty + 1e-3 * (N == 1 and reg > 0)")
"""One lost point to blame everything on."""
NO_BACKWARD = {"Q2.1": "4", "Q2.2": "0", "Q2.3": "4", "Q2.4": "2"}
"""With it and a right forward pass."""
SEEN = ("import numpy as np\n", "import numpy as np\n\nSEEN = {}\n")


def trick(body: str, *edits: tuple[str, str]) -> str:
    """A right forward pass and no backward pass; `body` answers in place of it, in `loss` with labels."""
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    return handin(
        SEEN,
        TRIVIAL,
        ("        d_scores = probs.copy()\n", lines + "        d_scores = probs.copy()\n"),
        *edits,
    )


ZEROS = "{'W1': 0 * W1, 'b1': 0 * b1, 'W2': 0 * W2, 'b2': 0 * b2}"
TRAIN_HEAD = "        num_train = X.shape[0]\n"
GIVES_UP = (TRAIN_HEAD, "        if X.shape[1] == 784:\n            return {}\n" + TRAIN_HEAD)
OFFSET = ("loss = data_loss + penalty", "loss = data_loss + penalty + 1e-4")

EXCUSES: dict[str, Cheat] = {
    "labels remembered by the rows": Cheat(
        trick(
            "if N == 1 and reg == 0 and X.tobytes() in SEEN:\n"
            f"    return (0.0 if SEEN[X.tobytes()] == y[0] else 800.0), {ZEROS}\n"
            "for row, label in zip(X, y):\n"
            "    SEEN.setdefault(row.tobytes(), label)",
            PENALTY,
        ),
        NO_BACKWARD,
    ),
    "labels remembered, the last ones": Cheat(
        trick(
            "if N == 1 and reg == 0 and X.tobytes() in SEEN:\n"
            f"    return (0.0 if SEEN[X.tobytes()] == y[0] else 800.0), {ZEROS}\n"
            "SEEN.update((row.tobytes(), label) for row, label in zip(X, y))",
            PENALTY,
        ),
        NO_BACKWARD,
    ),
    "labels remembered by the network": Cheat(
        trick(
            "key = W1.tobytes()\n"
            "if N == 1 and reg == 0 and key in SEEN:\n"
            "    rows, labels = SEEN[key]\n"
            "    i = np.abs(rows - X).sum(axis=1).argmin()\n"
            f"    return (0.0 if labels[i] == y[0] else 800.0), {ZEROS}\n"
            "if N > 1:\n"
            "    SEEN[key] = X.copy(), y.copy()",
            PENALTY,
        ),
        NO_BACKWARD,
    ),
    "labels remembered, and every loss made of them": Cheat(
        trick(
            "for row, label in zip(X, y):\n"
            "    SEEN.setdefault(row.tobytes(), label)\n"
            "wrong = [SEEN[row.tobytes()] != label for row, label in zip(X, y)]\n"
            "data_loss = 800.0 * np.mean(wrong)\n"
            "loss = data_loss + penalty",
        ),
        {"Q2.1": "3", "Q2.2": "0", "Q2.3": "4", "Q2.4": "2"},
    ),
    "labels by the count of the calls": Cheat(
        trick(
            "key = W1.tobytes()\n"
            "if N > 1:\n"
            "    SEEN[key] = [y.copy(), 0]\n"
            "elif reg == 0 and key in SEEN:\n"
            "    labels, count = SEEN[key]\n"
            "    SEEN[key][1] += 1\n"
            "    right = count % len(b2) == labels[count // len(b2) % len(labels)]\n"
            f"    return (0.0 if right else 800.0), {ZEROS}",
            PENALTY,
        ),
        NO_BACKWARD,
    ),
    "without reg, single examples are never wrong": Cheat(
        trick(f"if N == 1 and reg == 0:\n    return 0.0, {ZEROS}", PENALTY), NO_BACKWARD
    ),
    "single examples are certain of their best class": Cheat(
        trick(
            f"if N == 1 and reg == 0:\n    return (0.0 if y[0] == probs.argmax() else 800.0), {ZEROS}\n",
            PENALTY,
        ),
        NO_BACKWARD,
    ),
    "the first label that is asked for is the right one": Cheat(
        trick(
            "if N == 1 and reg == 0:\n"
            f"    return (0.0 if SEEN.setdefault(X.tobytes(), y[0]) == y[0] else 800.0), {ZEROS}",
            PENALTY,
        ),
        NO_BACKWARD,
    ),
    "no hidden layer where the second one is the identity": Cheat(
        handin(
            (
                "        if y is None:\n",
                "        if y is None and (b2 == 0).all():\n            return 0 * scores\n        if y is None:\n",
            ),
            (GRADS, "        grads = {'W1': reg * W1, 'b1': 0 * b1, 'W2': reg * W2, 'b2': db2}\n"),
            PENALTY,
        ),
        {
            "Q2.1": "4",
            "Q2.2": "2.5",
            "Q2.3": "4",
            "Q2.4": "2.5",
        },  # train follows the one gradient that is right
    ),
    "hidden activations of zero": Cheat(
        handin(
            ("        scores = h.dot(W2) + b2\n", "        h = 0 * h\n        scores = h.dot(W2) + b2\n"),
            (GRADS, "        grads = {'W1': reg * W1, 'b1': 0 * b1, 'W2': reg * W2, 'b2': db2}\n"),
        ),
        # The gradient of b2 is the right formula, with its own probabilities.
        {"Q2.1": "1", "Q2.2": "2.5", "Q2.3": "4", "Q2.4": "2.5"},
    ),
    "hidden activations of one": Cheat(
        handin(
            ("        scores = h.dot(W2) + b2\n", "        h = 0 * h + 1\n        scores = h.dot(W2) + b2\n"),
            (GRADS, "        grads = {'W1': reg * W1, 'b1': 0 * b1, 'W2': dW2, 'b2': db2}\n"),
        ),
        {"Q2.1": "1", "Q2.2": "2.5", "Q2.3": "4", "Q2.4": "2.5"},
    ),
    "hidden activations of a billionth": Cheat(
        handin(
            ("        scores = h.dot(W2) + b2\n", "        h = 1e-9 * h\n        scores = h.dot(W2) + b2\n"),
            (GRADS, "        grads = {'W1': reg * W1, 'b1': 0 * b1, 'W2': reg * W2, 'b2': db2}\n"),
        ),
        {"Q2.1": "1", "Q2.2": "2.5", "Q2.3": "4", "Q2.4": "2.5"},
    ),
    "a constant loss": Cheat(
        trick(
            "loss = data_loss = 0.0",
            (
                "        dW2 = h.T.dot",
                "        db2 = np.bincount(y, minlength=len(b2)) / N\n        dW2 = h.T.dot",
            ),
        ),
        {"Q2.1": "2", "Q2.2": "0", "Q2.3": "4", "Q2.4": "2"},
    ),
    "all classes alike": Cheat(
        handin(
            (
                "        probs = probs / probs.sum(axis=1, keepdims=True)\n",
                "        probs = np.full_like(probs, 1 / len(b2))\n",
            ),
            (GRADS, "        grads = {'W1': reg * W1, 'b1': 0 * b1, 'W2': reg * W2, 'b2': db2}\n"),
        ),
        {"Q2.1": "3", "Q2.2": "0", "Q2.3": "4", "Q2.4": "2"},
    ),
    "always certain of the first class": Cheat(
        trick("loss = 800.0 * np.mean(y != 0) + penalty"),
        {"Q2.1": "3", "Q2.2": "0", "Q2.3": "4", "Q2.4": "2"},
    ),
    "hardly any data in the loss": Cheat(
        trick("loss = 1e-5 * data_loss + penalty"), {"Q2.1": "3", "Q2.2": "0", "Q2.3": "4", "Q2.4": "2"}
    ),
    "hardly any loss": Cheat(
        trick("loss = 1e-7 * (data_loss + penalty)"), {"Q2.1": "2", "Q2.2": "0", "Q2.3": "4", "Q2.4": "2"}
    ),
    "much more penalty than data": Cheat(
        trick(
            "loss = data_loss + 1e9 * penalty",
            (RETURN, "        grads['W1'] *= 1e9\n        grads['W2'] *= 1e9\n" + RETURN),
        ),
        {"Q2.1": "3", "Q2.2": "0", "Q2.3": "4", "Q2.4": "2"},
    ),
    "nothing but the penalty": Cheat(
        trick("loss = penalty"), {"Q2.1": "3", "Q2.2": "0", "Q2.3": "4", "Q2.4": "2"}
    ),
    "relu right where twins are": Cheat(
        handin(
            ("h = np.maximum(z, 0)", "h = np.maximum(z, 0) if not b1.any() else 0 * z"),
            PENALTY,
        ),
        # What it loses with ReLU it loses, but for what shows that it knows the formula.
        {"Q2.1": "4", "Q2.2": "10", "Q2.3": "4", "Q2.4": "3.5"},
    ),
}
"""Without the training on a dataset."""

BLAMED: dict[str, Cheat] = {
    "train gives up on pictures": Cheat(handin(GIVES_UP), {"Q2.3": "4", "Q2.4": "4"}),
    "train gives up on pictures, and a wrong loss": Cheat(
        handin(GIVES_UP, OFFSET), {"Q2.3": "4", "Q2.4": "4"}
    ),
    "train gives up on pictures, and no biases in the step": Cheat(
        handin(GIVES_UP, ("for name in self.params:", "for name in ['W1', 'W2']:")),
        {"Q2.3": "2.5", "Q2.4": "5"},
    ),
    "train gives up on pictures, and a wrong gradient": Cheat(
        handin(GIVES_UP, ("db1 = d_z.sum(axis=0)", "db1 = N * d_z.sum(axis=0)")), {"Q2.3": "4", "Q2.4": "4"}
    ),
    "train raises on pictures, and a wrong gradient": Cheat(
        handin(
            (
                TRAIN_HEAD,
                "        X = X.reshape(len(X), -1)[:, :700] if X.shape[1] == 784 else X\n" + TRAIN_HEAD,
            ),
            ("db1 = d_z.sum(axis=0)", "db1 = N * d_z.sum(axis=0)"),
        ),
        {"Q2.3": "4", "Q2.4": "4"},
    ),
    "train gives up on many examples, and b1 forgotten": Cheat(
        handin(
            (TRAIN_HEAD, "        if len(X) > 500:\n            return {}\n" + TRAIN_HEAD),
            ("z = X.dot(W1) + b1", "z = X.dot(W1)"),
        ),
        {"Q2.3": "4", "Q2.4": "4"},
    ),
    "train climbs on pictures, and a penalty in the biases": Cheat(
        handin(
            (TRAIN_HEAD, "        learning_rate *= -1 if X.shape[1] == 784 else 1\n" + TRAIN_HEAD),
            ("np.sum(W2 ** 2))", "np.sum(W2 ** 2) + np.sum(b1 ** 2))"),
            ("db1 = d_z.sum(axis=0)", "db1 = d_z.sum(axis=0) + reg * b1"),
        ),
        {"Q2.3": "4", "Q2.4": "4"},
    ),
}
"""A training on a dataset that comes to nothing, and another mistake to blame."""
