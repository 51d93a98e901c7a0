"""What checks of many assignments have in common: hidden inputs, gradients, training, arguments, what is printed.

Functions for an assignment's `checks.py`: in comes a trial, out goes what to compare, or a check that is lost. The
harness itself uses none of them. docs/assignments.md has an example of each.
"""

from __future__ import annotations

from .accuracies import enough
from .arguments import repeatable, untouched
from .gradients import numerical
from .networks import filled, labelled
from .printing import printed
from .training import identical, of_batches

__all__ = [
    "enough",
    "filled",
    "identical",
    "labelled",
    "numerical",
    "of_batches",
    "printed",
    "repeatable",
    "untouched",
]
