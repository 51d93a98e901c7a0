"""Right answers in random spellings stay right, and one slip makes each wrong."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.written.judge import Judge
from grader.written.judgement import Kind

Draw = st.DrawFn
many = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

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
    ]
    return Answer(question, draw(st.sampled_from(layouts)))


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
    left = draw(st.sampled_from([r"\theta_{t+1} =", r"\theta :=", r"\theta \leftarrow"]))
    dollars = draw(st.sampled_from(["$", "$$", ""]))
    return Answer(question, f"{dollars}{left} {draw(st.sampled_from(forms))}{dollars}")


def kinds(judge: Judge, answer: Answer) -> set[Kind]:
    return {found.kind for found in judge.judge({answer.question: answer.text})[answer.question]}


@many
@given(st.one_of(gradients(), hidden(), updates()))
def test_a_right_answer_is_right_however_it_is_written(judge: Judge, answer: Answer):
    assert kinds(judge, answer) == {Kind.CORRECT}, answer.text


@many
@given(st.sampled_from(SLIPS).flatmap(lambda slip: st.one_of(gradients(slip), hidden(slip), updates(slip))))
def test_no_slip_is_right(judge: Judge, answer: Answer):
    assert kinds(judge, answer) <= {Kind.INCORRECT, Kind.SHAPE}, answer.text
