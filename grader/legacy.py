"""Names of other years in a hand-in's source that its worker is supplied with."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Collection, Iterator
from itertools import pairwise
from pathlib import Path

from .imports import MAX_TOKENISED
from .student.child import compat


def supplied_names(folder: Path, kinds: Collection[str]) -> tuple[str, ...]:
    """A remark for the report on the names that were supplied, where the staged files use any."""
    found = sorted({name for path in sorted(folder.glob("*.py")) for name in _used(path, kinds)})
    if not found:
        return ()
    return (f"names that Python or NumPy no longer has were supplied: {', '.join(found)}",)


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
