from __future__ import annotations

import io
import math
import re
import warnings

import msgspec
import pytest
from PIL import Image

from grader.model import Curves, ImageGrid, Series
from grader.report import plots
from tests.report import report_samples as samples


def curves(*ys: float, log_y: bool = False) -> Curves:
    xs = tuple(map(float, range(len(ys))))
    return Curves("Title", "iteration", "loss", (Series("mine", xs, ys),), log_y)


def test_same_bytes_and_short() -> None:
    one, two = (plots.svg(samples.loss_curves(), "f1") for _ in range(2))
    assert one == two
    assert len(one) < 15_000
    assert plots.png(samples.image_grid()) == plots.png(samples.image_grid())


def test_every_history_stays_inside_and_has_numbers_on_both_axes() -> None:
    for ys in ((1.0, 2.0, 3.0), (1e-9, 1e9), (5.0,) * 3, tuple(float(n % 7 + 1) for n in range(5000))):
        for log_y in (False, True):
            source = plots.svg(curves(*ys, log_y=log_y), "f")
            assert len(source) < 30_000
            assert source.count('text-anchor="middle"') >= 2
            assert 2 <= source.count('dy=".35em"') <= 8
            for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", source):
                assert 0 <= float(x) <= 380
                assert 0 <= float(y) <= 214


def test_colours_are_variables() -> None:
    source = plots.svg(samples.loss_curves(), "f1")
    assert not re.search(r"#[0-9a-f]{6}", source)
    assert "var(--plot-1)" in source
    assert "var(--plot-reference-1)" in source


def test_reference_is_dashed_and_named() -> None:
    mine, reference = plots.lines(samples.loss_curves())
    assert (mine.dash, mine.name) == (0, "your loss")
    assert (reference.dash, reference.name) == (1, "reference")
    dashed = re.findall(r"<path[^>]*stroke-dasharray[^>]*>", plots.svg(samples.loss_curves(), "f1"))
    assert len(dashed) == 1
    assert "--plot-reference-1" in dashed[0]


@pytest.mark.parametrize("log_y", [False, True])
@pytest.mark.parametrize(
    "ys",
    [
        (1.0,),
        (1.0, 1.0, 1.0),
        (0.0, 0.0),
        (1.0, math.nan, 3.0),
        (1.0, 2.0, math.inf, math.nan),
        (1.0, 1e99, 1e300),
        (1.7e308, -1.7e308, 1.0),
        (5e-324, 1.0),
        (-1.0, 2.0),
        (1e-300, 2e-300),
    ],
)
def test_odd_histories_are_drawn_without_warnings(ys: tuple[float, ...], log_y: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        source = plots.svg(curves(*ys, log_y=log_y), "f")
    assert not re.search(r"\b(nan|inf)\b", re.sub(r"<title>.*?</title>", "", source))


@pytest.mark.parametrize("ys", [(), (math.nan,), (math.inf, -math.inf)])
def test_nothing_to_draw(ys: tuple[float, ...]) -> None:
    assert plots.svg(curves(*ys), "f") == ""


def test_labels_are_escaped_and_need_no_font() -> None:
    hostile = msgspec.structs.replace(curves(1.0, 2.0), title=samples.HOSTILE, x_label=samples.HOSTILE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        source = plots.svg(hostile, "f")
    assert "<script" not in source
    assert "&lt;script&gt;" in source


def test_ids_of_two_figures_do_not_meet() -> None:
    def ids(prefix: str) -> set[str]:
        return set(re.findall(r' id="([^"]*)"', plots.svg(samples.loss_curves(), prefix)))

    assert ids("f1")
    assert not ids("f1") & ids("f2")


def test_image_grid_has_every_pixel_in_few_greys() -> None:
    figure = ImageGrid("t", 2, 3, bytes(range(0, 240, 8)))
    picture = Image.open(io.BytesIO(plots.png(figure)))
    assert picture.size == (3 * 3 + 2 * 2, 2 * 2 + 2)
    grey, alpha = (band.tobytes() for band in picture.convert("LA").split())
    assert sum(a == 255 for a in alpha) == 30
    shown = sorted(g for g, a in zip(grey, alpha, strict=True) if a)
    assert all(abs(one - level) <= 17 for one, level in zip(shown, range(0, 240, 8), strict=True))
    assert picture.convert("LA").getpixel((5, 4))[1] == 255


def test_image_grid_without_images() -> None:
    assert plots.png(ImageGrid("t", 0, 0, b"")) == b""
    assert plots.png(ImageGrid("t", 2, 2, b"12")) == b""
