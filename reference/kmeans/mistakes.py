"""What goes wrong in k-means."""

from grader.api import mistake

MISTAKES = [
    mistake("farthest", "Points are given to the farthest center.", {"np.argmin": "np.argmax"}),
    mistake("absolute-distance", "Distances are sums of absolute differences; k-means has squares.",
            {"((X[:, None, :] - self.centers[None, :, :]) ** 2)": "np.abs(X[:, None, :] - self.centers[None, :, :])"}),
    mistake("median", "Centers move to the median of their points, not to the mean.",
            {"X[labels == k].mean(axis=0)": "np.median(X[labels == k], axis=0)"}),
    mistake("mean-of-everything", "A center moves to one number, the mean over points and features.",
            {".mean(axis=0)": ".mean()"}),
    mistake("assigned-once", "Points are assigned once; each round has to assign them anew.",
            {"        for _ in range(self.rounds):\n            labels = self.predict(X)":
             "        labels = self.predict(X)\n        for _ in range(self.rounds):"}),
    mistake("one-round", "fit makes one round, whatever rounds says.", {"range(self.rounds)": "range(min(1, self.rounds))"}),
    mistake("inertia-averaged", "The inertia is a mean; it should be a sum.",
            {"** 2).sum())": "** 2).sum() / len(X))"}),
    mistake("inertia-not-squared", "The inertia is of distances; it should be of their squares.",
            {"((X - self.centers[labels]) ** 2).sum())": "np.sqrt(((X - self.centers[labels]) ** 2).sum(axis=1)).sum())"}),
    mistake("empty-to-nan", "A cluster without points moves to the mean of nothing.",
            {"if (labels == k).any():": "if True:"}),
    mistake("empty-to-zero", "A cluster without points moves to the origin.",
            {"                if (labels == k).any():\n": "                self.centers[k] = 0\n                if (labels == k).any():\n"}),
    mistake("goes-on-from-last", "fit goes on from the centers of the last fit; it should start anew.",
            {"self.centers = X[: self.clusters].astype(float)":
             "self.centers = getattr(self, 'centers', X[::-1][: self.clusters].astype(float))"}),
    mistake("last-points", "The starting centers are the last points, not the first.",
            {"X[: self.clusters]": "X[-self.clusters :]"}),
]  # fmt: skip
