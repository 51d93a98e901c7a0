"""What an answer defines, and the gradients that it says rightly: later formulas may use both."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from .comparing import Comparer, Memory
from .nodes import Call, Cases, Gradient, Node, Product, Symbol
from .rewrite import in_argument, own_function, substitute, walk
from .said import Claim, Said
from .scene import Scene
from .statements import Chain, Form

_GREEK: Final = re.compile(
    r"\\(?:alpha|beta|gamma|delta|epsilon|varepsilon|zeta|eta|theta|vartheta|iota|kappa|mu|nu|xi|rho|varrho|sigma|tau|upsilon"
    r"|phi|varphi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega|ell|hat|tilde|pm)"
)
"""Commands that are letters, and so may be given a meaning."""


def functions_by_cases(found: Sequence[Chain], scene: Scene) -> dict[str, Node]:
    """Functions that an answer defines by cases, wherever in it: the student's own definition counts."""
    defined: dict[str, Node] = {}
    for chain in found:
        match chain.forms[0].node, chain.forms[-1].node:
            case (
                Call(name, Symbol() as argument) | Product((Symbol(name), Symbol() as argument), ("",)),
                Cases() as body,
            ) if not chain.doubt and scene.network.name(name) is None:
                meaning = in_argument(body, argument, scene.network.name)
                if defined.setdefault(own_function(name), meaning) != meaning:
                    return {}
    return defined


def expanded(form: Form, memory: Memory, stated: Mapping[str, Node], scene: Scene) -> Node | None:
    """The tree of a form with own symbols and stated gradients put in; None where it was not read."""
    if form.node is None:
        return None
    return substitute(form.node, memory.symbols, stated, scene.network.name)


def with_later(
    claim: Claim, found: Sequence[Chain], memory: Memory, stated: Mapping[str, Node], scene: Scene
) -> Claim:
    """The claim with the symbols put in that its cell defines only behind it: `theta - eta g, where g = ...`."""
    if claim.form.node is None:
        return claim
    used = {part.written for part in walk(claim.form.node) if isinstance(part, Symbol)}
    for chain in found:
        if claim.form in chain.forms:
            used -= {form.node.written for form in chain.forms[:-1] if isinstance(form.node, Symbol)}
            behind = found[list(found).index(chain) + 1 :]
            before = found[: list(found).index(chain)]
            break
    else:
        return claim
    late = {name for name in used if _defines(behind, name) and not _defines(before, name)}
    return replace(claim, node=expanded(claim.form, memory, stated, scene)) if late else claim


def _defines(found: Sequence[Chain], name: str) -> bool:
    """Whether a chain says what a symbol is, or its components."""
    names = {Symbol(name), *(Symbol(f"{name} {letter}") for letter in "ijk")}
    return any(len(c.forms) > 1 and any(form.node in names for form in c.forms[:-1]) for c in found)


def learn(
    comparer: Comparer,
    id: str,
    chain: Chain,
    nodes: Sequence[Node | None],
    memory: Memory,
    said: Said,
    scene: Scene,
) -> None:
    """Definitions of the student's own symbols, and right gradients, which later formulas may use."""
    if len(nodes) < 2 or (last := nodes[-1]) is None:
        return
    end = chain.forms[-1].node
    if isinstance(end, Symbol) and last is end and _is_own(comparer, end, scene):
        memory.symbols[end.written] = last = nodes[-2] or last  # the result gets a name: h - y = delta
    named = scene.network.name
    meant = {form.node.by.written for form in chain.forms[:-1] if isinstance(form.node, Gradient)}
    for form in chain.forms[:-1]:
        node = form.node
        if isinstance(node, Symbol) and _is_own(comparer, node, scene):
            written, uses = node.written, symbols_used(chain.forms[-1].node, Said())
            others = (other for other in chain.forms if other is not form)
            is_update = bool(meant - said.meant.get(written, set())) or any(
                written in symbols_used(other.node, Said()) for other in others
            )
            said.meant[written] = meant
            if written in said.uses and not is_update:
                before = memory.symbols.get(written)
                if before is not None and comparer.differ(before, last, scene, memory):
                    said.contradicted.add(written)
            said.uses.setdefault(written, set()).update(uses - {written})
            memory.symbols[written] = last
        elif isinstance(node, Gradient) and isinstance(node.of, Symbol) and named(node.of.written) == "J":
            name = named(node.by.written)
            if name is not None and comparer.is_true(last, scene.gradient(name), scene):
                said.stated[name] = last
                if not comparer.unfinished(id, last, memory.worked_out):
                    memory.worked_out.add(name)


def _is_own(comparer: Comparer, node: Symbol, scene: Scene) -> bool:
    """Whether an answer may give a meaning to a symbol."""
    name = scene.network.name(node.written)
    if name is None and scene.network.name(node.written.rpartition(" ")[0]) is not None:
        return False  # an entry of what is known
    if name is None:
        letter = node.written.split(" ")[0]
        is_letter = not letter.startswith("\\") or _GREEK.fullmatch(letter) is not None
        return is_letter and node.written not in comparer.ref.NEXT
    # Where the step is asked, students call the whole objective J, and its gradient g.
    return name in ("g", "J") and "g" in scene.network.written


def symbols_used(node: Node | None, said: Said) -> set[str]:
    """The student's own symbols that a formula uses, also through their definitions."""
    waiting = [part.written for part in walk(node) if isinstance(part, Symbol)] if node is not None else []
    used: set[str] = set()
    while waiting:
        if (name := waiting.pop()) not in used:
            used.add(name)
            waiting += said.uses.get(name, ())
    return used
