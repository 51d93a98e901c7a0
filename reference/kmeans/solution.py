"""A right answer: Lloyd's algorithm from the first points as centers."""

import numpy as np


class KMeans:
    """After `fit`, `centers` (K, D) and `inertias`: after each round, the sum of squared distances to the centers."""

    def __init__(self, clusters, rounds=10):
        self.clusters = clusters
        self.rounds = rounds

    def fit(self, X):
        """Start from the first rows of X as centers, and move them; the object itself comes back."""
        self.centers = X[: self.clusters].astype(float)
        self.inertias = []
        for _ in range(self.rounds):
            labels = self.predict(X)
            for k in range(self.clusters):
                if (labels == k).any():
                    self.centers[k] = X[labels == k].mean(axis=0)
            self.inertias.append(((X - self.centers[labels]) ** 2).sum())
        return self

    def predict(self, X):
        """For each row of X the number of the nearest center."""
        distances = ((X[:, None, :] - self.centers[None, :, :]) ** 2).sum(axis=2)
        return np.argmin(distances, axis=1)
