"""100 GB at once, then as much as it gets in pieces, private and shared; it stops at 3 GB."""

import mmap

import numpy as np
from facts import MEMORY_MB

from attempts import attempt


def heap(piece):
    kept = []
    try:
        while 64 * len(kept) < 3072:
            kept.append(piece())
    except (MemoryError, OSError):
        pass
    return 64 * len(kept)


attempt("100 GB array", lambda: np.ones(100 << 27).nbytes)
attempt("100 GB bytes", lambda: len(bytearray(100 << 30)))
attempt(f"heap past {MEMORY_MB} MB", lambda: heap(lambda: bytearray(64 << 20)), lambda mb: mb > MEMORY_MB)
attempt(
    f"shared mappings past {MEMORY_MB} MB",
    lambda: heap(lambda: mmap.mmap(-1, 64 << 20)),
    lambda mb: mb > MEMORY_MB,
)
