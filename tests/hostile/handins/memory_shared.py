"""Memory that no address is left for: of a shared mapping, all pages live for as long as one of them is mapped."""

import ctypes
import mmap

from attempts import attempt, libc
from facts import MEMORY_MB

libc.mmap.restype = ctypes.c_void_p
SIZE = 128 << 20
kept = []


def hold():
    held = 0
    while held <= MEMORY_MB << 20:
        address = libc.mmap(None, ctypes.c_size_t(SIZE), 3, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS, -1, ctypes.c_long(0))
        if address in (None, ctypes.c_void_p(-1).value):
            break
        ctypes.memset(address, 1, SIZE)
        libc.munmap(ctypes.c_void_p(address + 4096), ctypes.c_size_t(SIZE - 4096))
        kept.append(address)
        held += SIZE
    return held >> 20


attempt(f"more than {MEMORY_MB} MB in shared mappings", hold, lambda mb: mb > MEMORY_MB)
for address in kept:
    libc.munmap(ctypes.c_void_p(address), ctypes.c_size_t(4096))
