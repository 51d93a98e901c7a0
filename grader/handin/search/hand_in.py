"""One hand-in: what is graded of it, where that lies, and what is left over."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..caps import DATA, MAX_FILES, MAX_NOTEBOOK, TEXTS
from ..plain_files import printable, read_plain
from ..submission import Submission, safe_id
from . import names
from .facts import Facts, Wanted
from .tree import Entry, Tree, listed
from .which import Candidate, Choice, choose, listing

MAX_SNIFFED = 1 << 20


@dataclass(frozen=True)
class Told:
    """What is known of a notebook after it was looked into."""

    untouched: bool = False
    """Whether its cells are those that were handed out."""
    descends: bool = True
    """Whether it was made of the one that was handed out."""


Look = Callable[[Path], Told]


def unlooked(path: Path) -> Told:
    """Of a notebook that is not looked into, nothing is known."""
    return Told()


@dataclass(frozen=True)
class Found:
    """What was chosen among the files of a hand-in."""

    module: Choice
    notebook: Choice
    facts: Mapping[Entry, Facts]
    """Of each Python file that was looked at."""

    @property
    def is_filled(self) -> bool:
        """Whether the module is there, and is more than what was handed out; or not known which it is."""
        meant = self.module.meant
        return bool(self.module.several) or (
            meant is not None and not self.facts[meant].handed_out and self.defines
        )

    @property
    def defines(self) -> bool:
        """Whether the chosen module names what is asked for, or cannot be read."""
        facts = self.facts[self.module.meant] if self.module.meant else Facts()
        return facts.defines or facts.mentions or bool(facts.refused)


def found_in(entries: Sequence[Entry], wanted: Wanted, look: Look = unlooked, named: str = "") -> Found:
    """Choose the module and the notebook among all files of a hand-in; the module may be `named` in another way."""
    module = wanted.entry.module
    scripts = [one for one in entries if one.name.lower().endswith(".py")]
    scripts.sort(key=lambda one: not names.is_meant_as(one.name, module))
    facts = {one: wanted.facts(one.real) for one in scripts[:MAX_FILES]}
    as_module = {one for one in facts if names.is_meant_as(one.name, module) or one.name == named}
    meant = [
        one
        for one, said in facts.items()
        if said.defines or (one in as_module and (said.mentions or said.refused))
    ] or list(as_module)
    candidates = [Candidate(one, facts[one].digest, facts[one].handed_out) for one in meant]
    return Found(choose(candidates, module), _notebook(entries, wanted, look), facts)


def _notebook(entries: Sequence[Entry], wanted: Wanted, look: Look) -> Choice:
    found = [one for one in entries if one.name.lower().endswith(".ipynb")]
    if len(found) < 2:
        return Choice(found[0] if found else None)
    told = {one: look(one.real) for one in found[:MAX_FILES]}
    own = [one for one in told if told[one].descends] or list(told)
    choice = choose(
        [Candidate(one, _digest(one.real), told[one].untouched) for one in own], wanted.notebook_name
    )
    return replace(choice, others=(*choice.others, *(one for one in told if one not in own)))


def _digest(path: Path) -> str:
    content, refused = read_plain(path, MAX_NOTEBOOK)
    return hashlib.sha256(bytes(path) if refused else content).hexdigest()


def search(
    name: str,
    folder: Path,
    trees: Sequence[Tree],
    found: Found,
    wanted: Wanted,
    archives: Sequence[Entry] = (),
) -> Submission:
    """The hand-in of that name, of what was `found` in its `trees`; `archives` are those that were opened."""
    module, notebook = found.module.meant, found.notebook.meant
    home = (module or notebook).real.parent if (module or notebook) is not None else folder  # type: ignore[union-attr]
    apart = notebook.real.parent if notebook is not None and notebook.real.parent != home else None
    entries = [one for tree in trees for one in tree.entries if one not in archives]
    left = [one for one in entries if one not in (module, notebook)]
    if module is not None or notebook is not None:
        left = [one for one in left if not _comes_along(one, home, found)]
    one = Submission(
        safe_id(name),
        home,
        module.real.name if module else None,
        notebook.real.name if notebook else None,
        (
            *_of_module(found, wanted),
            *_of_notebook(found.notebook, wanted),
            *(_left_over(left) if module or notebook else []),
        ),
        notebook_folder=apart,
        notebook_problem=_unread(found, left, wanted),
        stage_as=wanted.entry.module,
    )
    return replace(one, problem=_problem(one, found, trees, left, wanted))


def _of_module(found: Found, wanted: Wanted) -> list[str]:
    choice, notes = found.module, []
    if choice.meant is not None and choice.meant.path != (wanted.entry.module,):
        notes.append(f"{choice.meant.shown} was graded as {wanted.entry.module}")
    if choice.templates:
        notes.append(f"not graded, as handed out and not filled in: {listing(choice.templates)}")
    if choice.others:
        notes.append(
            f"not graded, though {wanted.entry.said} is defined there with other code: {listing(choice.others)}"
        )
    return notes


def _of_notebook(choice: Choice, wanted: Wanted) -> list[str]:
    notes = []
    if choice.meant is not None and (len(choice.meant.path) > 1 or choice.others or choice.templates):
        notes.append(f"{choice.meant.shown} was read as the notebook")
    if choice.several:
        notes.append(f"not read, as several notebooks may be meant: {listing(choice.several)}")
    if choice.templates:
        notes.append(f"not read, as handed out and not filled in: {listing(choice.templates)}")
    if choice.others:
        notes.append(f"not read, another notebook: {listing(choice.others)}")
    return notes


def _left_over(left: Sequence[Entry]) -> list[str]:
    return [f"not used: {listing(left)}"] if left else []


def _comes_along(one: Entry, home: Path, found: Found) -> bool:
    """Whether it is copied beside the module, or was spoken of as another one."""
    choices = (found.module, found.notebook)
    spoken = {e for choice in choices for e in (*choice.others, *choice.templates, *choice.several)}
    if one in spoken:
        return True
    beside = one.real.is_relative_to(home)
    return beside and (one.name.endswith(".py") or one.name.lower().endswith(DATA))


def _unread(found: Found, left: Sequence[Entry], wanted: Wanted) -> str:
    """Why it is not known what was written."""
    if found.notebook.several:
        return f"several notebooks may be meant: {listing(found.notebook.several)}"
    written = [one for one in left if names.may_be_written(one.name) or wanted.may_be_code(one.name)]
    if found.notebook.meant is None and written:
        return f"there is no notebook, and answers may be in {listing(written)}"
    return ""


def _problem(
    one: Submission, found: Found, trees: Sequence[Tree], left: Sequence[Entry], wanted: Wanted
) -> str:
    """Why a person has to look before anything is graded."""
    if found.module.several:
        return (
            f"several files may be meant as {wanted.entry.module}: {listing(found.module.several)}; a person "
            "has to say which, or hand in one of them"
        )
    if one.module is None and one.notebook is None:
        if one.notebook_problem and found.notebook.several:
            return one.notebook_problem
        hidden = [name for tree in trees for name in tree.hidden]
        if left:
            return (
                f"neither a module nor a notebook was found, but other files were handed in: {listing(left)}"
            )
        if hidden:
            shown = ", ".join(map(printable, hidden[:3]))
            return f"neither a module nor a notebook was found, but hidden files and tools' folders: {shown}"
        return ""
    if one.module is None or found.is_filled:
        return ""
    instead = [e for e in left if _may_be_module(e, wanted)]
    state = "is as it was handed out" if found.defines else f"does not define {wanted.entry.said}"
    if found.notebook.several:
        return f"{printable(one.module)} {state}, and {one.notebook_problem}"
    if instead:
        return f"{printable(one.module)} {state}, and the work may be in {listing(instead)}"
    return ""


def _may_be_module(one: Entry, wanted: Wanted) -> bool:
    """Whether a file that was not looked at as Python may hold the module all the same."""
    if one.name.lower().endswith((".py", ".ipynb")):
        return False
    if wanted.may_be_code(one.name):
        return True
    content, refused = read_plain(one.real, MAX_SNIFFED) if one.name.lower().endswith(TEXTS) else (b"", "")
    return not refused and wanted.is_defined_in(content)


def plain(name: str, folder: Path, wanted: Wanted, look: Look = unlooked) -> Submission:
    """The hand-in in a folder, of which no archive is opened; `Unreadable` where it cannot be listed."""
    tree = listed(folder)
    return search(name, folder, [tree], found_in(tree.entries, wanted, look), wanted)
