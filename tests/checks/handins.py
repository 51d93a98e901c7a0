"""Hand-ins made from the bank's correct one by small edits, so that each shows one thing and nothing else."""

from __future__ import annotations

from grader.assignment import assets
from grader.selftest.bank import Edit, Right, Wrong, edited, load

BANK = load(assets.root() / "reference" / "ps3")
BASE = BANK.base
"""A correct hand-in. Edits quote its lines, so each of them that an edit names occurs once."""
RIGHT: dict[str, Right] = {solution.name: solution for solution in BANK.right}
WRONG: dict[str, Wrong] = {solution.name: solution for solution in BANK.wrong}
"""Mistake 26 (lists and matrices) and 27 (unshifted softmax) are right and stand there."""

# Lines that edits quote.
MASK = "d_z = d_h * (z > 0)"
GRADS = "        grads = {'W1': dW1, 'b1': db1, 'W2': dW2, 'b2': db2}\n"
UPDATE = "                    self.params[name] -= learning_rate * grads[name]\n"
RETURN = "        return loss, grads\n"
IDX = "idx = perm[i * batch_size:(i + 1) * batch_size]\n"


def handin(*edits: tuple[str, str]) -> str:
    """`BASE` with pieces replaced: each `(old, new)` names a text that occurs exactly once."""
    return edited(BASE, tuple(Edit(old=old, new=new) for old, new in edits), "of a test")


def method(name: str, lines: str) -> tuple[str, str]:
    """Put lines of code at the start of a method's body: an edit of its `def` line."""
    heads = {
        "loss": "    def loss(self, X, y=None, reg=0.0):\n",
        "predict": "    def predict(self, X):\n",
        "train": "              reg=1e-5, num_epochs=10, batch_size=200, verbose=False):\n",
        "__init__": "output_size, std=1e-4, activation='relu'):\n",
    }
    body = "".join(f"        {line}\n" for line in lines.splitlines())
    return heads[name], heads[name] + body
