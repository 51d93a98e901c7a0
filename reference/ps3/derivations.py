"""What the written questions ask, and what their symbols mean: the network of Problem 1, the step of Problem 3.

Every value is a matrix: columns are (n, 1), numbers (1, 1). Columns x, a1, h1, b1; W2 is a row; a2, h2, b2, y numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

Values = dict[str, np.ndarray]

SHAPES = {
    "x": ("inputs", "1"), "W1": ("hidden", "inputs"), "b1": ("hidden", "1"), "a1": ("hidden", "1"),
    "h1": ("hidden", "1"), "W2": ("1", "hidden"), "b2": ("1", "1"), "a2": ("1", "1"), "h2": ("1", "1"),
    "y": ("1", "1"), "theta": ("parameters", "1"), "g": ("parameters", "1"), "eta": ("1", "1"),
    "lambda": ("1", "1"), "J": ("1", "1"),
}  # fmt: skip
"""Symbol to the names of its height and width."""

WRITTEN = {
    "x": "x", "X": "x", "h 0": "x", "H 0": "x", "y": "y", r"\hat y": "h2", "J": "J", "L": "J",
    **{f"{letter} {k}": f"{letter}{k}" for letter in "hab" for k in "12"}, "H 1": "h1", "H 2": "h2", "A 1": "a1",
    "A 2": "a2", "W 1": "W1", "W 2": "W2", "w 1": "W1", "w 2": "W2",
    r"\theta": "theta", r"\theta t": "theta", r"\Theta": "theta", r"\Theta t": "theta", r"\eta": "eta", "n": "eta",
    r"\alpha": "eta", r"\lambda": "lambda",
}  # fmt: skip
"""A symbol and its index, as written, to the symbol. Letters that take an index of a layer have entries for each."""

_STEP = {"g": "g", "g t": "g", "G t": "g"}
DEFINED = {"Q3.1": _STEP, "Q3.2": _STEP}
"""Further symbols, as `WRITTEN`, that the text of a question defines."""

NEXT = (r"\theta t+1", r"\theta t + 1")
"""How the asked parameters after the step are written, where they have an index of their own."""

COMPONENTS = {"theta": ("i", "j", "k"), "g": ("i", "j", "k")}
"""Symbols of which students write a component in place of the whole."""

ACTIVATIONS = {"h1": "a1", "h2": "a2"}
"""Activations to what they are the sigmoid of: a prime behind one may be its derivative."""

ASKED = {
    "Q1.1": ("a2",), "Q1.2": ("b2",), "Q1.3": ("W2",), "Q1.4": ("h1",), "Q1.5": ("b1", "W1"), "Q3.1": ("theta",),
    "Q3.2": ("theta",),
}  # fmt: skip
"""Gradients that are asked; `theta` asks for the parameters after one step."""

ANSWERS = {
    "Q1.1": {"a2": r"h^{(2)} - y"},
    "Q1.2": {"b2": r"h^{(2)} - y"},
    "Q1.3": {"W2": r"(h^{(2)} - y) (h^{(1)})^T"},
    "Q1.4": {"h1": r"(W^{(2)})^T (h^{(2)} - y)"},
    "Q1.5": {
        "b1": r"((W^{(2)})^T (h^{(2)} - y)) \odot h^{(1)} \odot (1 - h^{(1)})",
        "W1": r"(((W^{(2)})^T (h^{(2)} - y)) \odot h^{(1)} \odot (1 - h^{(1)})) x^T",
    },
    "Q3.1": {"theta": r"\theta_t - \eta (g_t + 2 \lambda \theta_t)"},
    "Q3.2": {"theta": r"\theta_t - \eta (g_t + \lambda \text{sign}(\theta_t))"},
}
"""The right answers, as formulas over the symbols above; a test compares them with derivatives of the loss."""

ON_THE_WAY = {"theta": r"\theta_t - \eta g_t"}
"""What answers say first that is known already, by what is asked: no result beside the one that follows."""

FOLLOWS = {
    "b2": r"\nabla_{a^{(2)}}J",
    "W2": r"\nabla_{a^{(2)}}J (h^{(1)})^T",
    "h1": r"(W^{(2)})^T \nabla_{a^{(2)}}J",
    "b1": r"\nabla_{h^{(1)}}J \odot h^{(1)} \odot (1 - h^{(1)})",
    "W1": r"(\nabla_{h^{(1)}}J \odot h^{(1)} \odot (1 - h^{(1)})) x^T",
}
"""How a gradient follows from one of an earlier question: what is right where that one is wrong already."""

TURNED = {"a column": ("W1", "W2"), "rows": ("x", "W1", "b1", "a1", "h1", "W2")}
"""Symbols that are transposed in another orientation of the network: `W^T h + b` and `h W + b`."""

PRE_ACTIVATIONS = {"a1": ("W1", "b1"), "a2": ("W2", "b2")}
"""What the forward pass works out for a layer, and the parameters that it works it out from."""

_SLOPE = r"h^{(1)} \odot (1 - h^{(1)})"
_BACK = r"(W^{(2)})^T (h^{(2)} - y)"
MISTAKES = {
    "a2": {
        "sigmoid-slope-counts-twice": (r"(h^{(2)} - y) h^{(2)} (1 - h^{(2)})",),
        "slope-left-out": (r"\frac{h^{(2)} - y}{h^{(2)} (1 - h^{(2)})}",),
        "slope-at-pre-activation": (r"\frac{h^{(2)} - y}{h^{(2)} (1 - h^{(2)})} a^{(2)} (1 - a^{(2)})",),
        "slope-alone": (r"h^{(2)} (1 - h^{(2)})",),
        "plus-for-minus": (r"h^{(2)} + y",),
    },
    "b2": {
        "sigmoid-slope-counts-twice": (r"(h^{(2)} - y) h^{(2)} (1 - h^{(2)})",),
        "slope-left-out": (r"\frac{h^{(2)} - y}{h^{(2)} (1 - h^{(2)})}",),
        "bias-as-factor": (r"(h^{(2)} - y) b^{(2)}",),
        "local-derivative-alone": ("1",),
        "plus-for-minus": (r"h^{(2)} + y",),
    },
    "W2": {
        "wrong-layer-input": (r"(h^{(2)} - y) x^T", r"(h^{(2)} - y) h^{(2)}"),
        "pre-activation-for-activation": (r"(h^{(2)} - y) (a^{(1)})^T",),
        "weights-for-input": (r"(h^{(2)} - y) W^{(2)}",),
        "penalty-added": (
            r"(h^{(2)} - y) (h^{(1)})^T + 2 \lambda W^{(2)}",
            r"(h^{(2)} - y) (h^{(1)})^T + \lambda W^{(2)}",
        ),
        "sigmoid-slope-counts-twice": (r"(h^{(2)} - y) h^{(2)} (1 - h^{(2)}) (h^{(1)})^T",),
        "summed-to-a-number": (r"\sum (h^{(2)} - y) h^{(1)}",),
        "local-derivative-alone": (r"(h^{(1)})^T",),
        "plus-for-minus": (r"(h^{(2)} + y) (h^{(1)})^T",),
    },
    "h1": {
        "wrong-layer-weights": (r"(W^{(1)})^T (h^{(2)} - y)",),
        "input-for-weights": (r"h^{(1)} (h^{(2)} - y)",),
        "slope-too-early": (rf"{_BACK} \odot {_SLOPE}",),
        "sigmoid-slope-counts-twice": (rf"{_BACK} h^{{(2)}} (1 - h^{{(2)}})",),
        "local-derivative-alone": (r"(W^{(2)})^T",),
        "summed-to-a-number": (rf"\sum {_BACK}",),
        "plus-for-minus": (r"(W^{(2)})^T (h^{(2)} + y)",),
    },
    "b1": {
        "slope-at-pre-activation": (rf"{_BACK} \odot a^{{(1)}} \odot (1 - a^{{(1)}})",),
        "slope-left-out": (_BACK,),
        "slope-without-one-minus": (rf"{_BACK} \odot h^{{(1)}}",),
        "slope-alone": (_SLOPE,),
        "slope-of-other-layer": (rf"{_BACK} \odot h^{{(2)}} (1 - h^{{(2)}})",),
        "summed-to-a-number": (rf"W^{{(2)}} (h^{{(2)}} - y) ({_SLOPE})",),
        "plus-for-minus": (
            rf"{_BACK} \odot h^{{(1)}} \odot (1 + h^{{(1)}})",
            rf"(W^{{(2)}})^T (h^{{(2)}} + y) \odot {_SLOPE}",
        ),
    },
    "W1": {
        "slope-at-pre-activation": (rf"({_BACK} \odot a^{{(1)}} \odot (1 - a^{{(1)}})) x^T",),
        "slope-left-out": (rf"{_BACK} x^T",),
        "slope-without-one-minus": (rf"({_BACK} \odot h^{{(1)}}) x^T",),
        "slope-of-other-layer": (rf"({_BACK} \odot h^{{(2)}} (1 - h^{{(2)}})) x^T",),
        "wrong-layer-input": (rf"({_BACK} \odot {_SLOPE}) (h^{{(1)}})^T",),
        "diagonal-for-outer": (rf"{_BACK} \odot {_SLOPE} \odot x",),
        "summed-to-a-number": (rf"x^T ({_BACK} \odot {_SLOPE})",),
        "input-left-out": (rf"{_BACK} \odot {_SLOPE}",),
        "plus-for-minus": (rf"({_BACK} \odot h^{{(1)}} \odot (1 + h^{{(1)}})) x^T",),
    },
    "Q3.1": {
        "penalty-left-out": (r"\theta - \eta g",),
        "factor-two-missing": (
            r"\theta - \eta (g + \lambda \theta)",
            r"\theta - \eta (g + \frac{\lambda}{2} \theta)",
        ),
        "penalty-outside-eta": (r"\theta - \eta g - 2 \lambda \theta", r"\theta - \eta g - \lambda \theta"),
        "penalty-added": (
            r"\theta - \eta (g - 2 \lambda \theta)",
            r"\theta - \eta g + 2 \lambda \theta",
            r"\theta - \eta g + \lambda \theta",
            r"\theta - \eta (g - \lambda \theta)",
        ),
        "climbs": (r"\theta + \eta (g + 2 \lambda \theta)",),
        "climbs-the-loss": (r"\theta + \eta g - 2 \eta \lambda \theta",),
        "theta-left-out": (r"\theta - \eta (g + 2 \lambda)", r"\theta - \eta (g + \lambda)"),
        "penalty-summed": (r"\theta - \eta (g + 2 \lambda \sum_i \theta_i)",),
        "penalty-not-differentiated": (
            r"\theta - \eta (g + \lambda \|\theta\|_2^2)",
            r"\theta - \eta (g + \lambda \theta \odot \theta)",
        ),
        "norm-not-squared": (
            r"\theta - \eta (g + \lambda \frac{\theta}{\|\theta\|_2})",
            r"\theta - \eta (g + 2 \lambda \|\theta\|_2)",
        ),
        "other-norm": (r"\theta - \eta (g + \lambda sign(\theta))",),
        "step-alone": (r"- \eta (g + 2 \lambda \theta)", r"\eta (g + 2 \lambda \theta)"),
        "eta-left-out": (r"\theta - (g + 2 \lambda \theta)",),
        "lambda-left-out": (r"\theta - \eta (g + 2 \theta)",),
    },
    "Q3.2": {
        "penalty-left-out": (r"\theta - \eta g",),
        "factor-two-too-many": (r"\theta - \eta (g + 2 \lambda sign(\theta))",),
        "penalty-outside-eta": (r"\theta - \eta g - \lambda sign(\theta)",),
        "penalty-added": (
            r"\theta - \eta (g - \lambda sign(\theta))",
            r"\theta - \eta g + \lambda sign(\theta)",
        ),
        "climbs": (r"\theta + \eta (g + \lambda sign(\theta))",),
        "climbs-the-loss": (r"\theta + \eta g - \eta \lambda sign(\theta)",),
        "sign-left-out": (r"\theta - \eta (g + \lambda)",),
        "penalty-not-differentiated": (
            r"\theta - \eta (g + \lambda |\theta|)",
            r"\theta - \eta (g + \lambda \|\theta\|_1)",
        ),
        "other-norm": (r"\theta - \eta (g + 2 \lambda \theta)", r"\theta - \eta (g + \lambda \theta)"),
        "root-of-other-norm": (
            r"\theta - \eta (g + \lambda \|\theta\|_2^{-\frac{1}{2}} \theta)",
            r"\theta - \eta (g + \lambda \|\theta\|_2^{-1} \theta)",
            r"\theta - \eta (g + \frac{\lambda}{2} \|\theta\|_2^{-\frac{1}{2}} \theta)",
        ),
        "penalty-summed": (r"\theta - \eta (g + \lambda \sum_i sign(\theta_i))",),
        "step-alone": (r"- \eta (g + \lambda sign(\theta))", r"\eta (g + \lambda sign(\theta))"),
        "eta-left-out": (r"\theta - (g + \lambda sign(\theta))",),
        "lambda-left-out": (r"\theta - \eta (g + sign(\theta))",),
    },
}
"""Wrong answers that students give, by the symbol or question asked and by the mistake's name, each in its forms."""

