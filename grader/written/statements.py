"""Find the formulas in an answer: chains `a = b = c` over spans, lines and cells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from . import programs, prose
from .conditions import Statement, merged
from .nodes import Gradient, Node, Number, Symbol
from .spans import Span, spans_of
from .tokens import MAX_TOKENS, Token, Unreadable, text, tokens
from .tree import parse


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
    doubt: str = ""
    """The words that deny or doubt it; empty where the text asserts it."""
    is_alternative: bool = False
    """Whether the text offers it in place of the formula before."""
    corrects: bool = False
    """Whether the text says that it replaces what was said before."""
    is_offered: bool = True
    """Whether the words before a formula that stands alone may offer it as the answer."""
    end: str = ""
    """The kind of the token that it ends with: `GREATER` in a condition; empty at the end of the mathematics."""


_LONGEST = 100_000
"""Characters of an answer; a notebook's are cut at a fifth of that."""
_OPERATORS = ("PLUS", "MINUS", "ODOT", "OTIMES", "CDOT", "STAR", "TIMES", "SLASH")
_ENDS = ("COMMA", "BREAK", "REMARK", "WORD", "GREATER", "LESS")


def chains(answer: str, letters: Collection[str]) -> list[Chain]:
    """The chains of an answer in Markdown with LaTeX. `letters` are those that take an index of a layer.

    Raises nothing: what cannot be read is a form with its trouble.
    """
    if len(answer) > _LONGEST:
        return [Chain((Form("", None, f"the answer has more than {_LONGEST:,} characters"),))]
    spans = spans_of(answer)
    said, troubles = _said(spans)
    are_short = any(programs.names_gradient(statement.sides, letters) for statement in said)
    found: list[_Draft] = []
    for statement in merged(said):
        span, sides = spans[statement.span], statement.sides
        if statement.span in troubles:
            found.append(_Draft([troubles[statement.span]], span))
            continue
        goes_on = not sides[0] or sides[0][0].kind in _OPERATORS[:1] + _OPERATORS[2:]
        if _is_sign(sides):
            continue  # words speak of the sign: "where \\oslash is elementwise"
        if goes_on and not statement.place and _takes_up(found, span):
            continue
        if found and goes_on and found[-1].span is not span:
            found[-1].doubt = found[-1].doubt or span.doubt
        if found and goes_on and sides[0]:
            found[-1].forms.append(Form(text(sides[0]), None, "a formula goes on after it has ended"))
            continue
        sides = tuple(programs.gradients_in_full(side, letters) for side in sides) if are_short else sides
        forms = [_form(side, letters) for side in sides if side]
        if found and goes_on and span.offered == "or" and not statement.place:
            found[-1].forms.append(
                Form(forms[0].latex if forms else "", None, "another result is offered for it")
            )
            continue
        if statement.place and _is_range(sides[0]):
            continue
        if found and len(sides) == 1 and _is_beside(statement, span, forms):
            found[-1].forms.append(Form(forms[0].latex, None, "two formulas stand beside each other"))
            continue
        if goes_on and found:
            found[-1].forms += forms
        elif forms:
            found.append(_Draft(forms, span, statement.end))
    return [_chain(draft) for draft in found]


def _chain(draft: _Draft) -> Chain:
    ahead, is_alone = draft.span.ahead, len(draft.forms) == 1
    return Chain(
        tuple(draft.forms),
        draft.doubt,
        bool(draft.span.offered) or (is_alone and prose.concludes(ahead)),
        prose.corrects(ahead, is_alone),
        not is_alone or not prose.speaks_of(ahead),
        draft.end,
    )


def _is_beside(statement: Statement, span: Span, forms: Sequence[Form]) -> bool:
    """Whether nothing parts a formula from the one before it on its line, or a bracket only."""
    items = statement.sides[0]
    if not items or not forms:
        return False
    if statement.place:
        return _is_formula(items, forms[0])
    if "\n" in span.ahead or not span.ahead:
        return False
    if span.ahead.strip() in ("(", "["):
        return _is_formula(items, forms[0]) or span.behind.startswith((")", "]"))
    return not span.ahead.strip(" `")


def _takes_up(found: list[_Draft], span: Span) -> bool:
    """Put last the display that a display goes on from, past remarks in the text; whether none can be told."""
    displays = [draft for draft in found if draft.span.is_display]
    if not span.is_display or not displays or displays[-1] is found[-1]:
        return False
    broken_off, last = displays[-1], found[-1]
    start = last.forms[0].node
    if start == broken_off.forms[0].node or (isinstance(start, Gradient) and len(last.forms) == 1):
        return False  # the text says anew what it is about
    if isinstance(start, Gradient):
        for draft in (broken_off, last):
            draft.forms.append(Form("", None, "it is not certain which formula goes on"))
        return True
    found.remove(broken_off)
    found.append(broken_off)
    return False


