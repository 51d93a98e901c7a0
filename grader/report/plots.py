"""Figures as inline SVG and PNG, small and with the same bytes every time.

matplotlib takes a third of a second to import, so that happens inside the functions, and only where a report
has a figure. Titles and legends are left to the page: there they wrap, and follow the reader's font.
"""

from __future__ import annotations

import html
import importlib
import io
import math
import re
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from ..model import Curves, ImageGrid
from .captions import describe_curves, drawable, image_count, series_name
from .safe_text import one_line
from .wording import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Points; the page scales the drawing to its column, on a phone to about this size.
_WIDTH, _HEIGHT = 380, 214
_LEFT, _BOTTOM = 46, 38
_GAP = 2

# matplotlib knows no CSS variables: it draws with colours that nothing else uses, exchanged afterwards.
_INK, _MUTED, _GRID = "#010101", "#010102", "#010103"
_COLOURS = ("#010111", "#010112", "#010113", "#010114")
_REFERENCES = ("#010121", "#010122")
_VARIABLES = (
    (_INK, "--plot-ink"),
    (_MUTED, "--plot-muted"),
    (_GRID, "--plot-grid"),
    *((colour, f"--plot-{i}") for i, colour in enumerate(_COLOURS, 1)),
    *((colour, f"--plot-reference-{i}") for i, colour in enumerate(_REFERENCES, 1)),
)
_DASHES = ((0.0, (5.0, 2.5)), (0.0, (1.5, 1.5)))


def preload() -> None:
    """Import what drawing needs in a thread, while something else is waited for."""
    threading.Thread(target=importlib.import_module, args=("matplotlib.figure",), daemon=True).start()


class Line(NamedTuple):
    """How a series is drawn; a legend on the page is made of these."""

    name: str
    colour: str
    variable: str
    dash: int
    """0 is solid; references are dashed (1), a second one dotted (2)."""


def lines(figure: Curves) -> tuple[Line, ...]:
    """The look of each series, in the order of the series."""
    styles, drawn, references = [], 0, 0
    variables = dict(_VARIABLES)
    for series in figure.series:
        if series.is_reference:
            index = references % len(_REFERENCES)
            colour, dash, references = _REFERENCES[index], index + 1, references + 1
        else:
            colour, dash, drawn = _COLOURS[drawn % len(_COLOURS)], 0, drawn + 1
        styles.append(Line(series_name(series), colour, variables[colour], dash))
    return tuple(styles)


def svg(figure: Curves, prefix: str) -> str:
    """The curves as an `<svg>` element; empty where no point can be drawn.

    `prefix` starts every id in it, and has to be another one for each figure of a page.
    """
    if not any(drawable(y, figure.log_y) for series in figure.series for y in series.y):
        return ""
    import matplotlib
    from matplotlib.figure import Figure

    buffer = io.StringIO()
    with matplotlib.rc_context():
        # A matplotlibrc of the user's must not change the report.
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_settings(prefix))
        drawing = Figure(figsize=(_WIDTH / 72, _HEIGHT / 72), dpi=72)
        drawing.patch.set_visible(False)
        # A fixed place instead of tight_layout, which draws everything twice.
        axes = drawing.add_axes((_LEFT / _WIDTH, _BOTTOM / _HEIGHT, 0.82, 0.72))
        _draw(axes, figure)
        drawing.savefig(buffer, format="svg", metadata={"Date": None})
    return _inline(buffer.getvalue(), figure, prefix)


