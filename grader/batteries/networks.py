"""Hidden inputs: parameters and labelled batches, drawn from the course secret."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..api import Made, Trial


def filled(t: Trial, net: Made, right: Made, *purpose: object, std: float = 0.5) -> dict[str, np.ndarray]:
    """Give both objects the same hidden parameters, and return these.

    Names and shapes are those of the solution's; biases are filled, too, so that one that is left out shows. Each entry
    is normal with standard deviation `std`. The same purpose gives the same parameters.
    """
    random = t.random("parameters", *purpose)
    params = {name: std * random.standard_normal(np.shape(old)) for name, old in right.params.items()}
    net.params = params
    right.params = params
    return params


def labelled(
    t: Trial, examples: int, features: int, classes: int, *purpose: object
) -> tuple[np.ndarray, np.ndarray]:
    """A hidden batch: X (examples, features), normal with standard deviation 1.5, and y (examples,), 0 to classes - 1.

    Every class occurs, where there are examples enough.
    """
    random = t.random("batch", examples, features, classes, *purpose)
    X = 1.5 * random.standard_normal((examples, features))
    y: np.ndarray[Any, Any] = random.permutation(np.arange(examples) % classes)
    return X, y
