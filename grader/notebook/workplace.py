"""The folder in which a notebook is executed: the hand-in's files, with those of the handout as they were."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from ..handin.staging import Staged


@dataclass(frozen=True)
class Workplace:
    """A folder, and what there is to say about its files."""

    folder: Path
    notes: tuple[str, ...] = ()
    is_as_handed_in: bool = True
    """Whether all of the student's own files are in it, with no other in the place of a changed one."""


def set_up(
    staged: Staged, handout: Path, own: bool, changed: Collection[str], destination: Path, module: str
) -> Workplace:
    """Copy what a notebook may import into `destination`, which must exist and be empty.

    Of a file that was handed out (`utils.py`, say; not the module that students write) the handout's own copy is
    taken, unless `own` says that the student's may be used. `changed`: names of those with other code;
    `module`: that of the file that students write.
    """
    notes = []
    given = {path.name: path for path in sorted(handout.glob("*.py")) if path.name != module}
    shutil.copytree(staged.folder, destination, dirs_exist_ok=True)
    for path in sorted(staged.folder.glob("*.py")):
        ours = given.get(path.name)
        if ours is not None and not own:
            (destination / path.name).unlink()
        if ours is not None and path.name in changed:
            used = "it was used" if own else "the one handed out was used for the notebook"
            notes.append(f"{path.name} was changed; {used}")
    for name, path in given.items():
        if not (destination / name).exists():
            shutil.copy(path, destination)
    for path in destination.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return Workplace(destination, tuple(notes), own or not notes)


def supply(staged: Staged, handout: Path, module: str) -> None:
    """Put what was handed out and not handed in beside the staged module, which may import it."""
    for path in sorted(handout.glob("*.py")):
        copy = staged.folder / path.name
        if path.name != module and not copy.exists():
            shutil.copy(path, copy)
            copy.chmod(0o644)


def same_code(one: bytes, other: bytes) -> bool:
    """Whether two files hold the same code; comments and white space aside."""
    try:
        return ast.dump(ast.parse(one)) == ast.dump(ast.parse(other))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return one == other
