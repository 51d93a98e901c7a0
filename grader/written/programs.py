"""Answers that are typed as programs are: code, formulas among words without dollars, `dW2` for a gradient."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from .tokens import FUNCTIONS, LETTERS, PRODUCTS, SIGNS, Token, text

_FENCED = re.compile(
    r"^[ \t]*+(?P<fence>```+|~~~+)[^\n`]*\n(?P<code>[^$`]*?)^[ \t]*+(?P=fence)", re.MULTILINE
)
_CODE = re.compile(r"(?<![`$\\])`(?P<code>[^`$\n=]*+=[^`$\n]*+)`(?!`)")
"""An equation as code within a sentence."""
_INDENTED = re.compile(r"^(?: {4}|\t)[^\n$`=]*=[^\n$`]*$", re.MULTILINE)
_WORD = re.compile(
    r"(?<![A-Za-z\\_^{\d])(?:[A-Za-z]{4,}|[Ss]o|[Ww]e|[Tt]he|[Gg]et|[Aa]nd|[Tt]hus|[Ii]s|[Bb]y|[Oo]f)(?![A-Za-z\d_'])"
)
"""What may be a word among formulas without dollars."""
_MATHEMATICS: Final = {
    *LETTERS.split("|"), *FUNCTIONS, *PRODUCTS, *SIGNS, "alpha", "beta", "gamma", "yhat", "lamb", "lambd", "lmbda",
    "learning_rate", "numpy", "torch", "begin", "otherwise", "else", "where", "with", "and",
}  # fmt: skip


def as_formulas(answer: str) -> str:
    """The answer with code as formulas between dollars: between fences, indented, or in a sentence."""
    answer = _FENCED.sub(_lines_of_code, answer)
    answer = _INDENTED.sub(lambda line: f"${line[0].strip()}$\n" if _is_code(line[0]) else line[0], answer)
    return _CODE.sub(r"$\g<code>$", answer)


def without_words(line: str) -> str:
    """A line without dollars, in which each word of a sentence ends a formula."""
    return _WORD.sub(lambda word: word[0] if _is_mathematics(word[0]) else r" \remark ", line)


def _is_mathematics(word: str) -> bool:
    """Whether letters that stand together may be a part of a formula."""
    return word.lower() in _MATHEMATICS


def _is_code(line: str) -> bool:
    """Whether nothing in an indented line is a word of a sentence."""
    return not [word for word in _WORD.findall(line) if not _is_mathematics(word)]


def _lines_of_code(fenced: re.Match[str]) -> str:
    """Code as formulas, one a line; comments are words behind them."""
    lines = (line.partition("#") for line in fenced["code"].splitlines())
    return "\n".join(f"${code.strip()}$ {words}" if code.strip() else words for code, _, words in lines)


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
