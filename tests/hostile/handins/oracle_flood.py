"""A loss that fails on purpose, and a train that asks the right one for ever."""


def attack(net, X, y):
    while True:
        try:
            net.loss(X, y)
        except ValueError:
            pass
