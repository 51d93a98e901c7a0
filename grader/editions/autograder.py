"""Make the autograder for Gradescope: the zip that its image is built from.

Gradescope unpacks it to ROOT/source, runs `setup.sh` once, and then in a fresh container for each hand-in
`run_autograder` (see `upload`).
"""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..assignment import assets
from ..assignment.reference import Reference
from ..assignment.rubric import Rubric
from ..errors import RubricError
from ..export.gradescope import Visibility
from .packing import Files, archive, read, write

SECRET = "secret"
"""The file of the course secret in the zip."""
_SCRIPTS = ("setup.sh", "run_autograder")
_PROJECT = ("pyproject.toml", "README.md", "constraints.txt")
"""What is installed with the package: how, and in which versions."""
_PACKAGE = Path(__file__).resolve().parent.parent
_NOT_SOURCES = {"__pycache__", "_assets"}
_SETUP = """#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image.
set -euo pipefail
root=${{AUTOGRADER_ROOT:-/autograder}}
export GRADE_CACHE="$root/cache"

stop() {{
  echo "setup.sh: $*" >&2
  exit 1
}}

new_enough() {{ python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; }}

# Each package by itself: that one cannot be had must not keep another away.
missing=()
command -v bwrap >/dev/null || missing+=(bubblewrap)
command -v python3 >/dev/null || missing+=(python3)
python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
if [ "${{#missing[@]}}" -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq || true
  for package in "${{missing[@]}}"; do
    apt-get install -y -qq "$package" >/dev/null || echo "setup.sh: $package cannot be installed; going on without it"
  done
fi
command -v python3 >/dev/null || stop "there is no python3 and it cannot be installed"
new_enough || stop "found $(python3 --version), wanted 3.11 or later: choose the Ubuntu 24.04 image"
python3 -c 'import ensurepip' 2>/dev/null || stop "python3-venv is missing and cannot be installed"

python3 -m venv --clear "$root/venv"
"$root/venv/bin/pip" install -q -c "$root/source/constraints.txt" "$root/source"
chmod -R go= "$root/source" # behind the sandbox, a second reason why student code cannot read it
{fetch}
# A container that grades may be allowed more or less than this one: what is said here is a hint.
"$root/venv/bin/grade" doctor --rubric {rubric} || echo "setup.sh: no sandbox holds while the image is built"
"""
_RUN = """#!/usr/bin/env bash
# Gradescope runs this for each hand-in.
root=${{AUTOGRADER_ROOT:-/autograder}}
export GRADE_CACHE="$root/cache"
exec "$root/venv/bin/grade" gradescope run --root "$root" --rubric {rubric} --visibility {visibility}
"""
_FETCH = '"$root/venv/bin/grade" data fetch mnist\n'


def build(
    rubric: Rubric, reference: Reference, out: Path, visibility: Visibility = "visible", mnist: bool = False
) -> list[str]:
    """Write the zip, whole or not at all; return the names in it.

    With `mnist`, the image fetches MNIST when it is built, and marks are not provisional. `GraderError` where a file
    is missing, or the zip cannot be written.
    """
    files: Files = {name: read(assets.root() / name) for name in _PROJECT}
    files |= _folder(_PACKAGE, "grader")
    for folder in reference.coded.folders if reference.coded else [reference.folder]:
        files |= _folder(folder, f"reference/{folder.name}")
    files |= _with_secret(rubric)
    where = f'"$root"/source/rubrics/{shlex.quote(rubric.path.name)}'
    files["setup.sh"] = _SETUP.format(rubric=where, fetch=_FETCH if mnist else "").encode()
    files["run_autograder"] = _RUN.format(rubric=where, visibility=visibility).encode()
    write(out, archive(files, _SCRIPTS))
    return sorted(files)


def remarks(rubric: Rubric) -> list[str]:
    """What whoever makes the zip has to know about the secret in it."""
    said = []
    if file := rubric.content.get("secret_file"):
        said.append(
            f"the course secret of {file} is in the zip, with the answers: give it to Gradescope and to nobody else"
        )
    return [*said, *(f"warning: {remark}" for remark in rubric.secret_remarks)]


def _with_secret(rubric: Rubric) -> Files:
    """The rubric as it is; where it names a secret's file, a copy that names the one in the zip, and that one."""
    content, name = read(rubric.path), f"rubrics/{rubric.path.name}"
    data = tomllib.loads(content.decode())
    if "secret_file" not in data:
        return {name: content}
    wanted = {**data, "secret_file": f"../{SECRET}"}
    line = f'secret_file = "../{SECRET}"'
    copy = re.sub(r"^secret_file\s*=.*$", line, content.decode(), count=1, flags=re.MULTILINE)
    if not _reads_as(copy, wanted):
        raise RubricError(
            f"{rubric.path}: secret_file: found what cannot be copied, wanted it on a line of its own"
        )
    return {name: copy.encode(), SECRET: rubric.secret.encode() + b"\n"}


def _reads_as(text: str, wanted: Mapping[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False


def _folder(folder: Path, name: str) -> Files:
    """All files below a folder, without what Python or an editor has left there."""
    found = {}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(p in _NOT_SOURCES or p.startswith(".") for p in parts):
            found[f"{name}/{'/'.join(parts)}"] = read(path)
    return found
