"""Names of other years in a hand-in's source that its worker is supplied with."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Collection, Iterator
from itertools import pairwise
from pathlib import Path

from ..student.child import compat, ipython
from .imports import MAX_TOKENISED


def supplied_names(folder: Path, kinds: Collection[str]) -> tuple[str, ...]:
    """A remark for the report on the names that were supplied, where the staged files use any."""
    own = sorted({name for path in sorted(folder.glob("*.py")) for name in _of_notebooks(path)})
    said = (f"names that only a notebook has were supplied: {', '.join(own)}",) if own else ()
    found = sorted({name for path in sorted(folder.rglob("*.py")) for name in _used(path, kinds)})
    if not found:
        return said
    return (
        *said,
        f"names that Python or NumPy no longer has were supplied: {', '.join(found)}",
    )


def _of_notebooks(path: Path) -> Iterator[str]:
    source = path.read_bytes()
    if len(source) > MAX_TOKENISED or not any(name.encode() in source for name in ipython.NAMES):
        return
    try:
        words = [token.string for token in tokenize.tokenize(io.BytesIO(source).readline)]
    except (SyntaxError, tokenize.TokenError, LookupError, ValueError):
        return
    for before, name, after in zip(["", *words], words, words[1:], strict=False):
        if name in ipython.NAMES and after == "(" and before not in (".", "def"):
            yield name


def _used(path: Path, kinds: Collection[str]) -> Iterator[str]:
    source = path.read_bytes()
    if not kinds or len(source) > MAX_TOKENISED:
        return
    try:
        words = [token.string for token in tokenize.tokenize(io.BytesIO(source).readline)]
    except (SyntaxError, tokenize.TokenError, LookupError, ValueError):
        return  # the import says what is wrong
    if "numpy1" in kinds:
        for before, dot, name in zip(words, words[1:], words[2:], strict=False):
            if before in ("np", "numpy") and dot == "." and name in compat.NUMPY:
                yield f"np.{name}"
    if "python2-builtins" in kinds:
        for before, name in pairwise(words):
            if name in compat.BUILTINS and before != ".":
                yield name
