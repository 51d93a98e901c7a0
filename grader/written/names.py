"""What students call the parameters and their gradient: before and after the step, by component, by another letter."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from .nodes import TILDE, Matrix, Node, Prime, Sum, Symbol, Transpose
from .rewrite import renamed, replaced
from .statements import Chain, Form

_NEW: Final = ("new", "next", "updated", "neu", "after", "+")
_OLD: Final = ("old", "prev", "previous", "current", "curr", "cur", "now", "before", "alt", "last")
_LOSSES: Final = ("J", "L", r"\ell")
"""Letters that are another loss with a tilde: the one with the penalty."""
_COUNT: Final = re.compile(
    r"(?<![A-Za-z\\])n\s*(?:is|=|denotes|being|stands for|are)\s*(?:the |our |a )?(?:total |batch |whole )?"
    r"(?:numbers?|count|size|amount|batch)"
    r"|\b(?:with|over|for|of|the|all|have)\s+n\s+(?:\w+\s+)?(?:examples|samples|points|data|observations|instances|images|rows)"
)
"""Words that make n a count."""
_NO_MORE: Final = r"(?!\s*(?:[-+*/(\\^_=|<>≤≥]|is\b|are\b))"
"""What is no part of a formula or sentence about something else."""
_CALLED: Final = (
    re.compile(
        r"(?<![A-Za-z\\])([A-Za-z])\s*+(?:for|is|=|denotes|means|stands for|as|are)\s*+"
        rf"(?:the |our |all |just |simply )*+(?:parameters?|weights?|vector)?\s*+(?:\\theta|θ){_NO_MORE}"
    ),
    re.compile(
        r"(?:\\theta|θ)\s*+(?:is|as|=|by)\s*+(?:called|written|denoted|named)?\s*+(?:as|by)?\s*+([A-Za-z])(?![A-Za-z])"
        rf"{_NO_MORE}"
    ),
)
"""Words that give the parameters another letter."""


@dataclass(frozen=True)
class Names:
    """How the question and our network write what a step is about."""

    parameters: Collection[str]
    """Symbols without an index that are the parameters; the first is ours."""
    gradients: Collection[str]
    next: str
    """The parameters after the step."""
    known: Collection[str]
    """Symbols that have a meaning of their own."""


def with_plain_letters(answers: Sequence[Sequence[Chain]]) -> list[list[Chain]]:
    """All answers' chains with tildes and bars left out over letters that no answer defines with one."""
    starts = (chain.forms[0].node for found in answers for chain in found if len(chain.forms) > 1)
    defined = {
        _marked(node) for node in starts if isinstance(node, Symbol) and not node.written.endswith("+1")
    }

    def plain(symbol: Symbol) -> Symbol:
        mark = _marked(symbol)
        if mark and mark not in defined and mark.rpartition(" ")[2] not in _LOSSES:
            return Symbol(symbol.written.removeprefix(TILDE + " "))
        return symbol

    return [[_mapped(chain, plain) for chain in found] for found in answers]


def _marked(symbol: Symbol) -> str:
    """The letter with its tilde, without an index; empty where there is no tilde."""
    return " ".join(symbol.written.split(" ")[:2]) if symbol.written.startswith(TILDE + " ") else ""


def with_entries(found: Sequence[Chain], named: Callable[[str], str | None]) -> list[Chain]:
    """The chains with letters for entries, `W = [w_1, w_2, w_3]`, as the entries that they are."""
    entries: dict[str, str] = {}
    for chain in found:
        for left in chain.forms[:-1]:
            whole = left.node.of if isinstance(left.node, Transpose | Prime) else left.node
            if isinstance(whole, Symbol) and named(whole.written) and len(chain.forms) > 1:
                entries |= _listed(chain.forms[-1].node, whole)
    return [_mapped(chain, lambda one: Symbol(entries.get(one.written, one.written))) for chain in found]


def _listed(node: Node | None, whole: Symbol) -> dict[str, str]:
    """Entries by the letters that a list names them with."""
    while isinstance(node, Transpose | Prime):
        node = node.of
    if not isinstance(node, Matrix) or 1 not in (len(node.rows), len(node.rows[0])):
        return {}
    cells = [cell for row in node.rows for cell in row]
    letters = [cell.written for cell in cells if isinstance(cell, Symbol)]
    stems = {letter.rpartition(" ")[0] for letter in letters}
    counts = [letter.rpartition(" ")[2] for letter in letters] == [str(i + 1) for i in range(len(cells))]
    if len(stems) != 1 or not counts or " " in (stem := stems.pop()) or stem in ("", _stem(whole)):
        return {}  # h_2 in a list of entries of h is also the output
    return {letter: f"{whole.written} {i + 1}" for i, letter in enumerate(letters)}


