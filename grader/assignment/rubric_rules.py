"""What has to fit together in a rubric, and what follows from several of its fields."""

from __future__ import annotations

import keyword
import re
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import get_args

from ..entry_point import EntryPoint
from ..errors import RubricError
from . import secret
from .rubric import Raw, Verdict, worth
from .rubric_place import Source, said


def check(source: Source, raw: Raw) -> None:
    """`RubricError` for the first thing that does not fit."""
    _check_ids(source, raw)
    _check_points(source, raw)
    if not (raw.follow_through.is_finite() and 0 <= raw.follow_through <= 1):
        raise RubricError(said(source, "$.follow_through", f"found {raw.follow_through}, wanted 0 to 1"))
    if not (raw.fail_under_decided.is_finite() and 0 <= raw.fail_under_decided <= 100):
        message = f"found {raw.fail_under_decided}, wanted a percentage from 0 to 100"
        raise RubricError(said(source, "$.fail_under_decided", message))
    if raw.handed_out and not (raw.handed_out.least.is_finite() and 0 < raw.handed_out.least <= 1):
        message = f"found {raw.handed_out.least}, wanted more than 0 and up to 1"
        raise RubricError(said(source, "$.handed_out.least", message))
    _check_packages(source, raw)
    _check_items(source, raw)
    _check_order(source, raw)
    _check_claims(source, raw)
    _check_notebook(source, raw)
    _check_late(source, raw)


def _check_ids(source: Source, raw: Raw) -> None:
    seen: dict[str, str] = {}
    for q, question in enumerate(raw.questions):
        entries = [(question.id, f"$.questions[{q}].id")]
        entries += [(spec.id, f"$.questions[{q}].checks[{c}].id") for c, spec in enumerate(question.checks)]
        for id, where in entries:
            if id in seen:
                raise RubricError(
                    said(source, where, f"{id!r} is taken already, at {seen[id].removeprefix('$.')}")
                )
            seen[id] = where
        patterns = [(f"$.questions[{q}].find", question.find)]
        for e, x in enumerate(question.expect):
            patterns += [(f"$.questions[{q}].expect[{e}].pattern", x.pattern)]
            if not (x.says or x.denies or x.pattern):
                where = f"$.questions[{q}].expect[{e}]"
                raise RubricError(
                    said(source, where, "found nothing to look for; wanted says, denies or a pattern")
                )
        for where, pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                message = f"{pattern!r} is no regular expression: {error}"
                raise RubricError(said(source, where, message)) from None


def _check_points(source: Source, raw: Raw) -> None:
    """No points below zero, and every sum is what it says."""
    for q, question in enumerate(raw.questions):
        parts = [(f"checks[{c}]", spec.points) for c, spec in enumerate(question.checks)]
        parts += [(f"claims[{c}]", claim.points) for c, claim in enumerate(question.claims)]
        parts += [(f"expect[{e}]", expected.points) for e, expected in enumerate(question.expect)]
        for part, points in parts:
            if not (points.is_finite() and points >= 0):
                where = f"$.questions[{q}].{part}.points"
                raise RubricError(said(source, where, f"found {points}, wanted zero or more"))
    for q, question in enumerate(raw.questions):
        scored = question.checks or question.claims or question.expect
        of_parts = question.checks or question.claims
        total = sum((part.points for part in of_parts), Decimal(0)) or worth(question.expect)
        if scored and total != question.points:
            where, what = (
                f"$.questions[{q}].points",
                next(name for name in ("checks", "claims", "expect") if getattr(question, name)),
            )
            raise RubricError(
                said(source, where, f"found {question.points}, but its {what} add up to {total}")
            )
    total = sum((question.points for question in raw.questions), Decimal(0))
    if total != raw.points:
        raise RubricError(
            said(source, "$.points", f"found {raw.points}, but the questions add up to {total}")
        )