CONFUSED = {
    "a1": (("pre-activation-for-activation", r"h^{(1)}"),),
    "a2": (("pre-activation-for-activation", r"h^{(2)}"),),
    "h1": (("wrong-layer", r"h^{(2)}"), ("wrong-layer", "x"), ("activation-for-weights", r"W^{(2)}")),
    "h2": (("wrong-layer", r"h^{(1)}"), ("output-for-label", "y")),
    "x": (("wrong-layer", r"h^{(1)}"),),
    "W1": (("wrong-layer", r"W^{(2)}"),),
    "W2": (("weights-for-input", r"h^{(1)}"),),
    "y": (("label-for-output", r"h^{(2)}"),),
    "b1": (("wrong-letter", r"h^{(1)}"),),
    "b2": (("wrong-letter", r"h^{(2)}"),),
    "g": (("gradient-for-parameters", r"\theta"),),
    "theta": (("parameters-for-gradient", "g"),),
    "eta": (("wrong-letter", r"\lambda"),),
    "lambda": (("wrong-letter", r"\eta"),),
}  # fmt: skip
"""A symbol to those that belong in its place, with what putting the one for the other is called."""

_STEP_LEFT_OUT = {"eta-left-out": (r"\eta",), "lambda-left-out": (r"\lambda",)}
LEFT_OUT = {
    "a2": {"slope-left-out": (r"h^{(2)} (1 - h^{(2)})",), "slope-without-one-minus": (r"1 - h^{(2)}",)},
    "b2": {"slope-left-out": (r"h^{(2)} (1 - h^{(2)})",), "slope-without-one-minus": (r"1 - h^{(2)}",)},
    "W2": {"input-left-out": (r"(h^{(1)})^T",), "arriving-gradient-left-out": (r"(h^{(2)} - y)",)},
    "h1": {"weights-left-out": (r"(W^{(2)})^T",), "arriving-gradient-left-out": (r"(h^{(2)} - y)",)},
    "b1": {
        "slope-without-one-minus": (r"1 - h^{(1)}",),
        "slope-left-out": (r"h^{(1)} (1 - h^{(1)})",),
        "half-of-slope-left-out": (r"h^{(1)}",),
        "weights-left-out": (r"(W^{(2)})^T",),
        "arriving-gradient-left-out": (r"(h^{(2)} - y)",),
    },
    "W1": {
        "input-left-out": ("x^T",),
        "slope-without-one-minus": (r"1 - h^{(1)}",),
        "slope-left-out": (r"h^{(1)} (1 - h^{(1)})",),
        "half-of-slope-left-out": (r"h^{(1)}",),
        "weights-left-out": (r"(W^{(2)})^T",),
        "arriving-gradient-left-out": (r"(h^{(2)} - y)",),
    },
    "Q3.1": {"factor-two-missing": ("2",), "theta-left-out": (r"\theta",), **_STEP_LEFT_OUT},
    "Q3.2": {"sign-left-out": (r"sign(\theta)",), "theta-left-out": (r"\theta",), **_STEP_LEFT_OUT},
}  # fmt: skip
"""Factors that may be missing, by the symbol or question asked and by what leaving them out is called."""

