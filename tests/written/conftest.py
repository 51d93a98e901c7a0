from __future__ import annotations

import pytest

from grader.reference import Reference
from grader.written.judge import Judge


@pytest.fixture(scope="session")
def judge(reference: Reference) -> Judge:
    return Judge(reference.derivations)
