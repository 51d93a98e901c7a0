"""What is asked of a two-layer network, 20 points."""

import numpy as np

from grader.api import check
from grader.batteries import enough, filled, identical, labelled, of_batches

SIZES = ((5, 7, 4, 9, 0.3), (3, 12, 6, 8, 0.7))
"""Inputs, hidden units, classes, examples, reg."""


def networks(t):
    """The hidden networks: of the hand-in's class and the solution's, with a batch and reg."""
    for inputs, hidden, classes, examples, reg in SIZES:
        net, right = t.both(inputs, hidden, classes)
        filled(t, net, right, inputs)
        yield net, right, *labelled(t, examples, inputs, classes), reg


def convention(t):
    """What reg is multiplied by for the solution to have the hand-in's penalty, where either convention is right."""
    if t.constant("PENALTY") != "either" or "loss" in t.supplied:
        return 1.0
    net, right, X, y, reg = next(networks(t))
    own = t.attempt(lambda: float(net.loss(X, y, reg)[0]) - float(net.loss(X, y, 0.0)[0]), 0.0)
    whole = right.loss(X, y, reg)[0] - right.loss(X, y, 0.0)[0]
    for scale in (0.5, 1.0):
        if abs(own - scale * whole) < 1e-6 * whole:
            return scale
    # The loss does not tell: what the gradient is nearer to.
    wanted = {scale: right.loss(X, y, scale * reg)[1]["W2"] for scale in (1.0, 0.5)}
    found = t.attempt(lambda: np.asarray(net.loss(X, y, reg)[1]["W2"], dtype=float), wanted[1.0])
    if found.shape != wanted[1.0].shape:
        return 1.0
    return min(wanted, key=lambda scale: np.abs(found - wanted[scale]).max())


@check("Scores on hidden networks", points=2, question="Q1",
       hint="Without labels, loss gives back the scores: two affine layers with a ReLU between them.")  # fmt: skip
def scores(t):
    for net, right, X, _, _ in networks(t):
        t.close(net.loss(X), right.loss(X), "the scores")


@check("Loss without penalty", points=2,
       hint="With reg = 0 the loss is the mean of minus the log of the softmax at the right class.")  # fmt: skip
def data_loss(t):
    for net, right, X, y, _ in networks(t):
        t.close(net.loss(X, y, 0.0)[0], right.loss(X, y, 0.0)[0], "the loss with reg = 0")


@check(
    "Penalty",
    points=1,
    hint="What does reg add to the loss? It is about the weights of both layers, squared.",
)
def penalty(t):
    scale = convention(t)
    for net, right, X, y, reg in networks(t):
        own = float(net.loss(X, y, reg)[0]) - float(net.loss(X, y, 0.0)[0])
        t.close(own, right.loss(X, y, scale * reg)[0] - right.loss(X, y, 0.0)[0], "what reg adds to the loss")


@check("Gradient of {name}", points=1.5, question="Q2", each=("W2", "b2", "W1", "b1"),
       hint="Compare with central differences of your loss, in one entry of this parameter.")  # fmt: skip
def gradient(t, name):
    scale = convention(t)
    for net, right, X, y, reg in networks(t):
        t.close(
            net.loss(X, y, reg)[1][name], right.loss(X, y, scale * reg)[1][name], f"the gradient of {name}"
        )


def trained(t, net, right, scale=1.0, reg=0.0, **settings):
    """What train returns on identical examples, of the hand-in's object and of the solution's."""
    X, y = identical(t, 8, 5, 3, "train")
    given = {"learning_rate": 0.1, "learning_rate_decay": 1.0, "batch_size": 4, **settings}
    return net.train(X, y, X, y, reg=reg, **given), right.train(X, y, X, y, reg=scale * reg, **given)


def parameters(t, scale=1.0, **settings):
    """Both networks after training; the check is lost where they differ."""
    net, right = t.both(5, 6, 3)
    before = filled(t, net, right, "train")
    trained(t, net, right, scale, **settings)
    for name, wanted in right.params.items():
        t.close(
            net.params[name] - before[name], wanted - before[name], f"the change of {name}", relative=1e-6
        )


@check("One step", points=2, question="Q3", supply=("loss", "predict"),
       hint="A step takes the learning rate times the gradient away from every parameter.")  # fmt: skip
def step(t):
    parameters(t, convention(t), num_iters=1, reg=0.3)


@check("The losses of all steps", points=1, after=step, supply=("loss", "predict"),
       hint="loss_history holds the loss of each step's batch, in order.")  # fmt: skip
def history(t):
    net, right = t.both(5, 6, 3)
    filled(t, net, right, "train")
    own, wanted = trained(t, net, right, num_iters=6)
    t.close(own["loss_history"], wanted["loss_history"], "loss_history", relative=1e-6)


@check("The learning rate decays after each epoch", points=1, after=step, supply=("loss", "predict"),
       hint="learning_rate_decay multiplies the learning rate once for each pass over the data.")  # fmt: skip
def decay(t):
    parameters(t, num_iters=7, learning_rate_decay=0.5)


@check("Each step draws a batch", points=1, after=step, supply=("loss", "predict"),
       hint="Each step takes batch_size examples at random, and their labels.")  # fmt: skip
def batches(t):
    net, right = t.both(5, 6, 3)
    filled(t, net, right, "batches")
    one, other = (identical(t, 50, 5, 3, name) for name in ("one", "other"))
    X, y = np.concatenate([one[0], other[0]]), np.concatenate([one[1], other[1]])
    losses = [right.loss(X[i : i + 1], y[i : i + 1])[0] for i in (0, 99)]
    own = net.train(X, y, X, y, learning_rate=0.0, reg=0.0, batch_size=10, num_iters=20)
    of_batches(t, own["loss_history"], *losses, 10)


@check("Accuracy on the digits", points=1, after=step, supply=("loss", "predict"), slow=True,
       hint="Trained on the digits, the network should know most of the validation digits.")  # fmt: skip
def accuracy(t):
    X, y, X_val, y_val = (t.arrays[name] for name in ("X_train", "y_train", "X_val", "y_val"))

    def reached(side, seed):
        net = side.new(X.shape[1], 50, 10, std=0.1, seed=seed)
        net.train(X, y, X_val, y_val, learning_rate=0.5, reg=1e-4, num_iters=600, batch_size=50)
        return float((t.array(net.predict(X_val), y_val.shape, "the labels") == y_val).mean())

    enough(t, reached(t.student, 0), lambda seed: reached(t.solution, seed))


@check("Predicted labels", points=3, question="Q4", supply="loss",
       hint="predict gives for each example the number of the highest score.")  # fmt: skip
def predict(t):
    for net, right, X, _, _ in networks(t):
        t.equal(net.predict(X), right.predict(X), "the labels")
        net.params = right.params = {"b2": right.params["b2"] - 100.0}  # no score is positive
        t.equal(net.predict(X), right.predict(X), "the labels")
