"""Remove a folder that student code has written in, whatever it has made of it."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path


def remove(folder: Path) -> None:
    """Remove `folder` and all in it; what cannot be removed stays, and nothing is raised.

    `shutil.rmtree` gives up on folders without permissions, and runs out of stack or descriptors on those
    nested thousands deep. This moves every inner folder to the top before it looks into it.
    """
    unused = secrets.token_hex(8)
    waiting = [folder]
    moved = 0
    while waiting:
        current = waiting.pop()
        with contextlib.suppress(OSError):
            current.chmod(0o700)
            for entry in list(os.scandir(current)):
                with contextlib.suppress(OSError):
                    if not entry.is_dir(follow_symlinks=False):
                        Path(entry).unlink()
                        continue
                    moved += 1
                    target = folder / f"{unused}-{moved}"
                    Path(entry).chmod(0o700)  # else it could not be moved
                    waiting.append(Path(entry).rename(target))
            if current != folder:
                current.rmdir()
    with contextlib.suppress(OSError):
        folder.rmdir()
