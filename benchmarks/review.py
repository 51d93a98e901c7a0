"""How long somebody waits who marks: the next answer, a save and the start of `grade review` on 1,000 hand-ins.

    python -m benchmarks.review [hand-ins]

Nothing here decides a test.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil

from tests.desks import Desk, Member
from tests.review.serving import Client, hidden, serving

WORDS = ("slow", "again", "each", "layer", "forward", "gradient", "activations", "because", "depth", "cost")
SAVES = 200


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
    times = sorted(times)
    print(
        f"{name}: median {1000 * statistics.median(times):.0f} ms, p95 {1000 * times[int(len(times) * 0.95)]:.0f} ms"
    )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        desk.grade(*members(count))
        started = time.perf_counter()
        with serving(desk.out) as server:
            print(f"start, to the address: {time.perf_counter() - started:.2f} s")
            process = psutil.Process(server.process.pid)
            used = process.cpu_times()
            print(f"of that computing: {used.user + used.system:.2f} s")
            client = Client(server)
            client.begin()
            print(f"until the class is read: {time.perf_counter() - started:.2f} s")
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
            print(f"memory: {process.memory_info().rss >> 20} MB")


if __name__ == "__main__":
    main()
