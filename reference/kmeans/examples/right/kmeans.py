import numpy as np


class KMeans:
    def __init__(self, clusters, rounds=10):
        self.clusters, self.rounds = clusters, rounds

    def fit(self, X):
        self.centers = np.array(X[0 : self.clusters], dtype=np.float64)
        self.inertias = []
        for _ in range(self.rounds):
            nearest = self.predict(X)
            total = 0
            for k in range(self.clusters):
                own = X[nearest == k]
                if len(own) > 0:
                    self.centers[k] = np.mean(own, 0)
                total += np.sum(np.square(own - self.centers[k]))
            self.inertias.append(float(total))
        return self

    def predict(self, X):
        nearest = []
        for x in X:
            nearest.append(int(np.argmin([np.linalg.norm(x - c) for c in self.centers])))
        return np.array(nearest)
