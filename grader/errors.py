"""Errors that end a run, each one line for the person who typed the command.

A `GraderError` is about the user's side: a path, a rubric, a dataset, a machine. Its text says what was
found, what was wanted, where, and what to do; the command line prints it without a traceback. Anything
else that escapes is a bug of ours and keeps its traceback. What student code does wrong is neither: see
`grader.student.faults`.
"""

from __future__ import annotations


class GraderError(Exception):
    """The run cannot go on; `exit_code` is what the process ends with (3: the grader could not grade)."""

    exit_code = 3


class UsageError(GraderError):
    """The command line names something that is not there or makes no sense (exit code 2)."""

    exit_code = 2


class RubricError(GraderError):
    """A rubric that cannot be used: the text names the file, the field, the value found and the one wanted."""

    exit_code = 2


class DatasetError(GraderError):
    """A dataset that is missing, damaged or truncated (exit code 3)."""


class AnswersError(GraderError):
    """A reference folder that is incomplete or does not fit the rubric (exit code 3)."""


class AssignmentError(GraderError):
    """A file of an assignment that cannot be used as it was written: the text names it and the line."""

    exit_code = 2


class GradebookError(GraderError):
    """A gradebook that cannot be read or written: no hand-in of the run can go on (exit code 3)."""
