"""What a figure shows, in words: for captions, for screen readers, and for formats without pictures."""

from __future__ import annotations

import math

from ..model import ConfusionMatrix, Curves, ImageGrid, Series
from .wording import number

# Beyond this a double is close to overflow, and axis arithmetic with it.
DRAWABLE = 1e100


def drawable(value: float, log_y: bool) -> bool:
    """Whether a point can be put on paper."""
    if not math.isfinite(value) or abs(value) > DRAWABLE:
        return False
    return value >= 1 / DRAWABLE or not log_y


def series_name(series: Series) -> str:
    """The name to print: the reference's line always says that it is."""
    if not series.is_reference or "reference" in series.name.lower():
        return series.name
    return f"{series.name} (reference)" if series.name else "reference"


def remarks(figure: Curves) -> tuple[str, ...]:
    """One sentence for each line of which something cannot be drawn, such as a history that ends in NaN."""
    found = []
    for series in figure.series:
        text = _remark(series, figure)
        if text:
            found.append(f"{series_name(series)}: {text}")
    return tuple(found)


def describe_curves(figure: Curves) -> str:
    """Each line by its first and last value."""
    lines = "; ".join(f"{series_name(series)} {_ends(series)}" for series in figure.series)
    return f"{figure.y_label} over {figure.x_label}. {lines}."


def image_count(figure: ImageGrid) -> int:
    """How many whole images the pixels hold."""
    size = figure.height * figure.width
    return len(figure.pixels) // size if size > 0 else 0


def describe_images(figure: ImageGrid) -> str:
    """Number and size of the images."""
    count = image_count(figure)
    noun = "image" if count == 1 else "images"
    return f"{count} grey {noun} of {figure.height} × {figure.width} pixels"


def describe_confusion(figure: ConfusionMatrix) -> str:
    """How many were right, and the mistake made most often."""
    total = sum(map(sum, figure.counts))
    right = sum(row[i] for i, row in enumerate(figure.counts))
    text = f"{right} of {total} are right (the diagonal)"
    mistakes = [
        (count, -i, -j)
        for i, row in enumerate(figure.counts)
        for j, count in enumerate(row)
        if i != j and count
    ]
    if not mistakes:
        return f"{text}."
    count, i, j = max(mistakes)
    return (
        f"{text}. Most often mistaken: {figure.labels[-i]} taken for {figure.labels[-j]} ({_times(count)})."
    )


def _ends(series: Series) -> str:
    if not series.y:
        return "is empty"
    return f"starts at {_value(series.y[0])}, ends at {_value(series.y[-1])}"


def _value(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return number(value, 4) if math.isfinite(value) else f"{'minus ' if value < 0 else ''}infinity"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _remark(series: Series, figure: Curves) -> str:
    bad = [i for i, y in enumerate(series.y) if not drawable(y, figure.log_y)]
    if not bad:
        return ""
    tail = len(series.y)
    while tail > 0 and not drawable(series.y[tail - 1], figure.log_y):
        tail -= 1
    scattered = sum(i < tail for i in bad)
    parts = []
    if tail < len(series.y):
        parts.extend(_tail(series, figure, tail))
    if scattered:
        points = "1 point is" if scattered == 1 else f"{scattered} points are"
        parts.append(f"{points} left out ({_kind(series.y[bad[0]])})")
    return "; ".join(parts)


def _tail(series: Series, figure: Curves, start: int) -> list[str]:
    """What a history ends in: infinite, then NaN, each with the place where it begins."""
    found: list[str] = []
    kind = ""
    for i in range(start, len(series.y)):
        if _kind(series.y[i]) != kind:
            kind = _kind(series.y[i])
            where = "from the start" if i == 0 else f"from {figure.x_label} {number(series.x[i])} on"
            found.append(f"{kind} {where}")
    # A history that swings between two kinds is told by where it begins and what it ends in.
    return found if len(found) <= 2 else [found[0], found[-1]]


def _kind(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "infinite"
    if value > DRAWABLE or value < -DRAWABLE:
        return f"beyond {number(DRAWABLE)}"
    return "zero or negative" if value <= 0 else f"below {number(1 / DRAWABLE)}"
