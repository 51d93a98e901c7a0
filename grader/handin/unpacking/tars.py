"""The entries of a tarball, plain or compressed.

The standard library's `tarfile` is not used: it reads headers of any declared size into memory, and its
search in them takes quadratic time in the versions of Python that many machines still have.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import re
import zlib
from collections.abc import Generator, Iterator
from typing import IO, Protocol

from .entry import BadArchive, Entry

_BLOCK = 512
_CHUNK = 1 << 16
_MAX_HEADER = 1 << 16
"""Bytes of a header that holds a long name."""
_MAX_MEMORY = 256 << 20
"""Bytes that decompressing xz may take; its strongest preset needs 65 MB."""
_RECORD = re.compile(rb"(\d{1,6}) ([^=\n]{1,100})=")
_SPARSE = b"GNU.sparse"
"""What the keys of records begin with that make an entry a sparse file."""
_USED = (b"path", b"size", _SPARSE)
_FILES = (b"0", b"\0", b"7")
_OTHERS = {
    b"1": "it is a hard link",
    b"2": "it is a symbolic link",
    b"3": "it is not a plain file",
    b"4": "it is not a plain file",
    b"6": "it is not a plain file",
}


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def entries(descriptor: int, cap: int) -> Generator[Entry, None, None]:
    """The entries of an open tarball, in its order; `BadArchive` where it is none.

    `cap` bounds the bytes that are decompressed, skipped ones too.
    """
    os.lseek(descriptor, 0, os.SEEK_SET)
    try:
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            yield from _parsed(_Stream(_decompressed(file), cap))
    except (OSError, ValueError) as error:
        raise _damaged(error) from None


def _damaged(error: BaseException) -> BadArchive:
    return BadArchive(f"it is damaged or no tarball ({' '.join(str(error).split())[:100]})")


def _decompressed(file: IO[bytes]) -> _Readable:
    """Known by its first bytes: names lie."""
    magic = file.read(6)
    file.seek(0)
    if magic.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=file)
    if magic.startswith(b"BZh"):
        return bz2.BZ2File(file)
    return _Xz(file) if magic == b"\xfd7zXZ\0" else file


class _Xz:
    """Decompresses xz within bounded memory, which `lzma.LZMAFile` cannot."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MAX_MEMORY)

    def read(self, size: int, /) -> bytes:
        while not self._decompressor.eof:
            more = self._file.read(_CHUNK) if self._decompressor.needs_input else b""
            if self._decompressor.needs_input and not more:
                raise EOFError("it ends too early")
            if content := self._decompressor.decompress(more, size):
                return content
        return b""


class _Stream:
    """Reads forward only, counting."""

    def __init__(self, source: _Readable, cap: int) -> None:
        self._source = source
        self._cap = cap
        self._read = 0

    def exactly(self, size: int) -> bytes:
        """So many bytes, at most 64 kB; fewer only at the end."""
        parts = []
        while size > 0 and (part := self._part(size)):
            parts.append(part)
            size -= len(part)
            self._read += len(part)
            if self._read > self._cap:
                raise BadArchive(f"it has more than {self._cap >> 20:,} MB when it is unpacked")
        return b"".join(parts)

    def _part(self, size: int) -> bytes:
        try:
            return self._source.read(size)
        except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
            raise _damaged(error) from None


class _Content:
    """The content of one entry, of which any part may have been read."""

    def __init__(self, stream: _Stream, size: int) -> None:
        self._stream = stream
        self._left = size
        self._padding = -size % _BLOCK

    def chunks(self) -> Iterator[bytes]:
        while self._left:
            chunk = self._stream.exactly(min(self._left, _CHUNK))
            if not chunk:
                raise _damaged(EOFError("it ends too early"))
            self._left -= len(chunk)
            yield chunk

    def skip(self) -> None:
        for _ in self.chunks():
            pass
        self._stream.exactly(self._padding)


def _parsed(stream: _Stream) -> Iterator[Entry]:
    extended: dict[bytes, bytes] = {}  # what the headers before an entry say of it
    while (block := stream.exactly(_BLOCK)).strip(b"\0"):
        kind, size = _kind_and_size(block)
        if kind in (b"x", b"L"):
            if size > _MAX_HEADER:
                raise BadArchive(f"it has a name or header of {size:,} bytes")
            data = stream.exactly(size)
            stream.exactly(-size % _BLOCK)
            extended |= _records(data) if kind == b"x" else {b"path": data.split(b"\0")[0]}
            continue
        if kind in (b"g", b"K"):
            _Content(stream, size).skip()
            continue
        yield from _entry(stream, block, kind, extended)
        extended = {}


def _entry(stream: _Stream, block: bytes, kind: bytes, extended: dict[bytes, bytes]) -> Iterator[Entry]:
    size = int(extended[b"size"]) if b"size" in extended else _number(block[124:136])
    name = extended.get(b"path", _stored_name(block))
    refused = _OTHERS.get(kind, "")
    is_folder = kind == b"5" or (kind in _FILES and name.endswith(b"/"))
    if kind not in _FILES and kind != b"5" and not refused:
        refused = "it is of a kind that is not read"
        if kind == b"S":
            raise BadArchive("it holds a sparse file")
    if _SPARSE in extended:
        refused = "it is a sparse file"
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError:
        text, refused = name.decode("utf-8", "surrogateescape"), "its name is not UTF-8"
    # Links, devices and folders have no content, whatever size they give.
    content = _Content(stream, 0 if kind == b"5" or kind in _OTHERS else size)
    yield Entry(text, content.chunks, is_folder, refused)
    content.skip()


def _kind_and_size(block: bytes) -> tuple[bytes, int]:
    if len(block) < _BLOCK:
        raise BadArchive("it is damaged or no tarball (it ends too early)")
    if sum(block) - sum(block[148:156]) + 8 * 32 != _number(block[148:156]):
        raise BadArchive("it is damaged or no tarball (a header's sum is wrong)")
    return block[156:157], _number(block[124:136])


def _number(field: bytes) -> int:
    """Octal digits or, for large ones, base 256 with the top bit set; `ValueError` for anything else."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    if field[0] > 0x80:
        raise ValueError("a header's number is negative")
    return int(field.strip(b" \0") or b"0", 8)


def _stored_name(block: bytes) -> bytes:
    name = block[:100].split(b"\0")[0]
    prefix = block[345:500].split(b"\0")[0] if block[257:263] == b"ustar\0" else b""
    return prefix + b"/" + name if prefix else name


def _records(data: bytes) -> dict[bytes, bytes]:
    """Of the records `LENGTH KEY=VALUE` of a header of the POSIX kind, those used; `ValueError` where it has none."""
    found = {}
    at = 0
    while at < len(data):
        match = _RECORD.match(data, at)
        end = at + int(match[1]) if match else 0
        if match is None or not match.end() < end <= len(data):
            raise ValueError("a header is malformed")
        key = _SPARSE if match[2].startswith(_SPARSE) else match[2]
        if key in _USED:
            found[key] = data[match.end() : end - 1]
        at = end
    return found
