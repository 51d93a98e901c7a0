"""Notebooks of Problem Set 3 as students lay them out, each with where its answers are.

NOTEBOOKS is a list of (name, build, expected). build() returns an nbformat v4 notebook. expected maps a
question (this year's number, whatever number the notebook itself uses) to a substring of the answer's
formula or words, or to None when the question is asked but not answered. Questions that a notebook does not
ask are left out of its expected.

The question texts are our own. The numbers of points, headings and labels follow the habits of real hand-ins.
"""

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

QUESTIONS = ["Q1.1", "Q1.2", "Q1.3", "Q1.4", "Q1.5", "Q1.6", "Q2.5", "Q3.1", "Q3.2"]

# What each question asks, without its label.
TEXT = {
    "Q1.1": r"Derive the gradient $\nabla_{a^{(2)}} J$",
    "Q1.2": r"Derive the gradient $\nabla_{b^{(2)}} J$",
    "Q1.3": r"Derive the gradient $\nabla_{W^{(2)}} J$"
    "\n\n"
    r"*Hint:* the result is a vector, as $W^{(2)}$ is one.",
    "Q1.4": r"Derive the gradient $\nabla_{h^{(1)}} J$",
    "Q1.5": r"Derive the gradients $\nabla_{b^{(1)}} J$ and $\nabla_{W^{(1)}} J$",
    "Q1.6": "Explain in a few words how fast backpropagation would be if there was no forward pass that stores the "
    "activations.",
    "Q2.5": "Sigmoid or ReLU: which of these activation functions would you use in practice, and why?",
    "Q3.1": "L2 regularization\n\n"
    r"The objective is now $\mathcal{L}(\theta) + \lambda \|\theta\|^2$ and is minimised by gradient descent with "
    r"step size $\eta$. Derive the update rule: write $\theta_{t+1}$ with $\theta_t$, the gradient "
    r"$g_t = \frac{\partial \mathcal{L}}{\partial \theta_t}$, $\eta$ and $\lambda$.",
    "Q3.2": "L1 regularization\n\n"
    r"With the L1 norm the objective is $\mathcal{L}(\theta) + \lambda \|\theta\|_1$. Derive the update rule for "
    "this case as well.\n\n"
    r"(The norm has no derivative at 0, which you need not worry about.)",
}
POINTS = {"Q1.1": 5, "Q1.2": 5, "Q1.3": 5, "Q1.4": 5, "Q1.5": 5, "Q1.6": 5, "Q2.5": 5, "Q3.1": 10, "Q3.2": 10}

# Answers that differ from each other, so that one taken for another is noticed, and a part of each.
ANSWER = {
    "Q1.1": r"$\nabla_{a^{(2)}}J = h^{(2)} - y$",
    "Q1.2": r"$\nabla_{b^{(2)}}J = \hat{y} - y$",
    "Q1.3": r"$\nabla_{W^{(2)}}J = (h^{(2)} - y)(h^{(1)})^T$",
    "Q1.4": r"$\nabla_{h^{(1)}}J = (W^{(2)})^T (h^{(2)} - y)$",
    "Q1.5": r"$\nabla_{b^{(1)}}J = (W^{(2)})^T (h^{(2)} - y) \odot h^{(1)} \odot (1 - h^{(1)})$"
    "\n\n"
    r"$\nabla_{W^{(1)}}J = \left((W^{(2)})^T (h^{(2)} - y) \odot h^{(1)} \odot (1 - h^{(1)})\right) x^T$",
    "Q1.6": "For every layer all the layers below would have to be computed again, so it gets much slower.",
    "Q2.5": "I would use ReLU since it does not saturate for positive inputs.",
    "Q3.1": r"$\theta_{t+1} = \theta_t - \eta (g_t + 2 \lambda \theta_t)$",
    "Q3.2": r"$\theta_{t+1} = \theta_t - \eta (g_t + \lambda \, \text{sign}(\theta_t))$",
}
PART = {
    "Q1.1": r"= h^{(2)} - y",
    "Q1.2": r"= \hat{y} - y",
    "Q1.3": r"= (h^{(2)} - y)(h^{(1)})^T",
    "Q1.4": r"= (W^{(2)})^T (h^{(2)} - y)",
    "Q1.5": r"(1 - h^{(1)})\right) x^T",
    "Q1.6": "computed again",
    "Q2.5": "does not saturate",
    "Q3.1": r"(g_t + 2 \lambda \theta_t)",
    "Q3.2": r"(g_t + \lambda \, \text{sign}(\theta_t))",
}
ALL = dict(PART)
EMPTY = dict.fromkeys(QUESTIONS)

