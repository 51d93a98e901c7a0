"""Run a command as a user without an account, who can reach this interpreter, this checkout and nothing of root's.

    python -m tests.hostile.as_user COMMAND...

Where this runs as an ordinary user already, the command just runs. As root, the interpreter, the packages or the
checkout may lie below folders that are closed to others: the command then runs in a mount namespace in which those
folders hold nothing but what it needs. Needs `setpriv` (util-linux), and there bubblewrap.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

USER = 20001
"""No account on any system that we know of; below the ids that the grader gives to workers."""
ROOT = Path(__file__).resolve().parents[2]


def run(command: Sequence[str], **options: object) -> subprocess.CompletedProcess[str]:
    """Run it in the checkout, with a home folder and a cache of its own that are removed afterwards."""
    if os.geteuid() != 0:
        return subprocess.run(command, cwd=ROOT, text=True, check=False, **options)  # type: ignore[call-overload, no-any-return]
    with tempfile.TemporaryDirectory(prefix="as-user-") as home:
        os.chown(home, USER, USER)
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "CI") if name in os.environ}
        environment = {
            **kept,
            "HOME": home,
            "TMPDIR": home,
            "GRADE_CACHE": f"{home}/cache",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        dropped = [
            "setpriv",
            f"--reuid={USER}",
            f"--regid={USER}",
            "--clear-groups",
            "--inh-caps=-all",
            *command,
        ]
        return subprocess.run(  # type: ignore[call-overload, no-any-return]
            [*_opened(needed()), *dropped], cwd=ROOT, env=environment, text=True, check=False, **options
        )


def needed() -> set[Path]:
    """Folders without which no Python of ours runs."""
    paths = {ROOT, Path(sys.prefix), Path(sys.base_prefix), *(Path(p) for p in sys.path if p)}
    paths |= {Path(os.path.realpath(sys.executable)).parent}
    found = {path.resolve() for path in paths if path.is_dir()}
    return {
        path for path in found if not any(path != other and path.is_relative_to(other) for other in found)
    }


def _opened(paths: set[Path]) -> list[str]:
    """A bubblewrap command in which others can reach `paths`; nothing where they can already."""
    closed: dict[Path, set[Path]] = {}
    for path in paths:
        for folder in reversed((path, *path.parents)):
            if not folder.stat().st_mode & 0o001:
                # What is closed itself cannot be opened by a mount; its parts can be.
                inner = set(_parts(folder)) if folder == path else {path}
                closed.setdefault(folder, set()).update(inner)
                break
    if not closed:
        return []
    if shutil.which("bwrap") is None:
        raise FileNotFoundError(f"bubblewrap, to open {', '.join(map(str, closed))} to an ordinary user")
    command = ["bwrap", "--dev-bind", "/", "/"]
    for folder, inner in sorted(closed.items()):
        command += ["--perms", "0755", "--tmpfs", str(folder)]
        for path in sorted(inner):
            # What bubblewrap makes on the way by itself is closed.
            for above in reversed(path.relative_to(folder).parents[:-1]):
                command += ["--perms", "0755", "--dir", str(folder / above)]
            command += ["--dev-bind", str(path), str(path)]
    return [*command, "--"]


def _parts(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if not path.is_symlink():
            yield path


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]).returncode)
