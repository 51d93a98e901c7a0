"""The gradebook: one SQLite file beside the reports, with every check result of every run, and persons' marks.

What was found in a hand-in is kept under a key, the hash of all that can change it: the files, what the rubric asks,
the reference, the grader, the dataset, the secret, the nonce, the tier. An unchanged hand-in has a finding already; so
has a copy of another one. A run lists hand-ins and where each one's finding is, with the points as they were marked
then.

A row that is damaged is found to be so when it is read (`rows`), and when the file is opened (`check`). Marks of
persons are kept twice: in the file, and in `marks.jsonl` beside it, which `repair` reads where the file cannot be.

Every change is one transaction, so that a process that is killed at any moment leaves a book that can be read, and
loses only what it had not written yet.
"""

from . import flags, looked, opinions, tries
from .book import Gradebook
from .filesystems import network_name
from .flags import FlagRecord
from .given_marks import Crossing
from .lock import grading
from .looked import LookedRecord
from .opening import FILE
from .pruning import prune
from .records import HandIn, Hashes, ItemRecord, MarkRecord, Row, RunRecord
from .repair import examine, repair
from .rows import DamagedRow
from .runs import Kind
from .trouble import repair_command

__all__ = [
    "FILE",
    "Crossing",
    "DamagedRow",
    "FlagRecord",
    "Gradebook",
    "HandIn",
    "Hashes",
    "ItemRecord",
    "Kind",
    "LookedRecord",
    "MarkRecord",
    "Row",
    "RunRecord",
    "examine",
    "flags",
    "grading",
    "looked",
    "network_name",
    "opinions",
    "prune",
    "repair",
    "repair_command",
    "tries",
]
