"""Find the module and the notebook in what one student handed in, wherever they lie in it.

One search for folders, archives and every course system: `tree` lists the files, `which` chooses among them by what
`names` and `facts` say, and `hand_in` says what was taken from where, and what is left over.
"""

from .facts import Wanted
from .hand_in import Found, Look, Told, found_in, plain, search
from .names import family, is_meant_as, newness
from .tree import Entry, Tree, listed
from .which import Candidate, Choice, choose

__all__ = [
    "Candidate", "Choice", "Entry", "Found", "Look", "Told", "Tree", "Wanted", "choose", "family", "found_in",
    "is_meant_as", "listed", "newness", "plain", "search",
]  # fmt: skip