INTRO = r"""# Problem Set 3: Neural Networks

Written answers go below each question, code goes into `mlp.py`. Total: 80 points."""
PROBLEM_1 = r"""## [30pts] Problem 1: Backprop in a simple MLP

All nodes use the sigmoid $f(z) = \frac{1}{1 + \exp(-z)}$ and the loss is
$L(\hat{y}, y) = -y \ln(\hat{y}) - (1-y) \ln(1-\hat{y})$. The backward step sets
$g \leftarrow \nabla_{\hat{y}} J$ and then, for $k = 2, 1$,
$g \leftarrow \nabla_{a^{(k)}} J = g \odot f'(a^{(k)})$, $\nabla_{b^{(k)}} J = g$,
$\nabla_{W^{(k)}} J = g (h^{(k-1)})^T$, $g \leftarrow \nabla_{h^{(k-1)}} J = (W^{(k)})^T g$.

Compute all these gradients. As an example:

$\nabla_{\hat{y}} L(\hat{y}, y) = \frac{\hat{y} - y}{(1 - \hat{y}) \hat{y}}
= \frac{h^{(2)} - y}{(1 - h^{(2)}) h^{(2)}}$"""
PROBLEM_2 = """## [30pts] Problem 2 (Programming): Implementing a simple MLP

### [5pts] Q2.1 Forward pass: Sigmoid

Complete the scores in `mlp.py` and run the cell below."""
CODE_2 = "net = init_toy_model('sigmoid')\nloss, _ = net.loss(X, y, reg=0.1)\nprint(loss)"
PROBLEM_3 = r"""## [20pts] Problem 3: Simple Regularization Methods

Apart from the loss $\mathcal{L}(\theta)$ one often keeps a norm of $\theta$ small."""
PLACEHOLDER = "*Your answer here.*"


def md(text):
    return new_markdown_cell(text)


def code(text=""):
    return new_code_cell(text)


def raw(text):
    return new_raw_cell(text)


def ask(q, style="**{q} [{p}pts]** {t}"):
    return style.format(q=q, p=POINTS[q], t=TEXT[q], n=q[1:])


def notebook(pair, skip=()):
    """The whole problem set; pair(q) gives the cells of question q and its answer."""
    cells = [md(INTRO), code("import numpy as np\nfrom mlp import TwoLayerMLP"), md(PROBLEM_1)]
    for q in QUESTIONS:
        if q == "Q2.5":
            cells += [
                md(PROBLEM_2),
                code(CODE_2),
                md("### Train the network on MNIST"),
                code("print('0.9653')"),
            ]
        if q == "Q3.1":
            cells.append(md(PROBLEM_3))
        if q not in skip:
            cells += pair(q)
    return new_notebook(cells=cells)


def labelled(style, prefix=""):
    """The answer in the cell after the question, the question's label in some form."""
    return lambda: notebook(lambda q: [md(ask(q, style)), md(prefix.format(q=q, n=q[1:]) + ANSWER[q])])


# ------------------------------------------------------------------ labels of the question


plain = labelled("**{q} [{p}pts]** {t}")
points_first_bold = labelled("**[{p}pts] {q}**: {t}")
points_first_plain = labelled("[{p}pts] {q}: {t}")
heading_2 = labelled("## {q}\n\n{t}")
heading_3_points = labelled("### [{p}pts] {q}: {t}")
bracket_behind = labelled("{q}) {t}")
bracket_both = labelled("({n}) {t}")
without_q = labelled("**{n}** {t}")
question_word = labelled("**Question {n}** ({p} points) {t}")
italic_label = labelled("*{q}.* {t}")
html_label = labelled("<b>{q}</b> <i>[{p} points]</i><br>{t}")


def label_in_a_cell_of_its_own():
    return notebook(lambda q: [md("### " + q), md(TEXT[q]), md(ANSWER[q])])