def without_counts(found: Iterable[Chain], texts: Iterable[str]) -> list[Chain]:
    """The chains with n as a symbol of its own where words say that it counts something."""
    if not any(_COUNT.search(text.replace("$", "")) for text in texts):
        return list(found)
    return [_mapped(chain, lambda one: Symbol("n count") if one.written == "n" else one) for chain in found]


def with_primes(found: Sequence[Chain], next: Collection[str], parameters: Collection[str]) -> list[Chain]:
    """The chains with each primed letter that they give a meaning, `g' = g + ...`, as a symbol of the student's own.

    Parameters with a prime are the new ones where nothing else is.
    """
    starts = [chain.forms[0].node for chain in found if len(chain.forms) > 1]
    own = {node.of.written for node in starts if isinstance(node, Prime) and isinstance(node.of, Symbol)}
    if not any(isinstance(node, Symbol) and node.written in next for node in starts):
        own -= {letter for letter in own if letter.partition(" ")[0] in parameters}

    def put(node: Node) -> Node | None:
        is_own = isinstance(node, Prime) and isinstance(node.of, Symbol) and node.of.written in own
        return Symbol(f"own{node.of.written.replace(' ', '')}'") if is_own else None  # type: ignore[union-attr]

    return [
        replace(
            chain,
            forms=tuple(
                form if form.node is None else replace(form, node=replaced(form.node, put))
                for form in chain.forms
            ),
        )
        for chain in found
    ]


def with_own_letters(found: Sequence[Chain], written: Mapping[str, str]) -> list[Chain]:
    """The chains with a second letter for something, as `\\alpha` for the step size, as a symbol of the student's own.

    Where the answer says what it is, by a formula in other letters: `\\alpha = 1 - 2 \\eta\\lambda`.
    """
    alone = [(letter, name) for letter, name in written.items() if " " not in letter]
    first = {name: letter for letter, name in reversed(alone)}
    others = {letter for letter, name in alone if first[name] != letter}
    own = set()
    for chain in found:
        left, right = chain.forms[0].node, chain.forms[-1]
        if isinstance(left, Symbol) and left.written in others:
            used = {one.written for one in _symbols(right)}
            own |= {left.written} if used and left.written not in used else set()
    return [
        _mapped(chain, lambda one: Symbol(f"own{one.written}") if one.written in own else one)
        for chain in found
    ]


def of_step(found: Iterable[Chain], texts: Iterable[str], names: Names) -> list[Chain]:
    """The chains of an answer about a step, in which the parameters before and after it have our names."""
    found = list(found)
    for letter in _aliases(texts, names) & _updated(found):
        found = [_mapped(chain, lambda one, a=letter: _with_stem(one, a, names)) for chain in found]  # type: ignore[misc]
        found = [chain for chain in found if not _is_same_twice(chain)]
    found = [_primed(chain, names) for chain in found]
    indices = _Indices.of(found, names)
    found = [_mapped(chain, lambda one: indices.settled(one, names)) for chain in found]
    return [_step_added(chain, names) for chain in found]


def _aliases(texts: Iterable[str], names: Names) -> set[str]:
    letters = {match[1] for text in texts for pattern in _CALLED for match in pattern.finditer(_bare(text))}
    return letters - set(names.known)


def _bare(text: str) -> str:
    """Words and formulas without dollars and fonts."""
    return re.sub(
        r"\\(?:mathbf|boldsymbol|bm|vec|mathrm|mathit|textbf)\s*\{([^{}]*)\}", r"\1", text.replace("$", "")
    )


def _updated(found: Iterable[Chain]) -> set[str]:
    """Letters that an answer gives a value after a step."""
    starts = [chain.forms[0].node for chain in found if len(chain.forms) > 1]
    return {_stem(node) for node in starts if isinstance(node, Symbol)}


def _with_stem(symbol: Symbol, alias: str, names: Names) -> Symbol:
    stem, _, index = symbol.written.partition(" ")
    ours = next(iter(names.parameters))
    return Symbol(f"{ours} {index}".strip()) if stem == alias else symbol


