"""Search all objects of the process, and the frames above, for answers and secrets."""

import gc
import sys

from facts import FORBIDDEN

from attempts import attempt, is_secret


def texts():
    seen = set()
    waiting = [*gc.get_objects(), sys.modules, *frames()]
    for thing in waiting[:400_000]:
        for inner in (thing, *gc.get_referents(thing)):
            if isinstance(inner, str | bytes) and id(inner) not in seen and len(inner) < 5000:
                seen.add(id(inner))
                yield inner


def frames():
    frame = sys._getframe()
    while frame is not None:
        yield from frame.f_locals.values()
        frame = frame.f_back


everything = list(texts())
attempt("secrets among all objects", lambda: [t for t in everything if is_secret(t)], bool)
told = {*FORBIDDEN, "expected.npz", "solution.py"}  # by this file and its facts
attempt(
    "answers among all objects",
    lambda: [
        t
        for t in everything
        if isinstance(t, str) and t not in told and ("expected.npz" in t or "solution.py" in t)
    ],
    bool,
)
attempt(
    "modules of the grader",
    lambda: [m for m in sys.modules if m.split(".")[0] in ("grader", "reference")],
    bool,
)
