"""Two neighbours in a chain are called unequal only where nobody could read them so that they are equal."""

from __future__ import annotations

import pytest

from grader.written.judge import Judge

A2 = r"\nabla_{a^{(2)}}J"
UNEQUAL = {
    "Q1.1": [
        rf"${A2} = \frac{{h^{{(2)}}-y}}{{(1-h^{{(2)}})h^{{(2)}}}} h^{{(2)}} = h^{{(2)}} - y$",
        rf"${A2} = \nabla_{{\hat y}}J = h^{{(2)}} - y$",
        rf"${A2} = h^{{(2)}} - y = y - h^{{(2)}}$",
    ],
    "Q1.3": [r"$\nabla_{W^{(2)}}J = (h^{(2)}-y)(h^{(1)})^T = (h^{(2)}-y)(h^{(2)})^T$"],
    "Q3.1": [r"$\frac{\partial}{\partial\theta}(\lambda\|\theta\|^2) = 2\lambda\|\theta\|$"],
}
NOT_CALLED_SO = {
    "Q1.1": [
        r"$J = -y \ln h^{(2)} - (1 - y) \ln(1 - h^{(2)})$",
        r"$L = -y \ln \hat y - (1 - y) \ln(1 - \hat y)$, $L = J$",
        r"$J = -\frac{1}{n} \sum_i (y \ln \hat y + (1 - y) \ln(1 - \hat y))$",
        rf"${A2} = h^{{(2)}} - y = e$",
        r"$\hat y = 1$ when $a^{(2)} > 0$",
        r"$a^{(2)} = (W^{(2)})^T h^{(1)} + b^{(2)}$",
        r"$h^{(2)} = a^{(2)}$",
        r"$\nabla_{a^{(2)}}J = \frac{\partial J}{\partial h^{(2)}} \frac{\partial h^{(2)}}{\partial a^{(2)}}$",
        r"$\nabla_{a^{2}}J = \nabla_{h^{2}}J * (h^{2})' = \frac{h^{2}-y}{(1-h^{2})h^{2}} * h^{2}(1-h^{2}) = h^{2}-y$",
        r"$g = h^{(2)} - y$, $g h^{(1)} = g W^{(2)}$",
    ],
    "Q1.3": [
        r"$H^1 = [h^1_1, h^1_2, h^1_3]^T$, $\nabla_{W^2}J = (h^2-y)(H^1)^T$",
        r"$\nabla_{W^{(2)}}J = (h^{(2)}-y) h^{(1)} = (h^{(2)}-y) [h^{(1)}_1, h^{(1)}_2, h^{(1)}_3]$",
        r"$\nabla_{W^{(2)}}J = (h^{(2)}-y) h^{(1)} = h^{(1)T} (h^{(2)}-y)$",
    ],
    "Q1.5": [
        r"$\nabla_{b^{(1)}}J = (h^2-y) W^2 h^1 (1-h^1) = ((h^2-y) W^{2T}) \odot h^1 \odot (1-h^1)$",
        r"$\nabla_{b^{(1)}}J = \nabla_{h^{(1)}}J \, h^1 (1-h^1) = (W^2)^T (h^2-y) \odot h^1 \odot (1-h^1)$",
    ],
    "Q3.1": [
        r"$\nabla_\theta J = g + 2\lambda\theta$",
        r"$J = L + \lambda\|\theta\|^2$, $\nabla_\theta J = \nabla_\theta L + 2\lambda\theta$",
        r"$\theta = \theta - \eta\frac{\partial}{\partial\theta}\lambda\|\theta\|^2 = \theta - 2\eta\lambda\theta$",
        r"$\theta' = \theta - \eta g$",
        r"$g = g_t + 2\lambda\theta_t$, $\theta_{t+1} = \theta_t - \eta g = \theta_t - \eta(g_t + 2\lambda\theta_t)$",
    ],
}  # fmt: skip


def link(judge: Judge, question: str, answer: str) -> str:
    return judge.judge({question: answer})[question][0].false_link


@pytest.mark.parametrize(("question", "answer"), [(q, answer) for q in UNEQUAL for answer in UNEQUAL[q]])
def test_what_differs_in_every_reading_is_shown(judge: Judge, question: str, answer: str):
    if answer.endswith("= y - h^{(2)}$"):  # the first link is true, and the second is no claim but a link too
        assert link(judge, question, answer) == "h ^{( 2 )} - y = y - h ^{( 2 )}"
    assert link(judge, question, answer)


@pytest.mark.parametrize(
    ("question", "answer"), [(q, answer) for q in NOT_CALLED_SO for answer in NOT_CALLED_SO[q]]
)
def test_what_may_be_equal_is_not_called_unequal(judge: Judge, question: str, answer: str):
    assert link(judge, question, answer) == ""
