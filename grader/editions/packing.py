"""Make zips whose bytes depend on what is in them alone, and put them in place whole."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path

from ..errors import GraderError
from ..machine.shortage import unwritable
from ..report.files import put

Files = dict[str, bytes]
"""Name in the zip to content."""
_TIME = (1980, 1, 1, 0, 0, 0)
"""Of every file in a zip, so that equal contents make equal zips."""


def archive(files: Mapping[str, bytes], executable: Collection[str] = ()) -> bytes:
    """A zip of these files, sorted by name; those in `executable` can be run."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # a file mode is one of Unix
            entry.external_attr = (0o100755 if name in executable else 0o100644) << 16
            made.writestr(entry, files[name])
    return buffer.getvalue()


def write(path: Path, content: bytes) -> None:
    """Put a file in place whole, or not at all; `GraderError` where it cannot be written."""
    try:
        put({path: content})
    except OSError as error:
        raise GraderError(unwritable(path, error)) from None


def read(path: Path) -> bytes:
    """The content of a file; `GraderError` where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise GraderError(f"{path}: cannot be read ({error.strerror})") from None
