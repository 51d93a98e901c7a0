"""Walk through every folder that can be listed, the upper ones first, and look for names that must not be there."""

import os
import sys
import time
from collections import deque

from facts import CHILD, HOME, NAMES, TEMP

from attempts import attempt

SKIPPED = {"/proc", "/sys"}
own = os.path.dirname(__file__)
starts = [
    own,
    os.getcwd(),
    CHILD,
    TEMP,
    HOME,
    "/",
    "/tmp",
    "/home",
    "/var",
    *sys.path,
    sys.prefix,
    sys.base_prefix,
]


def look():
    found = []
    seen = set()
    waiting = deque(starts)
    end = time.process_time() + 0.8
    while waiting and time.process_time() < end:
        folder = waiting.popleft()
        if folder in seen or folder in SKIPPED:
            continue
        seen.add(folder)
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        found += [entry.path for entry in entries if entry.name in NAMES]
        waiting += [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
    return found, f"{len(seen)} folders seen"


attempt("find answers, rubrics, labels or other hand-ins", look, lambda result: bool(result[0]))
