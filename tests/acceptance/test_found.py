"""Hand-ins as real ones lie in their folders, through the real command: points, open points and what is said."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tests.acceptance.conftest import Grade
from tests.conftest import ROOT, SUBMISSIONS

SRC = (SUBMISSIONS / "alice" / "mlp.py").read_text()
NB = (SUBMISSIONS / "alice" / "ps3.ipynb").read_text()
TEMPLATE = (ROOT / "reference" / "ps3" / "handout" / "mlp.py").read_text()
CODE = ("Q2.1", "Q2.2", "Q2.3", "Q2.4")


def laid(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def marks(folder: Path, id: str) -> tuple[str, float, str]:
    """Points earned and open for the code, and all that its first check and the notes say."""
    report = json.loads((folder / "reports" / id / "report.json").read_text())
    questions = [q for q in report["questions"] if q["id"] in CODE]
    waiting = sum(float(q["open_points"]) for q in questions)
    said = " ".join([*report["notes"], *(check["message"] for check in questions[0]["checks"])])
    return str(sum(float(q["earned"]) for q in questions)), waiting, said


@pytest.mark.slow
def test_what_cannot_be_graded_is_a_persons_and_nothing_is_nothing(grade: Grade, tmp_path: Path):
    (tmp_path / "class" / "nothing").mkdir(parents=True)
    laid(tmp_path / "class" / "document", {"report.docx": "x"})
    laid(tmp_path / "class" / "renamed", {"mlp.py.txt": SRC})
    laid(tmp_path / "class" / "several", {"a/mlp.py": SRC, "b/mlp.py": SRC + "# 2\nx = 1\n"})
    laid(tmp_path / "class" / "empty", {"mlp.py": "# TODO\n"})
    laid(tmp_path / "class" / "newer", {"mlp.py": "def f[T](x):\n    return x\n" + SRC})
    done = grade("class", "--dataset", "digits")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert marks(tmp_path, "nothing")[:2] == ("0.0", 0)
    assert marks(tmp_path, "empty")[:2] == ("0.0", 0)
    assert "mlp.py defines no class TwoLayerMLP; it defines no class at all" in marks(tmp_path, "empty")[2]
    for id, said in (
        ("document", "report.docx"),
        ("renamed", "mlp.py.txt"),
        ("several", "a/mlp.py, b/mlp.py"),
    ):
        assert marks(tmp_path, id)[1] == 25
        assert said in marks(tmp_path, id)[2]


@pytest.mark.slow
def test_right_work_is_worth_the_same_wherever_it_lies(grade: Grade, tmp_path: Path):
    laid(tmp_path / "class" / "deep", {"homework/ps3/mlp.py": SRC, "docs/notebook/ps3.ipynb": NB})
    laid(tmp_path / "class" / "copies", {"mlp.py": TEMPLATE, "mlp - Kopie.py": SRC})
    laid(
        tmp_path / "class" / "screen",
        {"mlp.py": "import matplotlib\nmatplotlib.use('TkAgg')\nget_ipython().magic('x')\n" + SRC},
    )
    imports = "from layers.act import k\nassert open('mean.csv').read() == '1'\n"
    files = {"mlp.py": imports + SRC, "layers/act.py": "k = 1\n", "mean.csv": "1"}
    laid(tmp_path / "class" / "package", files)
    with zipfile.ZipFile(tmp_path / "class" / "packed.zip", "w") as archive:
        archive.writestr("ps3/code/mlp.py", SRC)
    done = grade("class", "--dataset", "digits")
    assert done.returncode == 0, done.stderr
    for id in ("deep", "copies", "screen", "package", "packed"):
        assert marks(tmp_path, id)[:2] == ("25.0", 0), marks(tmp_path, id)
