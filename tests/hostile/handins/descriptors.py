"""Look at every descriptor that was inherited: no folder, no file of the grader's, nothing of its neighbours."""

import fcntl
import os
import stat

from attempts import attempt, is_secret
from facts import LABELS

KINDS = {stat.S_IFDIR: "folder", stat.S_IFREG: "file", stat.S_IFSOCK: "socket", stat.S_IFBLK: "disk"}


def inherited():
    found = {}
    for descriptor in range(256):
        try:
            found[descriptor] = KINDS.get(stat.S_IFMT(os.fstat(descriptor).st_mode), "other")
        except OSError:
            continue
    return found


def content(descriptor):
    try:
        return os.pread(descriptor, 200, 0).strip()
    except OSError:
        return b""


open_ones = inherited()
of_kind = {kind: [fd for fd, k in open_ones.items() if k == kind] for kind in KINDS.values()}
attempt("folders", lambda: of_kind["folder"], bool)
attempt("disks", lambda: of_kind["disk"], bool)
attempt("files to write", lambda: [fd for fd in of_kind["file"] if fcntl.fcntl(fd, fcntl.F_GETFL) & 3], bool)
attempt("labels of the test images", lambda: [fd for fd in open_ones if os.fstat(fd).st_ino == LABELS], bool)
attempt("secrets", lambda: [fd for fd in open_ones if is_secret(content(fd))], bool)
attempt("sockets besides its own", lambda: of_kind["socket"], lambda found: len(found) > 1)
attempt("more than it needs", lambda: sorted(open_ones), lambda found: len(found) > 16)
for descriptor in of_kind["file"]:
    path = f"/proc/self/fd/{descriptor}"
    attempt(f"open {descriptor} again, to write", lambda path=path: os.open(path, os.O_RDWR))
    attempt(f"change the mode of {descriptor}", lambda fd=descriptor: os.fchmod(fd, 0o666))
    attempt(f"change the times of {descriptor}", lambda fd=descriptor: os.utime(fd))
    attempt(
        f"lock {descriptor}",
        lambda fd=descriptor: fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB),
        lambda _: False,
    )
