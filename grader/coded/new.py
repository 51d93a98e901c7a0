"""The files of a new assignment: they work as they are, and are to be replaced line by line."""

from __future__ import annotations

import importlib.util
import json
import keyword
import re
import sys
from pathlib import Path

from ..errors import UsageError

_RUBRIC = """# {title}: what an instructor decides. What is not here is as reference/{name}/checks.py declares it.
# `grade check {name}` tests both; docs/assignments.md says what else can stand here.

id = "{name}"
title = "{title}"
module = "{name}.py"  # the file that students hand in
functions = ["squared_error"]  # what they write in it; or: class_name = "Net"
packages = ["numpy"]
secret = "published default: replace me for a real course"

[[questions]]
id = "Q1"
title = "Squared error"

# [checks.loss]  # another title, other points, another hint or tolerance than checks.py says
# points = 3
"""
_SOLUTION = '''"""A right answer, as a student would hand it in."""

import numpy as np


def squared_error(predictions, targets):
    """Half the mean over the examples of the squared differences, and its gradient by the predictions."""
    difference = predictions - targets
    loss = 0.5 * np.mean(difference**2)
    gradient = difference / len(predictions)
    return loss, gradient
'''
_CHECKS = '''"""What is asked of a hand-in."""

from grader.api import check
from grader.batteries import numerical

SIZES = (4, 7)
"""Examples in the hidden inputs."""


def inputs(t):
    for size in SIZES:
        random = t.random(size)  # from the course secret: the same for each hand-in, and known to nobody
        yield random.standard_normal(size), random.standard_normal(size)


@check("Loss", points=2, question="Q1", hint="Work it out by hand for two examples.")
def loss(t):
    for predictions, targets in inputs(t):
        own = t.student.squared_error(predictions, targets)
        right = t.solution.squared_error(predictions, targets)
        t.close(own[0], right[0], "the loss")


@check("Gradient", points=2, after=loss, hint="Compare with central differences of your own loss.")
def gradient(t):
    for predictions, targets in inputs(t):
        own = t.student.squared_error(predictions, targets)
        right = numerical(lambda p: t.solution.squared_error(p, targets)[0], predictions)  # noqa: B023
        t.close(own[1], right, "the gradient", relative=1e-5)
'''
_MISTAKES = '''"""What goes wrong: the solution with pieces of its text exchanged, and what is said of it."""

from grader.api import mistake

MISTAKES = [
    mistake(
        "loss-summed",
        "The loss is the sum over the examples; it should be the mean.",
        {"0.5 * np.mean(difference**2)": "0.5 * np.sum(difference**2)"},
    ),
    mistake(
        "gradient-not-averaged",
        "The gradient is not divided by the number of examples.",
        {"difference / len(predictions)": "difference"},
    ),
]
'''
_HANDOUT = '''"""{title}: fill in what is marked."""

import numpy as np


def squared_error(predictions, targets):
    """Half the mean over the examples of the squared differences, and its gradient by the predictions.

    predictions, targets: arrays of shape (N,). Returns a number and an array of shape (N,).
    """
    loss, gradient = None, None
    # TODO: compute both.
    return loss, gradient
'''
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def files(name: str) -> dict[str, str]:
    """The files of an assignment of that name: path to text. `UsageError` for a name that is no module's."""
    if not _NAME.fullmatch(name) or _is_pythons(name):
        raise UsageError(
            f"{name!r} is no name for an assignment; wanted small letters, digits and underscores, a "
            "letter first, and no word or module of Python's"
        )
    words = {"name": name, "title": name.replace("_", " ").capitalize()}
    reference = f"reference/{name}"
    return {
        f"rubrics/{name}.toml": _RUBRIC.format(**words),
        f"{reference}/solution.py": _SOLUTION,
        f"{reference}/checks.py": _CHECKS,
        f"{reference}/mistakes.py": _MISTAKES,
        f"{reference}/handout/{name}.py": _HANDOUT.format(**words),
        f"{reference}/handout/{name}.ipynb": _notebook(name, words["title"]),
    }


def _is_pythons(name: str) -> bool:
    """Whether Python or a package has that name already: a hand-in of it could not be imported beside that."""
    return (
        keyword.iskeyword(name)
        or name in sys.stdlib_module_names
        or importlib.util.find_spec(name) is not None
    )


def write(name: str, root: Path) -> list[Path]:
    """Write them below a folder; `UsageError` where one of them is there already."""
    made = {root / path: text for path, text in files(name).items()}
    for path in made:
        if path.exists():
            raise UsageError(f"{path}: is there already; choose another name, or take it away")
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(made)


def _notebook(name: str, title: str) -> str:
    cells = [
        _cell("markdown", f"# {title}\n\nFill in `{name}.py`, then run this."),
        _cell("code", f"import numpy as np\n\nfrom {name} import squared_error"),
        _cell("code", "squared_error(np.array([1.0, 2.0]), np.array([0.0, 0.0]))"),
    ]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return (
        json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"
    )


def _cell(kind: str, source: str) -> dict[str, object]:
    cell: dict[str, object] = {
        "cell_type": kind,
        "id": f"{kind}-{len(source)}",
        "metadata": {},
        "source": source.splitlines(keepends=True),
    }
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})
