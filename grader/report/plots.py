"""Figures as inline SVG and PNG, small and with the same bytes every time.

A plot is written as it stands, from a few numbers: a plotting library takes a quarter of a second for each, and a class
has hundreds. Titles and legends are left to the page: there they wrap, and follow the reader's font.
"""

from __future__ import annotations

import html
import io
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from ..model import Curves, ImageGrid, Series
from .captions import describe_curves, drawable, image_count, series_name
from .safe_text import one_line
from .wording import number

# The page scales the drawing to its column, on a phone to about this size.
_WIDTH, _HEIGHT = 380, 214
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 358, 22, 176
_GAP = 2
_LEVELS = 9
"""Grey levels of an image grid: more are not told apart at that size, and take four times as much room."""
_TICKS = 5
_DASHES = ("", ' stroke-dasharray="9 4.5"', ' stroke-dasharray="2.7 2.7"')
_COLOURS = tuple(f"--plot-{i}" for i in range(1, 5))
_REFERENCES = tuple(f"--plot-reference-{i}" for i in range(1, 3))


class Line(NamedTuple):
    """How a series is drawn; a legend on the page is made of these."""

    name: str
    variable: str
    """The CSS variable of its colour."""
    dash: int
    """0 is solid; references are dashed (1), a second one dotted (2)."""


class _Axis(NamedTuple):
    """Where values are between the ends of an axis, and the values that are named."""

    share: Callable[[float], float]
    """0 at its beginning, 1 at its end."""
    ticks: list[float]


def lines(figure: Curves) -> tuple[Line, ...]:
    """The look of each series, in the order of the series."""
    styles, drawn, references = [], 0, 0
    for series in figure.series:
        if series.is_reference:
            index = references % len(_REFERENCES)
            variable, dash, references = _REFERENCES[index], index + 1, references + 1
        else:
            variable, dash, drawn = _COLOURS[drawn % len(_COLOURS)], 0, drawn + 1
        styles.append(Line(series_name(series), variable, dash))
    return tuple(styles)


def svg(figure: Curves, prefix: str) -> str:
    """The curves as an `<svg>` element; empty where no point can be drawn.

    `prefix` starts every id in it, and has to be another one for each figure of a page.
    """
    values = [y for series in figure.series for y in series.y if drawable(y, figure.log_y)]
    if not values:
        return ""
    xs = [x for series in figure.series for x in series.x if math.isfinite(x)]
    across = _linear(min(xs), max(xs), 0.01, least_step=1)
    up = _logarithmic(min(values), max(values)) if figure.log_y else _linear(min(values), max(values), 0.05)
    drawn = sorted(zip(figure.series, lines(figure), strict=True), key=lambda one: one[1].dash > 0)
    title, x_label, y_label = (
        html.escape(one_line(text))
        for text in (f"{figure.title}: {describe_curves(figure)}", figure.x_label, figure.y_label)
    )
    return "".join(
        [
            f'<svg class="plot" role="img" aria-labelledby="{prefix}-title" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
            f'xmlns="http://www.w3.org/2000/svg"><title id="{prefix}-title">{title}</title>',
            '<g font-family="sans-serif" font-size="11" fill="var(--plot-muted)" stroke="none">',
            *_grid(across, up),
            '</g><g fill="none" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">',
            # The reference lies on top: a dashed line lets what is below shine through.
            *(_history(series, line, across, up, figure.log_y) for series, line in drawn),
            f'</g><text class="axis" x="{_WIDTH - 2}" y="{_HEIGHT - 5}" text-anchor="end">{x_label}</text>'
            f'<text class="axis" x="2" y="12">{y_label}</text></svg>',
        ]
    )


def _grid(across: _Axis, up: _Axis) -> Iterator[str]:
    """The ticks with their numbers, and the line below."""
    for tick in up.ticks:
        y = _short(_at_y(up, tick))
        yield f'<path d="M{_LEFT} {y}H{_RIGHT}" stroke="var(--plot-grid)" stroke-width=".8"/>'
        yield f'<text x="{_LEFT - 4}" y="{y}" dy=".35em" text-anchor="end">{_named(tick)}</text>'
    for tick in across.ticks:
        x = _short(_at_x(across, tick))
        yield f'<path d="M{x} {_BOTTOM}v3" stroke="var(--plot-muted)" stroke-width=".8"/>'
        yield f'<text x="{x}" y="{_BOTTOM + 15}" text-anchor="middle">{_named(tick)}</text>'
    yield f'<path d="M{_LEFT} {_BOTTOM}H{_RIGHT}" stroke="var(--plot-muted)" stroke-width=".8"/>'


