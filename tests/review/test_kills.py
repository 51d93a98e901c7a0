"""SIGKILL between key presses, and during one: no mark that the page showed as saved is lost."""

from __future__ import annotations

import contextlib
import http.client
import random
import threading

import pytest

from grader.gradebook import Gradebook, examine
from tests.desks import Desk, Member
from tests.review.serving import Client, serving

KILLS = 20


def killed(desk: Desk, seed: int, saves: int, told: set[str], within_s: float | None = None) -> None:
    """Mark some, note what the page says is saved, and kill the server: then, or within one more save."""
    with serving(desk.out) as server:
        client = Client(server)
        client.begin()
        for n in range(saves):
            done = client.save(client.first("Q1.6"), "1", note=f"{seed}-{n}")
            assert done.status == 303
            told.add(f"{seed}-{n}")
        if within_s is None:
            server.kill()
            return
        path = client.first("Q1.6")
        fields = client.form(path) | {"do": "save", "none": "1", "note": f"{seed}-last"}
        timer = threading.Timer(within_s, server.kill)
        timer.start()
        with contextlib.suppress(OSError, http.client.HTTPException):
            if client.post(path, fields).status == 303:
                told.add(f"{seed}-last")
        timer.join()


def check(desk: Desk, told: set[str], during: int = 0) -> None:
    with Gradebook(desk.out) as book:  # which brings what is in one place only to the other
        kept = {record.mark.note for record in book.all_marks()}
    assert told <= kept
    assert len(kept - told) <= during
    assert examine(desk.out) == []


def graded(desk: Desk, count: int) -> None:
    desk.grade(*(Member(f"student-{n:03}", {"Q1.6": f"It is slow ({n})."}) for n in range(count)))


@pytest.mark.slow
def test_what_was_said_to_be_saved_is_there_after_a_kill(desk: Desk):
    graded(desk, 12)
    told: set[str] = set()
    for seed in range(2):
        killed(desk, seed, 3, told)
        check(desk, told)
    assert len(told) == 6


@pytest.mark.slow
def test_twenty_kills_lose_nothing(desk: Desk):
    graded(desk, 120)
    told: set[str] = set()
    dice = random.Random(1)
    for seed in range(KILLS):
        killed(desk, seed, dice.randint(1, 4), told, dice.uniform(0, 0.06) if seed % 2 else None)
        check(desk, told, seed)
    assert len(told) >= KILLS
