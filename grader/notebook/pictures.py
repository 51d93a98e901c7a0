"""Make pictures from students safe and small enough to show: decoded and written anew."""

from __future__ import annotations

import base64
import io
import warnings
from typing import Any

from ..model import Image
from .file import is_image

MAX_PIXELS = 16_000_000
"""Of one picture: a photograph from a telephone has 12 million."""
MAX_SIDE = 8000
MAX_PIXELS_IN_ALL = 64_000_000
"""Of all pictures that are drawn anew for one purpose: a second of computing for each ten million."""
MAX_BYTES = 300_000
"""Of a picture in a report; a larger one is made smaller. Plots of the handout's have 60,000."""
MAX_BYTES_IN_ALL = 600_000
"""Of all pictures that are drawn anew for one purpose, the plots or what was pasted into answers."""
_PLAIN_SIDE = 1600
"""Pixels of the longer side past which a picture is made smaller, whatever its bytes."""


_PLOT_COLOURS = 16


class Budget:
    """What the pictures for one purpose may still take."""

    def __init__(self) -> None:
        self._pixels = MAX_PIXELS_IN_ALL
        self._bytes = MAX_BYTES_IN_ALL

    def has_pixels(self, count: int) -> bool:
        """Take so many pixels, if there are."""
        self._pixels -= count
        return self._pixels >= 0

    def has_bytes(self, count: int) -> bool:
        """Take so many bytes, if there are."""
        self._bytes -= count
        return self._bytes >= 0


def redrawn(image: Image, budget: Budget | None = None, name: str = "") -> Image | None:
    """The same picture, without anything else that was in the file; None where it cannot or must not be shown.

    A photograph stays a JPEG, all else becomes a PNG. It is called as it was, or `name`, which is for plots: these get
    few colours, as a report shows several.
    """
    import PIL.Image

    budget = budget or Budget()
    if not is_image(image):
        return None
    try:
        data = base64.b64decode(image.data)
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of Pillow's, about a picture that unpacks into a flood
            with PIL.Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "GIF", "WEBP")) as picture:
                width, height = picture.size
                if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
                    return None
                if not budget.has_pixels(width * height):
                    return None
                is_photograph = picture.format == "JPEG" and not name
                mode = "RGBA" if "A" in picture.mode or "transparency" in picture.info else "RGB"
                if picture.format == "JPEG" and max(width, height) > _PLAIN_SIDE:
                    picture.draft("RGB", (_PLAIN_SIDE, _PLAIN_SIDE))
                plain = picture.convert(mode)
        # A copy of the pixels alone.
        plain = PIL.Image.frombytes(plain.mode, plain.size, plain.tobytes())
        written = _small(_few_colours(plain) if name else plain, is_photograph)
    # Whatever a damaged picture makes of the decoder is no fault of ours.
    except Exception:
        return None
    if not budget.has_bytes(len(written)):
        return None
    form = "image/jpeg" if is_photograph else "image/png"
    return Image(name or image.name, form, base64.b64encode(written).decode())


def _few_colours(picture: Any) -> Any:
    """A plot on white, in so few colours that it takes a third of the room; nobody sees the difference."""
    import PIL.Image

    if picture.mode == "RGBA":
        white = PIL.Image.new("RGBA", picture.size, "white")
        picture = PIL.Image.alpha_composite(white, picture).convert("RGB")
    if max(picture.size) > _PLAIN_SIDE:
        picture = picture.reduce(-(-max(picture.size) // _PLAIN_SIDE))
    return picture.quantize(_PLOT_COLOURS, dither=PIL.Image.Dither.NONE)


def _small(picture: Any, is_photograph: bool) -> bytes:
    """The picture as a file, made smaller until that has no more than `MAX_BYTES`."""
    if max(picture.size) > _PLAIN_SIDE:
        picture = picture.reduce(-(-max(picture.size) // _PLAIN_SIDE))
    while True:
        written = io.BytesIO()
        if is_photograph:
            picture.save(written, "JPEG", quality=85)
        else:
            picture.save(written, "PNG", optimize=True)
        if written.tell() <= MAX_BYTES or max(picture.size) < 2:
            return written.getvalue()
        picture = (picture.convert("RGB") if picture.mode == "P" else picture).reduce(2)
