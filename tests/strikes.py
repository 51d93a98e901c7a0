"""A machine that kills: random processes of a grader at work, and what that costs whom."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.conftest import SUBMISSIONS

_KINDS = {
    "grader.report.rendering": "drawer",
    "grader.written": "derivations",
    ".reader import": "reader",
    ".notebook import": "notebook",
    ".worker import": "worker",
}
"""What the command line of a process of the grader's holds, and what it is."""
_MOST_COMMANDS = 20


@dataclass
class Struck:
    """What came of a class whose processes were killed."""

    kills: Counter[str] = field(default_factory=Counter)
    commands: int = 0
    """Commands it took until all kills were dealt out, and one without any after them."""
    lost: list[str] = field(default_factory=list)
    """Hand-ins that a command left with a final mark below the one of a quiet run."""
    differ: list[str] = field(default_factory=list)
    """Hand-ins whose reports are not those of a quiet run after the last command."""


def class_of(folder: Path, count: int) -> Path:
    """So many right hand-ins, each with a notebook, no two of them the same."""
    for i in range(count):
        one = folder / f"student-{i:03}"
        shutil.copytree(SUBMISSIONS / "alice", one)
        with (one / "mlp.py").open("a") as module:
            module.write(f"\n# handed in by number {i}\n")
    return folder


def grade(folder: Path, out: Path, *options: str) -> subprocess.Popen[bytes]:
    """`grade` at work on a class."""
    return subprocess.Popen(
        [sys.executable, "-m", "grader", str(folder), "--out", str(out), "--dataset", "digits", *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def reports(out: Path) -> dict[str, dict[str, object]]:
    """The reports that are there, by hand-in, without what may differ between runs.

    Without the notebook, too, on which no points depend: a cell whose process is killed twice is taken for its own
    doing.
    """
    found = {}
    for path in sorted(out.glob("*/report.json")):
        report = json.loads(path.read_text())
        for part in ("host", "notebook"):
            report.pop(part, None)
        found[path.parent.name] = report
    return found


def struck(folder: Path, work: Path, kills: int, seed: int, options: tuple[str, ...] = ()) -> Struck:
    """Grade a class in quiet and again under `kills` SIGKILLs at random moments, in folders below `work`."""
    quiet_out, out = work / "quiet", work / "struck"
    grade(folder, quiet_out, *options).wait()
    quiet = reports(quiet_out)
    chance, found = random.Random(seed), Struck()
    while found.commands < _MOST_COMMANDS:
        grader = grade(folder, out, *options)
        found.commands += 1
        calm = found.kills.total() >= kills
        begun = False
        while grader.poll() is None:
            time.sleep(chance.uniform(0.05, 0.8))
            kinds = _kinds(grader.pid)
            begun = begun or "reader" in kinds  # before, it is the canary that would be killed
            if begun and kinds and found.kills.total() < kills:
                kind = chance.choice(sorted(kinds))  # each as likely as another: workers are the most
                with contextlib.suppress(OSError):
                    os.kill(chance.choice(kinds[kind]), 9)
                    found.kills[kind] += 1
        now = reports(out)
        found.lost += [id for id, report in now.items() if _most(report) < _most(quiet[id])]
        if calm:
            break
    found.differ = [
        f"{id}: {difference(report, now.get(id, {}))}"
        for id, report in quiet.items()
        if now.get(id) != report
    ]
    return found


def difference(one: Any, other: Any, at: str = "") -> str:
    """The first place in which two reports differ, and what stands there."""
    if isinstance(one, dict) and isinstance(other, dict) and set(one) == set(other):
        return next(difference(one[key], other[key], f"{at}.{key}") for key in one if one[key] != other[key])
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return next(difference(a, b, f"{at}[{i}]") for i, (a, b) in pairs if a != b)
    return f"{at.lstrip('.')}: {str(one)[:200]} / {str(other)[:200]}"


def _most(report: dict[str, object]) -> float:
    """What a report still may come to."""
    return float(str(report["earned"])) + float(str(report["open_points"]))


def _kinds(grader: int) -> dict[str, list[int]]:
    """The processes that a grader has started, by what they are."""
    kinds: dict[str, list[int]] = {}
    with contextlib.suppress(psutil.Error):
        for one in psutil.Process(grader).children(recursive=True):
            kinds.setdefault(_kind(one), []).append(one.pid)
    kinds.pop("", None)
    return kinds


def _kind(process: psutil.Process) -> str:
    """What a process is; empty for bubblewrap around one, and for what has not begun or has ended."""
    try:
        command = " ".join(process.cmdline())
        if process.name() == "bwrap":
            return ""
    except psutil.Error:
        return ""
    return next((kind for mark, kind in _KINDS.items() if mark in command), "")
