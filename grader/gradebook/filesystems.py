"""Which file systems are no place for SQLite's write-ahead log.

The log needs memory that all processes share, which does not reach over a network: https://sqlite.org/wal.html,
"all processes using a database must be on the same host computer". The rollback journal works everywhere.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

NETWORK = {
    0x6969: "NFS",
    0xFF534D42: "CIFS",
    0xFE534D42: "SMB2",
    0x517B: "SMB",
    0x5346414F: "AFS",
    0x6B414653: "AFS",
    0x65735546: "FUSE",
    0x01021997: "9p",
    0x00C36400: "Ceph",
    0x0BD00BD0: "Lustre",
    0x47504653: "GPFS",
    0x73757245: "Coda",
    0x564C: "NCP",
    0x01161970: "GFS2",
    0x7461636F: "OCFS2",
    0x013111A8: "IBRIX",
    0x19830326: "BeeGFS",
    0x20030528: "PVFS2",
    0xAAD7AAEA: "PanFS",
    0xBACBACBC: "VMware's shared folders",
    0x786F4256: "VirtualBox's shared folders",
    0x7C7C6673: "Parallels' shared folders",
    0x6A656A63: "Docker Desktop's shared folders",
    0x53464846: "a folder of Windows",
    0xBEEFDEAD: "SNFS",
    0x61636673: "ACFS",
}
"""`f_type` of statfs(2) to the name, from that page of the manual, Linux's `include/uapi/linux/magic.h`, and, for those
that are not in the kernel, the table of coreutils' `src/stat.c`. FUSE is sshfs, GlusterFS and others; it may be a local
one too, where the rollback journal does no harm."""


def network_name(path: Path) -> str:
    """The name of the network file system that a path is on; empty on any other, and where nobody can say."""
    return NETWORK.get(_type(path), "")


def _type(path: Path) -> int:
    """`f_type` of the file system, 0 where the system does not say. The path or its nearest folder has to be there."""
    while not path.exists() and path != path.parent:
        path = path.parent
    try:
        statfs = ctypes.CDLL(None, use_errno=True).statfs
    except (OSError, AttributeError):  # not Linux: there its first field is another
        return 0
    found = (ctypes.c_long * 64)()  # `struct statfs` is 120 bytes on x86_64 and begins with `f_type`
    if os.uname().sysname != "Linux" or statfs(os.fsencode(path), found) != 0:
        return 0
    return int(found[0]) & 0xFFFFFFFF
