"""What hostile hand-ins are graded under: the toy and hidden-net checks of the rubric, with tight limits."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from pathlib import Path

import msgspec

from grader.assignment import rubric_loading
from grader.assignment.rubric import Rubric
from tests.ps3 import kinds

MEMORY_MB = 1024

_LIMITS = {
    "train_cpu": 10.0,
    "train_wall": 20.0,
    "check_cpu": 6.0,
    "check_wall": 20.0,
    "submission_cpu": 20.0,
    "submission_wall": 60.0,
    "memory_mb": MEMORY_MB,
    "file_mb": 16,
}


def write(original: Path, path: Path, secret: str, only: Collection[str] = (), written: bool = False) -> None:
    """Write a rubric without trainings on a dataset, with a secret of its own, and without questions that have no
    checks unless `written` answers are wanted.

    Of `only` these questions, where there are any: who looks at something else than answers grades in a third of the
    time by the forward pass alone, which has checks for a worker that was told nothing hidden, and for one that was.
    """
    head, *questions = original.read_text().split("[[questions]]\n")
    kept = []
    total = 0.0
    for question in questions:
        if only and tomllib.loads(question.split("[[")[0])["id"] not in only:
            continue
        first, *checks = question.split("[[questions.checks]]\n")
        if written and not checks:
            kept.append(question)
            total += tomllib.loads(question.split("[[")[0])["points"]
        short = [check for check in checks if tomllib.loads(check)["kind"] != kinds.accuracy.Accuracy.kind]
        points = sum(float(tomllib.loads(check)["points"]) for check in short)
        if short:
            kept.append("[[questions.checks]]\n".join([_set(first, "points", f"{points:g}"), *short]))
        total += points
    if only:
        head = _without_notebook(head)
    head = _set(_set(head, "points", f"{total:g}"), "secret", f'"{secret}"')
    path.write_text("[[questions]]\n".join([head, *kept]))


def write_derivations(original: Path, path: Path, secret: str) -> None:
    """Write a rubric of the questions with claims alone, by which no notebook is executed."""
    head, *questions = original.read_text().split("[[questions]]\n")
    kept = [
        "\n".join(line for line in question.split("\n") if not line.startswith("code = "))
        for question in questions
        if "[[questions.claims]]" in question
    ]
    points = sum(tomllib.loads(question)["points"] for question in kept)
    head = _set(_set(_without_notebook(head), "points", f"{points}"), "secret", f'"{secret}"')
    path.write_text("[[questions]]\n".join([head, *kept]))


def load(path: Path, cpu: float, wall: float) -> Rubric:
    """Load it, with so many seconds of CPU and on the clock for each call."""
    loaded = rubric_loading.load(path, kinds.KINDS)
    wanted = {**_LIMITS, "call_cpu": cpu, "call_wall": wall}
    limits = {name: wanted[name] for name in loaded.limits.__struct_fields__}
    return msgspec.structs.replace(loaded, limits=msgspec.structs.replace(loaded.limits, **limits))


def _without_notebook(head: str) -> str:
    """Without what is asked of a notebook, which names questions."""
    before, after = head.split("[notebook]\n")
    return before + "[[nets]]" + after.split("[[nets]]", 1)[1]


def _set(text: str, key: str, value: str) -> str:
    """Replace the first line `key = ...`."""
    lines = text.split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith(f"{key} = "))
    return "\n".join([*lines[:at], f"{key} = {value}", *lines[at + 1 :]])
