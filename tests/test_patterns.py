"""No pattern that student bytes are searched with takes more time than in proportion to them.

Every pattern of the package and of the rubrics is given texts made of what it looks for: its own parts, repeated, each
behind an example of what stands before it. A pattern that is linear takes milliseconds. One that would take three
seconds for the longest text that is read, because it is quadratic, takes half a second for two fifths of it, and a
sixteenth of that for a fourth.
"""

from __future__ import annotations

import ast
import gc
import os
import re
import signal
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from grader.assignment.rubric import Rubric
from grader.notebook import values
from grader.notebook.answers import MAX_ANSWER
from tests.conftest import ROOT

LENGTH = 20_000
"""Two fifths of what is read at most."""
OF_A_NAME = 1000
"""For patterns of names: those of files have 255 bytes at most, those of types 100 characters."""
OF_A_SENTENCE = 2000
SECONDS = 0.5
"""Of CPU for one text; a pattern that is linear takes some milliseconds."""
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)
_FUNCTIONS = ("compile", "search", "match", "fullmatch", "sub", "split", "findall", "finditer")
_OURS = (
    "selftest", "editions/handout.py", "editions/autograder.py", "assignment/datasets.py", "handin/roster.py",
    "report/plots.py",
)  # fmt: skip
"""Files whose patterns are for texts of our own."""


def of_package() -> Iterator[tuple[str, re.Pattern[Any], set[str]]]:
    """Patterns that stand in calls, as far as they are written out there, and the methods that they are used by."""
    for path in sorted((ROOT / "grader").rglob("*.py")):
        name = str(path.relative_to(ROOT / "grader"))
        if name.startswith(_OURS) or "_assets" in name:
            continue
        tree = ast.parse(path.read_text())
        known = dict(assigned(tree))
        texts = {id: value.value for id, value in known.items() if isinstance(value, ast.Constant)}
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if not (
                isinstance(call.func, ast.Attribute)
                and isinstance(call.func.value, ast.Name)
                and call.func.value.id == "re"
                and call.func.attr in _FUNCTIONS
            ):
                continue
            if (text := written_out(call.args[0], texts)) is not None:
                kept = [id for id, value in known.items() if value is call]
                used = methods(tree, kept[0]) if kept else {call.func.attr}
                yield f"{name}:{call.lineno}", re.compile(text, flags(call)), used


def assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Names and what they are assigned, with a type or without."""
    for node in ast.walk(tree):
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if isinstance(target, ast.Name) and value is not None:
            yield target.id, value


def methods(tree: ast.Module, name: str) -> set[str]:
    """By which methods a pattern of that name is used; by searching where that is not seen."""
    found = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name
    }
    return found or {"search"}


def length_for(name: str) -> int:
    """How long a text is tried with a pattern of the package."""
    if name.startswith(("handin/intake", "student/known_names.py", "handin/newer_python.py")):
        return OF_A_NAME
    if name.startswith(
        ("written/prose.py", "written/free_text.py")
    ):  # sentences, in a process with a limit of its own
        return OF_A_SENTENCE
    return MAX_ANSWER * 2 // 5 if name.startswith("written") else LENGTH


def written_out(node: ast.expr, known: dict[str, Any]) -> Any:
    """The text of a pattern; where something is put in that is only known later, a word stands for it."""
    match node:
        case ast.Constant(value=str() | bytes() as value):
            return value
        case ast.Name(id=name):
            return known.get(name)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            one, other = written_out(left, known), written_out(right, known)
            return None if one is None or other is None else one + other
        case ast.JoinedStr(values=parts):
            return "".join(
                str(part.value)
                if isinstance(part, ast.Constant)
                else str(known.get(getattr(getattr(part, "value", None), "id", ""), "Word"))
                for part in parts
            )
        case ast.Call(func=ast.Attribute(attr="encode")):
            return b"Word"
    return None


def flags(call: ast.Call) -> int:
    names = {
        node.attr for part in call.args[1:] for node in ast.walk(part) if isinstance(node, ast.Attribute)
    }
    names |= {n.attr for k in call.keywords for n in ast.walk(k.value) if isinstance(n, ast.Attribute)}
    found = 0
    for name in names & {"IGNORECASE", "MULTILINE", "DOTALL", "ASCII", "VERBOSE"}:
        found |= getattr(re, name)
    return found


def of_rubric(rubric: Rubric) -> Iterator[tuple[str, re.Pattern[Any]]]:
    settings = rubric.notebook
    assert settings is not None
    for spec in settings.values:
        yield f"{spec.title}: code", re.compile(spec.code)
        yield f"{spec.title}: find", re.compile(spec.find.replace("{number}", values._NUMBER))
    for plot in settings.plots:
        yield f"{plot.title}: plot", re.compile(plot.code)
    if settings.size is not None:
        yield "size", re.compile(settings.size.find.replace("{number}", values._NUMBER))
    for question in rubric.questions:
        if question.find:
            yield f"{question.id}: find", re.compile(question.find)
        for point in (one for one in question.expect if one.pattern):
            yield f"{question.id}: {point.text}", re.compile(point.pattern, re.IGNORECASE)


# ---- texts made to be slow --------------------------------------------------------------------------


def example(parsed: Any, most: int = 1) -> str:
    """A text that the parsed pattern matches, or nearly: assertions are not looked at."""
    return "".join(one(code, argument, most) for code, argument in parsed)


def one(code: Any, argument: Any, most: int) -> str:
    if code is codes.LITERAL:
        return chr(argument)
    if code is codes.NOT_LITERAL:
        return "a" if argument != ord("a") else "b"
    if code is codes.ANY:
        return "x"
    if code is codes.IN:
        return of_class(argument)
    if code in _REPEATS:
        low, high, inner = argument
        return example(inner, most) * max(low, min(most, int(high)))
    if code is codes.SUBPATTERN:
        return example(argument[3], most)
    if code is codes.ATOMIC_GROUP:
        return example(argument, most)
    if code is codes.BRANCH:
        return example(argument[1][0], most)
    return ""


def of_class(items: Any) -> str:
    negated = items and items[0][0] is codes.NEGATE
    for char in "a1 *_-.=/+(\"'\\\n\x1b":
        if any(in_class(char, item) for item in items if item[0] is not codes.NEGATE) != bool(negated):
            return char
    code, argument = items[-1]
    return chr(argument[0] if code is codes.RANGE else argument) if code is not codes.CATEGORY else "a"


def in_class(char: str, item: Any) -> bool:
    code, argument = item
    if code is codes.LITERAL:
        return ord(char) == argument
    if code is codes.RANGE:
        return bool(argument[0] <= ord(char) <= argument[1])
    shorthand = {
        codes.CATEGORY_DIGIT: r"\d", codes.CATEGORY_NOT_DIGIT: r"\D", codes.CATEGORY_SPACE: r"\s",
        codes.CATEGORY_NOT_SPACE: r"\S", codes.CATEGORY_WORD: r"\w", codes.CATEGORY_NOT_WORD: r"\W",
    }[argument]  # fmt: skip
    return re.fullmatch(shorthand, char) is not None


def parts_of(parsed: Any) -> Iterator[tuple[str, str]]:
    """For each part of a pattern, at any depth: an example of what stands before it, and of itself."""
    before = ""
    for code, argument in parsed:
        own = one(code, argument, 1)
        yield before, own
        inner: list[Any] = []
        if code in _REPEATS:
            inner = [argument[2]]
        elif code is codes.SUBPATTERN:
            inner = [argument[3]]
        elif code is codes.ATOMIC_GROUP:
            inner = [argument]
        elif code is codes.BRANCH:
            # Of words to choose from, all are alike: some patterns have hundreds.
            words = [branch for branch in argument[1] if is_short(branch)]
            inner = [branch for branch in argument[1] if branch not in words] + words[:2]
        elif code in (codes.ASSERT, codes.ASSERT_NOT):
            inner = [argument[1]]
        for part in inner:
            for more, unit in parts_of(part):
                yield before + more, unit
        before += own


def is_short(parsed: Any) -> bool:
    """Whether nothing in it can be repeated any number of times."""
    for code, argument in parsed:
        if code in _REPEATS and (argument[1] is codes.MAXREPEAT or not is_short(argument[2])):
            return False
        if code is codes.SUBPATTERN and not is_short(argument[3]):
            return False
        if code in (codes.ASSERT, codes.ASSERT_NOT) and not is_short(argument[1]):
            return False
        if code is codes.ATOMIC_GROUP and not is_short(argument):
            return False
        if code is codes.BRANCH and not all(map(is_short, argument[1])):
            return False
    return True


def texts(pattern: re.Pattern[Any], length: int) -> set[str]:
    """What to try it with."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    parsed = parser.parse(
        text, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags
    )
    pieces = list(parts_of(parsed))
    units = {unit for _, unit in pieces if unit} | {before for before, _ in pieces if before}
    units |= {before + unit for before, unit in pieces if before + unit}
    units |= {example(parsed, 3) or "a", *"*a 1\n\\", " a", "a\n", "*a"}
    starts = {"", *(before for before, _ in pieces)}
    found = {unit * (length // len(unit)) + end for unit in units for end in ("", "\0")}
    found |= {
        start + unit * (length // len(unit)) + "\0" for start in starts for unit in units if len(unit) < 3
    }
    return found


def uses(pattern: re.Pattern[Any], used: Collection[str], subject: str | bytes) -> float:
    """Seconds of CPU that these methods take with a text, the lesser of two."""
    anchored = {"match", "fullmatch"} & set(used)

    def once() -> float:
        start = time.process_time()
        for method in anchored:
            getattr(pattern, method)(subject)
        if anchored != set(used):  # all others search, again behind what they find
            for _ in pattern.finditer(subject):
                pass
        return time.process_time() - start

    first = once()
    return first if first < SECONDS else min(first, once())


def is_slow(pattern: re.Pattern[Any], used: Collection[str] = ("search",), length: int = LENGTH) -> bool:
    """Whether it takes long, and grows by more than eight times where a text does by four: no matter how fast the
    machine is. Tried in a process that the kernel ends when one text takes four times as long.

    A 16th of a text comes first, and then a fourth: what takes no 512th or no 32nd of the time there is not looked at
    further, as it takes less than half of it in full even where it is quadratic.
    """
    made = texts(pattern, length)
    subjects = made if isinstance(pattern.pattern, str) else {t.encode("utf-8", "replace") for t in made}
    child = os.fork()
    if not child:
        gc.disable()  # all that other tests have left would be gone through
        for subject in subjects:
            signal.setitimer(signal.ITIMER_PROF, 4 * SECONDS)
            if uses(pattern, used, subject[: len(subject) // 16] + subject[-1:]) < SECONDS / 512:
                continue
            fourth = uses(pattern, used, subject[: len(subject) // 4] + subject[-1:])
            if fourth > SECONDS / 32 and uses(pattern, used, subject) > max(SECONDS, 8 * fourth):
                os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] != 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "pattern",
    [
        r"[\W_]*(?:\d+pts)?[\W_]*\d+(?:\.\d+)+",
        r"loss[^\d]*?\d",
        r"(a+)+b",
        r"<!--.*?-->",
        r"^\s*[\w ,]+=\s*!",
    ],
)
def test_slow_patterns_are_found_out(pattern: str):
    assert is_slow(re.compile(pattern))


@pytest.mark.slow
def test_patterns_of_the_package_are_linear():
    found = list(of_package())
    assert len(found) > 60
    assert [name for name, pattern, used in found if is_slow(pattern, used, length_for(name))] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    sorted(path for path in (ROOT / "rubrics").glob("*.toml") if "[notebook]" in path.read_text()),
    ids=lambda path: Path(path).stem,
)
def test_patterns_of_a_rubric_are_linear(path: Path):
    from grader.grading.loading import load_assignment

    # Each once: those of sigmoid and ReLU are the same.
    found = {pattern: name for name, pattern in of_rubric(load_assignment(path)[0])}
    assert [name for pattern, name in found.items() if is_slow(pattern)] == []
