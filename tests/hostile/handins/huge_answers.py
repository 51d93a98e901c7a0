"""Answers of 32 MB, in arrays, lists and names, from every method."""

import numpy as np


class TwoLayerMLP:
    def __init__(self, *_, **__):
        self.params = {f"W{i}" + "x" * 1000: np.zeros(1 << 13) for i in range(200)}

    def loss(self, X, y=None, reg=0.0):
        return np.zeros(3 << 20) if y is None else (np.zeros(3 << 20), {"W1" * 5000: [0.0] * (1 << 20)})

    def train(self, *_, **__):
        return {"loss_history": [0.0] * (1 << 20), "x" * (1 << 20): "y" * (1 << 20)}

    def predict(self, X):
        return np.zeros((1 << 11, 1 << 11))
