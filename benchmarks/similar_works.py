"""All that is compared of a class, to measure what it costs: answers, claims and mistakes beside the code."""

from __future__ import annotations

import random

from benchmarks.similar_class import Made
from grader.model import Person
from grader.similar import Claim, Mistake, Work

QUESTIONS = tuple(f"Q1.{n}" for n in range(1, 7))
_TERMS = (
    "the gradient", r"$\delta_2$", r"$h_2 - y$", "the loss", r"$W_2^T \delta$", "by the chain rule",
    "of the layer below",
    r"$\odot\, h_1 (1 - h_1)$", "we get", "which is", "times", "so that", "with respect to",
    r"$\frac{\partial L}{\partial W}$",
    "in the lecture", "is", "and", "because", "each activation", "is cached",
    "grows linearly", "would be computed again",
)  # fmt: skip
_MISTAKES = tuple(f"mistake {n}" for n in range(25))
_CLAIMS = 24
_NOT_OWN = 0.1
"""Of the hand-ins, whose notebook claims what the code does not give."""


def works(made: Made) -> list[Work]:
    """Each hand-in with six answers of some fifty words, 24 numbers of its notebook, and now and then a mistake."""
    return [_work(id, source, random.Random(f"rest of {id}")) for id, source in made.sources.items()]


def _work(id: str, source: str, rng: random.Random) -> Work:
    answers = {one: " ".join(rng.choice(_TERMS) for _ in range(25)) for one in QUESTIONS}
    shift = 0.01 if rng.random() < _NOT_OWN else 0.0
    values = [round(rng.gauss(1, 0.2), 6) for _ in range(_CLAIMS)]
    claims = tuple(Claim(f"number {n}", one + shift, one, not shift) for n, one in enumerate(values))
    names = rng.sample(_MISTAKES, rng.choice((0, 0, 1, 2)))
    person = Person(f"Student {id}", number=id)
    return Work(
        id, person.name, (person,), f"{id}/report.html", code={"mlp.py": source}, answers=answers,
        mistakes=tuple(Mistake(name, "Q2.1") for name in names), claims=claims,
    )  # fmt: skip
