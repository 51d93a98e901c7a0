"""Name the mistake: compare what a hand-in answers with what known mistakes would answer."""

from __future__ import annotations

from .look import Library, second_look

__all__ = ["Library", "second_look"]
