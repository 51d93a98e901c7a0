"""What the names of files of one hand-in say: which is a copy of which, which is newer, what may hold work."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_WORD = re.compile(r"[^\W\d_]+|\d+")
_OLD = frozenset(
    """
    alt ancien antigo backup bak before broken deprecated earlier old previous trash vecchio viejo
    """.split()  # noqa: SIM905
)
_NEWER = frozenset(
    """
    complete completed corrected done fertig filled fin final finale finished fixed last latest neu new newest updated
    """.split()  # noqa: SIM905
)
_COPIES = frozenset(
    """
    abgabe copia copie copy edited kopie of orig original rev revised revision solution solutions submission submit
    submitted v ver version
    """.split()  # noqa: SIM905
)
_PARTS = frozenset(
    "aufgabe exercise ex part problem q question section task teil".split()  # noqa: SIM905
)
"""What is numbered because it goes on, not because it is newer."""
_CODE = re.compile(r"\.(?:py|pyw|pyi|ipynb)(?:[.\W_]|\Z)", re.IGNORECASE)
_DOCUMENTS = (
    ".doc", ".docx", ".gdoc", ".heic", ".htm", ".html", ".jpeg", ".jpg", ".md", ".odt", ".pages", ".pdf", ".png",
    ".ps", ".rst", ".rtf", ".tex", ".tif", ".tiff", ".txt", ".webp",
)  # fmt: skip


def words(name: str) -> tuple[str, ...]:
    """The words and numbers of a name, folded."""
    return tuple(_WORD.findall(unicodedata.normalize("NFKC", name).casefold()))


def family(stem: str) -> tuple[str, ...]:
    """What copies of one file have in common: the words of the name that say nothing of which copy it is."""
    said = words(stem)
    own = tuple(w for w in said if not w.isdigit() and w not in _OLD | _NEWER | _COPIES)
    return tuple(w for w in said if w not in _OLD | _NEWER | _COPIES) if _PARTS.intersection(own) else own


def is_meant_as(name: str, wanted: str) -> bool:
    """Whether a file is plainly named to be the wanted one: `mlp (1).py`, `Copy of mlp_final.py`."""
    stem, _, ending = wanted.rpartition(".")
    own, _, kind = name.rpartition(".")
    return kind.casefold() == ending.casefold() and family(own) == family(stem)


def is_old(path: Sequence[str]) -> bool:
    """Whether a name on the way to a file says that it is no more than kept."""
    return any(_OLD.intersection(words(part)) for part in path)


def newness(stem: str) -> tuple[bool, tuple[int, ...]]:
    """What copies of one family are ordered by, the newest last."""
    said = words(stem)
    return bool(_NEWER.intersection(said)), tuple(int(w) for w in said if w.isdigit() and len(w) < 20)


def may_be_code(name: str, stem: str) -> bool:
    """Whether a file that is no `.py` may hold the notebook, or the module of that `stem`, all the same."""
    named = re.search(rf"\A[^/]*\b{re.escape(stem)}\b", name, re.IGNORECASE)
    return (named or _CODE.search(name)) is not None


def may_be_written(name: str) -> bool:
    """Whether answers may be written in a file of that name: a document or a picture."""
    return name.lower().endswith(_DOCUMENTS)
