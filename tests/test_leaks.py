"""Nothing that a hidden check gives a hand-in comes out where students look, whatever the hand-in does with it.

A table of the places where code of a worker's can put text, numbers or sizes. Each becomes a right solution that puts
there what it was given; it is graded by the real runner, written in every form that students see, and of the inputs no
eight digits in a row may be in any of them, also not with commas between or spelt with letters.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import numpy as np
import pytest
from rich.console import Console

from grader.export import FORMATS, ci, gradescope, junit, markdown, moodle
from grader.grading import runner
from grader.grading.runner import Run
from grader.model import ClassHead, Entry, GradeReport, Person, QuestionHead, to_json
from grader.reading.process import Here
from grader.report.audience import for_students
from grader.report.html import render as render_html
from grader.report.markdown import render as render_markdown
from grader.report.terminal import render as render_terminal
from grader.selftest.inside import Inside
from grader.student import process
from tests.grading.test_runner import SOLUTION, handed_in, without, without_accuracy
from tests.ps3 import kinds

WINDOW = 8
DIGITS = str.maketrans("abcdefghij", "0123456789")

HAND_IN = (
    SOLUTION
    + """

import os, sys, types, warnings

TOY = 10 * np.random.RandomState(1).randn(5, 4)
kept = []  # what was seen in hidden checks, for as long as the worker lives


def digits(array):
    text = "".join(repr(float(value)) for value in np.ravel(array)[:3])
    return "".join(c for c in text if c.isdigit()).lstrip("0")[:36]


def is_hidden(X):
    return not np.isin(np.ravel(X)[0], TOY)


class Right(TwoLayerMLP):
    pass


class TwoLayerMLP(Right):
    def loss(self, X, y=None, reg=0.0):
        seen = digits(X) if is_hidden(X) else ""
        kept.extend([seen] * bool(seen))
        result = Right.loss(self, X, y, reg)
        return in_loss(self, seen, result, X, y) if seen or kept else result

    def train(self, X, y, *rest, **options):
        seen = digits(X) if is_hidden(X) else ""
        kept.extend([seen] * bool(seen))
        return in_train(self, seen, Right.train(self, X, y, *rest, **options))

    def predict(self, X):
        seen = digits(X)
        return in_predict(self, seen, Right.predict(self, X))


def in_loss(net, seen, result, X, y): return result
def in_train(net, seen, result): return result
def in_predict(net, seen, result): return result
def named(text): return text.translate(str.maketrans("0123456789", "abcdefghij"))
def code_in(file, name="f", before=0):
    code = compile("\\n" * before + f"def {name}(): raise ValueError({name!r})", file, "exec")
    made = {}
    exec(code, made)
    return made[name]

