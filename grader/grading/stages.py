"""The stages of one hand-in beside its checks: copied, read, the code chosen, the notebook executed and looked at.

Each has a guard of its own. What is too much to be read is left to a person, with a sentence that says what; where the
grader itself fails, what the stage would have given is an error of ours. The other stages go on in both cases.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ..handin.imports import foreign
from ..handin.plain_files import printable
from ..handin.staging import Material, Seen, Staged, content_hash, read_notebook, stage
from ..handin.submission import Submission
from ..marking.findings import Unread, packed, unpacked
from ..model import NotebookResult
from ..notebook.answers import Answers
from ..notebook.choose import Chosen
from ..notebook.workplace import Workplace, set_up, supply
from ..reading.messages import Asked, Cells, HandIn, Names
from ..reading.process import Reader
from ..student.sources import Sources
from ..written import answered, process
from .executing import Executed, Executing
from .guard import OURS, Guard
from .run import Journal, Run

MAX_SOURCES = 100_000
"""Characters of code that a report shows; an ordinary hand-in has a tenth of that."""
_NOTEBOOK = "notebook"
"""Under which name the journal keeps its execution."""


@dataclass(frozen=True)
class Graded:
    """What is graded, in the staged folder under the assignment's name for it."""

    sources: Sources
    notes: tuple[str, ...] = ()
    problem: str = ""
    """Why a person has to look, as a sentence without full stop; empty where it can be graded."""
    failed: bool = False
    """Whether the `problem` is the grader's own fault."""
    foreign: tuple[str, ...] = ()
    """Packages that it imports and may not use."""


@dataclass(frozen=True)
class Written:
    """What was written under the questions without checks."""

    answers: Answers
    judgements: process.Judgements
    unread: dict[str, Unread]
    """Why an answer was not read or not judged, by question id."""


