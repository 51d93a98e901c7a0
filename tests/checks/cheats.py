"""Hand-ins that try to earn points without the work, and what they may earn at most."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from .handins import BASE, GRADS, IDX, MASK, RETURN, UPDATE, handin, method


@dataclass(frozen=True)
class Cheat:
    """A source, and the most points that it may earn in each question with checks (without accuracy)."""

    source: str
    at_most: dict[str, str]


HEAD = BASE[: BASE.index("    def loss")]
TRAIN = BASE[BASE.index("    def train") : BASE.index("    def predict")]
TRAIN_HEAD = TRAIN[: TRAIN.index("        num_train")]
PREDICT = BASE[BASE.index("    def predict") :]
NOTHING = {"Q2.1": "0", "Q2.2": "0", "Q2.3": "0", "Q2.4": "0"}
MEMORY = """
TOY = {'sigmoid': (1.1822479803941373, 0.1092679461068068), 'relu': (1.3037878913298206, 0.017856220486983883)}
"""


def loss(body: str) -> str:
    return "    def loss(self, X, y=None, reg=0.0):\n" + "".join(
        f"        {line}\n" for line in body.splitlines()
    )


def train(body: str) -> str:
    return TRAIN_HEAD + "".join(f"        {line}\n" for line in body.splitlines())


STATS = """\
n = num_epochs * max(len(X) // batch_size, 1)
return {'loss_history': list(np.linspace(1, TOY[self.activation][1], n)),
        'grad_magnitude_history': [1.0] * n,
        'train_acc_history': [1.0] * num_epochs, 'val_acc_history': [1.0] * num_epochs}"""

CHEATS: dict[str, Cheat] = {
    "zero everything": Cheat(
        HEAD
        + loss(
            "if y is None:\n    return np.zeros((len(X), len(self.params['b2'])))\n"
            "return 0.0, {k: 0 * v for k, v in self.params.items()}"
        )
        + TRAIN
        + "    def predict(self, X):\n        return np.zeros(len(X), dtype=int)\n",
        # Its train is the right one, and shows it with a right loss.
        {**NOTHING, "Q2.3": "3"},
    ),
    "constant loss, memorised for the toy": Cheat(
        MEMORY
        + HEAD
        + loss(
            "if y is None:\n    return np.ones((len(X), len(self.params['b2'])))\n"
            "return TOY[self.activation][0], {k: 0 * v for k, v in self.params.items()}"
        )
        + train(STATS)
        + "    def predict(self, X):\n        return np.zeros(len(X), dtype=int)\n",
        {"Q2.1": "1", "Q2.2": "0", "Q2.3": "0", "Q2.4": "0.5"},
    ),
    "memorises the toy by shape": Cheat(
        MEMORY
        + HEAD
        + loss(
            "if y is None:\n    return np.ones((len(X), len(self.params['b2'])))\n"
            "if X.shape == (5, 4) and reg == 0.1:\n    return TOY[self.activation][0], dict(self.params)\n"
            "return 1.0, dict(self.params)"
        )
        + train(STATS)
        + PREDICT,
        # Its predict is right, and shows it with right scores.
        {"Q2.1": "1", "Q2.2": "0", "Q2.3": "1", "Q2.4": "0.5"},
    ),
    "squared weights with their gradient": Cheat(
        HEAD
        + loss(
            "if y is None:\n    return np.ones((len(X), len(self.params['b2'])))\n"
            "return (0.5 * sum(np.sum(p ** 2) for p in self.params.values()),\n"
            "        {k: v.copy() for k, v in self.params.items()})"
        )
        + TRAIN
        + PREDICT,
        {"Q2.1": "0", "Q2.2": "0", "Q2.3": "4", "Q2.4": "0.5"},
    ),
    "right scores, squared weights as the loss": Cheat(
        handin(
            (
                RETURN,
                "        return 0.5 * sum(np.sum(p ** 2) for p in self.params.values()), dict(self.params)\n",
            )
        ),
        # ReLU's scores are right; of the gradients of W2 and b2 the rest is code that both activations share.
        {"Q2.1": "2", "Q2.2": "0", "Q2.3": "4", "Q2.4": "2"},
    ),
    "loss scaled by a tiny factor": Cheat(
        handin((RETURN, "        return 1e-12 * loss, {k: 1e-12 * g for k, g in grads.items()}\n")),
        {"Q2.1": "2", "Q2.2": "0", "Q2.3": "4", "Q2.4": "4"},
    ),
    "loss and gradients of zero, scaled": Cheat(
        handin((RETURN, "        return 0.0 * loss, {k: 0.0 * g for k, g in grads.items()}\n")),
        # The same.
        {"Q2.1": "2", "Q2.2": "0", "Q2.3": "4", "Q2.4": "2"},
    ),
    "a linear network with its right gradients": Cheat(
        handin(
            ("h = sigmoid(z)", "h = z"),
            ("h = np.maximum(z, 0)", "h = z"),
            ("d_z = d_h * h * (1 - h)", "d_z = d_h"),
            (MASK, "d_z = d_h"),
        ),
        # b2 and W2 follow from its own scores by the right formulas; the activation's part does not.
        {"Q2.1": "1", "Q2.2": "5", "Q2.3": "4", "Q2.4": "1.25"},
    ),
    "train sets the parameters at random": Cheat(
        handin(
            (
                UPDATE,
                "                    self.params[name] += 0.1 * np.random.randn(*self.params[name].shape)\n",
            )
        ),
        {"Q2.1": "5", "Q2.2": "10", "Q2.3": "2", "Q2.4": "4"},
    ),
    "train stores histories only": Cheat(
        handin((TRAIN, MEMORY.replace("\nTOY", "\n    TOY") + train(STATS.replace("TOY", "self.TOY")))),
        {"Q2.1": "5", "Q2.2": "10", "Q2.3": "1.25", "Q2.4": "4"},
    ),
    "train changes params but not what predict uses": Cheat(
        handin((UPDATE, "                    self.params = dict(self.params)\n")),
        {"Q2.1": "5", "Q2.2": "10", "Q2.3": "1.75", "Q2.4": "4"},
    ),
    "relu is sigmoid, sigmoid slightly off": Cheat(
        handin(
            ("h = np.maximum(z, 0)", "h = sigmoid(z)"),
            (MASK, "d_z = d_h * h * (1 - h)"),
            ("loss = data_loss + penalty", "loss = data_loss + 1.001 * penalty"),
        ),
        {"Q2.1": "3", "Q2.2": "10", "Q2.3": "4", "Q2.4": "1.25"},
    ),
    "no relu, and the shared lines broken too": Cheat(
        handin(
            ("h = np.maximum(z, 0)", "h = 0 * z"),
            (MASK, "d_z = 0 * d_h"),
            ("dW1 = X.T.dot(d_z)", "dW1 = 2 * X.T.dot(d_z)"),
            ("db1 = d_z.sum(axis=0)", "db1 = 2 * d_z.sum(axis=0)"),
            ("dW2 = h.T.dot(d_scores)", "dW2 = 2 * h.T.dot(d_scores)"),
            ("db2 = d_scores.sum(axis=0)", "db2 = 2 * d_scores.sum(axis=0)"),
            (
                "data_loss = -np.log(probs[np.arange(N), y]).mean()",
                "data_loss = -np.log(probs[np.arange(N), y]).mean() + 1",
            ),
            ("scores = h.dot(W2) + b2", "scores = h.dot(W2) + b2 + 1"),
        ),
        {"Q2.1": "1", "Q2.2": "0", "Q2.3": "4", "Q2.4": "1.25"},
    ),
    "scores that ignore the hidden layer": Cheat(
        handin(("scores = h.dot(W2) + b2", "scores = np.ones_like(h).dot(W2) + b2")),
        # The gradients are the right formulas, with the right hidden layer.
        {"Q2.1": "1", "Q2.2": "10", "Q2.3": "4", "Q2.4": "2.75"},
    ),
    "first batch only, with a shared mistake to hide it": Cheat(
        handin(
            (IDX, "idx = np.arange(num_train)[:batch_size]\n"),
            ("0.5 * reg * (", "0.5001 * reg * ("),
        ),
        {"Q2.1": "4", "Q2.2": "10", "Q2.3": "3.75", "Q2.4": "4"},
    ),
    "gradients by finite differences of its own loss": Cheat(
        handin(
            (
                GRADS,
                "        grads = {}\n"
                "        for name, p in self.params.items() if not getattr(self, 'inside', False) else ():\n"
                "            self.inside = True\n"
                "            grads[name] = np.zeros_like(p)\n"
                "            for i in np.ndindex(p.shape):\n"
                "                old = p[i]\n"
                "                p[i] = old + 1e-5\n"
                "                up = self.loss(X, y, reg)[0]\n"
                "                p[i] = old - 1e-5\n"
                "                grads[name][i] = (up - self.loss(X, y, reg)[0]) / 2e-5\n"
                "                p[i] = old\n"
                "            self.inside = False\n",
            )
        ),
        # A legitimate derivative, but not to 1e-8: what the question asks for is the formula.
        {"Q2.1": "5", "Q2.2": "10", "Q2.3": "4", "Q2.4": "4"},
    ),
    "loss fails on purpose, histories made up": Cheat(
        handin(
            method("loss", "raise NotImplementedError"),
            (
                TRAIN,
                MEMORY.replace("\nTOY", "\n    TOY")
                + train(
                    "for name in self.params:\n    self.params[name] = self.params[name] + 1e-3\n"
                    + STATS.replace("TOY", "self.TOY")
                ),
            ),
        ),
        # Its predict is right, and its train changes no array of the caller's.
        {**NOTHING, "Q2.3": "1.25"},
    ),
    "predict by memory of train": Cheat(
        handin(
            method("train", "self.seen = y"),
            (
                "        scores = self.loss(X)\n        return np.argmax(scores, axis=1)\n",
                "        return np.resize(getattr(self, 'seen', np.zeros(1, int)), len(X))\n",
            ),
        ),
        {"Q2.1": "5", "Q2.2": "10", "Q2.3": "3", "Q2.4": "4"},
    ),
    "right for the sizes of the toy only": Cheat(
        handin(
            (
                "        z = X.dot(W1) + b1\n",
                "        z = (X.dot(W1) + b1) if W1.shape == (4, 10) else X.dot(W1)\n",
            ),
        ),
        {"Q2.1": "2", "Q2.2": "10", "Q2.3": "4", "Q2.4": "4"},
    ),
}


def over(cheat: Cheat, earned: dict[str, Decimal]) -> dict[str, str]:
    """Questions in which a cheat earned more than it may."""
    return {q: f"{earned[q]} > {most}" for q, most in cheat.at_most.items() if earned[q] > Decimal(most)}
