"""Make what students get before the deadline: the files to fill in, and an edition of the grader without the answers.

The edition is what `practice` imports, directly or not, found by reading the imports. Files that know answers are
left out; where something else imports them, a stand-in takes their place. With it go a rubric of public checks
(`NAME-public.toml` beside the course's own) and a reference folder that holds these checks (`kinds/public.py`, with an
excerpt of what they use), the toy problem, the split of the data and the handed-out files.
"""

from __future__ import annotations

import ast
import importlib.metadata
import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from .. import __version__
from ..assignment import assets
from ..assignment.reference import Reference
from ..assignment.rubric import Rubric
from ..assignment.rubric_loading import load
from ..errors import AnswersError, GraderError, RubricError
from ..grading.loading import is_public, load_assignment
from .packing import Files, archive, read, write

_PACKAGE = Path(__file__).resolve().parent.parent
_NAME = [_PACKAGE.name]
_DISTRIBUTION = "mlp-grader"
_CHECK = "check"
"""The folder of the edition, beside the files that students fill in."""
_ROOTS = ("__init__.py", "editions/__init__.py", "editions/practice.py")
_STARTED = "student/child"
"""What workers run: it is started by its path, so no import leads to it."""
_RECIPES = "datasets.py"
_KINDS, _PUBLIC = "kinds", "public.py"
"""The package of an assignment's kinds of check, and the file in it of those that need no answers."""
_ONLY_PUBLIC = '''"""The kinds of check: those that need no answers."""

from .public import PUBLIC

KINDS = {check.kind: check for check in PUBLIC}
'''
_STAND_INS = {
    "coded/coded.py": '''"""Checks of an assignment's own compare with answers, of which there are none here."""


class Coded:
    @classmethod
    def there(cls, folder):
        return None
''',
    "coded/kinds.py": '''"""Checks of an assignment's own compare with answers, of which there are none here."""

CODED = {}


def calls_of(memo, id):
    return None
''',
    "coded/looks.py": '''"""Checks of an assignment's own compare with answers, of which there are none here."""


class Looks:
    def __init__(self, rubric, reference, judging):
        pass
''',
    "coded/variants.py": '''"""Checks of an assignment's own compare with answers, of which there are none here."""


class Variants:
    pass
''',
}
_PYPROJECT = """[build-system]
requires = ["hatchling>=1.24"]
build-backend = "hatchling.build"

[project]
name = {name}
version = {version}
description = {description}
requires-python = {python}
dependencies = {dependencies}

[project.scripts]
grade = "grader.editions.practice:main"

[tool.hatch.build]
ignore-vcs = true

[tool.hatch.build.targets.wheel]
packages = ["grader"]

[tool.hatch.build.targets.wheel.force-include]
"reference" = "grader/_assets/reference"
"rubrics" = "grader/_assets/rubrics"
"""
_LONG_ENOUGH = 12
"""Characters of a line of the solution that would give something away."""


def make(rubric: Rubric, reference: Reference, out: Path) -> list[str]:
    """Write the archive, whole or not at all; return the names in it.

    `rubric` is the course's own: the public one is looked for beside it. `GraderError` where that or a file is
    missing or unfit, where an answer would get into the archive, and where it cannot be written. Checks of an
    assignment's own compare with the solution: there are no public ones, and students get the files to fill in alone.
    """
    edition: Files = {}
    if reference.coded is None:
        public = _public(rubric, reference)
        edition = _edition(public, reference)
        _loads(edition)
    files = {f"{rubric.id}/{name}": content for name, content in _given(reference).items()}
    files |= {f"{rubric.id}/{_CHECK}/{name}": content for name, content in edition.items()}
    _refuse_leaks(files, rubric, reference)
    write(out, archive(files))
    return sorted(files)


