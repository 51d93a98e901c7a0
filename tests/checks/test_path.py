"""A training that takes the solution's path is not run to its end, and nothing else is spared that."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest

from grader.assignment.rubric import Rubric
from grader.checks.base import Bench
from grader.checks.hidden import generator
from grader.grading.runner import PARTS, Run
from grader.model import GradeReport, Outcome
from grader.selftest import without
from grader.selftest.inside import Inside
from grader.student.client import Student
from grader.student.process import Limits
from tests.ps3 import kinds

from . import local
from .handins import BANK, GRADS, IDX, RETURN, UPDATE, handin

ACCURACY = ("sigmoid-accuracy", "relu-accuracy")
DECAY = "learning_rate *= learning_rate_decay"
COUNT = "        num_train = X.shape[0]\n"
SINGLE = "self.params[name] = self.params[name].astype(np.float32)\n"
WHOLE = "if X.shape[1] == 784 and batch_size == 10"
"""Whether it is the training to the end: the path is tried in larger batches."""
SHIFTED = "        scores = scores - scores.max(axis=1, keepdims=True)\n"
SHUFFLE = "perm = np.random.permutation(num_train)\n"


@pytest.fixture(scope="module")
def trained(inside: Run, ps3: Rubric) -> Run:
    """Settings with the accuracy checks, in this process."""
    return replace(inside, rubric=without(ps3, ()))


@pytest.fixture
def bench_of(trained: Run, tmp_path: Path) -> Callable[[str], object]:
    """A bench at which a source is asked."""

    @contextmanager
    def made(source: str) -> Iterator[Bench]:
        (tmp_path / "mlp.py").write_text(source)
        limits = Limits(60, 600, 600, 2000, 2000, 4 << 30, 1 << 24)
        datasets = {name: trained.dataset.path(name) for name in PARTS}
        spec = next(s for q in trained.rubric.questions for s in q.checks if s.id == ACCURACY[0])
        state = np.random.get_state()
        with Student(
            trained.sandbox, tmp_path, limits, trained.rubric.entry, datasets, worker=Inside
        ) as student:
            yield Bench(student, trained.reference, trained.rubric, trained.dataset, {}, spec)
        np.random.set_state(state)

    return made


def start_of(activation: str) -> dict[str, np.ndarray]:
    random = np.random.default_rng(3)
    return {
        "W1": 0.1 * random.standard_normal((784, 64)),
        "b1": np.zeros(64),
        "W2": 0.1 * random.standard_normal((64, 10)),
        "b2": np.zeros(10),
    }


def taken(bench: Bench, activation: str) -> kinds.path.Path | None:
    recipe = bench.reference.datasets.RECIPES[bench.dataset.name]
    labels = np.random.default_rng(4).permutation(10)
    random = generator(bench.rubric, "path", activation)
    return kinds.path.taken(bench, activation, recipe, start_of(activation), labels, random)


RIGHT = {
    "as it is": (),
    "an infinite loss is a remark's business": ((RETURN, f"        if loss > 90: loss = np.inf\n{RETURN}"),),
    "an unshifted softmax": ((SHIFTED, ""),),
    "sums in another order": (("X.T.dot(d_z)", "np.einsum('ni,nh->ih', X, d_z)"),),
}  # fmt: skip
ELSEWHERE = {
    "another shuffle": (("np.random.seed(1)", "np.random.seed(2)"),),
    "no shuffle": ((SHUFFLE, "perm = np.arange(num_train)\n"),),
    "drawn anew for each batch": ((IDX, "idx = np.random.choice(num_train, batch_size)\n"),),
    "the batch's first half": ((IDX, "idx = perm[i * batch_size:(i + 1) * batch_size][: batch_size // 2]\n"),),
    "a decay that is nearly right": ((DECAY, f"{DECAY} + 1e-4"),),
    "no decay": ((DECAY, "pass"),),
    "a little momentum": ((UPDATE, UPDATE.replace("grads[name]", "grads[name] * (1 + 1e-4 * (epoch > 0))")),),
    "b2 stays": ((UPDATE, UPDATE.replace("-=", "-= (name != 'b2') *")),),
    "a gradient that is nearly right": ((GRADS, GRADS.replace("'W2': dW2", "'W2': dW2 * (1 + 1e-5)")),),
    "single precision": ((UPDATE, UPDATE + UPDATE.split("self")[0] + SINGLE),),
    "the last epoch is done twice": (("range(num_epochs)", "range(num_epochs + 1)"),),
    "weights that become NaN": ((UPDATE, UPDATE.replace("grads[name]", "np.nan")),),
    "raises": (("np.random.seed(1)", "raise ValueError"),),
    "gives up on many examples": ((COUNT, f"{COUNT}        if num_train > 1000: return {{}}\n"),),
    "takes the first examples only": ((COUNT, f"{COUNT}        num_train = min(num_train, 1200)\n"),),
    "a softmax that overflows before others do": ((SHIFTED, SHIFTED.replace("max(", "min(")),),
    "returns nothing": (("return {'loss_history'", "return None or {'loss'"),),
}  # fmt: skip


@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
@pytest.mark.parametrize("edits", RIGHT.values(), ids=RIGHT)
def test_the_solutions_path(bench_of, edits, activation: str):
    with bench_of(handin(*edits)) as bench:
        found = taken(bench, activation)
    assert found is not None
    assert (found.epochs, found.images, found.steps) == (2, 1297, 40)
    assert found.off < 1e-10


@pytest.mark.parametrize("edits", ELSEWHERE.values(), ids=ELSEWHERE)
def test_another_path(bench_of, edits):
    with bench_of(handin(*edits)) as bench:
        assert taken(bench, "relu") is None


def test_what_could_take_long_is_run_to_its_end(bench_of, monkeypatch: pytest.MonkeyPatch):
    """2,580 steps at 40 in 8 seconds are 516 in all, of 900 that it may take."""
    readings = iter([100.0, 108.0, 100.0, 106.0])
    monkeypatch.setattr(Student, "cpu_seconds", property(lambda _: next(readings)))
    with bench_of(handin()) as bench:
        assert taken(bench, "sigmoid") is None
        assert taken(bench, "sigmoid") is not None


def test_the_solutions_training_leaves_the_global_generator_alone(trained: Run):
    before = np.random.get_state()[1].tolist()
    X, y = np.ones((4, 784)), np.arange(4)
    options = {"learning_rate": 1e-3, "num_epochs": 1, "batch_size": 2, "verbose": False}
    trained.reference.answers.trained("relu", start_of("relu"), (X, y, X, y), options)
    assert np.random.get_state()[1].tolist() == before


def test_what_other_threads_ask_of_the_solution_meanwhile_changes_nothing(trained: Run):
    random = np.random.default_rng(5)
    X, y = random.standard_normal((40, 784)), random.integers(0, 10, 40)
    options = {"learning_rate": 1e-2, "num_epochs": 4, "batch_size": 4, "verbose": False}

    def alone() -> list[float]:
        return trained.reference.answers.trained("relu", start_of("relu"), (X, y, X, y), options)[1][
            "loss_history"
        ]

    wanted, done = alone(), threading.Event()

    def disturb() -> None:
        while not done.is_set():
            trained.reference.answers.scores("sigmoid", start_of("sigmoid"), X[:1])

    with ThreadPoolExecutor(max_workers=2) as others:
        for _ in range(2):
            others.submit(disturb)
        found = [alone() for _ in range(4)]
        done.set()
    assert all(one == wanted for one in found)


# ---- what comes of it ----


def results(report: GradeReport):
    return {id: one for id, one in local.checks(report).items() if id in ACCURACY}


def in_full(run: Run) -> Run:
    return replace(run, rubric=run.rubric.in_full())


@pytest.mark.slow
def test_the_points_and_what_is_said(trained: Run, tmp_path: Path):
    for one in results(local.grade_source(handin(), trained, tmp_path / "a")).values():
        assert one.outcome is Outcome.PASSED
        assert one.earned == one.points
        assert (
            "After 2 epochs on 1,297 of the training images the parameters are the solution's" in one.message
        )
        assert "So the whole training was not run" in one.message
        assert any(note.startswith("Provisional: trained on digits") for note in one.notes)
        assert [figure.title for figure in one.figures] == [
            f"{what} over the first 40 steps" for what in ("Loss", "Accuracy", "Size of W1's gradient")
        ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"{WHOLE}: num_epochs = 0", "The trained network reads only"),
        (f"{WHOLE}: raise MemoryError", "The training stopped with MemoryError"),
    ],
)
def test_what_ends_elsewhere_than_it_began_is_open_when_it_is_run_to_its_end(
    trained: Run, tmp_path: Path, line: str, said: str
):
    """One of our two ways would be wrong, for all that we know: no points lost, and a person looks."""
    source = handin((COUNT, f"{COUNT}        {line}\n"))
    for one in results(local.grade_source(source, in_full(trained), tmp_path / "a")).values():
        assert (one.outcome, one.earned) == (Outcome.ERROR, Decimal(0))
        assert f"The whole training: {said}" in one.detail


@pytest.mark.slow
def test_a_share_is_run_to_its_end_all_the_same_and_nobody_knows_which(ps3: Rubric):
    check = next(one for one in ps3.checks.values() if isinstance(one, kinds.accuracy.Accuracy))

    def drawn(rubric: Rubric, share: float = check.full) -> list[int]:
        one = msgspec.structs.replace(check, full=share)
        return [
            i
            for i in range(3000)
            if one._drawn(
                SimpleNamespace(
                    rubric=rubric, student=SimpleNamespace(sources=SimpleNamespace(digest=str(i)))
                )
            )
        ]

    assert 30 <= len(drawn(ps3)) <= 90, "2 % of 3,000, five standard deviations either way"
    assert drawn(ps3) == drawn(ps3)
    assert drawn(ps3) != drawn(msgspec.structs.replace(ps3, secret="another"))
    assert drawn(ps3, 0.0) == []
    assert len(drawn(ps3, 1.0)) == len(drawn(ps3.in_full())) == 3000


def test_what_was_found_without_is_not_found_under_full(ps3: Rubric):
    assert ps3.in_full().asking != ps3.asking
    assert len(ps3.in_full().asking) == len(ps3.asking)
    assert ps3.in_full().fingerprint == ps3.fingerprint


@pytest.mark.slow
@pytest.mark.parametrize("one", BANK.right[::30], ids=lambda one: one.name)
def test_marks_are_equal_with_the_whole_training(trained: Run, tmp_path: Path, one):
    """Of all of them `grade selftest --full` shows it."""
    source = BANK.source(one)
    short = local.checks(local.grade_source(source, trained, tmp_path / "a"))
    whole = local.checks(local.grade_source(source, in_full(trained), tmp_path / "b"))
    assert {id: (c.outcome, c.earned) for id, c in short.items()} == {
        id: (c.outcome, c.earned) for id, c in whole.items()
    }
    assert all("images; at least" in whole[id].message for id in ACCURACY)
