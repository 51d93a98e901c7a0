"""Untrusted text made harmless to look at, in any format. Escaping for a format comes on top of it."""

from __future__ import annotations

import re
import unicodedata

# Colours and cursor moves, as programs print them: noise in a report, and dangerous in a terminal.
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
# C1 controls, line separators, marks that reorder text (so that it reads as what it is not), the byte order
# mark, and lone surrogates, which UTF-8 cannot hold (file names that are no UTF-8 arrive as such).
_INVISIBLE = re.compile(
    "[\x80-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
# Where a spreadsheet begins a cell: lines, and what separates cells where it takes no comma for it (in half of Europe).
_BEGINNING = re.compile(r"(?:\A|[\n\t;])(?=[^\S\n\t]*(.?))")
# What makes a formula of it, and the apostrophe itself, so that taking one off gives the text back. The narrow and wide
# signs that stand for these count too.
_SIGNS = frozenset("=+-@'\u2212")


def printable(text: str) -> str:
    """`text` without terminal sequences; other controls become visible, line feeds and tabs stay."""
    text = text.replace("\r\n", "\n")
    text = _CONTROL.sub(_picture, _ANSI.sub("", text))
    return _INVISIBLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def one_line(text: str) -> str:
    """`printable`, with every run of white space a single blank."""
    return " ".join(printable(text).split())


def harmless(text: str) -> str:
    """`printable` text of which no spreadsheet takes any part for a formula: an apostrophe stands before what it might.

    `as_written` takes the apostrophes away again.
    """
    return _BEGINNING.sub(_guarded, printable(text))


def as_written(text: str) -> str:
    """The text that `harmless` made this of."""
    return _GUARDED.sub(r"\1", text)


_GUARDED = re.compile(r"(\A|[\n\t;])'")


def _guarded(match: re.Match[str]) -> str:
    is_sign = unicodedata.normalize("NFKC", match[1])[:1] in _SIGNS if match[1] else False
    return f"{match[0]}'" if is_sign else match[0]


def _picture(match: re.Match[str]) -> str:
    """The sign that Unicode has for showing a control character: escape is "␛"."""
    code = ord(match[0])
    return "\u2421" if code == 0x7F else chr(0x2400 + code)