def _public(rubric: Rubric, reference: Reference) -> Rubric:
    """The rubric of public checks, found to hold no others and to give no marks."""
    path = rubric.path.with_name(f"{rubric.path.stem}-public.toml")
    if not path.is_file():
        raise RubricError(
            f"{path}: is missing; a handout needs a rubric of public checks beside {rubric.path}"
        )
    if not is_public(found := load(path, reference.kinds.KINDS)):
        private = [check.kind for check in found.checks.values() if not check.public]
        what = ", ".join(dict.fromkeys(private)) or "written answers"
        raise RubricError(f"{path}: found {what}; wanted public checks and nothing else")
    public, _ = load_assignment(path)
    if public.points:
        raise RubricError(f"{path}: points: found {public.points}, wanted 0: public checks give no marks")
    if public.reference != rubric.reference:
        raise RubricError(f"{path}: reference: found {public.reference!r}, wanted {rubric.reference!r}")
    return public


def _given(reference: Reference) -> Files:
    """The files that students fill in or read."""
    if not reference.handed_out.is_dir():
        raise AnswersError(f"{reference.handed_out}: is not there; wanted the files that students fill in")
    paths = [p for p in reference.handed_out.iterdir() if p.is_file() and not p.name.startswith(".")]
    return {path.name: read(path) for path in paths}


def _edition(public: Rubric, reference: Reference) -> Files:
    """The student edition of the grader: a folder that can be installed."""
    folder = f"reference/{public.reference}"
    kinds = _public_kinds(reference)
    files = {f"grader/{name}": content for name, content in _sources(kinds.values()).items()}
    files |= {f"{folder}/{_KINDS}/{name}": text.encode() for name, text in kinds.items()}
    # Without comments: they tell of the solution's own results.
    above = sorted({_RECIPES, *(name for text in kinds.values() for name in _taken_from_above(text))})
    files |= {f"{folder}/{name}": _bare(read(reference.folder / name)) for name in above}
    handout = {n: c for n, c in _given(reference).items() if n.endswith((".py", ".ipynb"))}
    files |= {f"{folder}/handout/{name}": content for name, content in handout.items()}
    files[f"rubrics/{assets.default_rubric().name}"] = read(public.path)
    files["pyproject.toml"] = _pyproject(public).encode()
    return files


