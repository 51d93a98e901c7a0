"""Find, read, verify and cache the datasets that hand-ins are trained on.

How raw images become a dataset is the reference's business (`splits`, handed in by the caller); this module
knows where raw images come from, makes sure that they are the right ones, and keeps the arrays on disk in a
form that memory-maps. Below the cache folder (`GRADE_CACHE`, else the user's cache):

    datasets/<name>-<recipe version>/   X_train.npy ... y_test.npy and manifest.json: ready to use
    sources/mnist/                      the four IDX files, as `fetch` verified them

Whatever is put there is written beside its place and renamed into it, so that a reader never meets half a
dataset and two processes may prepare the same one at once. Only `fetch` uses the network.
"""

from __future__ import annotations

import hashlib
import http.client
import math
import os
import sys
import tempfile
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
import platformdirs
from numpy.typing import NDArray

from ..errors import DatasetError, UsageError
from ..known_types import known
from ..machine.folders import folder_for_this_run, install
from .idx import cause, read_idx, write_idx

__all__ = [
    "ARRAYS",
    "CHOICES",
    "MNIST_FILES",
    "RAW",
    "Dataset",
    "DatasetStatus",
    "MnistFiles",
    "RawFile",
    "Splits",
    "cache_folder",
    "fetch",
    "find",
    "read_idx",
    "status",
    "write_idx",
]

Array = NDArray[Any]
Say = Callable[[str], None]
Splits = Mapping[str, Callable[[Array, Array], Mapping[str, Array]]]
"""For each dataset, (images (N, D), labels (N,)) -> the arrays named in `ARRAYS` and `RAW`."""

CHOICES = ("auto", "mnist", "digits")
"""What `find` can be asked for."""

ARRAYS = ("X_train", "y_train", "X_val", "y_val", "X_test", "y_test")
"""The arrays of every dataset: X of shape (N, D), float64, C order; y of shape (N,), int64."""

RAW = ("X", "y")
"""All images (N, D) with pixels from 0 to 255 and all labels (N,), in their original order and of any dtype.

Notebooks cut them up themselves, with the handout's `utils.py`."""

_FILES = (*ARRAYS, *RAW)

_GET_MNIST = (
    "run 'grade data fetch mnist' (OpenML) or 'grade data fetch mnist --from DIR' (a folder with the four "
    "IDX files), or set GRADE_DATA to such a folder, or grade with '--dataset digits'"
)
_OTHER_CACHE = "set GRADE_CACHE to a folder that can be written"


@dataclass(frozen=True)
class RawFile:
    """What one IDX file must hold.

    `name` is the file name without `.gz`; `shape` the dimensions of its unsigned bytes (one dimension: labels
    0 to 9); `sha256` the digest of those bytes in C order, without the IDX header: shape and digest together
    identify the file, and the same images from any other source.
    """

    name: str
    shape: tuple[int, ...]
    sha256: str


@dataclass(frozen=True)
class MnistFiles:
    """The four files that MNIST consists of."""

    train_images: RawFile
    train_labels: RawFile
    test_images: RawFile
    test_labels: RawFile

    def __iter__(self) -> Iterator[RawFile]:
        return iter((self.train_images, self.train_labels, self.test_images, self.test_labels))


