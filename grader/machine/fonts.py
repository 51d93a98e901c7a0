"""The list of fonts that matplotlib makes on its first import: made once here, because workers start bare.

Many hand-ins import pyplot; without the list each of their workers would look at every font again, for most
of a second.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import tempfile
from pathlib import Path


def prepared(cache: Path) -> Path | None:
    """The list's file below the cache folder, made where it is not there yet (a second).

    It holds the fonts that matplotlib brings itself and no others, so that it is the same on every machine.
    None where the folder cannot be written: then matplotlib starts slowly in workers, that is all.
    """
    folder = cache / "fonts" / f"matplotlib-{importlib.metadata.version('matplotlib')}"
    found = sorted(folder.glob("fontlist-v*.json"))
    if found:
        return found[0].absolute()
    from matplotlib import font_manager

    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"fontlist-v{font_manager.FontManager.__version__}.json"
        with tempfile.TemporaryDirectory(dir=folder) as beside:
            new = Path(beside) / target.name
            font_manager.json_dump(font_manager.fontManager, str(new))
            new.write_text(_of_matplotlib(new.read_text()))
            new.replace(target)
    except OSError:
        return None
    return target.absolute()


def _of_matplotlib(text: str) -> str:
    """Without the system's fonts: matplotlib writes the paths of its own relative to its folder."""
    fonts = json.loads(text)
    for kind in ("ttflist", "afmlist"):
        fonts[kind] = [font for font in fonts[kind] if not os.path.isabs(font["fname"])]  # noqa: PTH117
    return json.dumps(fonts)
