"""Cut LaTeX, as students type it, into a small vocabulary of tokens.

All variety of spelling ends here: fonts and spacing commands are dropped, brackets of every kind become one kind,
bars are told apart into opening and closing ones, and a superscript or subscript becomes one token with its own
tokens inside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from .dress import undressed

MAX_TOKENS = 4000
"""Of one answer; a long correct one has 500."""
MAX_DEPTH = 40
"""Of brackets within brackets."""


class Unreadable(Exception):
    """A formula that cannot be read for certain; the message says where and why."""


@dataclass(frozen=True)
class Token:
    """`kind` is a terminal of the grammar; `inner` holds the tokens of a script or a matrix."""

    kind: str
    text: str
    inner: tuple[Token, ...] = ()


FUNCTIONS: Final = ("f", "\\sigma", "exp", "ln", "log", "sign", "sgn", "diag", "tr", "sigmoid", "transpose")
SPOKEN: Final = {
    "times": r"\times ", "multiplied by": r"\times ", "multiplied with": r"\times ", "dot": r"\cdot ", "plus": "+",
    "minus": "-", "equals": "=",
}  # fmt: skip
"""Words that stand for a sign between formulas."""
_CONCLUDES: Final = re.compile(
    r"(?i)\b(?:so|hence|thus|therefore|then|finally|gives?|giving|get|obtain|is|are|answer|result)\b"
)
_WORDS: Final = ("otherwise", "else", "where", "with", "if", "for", "and", "so", "since", "when")
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
    if all(word in FUNCTIONS or word in _WORDS for word in words):
        return inside
    return r"\therefore " if _CONCLUDES.search(inside) else r"\remark "


PRODUCTS: Final = {"dot": "CDOT", "matmul": "CDOT", "multiply": "ODOT", "outer": "OTIMES"}
"""NumPy's functions of two arrays, and the sign between these."""
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
_COMMANDS: Final = {
    "odot": "ODOT", "circ": "ODOT", "cdot": "CDOT", "bullet": "CDOT", "times": "TIMES", "ast": "STAR",
    "star": "STAR", "pm": "PM", "mp": "MP",
    "otimes": "OTIMES", "oslash": "SLASH", "div": "SLASH", "boxdot": "ODOT", "bigodot": "ODOT",
    "circledast": "ODOT", "centerdot": "CDOT", "tilde": "HAT", "widetilde": "HAT", "bar": "HAT", "dots": "DOTS",
    "ldots": "DOTS", "cdots": "DOTS", "vdots": "DOTS", "dotsc": "DOTS", "dotsb": "DOTS", "ddots": "DOTS",
    "frac": "FRAC", "dfrac": "FRAC", "tfrac": "FRAC", "cfrac": "FRAC", "sqrt": "SQRT", "nabla": "NABLA",
    "partial": "PARTIAL", "sum": "SUM", "hat": "HAT", "widehat": "HAT", "leftarrow": "EQ", "gets": "EQ",
    "Leftarrow": "EQ", "coloneqq": "EQ", "equiv": "EQ", "to": "EQ", "prime": "PRIME", "top": "TOP", "intercal": "TOP",
    "geq": "GREATER", "ge": "GREATER", "leq": "LESS", "le": "LESS", "gt": "GREATER", "lt": "LESS",
    "lbrack": "LPAR", "rbrack": "RPAR", "lbrace": "LPAR", "rbrace": "RPAR",
    "langle": "LPAR", "rangle": "RPAR", "{": "LPAR", "}": "RPAR", "|": "NORM",
    "Rightarrow": "BREAK", "implies": "BREAK", "therefore": "BREAK", "remark": "REMARK", "because": "BREAK",
    "forall": "BREAK",
    "Longrightarrow": "BREAK", "rightarrow": "BREAK", "approx": "BREAK", "propto": "BREAK", "iff": "BREAK",
    "longrightarrow": "BREAK", "leadsto": "BREAK", "mapsto": "BREAK", "longmapsto": "BREAK", "Leftrightarrow": "BREAK",
    "Longleftrightarrow": "BREAK", "rightsquigarrow": "BREAK", "longleftarrow": "EQ",
}  # fmt: skip
_LEXER = re.compile(
    r"""\s+
    |\\(?P<env>begin|end)\s*\{(?P<name>[A-Za-z]+)\*?\}(?P<columns>\{[lcr|\s]*\})?
    |(?P<row>\\\\)
    |\\(?P<command>[A-Za-z]+|[{}|])
    |(?P<number>\d+(?:\.\d+)?|\.\d+)
    |(?P<product>dot|matmul|multiply|outer)(?=\s*\()
    |(?P<word>exp|transpose|sigmoid|sign|sgn|diag|ln|log|tr|otherwise|else|where|with|if|for|and|since|when)(?![a-z])
    |(?P<letter>[A-Za-z])
    |(?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
_MARKS: Final = {
    "+": "PLUS", "-": "MINUS", "*": "STAR", "/": "SLASH", "(": "LPAR", "[": "LPAR", ")": "RPAR", "]": "RPAR",
    "{": "LBRACE", "}": "RBRACE", "^": "SUP", "_": "SUB", "=": "EQ", ",": "COMMA", ";": "COMMA", "&": "AMP",
    "|": "BAR", "'": "PRIME", ">": "GREATER", "<": "LESS", ".": "STOP", ":": "COMMA", "!": "STOP",
}  # fmt: skip


def tokens(latex: str) -> tuple[Token, ...]:
    """The tokens of a formula; `Unreadable` where brackets do not match or it is too long."""
    for run, script in _SCRIPTS:
        latex = run.sub(script, latex)
    for mark, command in _UNICODE.items():
        latex = latex.replace(mark, command)
    latex = undressed(_COMMENT.sub(" ", latex))
    latex = _CASES.sub(lambda one: rf"\begin{{cases}}{one[2] or one[4]}\end{{cases}}", latex)
    for pattern, put in _REPLACED:
        latex = pattern.sub(put, latex)
    flat = _products(_flat(latex))
    return tuple(_bars(_nested(flat)))


def text(items: tuple[Token, ...]) -> str:
    """Tokens as text again, for messages."""
    return " ".join(item.text for item in items)


def cut(items: Sequence[Token], *kinds: str) -> list[list[Token]]:
    """Split at tokens of these kinds outside brackets."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for item in items:
        depth += (item.kind in ("LPAR", "LBRACE")) - (item.kind in ("RPAR", "RBRACE"))
        if item.kind in kinds and depth == 0:
            parts.append([])
        else:
            parts[-1].append(item)
    return parts


def _flat(latex: str) -> list[Token]:
    found: list[Token] = []
    for match in _LEXER.finditer(latex):
        kind = match.lastgroup
        piece = match[0].strip()
        if not piece:
            continue
        if match["env"]:
            found.append(Token("BEGIN" if match["env"] == "begin" else "END", match["name"]))
        elif match["row"]:
            found.append(Token("ROW", piece))
        elif match["command"]:
            found.append(_command(match["command"]))
        elif match["number"]:
            found.append(Token("NUMBER", piece))
        elif match["product"]:
            found.append(Token("PRODUCT", piece))
        elif match["word"]:
            found.append(Token("WORD" if piece in _WORDS else "FUNC", piece))
        elif match["letter"]:
            found.append(Token("FUNC" if piece == "f" else "NAME", piece))
        elif kind == "mark":
            found.append(Token(_MARKS.get(piece, "STRANGE"), piece))
        if len(found) > MAX_TOKENS:
            raise Unreadable(f"the answer has more than {MAX_TOKENS} symbols")
    return found


def _products(flat: list[Token]) -> list[Token]:
    """Write `dot(a, b)` as `((a) . (b))`."""
    found: list[Token] = []
    starts: list[tuple[int, str]] = []
    for item in flat:
        found.append(item)
        if item.kind == "LPAR":
            name = found[-2].text if len(found) > 1 and found[-2].kind == "PRODUCT" else ""
            starts.append((len(found) - 1, name))
        elif item.kind == "RPAR" and starts:
            start, name = starts.pop()
            factors = cut(found[start + 1 : -1], "COMMA") if name else []
            if len(factors) == 2:
                (first, second), (opening, closing) = factors, (found[start], found[-1])
                sign = Token(PRODUCTS[name], name)
                between = [closing, sign, opening]
                found[start - 1 :] = [opening, opening, *first, *between, *second, closing, closing]
    return found


def _command(name: str) -> Token:
    if name in ("bar", "widetilde"):
        name = "tilde"
    if name in _COMMANDS:
        return Token(_COMMANDS[name], "\\" + name)
    if name in ("exp", "ln", "log", "sgn", "sign", "diag", "tr"):
        return Token("FUNC", name)
    return Token("FUNC" if name == "sigma" else "NAME", "\\" + name)


def _nested(flat: list[Token]) -> list[Token]:
    """Put scripts and environments into tokens of their own; check that brackets match in number."""
    _check_brackets(flat)
    items, _ = _sequence(flat, 0, None, 0)
    return items


def _check_brackets(flat: list[Token]) -> None:
    """Braces and environments must match. Others are a matter of each formula: an answer holds several."""
    braces = depth = 0
    for i, item in enumerate(flat):
        braces += (item.kind in ("LBRACE", "BEGIN")) - (item.kind in ("RBRACE", "END"))
        depth += (item.kind in ("LPAR", "LBRACE", "BEGIN")) - (item.kind in ("RPAR", "RBRACE", "END"))
        if braces < 0:
            raise Unreadable(f"a closing brace without an opening one after: {text(tuple(flat[:i]))[-60:]}")
        if depth > MAX_DEPTH:
            raise Unreadable(f"more than {MAX_DEPTH} brackets within each other")
    if braces:
        raise Unreadable("a brace is opened and not closed")


def _sequence(flat: list[Token], i: int, stop: str | None, depth: int) -> tuple[list[Token], int]:
    found: list[Token] = []
    while i < len(flat) and flat[i].kind != stop:
        item = flat[i]
        if item.kind in ("SUP", "SUB"):
            inner, i = _script(flat, i + 1, depth)
            primed = inner[-1:] if inner and inner[-1].kind == "PRIME" and item.kind == "SUP" else ()
            inner = inner[: len(inner) - len(primed)]
            found += (
                [Token(item.kind, item.text + "{" + text(inner) + "}", inner)] if inner or not primed else []
            )
            found += primed  # ^{\prime} and ^{(2)\prime}
        elif item.kind == "TOP":
            found.append(Token("SUP", "^{T}", (Token("NAME", "T"),)))
            i += 1
        elif item.kind == "BEGIN":
            inside, i = _sequence(flat, i + 1, "END", depth + 1)
            whole = rf"\begin{{{item.text}}} {text(tuple(inside))} \end{{{item.text}}}"
            found.append(Token("TABLE", whole, tuple(inside)))
            i += 1
        elif item.kind == "LBRACE":
            inside, i = _sequence(flat, i + 1, "RBRACE", depth + 1)
            overs = [j for j, one in enumerate(inside) if one == Token("NAME", r"\over")]
            behind = flat[i + 1].kind if i + 1 < len(flat) else ""
            if len(overs) == 1:
                above, below = inside[: overs[0]], inside[overs[0] + 1 :]
                found.append(Token("FRAC", r"\frac"))
                for part in (above, below):
                    found += [Token("LBRACE", "{"), *part, Token("RBRACE", "}")]
            elif len(cut(inside, "EQ")) > 1 or _needs_no_braces(found, inside, behind):
                found += inside
            else:
                found += [Token("LBRACE", "{"), *inside, Token("RBRACE", "}")]
            i += 1
        else:
            found.append(item)
            i += 1
    return found, i


def _needs_no_braces(before: Sequence[Token], inside: Sequence[Token], behind: str) -> bool:
    """Whether braces stand around one sign, `{\\nabla}_{b}`, or around a letter before its scripts, `{h}^{(1)}`."""
    if len(inside) != 1:
        return False
    if before and before[-1].kind in ("FRAC", "HAT", "SQRT", "FUNC", "RBRACE"):
        return False
    is_letter = inside[0].kind == "NAME" and behind in ("SUP", "SUB")
    return is_letter or inside[0].kind in ("NABLA", "PARTIAL", "FUNC")


def _script(flat: list[Token], i: int, depth: int) -> tuple[tuple[Token, ...], int]:
    """What follows `^` or `_`: a group, a command with its argument, or one token."""
    if i >= len(flat):
        raise Unreadable("nothing stands behind the last ^ or _")
    if flat[i].kind == "LBRACE":
        inside, i = _sequence(flat, i + 1, "RBRACE", depth + 1)
        if inside and inside[0].kind == "SUP" and inside[0].text == "^{T}":
            inside[0] = Token("NAME", "T")  # ^{\top}
        return tuple(inside), i + 1
    if flat[i].kind == "HAT":
        inner, j = _script(flat, i + 1, depth)
        return (flat[i], *inner), j
    if flat[i].kind == "TOP":
        return (Token("NAME", "T"),), i + 1
    if flat[i].kind == "LPAR":
        close = next((j for j in range(i, len(flat)) if flat[j].kind == "RPAR"), i)
        return tuple(flat[i : close + 1]), close + 1
    if flat[i].kind == "NUMBER" and len(flat[i].text) > 1 and flat[i].text.isdigit():
        # LaTeX takes one digit only; nobody means `2` to the left of `0.5`.
        return (flat[i],), i + 1
    return (flat[i],), i + 1


_ENDS_OPERAND = (
    "NUMBER",
    "NAME",
    "RPAR",
    "RBRACE",
    "SUP",
    "SUB",
    "PRIME",
    "TABLE",
    "CLOSE_BAR",
    "CLOSE_NORM",
)


def _bars(items: list[Token]) -> list[Token]:
    """Tell opening bars from closing ones."""
    found: list[Token] = []
    is_open: list[str] = []
    for item in items:
        if item.kind in ("BAR", "NORM"):
            closes = item.kind in is_open and bool(found) and found[-1].kind in _ENDS_OPERAND
            if closes:
                is_open.remove(item.kind)
            else:
                is_open.append(item.kind)
            found.append(Token(("CLOSE_" if closes else "OPEN_") + item.kind, item.text))
        else:
            found.append(Token(item.kind, item.text, tuple(_bars(list(item.inner)))) if item.inner else item)
    return found