class HandInAtWork:
    """One hand-in in its folder, and the reader that reads it."""

    def __init__(
        self, submission: Submission, run: Run, folder: Path, material: Material | None = None
    ) -> None:
        """Copy what was handed in, or the `material` that was read of it, into `folder`, with an empty `handin`."""
        self._run = run
        self._module = run.rubric.entry.module
        self._folder = folder
        self.guard = Guard()
        self.name = printable(submission.notebook or "")
        self._unread = submission.notebook_problem or submission.problem
        self.files: dict[str, str] = {}
        """Name of the notebook to its SHA-256, where it was read."""
        self._seen: tuple[Seen, ...] = ()
        nothing = Staged(folder / "handin", {}, ())
        self.staged = self.guard.stage(
            "staging",
            "the hand-in was not copied",
            lambda: stage(submission, folder / "handin", material),
            nothing,
        )
        copy, refused = self.guard.stage(
            "copy of the notebook",
            f"{self.name} was not copied",
            lambda: self._copy(submission, material),
            ("", ""),
        )
        settings = run.rubric.notebook
        handed_out = {path.name: path.read_text() for path in sorted(run.reference.handed_out.glob("*.py"))}
        self._reader: Reader = run.reader(
            run.sandbox,
            HandIn(
                folder=str(self.staged.folder),
                notebook=copy,
                notebook_name=self.name,
                notebook_problem=refused,
                entry=run.rubric.entry,
                questions=tuple(map(Asked.of, run.rubric.questions)),
                templates=run.reference.templates(run.rubric.earlier_notebooks),
                handed_out=handed_out,
                settings=settings,
                compat=run.rubric.compat,
            ),
            folder,
            run.cancelled,
        )

        self.content = (
            ""
            if self.guard.why
            else content_hash(submission, (*self.staged.seen, *self._seen), self.staged.trouble)
        )
        """The `fingerprint` of what was copied, which may have changed since it was found; empty where that failed."""

    def close(self) -> None:
        """End the reader."""
        self._reader.close()

    def _copy(self, submission: Submission, material: Material | None) -> tuple[str, str]:
        """The path of a copy of the notebook, and why there is none."""
        notebook = read_notebook(submission) if material is None else material.notebook
        if notebook is None:
            return "", ""
        self._seen = (notebook.seen,)
        if notebook.left_out:
            return "", f"{self.name} was not read: {notebook.left_out}"
        self.files = {self.name: notebook.seen.sha256}
        copy = self._folder / "notebook.ipynb"
        copy.write_bytes(notebook.content)
        copy.chmod(0o644)  # whatever the umask: readers may be another user
        return str(copy), ""

    def cells(self) -> Cells:
        """The notebook, as far as the grader has to know it."""
        if not self.name:
            return Cells()
        found = self.guard.stage(
            "cells", f"{self.name} was not read", lambda: self._reader.ask("cells"), None
        )
        if found is None:
            return Cells(problem=self.guard.why["cells"].why)
        assert isinstance(found, Cells)
        return found

    def workplace(self) -> Workplace | None:
        """The folder in which the notebook is executed, made before `choose` replaces the module."""
        if not self.name:
            return None
        settings = self._run.rubric.notebook
        own = settings is not None and settings.own_utils
        changed: tuple[str, ...] = self.guard.stage(
            "changed files",
            "changes to the files that were handed out were not looked for",
            lambda: self._reader.ask("changed"),
            (),
        )

        def make() -> Workplace:
            folder = self._folder / "notebook"
            folder.mkdir()
            folder.chmod(0o755)
            return set_up(self.staged, self._run.reference.handed_out, own, changed, folder, self._module)

        return self.guard.stage("workplace", f"{self.name} was not executed", make, None)

    def choose(self) -> Graded:
        """Choose the code that is graded, and put the class of the notebook in its place where it is chosen."""
        sources = Sources(self.staged.folder, self._module)
        if "staging" in self.guard.why:
            return Graded(sources, (), self.guard.why["staging"].why, failed=True)
        if self.staged.problem:
            return Graded(sources, (), self.staged.problem)

        def ask() -> Chosen:
            supply(self.staged, self._run.reference.handed_out, self._module)
            found = self._reader.ask("module")
            assert isinstance(found, Chosen)
            return found

        chosen = self.guard.stage(
            "code", f"the code of {self.name or self._module} was not looked into", ask, None
        )
        if chosen is None:
            return self._not_chosen(sources)
        if chosen.source is None:
            return Graded(sources, chosen.notes, chosen.problem)
        module = self.staged.folder / self._module
        module.write_bytes(chosen.source.encode("utf-8", "surrogatepass"))
        module.chmod(0o644)
        return Graded(
            Sources(self.staged.folder, self._module, self.name, chosen.lines), chosen.notes, chosen.problem
        )

    def sources(self) -> dict[str, str]:
        """The code that is graded as text, the module first, up to what a report may hold; asked for before it runs."""
        found, left = {}, MAX_SOURCES
        names = sorted(
            self.staged.folder.glob("*.py"), key=lambda path: (path.name != self._module, path.name)
        )
        handed_out = {path.name: path.read_bytes() for path in self._run.reference.handed_out.glob("*.py")}
        for path in names:
            content = path.read_bytes() if path.is_file() else b""
            if not content or (path.name != self._module and content == handed_out.get(path.name)):
                continue
            text = content[:left].decode("utf-8", "replace")
            found[printable(path.name)] = text if len(content) <= left else f"{text}\n(cut here)"
            left -= len(text)
            if left <= 0:
                break
        return found

    def code_key(self) -> str:
        """What tells the code that is graded from another one; to be asked for before any of it runs."""
        names = sorted(self.staged.folder.glob("*.py"))
        return answered.code_key(path.read_bytes() for path in names if path.is_file())

    def _not_chosen(self, sources: Sources) -> Graded:
        """The module where there is one of the student's own: its points do not hang on the notebook."""
        why = self.guard.why["code"]
        module, template = self.staged.folder / self._module, self._run.reference.handed_out / self._module
        if not module.exists() or _squeezed(module) == _squeezed(template):
            return Graded(sources, (), why.why, why.ours)
        return Graded(sources)

    def with_names(self, graded: Graded) -> Graded:
        """The same with what the names in it say: those of other years that are supplied, and packages."""
        found = self.guard.stage(
            "names", "the imports were not looked at", lambda: self._reader.ask("names"), None
        )
        if found is None:
            why = self.guard.why["names"]
            return graded if graded.problem else replace(graded, problem=why.why, failed=why.ours)
        assert isinstance(found, Names)
        supplied = ("past",) if "python2-builtins" in self._run.rubric.compat else ()
        allowed = (*self._run.rubric.packages, *supplied)
        return replace(
            graded, notes=(*graded.notes, *found.supplied), foreign=foreign(found.imported, allowed)
        )

    def written(self) -> Written:
        """The written answers, and the judgements on those that are derivations."""
        run, unread = self._run, {}
        questions = [q for q in run.rubric.questions if not q.checks]
        if not self.name:
            why = Unread(self._unread)
            return Written(Answers(), {}, {q.id: why for q in questions} if self._unread else {})
        found = self.guard.stage(
            "answers", f"the answers in {self.name} were not read", lambda: self._reader.ask("answers"), None
        )
        if found is None:
            why = self.guard.why.get("cells") or self.guard.why["answers"]
            return Written(Answers(), {}, {q.id: why for q in questions})
        assert isinstance(found, Answers)
        asked = [q.id for q in questions if q.claims]
        judged = self.guard.stage(
            "derivations",
            f"the derivations in {self.name} were not judged",
            lambda: process.judge(run.reference.folder, found.texts, run.rubric),
            None,
        )
        if judged is None:
            unread = {id: self.guard.why["derivations"] for id in asked if found.texts.get(id)}
        return Written(found, judged or {}, unread)

    def execute(
        self, cells: Cells, workplace: Workplace | None, journal: Journal, spared: Callable[[], bool]
    ) -> Executed:
        """Execute the notebook and compare what it puts out with what it claims.

        `spared` waits for the checks, and says whether the training of the module is known to be the solution's.
        """
        settings = self._run.rubric.notebook
        if settings is None or settings.execute == "never" or not cells.count or workplace is None:
            return Executed()
        if done := journal.part(_NOTEBOOK):
            return unpacked(done, Executed)
        executing = Executing(self._run, self._reader, self.name, settings, cells, workplace)
        executed = self.guard.stage(
            "execution",
            f"{self.name} was not executed",
            lambda: executing.executed(spared),
            None,
        )
        if executed is None:
            summary = f"It could not be executed here: {OURS}."
            return Executed(NotebookResult(self.name, summary, notes=workplace.notes))
        if not executed.errors:
            journal.keep(_NOTEBOOK, packed(executed))
        return executed


def _squeezed(path: Path) -> bytes:
    return b"".join(path.read_bytes().split()) if path.is_file() else b""
