"""Write a report as files that are either whole or not there at all."""

from __future__ import annotations

import secrets
from pathlib import Path

from ..model import GradeReport, to_json
from . import html, markdown


def write(report: GradeReport, folder: Path) -> Path:
    """Write report.html, report.md and report.json into `folder`; the path of report.html comes back.

    The folder is created. Everything is rendered and written under temporary names first, then renamed,
    report.json last: where it is new, the other two are. `OSError` is let through.
    """
    contents = {
        "report.html": html.render(report).encode(),
        "report.md": markdown.render(report).encode(),
        "report.json": to_json(report),
    }
    folder.mkdir(parents=True, exist_ok=True)
    # Random, so that two runs into one folder never write to the same temporary file.
    token = secrets.token_hex(6)
    drafts = {folder / f".{name}.{token}.tmp": folder / name for name in contents}
    try:
        for draft, content in zip(drafts, contents.values(), strict=True):
            # Not `tempfile`: its files are for the owner alone, a report follows the umask.
            with draft.open("xb") as file:
                file.write(content)
        for draft, final in drafts.items():
            draft.replace(final)
    finally:
        # Also after KeyboardInterrupt; a draft that was renamed is no longer there.
        for draft in drafts:
            draft.unlink(missing_ok=True)
    return folder / "report.html"
