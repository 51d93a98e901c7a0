"""A hand-in that computes nothing: it has learnt by heart what a right one answered in a run that it saw."""

from __future__ import annotations

import base64
import pickle
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from grader.grading import runner
from grader.grading.runner import Run
from grader.handin.submission import Submission
from grader.model import GradeReport
from grader.reading.process import Here
from grader.selftest.inside import Inside
from grader.student.sandbox import Practice
from grader.student.slots import Slots
from tests.checks.handins import BASE
from tests.grading.test_runner import without_accuracy

_KEY = """
import hashlib
import numpy as np


def key(net, name, *asked):
    digest = hashlib.sha256(f"{name} {net.activation}".encode())
    for value in (*(net.params[n] for n in sorted(net.params)), *asked):
        if isinstance(value, np.ndarray):
            digest.update(f"{value.shape}".encode() + np.ascontiguousarray(value).tobytes())
        else:
            digest.update(repr(value).encode())
    return digest.digest()[:8]
"""
_WATCHED = """
import pickle

Right = TwoLayerMLP


class TwoLayerMLP(Right):
    inside = False

    def seen(self, name, asked, more):
        if self.inside:
            return getattr(Right, name)(self, *asked, **more)
        found = key(self, name, *asked, *sorted(more.items()))
        self.inside = True
        try:
            answer = getattr(Right, name)(self, *asked, **more)
        finally:
            self.inside = False
        with open(SEEN, "ab") as file:
            pickle.dump((found, answer, self.params if name == "train" else None), file)
        return answer

    def loss(self, *asked, **more):
        return self.seen("loss", asked, more)

    def train(self, *asked, **more):
        return self.seen("train", asked, more)

    def predict(self, *asked, **more):
        return self.seen("predict", asked, more)
"""
_BY_HEART = """
import base64
import pickle
import zlib


class TwoLayerMLP(object):
    def __init__(self, input_size, hidden_size, output_size, std=1e-4, activation='relu'):
        self.activation = activation
        self.params = {
            'W1': std * np.random.randn(input_size, hidden_size), 'b1': np.zeros(hidden_size),
            'W2': std * np.random.randn(hidden_size, output_size), 'b2': np.zeros(output_size),
        }

    def known(self, name, asked, more):
        answer, params = TABLE.get(key(self, name, *asked, *sorted(more.items())), (None, None))
        if params is not None:
            self.params = {n: v.copy() for n, v in params.items()}
        return answer

    def loss(self, X, *asked, **more):
        answer = self.known('loss', (X, *asked), more)
        if answer is not None:
            return answer
        scores = np.zeros((len(X), len(self.params['b2'])))
        if not asked and 'y' not in more:
            return scores
        return 1.0, {n: np.zeros_like(v) for n, v in self.params.items()}

    def train(self, *asked, **more):
        answer = self.known('train', asked, more)
        names = 'loss_history', 'grad_magnitude_history', 'train_acc_history', 'val_acc_history'
        return {n: [1.0] for n in names} if answer is None else answer

    def predict(self, X, *asked, **more):
        answer = self.known('predict', (X, *asked), more)
        return np.zeros(len(X), dtype=int) if answer is None else answer
"""


def asked(folder: Path, run: Run) -> dict[bytes, tuple[Any, Any]]:
    """All that a right hand-in is asked under these settings, by hash: its answer, and its parameters then."""
    seen = folder / "seen"
    seen.write_bytes(b"")
    graded(folder / "right", f"{BASE}\n{_KEY}\nSEEN = {str(seen)!r}\n{_WATCHED}", run)
    table = {}
    with seen.open("rb") as file:
        while True:
            try:
                found, answer, params = pickle.load(file)
            except EOFError:
                break
            table[found] = answer, params
    return table


def learnt(folder: Path, run: Run) -> str:
    """The source of a hand-in that has seen a right one graded under these settings."""
    packed = base64.b85encode(zlib.compress(pickle.dumps(asked(folder, run)), 9))
    return f"{_KEY}\n{_BY_HEART}\nTABLE = pickle.loads(zlib.decompress(base64.b85decode({packed!r})))\n"


def graded(folder: Path, source: str, run: Run) -> GradeReport:
    """The report on one `mlp.py`."""
    folder.mkdir()
    (folder / "mlp.py").write_text(source)
    return runner.grade(Submission(folder.name, folder, "mlp.py", None), run)


def settings(on_digits: Run, secret: str = "", nonce: str = "1") -> Run:
    """To grade code of ours with, in this process; under the rubric's own secret where none is given."""
    rubric = without_accuracy(on_digits.rubric)
    rubric = msgspec.structs.replace(rubric, secret=secret or rubric.secret, nonce=nonce)
    return replace(on_digits, rubric=rubric, worker=Inside, reader=Here, slots=Slots(1), sandbox=Practice())
