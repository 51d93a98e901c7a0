"""How a question was answered, as far as that is certain: with words, a picture, another file, or not at all.

A zero is suggested only where it is certain that nothing was written. What was not read, or may be in a file that the
grader does not open, is for a person to look at.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from ..model import Answered

_DOCUMENT = (
    r"[^\s\"'<>()\[\]:;,]{0,120}\.(?:pdf|jpe?g|png|heic|heif|tiff?|webp|docx?|odt|pages|rtf|tex|goodnotes)\b"
)
_FILE = re.compile(_DOCUMENT, re.IGNORECASE)
_POINTS_AWAY = re.compile(
    r"\b(?:see|look at|find|in|on|attached|separate|handed in|uploaded|as a|siehe)[ \t]{1,3}"
    r"(?:the |my |a |an |this |other )?"
    r"(?:attached |attachment|separate |extra |other |scanned |handwritten |uploaded )?"
    r"(?:pdf|photos?|scans?|pictures?|images?|file|sheet|paper|anhang|foto)\b",
    re.IGNORECASE,
)
_SHOWN = re.compile(r"!\[[^\]]{0,200}\]\(|<img\b", re.IGNORECASE)
_SHORT = 60
"""Words up to which an answer that points to another file is taken to be there."""


def answered(
    text: str | None, pasted: bool, not_read: bool, has_notebook: bool, notes: Iterable[str]
) -> Answered:
    """How a written question was answered.

    `text` is what was found, None where the question was not; `pasted`, whether pictures are in it; `notes` are those
    of the hand-in, which name the files that were not read.
    """
    if not_read:
        return "not read"
    if pasted or _SHOWN.search(text or ""):
        return "picture"
    if text:
        return "elsewhere" if len(text.split()) <= _SHORT and points_away(text) else "written"
    if files_named(notes):
        return "elsewhere"
    return "not found" if text is None and has_notebook else "nothing"


def points_away(text: str) -> bool:
    """Whether an answer says that it, or a part of it, is in another file."""
    return bool(_FILE.search(text) or _POINTS_AWAY.search(text))


def files_named(notes: Iterable[str]) -> tuple[str, ...]:
    """Documents and pictures that are named in remarks on a hand-in, each once."""
    return tuple(dict.fromkeys(name for note in notes for name in _FILE.findall(note)))


def key(text: str, *others: str) -> str:
    """First 12 hex digits of a hash of an answer: its text, white space aside, and what else belongs to it."""
    parts = (" ".join(text.split()), *filter(None, others))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:12]


def code_key(sources: Iterable[bytes]) -> str:
    """The same of code: lines that are empty or hold a comment only, and spaces at the end of one, are left out."""
    digest = hashlib.sha256()
    for source in sources:
        lines = (line.rstrip() for line in source.splitlines())
        digest.update(
            b"\n".join(line for line in lines if line and not line.lstrip().startswith(b"#")) + b"\0"
        )
    return digest.hexdigest()[:12]
