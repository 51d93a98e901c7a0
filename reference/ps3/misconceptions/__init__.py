"""Mistakes that hand-ins make, each as the formulas that it amounts to.

`Network` holds the right formulas, one step to a method. A misconception is a subclass with one step put wrong, so
that it can say what a hand-in with just this mistake would return, on any input. Where students write one mistake
in several ways that give other numbers, further subclasses are its forms: they share its name and its words.

Shapes: N examples, D inputs, H hidden units, C classes; all float64. A form may return other shapes, or raise, where
code with this mistake would.
"""

from __future__ import annotations

from . import (
    at_scores,
    class_count,
    hidden_layer,
    one_parameter,
    penalty,
    prediction,
    softmax,
    through_hidden,
    training,
)
from .network import ACTIVATION_STEPS, BACKWARD_STEPS, FORWARD_STEPS, Network

__all__ = [
    "ACTIVATION_STEPS",
    "BACKWARD_STEPS",
    "FORWARD_AND_BACKWARD",
    "FORWARD_STEPS",
    "NAMES",
    "PREDICTION",
    "TRAINING",
    "Network",
]

FORWARD_AND_BACKWARD: tuple[type[Network], ...] = (
    *hidden_layer.FORMS,
    *softmax.FORMS,
    *class_count.FORMS,
    *penalty.FORMS,
    *at_scores.FORMS,
    *through_hidden.FORMS,
    *one_parameter.FORMS,
)
"""What shows in `loss`."""
TRAINING = training.FORMS
"""What shows in `train`."""
PREDICTION = prediction.FORMS
"""What shows in `predict`."""
NAMES = tuple(dict.fromkeys(form.name for form in (*FORWARD_AND_BACKWARD, *TRAINING, *PREDICTION)))
