"""The parent of workers, or of notebooks: it has imported what these need, and forks where another would have to start.

It holds no answers, and nothing of any hand-in: not even the name of one. A request is open descriptors alone; what is
in them is read by the process forked for it. That one becomes the first of a namespace of its own, where there are
namespaces, forks the worker, which locks itself down before it reads a byte of the hand-in, and tells how it ended.

All that come of a parent have the same addresses in memory (ASLR is the parent's). Its settings are `socket` (on which
requests come), `forks` (the module of the program that is forked), `packages` as a worker's, `workspace` (the folder
that all hand-ins are in), `namespaces` (whether each is to have its own view of that folder) and `user_namespace`
(whether it has to have its own users for that).
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys
import traceback
from typing import Any

from . import lockdown, settings, syscalls

MOST_DESCRIPTORS = 64
"""Of one request."""
_FILES = 64
"""Folders on the way to a hand-in, and it."""


def main() -> None:
    """Import what the program needs; fork it for each request, until the grader hangs up."""
    config = settings.read()
    control = socket.socket(fileno=config["socket"])
    program = importlib.import_module(f".{config['forks']}", __package__)
    program.import_ahead()
    numpy_random = sys.modules.get("numpy.random")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those forked here
    itself = os.pidfd_open(os.getpid())
    gc.freeze()  # or each child's first collection would copy all memory
    control.send(b"up")
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, MOST_DESCRIPTORS)
        if not message:
            os._exit(0)
        if _fork(config["namespaces"], itself) == 0:
            control.close()
            os.close(itself)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            if numpy_random is not None:
                numpy_random.seed()  # or all would draw the same
            _attend(config, program, *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _fork(namespaces: bool, itself: int) -> int:
    """Fork, into a new namespace of processes where there are to be any."""
    if not namespaces:
        return os.fork()
    syscalls.unshare(syscalls.CLONE_NEWPID)
    child = -1
    try:
        child = os.fork()
        return child
    finally:
        if child:
            syscalls.enter_own_processes(itself)  # or a namespace could be had just once


def _attend(parent: dict[str, Any], program: Any, told: int, answer: int, output: int, *theirs: int) -> None:
    """Fork a worker, or what else the `program` is; tell who it is, and how it ended; never returns.

    `told`: a file with a worker's settings, in which descriptors are places among `theirs`; `answer`: a
    connection for this worker alone.
    """
    reply = socket.socket(fileno=answer)
    try:
        lockdown.die_with_the_grader()
        with open(told) as file:
            config = json.load(file)
        os.environ.clear()
        os.environ.update(config["environment"])
        if parent["namespaces"]:
            _take_apart(parent, config["folder"], config["scratch"])
        own = os.getpid()
        child = os.fork()
    except BaseException as error:
        reply.send(f"a worker could not be forked: {error}".encode())
        os._exit(1)
    if child == 0:
        reply.close()
        _become(program, config, own, output, theirs)
    socket.send_fds(reply, [b"."], [os.pidfd_open(child), os.pidfd_open(own)])
    for descriptor in (output, *theirs):
        os.close(descriptor)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    # Such as a notebook's kernel. Under bubblewrap root may not signal others: all ends with this process there.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)  # while the number cannot be another's
    _, status, used = os.wait4(child, 0)
    end = {"status": os.waitstatus_to_exitcode(status), "cpu": used.ru_utime + used.ru_stime}
    reply.send(json.dumps(end).encode())
    os._exit(0)


def _become(program: Any, config: dict[str, Any], parent: int, output: int, theirs: tuple[int, ...]) -> None:
    try:
        os.setsid()
        lockdown.die_with_the_grader()
        if os.getppid() != parent:  # it ended before that held
            os._exit(1)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
        config["socket"], config["stack"] = theirs[config["socket"]], theirs[config["stack"]]
        config["arrays"] = {name: theirs[place] for name, place in config["arrays"].items()}
        program.work(config)
    except BaseException:  # ours: what a hand-in raises is caught further in
        traceback.print_exc()
        sys.stderr.flush()
    finally:  # whatever happens, this process forks nothing
        os._exit(1)


def _take_apart(parent: dict[str, Any], folder: str, scratch: str) -> None:
    """Have a view of the workspace in which there is this one hand-in, and an empty folder to work in."""
    user, group = os.getuid(), os.getgid()
    if parent["user_namespace"]:  # the kernel bounds a user's threads in each of these by itself
        syscalls.unshare(syscalls.CLONE_NEWUSER | syscalls.CLONE_NEWNS)
        for name, line in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(line)
    else:
        syscalls.unshare(syscalls.CLONE_NEWNS)
    own = syscalls.take_mount(folder)
    syscalls.mount_tmpfs(parent["workspace"], 1, _FILES, user, 0o755)
    os.makedirs(folder, exist_ok=True)
    os.makedirs(scratch, exist_ok=True)
    syscalls.put_mount(own, folder)
    os.close(own)
    syscalls.make_read_only(parent["workspace"])
    os.environ["PWD"] = scratch  # as bubblewrap does
    if parent["user_namespace"]:
        syscalls.mount_tmpfs("/proc", 1, 1, user, 0o755)
        syscalls.make_read_only("/proc")
