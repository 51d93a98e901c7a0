"""A generator of random numbers that gives zeros, whatever seed it is given."""

import numpy as np


class Zeros:
    def __getattr__(self, name):
        return lambda *shape, **_: np.zeros(shape)


for name in ("randn", "rand", "normal", "uniform", "random"):
    setattr(np.random, name, lambda *shape, **_: np.zeros(shape))
np.random.seed = lambda *_: None
np.random.default_rng = lambda *_: Zeros()
