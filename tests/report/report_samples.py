"""Sample reports for the tests of the renderers, built without any randomness."""

from __future__ import annotations

import math
from decimal import Decimal

import msgspec

from grader.model import (
    SCHEMA_VERSION,
    CheckResult,
    Comparison,
    ConfusionMatrix,
    Curves,
    GradeReport,
    Host,
    ImageGrid,
    Outcome,
    QuestionResult,
    Series,
    question_result,
)

HOSTILE = (
    "<script>alert(1)</script></style></pre></title>\"'`|`` & &lt; {{ 7 * 7 }} {% raw %} [red]bold[/red] "
    ":smile: \x1b[31mred\x1b[0m\x1b]0;title\x07 \x00\x07\x08 line\r\nfeed\ttab \x85\x9b \u202egnirts\u202c "
    "Zoë 漢字 " + "W" * 300 + " $x$ *star* _under_ ~~gone~~ | pipe"
)


def points(text: str) -> Decimal:
    return Decimal(text)


def check(  # mirrors the fields of a check
    id: str = "loss-toy",
    title: str = "Loss on the toy network",
    outcome: Outcome = Outcome.PASSED,
    earned: str = "2",
    of: str = "2",
    message: str = "Agrees with the reference.",
    **more: object,
) -> CheckResult:
    result = CheckResult(id, title, outcome, points(earned), points(of), message)
    return msgspec.structs.replace(result, **more)


