"""A class graded on several hosts while workers are killed, links are cut and the coordinator is killed."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.classes import COMMAND, Books, contents
from tests.cluster.hosts import Hosts

_TRIES = 4
"""Commands after which all are graded, but for a bug; see `grade` on what three workers were lost with."""


@dataclass(frozen=True)
class Weather:
    """What befalls a cluster."""

    kills: int
    """Of workers, by SIGKILL."""
    cuts: int
    """Of links, in turn of a worker and of the coordinator."""
    cut_s: float
    coordinator_kills: int
    pause_s: tuple[float, float]
    """Between two of these, from and to."""
    seed: int


@dataclass(frozen=True)
class Came:
    """What came of it."""

    commands: int
    killed: int
    differences: list[str]
    seconds: float
    said: str


def through(weather: Weather, hosts: Hosts, books: Books, out: Path) -> Came:
    """Grade through it; the same command again until all are graded; and compare with a quiet run on one machine."""
    choose = random.Random(weather.seed)
    befalls = ["kill"] * weather.kills + ["cut"] * weather.cuts + ["coordinator"] * weather.coordinator_kills
    choose.shuffle(befalls)
    started, commands, killed, cuts = time.monotonic(), 1, 0, 0
    grading = hosts.start("c", *command(books, hosts, out))
    while befalls:
        time.sleep(choose.uniform(*weather.pause_s))
        if grading.poll() is not None:
            break
        what = befalls.pop()
        if what == "kill":
            killed += hosts.kill_a_worker(choose)
        elif what == "cut":
            hosts.cut("c" if cuts % 2 else choose.choice(hosts.workers), weather.cut_s)
            cuts += 1
        else:
            hosts.stop("c")
            commands += 1
            grading = hosts.start("c", *command(books, hosts, out))
    code = grading.wait()
    while code and commands < _TRIES + weather.coordinator_kills:
        commands += 1
        code = hosts.start("c", *command(books, hosts, out)).wait()
    return Came(
        commands, killed, differences(books.undisturbed, out), time.monotonic() - started, hosts.log("c")
    )


def command(books: Books, hosts: Hosts, out: Path) -> list[str]:
    return [*COMMAND, str(books.folder), *books.options, "--out", str(out), *hosts.options]


def differences(quiet: dict[str, Any], out: Path) -> list[str]:
    """Where marks, rows, findings and reports are not those of a quiet run, outside of `host`."""
    found, quiet = _referred_to(contents(out)), _referred_to(quiet)
    names = {**found, **quiet}
    if len(found["runs"]) > 1:
        # After a hand-in that was not graded, the same command is another run: what it found counts all the same.
        names = {name: None for name in names if name.startswith(("report ", "results"))}
    return [name for name in sorted(names) if found.get(name) != quiet.get(name)]


def _referred_to(found: dict[str, Any]) -> dict[str, Any]:
    """Without results that no row has any more: of a hand-in that was not graded before the coordinator's end, say."""
    named = {value for row in found["graded"] for value in row}
    return {**found, "results": [row for row in found["results"] if row[0] in named]}