def questions_without_numbers():
    return notebook(lambda q: [md(f"**[{POINTS[q]}pts]** {TEXT[q]}"), md(ANSWER[q])])


# ------------------------------------------------------------------ labels of the answer

answer_label_plain = labelled("[{p}pts] {q}: {t}", "{q} Solution: ")
answer_label_small = labelled("[{p}pts] {q}: {t}", "{q} solution ")
answer_bold_solution = labelled("**{q} [{p}pts]** {t}", "**Solution**\n\n")
answer_bold_italic = labelled("**{q} [{p}pts]** {t}", "***Solution:*** ")
answer_bold_answer = labelled("**{q} [{p}pts]** {t}", "**Answer:** ")
answer_own_number = labelled("**{q} [{p}pts]** {t}", "A{n}: ")
answer_bold_title = labelled("**{q} [{p}pts]** {t}", "**My derivation**\n\n")
answer_heading_3 = labelled("**{q} [{p}pts]** {t}", "### Solution\n\n")
answer_heading_1 = labelled("**{q} [{p}pts]** {t}", "# Solution\n\n")
answer_heading_above_question = labelled("#### {q} [{p}pts]\n{t}", "## Answer\n\n")
answer_heading_with_number = labelled("### {q} [{p}pts]\n{t}", "# {q} Answer\n\n")
answer_heading_coloured = labelled(
    "**{q} [{p}pts]** {t}", '#### <span style="color:blue">Solution</span>\n\n'
)
answer_quoted = labelled("**{q} [{p}pts]** {t}", "> ")
answer_bullet = labelled("**{q} [{p}pts]** {t}", "- ")
answer_ruled_off = labelled("**{q} [{p}pts]** {t}", "---\n\n")
answer_html = labelled("**{q} [{p}pts]** {t}", "<p><b>Solution</b></p>\n\n")


def heading_cell_then_answer_cell():
    return notebook(lambda q: [md(ask(q)), md("### Solution"), md(ANSWER[q])])


def headings_inside_the_derivation():
    def pair(q):
        return [
            md(ask(q)),
            md("### Idea\n\nUse what we had before.\n\n## Result\n\n" + ANSWER[q] + "\n\n### Done"),
        ]

    return notebook(pair)


# ------------------------------------------------------------------ other years' numbers


def other_year():
    """Backprop is 3.1 to 3.7, the first of them asking what is an example this year; regularisation is 2.1 and 2.2."""
    new = {
        "Q1.1": "3.2",
        "Q1.2": "3.3",
        "Q1.3": "3.4",
        "Q1.4": "3.5",
        "Q1.5": "3.6",
        "Q1.6": "3.7",
        "Q2.5": "5.5",
        "Q3.1": "2.1",
        "Q3.2": "2.2",
    }

    def pair(q):
        return [
            md(f"**Q{new[q]}** [{POINTS[q]}pts] {TEXT[q]}"),
            md(f"**A{new[q]}** {ANSWER[q]}"),
        ]

    cells = [md("# Problem Set 4"), md("## Problem 2: Regularization"), *pair("Q3.1"), *pair("Q3.2")]
    cells += [
        md("## Problem 3: Backprop"),
        md(r"**Q3.1** [5pts] Derive the gradient $\nabla_{\hat{y}} L(\hat{y}, y)$"),
        md(r"**A3.1** $\nabla_{\hat{y}}L = -\frac{y}{\hat{y}} + \frac{1-y}{1-\hat{y}}$"),
    ]
    for q in ["Q1.1", "Q1.2", "Q1.3", "Q1.4", "Q1.5", "Q1.6"]:
        cells += pair(q)
    cells += [md("## Problem 5: Implementing a simple MLP"), code(CODE_2), *pair("Q2.5")]
    return new_notebook(cells=cells)


def renumbered(number):
    """The activation question has another number."""

    def build():
        def pair(q):
            return [
                md(f"**Q{number if q == 'Q2.5' else q[1:]} [{POINTS[q]}pts]** {TEXT[q]}"),
                md(ANSWER[q]),
            ]

        return notebook(pair)

    return build


activation_253 = renumbered("2.5.3")
activation_27 = renumbered("2.7")


# ------------------------------------------------------------------ several answers in a cell, an answer in several


