"""What every attack is told, so that it need not guess: written as constants beside it."""

from __future__ import annotations

import hashlib
import os
import sys
import sysconfig
from pathlib import Path

from grader.assignment import assets
from grader.grading.runner import Run
from grader.student import sandbox

from .assignment import MEMORY_MB
from .watch import MARK, SHM_KEY, Watch

CHILD = Path(sandbox.__file__).parents[1] / "child"


def source(watch: Watch, run: Run, rubric: Path) -> str:
    """The text of `facts.py`."""
    reference, cache, home = run.reference.folder, run.dataset.folder, Path.home()
    in_home = sorted(path.name for path in home.iterdir()) if os.access(home, os.R_OK) else []
    needed = {Path(p).parts[len(home.parts)] for p in _interpreter() if _is_below(Path(p), home)}
    names = [name for name in in_home if name not in needed]
    answers = [reference / name for name in ("solution.py", "expected.toml", "expected.npz")]
    rubrics = [assets.default_rubric(), rubric]
    private = [p for n in names if (p := home / n).is_file() and not p.is_symlink()][:3]
    others = [watch.sibling / "mlp.py", cache / "y_test.npy", cache / "manifest.json"]
    package = [CHILD.parent / "client.py", CHILD.parent.parent / "grading" / "runner.py"]
    facts = {
        "MARK": MARK,
        "SHM_KEY": SHM_KEY,
        "SECRETS": [hashlib.sha256(text.encode()).hexdigest() for text in watch.secrets],
        "GRADER": os.getpid(),
        "GROUP": os.getpgrp(),
        "TCP_PORT": watch.tcp_port,
        "UDP_PORT": watch.udp_port,
        "UNIX_SOCKET": watch.unix_socket,
        "ABSTRACT": watch.abstract,
        "SIBLING": str(watch.sibling),
        "TEMP": str(watch.temp),
        "HOME": str(home),
        "HOME_NAMES": names,
        "CHILD": str(CHILD),
        "PACKAGES": sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}),
        "INTERPRETER": os.path.realpath(sys.executable),
        # Files that no worker may read, and folders that it may not even list.
        "FORBIDDEN": [str(p) for p in (*answers, *rubrics, *private, *others, *package) if p.is_file()],
        "FOLDERS": [str(p) for p in (reference, rubrics[0].parent, watch.sibling.parent, watch.temp, cache)],
        "NAMESPACES": run.sandbox.tier.startswith("A"),
        # What a walk through the file system must not come upon.
        "NAMES": [
            "expected.npz",
            "expected.toml",
            "ps3.toml",
            "y_test.npy",
            "sibling",
            "handout",
            "pyproject.toml",
        ],
        "WRITABLE": ["/tmp", "/var/tmp", "/dev/shm", "/run", "/", "/etc", str(home)],
        "LABELS": (cache / "y_test.npy").stat().st_ino,
        # How much of what cannot be forbidden altogether is still no harm.
        "MEMORY_MB": MEMORY_MB,
        "BUFFERS_MB": 256,
        "DISK_MB": 256,
        "INODES": 20_000,
        "THREADS": 1000,
    }
    return "".join(f"{name} = {value!r}\n" for name, value in facts.items())


def places(watch: Watch, run: Run) -> list[str]:
    """Folders in which an attack may leave a file that can be told by its name."""
    packages = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    folders = [
        CHILD,
        run.reference.folder,
        assets.default_rubric().parent,
        watch.sibling,
        watch.sibling.parent,
    ]
    fixed = ["/tmp", "/var/tmp", "/dev/shm", "/run", "/", "/etc", "/dev"]
    return [*fixed, *packages, str(Path.home()), str(run.dataset.folder), *map(str, folders), str(watch.temp)]


def _interpreter() -> list[str]:
    return [sys.prefix, sys.base_prefix, os.path.realpath(sys.executable), str(CHILD), *sys.path]


def _is_below(path: Path, folder: Path) -> bool:
    return path != folder and path.is_relative_to(folder)