def _pyproject(public: Rubric) -> str:
    try:
        metadata = importlib.metadata.metadata(_DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        raise GraderError(
            f"{_DISTRIBUTION} is not installed, so that what it needs is not known; run `pip install .` first"
        ) from None
    needs = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    texts = {
        "name": f"{public.id}-check",
        "version": __version__,
        "description": public.title,
        "python": metadata["Requires-Python"],
        "dependencies": sorted(needs),
    }
    return _PYPROJECT.format(
        **{key: json.dumps(text) for key, text in texts.items()}
    )  # TOML writes both alike


def _public_kinds(reference: Reference) -> dict[str, str]:
    """The public kinds of check, and of the files beside them only what they use: the rest judges by answers."""
    folder = reference.folder / _KINDS
    public = read(folder / _PUBLIC).decode()
    found, used = {_PUBLIC: public}, dict[str, set[str]]()
    waiting = [public]
    while waiting:
        for name, names in _taken_from_beside(waiting.pop()):
            if not names <= used.setdefault(name, set()):
                used[name] |= names
                found[name] = excerpt(read(folder / name).decode(), tuple(sorted(used[name])))
                waiting.append(found[name])
    return {**found, "__init__.py": _ONLY_PUBLIC}


def _taken_from_beside(text: str) -> Iterator[tuple[str, set[str]]]:
    """Files of the same package, and the names that a file imports from each."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module:
            yield f"{node.module}.py", {alias.name for alias in node.names}


def _taken_from_above(text: str) -> Iterator[str]:
    """Files of the reference folder that a public kind of check imports; a test says that none holds answers."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.level == 2:
            yield from (
                f"{name}.py" for name in ([node.module] if node.module else [a.name for a in node.names])
            )


def _sources(users: Iterable[str]) -> Files:
    """The package's files that the edition needs, by path in the package, for itself and for its `users`."""
    found: dict[str, str] = {}
    waiting = [name for text in users for name in _imported("", text)]
    waiting += [*_ROOTS, *(f"{_STARTED}/{path.name}" for path in (_PACKAGE / _STARTED).glob("*.py"))]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _source(name)
            waiting += _imported(name, found[name])
    return {name: text.encode() for name, text in found.items()}


def _source(name: str) -> str:
    if name in _STAND_INS:
        return _STAND_INS[name]
    return read(_PACKAGE / name).decode()


def _imported(name: str, text: str) -> Iterator[str]:
    """Files of the package that a file of it imports, at its top or inside functions, with their packages."""
    own = [*_NAME, *name.split("/")[:-1]]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            package = own[: len(own) - node.level + 1] if node.level else []
            whole = package + (node.module.split(".") if node.module else [])
            if whole[:1] != _NAME:
                continue
            base = whole[1:]
            for parts in (base, *([*base, alias.name] for alias in node.names)):
                for end in range(1, len(parts) + 1):
                    here = "/".join(parts[:end])
                    yield from (n for n in (f"{here}.py", f"{here}/__init__.py") if (_PACKAGE / n).is_file())


def excerpt(text: str, names: tuple[str, ...]) -> str:
    """The top-level definitions of `names` in a module, and whatever of the module these use."""
    tree = ast.parse(text)
    defined: dict[str, list[ast.stmt]] = {}
    imports: list[ast.Import | ast.ImportFrom] = []
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            imports.append(node)
        for name in _defines(node):
            defined.setdefault(name, []).append(node)
    if unknown := set(names) - set(defined):
        raise ValueError(f"no such definitions: {', '.join(sorted(unknown))}")
    used, waiting = set(), list(names)
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting += [n for node in defined.get(name, ()) for n in _mentions(node)]
    kept = [node for node in tree.body if any(name in used for name in _defines(node))]
    body: list[ast.stmt] = []
    for statement in imports:
        aliases = [a for a in statement.names if (a.asname or a.name).split(".")[0] in used]
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            aliases = statement.names
        if aliases:
            statement.names = aliases
            body.append(statement)
    return ast.unparse(ast.Module([*body, *kept], [])) + "\n"


def _defines(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [target.id for target in targets if isinstance(target, ast.Name)]
    return []


def _mentions(node: ast.stmt) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _bare(source: bytes) -> bytes:
    """Python code without its comments."""
    return (ast.unparse(ast.parse(source)) + "\n").encode()


def _loads(edition: Files) -> None:
    """The edition's rubric and reference can be used where they will be: in a folder of their own."""
    rubric = f"rubrics/{assets.default_rubric().name}"
    with tempfile.TemporaryDirectory() as folder:
        for name, content in edition.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        _, reference = load_assignment(Path(folder) / rubric)
        if not reference.is_public:
            raise AnswersError(f"{reference.folder}: would be found in place of the public reference")


def _refuse_leaks(files: Mapping[str, bytes], rubric: Rubric, reference: Reference) -> None:
    """No file holds the course secret, or a line that the solution has and the students' template has not."""
    template = {_plain(line) for line in read(reference.handed_out / rubric.entry.module).splitlines()}
    answers = {_plain(line) for line in read(reference.folder / "solution.py").splitlines()}
    telling = [s for s in answers - template if len(s) >= _LONG_ENOUGH and b"=" in s and s[:1] != b"#"]
    for name, content in files.items():
        plain = _plain(content)
        if _plain(rubric.secret.encode()) in plain:
            raise AnswersError(f"{name}: would give the course secret away; it was not written")
        for line in telling:
            if line in plain:
                raise AnswersError(
                    f"{name}: would give a line of the solution away, {line.decode()}; it was not written"
                )


def _plain(text: bytes) -> bytes:
    """Code however it is spaced and quoted, in a notebook too."""
    return re.sub(rb"[\s\\]", b"", text).replace(b"'", b'"')
