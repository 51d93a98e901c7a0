"""What stands before a question or an answer: `**[5pts] Q1.1**:`, `### 2.5.3`, `Q1.1 Solution:`, `**Answer**`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_DRESS = re.compile(r"(?:[\s>*_~`#+(\[{|:.,\-–—¶•\])}]|<[^<>\n]{0,200}>|&nbsp;)*+")
"""What may stand before a label's parts and between them."""
_BEHIND = re.compile(r"(?:[\s*_~`:.)\]}|¶]|[\-–—](?=\s)|</[^<>\n]{0,200}>|<br ?/?>|&nbsp;)*+", re.IGNORECASE)
"""What ends a label. A bracket or a minus sign that opens belongs to what comes next."""
_BOLD = re.compile(r"\*\*|__|#|<(?:b|h\d|strong)>", re.IGNORECASE)
_BEFORE_NUMBER = re.compile(r"[#*_(\[<]")
"""What precedes the number of a label, where that alone shows that it is one."""
_OF_A_NUMBER = re.compile(r"['’]s\b")
_AFTER_NUMBER = re.compile(r"[):\]}*_<|¶]|\.?[ \t]{0,9}(?:$|[\n<])|\.\s")
"""What follows the number of a label, where that alone shows that it is one."""
_POINTS = re.compile(r"\d{1,3}(?:\.\d)?\s{0,3}(?:points?|pts?|marks?|p)\b", re.IGNORECASE)
_AFTER_POINTS = re.compile(r"[ \t]{0,3}(?:[\])}*_:<|¶]|$|\n)")
_QUESTION = re.compile(r"(?:question|exercise|problem|task)\b|q(?![^\W\d_])", re.IGNORECASE)
_SECTION = re.compile(r"(?:problem|section|assignment)\b", re.IGNORECASE)
_ANSWER = re.compile(
    r"(?:(?:my|our|your|the|final)\s{1,3})?(?:answers?|ans|solutions?|sol|derivations?|proof|response)(?![^\W\d])"
    r"(?:\s{1,3}(?:to|for|of))?",
    re.IGNORECASE,
)
_ANSWER_LETTER = re.compile(r"A(?=\d)")
_AFTER_ANSWER = re.compile(r"[ \t]{0,3}(?:[:.*_)\]<$=\-–—|¶]|$|\n)")
_NUMBER = re.compile(r"\d{1,3}(?:[.\-_]\d{1,3}){0,3}(?:[a-z](?![^\W_]))?(?![^\W_]|[.,]\d)")
_OF_AN_ID = re.compile(r"[^\W\d_]{0,10}[\s._-]?(\d{1,3}(?:[._-]\d{1,3}){0,3}[a-z]?)")


@dataclass(frozen=True)
class Label:
    """What a line begins with."""

    number: str = ""
    """As `1.1`, whatever stood before it; empty for none."""
    points: bool = False
    """Whether it says how many points there are."""
    answers: bool = False
    """Whether it says that an answer follows: `Solution`, `A1.1`."""
    bold: bool = False
    """Whether a heading or bold print begins before the number."""
    word: bool = False
    """Whether a word such as `Question` or `Q` is before the number."""
    set_off: bool = False
    """Whether more than its place shows that it is a label: a heading, bold print, a colon, points."""
    section: bool = False
    """Whether it may be that of a part of the notebook that holds questions: `## Problem 1`."""
    end: int = 0
    """Where what it labels begins, in the line."""


def number_of(id: str) -> str:
    """The number in a question's id, as `1.1` of `Q1.1`; the id itself where it is not of that kind."""
    found = _OF_AN_ID.fullmatch(id)
    return _normal(found[1]) if found else id


def label(line: str, names: Iterable[str]) -> Label | None:
    """What the line begins with; None where that labels nothing. `names` are ids that are no numbers."""
    at = _past(_DRESS, line, 0)
    points = _POINTS.match(line, at)
    at = _past(_DRESS, line, points.end()) if points else at
    answer = _ANSWER.match(line, at)
    at = _past(_DRESS, line, answer.end()) if answer else at
    section = _SECTION.match(line, at) is not None
    word = _QUESTION.match(line, at)
    at = _past(_DRESS, line, word.end()) if word else at
    letter = None if word else _ANSWER_LETTER.match(line, at)
    at = letter.end() if letter else at
    number, end = _number(line, at, names)
    if number:
        marked = bool(points or _BEFORE_NUMBER.search(line[:at]) or _AFTER_NUMBER.match(line, end))
        late = _POINTS.match(line, _past(_DRESS, line, end))
        end = late.end() if late else end
        if not (answer or letter) and (answer := _ANSWER.match(line, _past(_DRESS, line, end))):
            end = answer.end()
        return Label(
            number,
            bool(points or late),
            bool(answer or letter),
            _BOLD.search(line[:at]) is not None,
            bool(word or letter),
            marked or bool(late),
            section,
            _past(_BEHIND, line, end),
        )
    if answer:
        behind = answer.end()
        is_label = _AFTER_ANSWER.match(line, behind)
        return (
            Label("", bool(points), True, set_off=True, end=_past(_BEHIND, line, behind))
            if is_label
            else None
        )
    if points and _AFTER_POINTS.match(line, points.end()):
        return Label("", True, set_off=True, end=_past(_BEHIND, line, points.end()))
    return None


def _number(line: str, at: int, names: Iterable[str]) -> tuple[str, int]:
    """The number that stands there, or the name, and where it ends."""
    if found := _NUMBER.match(line, at):
        whose = _OF_A_NUMBER.match(line, found.end())
        return _normal(found[0]), whose.end() if whose else found.end()
    for name in names:
        end = at + len(name)
        if line.startswith(name, at) and not line[end : end + 1].isalnum():
            return name, end
    return "", at


def _normal(number: str) -> str:
    return re.sub(r"[._-]", ".", number)


def _past(pattern: re.Pattern[str], line: str, at: int) -> int:
    found = pattern.match(line, at)
    return found.end() if found else at
