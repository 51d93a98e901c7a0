"""Parse a formula's tokens into a tree. Scripts are read here: an index of a layer, a transpose, or a power."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark, Transformer, UnexpectedInput, v_args
from lark import Token as LarkToken
from lark.exceptions import VisitError
from lark.lexer import Lexer

from .dots import filled
from .nodes import (
    TILDE,
    Branch,
    Call,
    Cases,
    Differential,
    Gradient,
    IndexSum,
    Matrix,
    Node,
    Norm,
    Number,
    Power,
    Prime,
    Quotient,
    Sum,
    Symbol,
    Transpose,
)
from .notation import as_in_grammar
from .operators import derivative, operators_applied
from .tokens import Token, Unreadable, cut, text

_NAMES = {"\\sigma": "f", "sigmoid": "f", "log": "ln", "sgn": "sign"}


def parse(items: tuple[Token, ...], letters: Collection[str]) -> Node:
    """The tree of one expression. `letters` are those that take an index of a layer.

    `Unreadable` with what was read until then.
    """
    if not items:
        raise Unreadable("nothing stands there")
    items = as_in_grammar(items)
    try:
        tree = _parser().parse(items)
    except UnexpectedInput as error:
        at = getattr(error, "pos_in_stream", None) or getattr(
            getattr(error, "token", None), "start_pos", None
        )
        read = text(items[: at if isinstance(at, int) else 0])[-60:]
        raise Unreadable(
            f"reading stopped after: {read}" if read else "its beginning is no formula"
        ) from None
    try:
        node: Node = _Builder(letters).transform(tree)
    except VisitError as error:
        if isinstance(error.orig_exc, Unreadable):
            raise error.orig_exc from None
        raise
    return node


class _Passing(Lexer):
    """Hands our tokens to lark; their position is their number."""

    def __init__(self, _: Any) -> None:
        pass

    def lex(self, data: Any) -> Iterator[LarkToken]:  # type: ignore[override]
        for i, item in enumerate(data):
            yield LarkToken(item.kind, item, start_pos=i)


_TERMINALS = (
    "PLUS MINUS ODOT OTIMES CDOT STAR TIMES SLASH SUP SUB PRIME NUMBER NAME HAT FRAC SQRT FUNC SUM NABLA PARTIAL "
    "OPEN_BAR CLOSE_BAR OPEN_NORM CLOSE_NORM LPAR RPAR LBRACE RBRACE TABLE"
)


@cache
def _parser() -> Lark:
    grammar = (Path(__file__).parent / "grammar.lark").read_text()
    return Lark(f"{grammar}\n%declare {_TERMINALS}\n", parser="lalr", lexer=_Passing)


@v_args(inline=True)
class _Builder(Transformer[Any, Node]):
    def __init__(self, letters: Collection[str]) -> None:
        super().__init__()
        self._letters = letters

    def start(self, node: Node) -> Node:
        return node

    def sum(self, *parts: Any) -> Node:
        terms, sign = [], 1
        for part in parts:
            if isinstance(part, int):
                sign = part
            else:
                terms.append((sign, part))
                sign = 1
        return terms[0][1] if len(terms) == 1 and terms[0][0] == 1 else Sum(tuple(terms))

    def sign(self, token: Any) -> int:
        return 1 if token.type == "PLUS" else -1

    def operator(self, *parts: Any) -> tuple[str, bool]:
        return parts[0].type, len(parts) == 2

    def product(self, first: Node, *rest: Any) -> Node:
        factors, signs, pending, negative = [first], [], "", False
        for part in rest:
            if isinstance(part, tuple):
                pending, negative = part
                continue
            if pending == "SLASH":
                factors[-1] = Quotient(factors[-1], part)
            else:
                factors.append(part)
                signs.append(pending)
            pending = ""
            if negative:
                factors[0], negative = Sum(((-1, factors[0]),)), False
        return operators_applied(factors, signs)

    def script(self, token: Any) -> Token:
        own: Token = token.value
        return own

    def applied(self, atom: Node, *scripts: Token) -> Node:
        for script in scripts:
            atom = self._scripted(atom, script)
        return atom

    def atom(self, node: Node) -> Node:
        return node

    def number(self, token: Any) -> Node:
        return Number(float(token.value.text))

    def name(self, token: Any) -> Node:
        return Symbol(token.value.text)

    def braced_name(self, _: Any, token: Any, __: Any) -> Node:
        return Symbol(token.value.text)

    def hat(self, accent: Any, symbol: Symbol) -> Node:
        mark = TILDE if accent.value.text == TILDE else r"\hat"
        return Symbol(f"{mark} {symbol.written}")

    def group(self, *parts: Any) -> Node:
        node: Node = parts[1] if len(parts) == 3 else parts[0]
        is_total = isinstance(node, IndexSum) or (isinstance(node, Call) and node.name == "total")
        return Sum(((1, node),)) if is_total else node  # what stands behind the bracket is not summed

    def argument(self, *parts: Any) -> Node:
        if len(parts) == 3:
            node: Node = parts[1]
            return node
        if len(parts) == 2:
            return self.hat(parts[0], parts[1])
        return self.number(parts[0]) if parts[0].type == "NUMBER" else self.name(parts[0])

    def frac(self, _: Any, above: Node, below: Node) -> Node:
        return derivative(above, below) or Quotient(above, below)

    def sqrt(self, _: Any, node: Node) -> Node:
        return Call("sqrt", node)

    def call(self, function: Any, *parts: Any) -> Node:
        return self._called(function.value.text, parts[:-1], parts[-1])

    def call_bars(self, function: Any, *parts: Any) -> Node:
        return self._called(function.value.text, parts[:-3], Call("abs", parts[-2]))

    def total(self, *parts: Any) -> Node:
        limits = [part for part in parts[1:-1] if part.kind == "SUP"]
        below = next((part.inner for part in parts[1:-1] if part.kind == "SUB"), ())
        bounds = [
            i for i, item in enumerate(below) if item.kind in ("EQ", "LESS", "GREATER") or item.text == r"\in"
        ]
        letters = "".join(
            item.text for item in below[: bounds[0] if bounds else None] if item.kind != "COMMA"
        )
        if not letters:
            return Call("total", parts[-1])
        if not re.fullmatch("[a-z]{1,3}", letters):
            raise Unreadable("a sum with limits")
        return IndexSum(letters, parts[-1], bool(limits or bounds))

    def nabla(self, _: Any, script: Token, node: Node) -> Node:
        if script.kind != "SUB":
            raise Unreadable("a nabla without the letter that it belongs to")
        by = parse(script.inner, self._letters)
        if not isinstance(by, Symbol):
            raise Unreadable(f"a gradient by {text(script.inner)}")
        return Gradient(by, node)

    def bare_nabla(self, _: Any, node: Node) -> Node:
        return Gradient(Symbol(""), node)

    def differential(self, _: Any, node: Node) -> Node:
        return Differential(node)

    def bare_differential(self, _: Any) -> Node:
        return Differential(None)

    def absolute(self, _: Any, node: Node, __: Any) -> Node:
        return Call("abs", node)

    def norm(self, _: Any, node: Node, __: Any) -> Node:
        if isinstance(node, Symbol) and node.written.endswith((" 1", " 2")):
            letter, order = node.written.rsplit(" ", 1)
            if letter not in self._letters:  # the norm's own index, put inside
                return Norm(Symbol(letter), int(order))
        return Norm(node, 2)

    def table(self, token: Any) -> Node:
        return _table(token.value, self._letters)

    def _called(self, name: str, scripts: tuple[Token, ...], of: Node) -> Node:
        name = _NAMES.get(name, name)
        power: Node | None = None
        for script in scripts:
            if script.kind == "PRIME" or (
                script.inner and all(item.kind == "PRIME" for item in script.inner)
            ):
                if name != "f":
                    raise Unreadable(f"a derivative of {name}")
                name = "slope"
            elif script.kind == "SUP" and script.inner and script.inner[0].kind == "LPAR" and name == "f":
                continue  # f^{(2)}: the activation of a layer
            elif script.kind == "SUP":
                power = parse(script.inner, self._letters)
            else:
                raise Unreadable(f"{name} with an index")
        call = Transpose(of) if name == "transpose" else Call(name, of)
        return Power(call, power) if power else call

    def _scripted(self, atom: Node, script: Token) -> Node:
        inner = [item for item in script.inner if item.kind not in ("LPAR", "RPAR", "LBRACE", "RBRACE")]
        written = "".join(item.text for item in inner)
        if script.kind == "PRIME":
            is_call = isinstance(atom, Call) and not _is_activation(atom)
            if isinstance(atom, Power | Norm) or is_call or any(_is_loss(part) for part in _symbols(atom)):
                raise Unreadable("a prime that may stand for a derivative")
            return Prime(atom) if isinstance(atom, Symbol) or _is_activation(atom) else Transpose(atom)
        if isinstance(atom, Norm):
            if script.kind == "SUB" and written in ("1", "2"):
                return Norm(atom.of, int(written))
        elif script.kind == "SUB" and isinstance(atom, Gradient):
            return Gradient(Symbol(f"{atom.by.written} {written}"), atom.of)
        elif script.kind == "SUB" and not isinstance(atom, Symbol):
            raise Unreadable(f"an index {written} of something that is no letter")
        if script.kind == "SUP" and inner and inner[-1].text == "T" and len(inner) <= 2:
            if len(inner) == 2:
                atom = self._scripted(atom, Token("SUP", "^", (inner[0],)))
            return Transpose(atom)
        if isinstance(atom, Symbol) and (symbol := self._indexed(atom, script, inner)):
            return symbol
        return Power(atom, parse(script.inner, self._letters))

    def _indexed(self, atom: Symbol, script: Token, inner: Sequence[Token]) -> Node | None:
        """A symbol whose script is an index; None where it is a power."""
        written = "".join(item.text for item in inner)
        takes_index = atom.written.removeprefix(f"{TILDE} ") in self._letters
        if (takes_index and inner and inner[0].text.isdigit()) or script.kind == "SUB":
            if len(inner) > 1 and inner[1].kind == "SUP":  # the square of an entry: h^{(2)^2}
                return self._scripted(Symbol(f"{atom.written} {inner[0].text}"), inner[1])
            return Symbol(f"{atom.written} {written}")
        if re.fullmatch(_STEP, written) and atom.written != "e":
            return Symbol(f"{atom.written} {written}")  # theta^{(t+1)}
        in_brackets = bool(script.inner) and script.inner[0].kind == "LPAR"
        if in_brackets and len(inner) == 1 and inner[0].kind == "NAME":
            return atom  # a component of a vector stands for all of them
        letter, _, index = atom.written.partition(" ")
        is_layer = letter in self._letters and written.isdigit()
        if is_layer and _is_entry(letter, index, written, in_brackets):
            return Symbol(f"{letter} {written} {index}")  # h_2^{(1)}: an entry of a layer
        return None


def _is_activation(node: Node) -> bool:
    return isinstance(node, Call) and node.name == "f"


_STEP = r"[a-z][+-]1|new|old|next|prev|cur|current|[tkis]"
"""What stands above a symbol to say before or after which step it is."""


def _is_entry(letter: str, index: str, above: str, in_brackets: bool) -> bool:
    """Whether a number above a letter is its layer, and what stands below the entry: `h_3^1`, `W_{ij}^2`."""
    if not index or " " in index:
        return False
    is_layer = index in ("1", "2")  # h_1^2 is a square, but a square of matrices is nothing
    return in_brackets or not is_layer or above == "1" or (letter in ("W", "w") and above == "2")


def _symbols(node: Node) -> Iterator[Symbol]:
    """All letters of a tree."""
    waiting: list[Any] = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Symbol):
            yield part
        elif isinstance(part, tuple):
            waiting += part
        elif is_dataclass(part):
            waiting += [getattr(part, field.name) for field in fields(part)]


def _is_loss(symbol: Symbol) -> bool:
    """Whether it is a letter that losses have: numbers, of which no transpose is taken."""
    return symbol.written.split(" ")[0] in ("J", "L", r"\ell")


def _table(table: Token, letters: Collection[str]) -> Node:
    is_cases = table.text.startswith(r"\begin{cases}")
    if is_cases or any(item.kind in ("GREATER", "LESS", "WORD") for item in table.inner):
        return _cases(table, letters)
    rows = [cut(row, "AMP", "COMMA") for row in cut(table.inner, "ROW")]
    if all(len(row) == 1 for row in rows):
        rows = [[cell] for cell in filled([row[0] for row in rows])]
    rows = [filled(row) for row in rows]
    cells = tuple(tuple(parse(tuple(cell), letters) for cell in row) for row in rows if any(row))
    if not cells or len({len(row) for row in cells}) > 1:
        raise Unreadable("a matrix whose rows have different lengths")
    return Matrix(cells, is_list=table.text.startswith(("[", "(")))


def _cases(table: Token, letters: Collection[str]) -> Node:
    """Values by conditions, a row for each."""
    branches = []
    for row in filter(None, cut(table.inner, "ROW")):
        place = next((i for i, item in enumerate(row) if item.kind in ("AMP", "COMMA", "WORD")), None)
        if place is None:
            raise Unreadable("cases with a row that is no case")
        condition = [item for item in row[place:] if item.kind not in ("WORD", "COMMA", "STOP", "AMP")]
        value = parse(tuple(row[:place]), letters)
        branches.append(Branch(value, *_condition(condition, letters)) if condition else Branch(value))
    return Cases(tuple(branches))


def _condition(items: Sequence[Token], letters: Collection[str]) -> tuple[Node, str]:
    """What a condition is about, and whether that is above, below or equal to zero."""
    sides = cut(items, "GREATER", "LESS", "EQ")
    if len(sides) != 2:
        raise Unreadable("a condition that compares no two things")
    relation = next(item.kind for item in items if item.kind in ("GREATER", "LESS", "EQ"))
    left, right = (parse(tuple(side), letters) for side in sides)
    return compared(left, right), relation


def compared(left: Node, right: Node) -> Node:
    """What is above zero where `left` is above `right`."""
    return left if right == Number(0) else Sum(((1, left), (-1, right)))
