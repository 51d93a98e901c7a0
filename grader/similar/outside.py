"""Hand-ins from outside the class, such as an earlier term's or a solution that is public, read as a class's are.

What is in them is copied by the rules for hand-ins, and read in a confined process; nothing of it is run.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

from ..assignment.reference import Reference
from ..assignment.rubric import Rubric
from ..handin.caps import MAX_NOTEBOOK
from ..handin.plain_files import printable, read_plain
from ..handin.staging import stage
from ..handin.submission import Submission
from ..notebook.answers import Answers
from ..notebook.choose import Chosen
from ..reading.messages import Asked, HandIn
from ..reading.process import CannotRead, Confined, TooMuch
from ..student.sandbox import Sandbox
from .compare import Given
from .hand_in import Work, in_lines

MOST_CODE = 100_000
"""Characters of code of one hand-in that are compared; an ordinary one has a tenth of that."""


def given(rubric: Rubric, reference: Reference) -> Given:
    """What students were given, this year and in those that the rubric and the folder `earlier` know."""
    prose = (text for cells in reference.templates(rubric.earlier_notebooks) for text in cells)
    return Given(tuple(map(in_lines, reference.given_code())), tuple(prose))


def read(
    source: str,
    found: Iterable[Submission],
    rubric: Rubric,
    reference: Reference,
    sandbox: Sandbox,
    workspace: Path,
) -> tuple[list[Work], dict[str, str]]:
    """The hand-ins that were `found` in what is called `source`; and those that cannot be read, and why."""
    works, left_out = [], {}
    for number, one in enumerate(found):
        id = f"{source}/{one.id}"
        folder = workspace / f"{printable(source)}-{number}".replace("/", "_")
        (folder / "handin").mkdir(parents=True)
        for each in (folder, folder / "handin"):
            each.chmod(0o755)  # the reader may be another user
        try:
            work = _read(id, source, one, rubric, reference, sandbox, folder)
        except (TooMuch, CannotRead) as why:
            left_out[id] = f"it {why}" if isinstance(why, TooMuch) else "the grader failed to read it"
            continue
        if work.code or work.answers:
            works.append(work)
        else:
            left_out[id] = one.problem or "no code and no answer was found"
    return works, left_out


def _read(
    id: str,
    source: str,
    one: Submission,
    rubric: Rubric,
    reference: Reference,
    sandbox: Sandbox,
    folder: Path,
) -> Work:
    staged = stage(one, folder / "handin")
    notebook = folder / "notebook.ipynb"
    content, refused = read_plain(one.notebook_path, MAX_NOTEBOOK) if one.notebook_path else (b"", "")
    if content:
        notebook.write_bytes(content)
        notebook.chmod(0o644)
    handin = HandIn(
        folder=str(staged.folder),
        staged_problem=staged.problem,
        notebook=str(notebook) if content else "",
        notebook_name=printable(one.notebook or ""),
        notebook_problem=refused,
        entry=rubric.entry,
        questions=tuple(map(Asked.of, rubric.questions)),
        templates=reference.templates(rubric.earlier_notebooks),
        handed_out={path.name: path.read_text("utf-8") for path in reference.handed_out.glob("*.py")},
        settings=rubric.notebook,
    )
    reader = Confined(sandbox, handin, folder, threading.Event())
    try:
        chosen, answers = reader.ask("module"), reader.ask("answers") if content else Answers()
    finally:
        reader.close()
    assert isinstance(chosen, Chosen)
    assert isinstance(answers, Answers)
    code = {
        path.name: path.read_bytes().decode("utf-8", "replace") for path in sorted(staged.folder.glob("*.py"))
    }
    if chosen.source is not None:
        code[rubric.entry.module] = chosen.source
    cut = {printable(name): in_lines(text[:MOST_CODE]) for name, text in code.items()}
    return Work(
        id, source=source, code=cut, answers={q: text for q, text in answers.texts.items() if text.strip()}
    )
