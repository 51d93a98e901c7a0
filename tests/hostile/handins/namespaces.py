"""A world of its own, in which it is root, and mounts over this one."""

import os

from attempts import attempt, syscall

SPACES = {
    "user": 0x10000000,
    "mount": 0x20000,
    "pid": 0x20000000,
    "network": 0x40000000,
    "ipc": 0x8000000,
    "uts": 0x4000000,
    "cgroup": 0x2000000,
    "time": 0x80,
}
here = os.getcwd().encode()

for name, flag in SPACES.items():
    attempt(f"unshare {name}", lambda flag=flag: syscall("unshare", flag))
    attempt(f"unshare user and {name}", lambda flag=flag: syscall("unshare", flag | 0x10000000))
attempt("clone into a user namespace", lambda: syscall("clone", 0x10000000 | 17, 0, 0, 0, 0) or os._exit(0))
attempt("setns", lambda: syscall("setns", os.open("/proc/1/ns/mnt", os.O_RDONLY), 0))
attempt("mount", lambda: (syscall("mount", b"none", here, b"tmpfs", 0, 0), syscall("umount2", here, 2)))
attempt("bind", lambda: (syscall("mount", b"/", here, b"", 0x1000, 0), syscall("umount2", here, 2)))
attempt("open_tree", lambda: syscall("open_tree", -100, here, 1))
attempt("fsopen", lambda: syscall("fsopen", b"tmpfs", 0))
attempt("umount", lambda: syscall("umount2", here, 2))
attempt("chroot", lambda: os.chroot(here))
attempt("pivot_root", lambda: syscall("pivot_root", here, here))
