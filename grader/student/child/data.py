"""Files of data that were handed in, put where code that names them alone looks: into the working folder."""

from __future__ import annotations

import os


def lay_out(folder: str, scratch: str) -> None:
    """Copy all but Python files from the staged folder into the working folder; what is there already stays."""
    for path, folders, files in os.walk(folder):
        inside = os.path.relpath(path, folder)
        folders.sort()
        for name in sorted(files):
            if name.endswith(".py"):
                continue
            there = os.path.join(scratch, inside)
            os.makedirs(there, exist_ok=True)
            with open(os.path.join(path, name), "rb") as source:
                content = source.read()
            target = os.path.join(there, name)
            if not os.path.lexists(target):
                with open(target, "wb") as copy:
                    copy.write(content)
