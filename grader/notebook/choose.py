"""Which code is graded: that of the module, or that of the notebook where it defines the class itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..rubric import Notebook as Settings
from ..student.sources import Sources
from ..submission import Staged
from . import definitions
from .file import Notebook

MODULE = "mlp.py"


@dataclass(frozen=True)
class Graded:
    """What is graded, in the staged folder as `mlp.py`."""

    sources: Sources
    notes: tuple[str, ...] = ()
    problem: str = ""
    """Why a person has to look, as a sentence without full stop; empty where it can be graded."""


def choose(
    staged: Staged, notebook: Notebook, settings: Settings | None, class_name: str, template: Path
) -> Graded:
    """Choose, and put the class of the notebook into the staged folder where it is chosen.

    `template`: the module as it was handed out. One that was handed in as it is gives way to the notebook's class.
    """
    module = staged.folder / MODULE
    plain = Graded(Sources(staged.folder), (), staged.problem)
    own = definitions.read(notebook.cells, class_name)
    defines = bool(own.source)
    if staged.problem:
        return plain
    if not module.exists():
        if notebook.problem:
            return Graded(plain.sources, (), f"There is no {MODULE}, and {notebook.problem}")
        if not defines and notebook.name:
            return Graded(
                plain.sources, (), f"There is no {MODULE}, and {notebook.name} defines no {class_name}"
            )
        why = f"there is no {MODULE}; the {class_name} that {notebook.name} defines was graded"
        return _of_notebook(staged, notebook, class_name, why) if defines else plain
    if not defines:
        return plain
    theirs = module.read_bytes().decode("utf-8", "replace")
    if definitions.same_class(theirs, own.source, class_name):
        return plain
    if template.is_file() and definitions.same_class(theirs, template.read_text(), class_name):
        why = f"{MODULE} is as it was handed out; the {class_name} that {notebook.name} defines was graded"
        return _of_notebook(staged, notebook, class_name, why)
    both = f"{MODULE} and {notebook.name} both define {class_name}, with different code"
    if settings is not None and settings.prefer == "notebook":
        return _of_notebook(
            staged, notebook, class_name, f"{both}; the notebook's was graded, as the rubric says"
        )
    return Graded(plain.sources, (f"{both}; that of {MODULE} was graded, as the rubric says",))


def _of_notebook(staged: Staged, notebook: Notebook, class_name: str, why: str) -> Graded:
    own = definitions.read(notebook.cells, class_name)
    module = staged.folder / MODULE
    module.write_text(own.source, encoding="utf-8")
    module.chmod(0o644)
    problem = ""
    if own.missing:
        name, cell = own.missing[0]
        problem = (
            f"{class_name} uses {name}, which code cell {cell} of {notebook.name} makes by running code; only "
            "imports, functions, classes and plain constants are taken over"
        )
    return Graded(Sources(staged.folder, notebook.name, own.lines), (why,), problem)
