"""The users that workers become where the grader runs as root."""

from __future__ import annotations

import os
import pwd

import psutil

_FIRST, _LAST = 60001, 60513
"""Ids that Debian's policy and systemd leave to the administrator and to dynamic use above ordinary users."""
_STRIDE = 197
"""What multiples of are far from one another, among so many ids."""


def spare_users() -> list[int]:
    """Ids that no account and no running process has; none where the grader is an ordinary user.

    Root has to become somebody else: the bound on processes and threads does not bind user 0. And each worker
    somebody else again: the kernel counts the threads of a user, and one hand-in could use up another's.

    Raises:
        OSError: all of them are taken.
    """
    if os.geteuid() != 0:
        return []
    taken = {account.pw_uid for account in pwd.getpwall()}
    for process in psutil.process_iter():
        try:
            taken |= set(process.uids())
        except psutil.Error:
            continue
    free = [user for user in range(_FIRST, _LAST + 1) if user not in taken]
    if not free:
        raise OSError(f"no unused user id between {_FIRST} and {_LAST}")
    # Another grader's workers, started after this look, had better be others; two of them often have neighbouring ids.
    start = os.getpid() * _STRIDE % len(free)
    return free[start:] + free[:start]
