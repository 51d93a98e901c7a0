"""The entries of a zip file."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Generator, Iterator

from . import zip_names
from .entry import BadArchive, BadEntry, Entry

MAX_READ = 16 << 20
"""Bytes of a zip file's list of entries, which is read in one piece."""
_CHUNK = 1 << 16
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others decompress without bound
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ValueError,
    OverflowError,
    EOFError,
    NotImplementedError,
)


class _Guarded(io.FileIO):
    """A file of which nobody reads more than `MAX_READ` bytes at once, whatever a header tells them to."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            size = os.fstat(self.fileno()).st_size - self.tell()
        if size > MAX_READ:
            raise BadArchive(f"its list of files has more than {MAX_READ >> 20} MB")
        return super().read(size) or b""


def entries(descriptor: int) -> Generator[Entry, None, None]:
    """The entries of an open zip file, in its order; `BadArchive` where it is none."""
    try:
        with _Guarded(descriptor, closefd=False) as file, zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
            name_of = zip_names.reader(infos)
            for info in infos:
                yield _entry(archive, info, *name_of(info))
    except UnicodeError:
        raise BadArchive("it has names that are not UTF-8") from None
    except _DAMAGE as error:
        raise BadArchive(f"it is damaged or no zip file ({_reason(error)})") from None


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, refused: str) -> Entry:
    form = stat.S_IFMT(info.external_attr >> 16)
    if stat.S_ISLNK(form):
        refused = "it is a symbolic link"
    elif form and not stat.S_ISREG(form) and not stat.S_ISDIR(form):
        refused = "it is not a plain file"
    elif info.flag_bits & _ENCRYPTED:
        refused = "it is encrypted"
    elif info.compress_type not in _METHODS:
        refused = "it is compressed in a way that is not read"
    return Entry(name, lambda: _chunks(archive, info), name.endswith("/") or stat.S_ISDIR(form), refused)


def _chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with archive.open(info) as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except (*_DAMAGE, RuntimeError, OSError) as error:
        raise BadEntry(f"it is damaged ({_reason(error)})") from None


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split())[:100] or type(error).__name__
