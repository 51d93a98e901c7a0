"""Archives and lists made to hold up, fill or mislead whatever opens them. Each takes a moment to make."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.handin.intake.making import CODE

_MB = 1 << 20


def local(name: bytes, data: int, size: int = 0, method: int = 8) -> bytes:
    """The header before an entry of `data` compressed bytes."""
    return struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, method, 0, 0, 0, data, size, len(name), 0) + name


def central(name: bytes, data: int, size: int, at: int, method: int = 8, extra: bytes = b"") -> bytes:
    """What the list at the end says of an entry."""
    sizes = (data, size, len(name), len(extra))
    fixed = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, method, 0, 0, 0, *sizes, 0, 0, 0, 0, at)
    return fixed + name + extra


def end(count: int, length: int, at: int) -> bytes:
    """The end of a zip file."""
    return struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, min(count, 65535), min(count, 65535), length, at, 0)


def zip_of(path: Path, entries: Iterable[tuple[bytes, bytes, int, int]]) -> None:
    """A zip file with entries as name, compressed data, declared size and method."""
    body, listed, count = io.BytesIO(), io.BytesIO(), 0
    for name, data, size, method in entries:
        listed.write(central(name, len(data), size, body.tell(), method))
        body.write(local(name, len(data), size, method) + data)
        count += 1
    path.write_bytes(
        body.getvalue() + listed.getvalue() + end(count, len(listed.getvalue()), len(body.getvalue()))
    )


def zeros(megabytes: int) -> bytes:
    """So many zeros as a stream of deflate: one piece, repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(bytes(16 * _MB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return piece * (megabytes // 16) + packer.flush()


def gzipped(path: Path, piece: bytes, times: int, start: bytes = b"") -> None:
    """A gzip file of `start` and a piece that is repeated; past a gigabyte, where nobody comes, its sum is wrong."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = packer.compress(start) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    length, total = len(start) + len(piece) * times, zlib.crc32(start)
    for _ in range(times if length <= 1 << 30 else 0):
        total = zlib.crc32(piece, total)
    with path.open("wb") as file:
        file.write(b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + head)
        for _ in range(times):
            file.write(again)
        file.write(packer.flush() + struct.pack("<II", total, length & 0xFFFFFFFF))


def header(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE) -> bytes:
    """A header of a tarball's entry."""
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


def blocks(data: bytes) -> bytes:
    """Data up to the end of a block."""
    return data + bytes(-len(data) % 512)


def module() -> bytes:
    """The first entry of a tarball: an answer."""
    return header("mlp.py", len(CODE)) + blocks(CODE.encode())


def records(lines: Iterable[bytes]) -> bytes:
    """A header of the POSIX kind with records such as `key=value`."""
    data = b"".join(map(_record, lines))
    return header("x", len(data), tarfile.XHDTYPE) + blocks(data)


def _record(line: bytes) -> bytes:
    length = next(n for n in range(len(line) + 3, len(line) + 9) if len(b"%d %s\n" % (n, line)) == n)
    return b"%d %s\n" % (length, line)


# ---- zip files -------------------------------------------------------------------------------------


def ten_gigabytes(path: Path) -> None:
    """A module of ten gigabytes that says it has four."""
    zip_of(path, [(b"mlp.py", zeros(10 << 10), 0xFFFFFFFE, 8)])


def ten_gigabytes_beside(path: Path) -> None:
    """Ten gigabytes, said to be ten bytes, in a file that nobody wants; an answer; and twenty large notebooks."""
    bomb, small = zeros(10 << 10), zeros(1 << 10)
    books = [(f"n{i}.ipynb".encode(), small, 1 << 30, 8) for i in range(20)]
    code = zlib.compress(CODE.encode())[2:-4]
    zip_of(path, [(b"data.npy", bomb, 10, 8), *books, (b"mlp.py", code, len(CODE), 8)])


def overlapping(path: Path) -> None:
    """Two thousand notebooks of sixty megabytes each in one stream: each holds the headers of the next."""
    kernel = zeros(48)
    names = [f"n{i:04}.ipynb".encode() for i in range(2000)]
    pieces: list[bytes] = []
    for i, name in enumerate(names):
        head = local(name, 0)
        quoted = b"" if i == 0 else struct.pack("<BHH", 0, len(head), len(head) ^ 0xFFFF)
        pieces.append(quoted + head)
    length = sum(map(len, pieces)) + len(kernel)
    listed, at = io.BytesIO(), 0
    for i, (name, piece) in enumerate(zip(names, pieces, strict=True)):
        start = at + (5 if i else 0)
        at += len(piece)
        listed.write(central(name, length - at, 48 * _MB, start))
    path.write_bytes(
        b"".join(pieces) + kernel + listed.getvalue() + end(len(names), len(listed.getvalue()), length)
    )


def same_data(path: Path) -> None:
    """Nine thousand names for one entry."""
    data = zeros(64)
    body = local(b"a.ipynb", len(data)) + data
    listed = b"".join(central(f"a{i}.ipynb".encode(), len(data), 64 * _MB, 0) for i in range(9000))
    path.write_bytes(body + listed + end(9000, len(listed), len(body)))


def nested(path: Path) -> None:
    """Zip files in zip files, ten deep and ten wide."""
    inner = zeros(256)
    name = b"bomb.ipynb"
    for depth in range(10):
        zip_of(path, [(name.replace(b".", b"%d." % i), inner, len(inner), 8) for i in range(10)])
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        inner = packer.compress(path.read_bytes()) + packer.flush()
        name = b"level%d.zip" % depth


def huge_dictionary(path: Path) -> None:
    """LZMA with a dictionary of one and a half gigabytes, and bzip2, in a zip file."""
    lzma_data = struct.pack("<BBHBI", 9, 4, 5, 0x5D, 3 << 29) + bytes(1000)
    zip_of(path, [(b"mlp.py", lzma_data, 1 << 30, 14), (b"x.py", bz2.compress(bytes(_MB)), _MB, 12)])


def many_entries(path: Path) -> None:
    """Seventy thousand entries with short names."""
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(70_000):
            archive.writestr(f"{i}.py", b"")


def long_names(path: Path) -> None:
    """Sixty thousand entries with names of a thousand characters."""
    name = b"x" * 1000
    listed = b"".join(central(name + b"%d.py" % i, 0, 0, 0) for i in range(60_000))
    body = local(b"mlp.py", 0)
    path.write_bytes(body + listed + end(60_000, len(listed), len(body)))


def extra_fields(path: Path) -> None:
    """A list of entries, most of which is fields of four bytes that mean nothing."""
    extra = struct.pack("<HH", 0x9999, 0) * 16_000
    listed = b"".join(central(b"%d.py" % i, 0, 0, 0, extra=extra) for i in range(250))
    body = local(b"0.py", 0)
    path.write_bytes(body + listed + end(250, len(listed), len(body)))


def empty_blocks(path: Path) -> None:
    """A stream of two hundred megabytes that gives nothing."""
    data = b"\0\0\0\xff\xff" * (40 * _MB)
    zip_of(path, [(b"mlp.py", data, 10, 8)])


# ---- tarballs --------------------------------------------------------------------------------------


def dictionary_of_xz(path: Path) -> None:
    """xz that asks for a dictionary of one and a half gigabytes."""
    data = bytearray(lzma.compress(module() + bytes(10_240), lzma.FORMAT_XZ))
    assert data[14:16] == b"\x21\x01"
    data[16] = 37
    length = 4 * (data[12] + 1)
    data[12 + length - 4 : 12 + length] = struct.pack("<I", zlib.crc32(bytes(data[12 : 12 + length - 4])))
    path.write_bytes(bytes(data))


def ten_million_entries(path: Path) -> None:
    """Ten million empty files."""
    gzipped(path, b"".join(header(f"{i}.py") for i in range(10_000)), 1000, module())


def skipped_entries(path: Path) -> None:
    """Millions of headers that belong to an entry which never comes."""
    gzipped(path, header("x", 0, b"g") * 10_000, 1000, module())


def endless_records(path: Path) -> None:
    """A gigabyte of records, each with a key of its own."""
    piece = b"".join(records(b"k%d.%d=v" % (j, i) for i in range(4000)) for j in range(100))
    gzipped(path, piece, 230, module())


def long_paths(path: Path) -> None:
    """Nine thousand paths of sixty thousand characters."""
    name = b"a/" * 30_000 + b"x.py"
    one = header("x", len(name), b"L") + blocks(name) + header("x")
    gzipped(path, one, 9000, module())


def sparse(path: Path) -> None:
    """A file of a terabyte that is nearly all hole, in the old form and in the new."""
    keys = (b"GNU.sparse.realsize=1000000000000", b"GNU.sparse.major=1", b"GNU.sparse.minor=0")
    new = records(keys) + header("big.ipynb", 512) + bytes(512)
    path.write_bytes(module() + new + header("old.ipynb", 1 << 40, b"S") + bytes(10_240))


def huge_size(path: Path) -> None:
    """A header that says it has a file of two to the eightieth bytes, and records that say the same."""
    head = bytearray(header("x.py"))
    head[124:136] = b"\x80" + (1 << 80).to_bytes(11, "big")
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    gzipped(path, bytes(_MB), 10_000, module() + bytes(head))


def empty_members(path: Path) -> None:
    """Ten million files of gzip, one after the other, with nothing in them."""
    path.write_bytes(gzip.compress(module()) + gzip.compress(b"") * 10_000_000)


def bzip2_of_zeros(path: Path) -> None:
    """Gigabytes in a few kilobytes of bzip2, in the middle of an entry that nobody wants."""
    zeros = bz2.compress(bytes(900 * 1000))
    path.write_bytes(bz2.compress(module() + header("data.npy", 8 << 30)) + zeros * 9000)


def bzip2_streams(path: Path) -> None:
    """Ten million streams of bzip2 with nothing in them."""
    path.write_bytes(bz2.compress(module()) + bz2.compress(b"") * 10_000_000)


ARCHIVES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "10 GB": (".zip", ten_gigabytes),
    "10 GB beside": (".zip", ten_gigabytes_beside),
    "overlapping": (".zip", overlapping),
    "same data": (".zip", same_data),
    "nested": (".zip", nested),
    "dictionary of LZMA": (".zip", huge_dictionary),
    "70,000 entries": (".zip", many_entries),
    "long names": (".zip", long_names),
    "extra fields": (".zip", extra_fields),
    "empty blocks": (".zip", empty_blocks),
    "dictionary of xz": (".tar.xz", dictionary_of_xz),
    "10 million entries": (".tar.gz", ten_million_entries),
    "skipped entries": (".tar.gz", skipped_entries),
    "endless records": (".tar.gz", endless_records),
    "long paths": (".tar.gz", long_paths),
    "sparse": (".tar", sparse),
    "huge size": (".tar.gz", huge_size),
    "empty members": (".tar.gz", empty_members),
    "bzip2 of zeros": (".tar.bz2", bzip2_of_zeros),
    "bzip2 streams": (".tar.bz2", bzip2_streams),
}
"""Name to the ending of the file's name, and what makes it."""


# ---- lists -----------------------------------------------------------------------------------------


def laughs() -> bytes:
    """Aliases of aliases: written out, ten to the twelfth texts."""
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    return "\n".join([*lines, "submission_1:", "  :submitters: *a11"]).encode()


def shared_groups() -> bytes:
    """Twenty thousand hand-ins of one group of twenty thousand."""
    group = '- {":name": a}\n' * 20_000
    rest = "".join(f'submission_{i}: {{":submitters": *g}}\n' for i in range(20_000))
    return f"g: &g\n{group}{rest}".encode()


LISTS: dict[str, Callable[[], bytes]] = {
    "laughs": laughs,
    "shared groups": shared_groups,
    "deep": lambda: b"submission_1: " + b"[" * 1_000_000,
    "deep mappings": lambda: b"submission_1: " + b"{a: " * 1_000_000,
    "indented": lambda: b"\n".join(b" " * i + b"a:" for i in range(5000)),
    "32 MB of entries": lambda: b"submission_1:\n" + b"- a\n" * ((8 << 20) - 16),
    "32 MB of a text": lambda: b'submission_1: {}\nx: "' + b"x" * ((32 << 20) - 30) + b'"',
    "32 MB of keys": lambda: b"".join(b"submission_%d: {}\n" % i for i in range(1_300_000)),
    "anchors": lambda: b"submission_1: {}\nx:\n" + b"".join(b"- &a%d b\n" % i for i in range(1_000_000)),
    "anchors and aliases": lambda: (
        b"submission_1: {}\nx:\n" + b"".join(b"- &a%d b\n- *a%d\n" % (i, i) for i in range(30_000))
    ),
    "comments": lambda: b"#\n" * (15 << 20),
    "documents": lambda: b"---\n" * (8 << 20),
}
"""Name to the content of `submission_metadata.yml`."""