def _check_items(source: Source, raw: Raw) -> None:
    """Items can be told apart, by key and by id, and none is worth more than its question."""
    for q, question in enumerate(raw.questions):
        seen: dict[tuple[str, str], int] = {}
        for i, item in enumerate(question.items):
            where = f"$.questions[{q}].items[{i}]"
            if not item.points.is_finite() or abs(item.points) > question.points:
                message = f"found {item.points}, wanted -{question.points} to {question.points}"
                raise RubricError(said(source, f"{where}.points", message))
            if item.points != item.points.quantize(Decimal("0.01")):
                message = f"found {item.points}, wanted hundredths at most"
                raise RubricError(said(source, f"{where}.points", message))
            if not item.text.strip():
                raise RubricError(
                    said(source, f"{where}.text", "found nothing, wanted what is said of the answer")
                )
            for field, value in (("key", item.key), ("id", item.id), ("text", "" if item.id else item.text)):
                first = seen.setdefault((field, value), i)
                if value and first != i:
                    message = f"{value!r} is taken already, at questions[{q}].items[{first}]"
                    raise RubricError(said(source, f"{where}.{field}", message))


def _check_packages(source: Source, raw: Raw) -> None:
    """Each is a name that can be imported. Whether it is installed is said to whoever imports it."""
    for n, name in enumerate(raw.packages):
        if not name.isidentifier() or keyword.iskeyword(name):
            like = "numpy for numpy.linalg, sklearn for scikit-learn"
            message = f"found {name!r}, wanted the first part of what follows import: {like}"
            raise RubricError(said(source, f"$.packages[{n}]", message))


def _check_order(source: Source, raw: Raw) -> None:
    """Every dependency exists, is no cycle, and comes earlier."""
    specs = [
        (f"$.questions[{q}].checks[{c}]", s)
        for q, x in enumerate(raw.questions)
        for c, s in enumerate(x.checks)
    ]
    known = {spec.id for _, spec in specs}
    graph: dict[str, set[str]] = {}
    for where, spec in specs:
        named = [(f"{where}.needs[{n}]", id) for n, id in enumerate(spec.needs)]
        named += [(f"{where}.shared_with", spec.shared_with)] if spec.shared_with else []
        for field, id in named:
            if id not in known:
                raise RubricError(said(source, field, f"there is no check {id!r}"))
        graph[spec.id] = {id for _, id in named}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle = " -> ".join(reversed(error.args[1]))
        raise RubricError(
            said(source, "$.questions", f"checks need each other in a circle: {cycle}")
        ) from None
    seen: set[str] = set()
    for where, spec in specs:
        for id in graph[spec.id] - seen:
            raise RubricError(
                said(source, where, f"{spec.id!r} uses {id!r}, which comes later; put it earlier")
            )
        seen.add(spec.id)


def _check_claims(source: Source, raw: Raw) -> None:
    """Claims go with shares for every verdict, not with checks, and name checks that exist."""
    checks = {spec.id for question in raw.questions for spec in question.checks}
    for q, question in enumerate(raw.questions):
        if question.claims and question.checks:
            raise RubricError(said(source, f"$.questions[{q}]", "found both checks and claims, wanted one"))
        if question.claims and raw.written is None:
            raise RubricError(said(source, "$.written", f"missing; the claims of {question.id} need it"))
        for c, claim in enumerate(question.claims):
            if claim.code and claim.code not in checks:
                where = f"$.questions[{q}].claims[{c}].code"
                raise RubricError(said(source, where, f"there is no check {claim.code!r}"))
    if raw.written is None:
        return
    for name in raw.written.shares:
        if name not in get_args(Verdict):
            where, wanted = f"$.written.shares.{name}", ", ".join(get_args(Verdict))
            raise RubricError(said(source, where, f"unknown verdict; wanted one of: {wanted}"))
    for verdict in get_args(Verdict):
        share = raw.written.shares.get(verdict)
        if share is None or not (share.is_finite() and 0 <= share <= 1):
            found = "missing" if share is None else f"found {share}"
            raise RubricError(said(source, f"$.written.shares.{verdict}", f"{found}; wanted 0 to 1"))


