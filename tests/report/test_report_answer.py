"""Answers of students as HTML: shown as in a notebook, harmless always, and never large."""

from __future__ import annotations

from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.answer import MAX_LATEX, MAX_MARKUP, MAX_SOURCE, answer
from grader.report.formula import formula
from grader.report.html import MAX_PAGE
from grader.report.html import render as render_html
from tests.report import report_samples as samples
from tests.report.report_samples import HOSTILE

ELEMENTS = {
    "p", "ul", "ol", "li", "blockquote", "table", "thead", "tbody", "tr", "th", "td", "em", "strong", "s", "h4", "sub",
    "sup", "u", "br", "hr", "code", "pre", "span", "div",
}  # fmt: skip
CLASSES = {"scroll", "math display", "math", "name", "aside", "box", "struck", "unseen"}
ATTRIBUTES = {
    "class",
    "start",
    "display",
    "stretchy",
    "fence",
    "mathvariant",
    "columnalign",
    "width",
    "form",
    "displaystyle",
}


class Checked(HTMLParser):
    """Fails at any element or attribute that is not ours, and at ends that do not fit."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.words = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ELEMENTS or tag[0] == "m", tag
        assert {name for name, _ in attrs} <= ATTRIBUTES
        assert {value for name, value in attrs if name == "class"} <= CLASSES
        self.seen.append(tag)
        if tag not in ("br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


@pytest.mark.parametrize(
    ("source", "elements"),
    [
        ("**bold** and _slanted_", ["p", "strong", "em"]),
        ("- one\n- two", ["ul", "li", "li"]),
        ("3. three", ["ol", "li"]),
        ("# Answer\n\nwords", ["h4", "p"]),
        ("> said", ["blockquote", "p"]),
        (
            "| a | b |\n|---|---|\n| 1 | 2 |",
            ["div", "table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"],
        ),
        ("~~gone~~ <del>too</del> <s>three</s>", ["p", "s", "s", "s"]),
        ("one<br>two<br/>three", ["p", "br", "br"]),
        ("```\ncode $a$\n```", ["pre"]),
        ("`a_1*b`", ["p", "code"]),
        ("$x$", ["p", "math", "mrow", "mi"]),
        ("$$\nx\n$$", ["span", "math", "mrow", "mi"]),
        ("so $$x$$ it is", ["p", "span", "math", "mrow", "mi"]),
        (r"\(x\)", ["p", "math", "mrow", "mi"]),
        (r"\[x\]", ["span", "math", "mrow", "mi"]),
        ("<b>open *across</b> it*", ["p", "strong", "em"]),
    ],
)
def test_it_is_shown_as_in_a_notebook(source: str, elements: list[str]):
    assert Checked(answer(source)).seen == elements


def test_underscores_and_stars_in_formulas_are_no_markdown():
    seen = Checked(answer("$a_1 * b_1$ and $a_2 * b_2$, $$c_1 * d_1$$")).seen
    assert seen.count("math") == 3
    assert "em" not in seen


@pytest.mark.parametrize(
    "latex",
    [
        r"\begin{align} a &= b \\ &= c \end{align}",
        r"\begin{aligned} a &= b && \text{since} \\ &= c \end{aligned}",
        r"\begin{gather} a \\ b \end{gather}",
        r"a &= b \\ &= c",
        r"\boxed{a} \cancel{b} \phantom{c} \color{red}{d} \textcolor{blue}{e} \dfrac{f}{g}",
        r"a \not= b \tag{1} \label{eq:one}",
        "a % + b\n+ c",
    ],
)
def test_what_real_answers_use_is_drawn(latex: str):
    drawn = formula(latex, is_display=True)
    assert drawn.startswith("<math"), drawn
    assert "color" not in drawn
    assert "label" not in drawn
    Checked(drawn)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("<b onclick=alert(1)>x</b>", "x"),
        ("<span style='position:fixed'>x</span>", "x"),
        ("<svg onload=alert(1)>", "<svg onload=alert(1)>"),
        ("<iframe src=//x></iframe>", "<iframe src=//x></iframe>"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("[x](data:text/html,1)", "[x](data:text/html,1)"),
        ("[x](https://example.org)", "[https://example.org] x"),
        ("![x](https://example.org/x.png)", "[picture: x]"),
        ("![x](attachment:x.png)", "[picture: x]"),
        ("<https://example.org>", "[https://example.org] https://example.org"),
        ("a <b and c> d", "a <b and c> d"),
        ("a<b, b>a", "a<b, b>a"),
        ("&lt;b&gt; &#x3c;i>", "<b> <i>"),
        ("<!-- hidden -->x", "x"),
        (r"$\href{javascript:alert(1)}{x}$", "x"),
    ],
)
def test_nothing_of_the_students_is_an_element(source: str, words: str):
    checked = Checked(answer(source))
    assert checked.words.strip() == words
    assert not {"a", "img", "script"} & set(checked.seen)


def test_hostile_text_is_text():
    Checked(answer(HOSTILE))
    Checked(answer(f"# {HOSTILE}\n\n- {HOSTILE}\n\n| {HOSTILE} |\n|---|\n\n`{HOSTILE}` ${HOSTILE}$"))


PIECES = [
    *"<>&\"'{}^_*~`$#|[]()!-\\ \nab1", "**", "~~", "$$", "<b>", "</b>", "<s>", "</i>", "<br>", "<!--", "-->", "```\n",
    "\n\n", "- ", "1. ", "> ", "| a |\n|---|\n", r"\begin{align}", r"\end{align}", r"\frac", r"\text{", r"\(", r"\]",
    "<script", "javascript:", "](", "![", "&lt;", "\x00", "\x1b[31m", "\u202e", "<a href='x'>", "onload=", "\ud800",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_only_known_elements_come_out_and_all_are_closed(parts: list[str]):
    Checked(answer("".join(parts)))


UNITS = [
    "*", "_", "[", "]", "![", "`", "``a", "~~a", "<", "<a ", "&", "$", "$$", "$a", "\\", "> ", "- ", "  - ", "#", "|",
    "a|", "|-|\n", "\n\n", "[a](", "[a](b", "<!--", "**a*", "a*", r"\begin{align}", "\\begin{align}\n", "(", "*a **b ",
    "`a ``b ", "| a |\n|---|\n", "<b>", "</b>", "<b><i>", r"\(a", r"\[", "$a$", r"$\hat{$", "$x^{$", "<b a=",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("size", [1000, MAX_SOURCE - 10])
def test_texts_made_to_be_slow_or_deep_end(unit: str, size: int):
    text = unit * (size // len(unit))
    for made in (text, f"a{text[:-1]}b", text[: size // 2] + text[::-1][: size // 2]):
        drawn = answer(made)
        assert len(drawn) <= MAX_MARKUP
        Checked(drawn)


def test_there_is_a_most():
    assert answer("a" * (MAX_SOURCE + 1)) == ""
    assert answer("<b>*a*</b> " * (MAX_SOURCE // 11)) != ""
    assert answer("- a\n" * (MAX_SOURCE // 4)) != ""
    many = answer(r"$\frac{a}{b}$ " * (MAX_SOURCE // 14))
    assert many == "" or many.count("<math") <= MAX_LATEX // 11


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit", [r"$\frac{a_1^2}{b_1^2}$ ", "<b>*a*</b> ", "$x$\n\n- ", r"$$\hat{\hat{x}}$$" + "\n\n"]
)
def test_a_page_of_answers_made_to_be_large_stays_below_its_most(unit: str):
    questions = samples.partly_failed().questions
    many = [
        msgspec.structs.replace(questions[0], id=f"Q{i}", answer=f"{i} {unit * (9_900 // len(unit))}")
        for i in range(10)
    ]
    page = render_html(samples.report(*many))
    assert len(page) <= MAX_PAGE
    assert "<h3>Answer as handed in</h3>" in page


WIDE = (
    r"\nabla_{a^{(2)}}J = \nabla_{\hat y}J \odot f'(a^{(2)}) "
    r"= \frac{h^{(2)}-y}{(1-h^{(2)})h^{(2)}} \cdot h^{(2)}(1-h^{(2)})"
)


@pytest.mark.parametrize("dollars", ["$", "$$"])
def test_a_wide_formula_can_break_before_each_equals_sign(dollars: str):
    assert answer(f"{dollars}{WIDE}{dollars}").count("<math") == 3


@pytest.mark.parametrize("latex", ["a = b", r"\begin{aligned} a &= b \\ &= c \end{aligned}"])
def test_a_display_that_is_short_or_in_lines_of_its_own_is_one(latex: str):
    assert answer(f"$${latex}$$").count("<math") == 1
