"""Find where the mathematics of an answer stands among its words, and what these make of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from . import programs, prose
from .dress import own_commands_put_in
from .spelling import FUNCTIONS, SPOKEN
from .struck import unstruck

_DISPLAY = re.compile(
    r"\\begin\{(align|aligned|equation|gather|eqnarray|split)\*?\}.*?\\end\{\1\*?\}", re.DOTALL
)
_DISPLAYED = "\x01"
"""Marks a formula between double dollars."""
_REMARK = re.compile(
    r"\\(?:text|textrm|textit|textbf|mbox)\s*\{(?:[^{}$]|\{[^{}]*\}|\$(?:[^{}$]|\{(?:[^{}]|\{[^{}]*\})*\})*\$)*\}"
)
"""Words within a formula, which may have formulas within them."""
_EXAMPLE = re.compile(
    r"(?:^|(?<=[.;:(]))[ \t]*+(?:[*_]{1,2}+)?"
    r"(?:(?:(?:as )?a )?(?:sanity |quick |short |numerical |numeric )?(?:check|test|example)"
    r"|e\.g\.|for (?:example|instance)|numerically|with numbers)(?!\w)",
    re.IGNORECASE,
)
_PUT_IN = re.compile(r"=\s*+-?\d[\d.]*+(?![\w^{(\\*/+ -])")
_SAYS_MORE = re.compile(
    r"\\nabla|\\partial|d[JL]\b|\b(?:multipl\w+|times|only|fails?|not|wrong|correct\w*|then|final\w*|gradient|answer|formula"
    r"|believe|n't)\b",
    re.IGNORECASE,
)
_TWICE = re.compile(r"(?:^|(?<=\n))[ \t]*+\\\\\[(?P<inside>[^$]*?)\\\\\][ \t]*+(?=\n|$)")
"""A display between brackets of which Markdown wants each backslash twice."""
_LABEL = re.compile(r"^.{0,80}?(?:solution|answer)\W*[:.]?", re.IGNORECASE)


@dataclass(frozen=True)
class Span:
    """A piece of mathematics, as LaTeX, and what the words around it make of it."""

    latex: str
    doubt: str = ""
    offered: str = ""
    """How the words before it offer it for the formula before; see `prose.offers`."""
    ahead: str = ""
    """The words before it."""
    behind: str = ""
    """The words behind it."""
    is_display: bool = False
    """Whether it stands on lines of its own."""


def spans_of(answer: str) -> list[Span]:
    """The mathematics of an answer, and what the words around it make of it."""
    answer = "\n".join(map(_without_example, programs.as_formulas(unstruck(answer)).split("\n")))
    answer = _REMARK.sub(_without_dollars, own_commands_put_in(answer))
    answer = re.sub(r"(?<!\\)\\[()]", "$", answer)
    answer = re.sub(r"(?<!\\)\\[\[\]]", "$$", answer)
    answer = _TWICE.sub(r"$$\g<inside>$$", answer)
    cut = _parted(answer)
    parts = [
        f"{_DISPLAYED}{part}" if i % 2 and len(cut[2 * i - 1]) > 1 else part
        for i, part in enumerate(cut[::2])
    ]
    if len(parts) == 1 or len(parts) % 2 == 0:  # no dollars, or one too many
        whole = re.sub(r"(?<!\\)%[^\n]*", " ", answer)  # comments end with their line
        whole = _DISPLAY.sub(lambda match: match[0].replace("\n", " "), whole)
        lines = [_LABEL.sub("", line) for line in re.split(r"\n|(?<!\\)\$+", whole)]
        lines = list(map(programs.without_words, lines))
        doubt = prose.against(answer) or prose.changes(answer)  # words and formulas cannot be told apart
        doubt = doubt or ("edit" if prose.announces(answer) else "")
        doubt = doubt or programs.unknown_word("\n".join(lines))
        return [Span(line, doubt, "beside" if i else "") for i, line in enumerate(lines)]
    pieces = _pieces(parts)
    displayed = [_DISPLAYED in piece or bool(_DISPLAY.match(piece)) for piece in pieces[1::2]]
    pieces = [piece.replace(_DISPLAYED, "") for piece in pieces]
    offers = ["", *map(prose.offers, pieces[2:-1:2])]
    words = [prose.plain(piece) for piece in pieces[::2]]
    doubts = prose.doubts(pieces)
    if any(prose.announces(piece) and not prose.corrects(piece) for piece in pieces[::2]):
        doubts = [doubt or "edit" for doubt in doubts]
    return [
        Span(*mark) for mark in zip(pieces[1::2], doubts, offers, words, words[1:], displayed, strict=False)
    ]


def _without_example(line: str) -> str:
    """A line without its end in which numbers are put in, to see what comes out."""
    match = _EXAMPLE.search(line)
    if match is None or len(_PUT_IN.findall(line, match.end())) < 2 or _SAYS_MORE.search(line, match.end()):
        return line
    return line[: match.start()]


def _parted(answer: str) -> list[str]:
    """Words and formulas in turn, and the dollars between them; two dollars that end one and begin the next are two."""
    found = re.split(r"(?<!\\)(\$+)", answer)
    parts, opened = found[:1], ""
    for dollars, part in zip(found[1::2], found[2::2], strict=True):
        if (opened, dollars) == ("$", "$$"):
            parts += ["$", "", "$", part]
        else:
            parts += [dollars, part]
            opened = "" if opened else dollars
    return parts


def _without_dollars(match: re.Match[str]) -> str:
    """Words within a formula, without the formulas within the words: they claim nothing."""
    return re.sub(r"\$[^$]*\$", " ", match[0])


def _pieces(parts: Sequence[str]) -> list[str]:
    """Words and formulas in turn; a formula that is broken up by words that belong to it is put together."""
    pieces = [""]
    in_table = any(_RULED.search(part) for part in parts[::2])
    for i, whole in enumerate(parts):
        goes_on = len(pieces) % 2 == 0  # a formula is last
        closing, part = _closing(pieces[-1], whole) if goes_on and not i % 2 else ("", whole)
        pieces[-1] += closing
        joint = None
        if goes_on and 0 < i < len(parts) - 1:
            joint = _joint(part, pieces[-1], in_table, parts[i + 1 : i + 3])
        if goes_on and (i % 2 or not part):
            pieces[-1] += part
        elif i % 2:
            pieces.append(part)
        elif joint is not None:
            pieces[-1] += joint
        else:
            start = 0
            pieces += [""] if goes_on else []
            for match in _DISPLAY.finditer(part):  # Jupyter needs no dollars around these
                pieces[-1] += part[start : match.start()]
                pieces += [match[0], ""]
                start = match.end()
            pieces[-1] += part[start:]
    return pieces if len(pieces) % 2 else [*pieces, ""]


_RULED = re.compile(r"^[ \t]*+\|?[ \t]*+:?-{2,}+:?[ \t]*+\|", re.MULTILINE)
"""The line below the head of a Markdown table."""
_TYPED = re.compile(r"(?!.*--)(?=.*(?:[=+*/·×−-]|\\))(?:[=+*/·×−(\d-]|\\[a-z]+)+")
"""What students type between two formulas on one line, and is a part of both."""
_SIGN = r"(?:[=+*/·×−-]|\\(?:odot|cdot|times|circ|otimes|ast|leftarrow|gets)(?![A-Za-z]))"
_SIGN_LAST = re.compile(rf"{_SIGN}\s*$")
_SIGN_ONLY = re.compile(rf"\s*{_SIGN}\s*")
_SIGN_FIRST = re.compile(r"\s*[+*/·×−-]")
_CALLED = re.compile(rf"({'|'.join(map(re.escape, FUNCTIONS))})\s*([(\[{{]?)", re.IGNORECASE)


def _joint(words: str, before: str, in_table: bool, behind: Sequence[str]) -> str | None:
    """What words between two formulas put there where these are one: a function, a sign; None where they are two.

    `behind` are the second formula and the words behind that, if any.
    """
    said = words.strip(" *_`\n")
    if not words.strip(" ") and (_SIGN_LAST.search(before) or _SIGN_ONLY.fullmatch(behind[0])):
        return " "
    if said in ("(", "[") and _SIGN_FIRST.match("".join(behind[1:])):
        return f" {said} "
    typed = [SPOKEN.get(part.lower(), part) for part in words.split()]
    if typed and "\n" not in words and _TYPED.fullmatch("".join(typed)):
        return f" {' '.join(typed)} "
    if said.lower() in SPOKEN:
        return f" {SPOKEN[said.lower()]} "
    if match := _CALLED.fullmatch(said):
        return f" {match[1].lower()} {match[2]}"
    if in_table and words.strip(" ") == "|" and "=" not in before:
        return " = "  # a row: what is asked, and what it is
    return None


def _closing(formula: str, words: str) -> tuple[str, str]:
    """The brackets at the beginning of words that a formula before them has left open, and the other words."""
    opened = [c for c in re.sub(r"\\[{}]", "", formula) if c in "([)]"]
    missing = sum(c in "([" for c in opened) - sum(c in ")]" for c in opened)
    closed = re.match(r"(?: *+[)\]])*+", words)
    ends = [match.end() for match in re.finditer(r"[)\]]", closed[0])] if closed else []
    end = max(ends[: max(missing, 0)], default=0)
    return words[:end], words[end:]
