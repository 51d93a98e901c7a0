"""The kinds of check. A new kind is one class in one file of this package and one line in `ALL`."""

from __future__ import annotations

from grader.checks.base import Check

from .accuracy import Accuracy
from .backward import Gradient
from .forward import DataLoss, Scores, ToyLoss
from .histories import Histories
from .large_scores import LargeScores
from .module import Module
from .predict import Predict
from .public import PUBLIC
from .steps import Decay, Epoch, Untouched, UpdateStep
from .toy_training import ToyTraining

ALL: tuple[type[Check], ...] = (
    Module,
    ToyLoss,
    Scores,
    DataLoss,
    LargeScores,
    Gradient,
    ToyTraining,
    Histories,
    UpdateStep,
    Epoch,
    Decay,
    Untouched,
    Predict,
    Accuracy,
    *PUBLIC,
)

KINDS: dict[str, type[Check]] = {check.kind: check for check in ALL}
"""What `kind` in a rubric may say."""

__all__ = ["ALL", "KINDS"]