# The digests are SHA-256 over the decoded pixels and labels of the four files as first published, computed
# from those files; OpenML's mnist_784, version 1, has the same images in the same order. With them nobody is
# graded on an altered or re-ordered MNIST.
MNIST_FILES = MnistFiles(
    train_images=RawFile(
        "train-images-idx3-ubyte",
        (60_000, 28, 28),
        "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    ),
    train_labels=RawFile(
        "train-labels-idx1-ubyte",
        (60_000,),
        "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    ),
    test_images=RawFile(
        "t10k-images-idx3-ubyte",
        (10_000, 28, 28),
        "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    ),
    test_labels=RawFile(
        "t10k-labels-idx1-ubyte",
        (10_000,),
        "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
    ),
)
"""The MNIST that the assignment is marked on."""


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
        if array not in _FILES:
            raise ValueError(f"no array {array!r} in a dataset; wanted one of {', '.join(_FILES)}")
        return _npy(self.folder, array)

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


@dataclass(frozen=True)
class DatasetStatus:
    """One row of `grade data status`.

    `folder` is where the prepared arrays are or would be; `size` the bytes they take on disk; `source` says
    where the raw images are, or why they cannot be had; `damage` is empty where nothing is wrong with the
    prepared arrays. `prepared` is true only where they are there and undamaged.
    """

    name: str
    prepared: bool
    folder: Path
    size: int
    source: str
    damage: str


def cache_folder(environ: Mapping[str, str]) -> Path:
    """The folder for prepared data: `GRADE_CACHE`, else the cache folder of this user (absolute)."""
    chosen = environ.get("GRADE_CACHE")
    return Path(chosen).expanduser().absolute() if chosen else Path(platformdirs.user_cache_dir("mlp-grader"))


def _say_on_stderr(line: str) -> None:
    print(line, file=sys.stderr)


# ------------------------------------------------------------------------------
# The three entry points


def find(
    choice: str,
    splits: Splits,
    *,
    recipe_version: str,
    environ: Mapping[str, str] | None = None,
    say: Say = _say_on_stderr,
    mnist: MnistFiles = MNIST_FILES,
) -> Dataset:
    """The dataset to grade on, prepared if it is not yet; never downloads.

    `auto` is MNIST where it is prepared or its files are on this machine (`GRADE_DATA`, or an earlier
    `fetch`), else digits. Damaged arrays are prepared again. Where the cache cannot be written, the arrays go
    to a temporary folder that disappears at exit.

    Args:
        choice: one of `CHOICES`.
        splits: the reference's split functions.
        recipe_version: a short hash of the reference's recipe; another one means other arrays.
        environ: the environment to read GRADE_CACHE and GRADE_DATA from (default: this process's).
        say: receives one line for whatever the user should know.
        mnist: what the IDX files must hold.

    Raises:
        UsageError: `choice` is unknown, or this assignment does not have that dataset.
        DatasetError: MNIST is wanted and nowhere, GRADE_DATA is not a folder, or a file is damaged.
    """
    store = _Store.of(splits, recipe_version, environ, say, mnist)
    name = _choose(choice, store)
    folder = store.prepared(name)
    damage = ""
    if _is_there(folder):
        damage = _damage(folder)
        if not damage:
            return Dataset(name, folder)
        say(f"the prepared {name} in {folder} is damaged ({damage}); preparing it again")
    if name == "digits":
        return _prepare("digits", _load_digits(), "scikit-learn", store)
    source = _mnist_source(store)
    if source is None and damage:
        raise DatasetError(f"{folder} is damaged ({damage}) and its source is not here: {_GET_MNIST}")
    if source is None:
        raise DatasetError(f"MNIST is not on this machine: {_GET_MNIST}")
    say(f"preparing MNIST from {source} (once; a few seconds, about 500 MB on disk)")
    return _prepare("mnist", _read_mnist(source, mnist), str(source), store)


def fetch(
    source: Path | None,
    splits: Splits,
    *,
    recipe_version: str,
    environ: Mapping[str, str] | None = None,
    say: Say = _say_on_stderr,
    mnist: MnistFiles = MNIST_FILES,
) -> Dataset:
    """Bring MNIST into the cache, verified and prepared.

    Args:
        source: a folder with the four IDX files (directly or in a sub-folder `mnist`, gzipped or not), or
            None for OpenML; nothing is downloaded where MNIST is prepared already or an earlier `fetch` has
            left its files. The one function of the grader that may use the network.
        splits, recipe_version, environ, say, mnist: as for `find`.

    Raises:
        DatasetError: the files are missing, damaged or not MNIST's; the network or the cache folder fails.
    """
    store = _Store.of(splits, recipe_version, environ, say, mnist)
    folder = store.prepared("mnist")
    intact = _is_there(folder) and not _damage(folder)
    if intact and source is None:
        say(f"MNIST is already prepared in {folder}")
        return Dataset("mnist", folder)
    raw = _fetch_raw(source, store)
    with _told(f"cannot keep MNIST in {store.cache}", _OTHER_CACHE):
        install(
            store.fetched,
            lambda new: _write_mnist(new, raw, mnist),
            lambda: _fetched_mnist(store) is not None,
        )
        if not intact:
            say(f"preparing MNIST in {folder} (a few seconds, about 500 MB on disk)")
            _install_arrays("mnist", _split("mnist", raw, store), str(source or "OpenML mnist_784"), store)
    return Dataset("mnist", folder)


def status(
    splits: Splits,
    *,
    recipe_version: str,
    environ: Mapping[str, str] | None = None,
    verify: bool = False,
    mnist: MnistFiles = MNIST_FILES,
) -> list[DatasetStatus]:
    """What there is, for `grade data status`: one row per dataset of this assignment; raises nothing.

    Args:
        splits, recipe_version, environ, mnist: as for `find`.
        verify: also recompute the SHA-256 of every prepared array (about a second for MNIST).
    """
    store = _Store.of(splits, recipe_version, environ, _say_on_stderr, mnist)
    return [_status(name, store, verify) for name in splits]


# ------------------------------------------------------------------------------
# Where things are


@dataclass(frozen=True)
class _Store:
    """What the entry points were called with, and the folders that follow from it."""

    splits: Splits
    recipe_version: str
    cache: Path
    data: str
    say: Say = field(repr=False)
    mnist: MnistFiles

    @staticmethod
    def of(
        splits: Splits, recipe_version: str, environ: Mapping[str, str] | None, say: Say, mnist: MnistFiles
    ) -> _Store:
        given = os.environ if environ is None else environ
        return _Store(splits, recipe_version, cache_folder(given), given.get("GRADE_DATA", ""), say, mnist)

    def prepared(self, name: str) -> Path:
        return self.cache / "datasets" / f"{name}-{self.recipe_version}"

    @property
    def fetched(self) -> Path:
        return self.cache / "sources" / "mnist"


def _choose(choice: str, store: _Store) -> str:
    """The name of the dataset that `choice` stands for on this machine."""
    if choice not in CHOICES:
        raise UsageError(f"unknown dataset {choice!r}; wanted one of {', '.join(CHOICES)}")
    if choice != "digits":
        _data_folder(store)  # A GRADE_DATA that leads nowhere is said at once, not when it is needed.
    name = choice
    if choice == "auto":
        here = "mnist" in store.splits and (_is_there(store.prepared("mnist")) or _mnist_source(store))
        name = "mnist" if here else "digits"
    if name not in store.splits:
        raise UsageError(f"this assignment has no dataset {name!r}; it has {', '.join(store.splits)}")
    return name


def _data_folder(store: _Store) -> Path | None:
    """The folder that GRADE_DATA names, None where it is not set."""
    if not store.data:
        return None
    folder = Path(store.data).expanduser().absolute()
    if not _is_there(folder):
        raise DatasetError(
            f"GRADE_DATA is {store.data!r}, which does not exist; wanted a folder, or no GRADE_DATA"
        )
    if not folder.is_dir():
        raise DatasetError(
            f"GRADE_DATA is {store.data!r}, which is a file; wanted the folder of the data files"
        )
    return folder


def _mnist_source(store: _Store) -> Path | None:
    """The folder with MNIST's IDX files, in GRADE_DATA or where `fetch` left them; None if nowhere."""
    data = _data_folder(store)
    found = None if data is None else _idx_folder(data, store.mnist)
    return found or _idx_folder(store.fetched, store.mnist)


def _idx_folder(folder: Path, mnist: MnistFiles) -> Path | None:
    """`folder` or its sub-folder `mnist`, whichever holds the IDX files.

    Raises:
        DatasetError: some of the four are there and some are not. To take that for "no MNIST" would quietly
            grade on other data.
    """
    for candidate in (folder, folder / "mnist"):
        missing = [file.name for file in mnist if _idx_path(candidate, file) is None]
        if not missing:
            return candidate
        if len(missing) < len(list(mnist)):
            raise DatasetError(
                f"{candidate}: MNIST is incomplete, no {' and no '.join(missing)} (.gz or not)"
            )
    return None


def _idx_path(folder: Path, file: RawFile) -> Path | None:
    candidates = (folder / file.name, folder / f"{file.name}.gz")
    return next((path for path in candidates if _is_there(path)), None)


def _is_there(path: Path) -> bool:
    """Whether something is at `path`; a place that cannot even be looked at counts as empty."""
    try:
        path.stat()
    except OSError:
        return False
    return True


# ------------------------------------------------------------------------------
# Raw images


@dataclass(frozen=True)
class _Raw:
    """Raw images (N, D) and labels (N,), as a split function takes them."""

    images: Array
    labels: Array


def _load_digits() -> _Raw:
    from sklearn.datasets import load_digits  # Costs a second: only on the first run.

    digits = load_digits()
    return _Raw(digits.data, digits.target)


def _read_mnist(folder: Path, mnist: MnistFiles) -> _Raw:
    """Read and verify the four IDX files of a folder that holds them: (70000, 784) and (70000,) uint8."""
    arrays: dict[str, Array] = {}
    for file in mnist:
        path = _idx_path(folder, file)
        if path is None:
            raise DatasetError(f"{folder}: no {file.name} (.gz or not) in it; wanted MNIST's four IDX files")
        arrays[file.name] = read_idx(path)
        _verify(arrays[file.name], file, str(path))
    images = np.concatenate([arrays[mnist.train_images.name], arrays[mnist.test_images.name]])
    labels = np.concatenate([arrays[mnist.train_labels.name], arrays[mnist.test_labels.name]])
    return _Raw(images.reshape(len(images), -1), labels)


def _write_mnist(folder: Path, raw: _Raw, mnist: MnistFiles) -> None:
    """The inverse of `_read_mnist`."""
    for file, array in _by_file(raw, mnist):
        write_idx(folder / file.name, array)


def _by_file(raw: _Raw, mnist: MnistFiles) -> list[tuple[RawFile, Array]]:
    """Cut raw MNIST into the contents of its four files."""
    cut = mnist.train_labels.shape[0]
    return [
        (mnist.train_images, raw.images[:cut].reshape(mnist.train_images.shape)),
        (mnist.train_labels, raw.labels[:cut]),
        (mnist.test_images, raw.images[cut:].reshape(mnist.test_images.shape)),
        (mnist.test_labels, raw.labels[cut:]),
    ]


def _verify(array: Array, file: RawFile, where: str) -> None:
    """Raise DatasetError unless `array` is exactly what `file` must hold; `where` names its place."""
    if array.dtype != np.uint8 or array.shape != file.shape:
        raise DatasetError(
            f"{where}: {array.dtype} of shape {array.shape}; wanted uint8 of shape {file.shape}"
        )
    if array.ndim == 1 and array.max() > 9:
        raise DatasetError(f"{where}: holds the label {array.max()}; wanted labels 0 to 9")
    found = hashlib.sha256(np.ascontiguousarray(array).reshape(-1).data).hexdigest()
    if found != file.sha256:
        raise DatasetError(
            f"{where}: is not the original {file.name}: its content has SHA-256 {found[:16]}..., "
            f"wanted {file.sha256[:16]}...; get the file again"
        )


def _fetch_raw(source: Path | None, store: _Store) -> _Raw:
    """MNIST from the folder `source`, else from an earlier `fetch`, else from OpenML; verified."""
    if source is not None:
        folder = _idx_folder(source, store.mnist)
        if folder is None:
            names = ", ".join(file.name for file in store.mnist)
            raise DatasetError(
                f"{source}: no MNIST in it or in its sub-folder mnist; wanted {names} (.gz or not)"
            )
        return _read_mnist(folder, store.mnist)
    kept = _fetched_mnist(store)
    if kept is not None:
        return kept
    store.say("downloading MNIST from OpenML (15 MB, and about half a minute to parse it)")
    with _told(f"cannot write to {store.cache}", _OTHER_CACHE):
        store.cache.mkdir(parents=True, exist_ok=True)
        download = tempfile.TemporaryDirectory(dir=store.cache, prefix=".openml-", ignore_cleanup_errors=True)
    with download as folder_name:
        return _download_mnist(Path(folder_name), store.mnist)


def _fetched_mnist(store: _Store) -> _Raw | None:
    """What an earlier `fetch` left in the cache, None where that is nothing, or no longer right."""
    try:
        return _read_mnist(store.fetched, store.mnist)
    except DatasetError:
        return None


def _download_mnist(data_home: Path, mnist: MnistFiles) -> _Raw:
    """MNIST from OpenML, verified; `data_home` is scikit-learn's folder for what it downloads."""
    from sklearn.datasets import fetch_openml

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # scikit-learn warns before each retry; the last failure is told.
            # The other parser is quicker and wants pandas, which the grader does not depend on.
            images, labels = fetch_openml(
                "mnist_784",
                version=1,
                data_home=data_home,
                as_frame=False,
                parser="liac-arff",
                return_X_y=True,
            )
        raw = _Raw(_as_bytes(np.asarray(images)), _as_bytes(np.asarray(labels).astype(np.float64)))
    # A broken transfer surfaces as any of these: URLError and time-outs are OSErrors, scikit-learn's own
    # complaints (unknown dataset, wrong checksum) and unreadable ARFF ValueErrors.
    except (OSError, http.client.HTTPException, ValueError, EOFError, zlib.error) as error:
        raise DatasetError(
            f"OpenML: MNIST could not be downloaded ({cause(error)}); try again, or get the four IDX "
            "files and run 'grade data fetch mnist --from DIR'"
        ) from None
    total = mnist.train_labels.shape[0] + mnist.test_labels.shape[0]
    pixels = math.prod(mnist.train_images.shape[1:])
    if raw.images.shape != (total, pixels) or raw.labels.shape != (total,):
        raise DatasetError(
            f"OpenML: mnist_784 has images {raw.images.shape} and labels {raw.labels.shape}; "
            f"wanted ({total}, {pixels}) and ({total},)"
        )
    for file, array in _by_file(raw, mnist):
        _verify(array, file, f"OpenML: mnist_784, the part that is {file.name}")
    return raw


def _as_bytes(numbers: Array) -> NDArray[np.uint8]:
    """Real numbers that are whole and within 0 to 255, as uint8; ValueError for any other."""
    with np.errstate(invalid="ignore"):
        converted = numbers.astype(np.uint8)
    if not np.array_equal(converted, numbers):
        raise ValueError("holds values that are not whole numbers from 0 to 255")
    return converted


# ------------------------------------------------------------------------------
# Prepared arrays


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


def _npy(folder: Path, array: str) -> Path:
    return folder / f"{array}.npy"


def _prepare(name: str, raw: _Raw, source: str, store: _Store) -> Dataset:
    """Split raw images and put the arrays into the cache, or, where that fails, into a temporary folder."""
    arrays = _split(name, raw, store)
    try:
        return Dataset(name, _install_arrays(name, arrays, source, store))
    except OSError as error:
        store.say(
            f"cannot write to the cache folder {store.cache} ({cause(error)}); preparing {name} in a "
            f"temporary folder for this run only; {_OTHER_CACHE}"
        )
    with _told(f"cannot prepare {name} in a temporary folder", _OTHER_CACHE):
        folder = folder_for_this_run() / name
        folder.mkdir()
        _write_arrays(folder, name, arrays, source, store.recipe_version)
    return Dataset(name, folder)


def _split(name: str, raw: _Raw, store: _Store) -> dict[str, Array]:
    arrays = store.splits[name](raw.images, raw.labels)
    trained_on = {
        array: np.ascontiguousarray(arrays[array], dtype=np.float64 if array[0] == "X" else np.int64)
        for array in ARRAYS
    }
    return trained_on | {array: np.ascontiguousarray(arrays[array]) for array in RAW}


def _install_arrays(name: str, arrays: Mapping[str, Array], source: str, store: _Store) -> Path:
    folder = store.prepared(name)
    install(
        folder,
        lambda new: _write_arrays(new, name, arrays, source, store.recipe_version),
        lambda: not _damage(folder),
    )
    return folder


def _write_arrays(
    folder: Path, name: str, arrays: Mapping[str, Array], source: str, recipe_version: str
) -> None:
    files = {}
    for array, values in arrays.items():
        path = _npy(folder, array)
        np.save(path, values, allow_pickle=False)
        size = path.stat().st_size
        with path.open("rb") as stream:
            header = stream.read(size - values.nbytes)
        files[array] = _ArrayFile(values.shape, values.dtype.str, size, header, _file_sha256(path))
    manifest = _Manifest(1, name, recipe_version, source, files)
    (folder / "manifest.json").write_bytes(
        msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
    )


def _damage(folder: Path, verify: bool = False) -> str:
    """What is wrong with a prepared folder, in words; empty where nothing is.

    Compares the size and header of each file with the manifest (no data is read); with `verify` also digests.
    """
    try:
        manifest = msgspec.json.decode((folder / "manifest.json").read_bytes(), type=known(_Manifest))
        missing = [array for array in _FILES if array not in manifest.arrays]
        if missing:
            return f"manifest.json has no {', '.join(missing)}"
        damages = (_array_damage(_npy(folder, array), manifest.arrays[array], verify) for array in _FILES)
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
    if verify and _file_sha256(path) != wanted.sha256:
        return f"{path.name} has another SHA-256 than when it was written"
    return ""


def _file_sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _status(name: str, store: _Store, verify: bool) -> DatasetStatus:
    folder = store.prepared(name)
    there = _is_there(folder)
    damage = _damage(folder, verify) if there else ""
    files = [_npy(folder, array) for array in _FILES]
    size = sum(path.stat().st_size for path in files if _is_there(path))
    return DatasetStatus(name, there and not damage, folder, size, _source(name, store), damage)


def _source(name: str, store: _Store) -> str:
    if name == "digits":
        return "inside scikit-learn"
    try:
        return str(_mnist_source(store) or "not on this machine")
    except DatasetError as error:
        return str(error)


@contextmanager
def _told(trouble: str, remedy: str) -> Iterator[None]:
    """Turn an OSError of the block into one line: the trouble, its cause, the remedy."""
    try:
        yield
    except OSError as error:
        raise DatasetError(f"{trouble} ({cause(error)}); {remedy}") from None
