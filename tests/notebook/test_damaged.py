"""Cells and files that are damaged or another thing: said as what they are, and the rest is read."""

from __future__ import annotations

import json

import pytest

from grader.entry_point import EntryPoint
from grader.notebook import definitions, file
from grader.notebook.choose import choose
from grader.notebook.file import Cell

NET = "%%writefile mlp.py\nclass Net:\n    def loss(self, X):\n        return 1\n"
MORE = "    def train(self):\n        return 2\n"


def notebook(*cells: object) -> bytes:
    return json.dumps({"cells": cells, "nbformat": 4}).encode()


GOOD = {"cell_type": "markdown", "source": "answer", "attachments": {}}


@pytest.mark.parametrize(
    ("bad", "kept", "note"),
    [
        (None, "", "cell 2, which was left out"),
        (7, "", "cell 2, which was left out"),
        ({"cell_type": "code", "source": 3}, "", "cell 2, which was left out"),
        ({"cell_type": "markdown", "source": "mine", "attachments": [1]}, "mine", "the pictures in cell 2"),
        (
            {"cell_type": "markdown", "source": "mine", "attachments": {"a": "b"}},
            "mine",
            "the pictures in cell 2",
        ),
        ({"cell_type": "markdown", "source": "mine", "attachments": None}, "mine", ""),
    ],
)
def test_a_damaged_cell_is_one_cell(bad: object, kept: str, note: str):
    read = file.read("x.ipynb", notebook(GOOD, bad, GOOD))
    assert [cell.source for cell in read.cells] == ["answer", kept, "answer"]
    assert not read.problem
    assert note in " ".join(read.notes)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (notebook(), "it has no cells"),
        (b"{}", "it has no cells"),
        (b'{"url": "https://drive.example.org/x", "doc_id": "1"}', "it is a shortcut to a file on a drive"),
        (b"[InternetShortcut]\nURL=x", "it is a shortcut to a file on a drive"),
        (b"<!DOCTYPE html><html>", "it is a web page"),
        ('{"cells": "Übung'.encode("latin-1"), "it is not UTF-8 (byte 11)"),
        (b"PK\3\4", "it is another kind of file"),
        (b"class Net: pass", "it is no JSON"),
    ],
)
def test_what_is_no_notebook_is_said_as_what_it_is(content: bytes, said: str):
    read = file.read("x.ipynb", content)
    assert read.problem.startswith(f"x.ipynb cannot be read as a notebook: {said}")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_says_the_encoding(encoding: str):
    assert file.read("x.ipynb", notebook(GOOD).decode().encode(encoding)).cells[0].source == "answer"


def code(*sources: str) -> list[Cell]:
    return [Cell("code", source) for source in sources]


@pytest.mark.parametrize(
    "magic",
    [
        "%%writefile -a mlp.py", "%%writefile --append mlp.py", "%%file -a mlp.py", "%%writefile -a 'mlp.py'",
        '%%writefile -a "mlp.py"', "%%writefile -a /content/mlp.py", "%%writefile -a ./mlp.py",
    ],
)  # fmt: skip
def test_what_cells_add_to_the_module_is_put_together(magic: str):
    found = definitions.read(
        code("import os", NET, "print(1)", f"{magic}\n{MORE}"), EntryPoint("mlp.py", ("Net",))
    )
    scope: dict[str, type] = {}
    exec(found.source, scope)
    assert (scope["Net"]().loss(1), scope["Net"]().train()) == (1, 2)
    at = found.source.splitlines().index("    def train(self):")
    assert found.lines[at] == (4, 2)


@pytest.mark.parametrize(
    "magic",
    ["%%writefile mlp.py", "%%writefile 'mlp.py'", "%%writefile /content/mlp.py", "%%writefile net.py"],
)
def test_a_class_that_a_cell_writes_is_found(magic: str):
    source = NET.replace("%%writefile mlp.py", magic)
    chosen = choose(
        None, file.Notebook("x.ipynb", tuple(code(source))), "module", EntryPoint("mlp.py", ("Net",)), ""
    )
    assert chosen.source and "class Net" in chosen.source


def test_other_magics_of_whole_cells_hold_no_code():
    assert not definitions.read(code("%%writefile notes.txt\nclass Net:\n    pass"), NET).source
