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
_ELEMENTS: Final = frozenset((
    "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "msup", "msub", "msubsup", "mfrac", "msqrt", "mroot", "mover",
    "munder", "munderover", "mtable", "mtr", "mtd",
))  # fmt: skip
_ATTRIBUTES: Final = frozenset(("display", "stretchy", "fence", "mathvariant", "columnalign"))
_WORDS: Final = re.compile(r"(?<![\\A-Za-z])(sigmoid|sign|sgn|exp|diag|log|ln|tr)(?![A-Za-z])")
_NAMESPACE: Final = "{http://www.w3.org/1998/Math/MathML}"


@lru_cache(maxsize=256)
def formula(latex: str) -> Markup:
    """A formula as MathML; as escaped source where it is too long or cannot be drawn."""
    latex = printable(latex)
    source = Markup("<code>{}</code>").format(latex)
    if len(latex) > MAX_LENGTH:
        return source
    from latex2mathml.converter import convert

    try:
        root = ElementTree.fromstring(convert(_WORDS.sub(r"\\operatorname{\1}", latex)))
        return Markup(_serialised(root))  # elements and attributes are from our lists, text is escaped
    except Exception:  # whatever the library makes of untrusted input, its source can be shown
        return source


def with_formulas(text: str) -> Markup:
    """A sentence with its parts between dollar signs drawn."""
    parts = re.split(r"\$([^$]+)\$", text)
    return Markup("").join(
        formula(part) if i % 2 else escape(printable(part)) for i, part in enumerate(parts)
    )


def _serialised(element: ElementTree.Element) -> str:
    name = element.tag.removeprefix(_NAMESPACE)
    if name not in _ELEMENTS:
        raise ValueError(f"element {name}")
    kept = {key: value for key, value in element.attrib.items() if key in _ATTRIBUTES}
    attributes = "".join(f' {key}="{escape(value)}"' for key, value in kept.items())
    inside = escape(element.text or "") + Markup("").join(
        Markup(_serialised(child)) + escape(child.tail or "") for child in element
    )
    return f"<{name}{attributes}>{inside}</{name}>"
