"""Small programs to compare: made of statements that a random number chooses, so that no two are alike by chance."""

from __future__ import annotations

import random

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


def own(seed: int, statements: int = 30) -> str:
    """A function that nobody else writes."""
    rng = random.Random(seed)
    body = "\n".join(f"    {rng.choice(_FORMS)}" for _ in range(statements))
    return f"def own(a, b, c):\n{body}\n"


def work(id: str, *code: str, **more: object) -> Work:
    return Work(id, code={"mlp.py": "\n".join(code)}, **more)  # type: ignore[arg-type]


def class_of(count: int) -> list[Work]:
    """Hand-ins that have nothing to do with each other."""
    return [work(f"s{i:02}", own(i)) for i in range(count)]
