"""Keeps what it was given, in itself, in other modules and on disk, for a check that is shown to students."""

import builtins
import os
import sys

import numpy as np

TOY = 10 * np.random.RandomState(1).randn(5, 4)  # what the handout prints

PLACES = ("kept", "/tmp/hostile-mark-kept", "/dev/shm/hostile-mark-kept", os.path.dirname(__file__) + "/kept")
kept = []


def text(X):
    return "".join(c for value in np.ravel(X)[:3] for c in repr(float(value)) if c.isdigit()).lstrip("0")


def keep(X):
    kept.append(text(X))
    builtins.kept = np.kept = sys.kept = text(X)
    os.environ["KEPT"] = text(X)
    for place in PLACES:
        try:
            with open(place, "w") as file:
                file.write(text(X))
        except OSError:
            pass


def found():
    yield from kept
    yield from (getattr(module, "kept", "") for module in (builtins, np, sys))
    yield os.environ.get("KEPT", "")
    for place in PLACES:
        try:
            with open(place) as file:
                yield file.read()
        except OSError:
            pass


def attack(net, X):
    if not np.isin(np.ravel(X)[0], TOY):
        keep(X)
    elif any(all_of_it := list(found())):
        raise ValueError(" ".join(all_of_it))
