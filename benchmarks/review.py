"""How long somebody waits who marks: the start of `grade review`, the next answer and a save, on 1,000 hand-ins.

    python -m benchmarks.review [hand-ins]

Start stands beside an import of NumPy on the same machine at the same time. Where Chromium is installed, the way from a
key to the picture is measured in it. Nothing here decides a test.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from tests.desks import Desk, Member
from tests.report.browser import opened
from tests.review.keyboard import Person
from tests.review.serving import Client, Server, hidden, serving

WORDS = ("slow", "again", "each", "layer", "forward", "gradient", "activations", "because", "depth", "cost")
SAVES = 200
STARTS = 7
PICTURES = 100
PAINTED = "performance.getEntriesByType('paint').find((one) => one.name === 'first-contentful-paint')?.startTime ?? 0"
"""Milliseconds from the beginning of a navigation, redirects and all, to its first picture."""


def members(count: int) -> list[Member]:
    dice = random.Random(1)
    return [
        Member(
            f"student-{n:04}",
            {
                "Q1.6": " ".join(dice.choice(WORDS) for _ in range(60)),
                "Q2.5": f"ReLU does not saturate ({n}).",
            },
            sources={"mlp.py": "import numpy as np\n" * 150},
        )
        for n in range(count)
    ]


def told(name: str, times: list[float]) -> None:
    """Seconds, in print."""
    times = sorted(times)
    print(
        f"{name}: median {1000 * statistics.median(times):.0f} ms, p95 {1000 * times[int(len(times) * 0.95)]:.0f} ms"
    )


def starts(out: Path) -> None:
    """Until the address is printed, and beside it an import of NumPy, by turns."""
    own, numpy = [], []
    for _ in range(STARTS):
        begun = time.perf_counter()
        with serving(out) as server:
            own.append(time.perf_counter() - begun)
            server.stop()
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import numpy"], check=True)
        numpy.append(time.perf_counter() - begun)
    ratio = statistics.median(own) / statistics.median(numpy)
    print(
        f"start, to the address: median {statistics.median(own):.2f} s, least {min(own):.2f} s: "
        f"{ratio:.1f} times an import of NumPy ({statistics.median(numpy):.2f} s)"
    )


def answers(server: Server, count: int) -> None:
    """The next answer and a save, as the server alone gives them."""
    client = Client(server)
    client.begin()
    path, pages, saves = client.first("Q1.6"), [], []
    for _ in range(min(SAVES, count - 1)):
        begun = time.perf_counter()
        page = client.get(path)
        pages.append(time.perf_counter() - begun)
        fields = {**hidden(page.text), "do": "save", "none": "1", "note": "As said in class."}
        begun = time.perf_counter()
        path = client.post(path, fields).location
        saves.append(time.perf_counter() - begun)
    told("the next answer", pages)
    told("a save, on disk twice", saves)


def pictures(server: Server, program: str, folder: Path) -> None:
    """From a key to the picture of another answer: `n`, and a save with Enter, which waits for the disk."""
    with opened(program, folder) as browser:
        person = Person(browser, server)
        person.begin()
        for name, keys in (("n", "n"), ("a mark and Enter", "0")):
            person.go("/q/Q2.5")
            times = []
            for _ in range(PICTURES):
                if keys == "n":
                    person.leads_on("n")
                else:
                    person.key(keys)
                    person.leads_on("Enter")
                person.wait(f"{PAINTED} > 0")
                times.append(float(browser.ask(PAINTED)) / 1000)
            told(f"to the picture in Chromium, by {name}", times)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("count", nargs="?", type=int, default=1000, help="hand-ins of the class [1000]")
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        desk.grade(*members(count))
        starts(desk.out)
        begun = time.perf_counter()
        with serving(desk.out) as server:
            Client(server).begin()
            print(f"until the class is read: {time.perf_counter() - begun:.2f} s")
            answers(server, count)
            if program := shutil.which("chromium"):
                pictures(server, program, Path(folder))
            print(f"memory: {psutil.Process(server.process.pid).memory_info().rss >> 20} MB")


if __name__ == "__main__":
    main()
