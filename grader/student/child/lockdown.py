"""The steps by which a worker gives up, for good, all that student code does not need."""

from __future__ import annotations

import contextlib
import os
import pkgutil
import resource
import select
import signal
import sys
from collections.abc import Callable
from typing import Any

from . import syscalls

PRIVATE_MEGABYTES = 64
"""Size of a worker's private folder for files, where it has one: memory, beside that of the rlimits."""
PRIVATE_FILES = 4096


def lock_or_end(config: dict[str, Any], what: str, prepare: Callable[[], None] = lambda: None) -> None:
    """Lock down, or only practise, as a program's settings say; where that fails, say so and end.

    `prepare` may fill the working folder: see `confine`.
    """
    try:
        if config["lockdown"] is None:
            practise(config["limits"])
            prepare()
        else:
            more = syscalls.OF_RECEIVERS if config.get("receives_files") else None
            lock_down(
                config["lockdown"], config["limits"], config["watchdog"], config["scratch"], more, prepare
            )
    except OSError as error:
        print(f"a {what} could not lock itself down: {error}", file=sys.stderr)
        os._exit(1)
    end_where_left_alone(config["socket"])


def lock_down(
    config: dict[str, Any],
    limits: dict[str, int],
    watchdog: int,
    scratch: str,
    more: dict[str, int] | None = None,
    prepare: Callable[[], None] = lambda: None,
) -> None:
    """Lock this process down, in the only order that works; `OSError` where the kernel refuses a step.

    `config` is what `confine` wants; `more`: system calls that are allowed beside a worker's.
    """
    confine(config, limits, scratch, prepare)
    syscalls.SystemCallFilter(os.getpid(), watchdog, more).enforce()


def confine(
    config: dict[str, Any], limits: dict[str, int], scratch: str, prepare: Callable[[], None]
) -> None:
    """All of the lock-down but the filter of system calls; what this process starts inherits it.

    `prepare` may fill the working folder, in which nothing else may be written where there are no private files.
    `config`, made by the grader (see `sandbox.confined`), has
    `user`: id to become, or None; `may_search`: whether that user needs root's right to pass closed folders;
    `private_files`: whether to mount a private folder over `scratch`; `read`: paths; `cut`: folders of which
    parts are in `read` and others hidden; `packages`: those of them and others that are to be on `sys.path`;
    `threads`: bound on the threads of this user; `fonts`: matplotlib's font list, or None; `sockets`: whether
    sockets may be made in the working folder.
    """
    fonts = _read(config["fonts"])
    owner = config["user"] if config["user"] is not None else os.getuid()
    if config["private_files"]:
        syscalls.mount_tmpfs(scratch, PRIVATE_MEGABYTES, PRIVATE_FILES, owner)
    _become(config["user"], config["may_search"])
    os.chdir(scratch)  # into what was mounted, out of what that covers
    _make_matplotlib_folder(scratch, config["fonts"], fonts)
    prepare()
    die_with_the_grader()  # again: the change of user has undone it
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)
    _restrict_files(config, scratch)
    limit_resources(limits)
    _limit(resource.RLIMIT_NPROC, config["threads"])


def practise(limits: dict[str, int]) -> None:
    """All that is done without a sandbox: limits, and orphans become children of this process, to be found."""
    if sys.platform == "linux":
        syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
    limit_resources(limits)


def limit_resources(limits: dict[str, int]) -> None:
    """Lower hard limits for good: memory (bytes of address space), cpu (seconds), file_size (bytes)."""
    try:
        _limit(resource.RLIMIT_AS, limits["memory"])
    except (OSError, ValueError):
        if sys.platform == "linux":
            raise
        # Elsewhere there is no sandbox, and macOS on ARM refuses a bound below what every process begins with.
    _limit(resource.RLIMIT_CPU, limits["cpu"])
    _limit(resource.RLIMIT_FSIZE, limits["file_size"])
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, 256)


def die_with_the_grader() -> None:
    """Be killed when the grader's thread that started this process ends, even where SIGKILL ended that.

    Under bubblewrap the parent is bubblewrap, which has asked for the same. See also `end_where_left_alone`.
    """
    if sys.platform == "linux":
        syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)


def end_where_left_alone(socket: int) -> None:
    """End at once where the grader ended before it could be heard of: nobody is at the other end of the `socket`."""
    poll = select.poll()
    poll.register(socket, 0)  # that nobody is there is told whatever is asked for
    if poll.poll(0):
        os._exit(1)


def _become(user: int | None, may_search: bool) -> None:
    """Become an ordinary user, without any right of root's, or with the one to pass closed folders."""
    if user is None:
        syscalls.keep_capabilities()
        return
    syscalls.prctl(syscalls.PR_SET_KEEPCAPS, int(may_search))
    if may_search:  # or `os.access`, which matplotlib asks, says that nothing below a closed folder is there
        with contextlib.suppress(PermissionError):  # a container may lack the right to
            syscalls.prctl(syscalls.PR_SET_SECUREBITS, syscalls.SECBIT_NO_SETUID_FIXUP)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    if not may_search:
        syscalls.keep_capabilities()
        return
    try:
        syscalls.keep_capabilities([syscalls.CAP_DAC_READ_SEARCH])
    except PermissionError:  # a container may lack it, and have this one
        syscalls.keep_capabilities([syscalls.CAP_DAC_OVERRIDE])


def _restrict_files(config: dict[str, Any], scratch: str) -> None:
    landlock = syscalls.Landlock()
    for path in config["read"]:
        landlock.allow_reading(path)
    _remember_names(config)
    if config["private_files"]:
        for path in config["cut"]:
            landlock.allow_listing(path)  # an empty folder is mounted over what is hidden
    landlock.allow_reading(scratch)
    if config["private_files"]:
        landlock.allow_writing(scratch)
    if config["sockets"]:
        landlock.allow_sockets(scratch)
    landlock.allow_writing(os.devnull)
    landlock.enforce()


def _remember_names(config: dict[str, Any]) -> None:
    """Have modules found in the cut folders by the names that are there now.

    Landlock's right to list a folder holds for all below, hidden parts too: tier B cannot give it.
    """
    seen = {*config["read"], *config["cut"]}
    for path in [*sys.path, *config["packages"]]:
        folder = os.path.realpath(path)
        finder: Any = pkgutil.get_importer(path)
        if folder in config["cut"] and hasattr(finder, "_fill_cache"):
            finder._fill_cache()
            finder._path_cache = {name for name in finder._path_cache if os.path.join(folder, name) in seen}
            finder._fill_cache = lambda: None  # it would come back with nothing


def _limit(which: int, value: int) -> None:
    hard = resource.getrlimit(which)[1]
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    # A failure here must end the worker: it would run student code without the limit.
    resource.setrlimit(which, (bound, bound))


def _read(path: str | None) -> bytes:
    if path is None:
        return b""
    with open(path, "rb") as file:
        return file.read()


def _make_matplotlib_folder(scratch: str, fonts: str | None, content: bytes) -> None:
    """Give matplotlib a folder of its own, without which it does not start, and its list of fonts."""
    folder = os.path.join(scratch, "matplotlib")
    os.mkdir(folder)
    if fonts is not None:
        with open(os.path.join(folder, os.path.basename(fonts)), "wb") as file:
            file.write(content)
