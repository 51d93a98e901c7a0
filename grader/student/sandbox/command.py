"""The command that starts a worker, the same in every tier but for its lock-down."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from .base import WATCHDOG, Forks, Launch

CHILD = Path(__file__).resolve().parent.parent / "child"
BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from {folder}.{program} import main; main()"


def interpreter() -> str:
    """The Python under the grader's environment: workers get their packages by name, not from a venv."""
    base: str = getattr(sys, "_base_executable", "") or sys.executable
    return os.path.realpath(base)


def package_folders() -> list[str]:
    """Where installed packages are. An environment may be layered over another, so not just one folder.

    Without links: on the way to an environment there may be one that workers do not have.

    The grader's own checkout, which an editable install puts on the path, is no such folder.
    """
    found = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    return list(dict.fromkeys(map(os.path.realpath, found)))


def settings(
    launch: Launch, lockdown: dict[str, Any] | None, modules: Sequence[str] | None = None
) -> dict[str, Any]:
    """What a program in `child` is told; `lockdown` as `child.lockdown.lock_down` wants it, None for none.

    `modules`: what student code may import beside Python's own and its own, None for all that is installed.
    """
    return {
        "socket": launch.socket,
        "stack": launch.stack,
        "arrays": dict(launch.arrays),
        "folder": str(launch.folder),
        "scratch": str(launch.scratch),
        "packages": package_folders(),
        "modules": modules if launch.program == "worker" else None,
        "limits": {"memory": launch.memory, "cpu": launch.cpu, "file_size": launch.file_size},
        "watchdog": WATCHDOG,
        "lockdown": lockdown,
        **launch.settings,
    }


def spawn(
    launch: Launch,
    told: dict[str, Any],
    within: Sequence[str] = (),
    also: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start the program of a launch, which is told its `settings`.

    `within`: a program and its arguments that are to run it; `also`: descriptors that this one needs.
    """
    with file_of(told) as file:
        stack = [launch.stack] if launch.stack is not None else []
        descriptors = (launch.socket, *stack, *launch.arrays.values(), file.fileno(), *also)
        return subprocess.Popen(
            # -P -s -S: no script folder, no user site, no .pth file that would put the grader's answers on the
            # path. Not -I: it would ignore PYTHONHASHSEED, and a set of names must have the same order each time.
            [
                *within,
                interpreter(),
                "-P",
                "-s",
                "-S",
                "-B",
                "-u",
                "-c",
                BOOT.format(folder=CHILD.name, program=launch.program),
                str(CHILD.parent),
                str(file.fileno()),
            ],
            stdin=subprocess.DEVNULL,
            stdout=launch.output,
            stderr=launch.output,
            cwd=launch.scratch,
            env=environment(launch.scratch),
            pass_fds=descriptors,
            start_new_session=True,
        )


def of_parent(
    forks: Forks, workspace: Path, readable: tuple[Path, ...], socket: int, output: int
) -> tuple[Launch, dict[str, Any]]:
    """The launch and the settings of a warm parent, which has no limits: what it forks sets its own."""
    launch = Launch(
        folder=workspace,
        scratch=workspace,
        socket=socket,
        output=output,
        arrays={},
        memory=0,
        cpu=0,
        file_size=0,
        program="warm",
        forks=forks,
        readable=readable,
    )
    told = {"socket": socket, "forks": forks, "packages": package_folders(), "workspace": str(workspace)}
    return launch, told


@contextlib.contextmanager
def file_of(told: dict[str, Any]) -> Iterator[IO[str]]:
    """An open file with settings, not an argument: the list of what may be read can be longer than one may be."""
    with tempfile.TemporaryFile("w+") as file:
        file.write(json.dumps(told))  # `json.dump` asks Python for each piece
        file.seek(0)
        yield file


def environment(scratch: Path) -> dict[str, str]:
    """No secrets, no user settings; one BLAS thread, so that workers do not fight over the cores."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(scratch),
        "USER": "student",  # the id that workers run under has no name to look up
        "TMPDIR": str(scratch),
        "MPLCONFIGDIR": str(scratch / "matplotlib"),
        "MPLBACKEND": "Agg",
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "VECLIB_MAXIMUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }
