"""What a report shows of numbers: curves, images, a confusion matrix."""

from __future__ import annotations

import msgspec


class Series(msgspec.Struct, frozen=True):
    """One named line of a plot; `x` and `y` have equal length. `y` may hold NaN and infinity."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    is_reference: bool = False


class Curves(msgspec.Struct, frozen=True, tag="curves"):
    """Lines over a common axis: a loss, accuracy or gradient history beside the reference's."""

    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    log_y: bool = False


class ImageGrid(msgspec.Struct, frozen=True, tag="images"):
    """Equally sized grey images, 8 bits a pixel, row-major, one after the other (base64 in JSON)."""

    title: str
    height: int
    width: int
    pixels: bytes


class ConfusionMatrix(msgspec.Struct, frozen=True, tag="confusion"):
    """`counts[i][j]` examples of class `labels[i]` were predicted as class `labels[j]`."""

    title: str
    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


Figure = Curves | ImageGrid | ConfusionMatrix


class Image(msgspec.Struct, frozen=True):
    """An image that a student pasted into an answer; untrusted."""

    name: str
    media_type: str
    data: str
    """Base64."""
