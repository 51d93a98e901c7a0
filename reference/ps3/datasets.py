"""The data that Problem Set 3 trains on: the assignment's own recipe, as pure functions.

The grader finds, verifies and caches the raw images; this file alone says how they become the six arrays
that a hand-in sees. `SPLITS` maps the name of a dataset to the function that splits its raw images, `RECIPES`
to the training settings its accuracy is judged at. Nothing here reads a file or touches NumPy's global random
state.

Every split is a dict of six C-ordered arrays: `X_train`, `X_val`, `X_test` of shape (N, 784), float64, with
the mean image of the training part subtracted; `y_train`, `y_val`, `y_test` of shape (N,), int64, labels 0
to 9. Beside them `X` (all images, pixels from 0 to 255) and `y`, in their original order: what the handout's
`utils.py` reads.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Images = NDArray[Any]
Arrays = dict[str, NDArray[Any]]

SPLIT_SEED = 0
"""`get_MNIST_data()` of the handout's utils.py calls `np.random.seed(0)` before it permutes."""

MNIST_COUNTS = (50_000, 10_000, 10_000)
"""Train, validation and test images of `get_MNIST_data()`: all of MNIST's 60,000 + 10,000."""

DIGITS_COUNTS = (1297, 250, 250)
"""Train, validation and test images of scikit-learn's 1,797 digits, in about MNIST's proportions."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a network is trained where its accuracy is judged: the settings of the notebook's MNIST cells.

    `hidden_size` and `std` (standard deviation of the initial weights) are arguments of the network, the rest
    of its `train`; `learning_rate` is multiplied by `learning_rate_decay` after each of the `num_epochs`.
    """

    batch_size: int
    hidden_size: int = 64
    std: float = 1e-1
    num_epochs: int = 20
    learning_rate: float = 1e-3
    learning_rate_decay: float = 0.95
    reg: float = 0.5
    num_classes: int = 10


def split_mnist(images: Images, labels: Images) -> Arrays:
    """Split MNIST as the handout's `get_MNIST_data()` does.

    Args:
        images: (70000, 784) uint8, 0 to 255, the 60,000 training images before the 10,000 test images
            (the order of the original files and of OpenML's `mnist_784`).
        labels: (70000,) integers in the same order.

    Returns:
        The six arrays of this module's docstring: 50,000 / 10,000 / 10,000 images.

    Raises:
        ValueError: the arrays do not have these shapes.
    """
    return _split(images, labels, MNIST_COUNTS)


def split_digits(images: Images, labels: Images) -> Arrays:
    """Split scikit-learn's `load_digits()`, enlarged to the size and range of MNIST's images.

    Code and notebooks that say `28 * 28` then run unchanged on both datasets.

    Args:
        images: (1797, 64), 8x8 pixels, any real dtype, values 0 to 16.
        labels: (1797,) integers.

    Returns:
        The six arrays of this module's docstring: 1,297 / 250 / 250 images.

    Raises:
        ValueError: the arrays do not have these shapes.
    """
    return _split(enlarge_digits(images), labels, DIGITS_COUNTS)


def enlarge_digits(images: Images) -> NDArray[np.float64]:
    """Enlarge 8x8 digits with values 0 to 16 to 28x28 with values 0 to 255.

    Each pixel becomes a block of 3x3 (24x24 in all), with a border of two empty pixels on every side.

    Args:
        images: (N, 64), any real dtype.

    Returns:
        (N, 784) float64.
    """
    squares = np.asarray(images, dtype=np.float64).reshape(-1, 8, 8) * (255.0 / 16.0)
    blocks = squares.repeat(3, axis=1).repeat(3, axis=2)
    return np.pad(blocks, ((0, 0), (2, 2), (2, 2))).reshape(-1, 784)


def _split(images: Images, labels: Images, counts: tuple[int, int, int]) -> Arrays:
    """Permute (N, 784) images and (N,) labels, cut them into `counts` and subtract the training mean."""
    total = sum(counts)
    if images.shape != (total, 784) or labels.shape != (total,):
        wanted = f"images of shape ({total}, 784) and labels of shape ({total},)"
        raise ValueError(f"got {images.shape} and {labels.shape}; wanted {wanted}")
    # A RandomState of its own draws what np.random.seed(0) and np.random.permutation would draw.
    order = np.random.RandomState(SPLIT_SEED).permutation(total)
    parts = dict(zip(("train", "val", "test"), np.split(order, np.cumsum(counts)[:-1]), strict=True))
    arrays: Arrays = {"X": images, "y": labels}
    for part, rows in parts.items():
        arrays[f"X_{part}"] = images[rows].astype(np.float64)
        arrays[f"y_{part}"] = labels[rows].astype(np.int64)
    mean_image = arrays["X_train"].mean(axis=0)
    for part in parts:
        arrays[f"X_{part}"] -= mean_image
    return arrays


SPLITS: Mapping[str, Callable[[Images, Images], Arrays]] = {"mnist": split_mnist, "digits": split_digits}
"""For each dataset, the function (raw images, raw labels) -> the six arrays."""

RECIPES: Mapping[str, Recipe] = {
    # The notebook's own figures: sigmoid reaches a test accuracy of 0.864 with them, ReLU 0.965.
    "mnist": Recipe(batch_size=100),
    # With the notebook's batch of 100, 1,297 images are too few steps for the sigmoid to learn (0.16 +- 0.04
    # over several starting states); a batch of 10 gives it 0.84 +- 0.005, and ReLU 0.984 +- 0.01.
    "digits": Recipe(batch_size=10),
}
"""For each dataset, the settings of the accuracy checks."""
