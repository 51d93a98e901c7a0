"""Who may have worked too closely together: evidence for a person to look at, and no verdict.

In come the hand-ins of a class as their reports have them (`of_report`), what was handed out, and hand-ins from outside
the class; out comes `Similar`: pairs, ranked by how surprising it is in this class that two share so much, each with
what they share and how many of the class have that. Nothing is run, and no mark depends on it.
"""

from .compare import Given, compare
from .hand_in import Claim, Mistake, Work, content, of_report
from .result import Evidence, Excerpt, Looked, Member, Pair, Similar

__all__ = [
    "Claim", "Evidence", "Excerpt", "Given", "Looked", "Member", "Mistake", "Pair", "Similar", "Work", "compare",
    "content", "of_report",
]  # fmt: skip