def _check_notebook(source: Source, raw: Raw) -> None:
    """Patterns are regular expressions, with a place for the number where one is read; questions exist."""
    if raw.notebook is None:
        return
    known = {question.id for question in raw.questions}
    notebook = raw.notebook
    patterns = [(f"$.notebook.values[{n}].find", value.find, True) for n, value in enumerate(notebook.values)]
    asked = [
        (f"$.notebook.values[{n}]", value.code, value.question) for n, value in enumerate(notebook.values)
    ]
    asked += [(f"$.notebook.plots[{n}]", plot.code, plot.question) for n, plot in enumerate(notebook.plots)]
    for where, code, question in asked:
        patterns.append((f"{where}.code", code, False))
        if question not in known:
            raise RubricError(said(source, f"{where}.question", f"there is no question {question!r}"))
    if notebook.size is not None:
        patterns.append(("$.notebook.size.find", notebook.size.find, True))
    for where, pattern, reads in patterns:
        try:
            groups = re.compile(pattern.replace("{number}", "(1)")).groups
        except re.error as error:
            raise RubricError(said(source, where, f"{pattern!r} is no regular expression: {error}")) from None
        if reads and ("{number}" not in pattern or groups != pattern.count("{number}")):
            message = f"found {pattern!r}, wanted {{number}} in it, and no other group than (?:...)"
            raise RubricError(said(source, where, message))


def entry(source: Source, raw: Raw) -> EntryPoint:
    if (raw.class_name is None) == (not raw.functions):
        found = "found beside `functions`" if raw.functions else "missing"
        message = f"{found}; wanted `class_name` or `functions`, one of the two"
        raise RubricError(said(source, "$.class_name", message))
    names = (raw.class_name,) if raw.class_name else raw.functions
    return EntryPoint(raw.module, names, is_class=raw.class_name is not None)


def _check_late(source: Source, raw: Raw) -> None:
    """The due time is one moment everywhere, and a day costs a share or points, within bounds."""
    late = raw.late
    if late is None:
        return
    if late.due.utcoffset() is None:
        message = f"found {late.due.isoformat()}, a local time; add its offset, such as +02:00 or Z"
        raise RubricError(said(source, "$.late.due", message))
    if (late.percent_per_day is None) == (late.points_per_day is None):
        message = "missing" if late.percent_per_day is None else "found beside `points_per_day`"
        wanted = "wanted `percent_per_day` or `points_per_day`, one of the two"
        raise RubricError(said(source, "$.late.percent_per_day", f"{message}; {wanted}"))
    for name, most in (("percent_per_day", 100), ("points_per_day", raw.points), ("max_percent", 100)):
        value: Decimal | None = getattr(late, name)
        if value is not None and not (value.is_finite() and 0 <= value <= most):
            raise RubricError(said(source, f"$.late.{name}", f"found {value}, wanted 0 to {most}"))


def course_secret(source: Source, raw: Raw) -> str:
    """The course secret: from a file outside the repository, or from the rubric itself."""
    if raw.secret and raw.secret_file:
        raise RubricError(said(source, "$.secret_file", "found beside `secret`; wanted one of the two"))
    if not raw.secret_file:
        if not raw.secret:
            raise RubricError(said(source, "$.secret", "missing; wanted `secret` or `secret_file`"))
        return raw.secret
    try:
        return secret.read(_secret_file(source, raw))
    except ValueError as error:
        raise RubricError(said(source, "$.secret_file", str(error))) from None


def _secret_file(source: Source, raw: Raw) -> Path:
    try:
        return source.path.parent / Path(raw.secret_file).expanduser()
    except RuntimeError:  # no such user
        message = f"found {raw.secret_file!r}, wanted a path; there is no such home folder"
        raise RubricError(said(source, "$.secret_file", message)) from None


def secret_remarks(source: Source, raw: Raw, found: str) -> tuple[str, ...]:
    if not raw.nets and not any(spec.hidden for question in raw.questions for spec in question.checks):
        return ()  # nothing is drawn from it
    return tuple(secret.remarks(found, source.path, _secret_file(source, raw) if raw.secret_file else None))
