"""A loss that fails on purpose, and a train that asks the right one everything but what it is for."""

import numpy as np

ODD = (
    None,
    "text",
    {"W1": 1},
    [[1, 2], [3]],
    object(),
    np.array([None]),
    10**400,
    -1,
    float("nan"),
    np.full((5, 4), np.nan),
    np.full((5, 4), np.inf),
    np.zeros((0, 4)),
    np.zeros((2000, 4)),
    np.zeros((1,) * 8),
    np.ones((5, 4), dtype=complex),
    [[[[[[[[1]]]]]]]],
)


def attack(net, X, y):
    kept = net.params
    net.loss(X, y)  # fails at once where it is the hand-in's own
    for odd in ODD:
        for question in ((odd, y, 0.1), (X, odd, 0.1), (X, y, odd), (odd, None), (odd, odd, odd)):
            ask(net, *question)
        for name in kept:
            net.params = {**kept, name: odd}
            ask(net, X, y)
        net.params = {"W1": odd}
        ask(net, X, y)
    net.params = kept
    for rows in (1 << 20, 2 << 20):  # 32 MB, which one frame holds, and 64
        ask(net, np.zeros((rows, 4)))


def ask(net, *question):
    try:
        net.loss(*question)
    except Exception:
        pass
