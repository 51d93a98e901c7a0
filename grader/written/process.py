"""Read derivations in a process of their own, which a formula made to be slow cannot outlive."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from ..assignment.rubric import Rubric
from ..known_types import known
from ..machine import processes
from .judgement import Judgement, Kind, claim_id

CPU_SECONDS: Final = 30
"""Of the process; 15 hand-ins' answers take one. The budget of steps ends earlier, and the same way everywhere."""
MEMORY: Final = 2 << 30
WALL_SECONDS: Final = 300
_TRIES = 2
"""A process that something else has ended gets another try."""
_OF_THE_ANSWERS = (-signal.SIGXCPU, -signal.SIGSEGV)
"""Ends that answers can bring about: of the time, and of the stack."""

Judgements = dict[str, tuple[Judgement, ...]]


class Task(msgspec.Struct, frozen=True):
    """What the process is told."""

    reference: str
    """The reference folder."""
    answers: dict[str, str]
    given: dict[str, tuple[str, ...]]
    """By question: what answers may be written in."""
    key: str
    """What the points are drawn from at which formulas are tried."""


def task(reference: Path, answers: Mapping[str, str], rubric: Rubric) -> Task:
    """What to judge of the answers (texts by question id, in order): those to questions with claims."""
    asked = {question.id for question in rubric.questions if question.claims}
    texts = {id: text for id, text in answers.items() if id in asked and text}
    return Task(str(reference.absolute()), texts, given(rubric), rubric.key)


def given(rubric: Rubric) -> dict[str, tuple[str, ...]]:
    """By question: what answers may be written in."""
    return {question.id: question.given for question in rubric.questions if question.claims}


def traces(judged: Judgements) -> dict[str, str]:
    """Tracebacks of our own faults, by the id of the claim's result."""
    return {
        claim_id(question, judgement.asked): judgement.trace
        for question, found in judged.items()
        for judgement in found
        if judgement.trace
    }


def judge(reference: Path, answers: Mapping[str, str], rubric: Rubric) -> Judgements:
    """Judgements by question of the answers (texts by question id, in order) to those with claims.

    Answers that keep the process from ending are unreadable; where it fails otherwise, twice, that is our fault.
    """
    todo = task(reference, answers, rubric)
    if not todo.answers:
        return {}
    for _ in range(_TRIES):
        trace = ""
        try:
            done = subprocess.run(
                processes.command("grader.written"),
                input=msgspec.json.encode(todo),
                capture_output=True,
                timeout=WALL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            trace = f"reading derivations has not ended after {WALL_SECONDS} seconds"
            continue
        if done.returncode == 0:
            return msgspec.json.decode(done.stdout, type=known(Judgements))
        if done.returncode in _OF_THE_ANSWERS:
            reason = "reading the answers takes longer than any answer should"
            return _all_open(todo, rubric, Judgement("", Kind.UNREADABLE, reason=reason))
        trace = f"reading derivations ended with {done.returncode}:\n{done.stderr.decode(errors='replace')}"
    return _all_open(todo, rubric, Judgement("", Kind.ERROR, reason="the grader failed here", trace=trace))


def _all_open(todo: Task, rubric: Rubric, judgement: Judgement) -> Judgements:
    """The same judgement for every claim."""
    return {
        question.id: tuple(
            msgspec.structs.replace(judgement, asked=claim.symbol) for claim in question.claims
        )
        for question in rubric.questions
        if question.id in todo.answers
    }
