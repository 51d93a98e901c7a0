"""IDX files, the format in which MNIST is published: read strictly, and written."""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DatasetError

Array = NDArray[Any]

# Byte three of an IDX file says what its elements are; multi-byte ones are big-endian.
DTYPES: Mapping[int, str] = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
MAX_DIMENSIONS = 8
# Five times the largest file of MNIST: a damaged header must not ask for all the memory there is.
MAX_BYTES = 2**28


def read_idx(path: Path) -> Array:
    """Read one IDX file, gzipped or not (told by its content, whatever its name).

    Returns:
        An array in native byte order, of the dtype and shape that the header gives.

    Raises:
        DatasetError: the file cannot be read, is truncated, has bytes left over, or is something else.
    """
    try:
        with path.open("rb") as plain:
            zipped = plain.read(2) == b"\x1f\x8b"
            plain.seek(0)
            if zipped:
                with gzip.GzipFile(fileobj=plain) as unzipped:
                    return _decode_idx(unzipped, path)
            return _decode_idx(plain, path)
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(
            f"{path}: cannot be read, or is damaged ({cause(error)}); get the file again"
        ) from None


def write_idx(path: Path, array: Array) -> None:
    """Write an array as an IDX file (uncompressed).

    Args:
        path: overwritten where it exists.
        array: 1 to 8 dimensions; uint8, int8, int16, int32, float32 or float64.

    Raises:
        ValueError: the format has no such dtype or number of dimensions.
    """
    codes = {np.dtype(dtype).newbyteorder("="): code for code, dtype in DTYPES.items()}
    code = codes.get(array.dtype.newbyteorder("="))
    if code is None or not 1 <= array.ndim <= MAX_DIMENSIONS:
        raise ValueError(f"IDX cannot hold {array.dtype} of {array.ndim} dimensions")
    header = bytes((0, 0, code, array.ndim)) + np.array(array.shape, dtype=">u4").tobytes()
    path.write_bytes(header + array.astype(DTYPES[code]).tobytes())


def _decode_idx(stream: IO[bytes] | gzip.GzipFile, path: Path) -> Array:
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in DTYPES:
        hint = ", it looks like a web page" if magic.lstrip()[:1] == b"<" else ""
        raise DatasetError(
            f"{path}: not an IDX file: begins with {magic!r}{hint}; wanted 00 00, type, dimensions"
        )
    dtype, dimensions = np.dtype(DTYPES[magic[2]]), magic[3]
    if not 1 <= dimensions <= MAX_DIMENSIONS:
        raise DatasetError(f"{path}: {dimensions} dimensions; wanted 1 to {MAX_DIMENSIONS}")
    sizes = stream.read(4 * dimensions)
    if len(sizes) < 4 * dimensions:
        raise DatasetError(f"{path}: ends within its header; get the file again")
    shape = tuple(int(size) for size in np.frombuffer(sizes, dtype=">u4"))
    wanted = math.prod(shape) * dtype.itemsize
    if not 0 < wanted <= MAX_BYTES:
        raise DatasetError(f"{path}: announces {shape} elements; wanted 1 to {MAX_BYTES} bytes in all")
    content = stream.read(wanted + 1)  # One more than wanted: leftovers show, and gzip verifies its checksum.
    if len(content) != wanted:
        found = f"only {len(content)}" if len(content) < wanted else "more"
        raise DatasetError(f"{path}: {found} bytes after the header; wanted {wanted}; get the file again")
    return np.frombuffer(content, dtype=dtype).reshape(shape).astype(dtype.newbyteorder("="))


def cause(error: Exception) -> str:
    """An exception in words, without the path that an OSError repeats."""
    words = error.strerror if isinstance(error, OSError) else None
    return words or str(error) or type(error).__name__
