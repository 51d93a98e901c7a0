"""Notebooks of Problem Set 3 drawn at random: forms of labels, levels of headings, splits of cells, places of answers.

Each answer carries marks of its own, so that every part of it can be told from all else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st

from tests.notebook.layouts import INTRO, POINTS, PROBLEM_1, PROBLEM_2, PROBLEM_3, QUESTIONS, TEXT

Cell = tuple[str, str]
Draw = Callable[..., object]

NUMBERS = {
    "this year": {q: q[1:] for q in QUESTIONS},
    "moved": dict(
        zip(QUESTIONS, ("3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "5.5", "2.1", "2.2"), strict=True)
    ),
    "deeper": {q: q[1:] for q in QUESTIONS} | {"Q2.5": "2.5.3"},
    "shifted": {q: q[1:] for q in QUESTIONS} | {"Q2.5": "2.7"},
}
"""Number of each question, by year."""

SYMBOLS = {
    "Q1.1": (r"\nabla_{a^{(2)}} J",),
    "Q1.2": (r"\nabla_{b^{(2)}} J",),
    "Q1.3": (r"\nabla_{W^{(2)}} J",),
    "Q1.4": (r"\nabla_{h^{(1)}} J",),
    "Q1.5": (r"\nabla_{b^{(1)}} J", r"\nabla_{W^{(1)}} J"),
    "Q3.1": (r"\theta_{t+1}",),
    "Q3.2": (r"\theta_{t+1}",),
}

OTHER_TEXTS = {
    "Q1.1": r"Find $\nabla_{a^{(2)}}J$.",
    "Q1.2": r"$\nabla_{b^{(2)}}J$",
    "Q1.3": r"What is $\nabla_{W^{(2)}}J$? *Hint:* it is a vector.",
    "Q1.4": r"Now compute $\nabla_{h^{(1)}}J$.",
    "Q1.5": r"Give $\nabla_{b^{(1)}}J$ and $\nabla_{W^{(1)}}J$.",
    "Q1.6": "Imagine backprop without a forward pass that stores activations. How would its speed change?",
    "Q2.5": "Which one of the two would you choose, and why?",
    "Q3.1": "L2 regularisation\n\n"
    "What is the update rule with a squared L2 norm? You may use $g_t$, $\\eta$ and $\\lambda$.",
    "Q3.2": "L1 regularisation\n\nThe same for the L1 norm: derive $\\theta_{t+1}$.",
}

LABELS = (
    "**{q} [{p}pts]** {t}",
    "**[{p}pts] {q}**: {t}",
    "[{p}pts] {q}: {t}",
    "**{q}** [{p} pts] {t}",
    "{q}) {t}",
    "({n}) {t}",
    "**{n}** {t}",
    "**Question {n}** ({p} points) {t}",
    "Question {n}: {t}",
    "*{q}.* {t}",
    "<b>{q}</b> <i>[{p} points]</i><br>{t}",
    "> **{q}** {t}",
    "- **{q}** {t}",
    "{h} {q}\n\n{t}",
    "{h} [{p}pts] {q}: {t}",
    "{h} **{q}** [{p} pts] {t}",
    "{h} {n} {t}",
    "{h} Question {n} ({p} points)\n{t}",
    "{q} - {t}",
)

ANSWER_LABELS = (
    "",
    "",
    "",
    "**Solution**\n\n",
    "**Answer:** ",
    "***Solution:*** ",
    "Solution: ",
    "My answer: ",
    "{q} Solution: ",
    "{q} solution ",
    "A{n}: ",
    "**A{n}** ",
    "Answer to {q}: ",
    "{a} Solution\n\n",
    "{a} {q} Answer\n\n",
    "{a} Answer\n",
    "{a} My solution:\n\n",
    "---\n\n",
    "> ",
    "- ",
    "<p><b>Solution</b></p>\n\n",
    '{a} <span style="color:blue">Solution</span>\n\n',
)

OPENINGS = (
    "",
    "By the chain rule we get\n\n",
    "Use the chain rule first.\n\n",
    "{a} Idea\n\nGo one layer back.\n\n",
    "We know the loss. ",
)
ENDINGS = ("", "\n\nwhich is what was asked.", "\n\n{a} Done", "\n\n(See also the question before.)")
PLACES = (
    "next cell", "next cell", "asking cell", "two cells", "three cells, code between", "heading cell", "raw cell",
    "latex cell", "below a placeholder", "above a placeholder", "copy of the question", "blank cells",
)  # fmt: skip
MISSING = ("nothing", "placeholder", "blank cell", "label", "numbered label", "copy of the question")
PLACEHOLDERS = (
    "*Your answer here.*",
    "`[double click here to add a solution]`",
    "Write your answer here.",
    "*Double-click to edit.*",
)


@dataclass(frozen=True)
class Mixture:
    """A notebook, and the marks of each question's answer."""

    cells: list[Cell]
    marks: dict[str, list[str]] = field(default_factory=dict)
    """Empty where the question is not answered."""


