"""What a sentence of a notebook does: it asks, or it tells, or it holds the place of an answer."""

from __future__ import annotations

import re

_NO_KEY = re.compile(r"[\s*_#>`~¶]+")
_TAG = re.compile(r"<(?!img\b)[^<>\n]{0,200}>|&nbsp;", re.IGNORECASE)
_IMPERATIVES = (
    r"(?:derive|find|compute|calculate|determine|show|prove|explain|describe|discuss|write|give|state|express|justify"
    r"|argue|evaluate|work out|suppose|imagine|complete|implement|name|list|sketch|draw|hints?|note|bonus)\b"
)
_ASKS = re.compile(
    rf"(?:(?:please|now|then|first|next|also|again|finally|briefly|again)\W{{1,3}}){{0,2}}{_IMPERATIVES}"
    r"|(?:what(?:'s| is| are)|how (?:fast|do|does|would|can|is|are|much|many)|which (?:of|one|activation))\b",
    re.IGNORECASE,
)
"""How a sentence begins that asks."""
_ASKS_INSIDE = re.compile(
    r"\byou(?:r|rself)?\b|\?"
    rf"|[:;]\s{{1,3}}{_IMPERATIVES}|\band (?:why|explain|show)\b|\bin (?:a few|one or two) words\b"
    r"|\b(?:sentences?|words) (?:is|are) enough|\bsuffices?\b|\b(?:may|should|must) (?:use|assume|be|contain)\b",
    re.IGNORECASE,
)
_ANSWERS = re.compile(
    r"(?:I|I'd|I'm|we|my|our|yes|no|so|since|because|therefore|thus|hence|as we|by the)\b", re.IGNORECASE
)
"""How a sentence begins that tells."""
_ANSWERS_INSIDE = re.compile(r"\b(?:I|I'd|because|since|therefore|hence)\b|\bso (?:it|the|we|that)\b")
_IMAGE = re.compile(r"!\[[^\[\]\n]{0,200}\]\(|<img\b", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"(?:please\s)?(?:(?:double[\s-]?)?click\b[^\n]{0,80}"
    r"|(?:type|write|enter|add|insert|put|place|fill|replace|edit)\b[^\n]{0,60}\b(?:here|below|(?:your|a|an|the) "
    r"(?:own )?(?:answer|solution|derivation|text|response))\b[^\n]{0,30}"
    r"|(?:your|the|my)?\s{0,2}(?:answer|solution|text|response|derivation)s?\s(?:(?:goes|go|comes|should go)\s)?"
    r"(?:here|below|in this cell)|(?:your|the)\s(?:answer|solution|text|derivation)|fill\b[^\n]{0,20}\bin\b[^\n]{0,20}"
    r"|type \*?markdown\*? and latex\b[^\n]{0,40}|to ?do|tbd|\?{1,5}|…|\.{2,9})",
    re.IGNORECASE,
)
_ONLY_LEFT_SIDE = re.compile(r"[^=\n]{1,200}=[\s$\\]*")
_FORMULA = re.compile(r"\$[^$]{0,2000}=")
_BEHIND_SYMBOL = 40
"""Characters between what a question asks and the sign that says what it is."""


def key(text: str) -> str:
    """The same for texts that differ in white space, bold print and the like only."""
    return _NO_KEY.sub("", _TAG.sub("", text)).lower()


def end_of(text: str, beginning: str) -> int:
    """Where the text ends that has that key and begins another; 0 where it does not begin with it."""
    left = iter(beginning)
    wanted = next(left, None)
    for at, char in enumerate(text):
        if wanted is None:
            return at
        if _NO_KEY.match(char):
            continue
        if char.lower() != wanted:
            return 0
        wanted = next(left, None)
    return len(text) if wanted is None else 0


def bare(text: str) -> str:
    """A sentence without what marks a heading, a list, bold print, and without tags."""
    return _TAG.sub("", text).strip(" \t\r\n*_~`#>+-–—•¶([])|").strip()


def is_placeholder(text: str) -> bool:
    """Whether it only holds the place of an answer, as `*Your answer here.*`."""
    return len(text) < 300 and _PLACEHOLDER.fullmatch(bare(text).rstrip(".!:")) is not None


def asks(text: str) -> bool:
    """Whether a sentence behind a question's label belongs to the question, by its words alone."""
    words = bare(text)
    if _ANSWERS.match(words):
        return False
    return _ASKS.match(words) is not None or _ASKS_INSIDE.search(words) is not None


def tells(text: str) -> bool:
    """Whether it belongs to an answer, by its words alone."""
    words = bare(text)
    return bool(
        _ANSWERS.match(words)
        or _ANSWERS_INSIDE.search(words)
        or _IMAGE.search(text)
        or _FORMULA.search(text)
        or is_placeholder(text)
    )


def stated(pattern: re.Pattern[str], text: str) -> int | None:
    """Where the text says what the thing asked is: `\\nabla_a J = ...`; None where it does not.

    It is the dollar sign before it, where there is one.
    """
    for found in pattern.finditer(text):
        behind = text[found.end() : found.end() + _BEHIND_SYMBOL]
        side, sign, _ = behind.partition("=")
        if sign and not side.partition("$")[2].strip():
            dollar = text.rfind("$", 0, found.start())
            while dollar > 0 and text[dollar - 1] == "$":
                dollar -= 1
            return max(dollar, 0)
    return None


def says_something(text: str) -> bool:
    """Whether a sentence of an answer is more than a placeholder, a rule or a left side."""
    words = bare(text)
    if _IMAGE.search(text):
        return True
    if not re.search(r"[^\W_]", words) or is_placeholder(text):
        return False
    return _ONLY_LEFT_SIDE.fullmatch(words) is None
