"""The same hand-ins as folders, as JPlag and Dolos take them, to look at a class with their eyes as well."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..errors import UsageError
from ..handin.submission import safe_id
from ..report.files import distinct_names
from ..report.safe_text import harmless
from .hand_in import Work


def write(works: Sequence[Work], given: Iterable[str], folder: Path) -> int:
    """Write each hand-in into a folder of its own; how many is what comes back. `OSError` is let through.

    `submissions/` holds the class, `against/` what is from outside of it, `given/` what was handed out; `info.csv` is
    the list that Dolos reads. `UsageError` where the folder is there and not empty: what is in it would be compared.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder}: is not empty; name a folder that is new")
    folder.mkdir(0o700, parents=True, exist_ok=True)
    names = distinct_names(work.id if not work.source else safe_id(work.id) for work in works)
    rows = []
    for work in works:
        name = names[safe_id(work.id) if work.source else work.id]
        own = folder / ("against" if work.source else "submissions") / name
        own.mkdir(parents=True)
        for file, text in work.code.items():
            path = own / f"{safe_id(file.removesuffix('.py'))}.py"
            path.write_text(text, "utf-8", "backslashreplace", newline="")
            rows.append(
                (str(path.relative_to(folder)), harmless(work.names or work.id), work.source or "class")
            )
    (folder / "given").mkdir()
    for number, text in enumerate(given, 1):
        (folder / "given" / f"given_{number}.py").write_text(text, "utf-8")
    with (folder / "info.csv").open("w", encoding="utf-8", newline="") as info:
        writer = csv.writer(info)
        writer.writerow(("filename", "full_name", "label"))
        writer.writerows(rows)
    return len(works)
