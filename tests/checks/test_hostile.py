"""Whatever student code returns, every check ends in a verdict on the student's code, never in a fault of ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.grading.runner import Run
from grader.model import Outcome

from . import local
from .handins import handin, method

VALUES = (
    "None",
    "True",
    "0",
    "-1.5",
    "10 ** 400",
    "1e308",
    "float('nan')",
    "float('-inf')",
    "1j",
    "'text'",
    "b'bytes'",
    "[]",
    "()",
    "{}",
    "set()",
    "[None, 1]",
    "[[1, 2], [3]]",
    "['1', '2']",
    "object()",
    "lambda: 1",
    "len",
    "range(3)",
    "np.zeros(0)",
    "np.zeros((0, 3))",
    "np.zeros((5, 0))",
    "np.zeros((1, 1, 1, 1))",
    "np.ones(12)",
    "np.ones((12, 3))",
    "np.full((5, 3), np.nan)",
    "np.full((5, 3), np.inf)",
    "np.full(12, np.nan)",
    "np.full(12, -np.inf)",
    "np.full((4, 10), 1e308)",
    "np.ones((4, 10)) * 1j",
    "np.ones((5, 3), dtype=bool)",
    "np.ones((5, 3), dtype=object)",
    "np.array(['a', 'b'])",
    "np.array(None)",
    "np.array([{}], dtype=object)",
    "np.ma.masked_array([1.0, 2.0], [True, False])",
    "np.matrix([[1, 2], [3, 4]])",
    "np.array([(1, 2.0)], dtype='i4,f8')",
    "np.datetime64('2020-01-01')",
    "np.float16(1.5)",
    "np.longdouble(1.5)",
    "np.uint8([1, 2])",
    "np.ones((3, 100000))",
    "np.ones((2,) * 12)",
    "[0.1] * 100000",
    "iter([1, 2])",
    "(x for x in [1])",
    "{1: 2, None: 3}",
    "{'W1': None, 'b1': 'x', 'W2': [], 'b2': {}}",
    "{'loss_history': None}",
    "{'loss_history': [], 'val_acc_history': ()}",
    "{'loss_history': 'abc', 'grad_magnitude_history': {}, 'train_acc_history': 1, 'val_acc_history': [None]}",
    "{'loss_history': [float('nan')] * 100, 'grad_magnitude_history': [1j], 'train_acc_history': [2]}",
    "[[[[[[[[1]]]]]]]]",
    "self",
)

value = st.sampled_from(VALUES)
"""Python expressions, so that an example that fails can be read."""
gradients = st.builds("{{'W1': {}, 'b1': {}, 'W2': {}, 'b2': {}}}".format, value, value, value, value)
answers = st.one_of(
    value,
    st.builds("({}, {})".format, value, gradients),
    st.builds("({}, {})".format, value, value),
    st.builds("(loss, {})".format, gradients),
    st.builds("({}, grads)".format, value),
    st.builds("({}, {}, {})".format, value, value, value),
    st.just("(loss, grads)"),
)
histories = st.builds(
    "{{'loss_history': {}, 'grad_magnitude_history': {}, 'train_acc_history': {}, 'val_acc_history': {}}}".format,
    value,
    value,
    value,
    value,
)


def judged(source: str, run: Run, folder: Path) -> None:
    """Grade, and look at what came out."""
    report = local.grade_source(source, run, folder)
    assert not report.host.errors, report.host.errors
    for check in local.checks(report).values():
        assert check.outcome in (Outcome.PASSED, Outcome.PARTIAL, Outcome.FAILED, Outcome.SKIPPED)
        assert check.message.endswith(".")
        assert not check.message.startswith("the ")


@pytest.fixture
def hostile(inside: Run, tmp_path: Path) -> tuple[Run, Path]:
    """Settings without accuracy, in this process."""
    return inside, tmp_path / "handin"


FEW = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.slow
@FEW
@given(answers)
def test_anything_from_loss(hostile: tuple[Run, Path], answer: str):
    judged(handin(("        return loss, grads\n", f"        return {answer}\n")), *hostile)


@pytest.mark.slow
@FEW
@given(value)
def test_anything_as_scores(hostile: tuple[Run, Path], answer: str):
    judged(handin(("            return scores\n", f"            return {answer}\n")), *hostile)


@pytest.mark.slow
@FEW
@given(st.one_of(value, histories))
def test_anything_from_train(hostile: tuple[Run, Path], answer: str):
    judged(
        handin(
            ("        return {'loss_history'", f"        return {answer}\n        return {{'loss_history'")
        ),
        *hostile,
    )


@pytest.mark.slow
@FEW
@given(value)
def test_anything_from_predict(hostile: tuple[Run, Path], answer: str):
    judged(handin(("        return np.argmax(scores, axis=1)\n", f"        return {answer}\n")), *hostile)


@pytest.mark.slow
@FEW
@given(st.one_of(value, gradients), st.booleans())
def test_anything_as_params(hostile: tuple[Run, Path], answer: str, after_training: bool):
    edit = method("__init__", "pass")
    if after_training:
        edit = (
            "        return {'loss_history'",
            f"        self.params = {answer}\n        return {{'loss_history'",
        )
    else:
        end = "        self.params['b2'] = np.zeros(output_size)\n"
        edit = (end, end + f"        self.params = {answer}\n")
    judged(handin(edit), *hostile)


RAISED = [
    "raise ValueError('x' * 10000)",
    "return self.loss(X, y, reg)",
    "self.activation = None",
    "raise StopIteration",
    "raise TypeError(\"loss() got an unexpected keyword argument 'reg'\")",
]


@pytest.mark.slow
@pytest.mark.parametrize("line", RAISED)
def test_anything_that_is_raised(hostile: tuple[Run, Path], line: str):
    for name in ("loss", "train", "predict", "__init__"):
        if "self.loss" not in line or name == "loss":
            judged(handin(method(name, line)), *hostile)


LINES = ("return loss, grads", "return scores", "return {'loss_history'", "return np.argmax(scores, axis=1)")


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES)
def test_each_value_from_a_method(hostile: tuple[Run, Path], line: str):
    for answer in VALUES[LINES.index(line) :: len(LINES)]:
        judged(handin((line, f"return {answer}\n        {line}")), *hostile)
