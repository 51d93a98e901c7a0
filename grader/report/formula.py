"""LaTeX from students as MathML, which browsers show without script. Only known elements pass."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from xml.etree import ElementTree

from markupsafe import Markup, escape

from .safe_text import printable

MAX_LENGTH: Final = 2000
"""Characters of a formula that is drawn; a longer one is shown as its source."""
_WIDE: Final = 60
"""Characters of a formula that may not fit on a line beside words, or on the screen of a phone."""
_ELEMENTS: Final = frozenset((
    "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "msup", "msub", "msubsup", "mfrac", "msqrt", "mroot", "mover",
    "munder", "munderover", "mtable", "mtr", "mtd",
))  # fmt: skip
_DRESS: Final = {"mstyle": "", "mpadded": "", "menclose": "box", "mphantom": "unseen"}
"""Elements of which only what is in them is kept, as a row of this class: colours and sizes hide nothing."""
_STRIKES: Final = frozenset(("updiagonalstrike", "downdiagonalstrike", "horizontalstrike"))
_ATTRIBUTES: Final = frozenset((
    "display", "displaystyle", "stretchy", "fence", "form", "mathvariant", "columnalign",
))  # fmt: skip
_WIDTH: Final = re.compile(r"-?[0-9]{1,2}(?:\.[0-9]{1,6})?em")
_WORDS: Final = re.compile(r"(?<![\\A-Za-z])(sigmoid|sign|sgn|exp|diag|log|ln|tr)(?![A-Za-z])")
_LINES: Final = re.compile(r"\\(begin|end)\s*\{(?:aligned|align|eqnarray|gathered|gather|multline)\*?\}")
_NOTHING: Final = re.compile(r"\\label\s*\{[^{}]*\}|\\(?:nonumber|notag)(?![A-Za-z])")
_COMMENT: Final = re.compile(r"(?<!\\)%[^\n]*")
_BREAK: Final = re.compile(r"\\\\|\\newline(?![A-Za-z])|(?<!\\)&")
_NAMESPACE: Final = "{http://www.w3.org/1998/Math/MathML}"


def is_wide(latex: str) -> bool:
    """Whether a formula may be wider than a phone, so that it has to scroll within itself."""
    return len(latex) > _WIDE or r"\begin" in latex or r"\\" in latex


@lru_cache(maxsize=256)
def formula(latex: str, is_display: bool = False) -> Markup:
    """A formula as MathML; as escaped source where it is too long or cannot be drawn.

    `is_display`: it stands on a line of its own, where fractions have their full size.
    """
    latex = printable(latex)
    source = Markup("<code>{}</code>").format(latex)
    if len(latex) > MAX_LENGTH:
        return source
    from latex2mathml.converter import convert

    try:
        root = ElementTree.fromstring(convert(_plain(latex), display="block" if is_display else "inline"))
        return Markup(_serialised(root))  # elements and attributes are from our lists, text is escaped
    except Exception:  # whatever the library makes of untrusted input, its source can be shown
        return source


@lru_cache(maxsize=256)
def in_lines(latex: str, is_display: bool = False) -> Markup:
    """A formula that may break before an equals sign, and of which each part scrolls within itself; see `formula`.

    Browsers break no formula by themselves: `a = b = c` is drawn as one formula for each side.
    """
    drawn = formula(latex, is_display)
    if not is_wide(latex) or not drawn.startswith("<math"):
        return drawn
    sides = ElementTree.fromstring(drawn)
    row = sides[0] if len(sides) == 1 and sides[0].tag == "mrow" else sides
    parts: list[list[ElementTree.Element]] = [[]]
    for element in row:
        if element.tag == "mo" and element.text == "=" and parts[-1]:
            parts.append([])
        parts[-1].append(element)
    if is_display and len(parts) == 1:
        return drawn
    style = ' displaystyle="true"' if is_display else ""
    return Markup(" ").join(
        Markup('<span class="math">{}</span>').format(
            Markup(
                f'<math display="inline"{style}>{"".join(_serialised(element) for element in part)}</math>'
            )
        )
        for part in parts
    )


def with_formulas(text: str) -> Markup:
    """A sentence with its parts between dollar signs drawn."""
    parts = re.split(r"\$([^$]+)\$", text)
    return Markup("").join(
        in_lines(part) if i % 2 else escape(printable(part)) for i, part in enumerate(parts)
    )


def _plain(latex: str) -> str:
    """LaTeX that the library knows: lines as rows of a table, names of functions, nothing that leaves no mark."""
    latex = _NOTHING.sub(" ", _COMMENT.sub("", latex))
    latex = _LINES.sub(r"\\\1{align*}", latex)
    if r"\begin" not in latex and _BREAK.search(latex):
        latex = rf"\begin{{align*}}{latex}\end{{align*}}"
    return _WORDS.sub(r"\\operatorname{\1}", latex)


def _serialised(element: ElementTree.Element) -> str:
    name = element.tag.removeprefix(_NAMESPACE)
    inside = escape(element.text or "") + Markup("").join(
        Markup(_serialised(child)) + escape(child.tail or "") for child in element
    )
    if name in _DRESS:
        is_struck = element.get("notation") in _STRIKES
        kind = "struck" if is_struck else _DRESS[name]
        return f'<mrow class="{kind}">{inside}</mrow>' if kind else f"<mrow>{inside}</mrow>"
    if name not in _ELEMENTS:
        raise ValueError(f"element {name}")
    kept = {key: value for key, value in element.attrib.items() if key in _ATTRIBUTES}
    if name == "mspace" and _WIDTH.fullmatch(element.get("width", "")):
        kept["width"] = element.attrib["width"]
    if name == "mi" and len(element.text or "") > 1:
        kept["class"] = "name"
    if name == "mrow" and element.get("class") in ("box", "struck", "unseen"):
        kept["class"] = element.attrib["class"]
    attributes = "".join(f' {key}="{escape(value)}"' for key, value in kept.items())
    return f"<{name}{attributes}>{inside}</{name}>"
