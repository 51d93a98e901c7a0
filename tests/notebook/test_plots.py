"""Plots that questions ask for: found, made safe, and missed where they are missing."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from dataclasses import replace

import PIL.Image
import pytest

from grader.assignment.rubric import Rubric
from grader.model import Image, NotebookPlot
from grader.notebook import file, pictures, plots
from grader.notebook.file import Cell, Shown
from tests.conftest import SUBMISSIONS

ALICE = file.cells((SUBMISSIONS / "alice" / "ps3.ipynb").read_bytes())
SHOWN = {i: cell.shown for i, cell in enumerate(ALICE) if cell.kind == "code"}


def picture(size: tuple[int, int] = (3, 2), form: str = "PNG", **info: object) -> bytes:
    written = io.BytesIO()
    PIL.Image.new("RGB", size, "red").save(written, form, **info)
    return written.getvalue()


def image(data: bytes, media_type: str = "image/png") -> Image:
    return Image("x", media_type, base64.b64encode(data).decode())


def found(
    ps3: Rubric, cells: tuple[Cell, ...] = ALICE, executed: dict[int, Shown] = SHOWN
) -> list[NotebookPlot]:
    assert ps3.notebook is not None
    return list(plots.find(ps3.notebook, cells, executed))


@pytest.mark.slow
def test_the_plots_of_alice_are_found(ps3: Rubric):
    titles = [plot.title for plot in found(ps3)]
    assert titles == [
        "Sigmoid: loss on the toy data; Sigmoid: size of the gradient on the toy data",
        "Sigmoid: loss; Sigmoid: size of the gradient; Sigmoid: accuracies",
        "Sigmoid: weights of the hidden units",
        "ReLU: loss on the toy data; ReLU: size of the gradient on the toy data",
        "ReLU: loss; ReLU: size of the gradient; ReLU: accuracies",
        "ReLU: weights of the hidden units",
    ]
    assert all(plot.executed and plot.image and not plot.note for plot in found(ps3))
    pictures = {plot.image.data for plot in found(ps3) if plot.image}
    assert len(pictures) == 6


@pytest.mark.slow
def test_on_small_data_plots_that_depend_on_it_are_those_of_the_file(ps3: Rubric):
    """But for those that the file lacks: these are drawn, and it is said from what."""
    again = {
        i: replace(shown, images=tuple(image(picture((5, 5))) for _ in shown.images))
        for i, shown in SHOWN.items()
    }
    shown = plots.find(ps3.notebook, ALICE, again, on_small=True)
    as_file = {plot.title: plot.image for plot in found(ps3)}
    for plot in shown:
        is_toy = "toy" in plot.title
        assert plot.executed == is_toy
        assert (plot.image == as_file[plot.title]) != is_toy
        assert plot.note.startswith("As handed in") != is_toy
    bare = tuple(replace(cell, shown=replace(cell.shown, images=())) for cell in ALICE)
    for plot in plots.find(ps3.notebook, bare, again, on_small=True):
        assert plot.executed
        assert plot.note == ("" if "toy" in plot.title else plots._OF_SMALL)


def test_a_plot_that_is_missing_is_said(ps3: Rubric):
    cells = tuple(c for c in ALICE if "imshow" not in c.source)
    executed = {i: cell.shown for i, cell in enumerate(cells) if cell.kind == "code"}
    missing = [plot for plot in found(ps3, cells, executed) if plot.image is None]
    assert [plot.title for plot in missing][:1] == [
        "Sigmoid: loss; Sigmoid: size of the gradient; Sigmoid: accuracies"
    ] or missing
    assert {plot.note for plot in missing} == {"There is no such plot in the notebook."}


@pytest.mark.slow
def test_what_was_not_drawn_again_is_shown_as_handed_in(ps3: Rubric):
    for plot in found(ps3, executed={}):
        assert plot.image and not plot.executed
        assert plot.note == "Not drawn when executed again; this is the one handed in."


def test_a_picture_is_written_anew():
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", "<script>")
    data = picture(pnginfo=info) + b"<script>alert(1)</script>"
    again = pictures.redrawn(image(data))
    assert again is not None and again.media_type == "image/png"
    assert b"script" not in base64.b64decode(again.data)
    with PIL.Image.open(io.BytesIO(base64.b64decode(again.data))) as opened:
        assert opened.size == (3, 2) and opened.getpixel((0, 0)) == (255, 0, 0)
    assert pictures.redrawn(again) == again


def test_a_photograph_becomes_a_plain_picture():
    again = pictures.redrawn(image(picture(form="JPEG"), "image/jpeg"), name="plot")
    assert again is not None and base64.b64decode(again.data).startswith(b"\x89PNG")
    pasted = pictures.redrawn(image(picture(form="JPEG"), "image/jpeg"))
    assert pasted is not None and base64.b64decode(pasted.data).startswith(b"\xff\xd8\xff")


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(side: int) -> bytes:
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"<svg onload='alert(1)'/>",
        picture()[:40],
        bomb(100_000),
        bomb(7000),
        picture(form="TIFF"),
        b"\0" * 99,
    ],
)
def test_what_is_no_plain_picture_is_not_shown(data: bytes):
    assert pictures.redrawn(image(data)) is None


def test_a_plot_that_cannot_be_shown_is_said(ps3: Rubric):
    broken = {
        i: replace(shown, images=tuple(image(b"x") for _ in shown.images)) for i, shown in SHOWN.items()
    }
    assert all(plot.image is None and "cannot be shown" in plot.note for plot in found(ps3, executed=broken))
