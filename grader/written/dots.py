"""Lists that end in dots, `[u_1, u_2, \\dots]` or `[u_1, \\dots, u_n]`, written out as far as the drawing goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from .tokens import Token, Unreadable, text

WIDTH: Final = 3
"""Entries of what the problem set draws."""
_Cell = Sequence[Token]


def filled(cells: Sequence[_Cell]) -> list[list[Token]]:
    """The cells, with those that dots stand for; `Unreadable` where it is not clear which these are."""
    places = [i for i, cell in enumerate(cells) if [item.kind for item in cell] == ["DOTS"]]
    if not places:
        return [list(cell) for cell in cells]
    before, behind = cells[: places[0]], cells[places[0] + 1 :]
    if len(places) > 1 or not before or len(behind) > 1 or (len(before) == 1 and not behind):
        raise Unreadable("dots of which it is not clear what they stand for")
    listed = [list(cell) for cell in before]
    if len(listed) == 1:
        listed.append(_like(listed[0], behind[0], 1))
    while len(listed) < WIDTH:
        listed.append(_after(listed[-2], listed[-1]))
    if any(
        _after(one, other) != third for one, other, third in zip(listed, listed[1:], listed[2:], strict=False)
    ):
        raise Unreadable("a list whose entries do not count on")
    if behind and _like(listed[0], behind[0], 1) != listed[1]:
        raise Unreadable("a list whose last entry is not like the first")
    return listed


def _after(one: _Cell, other: _Cell) -> list[Token]:
    """What comes behind two cells of which the numbers go up by one."""
    if len(one) != len(other):
        raise Unreadable("a list whose entries are not alike")
    found = []
    for a, b in zip(one, other, strict=True):
        if a.inner and b.inner and a.kind == b.kind:
            found.append(_with_inner(b, _after(a.inner, b.inner)))
        elif a == b:
            found.append(b)
        elif (
            a.kind == b.kind == "NUMBER"
            and a.text.isdigit()
            and b.text.isdigit()
            and int(b.text) == int(a.text) + 1
        ):
            found.append(replace(b, text=str(int(b.text) + 1)))
        else:
            raise Unreadable("a list whose entries are not alike")
    return found


def _like(first: _Cell, last: _Cell, step: int) -> list[Token]:
    """The first cell with its number larger by a step wherever the last cell has a letter for it."""
    if len(first) != len(last):
        raise Unreadable("a list whose entries are not alike")
    found = []
    for a, b in zip(first, last, strict=True):
        if a.inner and b.inner and a.kind == b.kind:
            found.append(_with_inner(a, _like(a.inner, b.inner, step)))
        elif a == b:
            found.append(a)
        elif a.kind == "NUMBER" and a.text.isdigit() and b.kind in ("NAME", "NUMBER"):
            found.append(replace(a, text=str(int(a.text) + step)))
        else:
            raise Unreadable("a list whose entries are not alike")
    return found


def _with_inner(token: Token, inner: Sequence[Token]) -> Token:
    return Token(token.kind, token.text[:1] + "{" + text(tuple(inner)) + "}", tuple(inner))
