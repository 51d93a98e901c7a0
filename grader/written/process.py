"""Read derivations in a process of their own, which a formula made to be slow cannot outlive."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from .. import processes
from ..errors import GraderError
from .judgement import Judgement, Kind

CPU_SECONDS: Final = 30
"""Of the process; 15 hand-ins' answers take one. The budget of steps ends earlier, and the same way everywhere."""
MEMORY: Final = 2 << 30
WALL_SECONDS: Final = 300

Judgements = dict[str, tuple[Judgement, ...]]


class Task(msgspec.Struct, frozen=True):
    """What the process is told."""

    reference: str
    """The reference folder."""
    answers: dict[str, str]


def judge(reference: Path, answers: Mapping[str, str], asked: Mapping[str, tuple[str, ...]]) -> Judgements:
    """Judgements by question of the answers (texts by question id, in order) to those that are asked.

    `asked` maps a question to the symbols of its claims. An answer that keeps the process from ending is unreadable.
    """
    answers = {id: text for id, text in answers.items() if id in asked and text}
    if not answers:
        return {}
    task = msgspec.json.encode(Task(str(reference.absolute()), answers))
    try:
        done = subprocess.run(
            processes.command("grader.written"),
            input=task,
            capture_output=True,
            timeout=WALL_SECONDS,
            check=False,
        )
        if done.returncode == 0:
            return msgspec.json.decode(done.stdout, type=Judgements)
        if done.returncode > 0:
            raise GraderError(f"reading derivations failed:\n{done.stderr.decode(errors='replace')}")
    except subprocess.TimeoutExpired:
        pass
    reason = "reading the answers takes longer than any answer should"
    return {
        id: tuple(Judgement(symbol, Kind.UNREADABLE, reason=reason) for symbol in asked[id]) for id in answers
    }
