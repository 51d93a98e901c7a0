"""Answers that are typed as programs are: code, formulas among words without dollars, `dW2` for a gradient."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from .spelling import FUNCTIONS, LETTERS, SIGNS
from .tokens import PRODUCTS, Token, text

_FENCED = re.compile(
    r"^[ \t]*+(?P<fence>`{3,}+|~{3,}+)[^\n`]*\n(?P<code>[^$`]*?)^[ \t]*+(?P=fence)", re.MULTILINE
)
_CODE = re.compile(r"(?<![`$\\])`(?P<code>[^`$\n=]*+=[^`$\n]*+)`(?!`)")
"""An equation as code within a sentence."""
_INDENTED = re.compile(r"(?:^(?: {4}|\t)[^\n$`]*\n?)+", re.MULTILINE)
_ASSIGNED = re.compile(
    r"\s*(?:[A-Za-z_][\w/.^{}()]*\s*=(?!=)|(?:theta|w|W|params)\w*\s*[-+]=)(?:(?![=~!%<>*/@]=)[^#%&|~])*(?P<comment>#.*)?"
)
"""A line that gives a name a value; of updates in place only what a step does."""
_SAYS_NOTHING = re.compile(r"\s*(?:#.*|import\b.*|from\b.*)?")
_CHANGED = re.compile(r"[*/=^]|\b(?:times|multipl|divid|squared|minus|plus)", re.IGNORECASE)
"""What in a comment behind a line may be a part of what it says."""
_WORD = re.compile(
    r"(?<![A-Za-z\\_^{\d])(?:so|we|the|get|thus|hence|therefore|then|is|by|of|using|chain|rule|from|because|gives|have|this"
    r"|gradient|derivative|finally|obtain)(?![A-Za-z\d_'])",
    re.IGNORECASE,
)
"""Words that say nothing of the formulas between which they stand."""
_LONG = re.compile(r"(?<![A-Za-z\\_^{\d])[A-Za-z]{3,}(?![A-Za-z\d_'])")
_DISPLAYED = re.compile(
    r"\\begin\{(\w+)\*?\}.*?\\end\{\1\*?\}|\\(?:text\w*|mbox|mathrm|operatorname)\s*\{[^{}]*\}", re.DOTALL
)
_MATHEMATICS: Final = {
    *LETTERS.split("|"), *FUNCTIONS, *PRODUCTS, *SIGNS, "alpha", "beta", "gamma", "yhat", "lamb", "lambd", "lmbda",
    "learning_rate", "numpy", "torch", "begin", "end", "otherwise", "else", "where", "with", "and", "for", "lam", "reg",
    "frac", "text", "left", "right", "hat", "sum", "cdot", "times", "align", "aligned", "equation", "cases", "matrix",
    "bmatrix", "pmatrix", "array", "eqnarray", "gather", "split",
}  # fmt: skip


_UNREAD: Final = r"$\text{code that is not read}$"


def as_formulas(answer: str) -> str:
    """The answer with code as formulas between dollars: between fences, indented, or in a sentence.

    Code that does more than give names their values is not read.
    """
    answer = _FENCED.sub(lambda block: _formulas(block["code"]), answer)
    answer = _INDENTED.sub(lambda block: _formulas(block[0]) if _is_code(block[0]) else block[0], answer)
    are_read = all(map(_ASSIGNED.fullmatch, _CODE.findall(answer)))
    return _CODE.sub(r"$\g<code>$" if are_read else _UNREAD.replace("\\", r"\\"), answer)


def _formulas(code: str) -> str:
    """Code as formulas, one a line, comments as words behind them."""
    lines = code.splitlines()
    assigned = [_ASSIGNED.fullmatch(line) for line in lines]
    if not any(assigned):
        return _UNREAD
    found = []
    for line, match in zip(lines, assigned, strict=True):
        if match is None and not _SAYS_NOTHING.fullmatch(line):
            return _UNREAD
        if match and _CHANGED.search(match["comment"] or ""):
            return _UNREAD
        code, _, words = line.partition("#")
        found.append(f"${code.strip()}$ {words}" if match else words)
    return "\n".join(found) + "\n"


def _is_code(lines: str) -> bool:
    """Whether something indented gives a value to a name, and has no words of sentences."""
    return "=" in lines and not unknown_word(re.sub("#.*", "", lines))


def unknown_word(text: str) -> str:
    """The first word that is no mathematics, of what is typed without dollars; empty where there is none."""
    text = _DISPLAYED.sub(" ", text)
    return next((word for word in _LONG.findall(text) if word.lower() not in _MATHEMATICS), "")


def without_words(line: str) -> str:
    """A line without dollars, in which each word that says nothing ends a formula."""
    return _WORD.sub(r" \\remark ", line)


def names_gradient(sides: Sequence[Sequence[Token]], letters: Collection[str]) -> bool:
    """Whether it says what `dW2` is, as programs name the gradient by W2."""
    kinds = [item.kind for item in sides[0] if item.kind not in ("SUB", "SUP", "NUMBER")]
    return (
        len(sides) > 1
        and kinds == ["NAME", "NAME"]
        and sides[0][0].text == "d"
        and sides[0][1].text in letters
    )


def gradients_in_full(side: Sequence[Token], letters: Collection[str]) -> tuple[Token, ...]:
    """Write `dW2` as `\\nabla_{W2} J`, where it is no part of a fraction."""
    found: list[Token] = []
    i = 0
    while i < len(side):
        end = i + 2
        while end < len(side) and side[end].kind in ("SUB", "SUP", "NUMBER"):
            end += 1
        is_name = side[i] == Token("NAME", "d") and side[i + 1 : i + 2] and side[i + 1].kind == "NAME"
        beside = [item.kind for item in (*found[-1:], *side[end : end + 1])]
        if is_name and "SLASH" not in beside:
            transposed = [item for item in side[i + 1 : end] if _is_transpose(item)]
            named = [item for item in side[i + 1 : end] if not _is_transpose(item)]
            by = tuple(with_indices(named, letters))
            loss = [Token("NABLA", r"\nabla"), Token("SUB", "_" + text(by), by), Token("NAME", "J")]
            found += [Token("LPAR", "("), *loss, Token("RPAR", ")"), *transposed]
            i = end
        else:
            found.append(side[i])
            i += 1
    return tuple(found)


def _is_transpose(item: Token) -> bool:
    return item.kind == "SUP" and [part.text for part in item.inner] == ["T"]


def with_indices(items: Sequence[Token], letters: Collection[str]) -> Iterator[Token]:
    """The same where digits behind the letter of a layer are its index: `W2` as in a program."""
    for before, item in zip((None, *items), items, strict=False):
        is_index = item.kind == "NUMBER" and len(item.text) == 1 and item.text.isdigit()
        if is_index and before is not None and before.kind == "NAME" and before.text in letters:
            yield Token("SUB", "_", (item,))
        else:
            yield item