def _history(series: Series, line: Line, across: _Axis, up: _Axis, log_y: bool) -> str:
    """One series: a line for each stretch that can be drawn, a dot for a single point, a cross where it breaks off."""
    stroke = f'stroke="var({line.variable})"'
    pairs = list(zip(series.x, series.y, strict=True))
    runs: list[list[tuple[float, float]]] = [[]]
    for x, y in pairs:
        if drawable(y, log_y) and math.isfinite(x):
            runs[-1].append((_at_x(across, x), _at_y(up, y)))
        elif runs[-1]:
            runs.append([])
    shown = [run for run in runs if run]
    if not shown:
        return ""
    parts = [f'<path d="{_path(run)}" {stroke}{_DASHES[line.dash]}/>' for run in shown if len(run) > 1]
    if sum(map(len, shown)) == 1:  # a single point is no line, it would not be seen at all
        left, top = map(_short, shown[0][0])
        parts.append(f'<circle cx="{left}" cy="{top}" r="2.5" fill="var({line.variable})" {stroke}/>')
    if not drawable(pairs[-1][1], log_y):
        left, top = map(_short, shown[-1][-1])
        parts.append(f'<path d="M{left} {top}m-3.5-3.5l7 7m0-7l-7 7" {stroke} stroke-width="2"/>')
    return "".join(parts)


def _path(points: Sequence[tuple[float, float]]) -> str:
    """A line through points; of those in a column of two pixels the first, the highest and lowest, and the last."""
    columns: dict[int, list[tuple[float, float]]] = {}
    for point in points:
        columns.setdefault(round(point[0] / 2), []).append(point)
    kept: list[str] = []
    for column in columns.values():
        ends = {column[0], min(column, key=_height), max(column, key=_height), column[-1]}
        for x, y in (point for point in column if point in ends):
            step = f"{_short(x)} {_short(y)}"
            if not kept or kept[-1] != step:
                kept.append(step)
    return "M" + "L".join(kept)


def _height(point: tuple[float, float]) -> float:
    return point[1]


def _at_x(axis: _Axis, x: float) -> float:
    return _LEFT + (_RIGHT - _LEFT) * axis.share(x)


def _at_y(axis: _Axis, y: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * axis.share(y)


def _short(value: float) -> str:
    """A tenth of a point is finer than any screen shows."""
    return f"{value:.1f}".removesuffix(".0")


def _named(value: float) -> str:
    return number(value, 4).replace("-", "−")


def _linear(low: float, high: float, margin: float, least_step: float = 0.0) -> _Axis:
    """An axis with numbers at 1, 2, 2.5 or 5 times a power of ten."""
    # In units of a power of ten, so that no difference of two numbers is infinite.
    unit = 10.0 ** max(-300, math.floor(math.log10(max(abs(low), abs(high), 1e-300))))
    start, end = low / unit, high / unit
    if end - start < 1e-9:
        around = 0.05 * max(abs(start), 1.0)
        start, end = start - around, end + around
    raw = (end - start) / _TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw * (1 - 1e-9))
    step = max(step, least_step / unit)
    if least_step:
        step = math.ceil(step * unit / least_step - 1e-9) * least_step / unit
    gap = margin * (end - start)
    start, end = start - gap, end + gap
    ticks = (n * step * unit for n in range(math.ceil(start / step), math.floor(end / step) + 1))
    return _Axis(lambda value: (value / unit - start) / (end - start), _finite(ticks))


def _logarithmic(low: float, high: float) -> _Axis:
    start, end = math.log10(low), math.log10(high)
    if end - start < 1e-9:
        start, end = start - 0.5, end + 0.5
    gap = 0.05 * (end - start)
    start, end = start - gap, end + gap
    # Powers of ten alone would leave an axis of one or two decades almost without numbers.
    factors = (
        (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)
        if end - start < 0.8
        else (1.0, 2.0, 5.0)
        if end - start < 3
        else (1.0,)
    )
    stride = 1 + int((end - start) // (_TICKS + 1))
    ticks = (
        factor * 10.0**decade
        for decade in range(math.floor(start), math.ceil(end) + 1)
        if decade % stride == 0 and decade < 309
        for factor in factors
        if start <= math.log10(factor) + decade <= end
    )
    return _Axis(
        lambda value: (math.log10(value) - start) / (end - start), [t for t in _finite(ticks) if t > 0]
    )


def _finite(ticks: Iterable[float]) -> list[float]:
    return [tick + 0.0 for tick in ticks if math.isfinite(tick)]


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
    # One entry of the palette more, for the gaps.
    step = 255 / (_LEVELS - 1)
    levels = picture.getchannel("L").point([round(value / step) for value in range(256)])
    levels.paste(
        _LEVELS, mask=picture.getchannel("A").point([255 if value == 0 else 0 for value in range(256)])
    )
    small = Image.frombytes("P", picture.size, levels.tobytes())
    small.putpalette(
        [channel for level in range(_LEVELS) for channel in (round(level * step),) * 3] + [0, 0, 0]
    )
    small.save(buffer, "PNG", transparency=_LEVELS, bits=4, compress_level=6)
    return buffer.getvalue()


def grid_shape(figure: ImageGrid) -> tuple[int, int]:
    """Columns and rows of the picture that `png` makes."""
    count = image_count(figure)
    columns = math.ceil(math.sqrt(count))
    return columns, math.ceil(count / columns) if columns else 0
