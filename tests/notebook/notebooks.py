"""Notebooks for tests, made of the sources of their cells."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.notebook import file
from grader.notebook.execute import Execution, Kitchen, execute, told
from grader.notebook.file import Shown

METADATA = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def code(source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "metadata": {},
        "source": source,
        "execution_count": None,
        "outputs": list(outputs),
    }


def prose(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def printed(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def content(cells: Sequence[dict[str, Any] | str], **fields: Any) -> bytes:
    """A notebook of nbformat 4; strings are code cells."""
    whole = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": METADATA,
        "cells": [code(cell) if isinstance(cell, str) else cell for cell in cells],
        **fields,
    }
    return json.dumps(whole).encode()


def written(folder: Path, cells: Sequence[dict[str, Any] | str], name: str = "ps3.ipynb") -> Path:
    """A folder with a notebook in it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content(cells))
    return folder


@dataclass(frozen=True)
class Ran:
    """An execution, and what its cells put out."""

    execution: Execution
    shown: dict[int, Shown]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.execution, name)


def run(cells: Sequence[str], folder: Path, kitchen: Kitchen) -> Ran:
    """Execute the sources of code cells, and read what they put out, in this process."""
    code = dict(enumerate(cells))
    execution = execute(code, folder, kitchen)
    shown = {i: file.shown(outputs) for i, outputs in execution.outputs.items()}
    printed = {i: file.printed(outputs, shown[i]) for i, outputs in execution.outputs.items()}
    return Ran(told(execution, code, printed), shown)
