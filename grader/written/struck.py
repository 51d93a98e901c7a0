"""What HTML and Markdown strike out, comment out or hide in an answer: nobody is shown it, so it claims nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_STRUCK: Final = ("del", "s", "strike", "template", "script", "style", "title", "head", "iframe", "textarea")
_INVISIBLE: Final = re.compile(
    r"line-through|display\s*+:\s*+none|visibility\s*+:\s*+hidden|\bhidden\b|opacity\s*+:\s*+0(?:\.0*)?(?![.\d])"
    r"|font-size\s*+:\s*+0(?![.\d])|color\s*+[:=]\s*+[\"']?+\s*+(?:white|transparent|#f{3}\b|#f{6}\b"
    r"|rgba?\(\s*+255\s*+,\s*+255\s*+,\s*+255)",
    re.IGNORECASE,
)
_VOID: Final = ("br", "img", "hr", "input", "wbr")
_PIECES: Final = re.compile(r"(<!--|-->|</?[A-Za-z][A-Za-z0-9]*(?:[\s/][^<>]*)?>|~~)")
_UNSEEN: Final = re.compile(r"!\[[^\[\]\n]*\]\([^()\n]*\)|^ {0,3}\[[^\[\]\n]*\]:[^\n]*$", re.MULTILINE)
"""What Markdown shows no text of: pictures, and lines that links refer to."""
_DOLLARS: Final = re.compile(r"(?<!\\)\$+")


def unstruck(text: str) -> str:
    """The text without what HTML or Markdown strikes out, comments out or hides, and without tags."""
    text = _UNSEEN.sub(" ", text)
    kept: list[str] = []
    struck: list[str] = []
    in_comment = False
    pieces = _PIECES.split(text)
    paired = _paired(pieces)
    for i, piece in enumerate(pieces):
        if in_comment:
            in_comment = piece != "-->"
        elif piece == "<!--":
            in_comment = True
            kept.append(" ")
        elif i in paired:
            struck = [name for name in struck if name != "~~"] if "~~" in struck else [*struck, "~~"]
        elif i % 2 and piece.startswith("<"):
            struck = _with_tag(struck, piece)
            kept.append(" ")
        elif not struck:
            kept.append(piece)
    return "".join(kept)


def _paired(pieces: Sequence[str]) -> set[int]:
    """Which `~~` strike something out: as in Markdown there is no space within them, nor do they stand in a formula."""
    found: set[int] = set()
    opened = -1
    dollars = 0
    for i, piece in enumerate(pieces):
        dollars += len(_DOLLARS.findall(piece))
        if dollars % 2:
            continue
        if piece == "~~" and opened < 0 and pieces[i + 1][:1].strip():
            opened = i
        elif piece == "~~" and opened >= 0 and pieces[i - 1][-1:].strip():
            found |= {opened, i}
            opened = -1
    return found


def _with_tag(struck: list[str], tag: str) -> list[str]:
    """Which struck elements are open behind a tag; elements inside them are counted with them."""
    match = re.match(r"</?([A-Za-z]+)", tag)
    name = match[1].lower() if match else ""
    if tag.startswith("</"):
        if name not in struck:
            return struck
        last = len(struck) - 1 - struck[::-1].index(name)
        return struck[:last]
    opens = name not in _VOID and not tag.endswith("/>")
    if opens and (name in _STRUCK or _INVISIBLE.search(tag) or struck):
        return [*struck, name]
    return struck
