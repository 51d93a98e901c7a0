"""What the machine refuses for want of something, in words: no fault of a hand-in's, nor a bug of the grader's."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

LEAST_MEMORY = 512 << 20
"""Bytes of address space that the grader itself takes to start, with NumPy, and some to spare."""
_GOES_ON = "and give the command again: it goes on where it was"
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO}


def shortage(error: BaseException) -> str:
    """What was refused and what to do, without full stop; empty where an error is of another kind."""
    number = error.errno if isinstance(error, OSError) else None
    what = os.strerror(number) if number else ""
    if number in _DISK:
        where = f"{error.filename}: " if isinstance(error, OSError) and error.filename else ""
        return (
            f"{where}the disk cannot be written ({what}); make room there, or name another disk (reports: --out, "
            f"temporary files: TMPDIR), {_GOES_ON}"
        )
    if number in (errno.EMFILE, errno.ENFILE):
        return f"too many files are open ({what}{_limit('NOFILE', 1, '')}); raise the limit (ulimit -n), {_GOES_ON}"
    if number == errno.ENOMEM or isinstance(error, MemoryError):
        limit = _limit("AS", 1 << 20, " MB")
        return f"there is no memory left{limit}; free some, or raise the limit (ulimit -v), {_GOES_ON}"
    if number == errno.EAGAIN or (isinstance(error, RuntimeError) and "start new thread" in str(error)):
        limit = _limit("NPROC", 1, "")
        return f"no more processes or threads can be started{limit}; end some, or raise it (ulimit -u), {_GOES_ON}"
    return ""


def refused_to_read(error: OSError) -> bool:
    """Whether that a file cannot be read says nothing of the file."""
    return error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM)


def unwritable(path: Path, error: OSError) -> str:
    """That a file of results cannot be written, and what to do."""
    why = error.strerror or str(error)
    return f"{path}: cannot be written ({why}); make room, or make it writable, {_GOES_ON}"


def short_of_memory() -> str:
    """Why the grader cannot even start under the limit on its memory; empty where it can."""
    if sys.platform == "win32":
        return ""
    import resource

    most = resource.getrlimit(resource.RLIMIT_AS)[0]
    if most == resource.RLIM_INFINITY or most >= LEAST_MEMORY:
        return ""
    return f"found a limit of {most >> 20} MB on memory (ulimit -v), wanted {LEAST_MEMORY >> 20} MB or more; raise it"


def _limit(name: str, unit: int, of: str) -> str:
    """`: the limit is 64`, where there is one."""
    if sys.platform == "win32":
        return ""
    import resource

    soft = resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[0]
    return "" if soft == resource.RLIM_INFINITY else f": the limit is {soft // unit:,}{of}"
