"""Reach the grader, its answers and rubrics, as the installed package or through the paths of the interpreter."""

import importlib
import importlib.metadata
import os
import sys
from pathlib import Path

from attempts import attempt, read
from facts import CHILD

NAMES = ("grader", "grader.assignment.assets", "grader.assignment.reference", "reference", "rubrics", "tests")
for name in (*NAMES, "tests.hostile"):
    attempt(f"import {name}", lambda name=name: importlib.import_module(name).__path__)


def inside(name):
    return next(iter(importlib.metadata.files(name)))


attempt("files of the distribution", lambda: read(inside("mlp-grader").locate()), lambda text: b"ps3" in text)
for folder in map(Path, [*sys.path, os.path.dirname(sys.argv[0]), sys.prefix, sys.base_prefix]):
    for path in (
        "grader/__init__.py",
        "grader/grading/runner.py",
        "grader/_assets/rubrics/ps3.toml",
        "grader/_assets/reference/ps3/solution.py",
        "rubrics/ps3.toml",
        "reference/ps3/solution.py",
        "../rubrics/ps3.toml",
        "../../../rubrics/ps3.toml",
    ):
        attempt(f"read {folder / path}", lambda path=folder / path: read(path))
worker = Path(CHILD) / "worker.py"
for up in range(1, 5):
    for path in ("grading/runner.py", "rubrics/ps3.toml", "reference/ps3/solution.py", "_assets/rubrics/ps3.toml"):
        attempt(f"read {path} above the worker", lambda up=up, path=path: read(worker.parents[up] / path))
