"""What is read of notebook files: cells and outputs of either format, whatever else is in them."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.notebook import file
from tests.hangs import no_hang

from .notebooks import code, content, printed


def outputs(*items: Any) -> file.Shown:
    return file.shown(json.dumps(items).encode())


def test_outputs_of_format_4():
    result = {
        "output_type": "execute_result",
        "data": {"text/plain": ["4", "2"]},
        "metadata": {},
        "execution_count": 1,
    }
    drawn = {
        "output_type": "display_data",
        "data": {"image/png": "aGk=\n", "text/plain": "<Figure>"},
        "metadata": {},
    }
    failed = {"output_type": "error", "ename": "NameError", "evalue": "name 'x'", "traceback": ["..."]}
    found = outputs(printed("one\n"), result, drawn, failed)
    assert found.text == "one\n42\n"
    assert [image.data for image in found.images] == ["aGk=\n"]
    assert found.error == "NameError: name 'x'"


def test_outputs_of_format_3():
    found = outputs(
        {"output_type": "stream", "stream": "stdout", "text": ["one\n", "two\n"]},
        {"output_type": "pyout", "prompt_number": 3, "text": ["42"]},
        {"output_type": "display_data", "png": "aGk=", "text": ["<Figure>"]},
        {"output_type": "pyerr", "ename": "E", "evalue": "v", "traceback": []},
    )
    assert found.text == "one\ntwo\n42\n"
    assert len(found.images) == 1
    assert found.error == "E: v"


def test_code_of_format_3_is_its_input():
    sheet = {"cells": [{"cell_type": "code", "input": ["x = 1\n", "x"], "outputs": []}]}
    (cell,) = file.cells(json.dumps({"nbformat": 3, "worksheets": [sheet]}).encode())
    assert (cell.kind, cell.source) == ("code", "x = 1\nx")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb\x1b[0m\n", "ab\n"),
        ("10%\r50%\r100%\n", "100%\n"),
        ("one\r\ntwo\r\n", "one\ntwo\n"),
        ("x" * (file.MAX_TEXT + 1), "x" * file.MAX_TEXT),
    ],
    ids=["colours", "progress", "Windows", "endless"],
)
def test_text_is_as_it_looked(text: str, shown: str):
    assert outputs(printed(text)).text == shown


@pytest.mark.parametrize(
    "data",
    [
        {"text/html": "<script>alert(1)</script>"},
        {"application/javascript": "alert(1)"},
        {"image/svg+xml": "<svg onload='alert(1)'/>"},
        {"image/png": "'><script>"},
        {"image/png": {"a": 1}},
        {"image/png": "A" * (file.MAX_IMAGE + 1)},
    ],
    ids=str,
)
def test_what_could_hold_a_script_is_no_output(data: dict[str, Any]):
    found = outputs({"output_type": "display_data", "data": data, "metadata": {}})
    assert found.images == () and found.text.strip() == ""


@pytest.mark.parametrize("damaged", ["5", '"x"', "[5]", '[{"output_type": 7}]', "null", '{"a": 1}'])
def test_damaged_outputs_keep_nobody_from_the_cells(damaged: str):
    data = f'{{"cells": [{{"cell_type": "code", "source": "x", "outputs": {damaged}}}]}}'.encode()
    assert file.cells(data) == (file.Cell("code", "x"),)


@pytest.mark.slow
def test_many_small_outputs_take_bounded_time():
    data = b'{"cells": [{"cell_type": "code", "source": "x", "outputs": [' + b"{}," * 16_000_000 + b"{}]}]}"
    with no_hang():
        assert file.cells(data)[0].shown == file.Shown()


@pytest.mark.slow
def test_fifty_megabytes_of_plots_are_read():
    drawn = {"output_type": "display_data", "data": {"image/png": "A" * 1_000_000}, "metadata": {}}
    cells = file.cells(content([code("x", *[drawn] * 50)]))
    assert len(cells[0].shown.images) == file.MAX_IMAGES


NAMES = [
    "cells",
    "cell_type",
    "source",
    "outputs",
    "output_type",
    "text",
    "data",
    "image/png",
    "code",
    "stream",
]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.slow
@given(json_values)
def test_any_json_is_read_or_refused(value: Any):
    with contextlib.suppress(msgspec.ValidationError):
        file.cells(json.dumps(value).encode())
