"""System calls that no homework needs and that exploits begin with."""

import ctypes
import os
import struct

from attempts import attempt, checked, libc, read, syscall

ring = ctypes.create_string_buffer(256)
event = ctypes.create_string_buffer(struct.pack("=IIQ", 1, 112, 0), 256)  # a software counter: CPU clock
handle = ctypes.create_string_buffer(struct.pack("=Ii", 128, 0), 256)
mount_id = ctypes.c_int()
program = ctypes.create_string_buffer(struct.pack("=IIII", 2, 4, 4, 1), 128)  # an array map

attempt("io_uring", lambda: syscall("io_uring_setup", 8, ring))
attempt("add_key", lambda: syscall("add_key", b"user", b"hostile", b"x", 1, -3))
attempt("keyctl: join a session", lambda: syscall("keyctl", 1, 0))
attempt("keyctl: describe the session", lambda: syscall("keyctl", 6, -3, ring, 200))
attempt("userfaultfd", lambda: syscall("userfaultfd", 1))
attempt("bpf map", lambda: syscall("bpf", 0, program, 72))
attempt("perf_event_open", lambda: syscall("perf_event_open", event, 0, -1, -1, 0))
attempt("fanotify", lambda: syscall("fanotify_init", 0, 0))
attempt(
    "name_to_handle_at", lambda: syscall("name_to_handle_at", -100, b"/", handle, ctypes.byref(mount_id), 0)
)
attempt("open_by_handle_at", lambda: syscall("open_by_handle_at", 0, handle, 0))
attempt("kernel log", lambda: syscall("syslog", 10, 0, 0))
attempt("iopl", lambda: syscall("iopl", 3))
attempt("getpid, as x32", lambda: checked(libc.syscall(ctypes.c_long(0x40000000 + 39))))
attempt("fork, as x32", lambda: checked(libc.syscall(ctypes.c_long(0x40000000 + 57))) or os._exit(0))
attempt("modules", lambda: read("/proc/modules"))