def png(figure: ImageGrid) -> bytes:
    """All images in one picture, as square as can be, with transparent gaps; empty where there are none."""
    count = image_count(figure)
    if not count:
        return b""
    from PIL import Image

    columns, rows = grid_shape(figure)
    step_x, step_y = figure.width + _GAP, figure.height + _GAP
    picture = Image.new("LA", (columns * step_x - _GAP, rows * step_y - _GAP), (0, 0))
    size = figure.height * figure.width
    for i in range(count):
        tile = Image.frombytes("L", (figure.width, figure.height), figure.pixels[i * size : (i + 1) * size])
        opaque = Image.merge("LA", (tile, Image.new("L", tile.size, 255)))
        picture.paste(opaque, (i % columns * step_x, i // columns * step_y))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=9)
    return buffer.getvalue()


def grid_shape(figure: ImageGrid) -> tuple[int, int]:
    """Columns and rows of the picture that `png` makes."""
    count = image_count(figure)
    columns = math.ceil(math.sqrt(count))
    return columns, math.ceil(count / columns) if columns else 0


def _settings(prefix: str) -> Any:
    # `Any`: the keys are literals in the types of some versions of matplotlib, and strings in others.
    return {
        "svg.fonttype": "none",
        "svg.hashsalt": prefix,
        "font.size": 11,
        "axes.facecolor": "none",
        "axes.edgecolor": _MUTED,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "axes.axisbelow": True,
        "axes.formatter.useoffset": False,
        "xtick.color": _MUTED,
        "ytick.color": _MUTED,
        "xtick.major.size": 3,
        "ytick.major.size": 0,
        "grid.color": _GRID,
        "grid.linewidth": 0.8,
        "lines.linewidth": 1.8,
        "lines.solid_capstyle": "round",
        "path.simplify_threshold": 0.2,
    }


def _draw(axes: Axes, figure: Curves) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

    def tick(value: float, _: int | None = None) -> str:
        return number(value, 4).replace("-", "−")

    if figure.log_y:
        axes.set_yscale("log")
        drawn = [y for series in figure.series for y in series.y if drawable(y, log_y=True)]
        # Powers of ten alone would leave an axis of one or two decades almost without numbers.
        subs = (1.0, 2.0, 5.0) if max(drawn) < 1000 * min(drawn) else (1.0,)
        axes.yaxis.set_major_locator(LogLocator(subs=subs, numticks=6))
        axes.yaxis.set_minor_locator(NullLocator())
    else:
        axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(tick))
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.10g}"))
    axes.margins(x=0.01)
    axes.grid(axis="y")
    for series, line in zip(figure.series, lines(figure), strict=True):
        pairs = list(zip(series.x, series.y, strict=True))
        shown = [(x, y if drawable(y, figure.log_y) else math.nan) for x, y in pairs]
        finite = [y for _, y in shown if not math.isnan(y)]
        if not finite:
            continue
        axes.plot(
            [x for x, _ in shown],
            [y for _, y in shown],
            color=line.colour,
            linestyle=_DASHES[line.dash - 1] if line.dash else "solid",
            # The reference lies on top: a dashed line lets what is below shine through.
            zorder=3 if line.dash else 2,
            # A single point is no line, it would not be seen at all.
            marker="o" if len(finite) == 1 else "",
            markersize=5,
        )
        _mark_end(axes, shown, line)


def _mark_end(axes: Axes, shown: list[tuple[float, float]], line: Line) -> None:
    """A cross where a history breaks off: what follows could not be drawn."""
    last = max(i for i, (_, y) in enumerate(shown) if not math.isnan(y))
    if last + 1 < len(shown):
        axes.plot(*shown[last], color=line.colour, marker="x", markersize=7, markeredgewidth=2, zorder=4)


def _inline(source: str, figure: Curves, prefix: str) -> str:
    """Make of a whole SVG file an element for a page."""
    body = source[source.index("<g id=") :]
    title, x_label, y_label = (
        html.escape(one_line(text))
        for text in (f"{figure.title}: {describe_curves(figure)}", figure.x_label, figure.y_label)
    )
    body = re.sub(r"<[^>]*>", lambda match: _tag(match[0], prefix), body)
    body = re.sub(r"\s*\n\s*", "\n", body).strip().removesuffix("</svg>")
    # The labels do not pass through matplotlib: it has neither all letters nor a way to quote a "$".
    return (
        f'<svg class="plot" role="img" viewBox="0 0 {_WIDTH} {_HEIGHT}" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{title}</title>\n{body}"
        f'<text class="axis" x="{_WIDTH - 2}" y="{_HEIGHT - 5}" text-anchor="end">{x_label}</text>'
        f'<text class="axis" x="2" y="12">{y_label}</text></svg>'
    )


def _tag(tag: str, prefix: str) -> str:
    """One tag: no ids but those that are referred to, CSS variables for colours, short numbers."""
    if tag.startswith("<g "):
        tag = re.sub(r' id="[^"]*"', "", tag)
    tag = re.sub(r'(?<= id=")', f"{prefix}-", tag)
    tag = re.sub(r'(?:xlink:)?href="#', f'href="#{prefix}-', tag).replace("url(#", f"url(#{prefix}-")
    tag = re.sub(r"font-family: [^;\"]*", "font-family: sans-serif", tag)
    tag = re.sub(r' transform="rotate\(-?0 [^"]*\)"', "", tag)
    # A tenth of a point is finer than any screen shows.
    tag = re.sub(r"-?\d+\.\d+", lambda match: f"{float(match[0]):.1f}".removesuffix(".0"), tag)
    for colour, variable in _VARIABLES:
        tag = tag.replace(colour, f"var({variable})")
    return tag
