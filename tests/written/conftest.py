from __future__ import annotations

import pytest

from grader.reference import Reference
from grader.rubric import Rubric
from grader.written.judge import Judge
from grader.written.process import given


@pytest.fixture(scope="session")
def judge(reference: Reference, ps3: Rubric) -> Judge:
    return Judge(reference.derivations, given(ps3))
