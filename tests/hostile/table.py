"""All hostile hand-ins that the suite grades: a file for each kind of attack, a line here for each file."""

from __future__ import annotations

from . import accuracy, cases, excuses, leaks, reader, written
from .cases import Case

OF_THE_SANDBOX: tuple[Case, ...] = (*cases.CASES, *accuracy.CASES, *leaks.CASES, *reader.CASES)
"""What attacks the process, the machine, the grader or other hand-ins: to be held in each tier, as each user."""
OF_MARKS: tuple[Case, ...] = (*excuses.CASES, *written.CASES)
"""What only answers falsely: what that is worth is decided in the grader, whatever the worker is confined by."""
CASES: tuple[Case, ...] = (*OF_THE_SANDBOX, *OF_MARKS)