@st.composite
def mixtures(draw: Draw) -> Mixture:
    """Draw a notebook."""
    pick = lambda items: draw(st.sampled_from(items))  # noqa: E731
    numbers = NUMBERS[pick(sorted(NUMBERS))]
    texts = pick((TEXT, OTHER_TEXTS))
    label = pick(LABELS)
    heading = "#" * draw(st.integers(1, 6))
    at_the_end = pick((False, False, False, True))
    cells: list[Cell] = [("markdown", INTRO), ("code", "import numpy as np"), ("markdown", PROBLEM_1)]
    end: list[Cell] = [("markdown", pick(("# Written answers", "## Answers", "---")))]
    marks = {}
    for q in QUESTIONS:
        if q == "Q2.5":
            # Another year's numbers need another year's label there.
            cells += [
                ("markdown", PROBLEM_2.replace("Q2.1", "Q4.1") if numbers["Q3.1"] == "2.1" else PROBLEM_2)
            ]
            cells += [("code", "net.loss(X, y)"), ("markdown", "### Train the network on MNIST")]
        if q == "Q3.1":
            cells.append(("markdown", PROBLEM_3))
        fields = {
            "q": "Q" + numbers[q],
            "n": numbers[q],
            "p": POINTS[q],
            "h": heading,
            "a": "#" * draw(st.integers(1, 6)),
        }
        asking = label.format(t=texts[q], **fields)
        is_missing = pick((False, False, False, True))
        own_label = pick(ANSWER_LABELS).format(**fields)
        if is_missing:
            cells += _missing(pick(MISSING), asking, texts[q], fields, pick(PLACEHOLDERS))
            marks[q] = []
        else:
            parts, marks[q] = _answer(q, pick(OPENINGS).format(**fields), pick(ENDINGS).format(**fields))
            if at_the_end:
                cells.append(("markdown", asking))
                end.append(("markdown", f"**{fields['q']}** " + "\n\n".join(parts)))
            else:
                place = pick(PLACES)
                cells += _placed(place, asking, own_label, parts, pick(PLACEHOLDERS))
    return Mixture(cells + (end if at_the_end else []), marks)


def _answer(q: str, opening: str, ending: str) -> tuple[list[str], list[str]]:
    """Two parts with a mark in each, or in each of their formulas."""
    name = q.replace(".", "x").lower()
    marks = [f"{name}first", f"{name}last"]
    if q not in SYMBOLS:
        parts = [
            f"{opening}It takes longer, {marks[0]}, for every layer.",
            f"All of it again, {marks[1]}.{ending}",
        ]
        return parts, marks
    sides = SYMBOLS[q]
    parts = [
        rf"{opening}${sides[0]} = u \cdot v_{{{marks[0]}}}$",
        rf"${sides[-1]} = u_{{{marks[1]}}}${ending}",
    ]
    return parts, marks


def _missing(how: str, asking: str, text: str, fields: dict[str, object], placeholder: str) -> list[Cell]:
    below = {
        "nothing": [],
        "placeholder": [placeholder],
        "blank cell": [""],
        "label": ["**Solution:**"],
        "numbered label": [f"{fields['q']} Solution:"],
        "copy of the question": [text],
    }[how]
    return [("markdown", source) for source in (asking, *below)]


def _placed(place: str, asking: str, label: str, parts: list[str], placeholder: str) -> list[Cell]:
    whole = label + "\n\n".join(parts)
    below: dict[str, list[Cell]] = {
        "next cell": [("markdown", whole)],
        "two cells": [("markdown", label + parts[0]), ("markdown", parts[1])],
        "three cells, code between": [
            ("markdown", label + parts[0]), ("code", "x = 1  # to see"), ("markdown", ""), ("markdown", parts[1]),
        ],
        "heading cell": [("markdown", "### Solution"), ("markdown", whole)],
        "raw cell": [("raw", whole)],
        "latex cell": [("code", f"%%latex\n{whole}")],
        "below a placeholder": [("markdown", placeholder), ("markdown", whole)],
        "above a placeholder": [("markdown", whole), ("markdown", placeholder)],
        "copy of the question": [("markdown", asking + "\n\n" + whole)],
        "blank cells": [("code", ""), ("markdown", ""), ("markdown", whole), ("code", "")],
    }  # fmt: skip
    if place == "asking cell":
        return [("markdown", asking + "\n\n" + whole)]
    return [("markdown", asking), *below[place]]