def _is_same_twice(chain: Chain) -> bool:
    nodes = [form.node for form in chain.forms]
    return len(nodes) > 1 and isinstance(nodes[0], Symbol) and all(node == nodes[0] for node in nodes)


def _primed(chain: Chain, names: Names) -> Chain:
    """A prime or a tilde on the parameters that a step is said to lead to makes them the new ones."""
    first = chain.forms[0]
    match first.node:
        case Prime(Symbol(written)):
            pass
        case Symbol(marked) if marked.startswith(TILDE + " "):
            written = marked.removeprefix(TILDE + " ")
        case _:
            return chain
    if len(chain.forms) < 2 or written not in names.parameters:
        return chain
    return replace(chain, forms=(replace(first, node=Symbol(names.next)), *chain.forms[1:]))


@dataclass(frozen=True)
class _Indices:
    """How an answer counts steps: by which letter, and whether it writes them from t - 1 to t."""

    letter: str = "t"
    is_late: bool = False

    @classmethod
    def of(cls, found: Iterable[Chain], names: Names) -> _Indices:
        starts = [chain.forms[0].node for chain in found if len(chain.forms) > 1]
        parts = [
            part
            for node in starts
            if isinstance(node, Symbol) and _stem(node) in names.parameters
            for part in _index(node)
        ]
        letter = next((part[0] for part in parts if re.fullmatch(r"[a-z]\+1", part)), "t")
        before = f"{letter}-1"
        is_late = letter in parts and any(
            before in _index(symbol)
            for chain in found
            for form in chain.forms[1:]
            for symbol in _symbols(form)
            if _stem(symbol) in names.parameters
        )
        return cls(letter, is_late)

    def settled(self, symbol: Symbol, names: Names) -> Symbol:
        """The symbol as we write it; as it is where its index says neither a step nor a component."""
        stem = _stem(symbol)
        if stem not in (*names.parameters, *names.gradients) or " " not in symbol.written:
            return symbol
        is_next, component = False, ""
        for part in _index(symbol):
            if self._is_next(part):
                is_next = True
            elif re.fullmatch(r"[ijklm]", part) and part != self.letter and not component:
                component = part
            elif not self._is_now(part):
                return symbol
        if is_next:
            return Symbol(f"{names.next} {component}".strip()) if stem in names.parameters else symbol
        return Symbol(f"{stem} {component or 't'}")

    def _is_next(self, part: str) -> bool:
        return part in _NEW or part == (self.letter if self.is_late else f"{self.letter}+1")

    def _is_now(self, part: str) -> bool:
        return part in _OLD or part == (f"{self.letter}-1" if self.is_late else self.letter)


def _stem(symbol: Symbol) -> str:
    return symbol.written.partition(" ")[0]


def _index(symbol: Symbol) -> list[str]:
    """The parts of an index: `t+1,i` has two, and so has `ti`."""
    index = symbol.written.partition(" ")[2].replace("(", "").replace(")", "")
    index = re.sub(r"(?<!\s)\s*+([+-])\s*+", r"\1", index)
    parts = [part for part in re.split(r"[,;\s]+", index) if part]
    return [one for part in parts for one in ([*part] if re.fullmatch(r"t[ijklm]", part) else [part])]


def _symbols(form: Form) -> list[Symbol]:
    found: list[Symbol] = []
    if form.node is not None:
        renamed(form.node, lambda one: found.append(one) or one)  # type: ignore[func-returns-value]
    return found


def _step_added(chain: Chain, names: Names) -> Chain:
    """`new - old = step` as `new = old + step`."""
    first = chain.forms[0]
    match first.node:
        case Sum(((1, Symbol(new) as left), (-1, old))) if new == names.next and len(chain.forms) > 1:
            steps = tuple(
                replace(form, node=None if form.node is None else Sum(((1, old), (1, form.node))))
                for form in chain.forms[1:]
            )
            return replace(chain, forms=(replace(first, node=left), *steps))
    return chain


def _mapped(chain: Chain, f: Callable[[Symbol], Symbol]) -> Chain:
    forms = tuple(
        form if form.node is None else replace(form, node=_renamed(form.node, f)) for form in chain.forms
    )
    return replace(chain, forms=forms)


def _renamed(node: Node, f: Callable[[Symbol], Symbol]) -> Node:
    return renamed(node, f)
