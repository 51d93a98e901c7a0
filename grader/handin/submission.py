"""A hand-in, as it was found: whose it is, which files of it are graded, and under which id."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from ..model import Person

_BESIDE_REPORTS = re.compile(
    r"(index|similar)\.html|junit\.xml|(marks|similar)\.json|(gradebook|marks)\.lock|(gradebook\.sqlite|marks\.jsonl)([-.].*)?",
    re.DOTALL,
)
_OF_OURS = re.compile(r"-[0-9a-f]{12}\Z")


@dataclass(frozen=True)
class Submission:
    """One hand-in, found but not yet read."""

    id: str
    """Safe as a folder name: letters and digits of any script and `._-` only, at most 255 bytes."""
    folder: Path
    module: str | None
    """Name of the file in `folder` that is graded as the module; None where there is none."""
    notebook: str | None
    """Name of the notebook; None where there is none, or it is not known which."""
    notes: tuple[str, ...] = ()
    problem: str = ""
    """Why nothing could be found out about it, as a sentence without full stop; empty where it could."""
    notebook_folder: Path | None = None
    """Where the notebook lies, if that is not `folder`."""
    notebook_problem: str = ""
    """Why it is not known what was written, as a sentence without full stop; empty where it is, or nothing was."""
    person: Person = field(default_factory=Person)
    """Who handed it in, as far as the course system says."""
    submitted: str = ""
    """When it was handed in: ISO 8601 with offset; empty where nothing says so."""
    origin: str = ""
    """How it was recognised, such as `Canvas download`; empty for a plain folder."""
    partners: tuple[Person, ...] = ()
    """The others of a group."""
    stage_as: str = ""
    """Name that the assignment gives the module; empty where that is its own."""
    returned_as: str = ""
    """How the name of a file has to begin that the course system takes back for it; see `Person`."""

    @property
    def notebook_path(self) -> Path | None:
        """Where the notebook is."""
        return (self.notebook_folder or self.folder) / self.notebook if self.notebook is not None else None

    @property
    def staged(self) -> str:
        """Name of the module where it is graded."""
        return self.stage_as or self.module or ""

    @property
    def persons(self) -> tuple[Person, ...]:
        """All who handed it in, as far as anything is known of them."""
        return tuple(person for person in (self.person, *self.partners) if person != Person())


def safe_id(name: str) -> str:
    """Make a folder name of any name; two different names never give the same one."""
    cleaned = "".join(c if c.isalnum() or c in "._-" else "_" for c in unicodedata.normalize("NFC", name))
    cleaned = cleaned.lstrip(".-").encode()[:180].decode(errors="ignore") or "submission"
    # A name that looks like one of ours could equal it, so it becomes one too; and so does one of the files that stand
    # beside the reports.
    if cleaned == name and not _OF_OURS.search(name) and not _BESIDE_REPORTS.fullmatch(name.casefold()):
        return name
    return f"{cleaned}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
