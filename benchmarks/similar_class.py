"""A class to measure `grade similar` on: independent hand-ins, and copies of some of them in disguise.

An honest hand-in is put together of the bank's solutions, drawn independently for each student, and is then written
anew in the student's own style: every place that can be written in several ways is drawn for that student alone. No
honest hand-in is made of another one. A copy is made of one hand-in, and what disguises it is drawn anew as well.
"""

from __future__ import annotations

import ast
import copy
import random
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.similar_styles import Style, dressed
from grader.selftest.bank import Bank, Edit

DISGUISES = ("renamed", "reordered", "reformatted", "half a file", "comments and types", "one function")
_ENTRIES = 5
"""Solutions of the bank that a hand-in takes something of, where they do not meet in one place."""
_WRONG = 0.5
"""How many of a class have one of the bank's mistakes."""


@dataclass(frozen=True)
class Planted:
    """A copy, and what it was made of."""

    copy: str
    original: str
    disguise: str


@dataclass(frozen=True)
class Made:
    """A class: source by id, and which pairs are no chance."""

    sources: dict[str, str]
    planted: tuple[Planted, ...] = ()


def honest(bank: Bank, count: int, seed: int = 1) -> Made:
    """Hand-ins of students who worked alone."""
    return Made({f"s{i:04}": _dress(*_alone(bank, seed, i)) for i in range(count)})


def with_copies(bank: Bank, count: int, copies: int, seed: int = 1) -> Made:
    """The same, of which the last `copies` are copies of others, each disguise as often."""
    own = [_alone(bank, seed, i) for i in range(count)]
    sources, planted = [_dress(*one) for one in own], []
    for n in range(copies):
        place, disguise = count - copies + n, DISGUISES[n % len(DISGUISES)]
        rng = random.Random(f"{seed} copy {n}")
        original = rng.randrange(count - copies)
        tree, style, _ = own[place]
        taken = _styled(*own[original][:2])
        sources[place] = _disguised(disguise, taken, tree, style, rng)
        planted.append(Planted(f"s{place:04}", f"s{original:04}", disguise))
    return Made({f"s{i:04}": source for i, source in enumerate(sources)}, tuple(planted))


def _alone(bank: Bank, seed: int, number: int) -> tuple[ast.Module, Style, random.Random]:
    """One student's solution, before it is written in the student's style."""
    rng = random.Random(f"{seed} alone {number}")
    text = bank.base
    entries = rng.sample([one for one in bank.right if not one.slow], _ENTRIES)
    if rng.random() < _WRONG:
        entries.append(rng.choice(bank.wrong))  # type: ignore[arg-type]
    for entry in entries:
        if (changed := _edited(text, entry.edits)) is not None:
            text = changed
    return ast.parse(text), Style(random.Random(f"{seed} style {number}")), rng


def _edited(text: str, edits: tuple[Edit, ...]) -> str | None:
    for edit in edits:
        if text.count(edit.old) != 1:
            return None
        text = text.replace(edit.old, edit.new)
    try:
        ast.parse(text)
    except SyntaxError:
        return None
    return text


def _styled(tree: ast.Module, style: Style) -> ast.Module:
    return style.renamed(style.applied(tree))


def _dress(tree: ast.Module, style: Style, rng: random.Random) -> str:
    return dressed(_styled(tree, style), style, rng)


def _disguised(disguise: str, taken: ast.Module, own: ast.Module, style: Style, rng: random.Random) -> str:
    """A copy of `taken` by a student who would have written `own`. Comments are always the copier's."""
    tree = copy.deepcopy(taken)
    match disguise:
        case "reordered":
            tree = _reordered(tree, rng)
        case "half a file":
            halves = (("__init__", "loss"), ("train", "predict"))
            tree = _with_methods(style.applied(own), tree, rng.choice(halves))
        case "one function":
            tree = _with_methods(style.applied(own), tree, (rng.choice(("loss", "train")),))
        case "comments and types":
            tree = _typed(tree, rng)
    renames = disguise in ("renamed", "half a file", "one function")
    tree = style.renamed(tree) if renames else tree
    return dressed(tree, style, rng, reformat=disguise == "reformatted")


def _reordered(tree: ast.Module, rng: random.Random) -> ast.Module:
    """Methods and functions in another order, and statements that do not hang on each other."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            rng.shuffle(node.body)
        for block in _blocks(node):
            for i in range(len(block) - 1):
                if rng.random() < 0.5 and _independent(block[i], block[i + 1]):
                    block[i], block[i + 1] = block[i + 1], block[i]
    imports = [one for one in tree.body if isinstance(one, ast.Import | ast.ImportFrom)]
    rest = [one for one in tree.body if one not in imports]
    rng.shuffle(rest)
    tree.body = [*imports, *rest]
    return tree


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse"):
        block = getattr(node, name, None)
        if isinstance(block, list) and not isinstance(node, ast.ClassDef | ast.Module):
            yield block


def _independent(first: ast.stmt, second: ast.stmt) -> bool:
    if not (isinstance(first, ast.Assign) and isinstance(second, ast.Assign)):
        return False
    return not (_named(first, ast.Store) & _named(second) or _named(second, ast.Store) & _named(first))


def _named(node: ast.AST, context: type = object) -> set[str]:
    """Names in a statement; one that is stored into counts as stored where it holds what is."""
    found = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, context)}
    if isinstance(node, ast.Assign) and context is ast.Store:
        found |= {n.id for target in node.targets for n in ast.walk(target) if isinstance(n, ast.Name)}
    return found


def _with_methods(own: ast.Module, taken: ast.Module, names: tuple[str, ...]) -> ast.Module:
    """A student's own file, of which some methods, and the functions that these call, are another's."""
    theirs = {one.name: one for one in _functions(taken)}
    for node in own.body:
        if isinstance(node, ast.ClassDef):
            node.body = [theirs.get(getattr(one, "name", ""), one) if getattr(one, "name", "") in names else one
                         for one in node.body]  # fmt: skip
    there = {getattr(one, "name", "") for one in own.body}
    called = {n.func.id for name in names if name in theirs for n in ast.walk(theirs[name])
              if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}  # fmt: skip
    more = [theirs[name] for name in sorted(called - there) if name in theirs]
    own.body = [*own.body[:1], *more, *own.body[1:]]
    return own


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node


def _typed(tree: ast.Module, rng: random.Random) -> ast.Module:
    """Types and texts of documentation where there were none."""
    types = ("int", "float", "np.ndarray", "dict", "Any", "list[float]")
    for node in _functions(tree):
        for one in node.args.args[1:]:
            one.annotation = ast.parse(rng.choice(types), mode="eval").body
        node.returns = ast.parse(rng.choice(types), mode="eval").body
        said = f"{rng.choice(('Do', 'Compute', 'Run'))} {node.name} {rng.random():.3f}."
        node.body.insert(0, ast.Expr(ast.Constant(said)))
    return ast.fix_missing_locations(tree)
