"""Spell a formula in one way: fonts and spacing commands are dropped, Unicode and programs are written as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from .dress import undressed

FUNCTIONS: Final = ("f", "\\sigma", "exp", "ln", "log", "sign", "sgn", "diag", "tr", "sigmoid", "transpose")
SPOKEN: Final = {
    "times": r"\times ", "multiplied by": r"\times ", "multiplied with": r"\times ", "dot": r"\cdot ", "plus": "+",
    "minus": "-", "equals": "=",
}  # fmt: skip
"""Words that stand for a sign between formulas."""
_CONCLUDES: Final = re.compile(
    r"(?i)\b(?:so|hence|thus|therefore|then|finally|gives?|giving|get|obtain|is|are|answer|result)\b"
)
WORDS: Final = ("otherwise", "else", "where", "with", "if", "for", "and", "so", "since", "when")
"""Words that may stand in a formula, and begin conditions."""
_WORDLIKE = (
    r"\\(?:text|textrm|textbf|textit|texttt|textsf|mathrm|mathbf|mathsf|mathit|mathcal|mathtt|mathscr|operatorname"
    r"|boldsymbol|bm|mbox)\*?"
)
_CONDITIONS: Final = {
    "falls": "if", "wenn": "if", "für": "for", "si": "if", "se": "if", "pour": "for", "para": "for",
    "sonst": "otherwise", "andernfalls": "otherwise", "ansonsten": "otherwise", "sinon": "otherwise",
    "autrement": "otherwise", "en otro caso": "otherwise", "altrimenti": "otherwise", "anders": "otherwise",
}  # fmt: skip
"""Words of other languages, in text commands, before conditions and for all other cases."""
SIGNS: Final = ("sinal", "signo", "segno", "signe", "vorzeichen", "teken", "signum", "znak")
"""What the sign function is called in other languages."""


def _font_dropped(inside: str) -> str:
    """What stands in a font or text command; words of prose end the formula."""
    spoken = " ".join(inside.lower().split())
    if spoken in _CONDITIONS:
        return _CONDITIONS[spoken]
    if spoken in SPOKEN:
        return SPOKEN[spoken]
    if spoken in SIGNS:
        return "sign"
    words = re.findall(r"[A-Za-z]{3,}", inside)
    if inside.strip().lower() in FUNCTIONS:
        return inside.lower()
    if all(word in FUNCTIONS or word in WORDS for word in words):
        return inside
    return r"\therefore " if _CONCLUDES.search(inside) else r"\remark "


LETTERS: Final = "nabla|partial|theta|lambda|eta|sigma|delta|odot"
"""Commands that students also write without the backslash."""
_COMMENT: Final = re.compile(r"(?<!\\)%[^\n]*")
_REPLACED: Final[list[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]]] = [
    (re.compile(r"(?<!\\)\\(?=[_*^#])"), ""),  # put there by another editor
    (re.compile(r"\\\\\s*\[\s*-?[\d.]+\s*(?:pt|em|ex|cm|mm|px|in)\s*\]"), r"\\\\ "),  # a row's distance
    (  # a transpose that stands in front
        re.compile(
            r"\{\s*\}\s*\^\s*(?:\{\s*[tT]\s*\}|[tT])\s*(\\?[A-Za-z]+(?:\s*[_^]\s*(?:\{[^{}]*\}|\w))*)"
        ),
        r"(\1)^T",
    ),
    (re.compile(r"&\s*\((?:\*+|\d+)\)\s*(?=\\\\|\\end|$)"), " "),  # the number of an equation
    (  # a reason in a column of its own
        re.compile(
            r"&\s*&\s*\\(?:text|mbox)\s*\{\s*(?:because|since|as|by|using|with|from|see|due|recall|note|chain)\b"
            r"(?:[^\\&]|\\(?!\\|end(?![A-Za-z])))*+"
        ),
        " ",
    ),
    (re.compile(r"</?[A-Za-z][^<>]*>"), " "),  # HTML in answers
    (
        re.compile(r"(?<![A-Za-z\\])(?:np|numpy|torch|tf|jnp|math)\s*\.\s*(?=[A-Za-z])"),
        "",
    ),  # the name of a library
    (re.compile(r"(?<![A-Za-z\\])(?:Sign|SIGN|Sgn|SGN)(?![A-Za-z])"), "sign"),
    (  # 1 where something holds, else 0
        re.compile(
            r"(?:\\(?:mathbb|mathbf|mathds|mathbbm|mathrm|boldsymbol|bm)\s*+(?:\{\s*+[1I]\s*+\}|[1I])"
            r"|(?<![\w.}])1(?=\s*+_))\s*+(?:_\s*+)?(?:\\left\s*+)?(?:\\?\{|\[|\(){1,2}"
            r"([^\[\](){}<>]*+[<>][^\[\](){}]*+)(?:\\?\}|\]|\)){1,2}"
        ),
        lambda match: rf"\begin{{cases}} 1 & {match[1].rstrip(chr(92))} \\ 0 & otherwise \end{{cases}}",
    ),
    (re.compile(rf"([_^]\s*){_WORDLIKE}\s*\{{([^{{}}]*)\}}"), r"\1{\2}"),
    (re.compile(rf"([_^]\s*\{{[^{{}}]*){_WORDLIKE}\s*\{{([^{{}}]*)\}}"), r"\1\2"),
    (re.compile(rf"{_WORDLIKE}\s*\{{([^{{}}]*)\}}"), lambda match: f" {_font_dropped(match[1])} "),
    (re.compile(rf"{_WORDLIKE}(?![A-Za-z])"), " "),
    (re.compile(r"\\(?:left|right)\s*\."), " "),
    (re.compile(r"\\(?:left|right|[bB]igg?[lr]?|displaystyle|limits|nolimits)(?![A-Za-z])"), " "),
    (re.compile(r"(?<!\\)\\q?quad(?![A-Za-z])"), " , "),
    (re.compile(r"(?<!\\)\\[,;:!> ]|~"), " "),
    (re.compile(r"\\(?:begin|end)\{(?:aligned|align|equation|gather|split|eqnarray)\*?\}"), " "),
    (re.compile(r"\.\s*T(?![A-Za-z])"), "^T"),  # as in Python
    (re.compile(r"\.\s*dot\s*(?=\()"), r"\\cdot "),
    (
        re.compile(r"(?<![A-Za-z\\])where\s*\(([^,()]*),([^,()]*),([^,()]*)\)"),
        r"\\begin{cases} \2 & \1 \\\\ \3 & otherwise \\end{cases}",
    ),
    (re.compile(r"(?<![A-Za-z\\])d([A-Za-z]\d?)_d(?=[A-Za-z]\d?(?!\w))"), r"d\1/d"),
    # As in programs, of whose language `lambda` is a word.
    (re.compile(r"(?<![A-Za-z\\])(?:lamb?d?|lmbda|lambda_)(?![A-Za-z])"), r"\\lambda "),
    (re.compile(r"(?<![A-Za-z\\])(?:learning_rate|lr)(?![A-Za-z])"), r"\\eta "),
    (re.compile(r"^([^=\n]*?)([-+])=(?!=)((?:[^\n\\]|\\(?!\\))+)"), r"\1 = \1 \2 (\3)"),
    (re.compile(rf"(?<![A-Za-z\\])({LETTERS})(?![A-Za-z])"), r"\\\1 "),
    (re.compile(r"@"), r"\\cdot "),
    (re.compile(r"\.\*"), r"\\odot "),  # as in MATLAB
    (re.compile(r"\./"), "/"),
    (re.compile(r"\.\.\.+|…"), r"\\dots "),
    (re.compile(r"\|\|"), r"\\|"),
    (re.compile(r"\\[lr]Vert(?![A-Za-z])|∥|‖"), r"\\|"),
    (re.compile(r"\\[lr]vert(?![A-Za-z])|∣"), "|"),
    (re.compile(r"!="), r"\\neq "),
    (re.compile(r":=|=:"), "="),
    (re.compile(r"\*\*(?=\s*[({\d])"), "^"),
]
_CASES: Final = re.compile(
    r"\\left\s*(?:\\\{|\\lbrace)\s*\\begin\{(array|matrix|aligned|cases|split)\}(?:\{[lcr|\s]*\})?"
    r"((?:(?!\\begin|\\end).)*+)\\end\{\1\}\s*\\right\s*\."
    r"|\\\{\s*\\begin\{(array|matrix|aligned)\}(?:\{[lcr|\s]*\})?"
    r"((?:(?!\\begin|\\end).)*+)\\end\{\3\}(?!\s*(?:\\right)?\s*\\\})",
    re.DOTALL,
)
"""One brace in front of rows."""
_UNICODE: Final = {
    "−": "-", "–": "-", "θ": r"\theta ", "λ": r"\lambda ", "η": r"\eta ", "σ": r"\sigma ", "δ": r"\delta ",
    "∇": r"\nabla ", "∂": r"\partial ", "⊙": r"\odot ", "∘": r"\circ ", "·": r"\cdot ", "×": r"\times ",
    "ŷ": r"\hat{y}", "∑": r"\sum ", "←": "=", "⊤": "^T", "≥": ">", "≤": "<", "∗": "*",
    "’": "'", "±": r"\pm ", "∓": r"\mp ", "′": "'", "⋅": r"\cdot ", "α": r"\alpha ",
}  # fmt: skip
_RAISED: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵀᵗⁱʲᵏⁿ", "0123456789+-()Ttijkn")
_LOWERED: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋₍₎ᵢⱼₖₘₙₜ", "0123456789+-()ijkmnt")
_SCRIPTS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]] = (
    (re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵀᵗⁱʲᵏⁿ]+"), lambda run: f"^{{{run[0].translate(_RAISED)}}}"),
    (re.compile("[₀₁₂₃₄₅₆₇₈₉₊₋₍₎ᵢⱼₖₘₙₜ]+"), lambda run: f"_{{{run[0].translate(_LOWERED)}}}"),
)
"""Raised and lowered characters: a row of them is one script."""


def respelled(latex: str) -> str:
    """The formula with one spelling for all that mean the same, as LaTeX."""
    for run, script in _SCRIPTS:
        latex = run.sub(script, latex)
    for mark, command in _UNICODE.items():
        latex = latex.replace(mark, command)
    latex = undressed(_COMMENT.sub(" ", latex))
    latex = _CASES.sub(lambda one: rf"\begin{{cases}}{one[2] or one[4]}\end{{cases}}", latex)
    for pattern, put in _REPLACED:
        latex = pattern.sub(put, latex)
    return latex
