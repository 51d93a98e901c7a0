"""Find the formulas in an answer: chains `a = b = c` over spans, lines and cells."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from .tokens import FUNCTIONS, MAX_TOKENS, Token, Unreadable, text, tokens
from .tree import Node, Number, Symbol, parse


@dataclass(frozen=True)
class Form:
    """One side of an equation: its LaTeX, normalised, and its tree, or what kept it from being read."""

    latex: str
    node: Node | None
    trouble: str = ""


@dataclass(frozen=True)
class Chain:
    """`forms` that the student says are equal, in the order written."""

    forms: tuple[Form, ...]


_OPERATORS = ("PLUS", "MINUS", "ODOT", "CDOT", "STAR", "TIMES", "SLASH")
_ENDS = ("COMMA", "BREAK", "WORD", "GREATER", "LESS")
_DISPLAY = re.compile(
    r"\\begin\{(align|aligned|equation|gather|eqnarray|split)\*?\}.*?\\end\{\1\*?\}", re.DOTALL
)
_LABEL = re.compile(r"^.{0,80}?(?:solution|answer)\W*[:.]?", re.IGNORECASE)


def chains(answer: str, letters: Collection[str]) -> list[Chain]:
    """The chains of an answer in Markdown with LaTeX. `letters` are those that take an index of a layer.

    Raises nothing: what cannot be read is a form with its trouble.
    """
    found: list[list[Form]] = []
    size = 0
    for span in _spans(answer):
        try:
            items = tokens(span)
        except Unreadable as error:
            found.append([Form(span.strip()[:200], None, str(error))])
            continue
        size += len(items)
        if size > MAX_TOKENS:
            found.append([Form("", None, f"the answer has more than {MAX_TOKENS} symbols")])
            break
        for number, sides in enumerate(_statements(items)):
            if found and sides[0] and sides[0][0].kind in _OPERATORS[:1] + _OPERATORS[2:]:
                found[-1].append(Form(text(tuple(sides[0])), None, "a formula goes on after it has ended"))
                continue
            forms = [_form(side, letters) for side in sides if side]
            if found and number and len(sides) == 1 and _is_formula(sides[0], forms[0]):
                found[-1].append(Form(forms[0].latex, None, "two formulas stand beside each other"))
                continue
            if not sides[0] and found:
                found[-1] += forms
            elif forms:
                found.append(forms)
    return [Chain(tuple(forms)) for forms in found]


def _is_formula(items: Sequence[Token], form: Form) -> bool:
    """Whether it is more than a letter or a number that a sentence names."""
    return items[0].kind == "LPAR" or not isinstance(form.node, Symbol | Number | None)


def _form(items: Sequence[Token], letters: Collection[str]) -> Form:
    while items and items[-1].kind in ("STOP", "COMMA"):
        items = items[:-1]
    items = tuple(_without_arguments(items))
    try:
        return Form(text(items), parse(items, letters))
    except Unreadable as error:
        return Form(text(items), None, str(error))


def _spans(answer: str) -> Iterator[str]:
    """The mathematics of an answer, a formula that is broken up by a function's name put together."""
    answer = re.sub(r"<!--.*?(-->|$)|~~.*?~~", " ", answer, flags=re.DOTALL)  # commented or struck out
    answer = re.sub(r"(?<!\\)\\[()]", "$", answer)
    answer = re.sub(r"(?<!\\)\\[\[\]]", "$$", answer)
    parts = re.split(r"(?<!\\)\$+", answer)
    if len(parts) == 1 or len(parts) % 2 == 0:  # no dollars, or one too many
        whole = _DISPLAY.sub(lambda match: match[0].replace("\n", " "), answer)
        for line in re.split(r"\n|(?<!\\)\$+", whole):
            yield _LABEL.sub("", line)
        return
    span = ""
    for i, part in enumerate(parts):
        if i % 2 or (span and part.strip() in ("*", "·", "×")):
            span += part
        elif span and (word := part.strip(" *_`\n")) in FUNCTIONS:
            span += f" {word} "
        else:
            if span:
                yield span
            span = ""
            yield from (
                match[0] for match in _DISPLAY.finditer(part)
            )  # Jupyter needs no dollars around these


def _statements(items: Sequence[Token]) -> Iterator[list[list[Token]]]:
    """Each statement as its sides; the first side is empty where it goes on from the statement before."""
    depth, sides, new_line = 0, [list[Token]()], False
    for item in items:
        if new_line and item.kind not in (*_OPERATORS, "EQ", "AMP") and _is_whole(sides):
            yield sides
            sides = [[]]
        new_line = new_line and item.kind == "AMP"
        depth += (item.kind in ("LPAR", "LBRACE")) - (item.kind in ("RPAR", "RBRACE"))
        if item.kind == "ROW":
            new_line, depth = True, 0  # no bracket holds a line's end: one is missing
        elif item.kind in _ENDS and depth <= 0:
            if sides != [[]]:
                yield sides
            sides, depth = [[]], 0
        elif item.kind == "EQ" and depth <= 0:
            sides.append([])
        elif item.kind != "AMP":
            sides[-1].append(item)
    if sides != [[]]:
        yield sides


def _is_whole(sides: list[list[Token]]) -> bool:
    """Whether a statement does not end with an operator or an equals sign."""
    return bool(sides[-1]) and sides[-1][-1].kind not in _OPERATORS


_ARGUMENTS = ("NAME", "HAT", "SUB", "SUP", "COMMA", "LPAR", "RPAR", "LBRACE", "RBRACE")


def _without_arguments(items: Sequence[Token]) -> list[Token]:
    """Leave out what the loss depends on: `J(\\theta)`, `L(\\hat y, y)`."""
    left: list[Token] = []
    i = 0
    while i < len(items):
        left.append(items[i])
        i += 1
        if left[-1].kind == "NAME" and left[-1].text in ("J", "L", r"\ell"):
            inside = _in_brackets(items[i:])
            is_list = any(item.kind == "COMMA" for item in inside)
            is_parameter = len(inside) > 2 and inside[1].text in (r"\theta", r"\Theta") and len(inside) < 5
            if (is_list or is_parameter) and all(item.kind in _ARGUMENTS for item in inside):
                i += len(inside)
    return left


def _in_brackets(items: Sequence[Token]) -> Sequence[Token]:
    """The first bracket with what is in it; empty where the items do not begin with one."""
    depth = 0
    for i, item in enumerate(items):
        depth += (item.kind == "LPAR") - (item.kind == "RPAR")
        if depth == 0:
            return items[: i + 1] if i else ()
    return ()
