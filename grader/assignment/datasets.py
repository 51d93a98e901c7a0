"""Find, read, verify and cache the datasets that hand-ins are trained on.

How raw images become a dataset is the reference's business (`splits`, handed in by the caller); this module
knows where they are and where what is made of them goes (`raw_images` reads and verifies them, `prepared` has the
arrays). Below the cache folder (`GRADE_CACHE`, else the user's cache):

    datasets/<name>-<recipe version>/   X_train.npy ... y_test.npy and manifest.json: ready to use
    sources/mnist/                      the four IDX files, as `fetch` verified them

Whatever is put there is written beside its place and renamed into it, so that a reader never meets half a
dataset and two processes may prepare the same one at once. Only `fetch` uses the network.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..errors import DatasetError, UsageError
from ..machine.cache import cache_folder
from ..machine.folders import folder_for_this_run, install
from .idx import cause, read_idx, write_idx
from .prepared import ARRAYS, FILES, NONE, RAW, SMALL, Array, Dataset, damage_of, npy, write
from .raw_images import (
    MNIST_FILES,
    MnistFiles,
    Raw,
    RawFile,
    from_openml,
    idx_folder,
    is_there,
    load_digits,
    read_mnist,
    write_mnist,
)

__all__ = [
    "ARRAYS",
    "CHOICES",
    "MNIST_FILES",
    "NONE",
    "RAW",
    "SMALL",
    "Dataset",
    "DatasetStatus",
    "MnistFiles",
    "RawFile",
    "Splits",
    "fetch",
    "find",
    "read_idx",
    "status",
    "write_idx",
]

Say = Callable[[str], None]
Splits = Mapping[str, Callable[[Array, Array], Mapping[str, Array]]]
"""For each dataset, (images (N, D), labels (N,)) -> the arrays named in `ARRAYS` and `RAW`."""

CHOICES = ("auto", "mnist", "digits")
"""What `find` can be asked for."""

_GET_MNIST = (
    "run 'grade data fetch mnist' (OpenML) or 'grade data fetch mnist --from DIR' (a folder with the four "
    "IDX files), or set GRADE_DATA to such a folder, or grade with '--dataset digits'"
)
_OTHER_CACHE = "set GRADE_CACHE to a folder that can be written"


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


def _say_on_stderr(line: str) -> None:
    print(line, file=sys.stderr)


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
    if is_there(folder):
        damage = damage_of(folder)
        if not damage:
            return Dataset(name, folder)
        say(f"the prepared {name} in {folder} is damaged ({damage}); preparing it again")
    if name == "digits":
        return _prepare("digits", load_digits(), "scikit-learn", store)
    source = _mnist_source(store)
    if source is None and damage:
        raise DatasetError(f"{folder} is damaged ({damage}) and its source is not here: {_GET_MNIST}")
    if source is None:
        raise DatasetError(f"MNIST is not on this machine: {_GET_MNIST}")
    say(f"preparing MNIST from {source} (once; a few seconds, about 500 MB on disk)")
    return _prepare("mnist", read_mnist(source, mnist), str(source), store)


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
    intact = is_there(folder) and not damage_of(folder)
    if intact and source is None:
        say(f"MNIST is already prepared in {folder}")
        return Dataset("mnist", folder)
    raw = _fetch_raw(source, store)
    with _told(f"cannot keep MNIST in {store.cache}", _OTHER_CACHE):
        install(
            store.fetched,
            lambda new: write_mnist(new, raw, mnist),
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
        here = "mnist" in store.splits and (is_there(store.prepared("mnist")) or _mnist_source(store))
        name = "mnist" if here else "digits"
    if name not in store.splits:
        raise UsageError(f"this assignment has no dataset {name!r}; it has {', '.join(store.splits)}")
    return name


def _data_folder(store: _Store) -> Path | None:
    """The folder that GRADE_DATA names, None where it is not set."""
    if not store.data:
        return None
    folder = Path(store.data).expanduser().absolute()
    if not is_there(folder):
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
    found = None if data is None else idx_folder(data, store.mnist)
    return found or idx_folder(store.fetched, store.mnist)


def _fetch_raw(source: Path | None, store: _Store) -> Raw:
    """MNIST from the folder `source`, else from an earlier `fetch`, else from OpenML; verified."""
    if source is not None:
        folder = idx_folder(source, store.mnist)
        if folder is None:
            names = ", ".join(file.name for file in store.mnist)
            raise DatasetError(
                f"{source}: no MNIST in it or in its sub-folder mnist; wanted {names} (.gz or not)"
            )
        return read_mnist(folder, store.mnist)
    kept = _fetched_mnist(store)
    if kept is not None:
        return kept
    store.say("downloading MNIST from OpenML (15 MB, and about half a minute to parse it)")
    with _told(f"cannot write to {store.cache}", _OTHER_CACHE):
        store.cache.mkdir(parents=True, exist_ok=True)
        download = tempfile.TemporaryDirectory(dir=store.cache, prefix=".openml-", ignore_cleanup_errors=True)
    with download as folder_name:
        return from_openml(Path(folder_name), store.mnist)


def _fetched_mnist(store: _Store) -> Raw | None:
    """What an earlier `fetch` left in the cache, None where that is nothing, or no longer right."""
    try:
        return read_mnist(store.fetched, store.mnist)
    except DatasetError:
        return None


def _prepare(name: str, raw: Raw, source: str, store: _Store) -> Dataset:
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
        write(folder, name, arrays, source, store.recipe_version)
    return Dataset(name, folder)


def _split(name: str, raw: Raw, store: _Store) -> dict[str, Array]:
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
        lambda new: write(new, name, arrays, source, store.recipe_version),
        lambda: not damage_of(folder),
    )
    return folder


def _status(name: str, store: _Store, verify: bool) -> DatasetStatus:
    folder = store.prepared(name)
    there = is_there(folder)
    damage = damage_of(folder, verify) if there else ""
    files = [npy(folder, array) for array in FILES]
    size = sum(path.stat().st_size for path in files if is_there(path))
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
