"""A `params` that answers differently each time it is read: four times as it should, four times with zeros."""

import numpy as np


class Fickle(dict):
    reads = 0

    def __getitem__(self, key):
        Fickle.reads += 1
        value = dict.__getitem__(self, key)
        return value if Fickle.reads // 4 % 2 else np.zeros_like(value)

    def get(self, key, default=None):
        return self[key] if key in self else default

    def items(self):
        return [(key, self[key]) for key in self]

    def values(self):
        return [self[key] for key in self]
