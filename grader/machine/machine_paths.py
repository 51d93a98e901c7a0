"""Paths of the machine that grades, cut from what others get to read: they say nothing to a student, and too much."""

from __future__ import annotations

import re

_ABOVE = r"(?<![\w./~-])/(?:[^\s'\"`():,;/]+/)*"
_STAGED = r"grading-\w+/[\w-]+/"
"""Below the folder of a hand-in at work (`runner`): its files, and what a worker or a kernel may write to."""
_INSTALLED = r"(?:lib(?:64)?/python3\.\d+/)?(?:site|dist)-packages/|lib(?:64)?/python3\.\d+/"
_MACHINES = re.compile(f"{_ABOVE}(?:{_STAGED}|{_INSTALLED})")


def cut(text: str) -> str:
    """A text in which a hand-in's own files and installed ones are named from there on; other paths are students'."""
    return _MACHINES.sub("", text)