def report(*questions: QuestionResult, host: Host | None = None, **more: object) -> GradeReport:
    """A report whose sums are those of its questions."""
    result = GradeReport(
        schema=SCHEMA_VERSION,
        submission="alice",
        rubric="ps3",
        title="Problem Set 3: a two-layer MLP",
        dataset="mnist",
        marked_on="mnist",
        provisional=False,
        audience="staff",
        earned=sum((q.earned for q in questions), Decimal(0)),
        points=sum((q.points for q in questions), Decimal(0)),
        open_points=sum((q.open_points for q in questions), Decimal(0)),
        questions=questions,
        files={"mlp.py": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
        notes=(),
        fingerprints={"rubric": "3b7e1c90aa52", "reference": "77d01e5fb8c4", "secret": "0c4de2a91f36"},
        host=host
        or Host(
            tier="A: bubblewrap",
            versions={"python": "3.11.9", "numpy": "1.26.4"},
            timings={"stage": 0.0123456, "q2.1.loss-toy": 1.5},
        ),
    )
    return msgspec.structs.replace(result, **more)


def history(name: str, rate: float, wobble: float, is_reference: bool = False, count: int = 400) -> Series:
    """A loss over 10,000 iterations, kept at `count` of them."""
    xs = tuple(float(round(i * 9999 / (count - 1))) for i in range(count))
    ys = tuple(
        0.08
        + 2.22 * math.exp(-x / rate)
        + wobble * math.sin(x * 1.7) * math.sin(x * 0.61 + 1) / (1 + x / 4000)
        for x in xs
    )
    return Series(name, xs, ys, is_reference)


def loss_curves(log_y: bool = False) -> Curves:
    pair = (history("your loss", 1400, 0.05), history("", 1100, 0.012, is_reference=True))
    return Curves("Training loss", "iteration", "loss", pair, log_y)


def nan_curves() -> Curves:
    xs = tuple(float(x) for x in range(0, 60))
    ys = tuple(math.nan if x >= 37 else math.inf if x == 36 else 2.3 * 1.12**x for x in range(60))
    good = tuple(2.3 * math.exp(-x / 25) for x in range(60))
    series = (Series("your loss", xs, ys), Series("reference", xs, good, is_reference=True))
    return Curves("Loss of the first 60 iterations", "iteration", "loss", series)


def image_grid(count: int = 64, size: int = 28) -> ImageGrid:
    pixels = bytearray()
    for k in range(count):
        for i in range(size):
            for j in range(size):
                value = 128 + 90 * math.sin((i * (k % 8 + 1) + j * (k // 8 + 1)) / 9 + k)
                value += (i * 7919 + j * 104729 + k * 1299709) % 37
                pixels.append(max(0, min(255, int(value))))
    return ImageGrid("First-layer weights", size, size, bytes(pixels))


def confusion() -> ConfusionMatrix:
    labels = tuple(str(digit) for digit in range(10))
    counts = tuple(
        tuple(900 + 17 * i if i == j else (i * 31 + j * 17) % 23 * ((i + j) % 3 == 0) for j in range(10))
        for i in range(10)
    )
    return ConfusionMatrix("Which digits are mistaken for which", labels, counts)


def full_marks() -> GradeReport:
    forward = question_result("2.1", "Forward pass", points("6"), (check(earned="6", of="6"),))
    return report(forward)


WRITTEN = r"""With $z_1 = x W_1 + b_1$ and $h = \sigma(z_1)$ we get

$$\frac{\partial L}{\partial W_2} = h^\top (p - y)$$

because the softmax and the cross-entropy cancel.
"""


def partly_failed() -> GradeReport:
    """A bit of everything: hidden checks, a carried mistake, open points, all kinds of figures."""
    forward = question_result(
        "2.1",
        "Forward pass and loss",
        points("6"),
        (
            check(
                comparisons=(
                    Comparison("loss on the toy network", 1.3037878913, 1.3037878912, 1e-7),
                    Comparison("shape of the scores", "(5, 3)", "(5, 3)"),
                )
            ),
            check(
                "loss-hidden",
                "Loss on networks that you have not seen",
                Outcome.FAILED,
                "0",
                "2",
                "The loss of 3 of 5 networks is too large.",
                hint="Multiply the penalty by 0.5, as equation (4) does.",
                diagnosis="The penalty seems to be counted twice: sum(W²) where 0.5 · sum(W²) was asked for.",
                detail="net 3: observed 2.4519, expected 2.3012 (seed 90210)",
                comparisons=(Comparison("net 3", 2.4519, 2.3012, 1e-7),),
                hidden=True,
            ),
            check(
                "grad-check",
                "Gradients against central differences",
                Outcome.PARTIAL,
                "1.3333333",
                "2",
                "Two of three gradients agree; grad['b1'] does not.",
                hint="Sum the error of the hidden layer over the examples (axis 0), and keep the shape (H,).",
                comparisons=(
                    Comparison("largest error of W1", 3.1e-10, 0.0, 1e-6),
                    Comparison("largest error of b1", 0.4182736459921, 0.0, 1e-6),
                    Comparison("shape of b1", "(1, 64)", "(64,)"),
                    Comparison("largest error of b2", math.nan, 0.0, 1e-6),
                    Comparison("scale", math.inf, 1.0, 1e-6),
                ),
                notes=("A list was converted to an array.",),
            ),
        ),
    )
    training = question_result(
        "2.3",
        "Training",
        points("12"),
        (
            check(
                "train-loss",
                "The loss goes down",
                earned="4",
                of="4",
                message="From 2.303 to 0.081 within 10,000 iterations.",
                figures=(loss_curves(), loss_curves(log_y=True), image_grid(), confusion()),
            ),
            check(
                "relu-forward",
                "ReLU instead of the sigmoid",
                Outcome.FAILED,
                "4",
                "4",
                "The hidden layer still applies the sigmoid.",
                carried_from="loss-toy",
            ),
            check(
                "train-again",
                "Training with a second network",
                Outcome.SKIPPED,
                "0",
                "4",
                "Not run: it needs “Gradients against central differences”.",
                hint="Mend the gradient of b1 first, then this check runs.",
            ),
        ),
    )
    written = question_result(
        "1.1",
        "Derive the gradient of the softmax",
        points("10"),
        (check("written", "Derivation", Outcome.NEEDS_REVIEW, "0", "10", "A person reads this answer."),),
        WRITTEN,
    )
    return report(written, forward, training, notes=("MLP.py was read as mlp.py.",))


def nan_history() -> GradeReport:
    bad = check(
        "train-loss",
        "The loss goes down",
        Outcome.FAILED,
        "0",
        "4",
        "The loss stops being a number.",
        hint="Subtract the largest score before np.exp.",
        figures=(nan_curves(),),
        comparisons=(Comparison("last loss", math.nan, 0.08, 0.02), Comparison("worst", math.inf, 3.0)),
    )
    return report(question_result("2.3", "Training", points("4"), (bad,)))


def provisional() -> GradeReport:
    return msgspec.structs.replace(full_marks(), dataset="digits", provisional=True)


def errors() -> GradeReport:
    broken = check("loss-toy", outcome=Outcome.ERROR, earned="0", message="The grader failed here.")
    late = check(
        "train",
        "Training ends in time",
        Outcome.FAILED,
        "0",
        "4",
        "Training took longer than 20 s of processor time.",
        hint="Replace the loop over examples by one matrix product.",
    )
    host = Host(
        tier="practice",
        versions={"python": "3.11.9"},
        timings={"train": 20.5},
        stacks={"train": "mlp.py, line 41, in train\n    for i in range(len(X)):", "notebook": "cell 7"},
        errors={"loss-toy": "Traceback (most recent call last):\n  ...\nZeroDivisionError: division by zero"},
        outputs={
            "train": "iteration 0\niteration 1",
            "loss-toy": "".join(f"epoch {n}: \x1b[31m<b>loss</b>\x1b[0m\n" for n in range(40)),
            "notebook": "from no check",
        },
    )
    return report(question_result("2.1", "Forward pass", points("6"), (broken, late)), host=host)


def hostile() -> GradeReport:
    """Hostile text in every field that text from outside can reach."""
    result = check(
        HOSTILE,
        HOSTILE,
        Outcome.FAILED,
        "0",
        "2",
        HOSTILE,
        hint=HOSTILE,
        detail=HOSTILE,
        diagnosis=HOSTILE,
        mistakes=(HOSTILE,),
        notes=(HOSTILE,),
        comparisons=(Comparison(HOSTILE, HOSTILE, HOSTILE, 1.0),),
        figures=(
            Curves(HOSTILE, HOSTILE, HOSTILE, (Series(HOSTILE, (0.0, 1.0, 2.0), (1.0, math.nan, 3.0)),)),
            ImageGrid(HOSTILE, 2, 2, bytes(range(12))),
            ConfusionMatrix(HOSTILE, (HOSTILE, "b"), ((3, 1), (0, 0))),
        ),
        carried_from=HOSTILE,
        formula=HOSTILE,
    )
    texts = {HOSTILE: HOSTILE}
    question = question_result(HOSTILE, HOSTILE, points("2"), (result,), HOSTILE)
    return report(
        question,
        submission=HOSTILE,
        rubric=HOSTILE,
        title=HOSTILE,
        dataset=HOSTILE,
        provisional=True,
        files=texts,
        notes=(HOSTILE,),
        fingerprints=texts,
        host=Host(HOSTILE, texts, {HOSTILE: 0.5}, texts, texts, texts),
    )


def all_samples() -> dict[str, GradeReport]:
    return {
        "full_marks": full_marks(),
        "partly_failed": partly_failed(),
        "nan_history": nan_history(),
        "provisional": provisional(),
        "errors": errors(),
        "hostile": hostile(),
    }
