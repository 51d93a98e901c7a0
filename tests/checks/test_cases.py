"""What is said of code that raised behind what is judged."""

from __future__ import annotations

import pytest

from grader.student.faults import Place, StudentError
from tests.ps3 import kinds


@pytest.mark.parametrize(
    ("function", "inside"), [("loss", ""), ("_forward", ", in _forward"), ("", ""), ("<module>", "")]
)
def test_a_function_is_named_once(function: str, inside: str):
    fault = StudentError("ValueError", "x", (Place("mlp.py", 50, function),))
    assert (
        kinds.cases.late(fault)
        == f"loss raised ValueError in mlp.py, line 50{inside}, after this had been computed."
    )
    assert (
        kinds.cases.late(StudentError("ValueError", "x", ()))
        == "loss raised ValueError, after this had been computed."
    )