GENERAL_MISTAKES = (
    "sign", "factor", "other-gradient", "sum-left-in", "norm-itself", "absolute-value", "plus-for-minus",
    "minus-for-plus", "factor-too-many", "term-too-many", "divisor-too-many", "wrong-number",
    *(name for confused in CONFUSED.values() for name, _ in confused),
    *(name for left_out in LEFT_OUT.values() for name in left_out),
)  # fmt: skip
"""Names for a wrong gradient that is minus the right one, a multiple of it, or the gradient of another symbol, and for
single slips; see `grader/written/slips.py`."""


_PATTERNS: tuple[dict[str, Any], ...] = (
    {"x": (1, -1, 1), "W2": (1, 1, -1), "g": (1, -1, -1), "theta": (1, 1, -1), "label": (0.0, 1.0, "below")},
    {"x": (1, -1, 1), "W2": (1, 1, -1), "g": (-1, 1, -1), "theta": (1, -1, 1), "label": (1.0, 0.0, "above")},
)  # fmt: skip
"""How signs turn over three points of the same widths, so that every entry of every symbol with a sign and of every
gradient takes both; and the label: 0, 1, and one between, which keeps a term in y apart from one in its square."""


def points(rng: np.random.Generator, widths: Sequence[tuple[int, int]]) -> tuple[Values, ...]:
    """Values of all symbols at random points, one for each pair of inputs and hidden units; alike ones in threes.

    Hidden and output values are between 0 and 1, the label 0 and 1 too; eta and lambda are positive.
    """
    found: list[Values] = []
    for number, (inputs, hidden) in enumerate(dict.fromkeys(widths)):
        pattern = _PATTERNS[number % len(_PATTERNS)]
        n = inputs + hidden
        shapes = {
            "x": (inputs, 1), "W1": (hidden, inputs), "b1": (hidden, 1), "W2": (1, hidden), "b2": (1, 1),
            "theta": (n, 1), "g": (n, 1),
        }  # fmt: skip
        signs = {name: rng.choice((-1.0, 1.0), size=shape) for name, shape in shapes.items()}
        for turn in range(widths.count((inputs, hidden))):
            values = {
                name: signs[name]
                * pattern.get(name, (1, -1, -1))[turn % 3]
                * rng.uniform(0.3, 1.2, size=shape)
                for name, shape in shapes.items()
            }
            values |= {
                "eta": rng.uniform(0.3, 0.7, size=(1, 1)), "lambda": rng.uniform(0.8, 1.7, size=(1, 1)),
                "bend": rng.uniform(0.5, 1.5, size=(n, 1)), "start": values["theta"], "slope": values["g"],
                "y": column(0.0),
            }  # fmt: skip
            label, h2 = pattern["label"][turn % 3], forward(values)["h2"]
            between = {"below": h2 * rng.uniform(0.3, 0.8), "above": 1 - (1 - h2) * rng.uniform(0.3, 0.8)}
            values["y"] = between[label] if isinstance(label, str) else column(label)
            found.append(forward(values))
    return tuple(found)


