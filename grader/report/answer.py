"""A student's answer as HTML: Markdown, with formulas as MathML. Nothing of the student's gets out but as escaped text.

The Markdown library only takes the text apart; every element that comes out is written here. There are no links, no
pictures from elsewhere and no HTML of the student's. What is too long is shown as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from markupsafe import Markup, escape

from .formula import in_lines
from .safe_text import printable

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MAX_SOURCE: Final = 10_000
"""Characters of an answer that is rendered; a longer one is shown as its source alone."""
MAX_LATEX: Final = 8_000
"""Characters of LaTeX in an answer that are drawn; formulas behind them are shown as their source."""
MAX_MARKUP: Final = 200_000
"""Characters of a rendered answer; a longer one is shown as its source alone."""
_DEEPEST: Final = 20
"""Lists and quotations inside each other."""
_BLOCKS: Final = {
    "p": "p", "ul": "ul", "ol": "ol", "li": "li", "blockquote": "blockquote", "table": "table", "thead": "thead",
    "tbody": "tbody", "tr": "tr", "th": "th", "td": "td", "em": "em", "strong": "strong", "s": "s",
    **{f"h{i}": "h4" for i in range(1, 7)},
}  # fmt: skip
"""Elements of the library's to ours."""
_TAGS: Final = {
    "b": "strong", "strong": "strong", "i": "em", "em": "em", "s": "s", "del": "s", "strike": "s", "sub": "sub",
    "sup": "sup", "u": "u",
}  # fmt: skip
"""HTML tags that are kept, as elements of ours without attributes."""
_LEFT_OUT: Final = frozenset((
    "a", "big", "body", "center", "details", "div", "font", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p",
    "small", "span", "summary", "table", "tbody", "td", "th", "thead", "tr", "ul",
))  # fmt: skip
"""HTML tags of which only what is between them is shown; others are shown as text."""
_TAG: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)(?:\s++[A-Za-z-]++\s*+=[^<>]*+)?+\s*+/?>")
_BRACKETS: Final = re.compile(r"(?<!\\)\\([()\[\]])")


@lru_cache(maxsize=32)
def answer(text: str) -> Markup:
    """The answer rendered; empty where it can only be shown as its source."""
    if len(text) > MAX_SOURCE:
        return Markup()
    drawn = Markup("").join(_Writer(_parser().parse(_with_dollars(printable(text)))).pieces())
    return drawn if len(drawn) <= MAX_MARKUP else Markup()


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.amsmath import amsmath_plugin
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    # With "html" tags become tokens, which are looked at one by one; without it they could not be told from text.
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": _DEEPEST})
    parser.enable(["table", "strikethrough"]).disable(["html_block", "reference"])
    return parser.use(dollarmath_plugin, allow_labels=False, double_inline=True).use(amsmath_plugin)


def _with_dollars(text: str) -> str:
    r"""The other marks of formulas, `\(...\)` and `\[...\]`, as dollars."""
    return _BRACKETS.sub(lambda match: "$" if match[1] in "()" else "$$", text)


class _Writer:
    """Turns tokens into elements, each of which is closed."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._open: list[str] = []
        self._latex_left = MAX_LATEX

    def pieces(self) -> Iterator[Markup]:
        for token in self._tokens:
            if token.type != "inline":
                yield self._piece(token)
                continue
            outside = len(self._open)
            for child in token.children or ():
                yield self._piece(child)
            yield self._closed(outside)
        yield self._closed(0)

    def _piece(self, token: Token) -> Markup:
        if token.type in _LEAVES:
            return _LEAVES[token.type](token)
        if token.type in _FORMULAS:
            return self._formula(token.content.strip(), is_display=_FORMULAS[token.type])
        if token.type == "html_inline":
            return self._tag(token.content)
        if token.type == "link_close":
            return Markup("")
        name = _BLOCKS.get(token.tag)
        if name is None or not token.nesting:
            return escape(token.content)
        if token.nesting < 0:
            return self._closed(self._place(name))
        if token.hidden:  # a paragraph of a list without space between its items
            return Markup("")
        return self._opened(name, token)

    def _opened(self, name: str, token: Token | None = None) -> Markup:
        self._open.append(name)
        start = token.attrs.get("start") if token and name == "ol" else None
        attributes = Markup(' start="{}"').format(start) if isinstance(start, int) else Markup("")
        around = Markup('<div class="scroll">') if name == "table" else Markup("")
        return Markup("{}<{}{}>").format(around, Markup(name), attributes)

    def _place(self, name: str) -> int:
        """Where among what is open the last element of that name is; behind all where none is."""
        behind = self._open[::-1]
        return len(behind) - 1 - behind.index(name) if name in behind else len(behind)

    def _closed(self, count: int) -> Markup:
        """The ends of all that is open but for the first `count` elements."""
        ends = [f"</{name}>{'</div>' * (name == 'table')}" for name in reversed(self._open[count:])]
        del self._open[count:]
        return Markup("".join(ends))

    def _formula(self, latex: str, *, is_display: bool) -> Markup:
        self._latex_left -= len(latex)
        if self._latex_left < 0:
            return Markup("<code>{}</code>").format(latex)
        drawn = in_lines(latex, is_display)
        return Markup('<span class="math display">{}</span>').format(drawn) if is_display else drawn

    def _tag(self, written: str) -> Markup:
        match = _TAG.fullmatch(written)
        name = match[2].lower() if match else ""
        if written.startswith("<!--") or name in _LEFT_OUT:
            return Markup("")
        if name == "br":
            return Markup("<br>")
        if match is None or name not in _TAGS:
            return escape(written)
        if not match[1]:
            return self._opened(_TAGS[name])
        is_last = bool(self._open) and self._open[-1] == _TAGS[name]
        return self._closed(len(self._open) - 1) if is_last else Markup("")


def _block(token: Token) -> Markup:
    return Markup("<pre>\n{}</pre>").format(token.content)


def _picture(token: Token) -> Markup:
    return Markup('<span class="aside">[picture{}]</span>').format(
        f": {token.content[:60]}" if token.content else ""
    )


def _address(token: Token) -> Markup:
    """What a link leads to, as text before its own."""
    return Markup('<span class="aside">[{}]</span> ').format(str(token.attrs.get("href", ""))[:200])


_LEAVES: Final[Mapping[str, Callable[[Token], Markup]]] = {
    "text": lambda token: escape(token.content),
    "softbreak": lambda _: Markup("\n"),
    "hardbreak": lambda _: Markup("<br>"),
    "hr": lambda _: Markup("<hr>"),
    "code_inline": lambda token: Markup("<code>{}</code>").format(token.content),
    "code_block": _block,
    "fence": _block,
    "image": _picture,
    "link_open": _address,
}
_FORMULAS: Final = {"math_inline": False, "math_inline_double": True, "math_block": True, "amsmath": True}
"""Tokens of formulas, and whether they stand on lines of their own."""
