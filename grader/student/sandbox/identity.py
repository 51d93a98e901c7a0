"""The user that workers become where the grader runs as root."""

from __future__ import annotations

import os
import pwd

import psutil

_FIRST, _LAST = 60001, 60513
"""Ids that Debian's policy and systemd leave to the administrator and to dynamic use above ordinary users."""


def spare_user() -> int | None:
    """An id that no account and no running process has; None where the grader is an ordinary user.

    Root has to become somebody else: the bound on processes and threads does not bind user 0.

    Raises:
        OSError: all of them are taken.
    """
    if os.geteuid() != 0:
        return None
    taken = {account.pw_uid for account in pwd.getpwall()}
    for process in psutil.process_iter():
        try:
            taken |= set(process.uids())
        except psutil.Error:
            continue
    for user in range(_FIRST, _LAST + 1):
        if user not in taken:
            return user
    raise OSError(f"no unused user id between {_FIRST} and {_LAST}")