def all_of_problem_1_in_one_cell():
    first = QUESTIONS[:6]

    def pair(q):
        cells = [md(ask(q))]
        if q == "Q1.6":
            cells.append(md("\n\n".join(f"**{p}** {ANSWER[p]}" for p in first)))
        elif q not in first:
            cells.append(md(ANSWER[q]))
        return cells

    return notebook(pair)


def two_questions_and_two_answers_in_a_cell():
    cells = [
        md(PROBLEM_1),
        md(ask("Q1.1") + "\n\n" + ask("Q1.2")),
        md("Q1.1 Solution: " + ANSWER["Q1.1"] + "\n\nQ1.2 Solution: " + ANSWER["Q1.2"]),
        md(ask("Q1.3") + "\n\n" + ask("Q1.4")),
        md("## Q1.3\n" + ANSWER["Q1.3"] + "\n## Q1.4\n" + ANSWER["Q1.4"]),
    ]
    return new_notebook(cells=cells)


def two_answers_without_labels_in_a_cell():
    """Only the left sides say which answer is which."""
    return new_notebook(
        cells=[
            md(PROBLEM_1),
            md(ask("Q1.3") + "\n\n" + ask("Q1.4")),
            md(ANSWER["Q1.3"] + "\n\n" + ANSWER["Q1.4"]),
        ]
    )


def all_written_answers_at_the_end():
    end = [md("# Written answers")] + [md(f"**{q}** {ANSWER[q]}") for q in QUESTIONS]
    nb = notebook(lambda q: [md(ask(q))])
    nb.cells += end
    return nb


def answer_over_two_cells():
    def pair(q):
        return [
            md(ask(q)),
            md("By the chain rule, with the earlier results, I get the following."),
            md(ANSWER[q]),
        ]

    return notebook(pair)


def answer_over_three_cells_with_code_between():
    def pair(q):
        return [
            md(ask(q)),
            md("#### Step 1\n\nApply the chain rule."),
            code("# quick check\nprint(1)"),
            md("#### Step 2\n\n" + ANSWER[q]),
            md("which is what was to be shown."),
        ]

    return notebook(pair)


def claims_of_q15_in_two_cells():
    def pair(q):
        parts = ANSWER[q].split("\n\n") if q == "Q1.5" else [ANSWER[q]]
        return [md(ask(q))] + [md(p) for p in parts]

    return notebook(pair)


# ------------------------------------------------------------------ kinds of cells


def latex_cells():
    return notebook(lambda q: [md(ask(q)), code("%%latex\n" + ANSWER[q])])


def latex_and_markdown_magics():
    def pair(q):
        if q in ("Q1.6", "Q2.5"):
            return [md(ask(q)), code("%%markdown\n" + ANSWER[q])]
        return [
            md(ask(q)),
            code("%%latex\n\\begin{align}\n" + ANSWER[q].split("\n\n")[0].strip("$") + "\n\\end{align}")
            if q != "Q1.5"
            else md(ANSWER[q]),
        ]

    return notebook(pair)


def latex_cell_below_the_placeholder():
    return notebook(lambda q: [md(ask(q)), md(PLACEHOLDER), code("%%latex\n" + ANSWER[q])])


def raw_cells():
    return notebook(lambda q: [md(ask(q)), raw(ANSWER[q])])


def raw_cells_for_words():
    return notebook(lambda q: [md(ask(q)), (raw if q in ("Q1.6", "Q2.5") else md)(ANSWER[q])])


PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg=="  # one white pixel


def photo_for_one():
    def pair(q):
        if q == "Q1.4":
            cell = md("![q14](attachment:q14.png)")
            cell["attachments"] = {"q14.png": {"image/png": PNG}}
            return [md(ask(q)), cell]
        return [md(ask(q)), md(ANSWER[q])]

    return notebook(pair)


def empty_cells_and_code_between():
    return notebook(lambda q: [md(ask(q)), code(), md(""), code("# scratch\nx = 1"), md(ANSWER[q]), code()])


def extra_code_cell_on_top():
    nb = labelled("**{q} [{p}pts]** {t}")()
    nb.cells.insert(0, code("!pip install numpy"))
    nb.cells.insert(1, md("# My notes"))
    return nb


# ------------------------------------------------------------------ in the asking cell


def in_the_asking_cell():
    return notebook(lambda q: [md(ask(q) + "\n\n" + ANSWER[q])])


