"""Hidden inputs that are known are worth nothing next time: under another nonce, or another secret."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from grader.assignment.rubric import Rubric
from grader.gradebook import Gradebook
from grader.grading import batch
from grader.grading.progress import Outcome
from grader.grading.runner import Run
from grader.model import GradeReport
from grader.report import rendering
from tests.checks import tables
from tests.checks.tables import graded, settings
from tests.finding import find

pytestmark = pytest.mark.slow
OWN = "oT3x-9fQ_2mZr8LkVwYb7dHs"


def hidden(report: GradeReport) -> Decimal:
    """What hidden checks gave."""
    return sum((c.earned for q in report.questions for c in q.checks if c.hidden), Decimal(0))


@dataclass(frozen=True)
class Learnt:
    """A hand-in that knows the run under the published secret and the first nonce."""

    source: str
    report: GradeReport
    """What it gets there."""


@pytest.fixture(scope="module")
def learnt(on_digits: Run, tmp_path_factory: pytest.TempPathFactory) -> Learnt:
    folder = tmp_path_factory.mktemp("tables")
    source = tables.learnt(folder, settings(on_digits))
    return Learnt(source, graded(folder / "there", source, settings(on_digits)))


def test_in_the_run_that_it_knows_it_is_right(learnt: Learnt):
    assert (learnt.report.earned, hidden(learnt.report)) == (23, 20)


@pytest.mark.parametrize(("secret", "nonce"), [("", "2"), (OWN, "1")])
def test_elsewhere_it_earns_nothing_of_that(
    learnt: Learnt, on_digits: Run, tmp_path: Path, secret: str, nonce: str
):
    report = graded(tmp_path / "elsewhere", learnt.source, settings(on_digits, secret, nonce))
    assert (report.earned, hidden(report)) == (3, 0), "what is asked of the toy is in the handout"


def test_no_hidden_check_asks_the_same_twice(on_digits: Run, tmp_path: Path):
    """Whatever is asked in it is drawn from secret and nonce: a check that draws its own inputs is found here."""
    tables_of = []
    for nonce in ("1", "2"):
        run = settings(on_digits, nonce=nonce)
        (tmp_path / nonce).mkdir()
        tables_of.append(tables.asked(tmp_path / nonce, replace(run, rubric=only_hidden(run.rubric))))
    assert len(tables_of[0]) == len(tables_of[1]) > 30
    assert not tables_of[0].keys() & tables_of[1].keys()


def only_hidden(rubric: Rubric) -> Rubric:
    """Without checks of what the handout says, but for the first, that there is a module at all."""
    questions = [
        msgspec.structs.replace(q, checks=tuple(c for c in q.checks if c.hidden or c.kind == "module"))
        for q in rubric.questions
    ]
    return msgspec.structs.replace(rubric, questions=tuple(questions))


def test_whoever_learnt_from_a_first_try_gains_nothing_in_the_next(
    learnt: Learnt, on_digits: Run, tmp_path: Path
):
    """The first hand-in earns nothing; the second knows all that the first was asked."""
    (tmp_path / "out").mkdir()
    (tmp_path / "ann").mkdir()
    run = settings(on_digits)
    with Gradebook(tmp_path / "out") as book:
        settled = batch.Batch(run, book, rendering.Here(), tmp_path / "out", "staff", Outcome())
        for source in ("raise NotImplementedError", learnt.source):
            (tmp_path / "ann" / "mlp.py").write_text(source)
            number = batch.grade(find([tmp_path / "ann"], run.rubric.entry.class_name), settled)
        earned = {row.check: row.earned for row in book.results(number)}
    assert sum(earned.values()) == 3
