"""Raw images: MNIST's four files, read, verified and downloaded, and the digits that come with scikit-learn."""

from __future__ import annotations

import hashlib
import math
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DatasetError
from .idx import cause, read_idx, write_idx

Array = NDArray[Any]


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
class Raw:
    """Raw images (N, D) and labels (N,), as a split function takes them."""

    images: Array
    labels: Array


def load_digits() -> Raw:
    """The 1,797 images of scikit-learn, 8 by 8."""
    from sklearn.datasets import load_digits  # Costs a second: only on the first run.

    digits = load_digits()
    return Raw(digits.data, digits.target)


def read_mnist(folder: Path, mnist: MnistFiles) -> Raw:
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
    return Raw(images.reshape(len(images), -1), labels)


def write_mnist(folder: Path, raw: Raw, mnist: MnistFiles) -> None:
    """The inverse of `read_mnist`."""
    for file, array in _by_file(raw, mnist):
        write_idx(folder / file.name, array)


def _by_file(raw: Raw, mnist: MnistFiles) -> list[tuple[RawFile, Array]]:
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


def from_openml(data_home: Path, mnist: MnistFiles) -> Raw:
    """MNIST from OpenML, verified; `data_home` is scikit-learn's folder for what it downloads."""
    import http.client  # Only here: with scikit-learn it is loaded anyway.

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
        raw = Raw(_as_bytes(np.asarray(images)), _as_bytes(np.asarray(labels).astype(np.float64)))
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


def idx_folder(folder: Path, mnist: MnistFiles) -> Path | None:
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
    return next((path for path in candidates if is_there(path)), None)


def is_there(path: Path) -> bool:
    """Whether something is at `path`; a place that cannot even be looked at counts as empty."""
    try:
        path.stat()
    except OSError:
        return False
    return True
