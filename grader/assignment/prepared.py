"""A dataset as it is used: its arrays on disk, in a form that memory-maps, with what shows whether they are whole."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from ..errors import DatasetError
from ..known_types import known
from .idx import cause

Array = NDArray[Any]

ARRAYS = ("X_train", "y_train", "X_val", "y_val", "X_test", "y_test")
"""The arrays of every dataset: X of shape (N, D), float64, C order; y of shape (N,), int64."""

RAW = ("X", "y")
"""All images (N, D) with pixels from 0 to 255 and all labels (N,), in their original order and of any dtype.

Notebooks cut them up themselves, with the handout's `utils.py`."""

FILES = (*ARRAYS, *RAW)
"""All that a dataset has."""


@dataclass(frozen=True)
class Dataset:
    """A prepared dataset: `name` is mnist or digits, `folder` holds one .npy file per name in `ARRAYS` and `RAW`."""

    name: str
    folder: Path

    @property
    def fingerprint(self) -> str:
        """First 12 hex digits of the SHA-256 over its name and the recorded sums of its arrays."""
        if self.name == NONE.name:
            return ""
        try:
            manifest = msgspec.json.decode(
                (self.folder / "manifest.json").read_bytes(), type=known(_Manifest)
            )
        except (OSError, msgspec.DecodeError) as error:
            raise DatasetError(
                f"{self.folder}: cannot be read as a dataset ({error}); run 'grade data status'"
            ) from None
        sums = {name: array.sha256 for name, array in sorted(manifest.arrays.items())}
        return hashlib.sha256(msgspec.json.encode([self.name, sums])).hexdigest()[:12]

    def path(self, array: str) -> Path:
        """The .npy file of one array; ValueError where there is no such array."""
        if array not in FILES:
            raise ValueError(f"no array {array!r} in a dataset; wanted one of {', '.join(FILES)}")
        return npy(self.folder, array)

    def load(self, array: str) -> Array:
        """One array as a read-only memory map (shapes and dtypes: see `ARRAYS`).

        Raises:
            DatasetError: the file has gone or cannot be read as an array.
        """
        path = self.path(array)
        try:
            loaded: Array = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise DatasetError(
                f"{path}: cannot be read as an array ({error}); run 'grade data status'"
            ) from None
        return loaded


SMALL = "digits"
"""The dataset that comes with scikit-learn."""
NONE = Dataset("none", Path())
"""Of an assignment that trains on none: it has no arrays."""


class _ArrayFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One .npy file: `size` in bytes, `header` the bytes before the data (base64 in JSON)."""

    shape: tuple[int, ...]
    dtype: str
    size: int
    header: bytes
    sha256: str


class _Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What manifest.json records about a prepared dataset."""

    format: Literal[1]
    name: str
    recipe_version: str
    source: str
    arrays: dict[str, _ArrayFile]


def npy(folder: Path, array: str) -> Path:
    """Where an array is kept in a dataset's folder."""
    return folder / f"{array}.npy"


def write(folder: Path, name: str, arrays: Mapping[str, Array], source: str, recipe_version: str) -> None:
    """Fill an empty folder with the arrays and their manifest; an OSError where it cannot be written."""
    files = {}
    for array, values in arrays.items():
        path = npy(folder, array)
        np.save(path, values, allow_pickle=False)
        size = path.stat().st_size
        with path.open("rb") as stream:
            header = stream.read(size - values.nbytes)
        files[array] = _ArrayFile(values.shape, values.dtype.str, size, header, _sha256(path))
    manifest = _Manifest(1, name, recipe_version, source, files)
    (folder / "manifest.json").write_bytes(
        msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
    )


def damage_of(folder: Path, verify: bool = False) -> str:
    """What is wrong with a prepared folder, in words; empty where nothing is.

    Compares the size and header of each file with the manifest (no data is read); with `verify` also digests.
    """
    try:
        manifest = msgspec.json.decode((folder / "manifest.json").read_bytes(), type=known(_Manifest))
        missing = [array for array in FILES if array not in manifest.arrays]
        if missing:
            return f"manifest.json has no {', '.join(missing)}"
        damages = (_array_damage(npy(folder, array), manifest.arrays[array], verify) for array in FILES)
        return next((damage for damage in damages if damage), "")
    except OSError as error:
        return f"{Path(error.filename or folder).name}: {cause(error)}"
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return f"manifest.json: {error}"


def _array_damage(path: Path, wanted: _ArrayFile, verify: bool) -> str:
    size = path.stat().st_size
    if size != wanted.size:
        return f"{path.name} has {size} bytes, wanted {wanted.size}"
    with path.open("rb") as stream:
        # Comparing the header with the one that was written is stricter than parsing it, and cannot fail.
        if stream.read(len(wanted.header)) != wanted.header:
            return f"{path.name} has lost its header of {wanted.dtype} {wanted.shape}"
    if verify and _sha256(path) != wanted.sha256:
        return f"{path.name} has another SHA-256 than when it was written"
    return ""


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
