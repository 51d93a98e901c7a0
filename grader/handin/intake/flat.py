"""One file for each student, side by side: `alice.py`, `bob.py`, `bob.ipynb`.

A folder with several modules or notebooks may as well be one hand-in. It is a class only where

- no file has the name of the module (with a number of its own, say: looked at by `find`, before), and
- at least two Python files define the class, or there are at least two notebooks and no such file, and
- what remains of their names is a name in each, and not the same one in all: without short numbers, dates, and the
  words that files of one hand-in are told apart by (`ps3`, `final`, `copy`, `old`, `part`, ...).

So `alice.py` and `bob.py` are two students', and so are `ps3_alice.ipynb` and `ps3_bob.ipynb`; `ps3.ipynb` and
`ps3-copy.ipynb`, `part1.ipynb` and `part2.ipynb`, `homework.py` and `homework_old.py` are one student's.
"""

from __future__ import annotations

from ..caps import MAX_FILES, MAX_NOTEBOOK
from ..plain_files import Unreadable, is_folder, read_plain
from ..search import found_in, listed, newness
from ..submission import Submission
from ..unpacking.plan import GRADABLE, is_archive, stem
from . import members
from .names import all_words, telling_words
from .place import Desk, Place, collect, id_of

ORIGIN = "one file each"
MAX_SHARED = 20
"""Files that are no student's and are copied beside each one's."""


def recognise(place: Place, desk: Desk) -> list[Submission] | None:
    """The hand-ins of the files, and of folders and archives beside them; None where they may be one student's."""
    files = [n for n in place.names() if n.lower().endswith(GRADABLE) and not is_folder(place.folder / n)]
    if _is_named_notebook(desk, place):
        return None
    scripts = [n for n in files if n.lower().endswith(".py")]
    modules = [n for n in scripts[:MAX_FILES] if desk.wanted.facts(place.folder / n).defines]
    telling = modules if modules else [n for n in files if n not in scripts]
    students = [_student(name) for name in telling]
    if len(telling) < 2 or not all(students) or len(set(students)) < 2:
        return None
    groups: dict[str, list[str]] = {}
    for name in files:
        groups.setdefault(_student(name), []).append(name)
    shared = [n for n in groups.pop("", []) if n.lower().endswith(".py")][:MAX_SHARED]
    found = [_submission(own, shared, place, desk) for _, own in sorted(groups.items())]
    return sorted([*found, *_beside(place, set(groups), desk)], key=lambda one: one.id)


def _is_named_notebook(desk: Desk, place: Place) -> bool:
    """Whether the assignment's notebook is there under its own name, and is more than what was handed out."""
    name = desk.wanted.notebook_name
    if not name or name not in place.names():
        return False
    content, refused = read_plain(place.folder / name, MAX_NOTEBOOK)
    return not refused and content != desk.wanted.notebook


def _student(name: str) -> str:
    """The name of the student in the name of a file, for comparing; empty where there is none."""
    return " ".join(telling_words(name.rpartition(".")[0])).casefold()


def _submission(own: list[str], shared: list[str], place: Place, desk: Desk) -> Submission:
    refused = {r.path[0]: r.why for r in place.refused if len(r.path) == 1}
    collected = collect(
        {n: place.folder / n for n in (*own, *shared) if n not in refused},
        {n: why for n, why in refused.items() if n in own},
        desk,
    )
    plain = own[0].rpartition(".")[0]
    telling = telling_words(plain)
    name = plain if telling == all_words(plain) else "_".join(telling)
    lost = {r.path[0] for r in collected.refused}
    scripts = [n for n in own if n.lower().endswith(".py") and n not in lost]
    # It is meant as the module, though it may not define the class: that is for the checks to say.
    meant = max(scripts, key=lambda n: (newness(n.rpartition(".")[0]), n), default="")
    return members.hand_in(id_of(name), collected, desk, origin=ORIGIN, module=meant)


def _beside(place: Place, students: set[str], desk: Desk) -> list[Submission]:
    """Folders with a hand-in and archives, of those who have no file."""
    found = []
    for name in place.names():
        if is_folder(place.folder / name):
            if _student(name + ".") not in students and _is_hand_in(name, place, desk):
                found.append(members.hand_in(name, place.below(name), desk))
        elif is_archive(name) and _student(stem(name) + ".") not in students:
            found.append(members.from_archive(stem(name), place.folder / name, desk))
    return found


def _is_hand_in(name: str, place: Place, desk: Desk) -> bool:
    try:
        found = found_in(listed(place.folder / name).entries, desk.wanted)
    except Unreadable:
        return True
    return any((found.module.meant, found.module.several, found.notebook.meant, found.notebook.several))
