"""Take off what a formula wears but does not say: boxes, colours, remarks below braces, numbers, own commands.

What hides or strikes out its content is no dress: `\\cancel` and white stay, and keep the formula from being read.
"""

from __future__ import annotations

import re
from typing import Final

_REMARKED: Final = ("underbrace", "overbrace", "undergroup", "overgroup", "underbracket", "overbracket")
"""Wrappers whose script is a remark, not an index."""
_WRAPS: Final = (
    *_REMARKED, "boxed", "fbox", "framebox", "vec", "overrightarrow", "underline", "overline", "mathop", "mathrel",
    "mathbin", "mathord", "hbox", "ensuremath", "smash", "mathclap",
)  # fmt: skip
_LEFT_OUT: Final = (
    "tag", "label", "phantom", "hphantom", "vphantom", "hspace", "vspace", "ref", "eqref", "require", "mathstrut",
)  # fmt: skip
"""Commands that go with their argument: what they set is not seen, or is no mathematics."""
_BEHIND: Final = {
    "color": 1, "textcolor": 1, "colorbox": 1, "fcolorbox": 2, "underset": 1, "overset": 1, "stackrel": 1, "style": 1,
}  # fmt: skip
"""Commands to how many arguments stand before what they dress."""
_BARE: Final = re.compile(
    r"\\(?:nonumber|notag|hfill|noindent|centering|tiny|small|large|Large|LARGE|huge|normalsize|scriptstyle|textstyle"
    r"|allowbreak|strut|qed|qedhere|blacksquare|square|checkmark|hline|rm|bf|it|sf|tt|cal)(?![A-Za-z])"
)
_UNSEEN: Final = re.compile(
    r"white|transparent|#f{3}\b|#f{6}\b|opacity|hidden|display|visib|[?!]|not\b", re.IGNORECASE
)
"""Colours and remarks that take away what they dress, or doubt it."""
_COMMAND: Final = re.compile(r"(?<!\\)(?:\\\\)*+\\([A-Za-z]+)\*?")
_SPACE: Final = re.compile(r"\s*")
_ONE: Final = re.compile(r"\s*(?:\\[A-Za-z]+|.)?\s*", re.DOTALL)
"""What needs no braces."""
_WORD: Final = re.compile(r"\s*(?:\w+|\\[A-Za-z]+\s*+(?:\{[^{}]*\})?)\s*")
"""What may stand for a command without braces around it."""
_NUMBERS: Final = re.compile(
    r"\\in\s*(?:\\(?:mathbb|mathbf|mathrm|mathcal|Bbb)\s*)?(?:\{\s*R\s*\}|R(?![A-Za-z])|\\(?:R|Re|reals)(?![A-Za-z]))"
)
_OWN: Final = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|def|DeclareMathOperator)\*?\s*(?:\{\s*\\([A-Za-z]+)\s*\}|\\([A-Za-z]+))\s*(?=\{)"
)
_MOST_COMMANDS: Final = 20
_LONGEST: Final = 20_000
"""Characters that an answer may come to when its own commands are put in."""
_MOST_DEEP: Final = 40
"""Dress within dress; what is deeper keeps it, and is not read."""


def undressed(latex: str) -> str:
    """The formula without its dress, as LaTeX."""
    return _Undresser(_BARE.sub(" ", latex)).whole()


def own_commands_put_in(answer: str) -> str:
    """The answer with the commands without arguments that it defines replaced by what they stand for."""
    for _ in range(_MOST_COMMANDS):
        match = _OWN.search(answer)
        close = _pairs(answer).get(match.end()) if match else None
        if match is None or close is None:
            return answer
        name, meaning = match[1] or match[2], answer[match.end() + 1 : close]
        answer = answer[: match.start()] + " " + answer[close + 1 :]
        uses = re.compile(rf"\\{name}(?![A-Za-z])")
        if uses.search(meaning) or len(answer) + len(uses.findall(answer)) * len(meaning) > _LONGEST:
            return answer
        put = meaning if _WORD.fullmatch(meaning) else f"{{{meaning}}}"
        answer = uses.sub(lambda _, put=put: put, answer)  # type: ignore[misc]
    return answer


class _Undresser:
    def __init__(self, latex: str) -> None:
        self._latex = latex
        self._closing = _pairs(latex)

    def whole(self) -> str:
        return self._between(0, len(self._latex), 0)

    def _between(self, start: int, end: int, depth: int) -> str:
        if depth > _MOST_DEEP:
            return self._latex[start:end]
        kept: list[str] = []
        while match := _COMMAND.search(self._latex, start, end):
            kept.append(self._latex[start : match.start(1) - 1])
            put, start = self._one(match, depth)
            kept.append(put)
        return "".join([*kept, self._latex[start:end]])

    def _one(self, match: re.Match[str], depth: int) -> tuple[str, int]:
        """What stands for a command with its arguments, and where these end."""
        name, at = match[1], match.end()
        as_it_is = self._latex[match.start(1) - 1 : at], at
        if name == "in" and (numbers := _NUMBERS.match(self._latex, match.start(1) - 1)):
            return " ", self._script_left_out(numbers.end())
        before = _BEHIND.get(name, 0)
        arguments = []
        for _ in range(before + 1):
            start, end, at = self._argument(at)
            arguments.append((start, end))
        if name not in (*_WRAPS, *_LEFT_OUT, *_BEHIND) or any(start == end for start, end in arguments[:-1]):
            return as_it_is
        if any(_UNSEEN.search(self._latex[slice(*one)]) for one in arguments[:before]):
            return as_it_is
        if name in _LEFT_OUT:
            return " ", at
        inside = self._between(*arguments[-1], depth + 1)
        is_one = name in ("overset", "underset", "stackrel") or _ONE.fullmatch(inside)
        put = f" {inside} " if is_one else f"{{{inside}}}"
        return put, self._script_left_out(at) if name in _REMARKED else at

    def _argument(self, at: int) -> tuple[int, int, int]:
        """Where the inside of a command's argument begins and ends, and where the argument ends."""
        at = _SPACE.match(self._latex, at).end()  # type: ignore[union-attr]  # it matches anything
        if at in self._closing:
            return at + 1, self._closing[at], self._closing[at] + 1
        if match := _COMMAND.match(self._latex, at):
            return at, match.end(), match.end()
        end = min(at + (self._latex[at : at + 1] not in ("{", "}")), len(self._latex))
        return at, end, end

    def _script_left_out(self, at: int) -> int:
        """Where a script ends that stands there."""
        at = _SPACE.match(self._latex, at).end()  # type: ignore[union-attr]
        if self._latex[at : at + 1] not in ("_", "^"):
            return at
        return self._argument(at + 1)[2]


def _pairs(latex: str) -> dict[int, int]:
    """The place of each brace to that of the one that closes it."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for match in re.finditer(r"\\.|[{}]", latex, re.DOTALL):
        if match[0] == "{":
            opened.append(match.start())
        elif match[0] == "}" and opened:
            found[opened.pop()] = match.start()
    return found