"""
)

LOSS = "def in_loss(net, seen, result, X, y):\n    if not seen: return result\n    "
TRAIN = "def in_train(net, seen, result):\n    if not seen: return result\n    "
PREDICT = "def in_predict(net, seen, result):\n    "
HERE = "os.path.dirname(__file__)"
BY_SUBCLASS = "class Made(np.ndarray): pass\nMade.__name__ = Made.__qualname__ = "

PLACES = {
    # ---- exceptions: what they are called, what they say, what they carry
    "class name": LOSS + "raise type('E' + seen, (Exception,), {})",
    "class name in letters": LOSS + "raise type(named(seen), (Exception,), {})",
    "class name that begins like Python's": LOSS + "raise type('ValueError' + seen, (ValueError,), {})",
    "class name with a dot": LOSS + "raise type('numpy.' + named(seen), (Exception,), {})",
    "class name below a private one": LOSS + "raise type('_x', (type(named(seen), (Exception,), {}),), {})",
    "qualified name": LOSS + "raise type('Odd', (Exception,), {'__qualname__': seen, '__module__': seen})",
    "text": LOSS + "raise ValueError(seen)",
    "text of a number": LOSS + "raise ValueError(int(seen))",
    "text of a key": LOSS + "raise KeyError(seen)",
    "text by __str__": LOSS + "raise type('Odd', (Exception,), {'__str__': lambda self: seen})()",
    "text of an end": LOSS + "raise SystemExit(seen)",
    "text of what is refused": LOSS + "raise PermissionError(13, seen, seen)",
    "text that looks refused": LOSS + "raise OSError(30, seen)",
    "text of an old name": LOSS
    + "raise AttributeError(f\"module 'numpy' has no attribute '{named(seen)}'\")",
    "text of an unknown name": LOSS
    + "raise NameError(f\"name '{named(seen)}' is not defined\", name=named(seen))",
    "text of a keyword": LOSS
    + "raise TypeError(f\"loss() got an unexpected keyword argument '{named(seen)}'\")",
    "text of a missing file": LOSS + "raise FileNotFoundError(2, seen, seen)",
    "text of what is not implemented": LOSS + "raise NotImplementedError(seen)",
    "text of bytes": LOSS + "raise UnicodeDecodeError('utf-8', seen.encode(), 0, 1, seen)",
    "group": LOSS + "raise ExceptionGroup(seen, [ValueError(seen)])",
    "note": LOSS + "error = ValueError('x'); error.add_note(seen); raise error",
    "cause": LOSS + "raise ValueError('x') from type(seen, (Exception,), {})(seen)",
    "module that is missing": LOSS + "raise ModuleNotFoundError('no', name='m' + seen, path=seen)",
    "module in letters": LOSS + "raise ModuleNotFoundError('no', name=named(seen))",
    "module that is imported": LOSS + "__import__('m' + seen)",
    "part of a module": LOSS + "raise ImportError('no', name='numpy.' + named(seen))",
    "syntax": LOSS + f"raise SyntaxError(seen, ({HERE} + '/mlp.py', 3, 1, seen))",
    "syntax in a file": LOSS + f"raise SyntaxError(seen, ({HERE} + '/' + seen + '.py', 3, 1, seen))",
    "syntax at a line": LOSS + f"raise SyntaxError('x', ({HERE} + '/mlp.py', int(seen[:9]), 1, 'x'))",
    "indentation": LOSS + "exec(' x = ' + seen + '\\n   y')",
    "in train": TRAIN + "raise type('E' + seen, (Exception,), {})(seen)",
    "in predict": PREDICT + "raise type('E' + seen, (Exception,), {})(seen)",
    "on some networks": LOSS
    + "\n    if len(X) % 2: raise type('E' + seen, (Exception,), {})(seen)\n    return result",
    # ---- places
    "function": LOSS + f"code_in({HERE} + '/mlp.py', 'f' + seen)()",
    "function in letters": LOSS + f"code_in({HERE} + '/mlp.py', named(seen))()",
    "file": LOSS + f"code_in({HERE} + '/' + seen + '.py')()",
    "file in letters": LOSS + f"code_in({HERE} + '/' + named(seen) + '.py')()",
    "folder": LOSS + f"code_in({HERE} + '/' + seen + '/../mlp.py', before=2)()",
    "line": LOSS + f"code_in({HERE} + '/mlp.py', before=int(seen[:5]))()",
    # ---- what comes back: types, sizes, keys
    "array of an own class": LOSS
    + "return result.view(type('A' + seen, (np.ndarray,), {})) if y is None else result",
    "array of an own class, as the loss": LOSS
    + "return np.ones((2, 2)).view(type(named(seen), (np.ndarray,), {})) if y is None else (result[0] * np.ones("
    "(2, 2)).view(type(named(seen), (np.ndarray,), {})), result[1])",
    "number of an own class": LOSS + "return type(named(seen), (float,), {})(1) if y is None else result",
    "object of an own class": LOSS + "return type(named(seen), (), {})() if y is None else result",
    "class with a lying metaclass": LOSS
    + "return type('M', (type,), {'__name__': seen})(named(seen), (), {})() if y is None else result",
    "list of an own class": LOSS
    + "return type(named(seen), (list,), {})(result.tolist()) if y is None else result",
    "tuple of many": LOSS + "return tuple(range(int(seen[:2]) + 9)) if y is None else result",
    "list of many": LOSS + "return [None] * int(seen[:3]) if y is None else result",
    "values beside the loss": LOSS + "return result if y is None else result + tuple([seen] * int(seen[:2]))",
    "text for scores": LOSS + "return seen if y is None else result",
    "text for gradients": LOSS + "return result if y is None else (result[0], seen)",
    "shape": LOSS + "return np.empty((0, *map(int, (seen[:4], seen[4:8])))) if y is None else result",
    "shape of many": LOSS + "return np.empty((0, *[int(d) + 2 for d in seen[:6]])) if y is None else result",
    "shape of the loss": LOSS
    + "return result if y is None else (np.empty((0, *map(int, (seen[:4], seen[4:8])))), 0)",
    "shape of gradients": LOSS + "wrong = np.empty((0, int(seen[:4]), int(seen[4:8])));"
    "return result if y is None else (result[0], dict.fromkeys(result[1], wrong))",
    "fields": LOSS + "return np.zeros(3, [(named(seen), 'f8')]) if y is None else result",
    "void of a size": LOSS + "return np.zeros(3, f'V{seen[:9]}')[:0] if y is None else result",
    "text of a size": LOSS + "return np.zeros(3, f'U{seen[:8]}')[:0] if y is None else result",
    "times of a unit": LOSS + "return np.zeros(3, f'M8[{seen[:8]}s]') if y is None else result",
    "objects": LOSS + "return np.array([seen, None], object) if y is None else result",
    "ragged": LOSS + "return [[1], [seen], named(seen)] if y is None else result",
    "keys of gradients": LOSS + "return result if y is None else (result[0], {seen: 1, named(seen): 2})",
    "keys beside": LOSS + "return result if y is None else (result[0], {**result[1], 'W1': 0, seen: 1})",
    "keys of histories": TRAIN + "return {seen: [1.0], named(seen): seen}",
    "keys of parameters": LOSS + "net.params = {seen: 1, named(seen): 2}; return result",
    "no dict": TRAIN + "net.params = type(named(seen), (), {})(); return result",
    "lengths of histories": TRAIN
    + "return {k: np.zeros(int(seen[3 * i : 3 * i + 4])) for i, k in enumerate(result)}",
    "histories of an own class": TRAIN
    + "return {k: type(named(seen), (list,), {})([[1], [2]]) for k in result}",
    "labels of an own class": PREDICT + "return result.view(type(named(seen), (np.ndarray,), {}))",
    "labels of a shape": PREDICT + "return np.empty((0, int(seen[:4]), int(seen[4:8])))",
    "arrays in place": TRAIN + "return type(named(seen), (dict,), {})(result)",
    # ---- numbers that a sentence would tell
    "factor of the loss": LOSS
    + "return result if y is None else (result[0] * float('0.' + FACTOR(seen)), result[1])",
    "factor of gradients": LOSS
    + "return result if y is None else (result[0], {k: v * float('0.' + FACTOR(seen)) for k, v in result[1].items()})",
    "size of an error": LOSS + "size = float(FACTOR(seen));"
    "return result if y is None else (result[0], {k: v + size * (v > 0) for k, v in result[1].items()})",
    "length of steps": TRAIN
    + "\n    for v in net.params.values(): v *= float('1.' + FACTOR(seen))\n    return result",
    # ---- what code prints
    "print": LOSS + "print(seen, named(seen)); return result",
    "standard error": LOSS + "print(seen, file=sys.stderr); return result",
    "warning": LOSS + "warnings.warn(seen); return result",
    "warning of an own class": LOSS + "warnings.warn(type(named(seen), (Warning,), {})('x')); return result",
    "print, then fail": LOSS + "print(seen); raise ValueError",
    # ---- kept for a check that is not hidden
    "kept for an exception": "def in_loss(net, seen, result, X, y):\n    if not seen: raise ValueError(kept[0])\n"
    "    return result",
    "kept for a class name": "def in_loss(net, seen, result, X, y):\n"
    "    if not seen: raise type(kept[0], (Exception,), {})\n"
    "    return result",
    "kept for the toy loss": "def in_loss(net, seen, result, X, y):\n"
    "    return result if seen or y is None else (float(kept[0][:9]), result[1])",
    "kept for the histories": "def in_train(net, seen, result):\n"
    "    return {k: [float(kept[0][:9])] for k in result} if kept and not seen else result",
    "kept for keys": "def in_train(net, seen, result):\n    return {kept[0]: 1} if kept and not seen else result",
    "kept for types": "def in_loss(net, seen, result, X, y):\n"
    "    return result if seen else type(named(kept[0]), (), {})()",
    "kept for another question": "def in_loss(net, seen, result, X, y):\n"
    "    if seen and y is not None: raise ValueError\n"
    "    if not seen: raise ValueError(kept[0])\n    return result",
    "kept while a right loss is supplied": LOSS
    + "return result if y is None else (2 * result[0], result[1])\n"
    "def in_train(net, seen, result):\n    if kept and not seen: raise ValueError(kept[0])\n    return result",
}
"""Where a hand-in can put what it was given: to each place the code that does."""


class Recorded(Inside):
    """A worker in this process that remembers the numbers that it was sent."""

    sent: ClassVar[list[np.ndarray]]

    def ask(self, body: dict[str, Any], *rest: Any) -> Any:
        self.sent.extend(_arrays(body))
        return super().ask(body, *rest)


def _arrays(value: Any) -> Iterator[np.ndarray]:
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _arrays(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _arrays(item)


def secrets_of(run: Run, sent: list[np.ndarray]) -> set[str]:
    """All that is `WINDOW` digits long in the numbers that were sent and do not belong to the toy problem.

    Of each array the first ones, as the hand-in passes on what begins it.
    """
    toy = run.reference.own("toy")
    public = [*toy.toy_data(), *toy.toy_params().values()]
    open_ = {float(value) for array in public for value in np.ravel(array)}
    found: set[str] = set()
    for array in sent:
        if array.dtype.kind == "f":
            for value in np.ravel(array)[:20]:
                if float(value) not in open_ and abs(float(value)) > 1e-3:
                    digits = re.sub(r"\D", "", repr(float(value))).lstrip("0")
                    found |= {digits[i : i + WINDOW] for i in range(len(digits) - WINDOW + 1)}
    return {digits for digits in found if len(set(digits)) > 3}


def seen_by_students(report: GradeReport, head: ClassHead, submission: Any, folder: Path) -> dict[str, str]:
    """Every form in which a report reaches a student, by its name."""
    entry = Entry(report, Person(name="A"), seconds=1.25)
    shown = for_students(report)
    terminal, suite, table, moodles = (io.StringIO() for _ in range(4))
    render_terminal(shown, Console(file=terminal, width=200, color_system=None))
    junit.write(head, [entry], suite)
    markdown.write(head, [entry], table)
    moodle.write(head, [entry], moodles)
    remarks = list(ci.remarks(shown, submission))
    return {
        "html": render_html(shown),
        "md": render_markdown(shown),
        "json": to_json(shown).decode(),
        "terminal": terminal.getvalue(),
        "junit": suite.getvalue(),
        "gradescope": gradescope.results(entry).decode(),
        "summary": table.getvalue(),
        "moodle": moodles.getvalue(),
        "github": "\n".join(map(ci.github, remarks)),
        "plain": "\n".join(map(ci.plain, remarks)),
    }


def leaked(text: str, secret: set[str]) -> set[str]:
    """What of the secrets is in a text: as digits, as digits with something between, or as letters."""
    close = re.sub(r"(?<=\d)[\s,()x.]+(?=\d)", "", text)
    spelt = re.sub("[^a-j]", " ", text.lower()).translate(DIGITS)
    runs = [*re.findall(rf"\d{{{WINDOW},}}", text), *re.findall(rf"\d{{{WINDOW},}}", close)]
    runs += re.findall(rf"\d{{{WINDOW},}}", spelt)
    return {run[i : i + WINDOW] for run in runs for i in range(len(run) - WINDOW + 1)} & secret


@pytest.fixture(scope="module")
def run(on_digits: Run) -> Run:
    """Without the checks of the second activation, which give away nothing that those of the first do not."""
    rubric = without_accuracy(on_digits.rubric)
    second = {id for id in rubric.checks if id.startswith("relu")}
    assert second
    return replace(on_digits, rubric=without(rubric, second), reader=Here)


def head_of(report: GradeReport) -> ClassHead:
    questions = tuple(QuestionHead(q.id, q.title, q.points) for q in report.questions)
    return ClassHead("T", Decimal(80), questions, 1, "2030-01-01T00:00:00Z", "digits", "mnist", "A")


def graded(
    place: str, run: Run, tmp_path: Path, worker: type[Any], places: dict[str, str] = PLACES
) -> tuple[GradeReport, dict[str, str]]:
    factor = "\nFACTOR = lambda seen: seen[:6].replace('0', '7')\n"
    submission = handed_in(tmp_path / "s", HAND_IN + factor + places[place] + "\n")
    report = runner.grade(submission, replace(run, worker=worker))
    assert not report.host.errors
    return report, seen_by_students(report, head_of(report), submission, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_what_a_hidden_check_gives_away_reaches_no_student(place: str, run: Run, tmp_path: Path):
    class Worker(Recorded):
        sent: ClassVar[list[np.ndarray]] = []

    _, shown = graded(place, run, tmp_path, Worker)
    secret = secrets_of(run, Worker.sent)
    assert len(secret) > 1000
    found = {name: leaks for name, text in shown.items() if (leaks := leaked(text, secret))}
    assert not found


KEPT_ON_DISK = """
def in_loss(net, seen, result, X, y):
    for file in ("kept", "/tmp/kept", "/dev/shm/kept"):
        try:
            if seen:
                open(file, "w").write(seen)
            else:
                kept.append(open(file).read())
        except OSError:
            pass
    if kept and not seen: raise ValueError(kept[0])
    return result
