"""Load a rubric: TOML in, frozen data out.

Everything an instructor may edit is in the rubric, and every mistake in it is reported with the file, the path of the
field, the value found and the value wanted. Which kinds of check exist is passed in (`kinds`), so that this file does
not depend on the checks.
"""

from __future__ import annotations

import copy
import functools
import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from ..errors import RubricError
from . import rubric_rules
from .rubric import Changed, Raw, Rubric
from .rubric_place import Source, said

Tables = dict[str, Any]
"""A rubric's file as TOML has it."""


def load(
    path: Path, kinds: Mapping[str, type[Any]], fill: Callable[[Tables], Tables] = lambda data: data
) -> Rubric:
    """Read and validate a rubric; `RubricError` for anything wrong with it.

    `kinds` maps each name that `kind` may take to the class (a `Strict`) that its `params` must fit. `fill` adds what
    the file leaves to the assignment's own files.
    """
    content, data = read(path)
    changed = data.get("checks", {})
    for id, one in changed.items() if isinstance(changed, dict) else ():
        _convert(Source(path, content.decode(), data), one, Changed, data, f"$.checks.{id}")
    data = fill(data)
    source = Source(path, content.decode(), data)
    raw: Raw = _convert(source, data, Raw, data, "$")
    return _validated(source, raw, kinds)


def read(path: Path) -> tuple[bytes, Tables]:
    """A rubric's file, and its tables as they stand there; `RubricError` where it is no TOML."""
    try:
        content = path.read_bytes()
        return content, copy.deepcopy(_tables(content))
    except OSError as error:
        raise RubricError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise RubricError(f"{path}: is not UTF-8 text (byte {error.start})") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f"line {line[1]}: " if line else ""
        raise RubricError(f"{path}: {where}is not TOML: {error}") from None


@functools.lru_cache(maxsize=2)
def _tables(content: bytes) -> Tables:
    """Kept, as a command reads its rubric three times, and parsing takes a tenth of a short one."""
    return tomllib.loads(content.decode(), parse_float=Decimal)


def _validated(source: Source, raw: Raw, kinds: Mapping[str, type[Any]]) -> Rubric:
    rubric_rules.check(source, raw)
    checks: dict[str, Any] = {}
    for q, question in enumerate(raw.questions):
        for c, spec in enumerate(question.checks):
            where = f"$.questions[{q}].checks[{c}]"
            if spec.kind not in kinds:
                wanted = ", ".join(sorted(kinds))
                raise RubricError(
                    said(source, f"{where}.kind", f"unknown kind {spec.kind!r}; wanted one of: {wanted}")
                )
            check = _convert(source, spec.params, kinds[spec.kind], source.data, f"{where}.params")
            for id in spec.needs:
                if checks[id].own_worker and not check.own_worker:
                    message = f"{spec.id!r} would have to wait for {id!r}, which runs beside the other checks"
                    raise RubricError(said(source, f"{where}.needs", message))
            checks[spec.id] = check
    for id in raw.checks:
        if id not in checks:
            message = f"there is no check {id!r}; wanted one of: {', '.join(checks)}"
            raise RubricError(said(source, f"$.checks.{id}", message))
    drawn_from = rubric_rules.course_secret(source, raw)
    return Rubric(
        path=source.path,
        id=raw.id,
        title=raw.title,
        points=raw.points,
        reference=raw.reference,
        entry=rubric_rules.entry(source, raw),
        dataset=raw.dataset,
        packages=raw.packages,
        compat=raw.compat,
        earlier_notebooks=raw.earlier_notebooks,
        limits=raw.limits,
        nets=raw.nets,
        questions=raw.questions,
        written=raw.written,
        notebook=raw.notebook,
        checks=checks,
        secret=drawn_from,
        python=raw.python,
        secret_remarks=rubric_rules.secret_remarks(source, raw, drawn_from),
        follow_through=raw.follow_through,
        mistakes=raw.mistakes,
        fingerprint=hashlib.sha256(source.content.encode()).hexdigest()[:12],
        asking=_asking(source.data),
        content={key: value for key, value in source.data.items() if key != "secret"},
        late=raw.late,
        handed_out=raw.handed_out,
        fail_under_decided=raw.fail_under_decided,
        synonyms=raw.synonyms,
        given_marks=raw.given_marks,
        constants=raw.constants,
    )


_FOR_MARKING = {
    "id", "title", "points", "written", "late", "handed_out", "secret", "secret_file", "fail_under_decided", "synonyms",
    "python", "given_marks", "checks",
}  # fmt: skip
"""What of a rubric is of no account until marks are made of what was found; the secret has its own fingerprint."""


def _asking(data: Mapping[str, Any]) -> str:
    """A hash of what can change findings. Of points it counts only whether there are any: no check can lose none."""
    asked = {key: value for key, value in data.items() if key not in _FOR_MARKING}
    asked["questions"] = [
        {
            "id": question["id"],
            "find": question.get("find"),
            "claims": [claim["symbol"] for claim in question.get("claims", ())],
            "given": question.get("given"),
            "checks": [
                {**spec, "points": spec["points"] > 0, "hint": bool(spec.get("hint"))}
                for spec in question.get("checks", ())
            ],
        }
        for question in data["questions"]
    ]
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()[:12]


def _convert(source: Source, value: Any, type_: Any, root: Any, where: str) -> Any:
    """`msgspec.convert` with an error that also names the value found."""
    try:
        converted = msgspec.convert(value, type_)
        _no_text_for_numbers(source, value, converted, where)
        return converted
    except msgspec.ValidationError as error:
        message, _, below = str(error).partition(" - at `$")
        field = where + below.removesuffix("`")
        if named := re.search(r"unknown field `([^`]{1,100})`", message):
            field += f".{named[1]}"
        found = _look_up(root, field)
        shown = "" if isinstance(found, dict | list | _Missing) else f", found {_show(found)}"
        raise RubricError(said(source, field, message + shown)) from None


def _no_text_for_numbers(source: Source, value: Any, converted: Any, where: str) -> None:
    """`RubricError` for a number in quotes, which would be taken for points."""
    if isinstance(converted, Decimal) and not isinstance(value, int | Decimal):
        raise RubricError(said(source, where, f"found {_show(value)}, wanted a number without quotes"))
    if isinstance(value, dict) and isinstance(converted, msgspec.Struct):
        pairs = [(f".{name}", one, getattr(converted, name, None)) for name, one in value.items()]
    elif isinstance(value, dict) and isinstance(converted, dict):
        pairs = [(f".{name}", one, converted.get(name)) for name, one in value.items()]
    elif isinstance(value, list) and isinstance(converted, tuple | list):
        pairs = [(f"[{n}]", *both) for n, both in enumerate(zip(value, converted, strict=False))]
    else:
        return
    for name, one, made in pairs:
        _no_text_for_numbers(source, one, made, f"{where}{name}")


def fault(rubric: Rubric, field: str, message: str) -> RubricError:
    """The error about a field, such as `questions[7].given`, of a rubric that was read, for what others find."""
    content = rubric.path.read_text(encoding="utf-8")
    return RubricError(said(Source(rubric.path, content, rubric.content), f"$.{field}", message))


class _Missing:
    pass


def _look_up(root: Any, field: str) -> Any:
    for name, index in re.findall(r"\.([A-Za-z0-9_-]+)|\[(\d+)\]", field):
        try:
            root = root[name] if name else root[int(index)]
        except (KeyError, IndexError, TypeError):
            return _Missing()
    return root


def _show(value: Any) -> str:
    return str(value) if isinstance(value, Decimal) else repr(value)
