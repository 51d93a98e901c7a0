"""Definitions by condition in words, `s = 1 if theta > 0, otherwise -1`, put together as cases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from .tokens import Token, text

_IF: Final = r"(?:if|when|whenever|for|where|in case|provided(?: that)?|while|as long as|with|in the case)"
_BEHIND_VALUE: Final = re.compile(rf"[\s,(\[]*{_IF}\W*")
"""All the words between a value and its condition."""
_AHEAD: Final = re.compile(rf"(?:^|\W){_IF}\W*$")
"""How words end before a condition that stands first."""
_THEN: Final = re.compile(
    r"[\s,:)]*+(?:then|we (?:get|have|obtain|use)|it is|the (?:update|step|rule) is)?[\s,:]*"
)
_ELSE: Final = re.compile(r"(?:^|\W)(?:otherwise|else)[^a-z.]*(?:it is|it's|is|we have)?[^a-z.]*$")
"""How words end before what holds in all other cases."""
_ELSE_BEHIND: Final = re.compile(r"[\s,(]*(?:otherwise|else)\b")
_ELSE_NUMBER: Final = re.compile(
    r"[\s,(]*+(?:and |or )?(?:(?:otherwise|else)(?: it is| is)?[\s:=]*+([-+−]?)\s*+(\d)\b"
    r"|([-+−]?)\s*+(\d)\s*+(?:otherwise|else)\b)"
)
"""A number among the words that holds in all other cases."""
_POSITIVE: Final = r"(?P<more>positive|greater than (?:zero|0)|larger than (?:zero|0)|above (?:zero|0))"
_NEGATIVE: Final = r"(?:negative|less than (?:zero|0)|smaller than (?:zero|0)|below (?:zero|0))"
_SIGNED_AHEAD: Final = re.compile(rf"(?:^|\W){_IF}\s+(?:the |all |any )?(?:{_POSITIVE}|{_NEGATIVE})[a-z ]*$")
_SIGNED_BEHIND: Final = re.compile(rf"\s*(?:is|are)\s+(?:{_POSITIVE}|{_NEGATIVE})\b")
_SIGNED_ALONE: Final = re.compile(
    rf"[\s,(]*{_IF}\s+(?:it is |they are |it's |the )?(?:{_POSITIVE}|{_NEGATIVE})\b(?: \w+)?\W*(?:$|and|or|but)"
)
"""Words for a condition: ahead of, behind, and without a formula that says what is positive."""
_UNREAD: Final = re.compile(rf"[\s,(]*(?:only )?{_IF}\b(?!\s*(?:all|every|each|any|which|the|a|our|$))")
"""Words behind a number that make it hold for some only."""
_UNCLEAR: Final = (Token("STRANGE", "..."),)
"""A condition that is not read."""
_RELATIONS: Final = ("GREATER", "LESS", "EQ")
_NUMBERS: Final = ("NUMBER", "PLUS", "MINUS", "LBRACE", "RBRACE")


@dataclass(frozen=True)
class Statement:
    """Sides that an answer calls equal, as tokens, and the words around them."""

    sides: tuple[tuple[Token, ...], ...]
    """The first is empty where it goes on from the statement before."""
    end: str
    """The kind of the token that ends it, empty at the end of the mathematics."""
    ahead: str
    """The words before it."""
    behind: str
    """The words behind it."""
    span: int
    """The number of the formula that it stands in."""
    place: int = 0
    """Its number within the formula."""


@dataclass
class _Part:
    """One or two statements: a value, or a condition; and under which one a value holds."""

    statements: tuple[Statement, ...]
    condition: tuple[Token, ...] = ()
    is_condition: bool = False
    is_else: bool = False
    rest: tuple[Token, ...] = ()
    """The number that words behind its condition give for all other cases."""

    @property
    def value(self) -> Statement:
        return self.statements[0]

    @property
    def holds_for_some(self) -> bool:
        return not self.is_condition and bool(self.condition or self.is_else)


def merged(statements: Sequence[Statement]) -> list[Statement]:
    """The statements, with those that give one thing several values under conditions as one, with a table of cases."""
    parts = list(_parts(statements))
    _attach(parts)
    found: list[Statement] = []
    waiting: list[_Part] = []
    for part in parts:
        if waiting and not (part.is_condition or _goes_with(waiting[0], part)):
            found += _settled(waiting)
            waiting = []
        if waiting or part.holds_for_some:
            waiting.append(part)
        else:
            found += part.statements
    return found + _settled(waiting)


def _parts(statements: Sequence[Statement]) -> Iterator[_Part]:
    """Conditions, of which each side is a statement, and all others."""
    i = 0
    while i < len(statements):
        one, other = statements[i], statements[i + 1] if i + 1 < len(statements) else None
        if len(one.sides) == 2 and one.sides[1] == (Token("NUMBER", "0"),) and _AHEAD.search(one.ahead):
            yield _Part((one,), (*one.sides[0], Token("EQ", "="), *one.sides[1]), is_condition=True)
        elif (
            other is not None
            and one.end in ("GREATER", "LESS")
            and one.span == other.span
            and len(one.sides) == len(other.sides) == 1
            and _AHEAD.search(one.ahead)
        ):
            sign = Token(one.end, ">" if one.end == "GREATER" else "<")
            yield _Part((one, other), (*one.sides[0], sign, *other.sides[0]), is_condition=True)
            i += 1
        elif (told := _sign_in_words(one)) is not None:
            yield _Part((one,), (*one.sides[0], told, Token("NUMBER", "0")), is_condition=True)
        else:
            yield _Part((one,))
        i += 1


def _sign_in_words(one: Statement) -> Token | None:
    """Whether words around a symbol say that it is positive or negative."""
    if (
        len(one.sides) != 1
        or not one.sides[0]
        or any(item.kind not in ("NAME", "SUB", "SUP") for item in one.sides[0])
    ):
        return None
    match = _SIGNED_AHEAD.search(one.ahead)
    if match is None and _AHEAD.search(one.ahead):
        match = _SIGNED_BEHIND.match(one.behind)
    return None if match is None else _relation(match)


def _relation(match: re.Match[str]) -> Token:
    return Token("GREATER", ">") if match["more"] else Token("LESS", "<")


def _attach(parts: Sequence[_Part]) -> None:
    """Find the values that conditions and the words for all other cases belong to."""
    for i, part in enumerate(parts):
        before = parts[i - 1] if i else None
        behind = parts[i + 1] if i + 1 < len(parts) else None
        if part.is_condition:
            words = part.value.ahead
            is_late = bool(_BEHIND_VALUE.fullmatch(words) or _SIGNED_AHEAD.fullmatch(words))
            if before and is_late and not before.is_condition and not before.holds_for_some:
                before.condition, before.rest = part.condition, _rest(part.statements[-1].behind)
            elif behind and not behind.is_condition and _THEN.fullmatch(behind.value.ahead):
                behind.condition, behind.rest = part.condition, _rest(behind.value.behind)
        elif _ELSE.search(part.value.ahead):
            part.is_else = True
        elif _ELSE_BEHIND.match(part.value.behind) and (behind is None or len(behind.value.sides) > 1):
            part.is_else = not part.holds_for_some
    subject: tuple[Token, ...] = ()
    for part in parts:
        if part.is_condition:
            subject = part.condition[
                : next(i for i, one in enumerate(part.condition) if one.kind in _RELATIONS)
            ]
        elif not part.holds_for_some and _is_number(part.value.sides[-1]):
            if (match := _SIGNED_ALONE.match(part.value.behind)) and subject:
                part.condition = (*subject, _relation(match), Token("NUMBER", "0"))
            elif _UNREAD.match(part.value.behind) and len(part.value.sides) > 1:
                part.condition = _UNCLEAR


def _rest(words: str) -> tuple[Token, ...]:
    match = _ELSE_NUMBER.match(words)
    if match is None:
        return ()
    minus = (Token("MINUS", "-"),) if (match[1] or match[3]) in ("-", "−") else ()
    return (*minus, Token("NUMBER", match[2] or match[4]))


def _goes_with(first: _Part, part: _Part) -> bool:
    """Whether a value that holds for some is one of the same thing."""
    sides = part.value.sides
    return part.holds_for_some and (
        len(sides) == 1 or sides[0] == first.value.sides[0] or _is_sign(first.value)
    )


def _is_sign(statement: Statement) -> bool:
    """Whether it is a plus or a minus alone."""
    return len(statement.sides) == 1 and [item.kind for item in statement.sides[0]] in (["PLUS"], ["MINUS"])


def _settled(parts: Sequence[_Part]) -> list[Statement]:
    """Values of one thing as cases; as they are where no thing is said or only one condition."""
    values = [part for part in parts if not part.is_condition]
    if not values:
        return []
    first = values[0].value
    is_whole = len(values) > 1 and any(part.condition for part in values)
    is_whole = is_whole or _is_number(first.sides[-1]) or _is_about(values[0].condition, first.sides[-1])
    if not is_whole or not (len(first.sides) > 1 or _is_sign(first)):
        return [statement for part in parts for statement in part.statements]
    left = ((Token("NAME", r"\pm"),),) if _is_sign(first) else first.sides[:-1]
    last = values[-1].value
    return [replace(first, sides=(*left, (_table(values),)), end=last.end, behind=last.behind)]


def _is_about(condition: Sequence[Token], value: Sequence[Token]) -> bool:
    """Whether a condition is about what a value is made of: it leaves other cases out, if it is not always true."""
    is_sign = any(item.kind in ("GREATER", "LESS") for item in condition)
    return is_sign and condition[0].kind == "NAME" and condition[0] in value


def _is_number(items: Sequence[Token]) -> bool:
    return any(item.kind == "NUMBER" for item in items) and all(item.kind in _NUMBERS for item in items)


def _table(values: Sequence[_Part]) -> Token:
    rows: list[Token] = []
    for part in values:
        value = part.value.sides[-1]
        value = (*value, Token("NUMBER", "1")) if _is_sign(part.value) else value
        rows += [*value, Token("AMP", "&"), *part.condition, Token("ROW", r"\\")]
        rows += [*part.rest, Token("AMP", "&"), Token("ROW", r"\\")] if part.rest else []
    return Token("TABLE", rf"\begin{{cases}} {text(tuple(rows[:-1]))} \end{{cases}}", tuple(rows[:-1]))
