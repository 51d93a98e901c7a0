"""Write tokens as the grammar has them: plus-minus as a factor, a list as a table, `du/dv` as a fraction."""

from __future__ import annotations

from collections.abc import Sequence

from .tokens import Token, cut, text


def as_in_grammar(items: Sequence[Token]) -> tuple[Token, ...]:
    """The tokens of one expression, as the grammar has them."""
    return _slashes(_lists(_signs(items)))


_NO_ARGUMENT = ("", "SUB", "PLUS", "MINUS", "RPAR", "RBRACE", "CLOSE_BAR", "COMMA")
"""What stands behind a sigma that is a letter and no function."""


def _signs(items: Sequence[Token]) -> tuple[Token, ...]:
    """Write plus-minus as a sum with a factor that words around it tell, and what is a letter as one."""
    found: list[Token] = []
    are_both = any(item.kind == "PM" for item in items)
    for i, item in enumerate(items):
        behind = items[i + 1].kind if i + 1 < len(items) else ""
        if item.kind in (
            "PM",
            "MP",
        ):  # where both stand, one is the other's opposite; alone each is the sign told
            is_opposite = item.kind == "MP" and are_both
            found += [Token("MINUS", "-") if is_opposite else Token("PLUS", "+"), Token("NAME", r"\pm")]
        elif item.text == r"\sigma" and behind in _NO_ARGUMENT:
            found.append(Token("NAME", item.text))
        elif found and found[-1] == Token("NAME", r"\Delta") and item.kind == "NAME":
            found[-1] = Token("NAME", rf"\Delta {item.text}")
        else:
            found.append(item)
    return tuple(found)


def _lists(items: tuple[Token, ...]) -> tuple[Token, ...]:
    """Put each list in square brackets into one token, as a table."""
    found: list[Token] = []
    starts: list[int] = []
    for item in items:
        found.append(item)
        if item.kind == "LPAR":
            starts.append(len(found) - 1)
        elif item.kind == "RPAR" and starts:
            start = starts.pop()
            inner = found[start + 1 : -1]
            is_called = (
                found[start].text == "(" and start and found[start - 1].kind in ("NAME", "FUNC", "SUB", "SUP")
            )
            if found[start].text in ("[", "(") and not is_called and _at_top(inner, "COMMA"):
                found[start:] = [Token("TABLE", text(tuple(found[start:])), tuple(inner))]
    return tuple(found)


def _slashes(items: tuple[Token, ...]) -> tuple[Token, ...]:
    """Write `\\partial u / \\partial v` and `du/dv` as fractions."""
    found: list[Token] = []
    i = 0
    while i < len(items):
        above = _differential_end(items, i)
        below = _differential_end(items, above + 1) if 0 < above < len(items) else -1
        if items[i].kind in ("PARTIAL", "NAME") and below > 0 and items[above].kind == "SLASH":
            found.append(Token("FRAC", r"\frac"))
            for start, end in ((i, above), (above + 1, below)):
                of = items[start + 1 : end]
                found += [Token("LBRACE", "{"), Token("PARTIAL", r"\partial"), *of, Token("RBRACE", "}")]
            i = below
        else:
            found.append(items[i])
            i += 1
    return tuple(found)


def _differential_end(items: Sequence[Token], i: int) -> int:
    """Behind `\\partial u` or `du`, or the `\\partial` and `d` of an operator, that begins at i; -1 where none does."""
    if i >= len(items) or not (items[i].kind == "PARTIAL" or items[i] == Token("NAME", "d")):
        return -1
    i += 1
    i += i < len(items) and items[i].kind == "HAT"
    if i == len(items):
        return i
    if items[i].kind in _CLOSED_BY:
        depth, opening = 0, items[i].kind
        while i < len(items):
            depth += (items[i].kind == opening) - (items[i].kind == _CLOSED_BY[opening])
            i += 1
            if depth == 0:
                break
    elif items[i].kind == "NAME":
        i += 1
    while i < len(items) and items[i].kind in ("SUP", "SUB"):
        i += 1
    return i


_CLOSED_BY = {"LPAR": "RPAR", "LBRACE": "RBRACE", "OPEN_NORM": "CLOSE_NORM", "OPEN_BAR": "CLOSE_BAR"}


def _at_top(items: list[Token], kind: str) -> bool:
    return len(cut(items, kind)) > 1
