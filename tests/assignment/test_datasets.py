"""Datasets: the recipe, the IDX files, the cache, and which dataset a run gets."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from grader.assignment import datasets
from grader.assignment.datasets import Dataset, MnistFiles, RawFile, read_idx, write_idx
from grader.errors import DatasetError, GraderError, UsageError

ROOT = Path(__file__).resolve().parents[2]


def load_recipe() -> ModuleType:
    """The reference's datasets.py, loaded from its path as the grader does: it is no importable module."""
    spec = importlib.util.spec_from_file_location("ps3_datasets", ROOT / "reference/ps3/datasets.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RECIPE = load_recipe()

# A MNIST of 16 images of 3x2 pixels.
RNG = np.random.RandomState(7)
SMALL: dict[str, np.ndarray] = {
    "train-images-idx3-ubyte": RNG.randint(0, 256, size=(12, 3, 2)).astype(np.uint8),
    "train-labels-idx1-ubyte": RNG.randint(0, 10, size=12).astype(np.uint8),
    "t10k-images-idx3-ubyte": RNG.randint(0, 256, size=(4, 3, 2)).astype(np.uint8),
    "t10k-labels-idx1-ubyte": RNG.randint(0, 10, size=4).astype(np.uint8),
}
IMAGES = np.concatenate([SMALL["train-images-idx3-ubyte"], SMALL["t10k-images-idx3-ubyte"]]).reshape(16, 6)
LABELS = np.concatenate([SMALL["train-labels-idx1-ubyte"], SMALL["t10k-labels-idx1-ubyte"]])
FILES = MnistFiles(
    *(
        RawFile(name, array.shape, hashlib.sha256(array.tobytes()).hexdigest())
        for name, array in SMALL.items()
    )
)


def small_split(images: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
    """Half, a quarter, a quarter: in Fortran order and small dtypes, which the cache has to mend."""
    n = len(images)
    parts = {"train": slice(0, n // 2), "val": slice(n // 2, 3 * n // 4), "test": slice(3 * n // 4, n)}
    arrays = {"X": images, "y": labels}
    arrays |= {f"X_{part}": np.asfortranarray(images[rows], dtype=np.float32) for part, rows in parts.items()}
    return arrays | {f"y_{part}": labels[rows] for part, rows in parts.items()}


SPLITS: dict[str, Callable[..., Any]] = {"mnist": small_split, "digits": small_split}


class Desk:
    """A cache of its own, an environment, what was said, and the three entry points bound to them."""

    def __init__(self, folder: Path) -> None:
        self.cache = folder / "cache"
        self.environ = {"GRADE_CACHE": str(self.cache)}
        self.said: list[str] = []

    def find(self, choice: str, version: str = "v1") -> Dataset:
        return datasets.find(
            choice, SPLITS, recipe_version=version, environ=self.environ, say=self.said.append, mnist=FILES
        )

    def fetch(self, source: Path | None) -> Dataset:
        return datasets.fetch(
            source, SPLITS, recipe_version="v1", environ=self.environ, say=self.said.append, mnist=FILES
        )

    def status(self, verify: bool = False) -> dict[str, datasets.DatasetStatus]:
        rows = datasets.status(SPLITS, recipe_version="v1", environ=self.environ, verify=verify, mnist=FILES)
        return {row.name: row for row in rows}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def write_mnist(folder: Path, zipped: bool = False) -> Path:
    """The four small files, gzipped or not."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in SMALL.items():
        path = folder / name
        write_idx(path, array)
        if zipped:
            path.with_name(f"{name}.gz").write_bytes(gzip.compress(path.read_bytes()))
            path.unlink()
    return folder


def is_small_mnist(dataset: Dataset) -> bool:
    return dataset.name == "mnist" and np.array_equal(dataset.load("X_train"), IMAGES[:8])


def leftovers(desk: Desk) -> list[Path]:
    """Whatever hidden folder a preparation has left behind."""
    return list(desk.cache.rglob(".*"))


# ------------------------------------------------------------------------------
# The recipe


@pytest.mark.slow
def test_mnist_recipe_is_the_handouts() -> None:
    images = np.random.RandomState(1).randint(0, 256, size=(70_000, 784), dtype=np.uint8)
    labels = np.arange(70_000) % 10
    np.random.seed(123)
    before = np.random.get_state()[1].copy()
    got = RECIPE.split_mnist(images, labels)
    assert np.array_equal(before, np.random.get_state()[1])

    # The handout's get_MNIST_data(), step by step, on the columns that fit into a fast test.
    columns = slice(300, 310)
    np.random.seed(0)
    perm = np.random.permutation(70_000)
    X = images[:, columns].astype(np.float64)[perm]
    X -= X[:50_000].mean(axis=0)
    for part, rows in {
        "train": slice(0, 50_000),
        "val": slice(50_000, 60_000),
        "test": slice(60_000, 70_000),
    }.items():
        assert np.array_equal(got[f"X_{part}"][:, columns], X[rows])
        assert got[f"X_{part}"].dtype == np.float64 and got[f"X_{part}"].flags.c_contiguous
        assert np.array_equal(got[f"y_{part}"], labels[perm][rows])
        assert got[f"y_{part}"].dtype == np.int64
    assert np.array_equal(got["X"], images) and np.array_equal(got["y"], labels)


@pytest.mark.slow
def test_digits_split_shapes_mean_and_determinism() -> None:
    import sklearn.datasets  # takes a second, which collecting the tests need not

    digits = sklearn.datasets.load_digits()
    got = RECIPE.split_digits(digits.data, digits.target)
    assert {name: array.shape for name, array in got.items()} == {
        "X_train": (1297, 784),
        "y_train": (1297,),
        "X_val": (250, 784),
        "y_val": (250,),
        "X_test": (250, 784),
        "y_test": (250,),
        "X": (1797, 784),
        "y": (1797,),
    }
    assert 0 <= got["X"].min() < got["X"].max() <= 255
    assert np.abs(got["X_train"].mean(axis=0)).max() < 1e-9
    assert all(got[f"y_{part}"].dtype == np.int64 for part in ("train", "val", "test"))
    again = RECIPE.split_digits(digits.data, digits.target)
    assert all(np.array_equal(got[name], again[name]) for name in got)
    every_label = np.concatenate([got["y_train"], got["y_val"], got["y_test"]])
    assert np.array_equal(np.bincount(every_label), np.bincount(digits.target))


def test_digits_are_enlarged_to_28x28_and_0_to_255() -> None:
    image = np.arange(64, dtype=np.float64).reshape(1, 64) % 17
    large = RECIPE.enlarge_digits(image).reshape(28, 28)
    for row in range(28):
        for column in range(28):
            inside = 2 <= row < 26 and 2 <= column < 26
            small = image[0, (row - 2) // 3 * 8 + (column - 2) // 3] if inside else 0
            assert large[row, column] == small * 255 / 16
    assert RECIPE.enlarge_digits(np.full((1, 64), 16)).max() == 255


@pytest.mark.parametrize("name", ["mnist", "digits"])
def test_splits_refuse_other_shapes(name: str) -> None:
    with pytest.raises(ValueError, match="wanted images of shape"):
        RECIPE.SPLITS[name](np.zeros((10, 64)), np.zeros(10, dtype=int))


def test_recipes_are_frozen_and_complete() -> None:
    assert RECIPE.RECIPES.keys() == RECIPE.SPLITS.keys()
    assert (RECIPE.RECIPES["mnist"].batch_size, RECIPE.RECIPES["digits"].batch_size) == (100, 10)
    with pytest.raises(AttributeError):
        RECIPE.RECIPES["mnist"].reg = 0


# ------------------------------------------------------------------------------
# IDX files

idx_arrays = st.sampled_from(["u1", "i1", "i2", "i4", "f4", "f8", ">i4", ">f8"]).flatmap(
    lambda dtype: st_numpy.arrays(dtype, st_numpy.array_shapes(max_dims=4, max_side=4))
)


@pytest.mark.slow
@settings(deadline=None)
@given(array=idx_arrays, zipped=st.booleans(), data=st.data())
def test_idx_round_trip_and_any_truncation_is_told(
    array: np.ndarray, zipped: bool, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "some-idx"
        write_idx(path, array)
        if zipped:
            path.write_bytes(gzip.compress(path.read_bytes()))
        got = read_idx(path)
        assert got.shape == array.shape and got.dtype == array.dtype.newbyteorder("=")
        assert got.tobytes() == array.astype(got.dtype).tobytes()  # Also where there are NaNs.

        whole = path.read_bytes()
        path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
        with pytest.raises(DatasetError, match="some-idx"):
            read_idx(path)
        path.write_bytes(whole + b"\x01")
        with pytest.raises(DatasetError, match="some-idx"):
            read_idx(path)


@pytest.mark.slow
@settings(deadline=None)
@given(content=st.binary(max_size=60) | st.binary(max_size=60).map(lambda tail: b"\0\0\x08" + tail))
def test_arbitrary_bytes_are_read_or_refused(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "some-idx"
        for written in (content, gzip.compress(content), b"\x1f\x8b" + content):
            path.write_bytes(written)
            try:
                got = read_idx(path)
            except DatasetError as error:
                assert str(path) in str(error) and "\n" not in str(error)
            else:
                assert got.size > 0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "begins with b''"),
        (b"<!DOCTYPE html><title>Sign in</title>", "looks like a web page"),
        (b"\x93NUMPY", "not an IDX file"),
        (b"\0\0\x07\x01" + bytes(5), "not an IDX file"),
        (b"\0\0\x08\0" + bytes(5), "0 dimensions"),
        (b"\0\0\x08\xff" + bytes(2000), "255 dimensions"),
        (b"\0\0\x08\x02\0\0\0\x01", "within its header"),
        (b"\0\0\x08\x01\0\0\0\0", "announces"),
        (b"\0\0\x0e\x04" + b"\xff" * 16, "announces"),
        (b"\0\0\x08\x01\0\0\0\x03ab", "only 2 bytes"),
        (b"\0\0\x08\x01\0\0\0\x03abcd", "more bytes after the header; wanted 3"),
    ],
)
def test_what_is_no_idx_file_is_named(tmp_path: Path, content: bytes, told: str) -> None:
    for written in (content, gzip.compress(content)):
        path = tmp_path / "t10k-labels-idx1-ubyte.gz"
        path.write_bytes(written)
        with pytest.raises(DatasetError, match=told) as caught:
            read_idx(path)
        assert str(path) in str(caught.value)


@pytest.mark.parametrize("position", [10, 100, -8, -1])  # The deflate block's head, data, checksum, length.
def test_a_damaged_byte_in_a_gz_is_noticed(tmp_path: Path, position: int) -> None:
    path = tmp_path / "labels.gz"
    write_idx(path, np.arange(200, dtype=np.uint8))
    content = bytearray(gzip.compress(path.read_bytes()))
    content[position] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DatasetError, match="damaged"):
        read_idx(path)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="No such file"):
        read_idx(tmp_path / "nowhere.gz")


@pytest.mark.parametrize(
    "array", [np.zeros(3, np.int64), np.zeros((), np.uint8), np.zeros((1,) * 9, np.uint8)]
)
def test_write_idx_refuses_what_the_format_lacks(tmp_path: Path, array: np.ndarray) -> None:
    with pytest.raises(ValueError, match="IDX cannot hold"):
        write_idx(tmp_path / "x", array)


# ------------------------------------------------------------------------------
# Which dataset a run gets


@pytest.mark.slow
def test_digits_are_prepared_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first = desk.find("digits")
    assert first == Dataset("digits", desk.cache / "datasets" / "digits-v1")
    # The second time scikit-learn, which costs a second, is not asked.
    monkeypatch.setattr("sklearn.datasets.load_digits", lambda: pytest.fail("loaded again"))
    assert desk.find("digits") == first
    assert desk.said == []
    assert leftovers(desk) == []


def test_a_prepared_dataset_needs_no_scikit_learn(desk: Desk) -> None:
    desk.find("digits")
    code = (
        "import sys; from grader.assignment import datasets\n"
        "found = datasets.find('auto', {'digits': None}, recipe_version='v1')\n"
        "assert found.load('X_train').shape == (898, 64) and 'sklearn' not in sys.modules"
    )
    environ = {**os.environ, **desk.environ, "PYTHONPATH": str(ROOT)}
    environ.pop("GRADE_DATA", None)
    subprocess.run([sys.executable, "-c", code], check=True, env=environ)


def test_loaded_arrays_are_read_only_maps_of_the_promised_types(desk: Desk) -> None:
    desk.environ["GRADE_DATA"] = str(write_mnist(desk.cache.parent / "data"))
    dataset = desk.find("mnist")
    for name in datasets.ARRAYS:
        array = dataset.load(name)
        assert isinstance(array, np.memmap) and not array.flags.writeable and array.flags.c_contiguous
        assert array.dtype == (np.float64 if name.startswith("X") else np.int64)
        assert dataset.path(name) == dataset.folder / f"{name}.npy"
    assert np.array_equal(dataset.load("X_test"), IMAGES[12:])
    assert np.array_equal(dataset.load("y_val"), LABELS[8:12])
    with pytest.raises(ValueError, match="no array 'W1'"):
        dataset.path("W1")
    dataset.path("y_val").unlink()
    with pytest.raises(DatasetError, match=r"y_val\.npy"):
        dataset.load("y_val")


def test_another_recipe_is_another_folder(desk: Desk) -> None:
    assert desk.find("digits", "v1").folder != desk.find("digits", "v2").folder


def test_auto_without_anything_is_digits(desk: Desk) -> None:
    assert desk.find("auto").name == "digits"


def test_auto_with_a_data_folder_without_mnist_is_digits(desk: Desk, tmp_path: Path) -> None:
    desk.environ["GRADE_DATA"] = str(tmp_path)
    assert desk.find("auto").name == "digits"
    with pytest.raises(DatasetError, match="not on this machine"):
        desk.find("mnist")


@pytest.mark.parametrize("choice", ["auto", "mnist"])
@pytest.mark.parametrize("below", [".", "mnist"])
@pytest.mark.parametrize("zipped", [False, True])
def test_mnist_of_the_data_folder_is_prepared_once(
    desk: Desk, tmp_path: Path, choice: str, below: str, zipped: bool
) -> None:
    data = write_mnist(tmp_path / "data" / below, zipped)
    desk.environ["GRADE_DATA"] = str(tmp_path / "data")
    assert is_small_mnist(desk.find(choice))
    assert len(desk.said) == 1 and f"preparing MNIST from {data}" in desk.said[0]
    del desk.environ["GRADE_DATA"]
    assert is_small_mnist(desk.find(choice))
    assert len(desk.said) == 1
    assert leftovers(desk) == []


def test_mnist_nowhere_tells_what_to_do(desk: Desk) -> None:
    with pytest.raises(DatasetError) as caught:
        desk.find("mnist")
    for remedy in ("grade data fetch mnist", "--from DIR", "GRADE_DATA", "--dataset digits"):
        assert remedy in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("choice", ["auto", "mnist"])
def test_a_data_folder_that_is_none_is_an_error(desk: Desk, tmp_path: Path, choice: str) -> None:
    desk.environ["GRADE_DATA"] = str(tmp_path / "typo")
    with pytest.raises(DatasetError, match=r"GRADE_DATA is .*typo.*does not exist"):
        desk.find(choice)
    (tmp_path / "typo").write_text("a file")
    with pytest.raises(DatasetError, match="which is a file"):
        desk.find(choice)
    assert desk.find("digits").name == "digits"  # Which has no use for it.


@pytest.mark.parametrize("choice", ["auto", "mnist"])
def test_half_of_mnist_is_an_error_and_not_digits(desk: Desk, tmp_path: Path, choice: str) -> None:
    (write_mnist(tmp_path / "data") / "t10k-labels-idx1-ubyte").unlink()
    desk.environ["GRADE_DATA"] = str(tmp_path / "data")
    with pytest.raises(DatasetError, match="incomplete, no t10k-labels-idx1-ubyte"):
        desk.find(choice)


def test_unknown_choices_are_usage_errors(desk: Desk) -> None:
    with pytest.raises(UsageError, match="unknown dataset 'cifar'; wanted one of auto, mnist, digits"):
        desk.find("cifar")
    with pytest.raises(UsageError, match="no dataset 'mnist'; it has digits"):
        datasets.find("mnist", {"digits": small_split}, recipe_version="v1", environ=desk.environ)


@pytest.mark.parametrize(
    ("name", "array", "told"),
    [
        ("train-images-idx3-ubyte", SMALL["train-images-idx3-ubyte"][::-1], "not the original"),
        ("train-images-idx3-ubyte", SMALL["train-images-idx3-ubyte"][:11], r"\(11, 3, 2\); wanted uint8"),
        ("t10k-labels-idx1-ubyte", (SMALL["t10k-labels-idx1-ubyte"] + 1) % 10, "not the original"),
        ("t10k-labels-idx1-ubyte", np.array([1, 2, 3, 10], np.uint8), "label 10; wanted labels 0 to 9"),
        ("t10k-labels-idx1-ubyte", SMALL["t10k-labels-idx1-ubyte"].astype(np.int32), "int32 of shape"),
    ],
)
def test_nobody_is_graded_on_an_altered_mnist(
    desk: Desk, tmp_path: Path, name: str, array: np.ndarray, told: str
) -> None:
    write_idx(write_mnist(tmp_path / "data") / name, array)
    desk.environ["GRADE_DATA"] = str(tmp_path / "data")
    for attempt in (lambda: desk.find("auto"), lambda: desk.fetch(tmp_path / "data")):
        with pytest.raises(DatasetError, match=told) as caught:
            attempt()
        assert str(tmp_path / "data" / name) in str(caught.value)


# ------------------------------------------------------------------------------
# The cache


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def overwrite_header(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content.replace(b"<f8", b"<i8", 1))


def to_garbage(path: Path) -> None:
    path.write_bytes(b"\xff{]")


DAMAGES = [
    ("X_train.npy", truncate, "X_train.npy has"),
    ("X_val.npy", overwrite_header, "X_val.npy has lost its header"),
    ("y_test.npy", Path.unlink, "y_test.npy: No such file"),
    ("manifest.json", Path.unlink, "manifest.json: No such file"),
    ("manifest.json", to_garbage, "manifest.json: "),
    ("manifest.json", lambda path: path.write_text("{}"), "manifest.json: "),
]


@pytest.mark.parametrize(("file", "damage", "told"), DAMAGES)
def test_damaged_arrays_are_prepared_again(
    desk: Desk, file: str, damage: Callable[[Path], None], told: str
) -> None:
    folder = desk.find("digits").folder
    damage(folder / file)
    row = desk.status()["digits"]
    assert not row.prepared and told in row.damage
    assert desk.find("digits").load("X_val").shape == (449, 64)
    assert len(desk.said) == 1 and told in desk.said[0] and "preparing it again" in desk.said[0]
    assert desk.status(verify=True)["digits"].prepared
    assert leftovers(desk) == []


def test_a_file_in_the_place_of_the_folder_makes_way(desk: Desk) -> None:
    folder = desk.cache / "datasets" / "digits-v1"
    folder.parent.mkdir(parents=True)
    folder.write_text("not a folder")
    assert desk.find("digits").load("y_test").shape == (450,)


def test_damaged_mnist_without_its_source_is_an_error_and_not_digits(desk: Desk, tmp_path: Path) -> None:
    desk.environ["GRADE_DATA"] = str(write_mnist(tmp_path / "data"))
    truncate(desk.find("auto").path("X_test"))
    del desk.environ["GRADE_DATA"]
    with pytest.raises(DatasetError, match=r"X_test.npy has .* bytes.*grade data fetch mnist"):
        desk.find("auto")
    desk.environ["GRADE_DATA"] = str(tmp_path / "data")
    assert is_small_mnist(desk.find("auto"))


def find_at(barrier: Any, cache: str) -> None:
    """In a process of its own: prepare digits when all the others are ready to."""
    barrier.wait()
    found = datasets.find("digits", SPLITS, recipe_version="v1", environ={"GRADE_CACHE": cache})
    assert found.load("X_train").shape == (898, 64)


@pytest.mark.parametrize("damaged", [False, True])
def test_processes_may_prepare_the_same_dataset_at_once(desk: Desk, damaged: bool) -> None:
    if damaged:
        truncate(desk.find("digits").path("X_train"))
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(4)
    workers = [context.Process(target=find_at, args=(barrier, str(desk.cache))) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert desk.status(verify=True)["digits"].prepared
    assert leftovers(desk) == []


def test_an_interrupted_preparation_leaves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "save", interrupt)
    with pytest.raises(KeyboardInterrupt):
        desk.find("digits")
    assert leftovers(desk) == [] and not (desk.cache / "datasets" / "digits-v1").exists()


def test_what_a_killed_process_left_is_swept_after_a_day(desk: Desk) -> None:
    old, new = (desk.cache / "datasets" / f".preparing-{age}" for age in ("old", "new"))
    for folder in (old, new):
        folder.mkdir(parents=True)
    yesterday = time.time() - 25 * 3600
    os.utime(old, (yesterday, yesterday))
    desk.find("digits")
    assert leftovers(desk) == [new]  # Which another process may be working on.


@pytest.mark.slow
def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    # Tests may run as root, whom permissions do not bind: a file where the folder should be stops everybody.
    (tmp_path / "cache").write_text("not a folder")
    code = (
        "import os; from grader.assignment import datasets\n"
        "split = lambda X, y: {name: (X if name[0] == 'X' else y)[:9] for name in (*datasets.ARRAYS, *datasets.RAW)}\n"
        "found = datasets.find('auto', {'digits': split}, recipe_version='v1')\n"
        "assert found.load('X_train').shape == (9, 64)\n"
        "if os.fork() == 0: raise SystemExit  # A child that exits takes nothing with it.\n"
        "os.wait(); assert found.path('X_train').exists()\n"
        "print(found.folder)"
    )
    environ = {
        **os.environ,
        "GRADE_CACHE": str(tmp_path / "cache"),
        "PYTHONPATH": str(ROOT),
        "TMPDIR": str(tmp_path),
    }
    environ.pop("GRADE_DATA", None)
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, env=environ, capture_output=True, text=True
    )
    assert len(done.stderr.splitlines()) == 1
    assert (
        f"cannot write to the cache folder {tmp_path / 'cache'}" in done.stderr
        and "GRADE_CACHE" in done.stderr
    )
    assert Path(done.stdout.strip()).parent.parent == tmp_path
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


def test_fetch_into_a_cache_that_cannot_be_written_is_an_error(desk: Desk, tmp_path: Path) -> None:
    desk.cache.write_text("not a folder")
    with pytest.raises(DatasetError, match=r"cannot keep MNIST in .*GRADE_CACHE"):
        desk.fetch(write_mnist(tmp_path / "data"))
    with pytest.raises(DatasetError, match=r"cannot write to .*GRADE_CACHE"):
        desk.fetch(None)


# ------------------------------------------------------------------------------
# Fetching


def test_fetch_from_a_folder_outlives_the_folder_and_the_recipe(desk: Desk, tmp_path: Path) -> None:
    data = write_mnist(tmp_path / "data", zipped=True)
    assert is_small_mnist(desk.fetch(data))
    for path in data.iterdir():
        path.unlink()
    assert is_small_mnist(desk.find("auto"))
    assert is_small_mnist(desk.find("auto", "v2"))  # From the files that fetch has kept.
    truncate(desk.find("mnist").path("X_train"))
    assert is_small_mnist(desk.find("mnist"))


def test_fetch_from_a_folder_without_mnist_says_so(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no MNIST in it"):
        desk.fetch(tmp_path)


class OpenML:
    """Stands in for `fetch_openml`, with what scikit-learn's ARFF parser returns: floats, digits as text."""

    def __init__(self, images: np.ndarray = IMAGES, labels: np.ndarray = LABELS) -> None:
        self.images, self.labels = images.astype(np.float64), labels.astype(str).astype(object)
        self.calls: list[dict[str, Any]] = []
        self.fails_with: Exception | None = None

    def __call__(self, name: str, **options: Any) -> tuple[np.ndarray, np.ndarray]:
        assert name == "mnist_784" and options["version"] == 1 and options["return_X_y"] is True
        assert options["as_frame"] is False and options["parser"] == "liac-arff"  # Else it wants pandas.
        assert Path(options["data_home"]).is_dir()
        self.calls.append(options)
        if self.fails_with:
            raise self.fails_with
        return self.images, self.labels


def test_fetch_from_openml_downloads_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    openml = OpenML()
    monkeypatch.setattr("sklearn.datasets.fetch_openml", openml)
    assert is_small_mnist(desk.fetch(None))
    assert Path(openml.calls[0]["data_home"]).parent == desk.cache
    assert leftovers(desk) == []
    assert is_small_mnist(desk.fetch(None))
    assert "already prepared" in desk.said[-1]
    truncate(desk.find("mnist").path("X_train"))
    assert is_small_mnist(desk.fetch(None))  # From the files that the first fetch has kept.
    assert len(openml.calls) == 1
    to_garbage(desk.cache / "sources" / "mnist" / "t10k-images-idx3-ubyte")
    truncate(desk.find("digits").folder.parent / "mnist-v1" / "X_train.npy")
    assert is_small_mnist(desk.fetch(None))  # Both are damaged.
    assert len(openml.calls) == 2
    assert is_small_mnist(desk.find("mnist", "v2"))


@pytest.mark.parametrize(
    "failure",
    [
        URLError("Name or service not known"),
        TimeoutError("timed out"),
        ValueError("md5 checksum of local file does not match"),
        EOFError("Compressed file ended"),
    ],
)
def test_trouble_with_openml_is_one_line(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    openml = OpenML()
    openml.fails_with = failure
    monkeypatch.setattr("sklearn.datasets.fetch_openml", openml)
    with pytest.raises(DatasetError, match=r"OpenML: .*--from DIR") as caught:
        desk.fetch(None)
    assert "\n" not in str(caught.value)
    assert leftovers(desk) == []


@pytest.mark.parametrize(
    ("openml", "told"),
    [
        (OpenML(images=IMAGES[::-1]), "the part that is train-images-idx3-ubyte: is not the original"),
        (OpenML(labels=LABELS[::-1]), "labels-idx1-ubyte: is not the original"),
        (OpenML(images=IMAGES + 0.5), "not whole numbers"),
        (OpenML(images=IMAGES * np.nan), "not whole numbers"),
        (OpenML(labels=np.array(["six"] * 16)), "could not convert"),
        (OpenML(images=IMAGES[:15]), r"images \(15, 6\)"),
        (OpenML(images=IMAGES[:, :5]), r"images \(16, 5\)"),
    ],
)
def test_what_openml_serves_is_verified(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, openml: OpenML, told: str
) -> None:
    monkeypatch.setattr("sklearn.datasets.fetch_openml", openml)
    with pytest.raises(DatasetError, match=told):
        desk.fetch(None)
    assert desk.find("auto").name == "digits"


# ------------------------------------------------------------------------------
# Status


def test_status_of_an_empty_machine(desk: Desk) -> None:
    rows = desk.status()
    assert [(row.prepared, row.size, row.damage) for row in rows.values()] == [(False, 0, "")] * 2
    assert rows["mnist"].source == "not on this machine"
    assert rows["digits"].source == "inside scikit-learn"
    assert not desk.cache.exists()  # Looking changes nothing.


def test_status_tells_where_things_are(desk: Desk, tmp_path: Path) -> None:
    data = write_mnist(tmp_path / "data")
    desk.environ["GRADE_DATA"] = str(data)
    assert desk.status()["mnist"].source == str(data)
    folder = desk.find("mnist").folder
    row = desk.status()["mnist"]
    assert (row.prepared, row.folder) == (True, folder)
    assert row.size == sum(path.stat().st_size for path in folder.glob("*.npy"))
    desk.environ["GRADE_DATA"] = "/nowhere/at/all"
    row = desk.status()["mnist"]
    assert row.prepared and "GRADE_DATA" in row.source and "does not exist" in row.source


def test_only_verify_sees_a_changed_number(desk: Desk) -> None:
    path = desk.find("digits").path("X_train")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert desk.status()["digits"].prepared
    row = desk.status(verify=True)["digits"]
    assert not row.prepared and "X_train.npy has another SHA-256" in row.damage


def test_every_error_is_the_users_and_exits_with_3() -> None:
    assert issubclass(DatasetError, GraderError) and DatasetError.exit_code == 3


# ------------------------------------------------------------------------------
# The real thing


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("GRADE_DATA"), reason="GRADE_DATA does not name a folder with MNIST")
def test_the_real_mnist(tmp_path: Path) -> None:
    environ = {"GRADE_CACHE": str(tmp_path), "GRADE_DATA": os.environ["GRADE_DATA"]}
    said: list[str] = []
    found = datasets.find("auto", RECIPE.SPLITS, recipe_version="real", environ=environ, say=said.append)
    assert found.name == "mnist" and len(said) == 1
    arrays = {name: found.load(name) for name in datasets.ARRAYS}
    assert [array.shape for array in arrays.values()] == [
        (50_000, 784), (50_000,), (10_000, 784), (10_000,), (10_000, 784), (10_000,),
    ]  # fmt: skip
    assert np.abs(arrays["X_train"].mean(axis=0)).max() < 1e-9
    labels = np.concatenate([arrays["y_train"], arrays["y_val"], arrays["y_test"]])
    # How often each digit occurs in all of MNIST.
    assert np.bincount(labels).tolist() == [6903, 7877, 6990, 7141, 6824, 6313, 6876, 7293, 6825, 6958]
    rows = datasets.status(RECIPE.SPLITS, recipe_version="real", environ=environ, verify=True)
    assert [(row.name, row.prepared) for row in rows] == [("mnist", True), ("digits", False)]
