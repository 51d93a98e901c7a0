"""The gradebook: one SQLite file beside the reports, with every check result of every run, and persons' marks.

What was found in a hand-in is kept under a key, the hash of all that can change it: the files, what the rubric asks,
the reference, the grader, the dataset, the secret, the nonce, the tier. An unchanged hand-in has a finding already; so
has a copy of another one. A run lists hand-ins and where each one's finding is, with the points as they were marked
then.

Every change is one transaction, so that a process that is killed at any moment leaves a book that can be read, and
loses only what it had not written yet.
"""

from . import tries
from .book import FILE, Gradebook, Kind
from .lock import grading
from .records import HandIn, Hashes, MarkRecord, Row, RunRecord

__all__ = [
    "FILE",
    "Gradebook",
    "HandIn",
    "Hashes",
    "Kind",
    "MarkRecord",
    "Row",
    "RunRecord",
    "grading",
    "tries",
]
