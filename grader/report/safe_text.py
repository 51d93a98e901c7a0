"""Untrusted text made harmless to look at, in any format. Escaping for a format comes on top of it."""

from __future__ import annotations

import re

# Colours and cursor moves, as programs print them: noise in a report, and dangerous in a terminal.
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
# C1 controls, line separators, marks that reorder text (so that it reads as what it is not), the byte order
# mark, and lone surrogates, which UTF-8 cannot hold (file names that are no UTF-8 arrive as such).
_INVISIBLE = re.compile(
    "[\x80-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
# The apostrophe itself too, so that taking one off gives the text back; the wide signs are read like the others.
_FORMULA = ("=", "+", "-", "@", "'", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def printable(text: str) -> str:
    """`text` without terminal sequences; other controls become visible, line feeds and tabs stay."""
    text = text.replace("\r\n", "\n")
    text = _CONTROL.sub(_picture, _ANSI.sub("", text))
    return _INVISIBLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def one_line(text: str) -> str:
    """`printable`, with every run of white space a single blank."""
    return " ".join(printable(text).split())


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula; the apostrophe in front is what spreadsheets hide themselves."""
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def _picture(match: re.Match[str]) -> str:
    """The sign that Unicode has for showing a control character: escape is "␛"."""
    code = ord(match[0])
    return "\u2421" if code == 0x7F else chr(0x2400 + code)