def in_the_asking_cell_with_label():
    return notebook(lambda q: [md(ask(q) + "\n\n**Solution:** " + ANSWER[q])])


def in_the_asking_cell_under_a_heading():
    return notebook(lambda q: [md(ask(q) + "\n\n# Answer\n\n" + ANSWER[q])])


def in_the_asking_cell_for_words_only():
    return notebook(
        lambda q: [md(ask(q) + "\n\n" + ANSWER[q])] if q in ("Q1.6", "Q2.5") else [md(ask(q)), md(ANSWER[q])]
    )


# ------------------------------------------------------------------ placeholders, nothing answered


def placeholder_above_in_the_same_cell():
    return notebook(lambda q: [md(ask(q)), md(PLACEHOLDER + "\n\n" + ANSWER[q])])


def placeholder_cell_left_above():
    return notebook(lambda q: [md(ask(q)), md(PLACEHOLDER), md(ANSWER[q])])


def placeholder_cell_left_below():
    return notebook(lambda q: [md(ask(q)), md(ANSWER[q]), md(PLACEHOLDER)])


SOME = ("Q1.4", "Q1.5", "Q3.1", "Q3.2")


def placeholder_only_for_four():
    return notebook(lambda q: [md(ask(q)), md(PLACEHOLDER if q in SOME else ANSWER[q])])


def nothing_below_four():
    return notebook(lambda q: [md(ask(q))] + ([] if q in SOME else [md(ANSWER[q])]))


def label_only_for_four():
    return notebook(lambda q: [md(ask(q)), md("**Solution:**" + ("" if q in SOME else " " + ANSWER[q]))])


def numbered_label_only_for_four():
    return notebook(lambda q: [md(ask(q)), md(q + " Solution:" + ("" if q in SOME else " " + ANSWER[q]))])


def empty_template():
    return notebook(lambda q: [md(ask(q)), md(PLACEHOLDER)])


def empty_template_of_another_year():
    new = {
        "Q1.1": "3.2",
        "Q1.2": "3.3",
        "Q1.3": "3.4",
        "Q1.4": "3.5",
        "Q1.5": "3.6",
        "Q1.6": "3.7",
        "Q2.5": "2.5.3",
        "Q3.1": "2.1",
        "Q3.2": "2.2",
    }
    return notebook(
        lambda q: [
            md(f"**[{POINTS[q]}pts] Q{new[q]}**: {TEXT[q]}"),
            md("`[double click here to add a solution]`"),
        ]
    )


def empty_template_without_placeholders():
    return notebook(lambda q: [md(ask(q))])


def empty_template_with_blank_cells():
    return notebook(lambda q: [md(ask(q)), md("")])


FREE = ("Q1.6", "Q2.5")


def empty_activation_question_without_placeholder():
    return notebook(lambda q: [md(ask(q))] + ([] if q in FREE else [md(PLACEHOLDER)]))


# ------------------------------------------------------------------ the question's own text, references to others


def question_copied_then_answered():
    return notebook(lambda q: [md(ask(q)), md(ask(q) + "\n\n" + ANSWER[q])])


def question_copied_not_answered():
    return notebook(lambda q: [md(ask(q)), md(TEXT[q])])


def question_copied_as_left_side_only():
    def pair(q):
        return [md(ask(q)), md(r"$\nabla_{a^{(2)}} J = $" if q == "Q1.1" else ANSWER[q])]

    return notebook(pair)


def answers_refer_to_other_questions():
    refer = {
        "Q1.2": "Using Q1.1 and the same reasoning as in Q1.4 below: ",
        "Q1.3": "With the result of Q1.2, ",
        "Q1.4": "As in Q1.3, ",
        "Q1.5": "From Q1.4: ",
        "Q3.2": "Like Q3.1 but with the other norm: ",
    }
    return notebook(lambda q: [md(ask(q)), md(refer.get(q, "") + ANSWER[q])])


def answer_opens_with_another_gradient():
    def pair(q):
        start = (
            r"From Q1.1 we know $\nabla_{a^{(2)}}J = h^{(2)} - y$." "\n\n"
            if q in ("Q1.2", "Q1.3", "Q1.4", "Q1.5")
            else ""
        )
        return [md(ask(q)), md(start + ANSWER[q])]

    return notebook(pair)


