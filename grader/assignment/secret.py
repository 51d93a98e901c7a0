"""The course secret: where one comes from, and what is wrong with one.

Whoever knows it can work out every hidden input. Its hash is in every report, so that it has to be too long to guess.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
from pathlib import Path

from ..errors import GraderError, UsageError

SHORTEST = 20
"""Characters below which a secret can be found from its hash, which students see, by trying."""
_DIFFERENT = 8
"""Different characters that random ones of this length have, but for one in many millions."""
_PUBLISHED = "publisheddefault"
"""What the letters of the published secret begin with. Not the whole: what students get must not hold a secret."""
_CHECKOUTS = (".git", ".hg", ".svn", ".jj")
_MOST = 1 << 16
"""Bytes of a secret's file."""


def is_published(secret: str) -> bool:
    """Whether it is the secret that is published with the grader, or a copy, however that is spaced and quoted."""
    return _PUBLISHED in "".join(filter(str.isalpha, secret)).casefold()


def read(file: Path) -> str:
    """The secret in a file, without the blanks around it; `ValueError` in words where there is none."""
    try:
        if file.exists() and not file.is_file():
            raise ValueError(f"{file} is no file; wanted a text file")
        with file.open("rb") as stream:
            content = stream.read(_MOST + 1)
        secret = content.decode("utf-8-sig").strip()
    except FileNotFoundError:
        raise ValueError(f"{file} is not there; make one with: grade secret new {file}") from None
    except OSError as error:
        raise ValueError(f"{file} cannot be read ({error.strerror}); wanted a text file") from None
    except UnicodeDecodeError:
        raise ValueError(f"{file} cannot be read as UTF-8; wanted a text file") from None
    if len(content) > _MOST:
        raise ValueError(f"{file} is larger than {_MOST >> 10} KB; wanted a line of random characters")
    if not secret:
        raise ValueError(f"{file} is empty; remove it, and make one with: grade secret new {file}")
    return secret


def remarks(secret: str, where: Path, file: Path | None) -> list[str]:
    """What is wrong with a secret that can be used all the same, a line each; `where` is the rubric that names it."""
    new = "make another with: grade secret new"
    said = []
    if is_published(secret):
        said.append(
            f"{where.name} has the published secret, from which anybody can work out the hidden inputs: not for "
            f"marking; make your own with: grade secret new"
        )
    elif len(secret) < SHORTEST or len(set(secret)) < _DIFFERENT:
        said.append(
            f"{file or where}: the course secret can be guessed: found {len(secret)} characters, {len(set(secret))} "
            f"of them different, wanted {SHORTEST} random ones or more; {new}"
        )
    if file is not None and (mode := stat.S_IMODE(file.stat().st_mode)) & 0o077:
        said.append(
            f"{file}: the course secret can be read or changed by others on this machine (mode {mode:04o}); "
            f"close it with: chmod 600 {file}"
        )
    return said


def new(file: Path, closed_to: tuple[Path, ...] = ()) -> str:
    """Make a secret, in a file that only its owner can read; the line for the rubric comes back.

    Never in place of a file that is there, nor in a checkout or one of the folders `closed_to`, from where it would get
    to others: `UsageError`.
    """
    try:
        place = file.expanduser().absolute()
        home = place.parent.resolve()
    except (OSError, RuntimeError) as error:  # no such user, a circle of links
        raise UsageError(f"{file}: is no place for a file ({error}); name another file") from None
    for folder in (home, *home.parents):
        if folder in closed_to or any(os.path.lexists(folder / name) for name in _CHECKOUTS):
            raise UsageError(
                f"{file}: is inside the repository {folder}, where others would get it; name a file outside of it"
            )
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise GraderError(f"{home}: cannot be made ({error.strerror}); name another file") from None
    try:
        # Not through a link, and never in place of what is there: a secret that is lost is lost for all its marks.
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise UsageError(
            f"{file}: is there already, and the marks of a course may depend on it; name another file"
        ) from None
    except OSError as error:
        raise GraderError(f"{file}: cannot be written ({error.strerror}); name another file") from None
    try:
        with os.fdopen(descriptor, "w") as stream:
            os.fchmod(descriptor, 0o600)  # whatever the umask has taken off
            # The one thing here that must not be repeatable.
            stream.write(secrets.token_urlsafe(32) + "\n")
            stream.flush()
            os.fsync(descriptor)
    except OSError as error:
        place.unlink(missing_ok=True)
        raise GraderError(f"{file}: cannot be written ({error.strerror}); name another file") from None
    return f"secret_file = {json.dumps(_short(home / place.name), ensure_ascii=False)}"


def _short(path: Path) -> str:
    """As it is written in a rubric that several people use: from the home folder where it is there."""
    home = Path.home().resolve()
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else str(path)
