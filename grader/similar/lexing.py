"""Code and written answers as short words that say how something is written, whatever its names are.

Nothing is parsed: one pattern reads source that is no Python just as well, in time that is linear in its length. What
students can change without changing the work is left out: names, numbers, texts, comments, types, ends of lines.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

_PIECE = re.compile(
    r"(?P<comment>#[^\n]*+)"
    r"|(?P<text>(?:[rRbBuUfFtT]{1,2}(?=['\"]))?+(?:"
    r"'''(?:[^\\']|\\.|'(?!''))*+(?:'''|\Z)|\"\"\"(?:[^\\\"]|\\.|\"(?!\"\"))*+(?:\"\"\"|\Z)"
    r"|'(?:[^\\'\n]|\\.)*+'?|\"(?:[^\\\"\n]|\\.)*+\"?))"
    r"|(?P<name>[^\W\d]\w*+)|(?P<number>\.?\d(?:[eE][-+]?|[\w.])*+)"
    r"|(?P<joined>\\\n)|(?P<end>\n)|(?P<blank>[^\S\n]++)"
    r"|(?P<sign>\*\*=?|//=?|>>=?|<<=?|->|[-+*/%@&|^=<>!:]=|.)",
    re.DOTALL,
)
_OF_ANSWERS = re.compile(
    r"(?P<dress>\\(?:left|right|bigl?|bigr|quad|qquad|displaystyle|[,;:!> \\])(?![A-Za-z])|[{}$&~\s])"
    r"|(?P<word>\\[A-Za-z]++|[^\W_]++|.)",
    re.DOTALL,
)
"""What is written in an answer, and what only spaces or groups it."""
_OPEN, _CLOSE = "([{", ")]}"


class Piece(NamedTuple):
    """A piece of source as it stands there."""

    kind: str
    """`comment`, `text`, `name`, `number`, `sign` or `end`."""
    text: str
    line: int


class Token(NamedTuple):
    """A word of the normal form, and the line that it stands in."""

    word: str
    line: int


def pieces(source: str) -> list[Piece]:
    """All of a source but its blanks."""
    found, line = [], 1
    for match in _PIECE.finditer(source):
        kind, text = match.lastgroup or "", match[0]
        if kind not in ("blank", "joined"):
            found.append(Piece(kind, text, line))
        line += text.count("\n")
    return found


def code(source: str) -> list[Token]:
    """The normal form of Python: as above, and without types and texts of documentation."""
    found = [piece for piece in pieces(source) if piece.kind != "comment"]
    left = list(_without_types(_statements(found)))
    return [Token(word, left[i].line) for i in range(len(left)) if (word := _word(left, i))]


def written(answer: str) -> list[Token]:
    """The normal form of an answer in Markdown with LaTeX."""
    found, line = [], 1
    for match in _OF_ANSWERS.finditer(answer):
        if match.lastgroup == "word":
            found.append(Token(match[0].casefold(), line))
        line += match[0].count("\n")
    return found


def _statements(found: Sequence[Piece]) -> Iterator[list[Piece]]:
    """The pieces between the ends of lines that no bracket holds open; none that is a text alone."""
    depth, own = 0, list[Piece]()
    for piece in found:
        if piece.kind == "end":
            if depth == 0 and own:
                yield own
                own = []
            continue
        if piece.text in _OPEN:
            depth += 1
        elif piece.text in _CLOSE:
            depth = max(0, depth - 1)
        elif piece.text in _BEGINS and own and own[-1].line != piece.line:
            # No expression holds these words at the start of a line: a bracket was never closed.
            depth = 0
            yield own
            own = []
        own.append(piece)
    if own:
        yield own


_BEGINS = frozenset({"def", "class", "return", "import", "while", "with", "try", "raise"})


def _without_types(statements: Iterator[list[Piece]]) -> Iterator[Piece]:
    for own in statements:
        if all(piece.kind == "text" for piece in own):
            continue
        first = own[0].text
        if first in ("def", "async"):
            yield from _bare_header(own)
        elif (colon := _declares(own)) is not None:
            equals = next((i for i in range(colon, len(own)) if own[i].text == "="), len(own))
            if equals < len(own):
                yield from (*own[:colon], *own[equals:])
        else:
            yield from own


def _declares(own: Sequence[Piece]) -> int | None:
    """Where the colon of `name: type` stands at the start of a statement."""
    for i, piece in enumerate(own):
        wanted = "name" if i % 2 == 0 else "sign"
        if piece.kind != wanted or keyword.iskeyword(piece.text):
            return None
        if i % 2 and piece.text != ".":
            return i if piece.text == ":" and i + 1 < len(own) else None
    return None


def _bare_header(own: Sequence[Piece]) -> Iterator[Piece]:
    """The head of a function without the types of what it takes and gives."""
    depth, typed, header = 0, False, True
    for piece in own:
        text = piece.text
        if header and (depth, text) in ((0, "->"), (1, ":")):
            typed = True
        elif typed and ((depth == 1 and text in (",", "=", ")")) or (depth == 0 and text == ":")):
            typed = False
        if header and depth == 0 and text == ":":
            header = False
        depth += (text in _OPEN) - (text in _CLOSE)
        if not typed:
            yield piece


@cache
def _library() -> frozenset[str]:
    """What stands behind a dot and cannot be called otherwise: NumPy's names, and those of Python's own types."""
    import numpy as np

    holders = (np, np.ndarray, np.random, np.linalg, list, dict, str)
    return frozenset(name for holder in holders for name in dir(holder) if not name.startswith("_"))


def is_library(name: str) -> bool:
    """Whether a name is Python's or NumPy's."""
    return name in _library() or hasattr(builtins, name)


def _word(found: Sequence[Piece], i: int) -> str:
    """What stands for a piece; empty for what is only form."""
    piece = found[i]
    behind = found[i + 1].text if i + 1 < len(found) else ""
    match piece.kind:
        case "number":
            return "0"
        case "text":
            return '"'
        case "name":
            if keyword.iskeyword(piece.text):
                return piece.text
            if i and found[i - 1].text == ".":
                return piece.text if piece.text in _library() else "N"
            return piece.text if behind == "(" and hasattr(builtins, piece.text) else "N"
    is_form = piece.text == ";" or (piece.text == "," and behind in (")", "]", "}"))
    return "" if is_form else piece.text