def examples() -> tuple[Values, ...]:
    """Small numbers at which a student can work out every answer by hand; three inputs, three hidden units.

    What is wrong differs from what is right at the first, but for a few formulas; then at one of the others.
    """
    return (
        _example(column(0.5, 0.2, 0.6), column(0.8), column(1), column(3, -2, 1)),
        _example(column(0.25, 0.8, 0.4), column(0.6), column(0), column(-1, 2, -4)),
        _example(column(0.6, 0.1, 0.5), column(0.9), column(0.5), column(2, -0.5, -3)),
    )


def _example(h1: np.ndarray, h2: np.ndarray, y: np.ndarray, theta: np.ndarray) -> Values:
    x = column(1, 2, -1)
    values = {
        "x": x, "W1": np.array([[1.0, -1.0, 0.0], [0.0, 2.0, 1.0], [1.0, 0.0, -2.0]]),
        "W2": np.array([[3.0, -2.0, 1.0]]), "y": y, "h1": h1, "h2": h2, "a1": logit(h1), "a2": logit(h2),
        "theta": theta, "eta": column(0.1), "lambda": column(0.5), "start": theta, "slope": column(3, -1, -2),
        "bend": column(0, 0, 0),
    }  # fmt: skip
    values["b1"] = values["a1"] - values["W1"] @ x
    values["b2"] = values["a2"] - values["W2"] @ h1
    return forward(values)


