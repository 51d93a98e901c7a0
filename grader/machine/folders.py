"""Put whole folders in place: written beside it, then renamed, so that nobody meets half a one."""

from __future__ import annotations

import atexit
import errno
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

# Errors of a rename onto a folder that is not empty, or onto a file.
_TAKEN = frozenset({errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR})
_SWAPS = 10
_UNFINISHED = ".preparing-"
_UNFINISHED_FOR_GOOD_S = 24 * 3600


def install(target: Path, write: Callable[[Path], None], intact: Callable[[], bool]) -> None:
    """Let `write` fill a new folder beside `target`, then rename it there.

    Where another process was quicker, its folder stays if it is `intact`; else it makes way.

    Raises:
        OSError: the place cannot be written; nothing is left behind.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep(target.parent)
    # The new folder is one level down, because a TemporaryDirectory itself is closed to other users.
    with tempfile.TemporaryDirectory(
        dir=target.parent, prefix=_UNFINISHED, ignore_cleanup_errors=True
    ) as beside:
        new = Path(beside) / "new"
        new.mkdir()
        write(new)
        for attempt in range(_SWAPS):
            try:
                new.rename(target)
                return
            except OSError as error:
                if error.errno not in _TAKEN:
                    raise
            if intact():
                return
            with suppress(FileNotFoundError):  # Yet another process has just moved it away.
                target.rename(Path(beside) / f"damaged-{attempt}")
        raise OSError(errno.EBUSY, "other processes keep replacing it", str(target))


def sweep(folder: Path) -> None:
    """Remove what killed processes left unfinished a day ago or longer: it may be 450 MB each time."""
    with suppress(OSError):
        for path in folder.glob(f"{_UNFINISHED}*"):
            if time.time() - path.stat().st_mtime > _UNFINISHED_FOR_GOOD_S:
                shutil.rmtree(path, ignore_errors=True)


def folder_for_this_run() -> Path:
    """A private temporary folder that is removed when this process (not a forked child of it) exits."""
    folder = Path(tempfile.mkdtemp(prefix="mlp-grader-"))
    atexit.register(_remove_in_process, folder, os.getpid())
    return folder


def _remove_in_process(folder: Path, process: int) -> None:
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)
