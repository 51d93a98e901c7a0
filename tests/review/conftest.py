"""A small class with equal answers, and the pages that show it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.model import Person
from tests.desks import Desk, Member
from tests.review.serving import Client, Server, serving

SLOW = "It is slow, because the activations have to be computed again for each layer."
SHORT = "It needs the activations."
HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(1)> [a](javascript:alert(1)) " onload="alert(1)'


def members() -> list[Member]:
    texts = [
        SLOW,
        SLOW,
        SLOW,
        SHORT,
        HOSTILE,
        "",
        "Another one: it is faster.",
        f"{SLOW} It grows quadratically.",
    ]
    return [
        Member(
            f"student-{n}",
            {"Q1.6": text, "Q2.5": f"ReLU, since it does not saturate ({n})."},
            persons=(Person(f"Name {n}", number=str(n)),),
            sources={"mlp.py": "class TwoLayerMLP:\n    secret_of_the_code = '<b>'\n"},
        )
        for n, text in enumerate(texts)
    ]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.grade(*members())
    return desk


@pytest.fixture
def server(desk: Desk) -> Iterator[Server]:
    with serving(desk.out) as running:
        yield running


@pytest.fixture
def kim(server: Server) -> Client:
    client = Client(server)
    client.begin()
    return client
