"""Name the mistake: compare what a hand-in answers with what known mistakes would answer."""

from __future__ import annotations

from ..misconceptions import NAMES
from .look import Library, second_look
from .subjects import key_of
from .supplied_line import answers as line_answers
from .supplied_line import step_of_line

__all__ = ["NAMES", "Library", "key_of", "line_answers", "second_look", "step_of_line"]
