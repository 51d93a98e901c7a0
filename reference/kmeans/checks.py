"""What is asked of k-means, 10 points."""

import numpy as np

from grader.api import check
from grader.batteries import repeatable

SIZES = ((40, 3, 4), (25, 2, 3))
"""Points, features, clusters."""


def data(t, *purpose):
    """Hidden points around hidden centers, those of all clusters mixed."""
    for points, features, clusters in SIZES:
        random = t.random(points, *purpose)
        centers = 4 * random.standard_normal((clusters, features))
        yield (
            centers[random.integers(clusters, size=points)] + random.standard_normal((points, features)),
            clusters,
        )


def fitted(t, X, clusters, **settings):
    net, right = t.both(clusters, **settings)
    net.fit(X)
    right.fit(X)
    return net, right


@check("Nearest centers", points=3, question="Q1",
       hint="After fit, predict says for each point which center is nearest.")  # fmt: skip
def assign(t):
    for X, clusters in data(t):
        net, right = fitted(t, X, clusters, rounds=0)  # the centers are the first points
        t.equal(net.predict(X), right.predict(X), "the labels")


@check(
    "One round",
    points=2,
    question="Q2",
    hint="A center moves to the mean of the points that are nearest to it.",
)
def one_round(t):
    for X, clusters in data(t):
        net, right = fitted(t, X, clusters, rounds=1)
        t.close(net.read("centers"), right.read("centers"), "the centers after one round")


@check(
    "All rounds",
    points=2,
    after=one_round,
    hint="Each round assigns anew, with the centers of the round before.",
)
def all_rounds(t):
    for X, clusters in data(t):
        net, right = fitted(t, X, clusters)
        t.close(net.read("centers"), right.read("centers"), "the centers")


@check(
    "Inertia", points=1, after=one_round, hint="Squared distances, summed over the points, after each round."
)
def inertia(t):
    for X, clusters in data(t):
        net, right = fitted(t, X, clusters)
        t.close(net.read("inertias"), right.read("inertias"), "inertias")


@check(
    "A cluster without points",
    points=1,
    after=one_round,
    hint="What is the mean of no points? Keep the center.",
)
def empty(t):
    X = np.concatenate(
        [np.full((2, 2), 3.0), t.random("empty").standard_normal((6, 2)) + 5]
    )  # two equal centers
    net, right = fitted(t, X, 2, rounds=2)
    t.close(net.read("centers"), right.read("centers"), "the centers")


@check("fit again", points=1, after=one_round, hint="What does a second fit find that the first has left?")
def again(t):
    (X, clusters), *_ = data(t)
    net, right = fitted(t, X, clusters)
    t.close(net.read("centers"), right.read("centers"), "the centers of the first fit")

    def centers():
        net.fit(X)
        return net.read("centers")

    repeatable(t, centers, "what fit finds")
