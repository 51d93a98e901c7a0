"""Cut LaTeX, as students type it, into a small vocabulary of tokens.

All variety of spelling ends here: `spelling` drops fonts and spacing commands, brackets of every kind become one kind,
bars are told apart into opening and closing ones, and a superscript or subscript becomes one token with its own
tokens inside.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .spelling import WORDS, respelled

MAX_TOKENS = 4000
"""Of one answer; a long correct one has 500."""
MAX_DEPTH = 40
"""Of brackets within brackets."""


class Unreadable(Exception):
    """A formula that cannot be read for certain; the message says where and why."""


@dataclass(frozen=True)
class Token:
    """`kind` is a terminal of the grammar; `inner` holds the tokens of a script or a matrix."""

    kind: str
    text: str
    inner: tuple[Token, ...] = ()


PRODUCTS: Final = {"dot": "CDOT", "matmul": "CDOT", "multiply": "ODOT", "outer": "OTIMES"}
"""NumPy's functions of two arrays, and the sign between these."""
_COMMANDS: Final = {
    "odot": "ODOT", "circ": "ODOT", "cdot": "CDOT", "bullet": "CDOT", "times": "TIMES", "ast": "STAR",
    "star": "STAR", "pm": "PM", "mp": "MP",
    "otimes": "OTIMES", "oslash": "SLASH", "div": "SLASH", "boxdot": "ODOT", "bigodot": "ODOT",
    "circledast": "ODOT", "centerdot": "CDOT", "tilde": "HAT", "widetilde": "HAT", "bar": "HAT", "dots": "DOTS",
    "ldots": "DOTS", "cdots": "DOTS", "vdots": "DOTS", "dotsc": "DOTS", "dotsb": "DOTS", "ddots": "DOTS",
    "frac": "FRAC", "dfrac": "FRAC", "tfrac": "FRAC", "cfrac": "FRAC", "sqrt": "SQRT", "nabla": "NABLA",
    "partial": "PARTIAL", "sum": "SUM", "hat": "HAT", "widehat": "HAT", "leftarrow": "EQ", "gets": "EQ",
    "Leftarrow": "EQ", "coloneqq": "EQ", "equiv": "EQ", "to": "EQ", "prime": "PRIME", "top": "TOP", "intercal": "TOP",
    "geq": "GREATER", "ge": "GREATER", "leq": "LESS", "le": "LESS", "gt": "GREATER", "lt": "LESS",
    "lbrack": "LPAR", "rbrack": "RPAR", "lbrace": "LPAR", "rbrace": "RPAR",
    "langle": "LPAR", "rangle": "RPAR", "{": "LPAR", "}": "RPAR", "|": "NORM",
    "Rightarrow": "BREAK", "implies": "BREAK", "therefore": "BREAK", "remark": "REMARK", "because": "BREAK",
    "forall": "BREAK",
    "Longrightarrow": "BREAK", "rightarrow": "BREAK", "approx": "BREAK", "propto": "BREAK", "iff": "BREAK",
    "longrightarrow": "BREAK", "leadsto": "BREAK", "mapsto": "BREAK", "longmapsto": "BREAK", "Leftrightarrow": "BREAK",
    "Longleftrightarrow": "BREAK", "rightsquigarrow": "BREAK", "longleftarrow": "EQ",
}  # fmt: skip
_LEXER = re.compile(
    r"""\s+
    |\\(?P<env>begin|end)\s*\{(?P<name>[A-Za-z]+)\*?\}(?P<columns>\{[lcr|\s]*\})?
    |(?P<row>\\\\)
    |\\(?P<command>[A-Za-z]+|[{}|])
    |(?P<number>\d+(?:\.\d+)?|\.\d+)
    |(?P<product>dot|matmul|multiply|outer)(?=\s*\()
    |(?P<word>exp|transpose|sigmoid|sign|sgn|diag|ln|log|tr|otherwise|else|where|with|if|for|and|since|when)(?![a-z])
    |(?P<letter>[A-Za-z])
    |(?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
_MARKS: Final = {
    "+": "PLUS", "-": "MINUS", "*": "STAR", "/": "SLASH", "(": "LPAR", "[": "LPAR", ")": "RPAR", "]": "RPAR",
    "{": "LBRACE", "}": "RBRACE", "^": "SUP", "_": "SUB", "=": "EQ", ",": "COMMA", ";": "COMMA", "&": "AMP",
    "|": "BAR", "'": "PRIME", ">": "GREATER", "<": "LESS", ".": "STOP", ":": "COMMA", "!": "STOP",
}  # fmt: skip


def tokens(latex: str) -> tuple[Token, ...]:
    """The tokens of a formula; `Unreadable` where brackets do not match or it is too long."""
    flat = _products(_flat(respelled(latex)))
    return tuple(_bars(_nested(flat)))


def text(items: tuple[Token, ...]) -> str:
    """Tokens as text again, for messages."""
    return " ".join(item.text for item in items)


def cut(items: Sequence[Token], *kinds: str) -> list[list[Token]]:
    """Split at tokens of these kinds outside brackets."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for item in items:
        depth += (item.kind in ("LPAR", "LBRACE")) - (item.kind in ("RPAR", "RBRACE"))
        if item.kind in kinds and depth == 0:
            parts.append([])
        else:
            parts[-1].append(item)
    return parts


def _flat(latex: str) -> list[Token]:
    found: list[Token] = []
    for match in _LEXER.finditer(latex):
        kind = match.lastgroup
        piece = match[0].strip()
        if not piece:
            continue
        if match["env"]:
            found.append(Token("BEGIN" if match["env"] == "begin" else "END", match["name"]))
        elif match["row"]:
            found.append(Token("ROW", piece))
        elif match["command"]:
            found.append(_command(match["command"]))
        elif match["number"]:
            found.append(Token("NUMBER", piece))
        elif match["product"]:
            found.append(Token("PRODUCT", piece))
        elif match["word"]:
            found.append(Token("WORD" if piece in WORDS else "FUNC", piece))
        elif match["letter"]:
            found.append(Token("FUNC" if piece == "f" else "NAME", piece))
        elif kind == "mark":
            found.append(Token(_MARKS.get(piece, "STRANGE"), piece))
        if len(found) > MAX_TOKENS:
            raise Unreadable(f"the answer has more than {MAX_TOKENS} symbols")
    return found


def _products(flat: list[Token]) -> list[Token]:
    """Write `dot(a, b)` as `((a) . (b))`."""
    found: list[Token] = []
    starts: list[tuple[int, str]] = []
    for item in flat:
        found.append(item)
        if item.kind == "LPAR":
            name = found[-2].text if len(found) > 1 and found[-2].kind == "PRODUCT" else ""
            starts.append((len(found) - 1, name))
        elif item.kind == "RPAR" and starts:
            start, name = starts.pop()
            factors = cut(found[start + 1 : -1], "COMMA") if name else []
            if len(factors) == 2:
                (first, second), (opening, closing) = factors, (found[start], found[-1])
                sign = Token(PRODUCTS[name], name)
                between = [closing, sign, opening]
                found[start - 1 :] = [opening, opening, *first, *between, *second, closing, closing]
    return found


def _command(name: str) -> Token:
    if name in ("bar", "widetilde"):
        name = "tilde"
    if name in _COMMANDS:
        return Token(_COMMANDS[name], "\\" + name)
    if name in ("exp", "ln", "log", "sgn", "sign", "diag", "tr"):
        return Token("FUNC", name)
    return Token("FUNC" if name == "sigma" else "NAME", "\\" + name)


def _nested(flat: list[Token]) -> list[Token]:
    """Put scripts and environments into tokens of their own; check that brackets match in number."""
    _check_brackets(flat)
    items, _ = _sequence(flat, 0, None, 0)
    return items


def _check_brackets(flat: list[Token]) -> None:
    """Braces and environments must match. Others are a matter of each formula: an answer holds several."""
    braces = depth = 0
    for i, item in enumerate(flat):
        braces += (item.kind in ("LBRACE", "BEGIN")) - (item.kind in ("RBRACE", "END"))
        depth += (item.kind in ("LPAR", "LBRACE", "BEGIN")) - (item.kind in ("RPAR", "RBRACE", "END"))
        if braces < 0:
            raise Unreadable(f"a closing brace without an opening one after: {text(tuple(flat[:i]))[-60:]}")
        if depth > MAX_DEPTH:
            raise Unreadable(f"more than {MAX_DEPTH} brackets within each other")
    if braces:
        raise Unreadable("a brace is opened and not closed")


def _sequence(flat: list[Token], i: int, stop: str | None, depth: int) -> tuple[list[Token], int]:
    found: list[Token] = []
    while i < len(flat) and flat[i].kind != stop:
        item = flat[i]
        if item.kind in ("SUP", "SUB"):
            inner, i = _script(flat, i + 1, depth)
            primed = inner[-1:] if inner and inner[-1].kind == "PRIME" and item.kind == "SUP" else ()
            inner = inner[: len(inner) - len(primed)]
            found += (
                [Token(item.kind, item.text + "{" + text(inner) + "}", inner)] if inner or not primed else []
            )
            found += primed  # ^{\prime} and ^{(2)\prime}
        elif item.kind == "TOP":
            found.append(Token("SUP", "^{T}", (Token("NAME", "T"),)))
            i += 1
        elif item.kind == "BEGIN":
            inside, i = _sequence(flat, i + 1, "END", depth + 1)
            whole = rf"\begin{{{item.text}}} {text(tuple(inside))} \end{{{item.text}}}"
            found.append(Token("TABLE", whole, tuple(inside)))
            i += 1
        elif item.kind == "LBRACE":
            inside, i = _sequence(flat, i + 1, "RBRACE", depth + 1)
            overs = [j for j, one in enumerate(inside) if one == Token("NAME", r"\over")]
            behind = flat[i + 1].kind if i + 1 < len(flat) else ""
            if len(overs) == 1:
                above, below = inside[: overs[0]], inside[overs[0] + 1 :]
                found.append(Token("FRAC", r"\frac"))
                for part in (above, below):
                    found += [Token("LBRACE", "{"), *part, Token("RBRACE", "}")]
            elif len(cut(inside, "EQ")) > 1 or _needs_no_braces(found, inside, behind):
                found += inside
            else:
                found += [Token("LBRACE", "{"), *inside, Token("RBRACE", "}")]
            i += 1
        else:
            found.append(item)
            i += 1
    return found, i


def _needs_no_braces(before: Sequence[Token], inside: Sequence[Token], behind: str) -> bool:
    """Whether braces stand around one sign, `{\\nabla}_{b}`, or around a letter before its scripts, `{h}^{(1)}`."""
    if len(inside) != 1:
        return False
    if before and before[-1].kind in ("FRAC", "HAT", "SQRT", "FUNC", "RBRACE"):
        return False
    is_letter = inside[0].kind == "NAME" and behind in ("SUP", "SUB")
    return is_letter or inside[0].kind in ("NABLA", "PARTIAL", "FUNC")


def _script(flat: list[Token], i: int, depth: int) -> tuple[tuple[Token, ...], int]:
    """What follows `^` or `_`: a group, a command with its argument, or one token."""
    if i >= len(flat):
        raise Unreadable("nothing stands behind the last ^ or _")
    if flat[i].kind == "LBRACE":
        inside, i = _sequence(flat, i + 1, "RBRACE", depth + 1)
        if inside and inside[0].kind == "SUP" and inside[0].text == "^{T}":
            inside[0] = Token("NAME", "T")  # ^{\top}
        return tuple(inside), i + 1
    if flat[i].kind == "HAT":
        inner, j = _script(flat, i + 1, depth)
        return (flat[i], *inner), j
    if flat[i].kind == "TOP":
        return (Token("NAME", "T"),), i + 1
    if flat[i].kind == "LPAR":
        close = next((j for j in range(i, len(flat)) if flat[j].kind == "RPAR"), i)
        return tuple(flat[i : close + 1]), close + 1
    if flat[i].kind == "NUMBER" and len(flat[i].text) > 1 and flat[i].text.isdigit():
        # LaTeX takes one digit only; nobody means `2` to the left of `0.5`.
        return (flat[i],), i + 1
    return (flat[i],), i + 1


_ENDS_OPERAND = (
    "NUMBER",
    "NAME",
    "RPAR",
    "RBRACE",
    "SUP",
    "SUB",
    "PRIME",
    "TABLE",
    "CLOSE_BAR",
    "CLOSE_NORM",
)


def _bars(items: list[Token]) -> list[Token]:
    """Tell opening bars from closing ones."""
    found: list[Token] = []
    is_open: list[str] = []
    for item in items:
        if item.kind in ("BAR", "NORM"):
            closes = item.kind in is_open and bool(found) and found[-1].kind in _ENDS_OPERAND
            if closes:
                is_open.remove(item.kind)
            else:
                is_open.append(item.kind)
            found.append(Token(("CLOSE_" if closes else "OPEN_") + item.kind, item.text))
        else:
            found.append(Token(item.kind, item.text, tuple(_bars(list(item.inner)))) if item.inner else item)
    return found
