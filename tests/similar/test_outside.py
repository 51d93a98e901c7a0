"""Folders from outside the class: read as hand-ins are, and what cannot be read costs only itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from grader.handin import intake
from grader.similar import outside
from grader.student.sandbox import Sandbox
from tests.conftest import ROOT
from tests.finding import wanted

CODE = "class TwoLayerMLP(object):\n    def loss(self, X, y=None, reg=0.0):\n        return {mark}\n"


def cells(*sources: tuple[str, str]) -> str:
    made = [
        {"cell_type": kind, "source": source, "metadata": {}, **({"outputs": []} if kind == "code" else {})}
        for kind, source in sources
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def lay_out(folder: Path) -> None:
    """Hand-ins of an earlier term, some of them hostile."""
    contents: dict[str, bytes] = {
        "plain/mlp.py": CODE.format(mark=1).encode(),
        "broken/mlp.py": CODE.format(mark="((").encode() + b"\xff\xfe\x00",
        "wide/mlp.py": "\ufeff".encode("utf-16-le") + CODE.format(mark="'\u00e9'").encode("utf-16-le"),
        "large/mlp.py": CODE.format(mark=2).encode() + b"#" * (3 << 20),
        "written/ps3.ipynb": cells(("code", CODE.format(mark=3))).encode(),
        "filled/mlp.py": (ROOT / "reference/ps3/handout/mlp.py").read_bytes(),
        "filled/ps3.ipynb": cells(("code", CODE.format(mark=4))).encode(),
        "two/mlp.py": CODE.format(mark=5).encode() + b"print 'x'\n\texec x in y\n",
        "mac/mlp.py": b"# why\n".replace(b"\n", b"\r") + CODE.format(mark=6).encode().replace(b"\n", b"\r"),
        "Ana Lima_4001_assignsubmission_file_/mlp.py": CODE.format(mark=7).encode(),
        "deep/mlp.py": CODE.format(mark="(" * 50_000).encode(),
    }
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "linked").mkdir()
    (folder / "linked" / "mlp.py").symlink_to("/etc/passwd")


@pytest.mark.slow
def test_an_earlier_term(
    ps3: Rubric, reference: Reference, sandbox: Sandbox, temporary: Path, tmp_path: Path
):
    lay_out(tmp_path / "2024")
    workspace = temporary / "outside"
    workspace.mkdir(mode=0o755)
    found = intake.find([tmp_path / "2024"], wanted(), workspace)
    works, left_out = outside.read("2024", found, ps3, reference, sandbox, workspace)
    code = {work.id: work.code.get("mlp.py", "") for work in works}
    assert {"2024/plain", "2024/broken", "2024/wide", "2024/written", "2024/deep"} <= code.keys()
    assert "return 1" in code["2024/plain"]
    assert "\u00e9" in code["2024/wide"]
    assert "return 3" in code["2024/written"]
    assert "return 4" in code["2024/filled"]
    assert "return 5" in code["2024/two"]
    assert "return 6" in code["2024/mac"].split("\n")[3]
    assert [id for id, text in code.items() if "return 7" in text] == ["2024/Ana_Lima_4001"]
    assert all(work.source == "2024" for work in works)
    assert {"2024/large", "2024/linked"} <= left_out.keys()
    assert not any("root:" in text for text in code.values())
    assert not any(why.endswith(".") for why in left_out.values())


def test_what_was_given(ps3: Rubric, reference: Reference):
    found = outside.given(ps3, reference)
    assert any("class TwoLayerMLP" in text for text in found.code)
    assert found.prose
