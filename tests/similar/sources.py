"""Small programs to compare: made of statements that a random number chooses, so that no two are alike by chance."""

from __future__ import annotations

import random
from collections.abc import Sequence

from grader.similar import Work

SHARED = """
def shared(values, rate):
    total = np.zeros(len(values))
    for index in range(len(values)):
        total[index] = rate * values[index] ** 2 - np.sqrt(abs(values[index])) / (1 + index)
        if total[index] > 3 and not values[index] == rate:
            total[index] -= np.exp(-total[index]) + values[index] % 7
    return {'total': total.sum(axis=0), 'least': min(total), 'rate': [rate, -rate]}
"""
_FORMS = (
    "a = b + c", "a = np.exp(b) * c", "a[b] -= c / 2", "if a > b: c = a", "a, b = b, a", "a = [b for b in c]",
    "a = b @ c.T", "while a < b: a += c", "a = b.sum(axis=0)", "a = -b ** 2", "assert a, b", "a = {b: c}", "del a",
    "a = b if c else a", "a = lambda b: c", "a |= b & c", "a = (b, c)[0]", "print(a, b)", "a = not b", "a.append(b)",
)  # fmt: skip


_OF_ALL = (
    "a %= b // c", "a = b << c", "a = {b, c}", "raise a from b", "a = b or c", "a = ~b", "global a", "a: b = c",
    "a = (yield b)", "a ^= b >> c", "a = b[c:a:b]", "try: a()\n    finally: b()", "a = f(*b, **c)", "a = b != c",
)  # fmt: skip
"""Statements of which none is like one of a hand-in's own: no run of tokens is in both by chance."""


def of_all(seed: int, statements: int) -> str:
    """A function that everybody hands in."""
    return _function(_OF_ALL, seed, statements)


def own(seed: int, statements: int = 30) -> str:
    """A function that nobody else writes."""
    return _function(_FORMS, seed, statements)


def _function(forms: Sequence[str], seed: int, statements: int) -> str:
    rng = random.Random(seed)
    body = "\n".join(f"    {rng.choice(forms)}" for _ in range(statements))
    return f"def own(a, b, c):\n{body}\n"


def work(id: str, *code: str, **more: object) -> Work:
    return Work(id, code={"mlp.py": "\n".join(code)}, **more)  # type: ignore[arg-type]


def class_of(count: int) -> list[Work]:
    """Hand-ins that have nothing to do with each other."""
    return [work(f"s{i:02}", own(i)) for i in range(count)]
