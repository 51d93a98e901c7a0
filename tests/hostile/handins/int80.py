"""A system call of the 32-bit kind, whose numbers mean other calls than the filter's."""

import ctypes
import mmap
import os
import platform

from attempts import attempt

GETPID = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"  # mov eax, 20; int 0x80; ret


def call():
    if platform.machine() != "x86_64":
        raise OSError("no such calls on this machine")
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(GETPID)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    return ctypes.CFUNCTYPE(ctypes.c_int)(address)()


attempt("getpid, as a 32-bit program", call, lambda pid: pid == os.getpid())
