"""Names and answers made to mislead whoever looks at them: on a terminal, in a spreadsheet, on other file systems."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.acceptance.conftest import Grade

NASTY = "\x1b]0;owned\x07\x1b[2J\u202eevil\r\n=HYPERLINK(1)\n\t@SUM(1)\n＝cmd;=1\n-1"


def hand_in(folder: Path, answer: str = "") -> None:
    folder.mkdir(parents=True)
    cells = [
        {
            "cell_type": "markdown",
            "metadata": {},
            "source": "**Q1.6** Without a forward pass, what of the speed?",
        },
        {"cell_type": "markdown", "metadata": {}, "source": answer},
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (folder / "ps3.ipynb").write_text(json.dumps(notebook))
    (folder / "mlp.py").write_text("raise SystemExit\n")


@pytest.mark.slow
def test_a_class_of_names_and_answers_that_mislead(grade: Grade, tmp_path: Path):
    for name in ("ALICE", "alice", "b\x1b[2Job\u202e"):
        hand_in(tmp_path / "class" / name, NASTY + name)
    (tmp_path / "class" / "link\x1b[31m").symlink_to("/etc")
    done = grade("class", "--dataset", "digits", "--practice", "--jobs", "2")
    assert done.returncode == 0, done.stderr
    folders = [path.name for path in (tmp_path / "reports").iterdir() if path.is_dir()]
    assert len({name.casefold() for name in folders}) == 4
    page = (tmp_path / "reports/index.html").read_text()
    for name in folders:
        assert f'"{name}/report.html"' in page
        assert (tmp_path / "reports" / name / "report.html").is_file()

    said = [done, grade("history"), grade("intake", "class"), grade("history", "ALICE")]
    sheet = grade("mark", "--sheet", "Q1.6")
    said.append(sheet)
    for one in said:
        text = one.stdout + one.stderr
        assert not set(text) & set("\x1b\x07\r\u202e"), text
    rows = list(csv.DictReader(io.StringIO(sheet.stdout)))
    assert len(rows) == 4
    assert sum("HYPERLINK" in row["answer"] for row in rows) == 3
    for row in rows:
        lines = row["answer"].splitlines()
        assert all(line.lstrip()[:1] not in "=+-@＝" for line in lines), lines

    # What a person writes into it comes back as it was written, numbers as numbers.
    for row in rows:
        row |= {"mark": "1", "note": "-1 for the sign; see =page 3"}
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    (tmp_path / "sheet.csv").write_text(out.getvalue())
    assert grade("mark", "--from", "sheet.csv").returncode == 0
    again = list(csv.DictReader(io.StringIO(grade("mark", "--sheet", "Q1.6").stdout)))
    assert {(row["mark"], row["note"]) for row in again} == {("1", "'-1 for the sign; see =page 3")}
    (tmp_path / "again.csv").write_text(grade("mark", "--sheet", "Q1.6").stdout)
    assert grade("mark", "--from", "again.csv").returncode == 0
    exported = grade("export", "--format", "csv", "--to", "-").stdout
    assert exported.count("\n-1 for") == 0
    assert grade("export", "--format", "csv").returncode == 0
    assert (tmp_path / "marks.csv").read_text() == f"\ufeff{exported}"  # a spreadsheet keeps the names, then

    assert grade("feedback", "feedback").returncode == 0
    pages = [path.name for path in (tmp_path / "feedback").iterdir()]
    assert len({name.casefold() for name in pages}) == 4
    assert "alice.html" in pages


@pytest.mark.slow
def test_an_error_shows_no_name_as_it_is(grade: Grade, tmp_path: Path):
    folder = tmp_path / "x\x1b[2J\u202ey"
    folder.mkdir()
    done = grade(folder)
    assert done.returncode == 2
    assert not set(done.stderr) & set("\x1b\u202e")
