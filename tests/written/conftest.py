from __future__ import annotations

import pytest

from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from grader.written.judge import Judge
from grader.written.process import given


@pytest.fixture(scope="session")
def judge(reference: Reference, ps3: Rubric) -> Judge:
    return Judge(reference.derivations, given(ps3))