def column(*entries: float) -> np.ndarray:
    """A column of numbers."""
    return np.array(entries, dtype=float).reshape(-1, 1)


def forward(values: Mapping[str, np.ndarray], given: Mapping[str, np.ndarray] | None = None) -> Values:
    """Fill in what follows from inputs and parameters; `given` replaces values, and what follows from them follows."""
    new = {**values, **(given or {})}
    fixed = set(given or {})

    def put(name: str, value: np.ndarray) -> None:
        if name not in fixed:
            new[name] = value

    put("a1", new["b1"] + new["W1"] @ new["x"])
    put("h1", sigmoid(new["a1"]))
    put("a2", new["b2"] + new["W2"] @ new["h1"])
    put("h2", sigmoid(new["a2"]))
    put("J", _loss(new))
    put("g", new["slope"] + new["bend"] * (new["theta"] - new["start"]))
    return new


def gradients(values: Values) -> Values:
    """Gradients of the loss by symbol, each with the symbol's shape."""
    error = values["h2"] - values["y"]
    back = values["W2"].T @ error
    hidden = back * values["h1"] * (1 - values["h1"])
    return {
        "h2": error / (values["h2"] * (1 - values["h2"])), "a2": error, "b2": error, "W2": error @ values["h1"].T,
        "h1": back, "a1": hidden, "b1": hidden, "W1": hidden @ values["x"].T, "x": values["W1"].T @ hidden,
        "theta": values["g"],
    }  # fmt: skip


def sigmoid(z: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-z)), elementwise."""
    h: np.ndarray = 1 / (1 + np.exp(-z))
    return h


def logit(h: np.ndarray) -> np.ndarray:
    """The inverse of `sigmoid`, elementwise."""
    z: np.ndarray = np.log(h / (1 - h))
    return z


def slope(z: np.ndarray) -> np.ndarray:
    """The derivative of `sigmoid`, elementwise."""
    rise: np.ndarray = sigmoid(z) * (1 - sigmoid(z))
    return rise


def _loss(values: Mapping[str, np.ndarray]) -> np.ndarray:
    """Problem 1's cross-entropy, plus a part in theta: Problem 3's loss may be any, and has the gradient g.

    That part is 0 where theta is the point's own, so that the loss is what Problem 1 says it is.
    """
    y, h2, step = values["y"], values["h2"], values["theta"] - values["start"]
    part = np.sum(values["slope"] * step + values["bend"] * step**2 / 2, keepdims=True).reshape(1, 1)
    loss: np.ndarray = -y * np.log(h2) - (1 - y) * np.log(1 - h2) + part
    return loss
