"""All hostile hand-ins that the suite grades: a file for each kind of attack, a line here for each file."""

from __future__ import annotations

from . import accuracy, cases, excuses, leaks, reader, written
from .cases import Case

CASES: tuple[Case, ...] = (
    *cases.CASES,
    *accuracy.CASES,
    *excuses.CASES,
    *leaks.CASES,
    *reader.CASES,
    *written.CASES,
)
