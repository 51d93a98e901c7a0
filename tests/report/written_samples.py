"""A report of six written answers as students write them: right, right up to shape, wrong, unread, a photo, empty."""

from __future__ import annotations

import base64
import io

from PIL import Image, ImageDraw

from grader import model
from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from grader.model import GradeReport, QuestionResult, question_result
from grader.written import marks
from grader.written.judge import Judge
from grader.written.process import given
from tests.report.report_samples import report

ANSWERS = {
    "Q1.1": r"""### Solution

We know $J = -y \log h^{(2)} - (1-y) \log(1-h^{(2)})$ with $h^{(2)} = f(a^{(2)})$ and $f'(x) = f(x)(1-f(x))$, therefore:

$$
\begin{align}
\nabla_{a^{(2)}}J &= \frac{\partial J}{\partial h^{(2)}} \odot f'(a^{(2)}) && \text{chain rule} \\
&= \left(-\frac{y}{h^{(2)}} + \frac{1-y}{1-h^{(2)}}\right) h^{(2)}(1-h^{(2)}) \\
&= -y(1-h^{(2)}) + (1-y)h^{(2)} \\
&= \boxed{h^{(2)} - y}
\end{align}
$$""",
    "Q1.3": r"""By the chain rule

1. the gradient that arrives is $\nabla_{a^{(2)}}J$,
2. and *each weight* multiplies `h1`:

$\nabla_{W^{(2)}}J = \nabla_{a^{(2)}}J \cdot h^{(1)} = (h^{(2)} - y) h^{(1)}$""",
    "Q1.4": r"""$\nabla_{h^{(1)}}J = (W^{(2)})^T \nabla_{a^{(2)}}J = (W^{(2)})^T (y - h^{(2)}) = (W^{(2)})^T y -
(W^{(2)})^T f(W^{(2)} h^{(1)} + b^{(2)}) = (W^{(2)})^T y - (W^{(2)})^T h^{(2)}$""",
    "Q1.5": r"""| gradient | result |
|---|---|
| $\nabla_{b^{(1)}}J$ | $\nabla_{h^{(1)}}J \;\zeta\; h^{(1)} (1 - h^{(1)})$ |
| $\nabla_{W^{(1)}}J$ | $\nabla_{b^{(1)}}J \;\zeta\; x$ |

~~not sure about the second~~ <br> see [my notes](https://example.org/notes)""",
    "Q3.1": "![photo](attachment:photo.png)",
    "Q3.2": "",
}  # fmt: skip


def six_answers(rubric: Rubric, reference: Reference) -> GradeReport:
    """The report, with what the judge makes of them."""
    judged = Judge(reference.derivations, given(rubric)).judge(
        {k: v for k, v in ANSWERS.items() if k != "Q3.2"}
    )
    assert rubric.written is not None
    questions = []
    for question in rubric.questions:
        if question.id in ANSWERS:
            text = ANSWERS[question.id]
            found = marks.results(question, text, judged.get(question.id, ()), rubric.written, {})
            images = (photo(),) if question.id == "Q3.1" else ()
            questions.append(
                question_result(question.id, question.title, question.points, found, text, images)
            )
    return report(*questions, free_text(rubric))


def free_text(rubric: Rubric) -> QuestionResult:
    """A seventh: words alone."""
    question = next(one for one in rubric.questions if one.id == "Q1.6")
    text = "It gets **slower**: $h$ and $a$ have to be re-computed for each layer again, so $O(n^2)$ instead of $O(n)$."
    result = marks.by_hand(question, text, rubric.synonyms)
    return question_result(question.id, question.title, question.points, [result], text)


def photo() -> model.Image:
    """A page with lines, as a phone takes it."""
    image = Image.new("RGB", (1200, 700), (236, 232, 220))
    draw = ImageDraw.Draw(image)
    for y in range(80, 700, 60):
        draw.line((0, y, 1200, y), fill=(190, 205, 225), width=2)
    draw.line(
        [(80 + 8 * i, 330 + 60 * ((i * 37) % 11 - 5) // 5) for i in range(120)], fill=(30, 40, 110), width=5
    )
    file = io.BytesIO()
    image.save(file, "PNG")
    return model.Image("photo.png", "image/png", base64.b64encode(file.getvalue()).decode())