"""
REAL = {
    "class name": PLACES["class name"],
    "kept on disk": KEPT_ON_DISK,
    "exit status": LOSS + "os._exit(int(seen[:2]))",
    "signal": LOSS + "import signal; os.kill(os.getpid(), int(seen[:1]) + 1); return result",
    "where it hangs": LOSS
    + "code = compile('def f' + seen + '():\\n while True: pass', __file__, 'exec'); made = {}; exec(code, made)\n"
    "    made['f' + seen]()",
    "where it says that it hangs": LOSS + "\n    import signal\n"
    "    for end in range(3, 60):\n"
    "        try: os.write(end, f'  File \"{__file__}\", line 3 in {seen}\\n'.encode())\n"
    "        except OSError: pass\n"
    "    while True: pass",
    "header of a frame": LOSS + "\n    for end in range(3, 60):\n"
    "        try: os.write(end, int(seen[:9]).to_bytes(4, 'little'))\n"
    "        except OSError: pass\n    return result",
    "not in the protocol": LOSS + "\n    for end in range(3, 60):\n"
    "        try: os.write(end, b'\\x20\\0\\0\\0' + seen.encode()[:32])\n"
    "        except OSError: pass\n    return result",
}
"""What needs a process of its own to be tried; and one place more, which shows that such a process is no other."""


@pytest.mark.slow
@pytest.mark.parametrize("place", REAL)
def test_nor_out_of_a_process_of_its_own(place: str, run: Run, tmp_path: Path):
    class Worker(process.Worker):
        sent: ClassVar[list[np.ndarray]] = []

        def ask(self, body: dict[str, Any], *rest: Any) -> Any:
            self.sent.extend(_arrays(body))
            return super().ask(body, *rest)

    limits = msgspec.structs.replace(run.rubric.limits, call_cpu=0.5, call_wall=5.0)
    short = replace(run, rubric=msgspec.structs.replace(run.rubric, limits=limits))
    _, shown = graded(place, short, tmp_path, Worker, REAL)
    secret = secrets_of(run, Worker.sent)
    assert len(secret) > 1000 or place in ("exit status", "header of a frame", "not in the protocol")
    assert not {name: leaks for name, text in shown.items() if (leaks := leaked(text, secret))}


@pytest.mark.slow
def test_the_test_would_find_what_leaks(run: Run, tmp_path: Path):
    """Staff's own report holds what students' does not."""

    class Worker(Recorded):
        sent: ClassVar[list[np.ndarray]] = []

    report, _ = graded("class name", run, tmp_path, Worker)
    assert leaked(to_json(report).decode(), secrets_of(run, Worker.sent))


def test_a_traceback_of_our_own_stays_with_staff(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def breaks(*_: Any) -> None:
        raise RuntimeError("our own words")

    monkeypatch.setattr(kinds.forward.Scores, "run", breaks)
    submission = handed_in(tmp_path / "s", SOLUTION)
    report = runner.grade(submission, replace(run, worker=Inside))
    assert "Traceback" in report.host.errors["sigmoid-scores"]
    head = msgspec.structs.replace(head_of(report), failed={"bob": "the grader failed (RuntimeError)"})
    shown = seen_by_students(report, head, submission, tmp_path)
    for name, format in FORMATS.items():
        if format.write is not None:
            file = io.StringIO()
            format.write(head, [Entry(report, Person(name="A"))], file)
            shown[name] = file.getvalue()
    assert {"csv", "junit", "gradescope"} <= set(shown)
    for name, text in shown.items():
        assert not re.search(r"Traceback|our own words|runner\.py|breaks", text), name