def stray_maths_elsewhere():
    nb = labelled("**{q} [{p}pts]** {t}")()
    nb.cells.insert(2, md(r"$p(x) = x^2 - 3x + 2$"))
    nb.cells.append(md(r"Old notes: $\theta_{t+1} = x^2 + 1$ is the map of my other course."))
    return nb


def question_cells_deleted():
    """Only labels and answers are left."""
    cells = [md("# PS3")] + [md(f"**{q}**\n\n{ANSWER[q]}") for q in QUESTIONS]
    return new_notebook(cells=cells)


def bare_indices_in_the_answers():
    def pair(q):
        text = ANSWER[q]
        for k in "012":
            text = text.replace(f"^{{({k})}}", f"^{{{k}}}")
        return [md(ask(q)), md(text)]

    return notebook(pair)


BARE = {q: (p.replace("^{(2)}", "^{2}").replace("^{(1)}", "^{1}")) for q, p in PART.items()}


# ------------------------------------------------------------------ flattened


def flattened_in_one_cell():
    lines = ["# Problem Set 3: Neural Networks¶", "## [30pts] Problem 1: Backprop in a simple MLP¶"]
    for q in QUESTIONS:
        if q == "Q2.5":
            lines.append("## [30pts] Problem 2 (Programming): Implementing a simple MLP¶")
        if q == "Q3.1":
            lines.append("## [20pts] Problem 3: Simple Regularization Methods¶")
        lines.append(f"[{POINTS[q]}pts] {q}: {TEXT[q]}")
        lines.append(f"{q} Solution: {ANSWER[q]}")
    return new_notebook(cells=[md("\n\n".join(lines))])


def flattened_by_problem():
    def block(title, qs):
        return md(
            title
            + "\n"
            + "\n".join(f"### [{POINTS[q]}pts] {q} {TEXT[q]}¶\n{q} Solution: {ANSWER[q]}" for q in qs)
        )

    return new_notebook(
        cells=[
            block("## Problem 1¶", QUESTIONS[:6]),
            code(CODE_2),
            block("## Problem 2¶", ["Q2.5"]),
            block("## Problem 3¶", ["Q3.1", "Q3.2"]),
        ]
    )


def flattened_without_dollars():
    """As in the text of a page: the dollars of the answers to Problem 3 are lost."""

    def pair(q):
        answer = ANSWER[q].replace("$", "") if q.startswith("Q3") else ANSWER[q]
        return [md(f"[{POINTS[q]}pts] {q}: {TEXT[q]}\n{q} solution: {answer}")]

    return notebook(pair)


def without(qs):
    return {q: None if q in qs else p for q, p in PART.items()}


def only(*qs):
    return {q: PART[q] for q in qs}


