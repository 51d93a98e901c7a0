"""Right answers in random spellings stay right, and one slip makes each wrong."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.written.judge import Judge
from grader.written.judgement import Kind

Draw = st.DrawFn
many = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

SLIPS = ("sign", "factor", "transpose", "index")


def layer(draw: Draw, letter: str, k: int) -> str:
    forms = [
        f"{letter}^{{({k})}}",
        f"{letter}^{k}",
        f"{letter}_{k}",
        f"{letter}^{{[{k}]}}",
        f"{letter}_{{{k}}}",
    ]
    forms += [rf"\mathbf{{{letter}}}^{{({k})}}", f"{letter}^{{{k}}}"]
    return draw(st.sampled_from(forms))


def grouped(draw: Draw, inside: str) -> str:
    brackets = [
        ("(", ")"),
        ("[", "]"),
        (r"\left(", r"\right)"),
        (r"\left[", r"\right]"),
        (r"\{", r"\}"),
        (r"\big(", r"\big)"),
    ]
    opening, closing = draw(st.sampled_from(brackets))
    return f"{opening}{inside}{closing}"


def transposed(draw: Draw, symbol: str) -> str:
    marks = ["^T", r"^\top", r"^{\top}", "^{T}", r"^{\mathsf{T}}", r"^\intercal", ".T", "'"]
    return grouped(draw, symbol) + draw(st.sampled_from(marks))


def error(draw: Draw, slip: str) -> str:
    h = draw(st.sampled_from([layer(draw, "h", 2), r"\hat{y}", r"\hat y", "f(a^{(2)})", r"\sigma(a^{(2)})"]))
    if slip == "index":
        h = layer(draw, "a", 2)
    one, other = ("y", h) if slip == "sign" else (h, "y")
    flat = draw(
        st.sampled_from([f"{one} - {other}", f"-({other} - {one})", f"- {other} + {one}", f"{one} − {other}"])
    )
    scale = draw(st.sampled_from(["2", r"\frac{1}{2}", "0.5"])) if slip == "factor" else ""
    return grouped(draw, f"{scale} {grouped(draw, flat)}" if scale else flat)


def product(draw: Draw, *factors: str) -> str:
    out = factors[0]
    for factor in factors[1:]:
        out += draw(st.sampled_from([" ", r" \cdot ", " * ", r" \times ", r" \, "])) + factor
    return out


def elementwise(draw: Draw, *factors: str) -> str:
    return draw(st.sampled_from([r" \odot ", r" \circ ", " * "])).join(factors)


def slope(draw: Draw) -> str:
    h = layer(draw, "h", 1)
    return draw(
        st.sampled_from(
            [
                grouped(draw, f"1 - {h}") + r" \odot " + h,
                h + r" \odot " + grouped(draw, f"1 - {h}"),
                grouped(draw, rf"{h} - {h} \odot {h}"),
                grouped(draw, r"f(a^{(1)}) (1 - f(a^{(1)}))"),
                grouped(draw, f"{h}(1 - {h})"),
            ]
        )
    )


@dataclass(frozen=True)
class Answer:
    question: str
    text: str


def claimed(draw: Draw, question: str, symbol: str, claim: str) -> Answer:
    """A claim behind its symbol, at once or at the end of a chain over lines, spans or displays."""
    lefts = [
        rf"\nabla_{{{symbol}}}J",
        rf"\frac{{\partial J}}{{\partial {symbol}}}",
        rf"\nabla_{{{symbol}}} L(\hat{{y}}, y)",
    ]
    left = draw(st.sampled_from(lefts))
    layouts = [
        f"${left} = {claim}$",
        f"$$\n{left}\n= {claim}\n$$",
        rf"$\nabla_{{h^{{(2)}}}}J = \frac{{h^{{(2)}}-y}}{{h^{{(2)}}(1-h^{{(2)}})}} \\ {left} = {claim}$",
        f"**Solution:** with the chain rule ${left} = {claim}$, and that is all.",
        f"$${left}$$\n\n$$= {claim}$$",
        rf"\begin{{align}} {left} &= {claim} \end{{align}}",
        f"{left} = {claim}",
        rf"$\delta = {claim}$ and so ${left} = \delta$",
        *dressed(draw, symbol, left, claim),
    ]
    return Answer(question, draw(st.sampled_from(layouts)))


def dressed(draw: Draw, symbol: str, left: str, claim: str) -> list[str]:
    """The claim in layouts and dress that say nothing more."""
    number = draw(st.sampled_from(["^{(1)}", "^1", "_1", "_{1}", "^{(2)}"]))
    return [
        rf"$\boxed{{{left} = {claim}}}$",
        rf"$${left} = \boxed{{{claim}}} \tag{{1}} \label{{eq:one}}$$",
        rf"${left} = \underbrace{{{claim}}}_{{\text{{by the chain rule}}}}$",
        rf"${left} = \color{{red}}{{{claim}}} \in \mathbb{{R}}^{{3 \times 1}}$",
        rf"\begin{{align}} {left} &= \nabla_{{h^{{(2)}}}}J \cdot 3 && \text{{since $f' = f(1-f)$}} \\ &= {claim}"
        r" && \text{(put in)} \end{align}",
        f"$$\n{left} = {claim} % = h^{{(2)}} + y\n$$",
        f"~~${left} = h^{{(1)}} + y$~~\n\n${left} = {claim}$",
        f"| what | is |\n|---|---|\n| ${left}$ | ${claim}$ |",
        rf"$\newcommand{{\mine}}{{{claim}}} {left} = \mine$",
        rf"$\partial J / \partial {symbol} = {claim}$",
        rf"$dJ/d{symbol} = {claim}$",
        rf"$\epsilon{number} = {claim}$, hence ${left} = \epsilon{number}$",
    ]


@st.composite
def gradients(draw: Draw, slip: str = "") -> Answer:
    question = draw(st.sampled_from(["Q1.1", "Q1.2", "Q1.3", "Q1.4"]))
    if slip == "transpose" and question in ("Q1.1", "Q1.2"):
        question = "Q1.3"
    symbol = {"Q1.1": "a^{(2)}", "Q1.2": "b^{(2)}", "Q1.3": "W^{(2)}", "Q1.4": "h^{(1)}"}[question]
    wrong = error(draw, slip)
    if question in ("Q1.1", "Q1.2"):
        return claimed(draw, question, symbol, wrong)
    vector = layer(draw, "h", 1) if question == "Q1.3" else layer(draw, "W", 2)
    vector = vector if slip == "transpose" else transposed(draw, vector)
    factors = draw(st.permutations([wrong, vector]))
    return claimed(draw, question, symbol, product(draw, *factors))


@st.composite
def hidden(draw: Draw, slip: str = "") -> Answer:
    """Both gradients of Q1.5, the slip in both."""
    weights = layer(draw, "W", 2)
    weights = weights if slip == "transpose" else transposed(draw, weights)
    back = product(draw, *draw(st.permutations([error(draw, slip), weights])))
    bias = elementwise(draw, *draw(st.permutations([grouped(draw, back), slope(draw)])))
    x = draw(st.sampled_from(["x", "h^{(0)}", "h^0"]))
    outer = product(draw, grouped(draw, bias), transposed(draw, x))
    texts = [
        rf"$\nabla_{{b^{{(1)}}}}J = {bias}$ and $\nabla_{{W^{{(1)}}}}J = {outer}$",
        rf"$g = {bias} \\ \nabla_{{b^{{(1)}}}}J = g \\ \nabla_{{W^{{(1)}}}}J = g {transposed(draw, x)}$",
    ]
    return Answer("Q1.5", draw(st.sampled_from(texts)))


@st.composite
def entries(draw: Draw, slip: str = "") -> Answer:
    """Gradients entry by entry, for all values of the indices."""
    i, j = draw(st.sampled_from([("i", "j"), ("j", "k"), ("k", "i")]))
    h1, w2 = draw(st.sampled_from([("h^{(1)}", "W^{(2)}"), ("h^1", "W^2")]))
    weight = draw(st.sampled_from([f"{w2}_{{{i}}}", f"{w2}_{{1{i}}}", f"{w2}_{i}"]))
    hidden = draw(st.sampled_from([f"{h1}_{i}", f"{h1}_{{{i}}}", f"h_{i}^{{(1)}}"]))
    question = draw(st.sampled_from(["Q1.3", "Q1.4", "Q1.5"]))
    wrong = error(draw, "" if slip == "transpose" else slip)
    delta = rf"\sum_{{{j}=1}}^N \delta_{{{i}{j}}} " if draw(st.booleans()) and question != "Q1.5" else ""
    of = (lambda symbol: symbol.replace(i, j)) if delta else (lambda symbol: symbol)
    if question == "Q1.3":
        vector = weight if slip == "transpose" else hidden
        return Answer(question, entry_claim(draw, f"{w2}_{{{i}}}", f"{wrong} {delta}{of(vector)}", (i,)))
    if question == "Q1.4":
        vector = hidden if slip == "transpose" else weight
        return Answer(question, entry_claim(draw, f"{h1}_{{{i}}}", f"{wrong} {delta}{of(vector)}", (i,)))
    slope = f"{hidden} (1 + {hidden})" if slip == "transpose" else f"{hidden} (1 - {hidden})"
    bias = product(draw, *draw(st.permutations([wrong, weight, grouped(draw, slope)])))
    x = draw(st.sampled_from([f"x_{j}", f"h^{{(0)}}_{j}"]))
    b1, w1 = draw(st.sampled_from([("b^{(1)}", "W^{(1)}"), ("b^1", "W^1")]))
    return Answer(
        question,
        entry_claim(draw, f"{b1}_{{{i}}}", bias, (i,))
        + "\n\n"
        + entry_claim(draw, f"{w1}_{{{i}{j}}}", f"{bias} {x}", (i, j)),
    )


def entry_claim(draw: Draw, symbol: str, claim: str, letters: tuple[str, ...]) -> str:
    left = draw(
        st.sampled_from(
            [
                rf"\frac{{\partial J}}{{\partial {symbol}}}",
                rf"\partial J/\partial {symbol}",
                rf"dJ/d{symbol}",
            ]
        )
    )
    tail = draw(
        st.sampled_from(["$", rf" \quad \forall {', '.join(letters)}$", f"$ for all ${' , '.join(letters)}$"])
    )
    return f"${left} = {claim}{tail}"


@st.composite
def conditional(draw: Draw, slip: str = "") -> Answer:
    """The sign as what the student says it is."""
    one, other = ("-1", "1") if slip == "sign" else ("1", "1") if slip == "index" else ("1", "-1")
    scale = "2" if slip == "factor" else ""
    outside = slip == "transpose"
    theta = draw(st.sampled_from([r"\theta_t", r"\theta_{t}"]))

    def step(value: str) -> str:
        value = f"{scale} {value}" if scale else value
        if outside:
            return rf"{theta} - \eta g_t - \lambda ({value})"
        return draw(
            st.sampled_from(
                [rf"{theta} - \eta(g_t + \lambda ({value}))", rf"{theta} - \eta g_t - \eta\lambda ({value})"]
            )
        )

    when = draw(st.sampled_from(["if", "when", "for"]))
    above, below = rf"{theta} > 0", draw(st.sampled_from([rf"{theta} < 0", rf"{theta} \leq 0"]))
    s = draw(st.sampled_from(["s_t", "I", r"\sigma_t", "s"]))
    new = r"\theta_{t+1}"
    update = rf"${new} = {step(s)}$"
    cases = rf"\begin{{cases}} {one} & \text{{{when} }} {above} \\ {other} & {below} \end{{cases}}"
    array = rf"\left\{{\begin{{array}}{{rl}} {one} & {above} \\ {other} & {below} \end{{array}}\right."
    texts = [
        f"{update} where ${s} = {one}$ {when} ${above}$, otherwise ${other}$",
        f"${s} = {one}$ {when} ${above}$ and ${s} = {other}$ {when} ${below}$. {update}",
        rf"${s} = {one} \text{{ {when} }} {above}$, ${s} = {other} \text{{ otherwise}}$. {update}",
        f"${new} = {step(one)}$ {when} ${above}$, ${new} = {step(other)}$ {when} ${below}$",
        f"{when.title()} ${above}$: ${new} = {step(one)}$.\n\n{when.title()} ${below}$: ${new} = {step(other)}$",
        f"$${new} = {step(cases)}$$",
        f"$${s} = {array}$$ {update}",
        rf"${new} = {step(f'sign({theta})')}$ where $sign(\theta) = {cases}$".replace(theta, r"\theta")
        if when != "for"
        else f"$${new} = {step(array)}$$",
        rf"$${new} = \begin{{cases}} {step(one)} & {above} \\ {step(other)} & \text{{otherwise}} \end{{cases}}$$",
    ]
    return Answer("Q3.2", draw(st.sampled_from(texts)))


NAMES = [
    (r"\theta_{new}", r"\theta_{old}", "g"), (r"\theta^{(t+1)}", r"\theta^{(t)}", "g^{(t)}"),
    (r"\theta_{t+1,i}", r"\theta_{t,i}", "g_{t,i}"), (r"\theta_{k+1}", r"\theta_k", "g_k"),
    (r"\theta_t", r"\theta_{t-1}", "g_{t-1}"), (r"\theta'", r"\theta", "g"), (r"\theta_i", r"\theta_i", "g_i"),
    (r"\theta^{t+1}", r"\theta^t", "g^t"), (r"\theta_{\text{new}}", r"\theta_{\text{old}}", r"\nabla_\theta L"),
    (r"\vec\theta_{t+1}", r"\vec{\theta}_t", r"\vec{g}_t"), (r"\tilde\theta", r"\theta", "g"),
]  # fmt: skip
"""How the parameters after and before the step and the gradient are called."""


@st.composite
def updates(draw: Draw, slip: str = "") -> Answer:
    question = draw(st.sampled_from(["Q3.1", "Q3.2"]))
    theta = draw(st.sampled_from([r"\theta_t", r"\theta_{t}", r"\theta", "θ"]))
    gradient = draw(
        st.sampled_from(
            [
                "g_t",
                "g",
                r"\nabla_{\theta} J",
                r"\frac{\partial L}{\partial \theta_t}",
                r"\nabla_\theta J(\theta)",
            ]
        )
    )
    left = draw(st.sampled_from([r"\theta_{t+1}", r"\theta"]))
    if draw(st.booleans()):
        left, theta, gradient = draw(st.sampled_from(NAMES))
    eta = draw(st.sampled_from([r"\eta", "η", r"\alpha"]))
    factor, power = ("2", theta)
    if question == "Q3.2":
        signs = [
            rf"\text{{sign}}({theta})",
            f"sign({theta})",
            rf"\operatorname{{sgn}}({theta})",
            rf"\frac{{{theta}}}{{|{theta}|}}",
        ]
        factor, power = "1", draw(st.sampled_from(signs))
    wrong = {"factor": "3", "transpose": "4", "index": "7"}.get(slip, factor)
    penalty = " ".join(draw(st.permutations([wrong, r"\lambda", power])))
    inner = draw(st.permutations([gradient, penalty]))
    sign = "+" if slip == "sign" else "-"
    forms = [
        f"{theta} {sign} {eta} {grouped(draw, ' + '.join(inner))}",
        f"{theta} {sign} {eta} {inner[0]} {sign} {eta} \\cdot {inner[1]}",
        f"{sign.strip('+')} {eta} {grouped(draw, ' + '.join(inner))} + {theta}",
        f"{theta} {sign} {grouped(draw, ' + '.join(inner))} * {eta}",
    ]
    becomes = draw(st.sampled_from(["=", ":=", r"\leftarrow", r"\gets"]))
    dollars = draw(st.sampled_from(["$", "$$", ""]))
    return Answer(question, f"{dollars}{left} {becomes} {draw(st.sampled_from(forms))}{dollars}")


def slipped(slip: str) -> st.SearchStrategy[Answer]:
    return st.one_of(gradients(slip), hidden(slip), updates(slip), entries(slip), conditional(slip))


def kinds(judge: Judge, answer: Answer) -> set[Kind]:
    return {found.kind for found in judge.judge({answer.question: answer.text})[answer.question]}


@pytest.mark.slow
@many
@given(st.one_of(gradients(), hidden(), updates(), entries(), conditional()))
def test_a_right_answer_is_right_however_it_is_written(judge: Judge, answer: Answer):
    assert kinds(judge, answer) == {Kind.CORRECT}, answer.text


@pytest.mark.slow
@many
@given(st.sampled_from(SLIPS).flatmap(slipped))
def test_no_slip_is_right(judge: Judge, answer: Answer):
    assert kinds(judge, answer) <= {Kind.INCORRECT, Kind.SHAPE}, answer.text
