"""The answers that were written before the code that reads them: enough of them, each once, each with its verdicts."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from grader.rubric import Rubric

GROUPS = tomllib.loads((Path(__file__).parent / "first_answers.toml").read_text())["group"]
VERDICTS = {"correct", "unsimplified", "shape", "incorrect", "review"}


def test_there_are_enough_and_none_is_there_twice():
    answers = [(group["question"], answer) for group in GROUPS for answer in group["answers"]]
    assert len(answers) == len(set(answers)) >= 100


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: f"{group['question']} {group['verdict']}")
def test_verdicts_and_questions_are_known(group: dict[str, object], ps3: Rubric):
    verdict = group["verdict"]
    verdicts = verdict if isinstance(verdict, list) else [verdict]
    assert set(verdicts) <= VERDICTS
    assert len(verdicts) == (2 if group["question"] == "Q1.5" else 1)
    assert group["question"] in {question.id for question in ps3.questions if not question.checks}