NOTEBOOKS = [
    ("plain: answer in the next cell", plain, ALL),
    ("label: **[5pts] Q1.1**:", points_first_bold, ALL),
    ("label: [5pts] Q1.1:", points_first_plain, ALL),
    ("label: ## Q1.1", heading_2, ALL),
    ("label: ### [5pts] Q1.1:", heading_3_points, ALL),
    ("label: Q1.1)", bracket_behind, ALL),
    ("label: (1.1)", bracket_both, ALL),
    ("label: **1.1**", without_q, ALL),
    ("label: **Question 1.1**", question_word, ALL),
    ("label: *Q1.1.*", italic_label, ALL),
    ("label: HTML", html_label, ALL),
    ("label in a cell of its own", label_in_a_cell_of_its_own, ALL),
    ("questions without numbers", questions_without_numbers, ALL),
    ("answer begins Q1.1 Solution:", answer_label_plain, ALL),
    ("answer begins Q1.1 solution", answer_label_small, ALL),
    ("answer begins **Solution**", answer_bold_solution, ALL),
    ("answer begins ***Solution:***", answer_bold_italic, ALL),
    ("answer begins **Answer:**", answer_bold_answer, ALL),
    ("answer begins A1.1:", answer_own_number, ALL),
    ("answer begins with a bold title", answer_bold_title, ALL),
    ("answer under ### Solution", answer_heading_3, ALL),
    ("answer under # Solution", answer_heading_1, ALL),
    ("answer's heading above the question's level", answer_heading_above_question, ALL),
    ("answer's heading with the question's number", answer_heading_with_number, ALL),
    ("answer under a coloured heading", answer_heading_coloured, ALL),
    ("answer in a quotation", answer_quoted, ALL),
    ("answer as a list item", answer_bullet, ALL),
    ("answer below a rule", answer_ruled_off, ALL),
    ("answer below HTML", answer_html, ALL),
    ("heading cell, then answer cell", heading_cell_then_answer_cell, ALL),
    ("headings inside the derivation", headings_inside_the_derivation, ALL),
    ("other year: 3.2 to 3.7, 2.1, 2.2, 5.5", other_year, ALL),
    ("other year: activation question 2.5.3", activation_253, ALL),
    ("other year: activation question 2.7", activation_27, ALL),
    ("Problem 1 answered in one cell", all_of_problem_1_in_one_cell, ALL),
    (
        "two questions in a cell, two answers in the next",
        two_questions_and_two_answers_in_a_cell,
        only("Q1.1", "Q1.2", "Q1.3", "Q1.4"),
    ),
    ("two answers without labels in a cell", two_answers_without_labels_in_a_cell, only("Q1.3", "Q1.4")),
    ("all answers at the end", all_written_answers_at_the_end, ALL),
    ("answer over two cells", answer_over_two_cells, ALL),
    ("answer over three cells, code between", answer_over_three_cells_with_code_between, ALL),
    ("Q1.5's claims in two cells", claims_of_q15_in_two_cells, ALL),
    ("%%latex cells", latex_cells, ALL),
    ("%%latex with align, %%markdown for words", latex_and_markdown_magics, ALL),
    ("%%latex cell below the placeholder", latex_cell_below_the_placeholder, ALL),
    ("raw cells", raw_cells, ALL),
    ("raw cells for words", raw_cells_for_words, ALL),
    ("photo for Q1.4", photo_for_one, {**ALL, "Q1.4": "attachment:q14.png"}),
    ("empty cells and code between", empty_cells_and_code_between, ALL),
    ("extra cells on top", extra_code_cell_on_top, ALL),
    ("in the asking cell", in_the_asking_cell, ALL),
    ("in the asking cell, with a label", in_the_asking_cell_with_label, ALL),
    ("in the asking cell, under a heading", in_the_asking_cell_under_a_heading, ALL),
    ("in the asking cell, words only", in_the_asking_cell_for_words_only, ALL),
    ("placeholder above, same cell", placeholder_above_in_the_same_cell, ALL),
    ("placeholder cell left above", placeholder_cell_left_above, ALL),
    ("placeholder cell left below", placeholder_cell_left_below, ALL),
    ("placeholder only for four", placeholder_only_for_four, without(SOME)),
    ("nothing below four", nothing_below_four, without(SOME)),
    ("label only for four", label_only_for_four, without(SOME)),
    ("label with number only for four", numbered_label_only_for_four, without(SOME)),
    ("empty template", empty_template, EMPTY),
    ("empty template of another year", empty_template_of_another_year, EMPTY),
    ("empty template, no placeholders", empty_template_without_placeholders, EMPTY),
    ("empty template, blank cells", empty_template_with_blank_cells, EMPTY),
    ("empty template, placeholders for formulas only", empty_activation_question_without_placeholder, EMPTY),
    ("question copied, then answered", question_copied_then_answered, ALL),
    ("question copied, not answered", question_copied_not_answered, EMPTY),
    # Debatable: a left side and nothing behind it.
    ("only the left side for Q1.1", question_copied_as_left_side_only, {**ALL, "Q1.1": None}),
    ("answers refer to other questions", answers_refer_to_other_questions, ALL),
    ("answers open with another gradient", answer_opens_with_another_gradient, ALL),
    # Debatable: the notes at the end could be taken for more of Q3.2's answer; the right formula is still there.
    ("stray maths elsewhere", stray_maths_elsewhere, ALL),
    ("question cells deleted", question_cells_deleted, ALL),
    ("bare indices in the answers", bare_indices_in_the_answers, BARE),
    ("flattened, in one cell", flattened_in_one_cell, ALL),
    ("flattened, a cell for each problem", flattened_by_problem, ALL),
    ("flattened, dollars lost in Problem 3", flattened_without_dollars, ALL),
]
