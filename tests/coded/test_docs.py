"""docs/assignments.md is an assignment: its blocks, put together, are proved by `grade check`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.grading.loading import load_assignment
from grader.selftest.declared import prove
from tests.conftest import ROOT

FILES = {"rubric": "rubrics/linear.toml"} | {
    name: f"reference/linear/{name}.py" for name in ("solution", "checks", "mistakes")
}


@pytest.mark.slow
def test_the_page_that_teaches_it_is_an_assignment_without_a_fault(tmp_path: Path):
    text = (ROOT / "docs/assignments.md").read_text()
    for name, file in FILES.items():
        blocks = re.findall(rf"^```(?:python|toml) {name}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        assert blocks
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("\n".join(blocks))
    rubric, reference = load_assignment(tmp_path / "rubrics/linear.toml")
    workspace = tmp_path / "work"
    workspace.mkdir()
    rows = list(prove(rubric, reference, workspace))
    assert [line for row in rows for line in row.trouble] == []
    assert len(rows) == 1 + len(reference.mistakes)


def test_every_battery_is_on_the_page():
    import grader.batteries

    text = (ROOT / "docs/assignments.md").read_text()
    assert [name for name in grader.batteries.__all__ if not re.search(rf"\b{name}\(t?", text)] == []