def _said(spans: Sequence[Span]) -> tuple[list[Statement], dict[int, Form]]:
    """All statements in the order written, and the formulas that hold none that can be read, by their number."""
    found: list[Statement] = []
    troubles: dict[int, Form] = {}
    size = 0
    for number, span in enumerate(spans):
        try:
            items = tokens(span.latex)
        except Unreadable as error:
            items = ()
            troubles[number] = Form(span.latex.strip()[:200], None, str(error))
        size += len(items)
        if size > MAX_TOKENS:
            troubles[number] = Form("", None, f"the answer has more than {MAX_TOKENS} symbols")
        if number in troubles:
            found.append(Statement(((),), "", "", "", number))
        if size > MAX_TOKENS:
            break
        if number not in troubles:
            found += _statements(items, number, span.ahead, span.behind)
    return found, troubles


def numbered(answers: Iterable[str]) -> set[str]:
    """The letters to which answers give a meaning with a number above them, `g^1 = ...`: the number is no power."""
    found: set[str] = set()
    for answer in answers:
        for span in spans_of(answer) if len(answer) <= _LONGEST else ():
            try:
                items = tokens(span.latex)
            except Unreadable:
                continue
            for statement in _statements(items):
                sides = statement.sides if len(statement.sides) > 1 else ()
                found |= {side[0].text for side in sides if _is_numbered(side)}
    return found


def _is_numbered(side: Sequence[Token]) -> bool:
    """Whether it is a letter with a number above it and nothing else."""
    if [item.kind for item in side] != ["NAME", "SUP"]:
        return False
    number = [item for item in side[1].inner if item.kind not in ("LPAR", "RPAR")]
    return [item.kind for item in number] == ["NUMBER"] and number[0].text.isdigit()


class _Draft:
    """A chain that further spans may add to."""

    def __init__(self, forms: list[Form], span: Span, end: str = "") -> None:
        self.forms = forms
        self.end = end
        self.span = span
        self.doubt = span.doubt


def _is_formula(items: Sequence[Token], form: Form) -> bool:
    """Whether it is more than a letter or a number that a sentence names."""
    return items[0].kind == "LPAR" or not isinstance(form.node, Symbol | Number | None)


def _form(items: Sequence[Token], letters: Collection[str]) -> Form:
    while items and items[-1].kind in ("STOP", "COMMA"):
        items = items[:-1]
    items = tuple(programs.with_indices(_without_arguments(items), letters))
    try:
        return Form(text(items), parse(items, letters))
    except Unreadable as error:
        return Form(text(items), None, str(error))


def _statements(
    items: Sequence[Token], span: int = 0, ahead: str = "", behind: str = ""
) -> Iterator[Statement]:
    """Each statement; its first side is empty where it goes on from the one before."""
    depth, sides, new_line, place = 0, [list[Token]()], False, 0

    def statement(end: str, behind: str = "") -> Statement:
        return Statement(tuple(map(tuple, sides)), end, ahead, behind, span, place)

    for item in _without_remarks(items):
        if new_line and item.kind not in (*_OPERATORS, "EQ", "AMP") and _is_whole(sides):
            yield statement("")
            sides, ahead, place = [[]], "", place + 1
        new_line = new_line and item.kind == "AMP"
        depth += (item.kind in ("LPAR", "LBRACE")) - (item.kind in ("RPAR", "RBRACE"))
        if item.kind == "ROW":
            new_line, depth = True, 0  # no bracket holds a line's end: one is missing
        elif item.kind in _ENDS and depth <= 0:
            said = f" {item.text} " if item.kind == "WORD" else ","
            if sides != [[]]:
                yield statement(item.kind, said)
                ahead, place = "", place + 1
            ahead = ahead + said
            sides, depth = [[]], 0
        elif item.kind == "EQ" and depth <= 0:
            sides.append([])
        elif item.kind != "AMP":
            sides[-1].append(item)
    if sides != [[]]:
        yield statement("", behind)


def _is_range(items: Sequence[Token]) -> bool:
    """Whether it says over which numbers a letter runs: `(t = 0, 1, 2)`."""
    kinds = [item.kind for item in items[:4]]
    return kinds == ["LPAR", "NAME", "EQ", "NUMBER"] and items[1].text in "ijkmnt"


def _is_sign(sides: Sequence[Sequence[Token]]) -> bool:
    """Whether nothing is there but the sign of a product."""
    return len(sides) == 1 and len(sides[0]) == 1 and sides[0][0].kind in _OPERATORS[2:]


def _without_remarks(items: Sequence[Token]) -> Iterator[Token]:
    """Leave out what words in a line's last column, or before a line that goes on from this one, say of the line."""
    line: list[Token] = []
    skips = False
    for i, item in enumerate(items):
        if item.kind == "ROW":
            line, skips = [], False
        elif line and not skips and (item.kind == "REMARK" or item == Token("WORD", "since")):
            after = next((j for j in range(i, len(items)) if items[j].kind == "ROW"), len(items))
            goes_on = next((one.kind for one in items[after + 1 :] if one.kind != "AMP"), "") == "EQ"
            skips = line[-1].kind == "AMP" or goes_on
        line.append(item)
        if not skips:
            yield item


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
