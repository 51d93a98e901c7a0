"""Sample classes for the tests of the class report: invented, and the same every time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal

from grader.model import (
    CheckResult,
    ClassHead,
    Entry,
    Host,
    Lateness,
    Mark,
    Outcome,
    Person,
    QuestionHead,
    QuestionResult,
    marked,
    question_result,
    round_points,
)
from tests.report.report_samples import HOSTILE, check, points, report

CHECKS = {
    "Q1.1": ("Gradient at the output", [("claim-a2", "Derivation: gradient at a2", "5")]),
    "Q1.2": ("Gradient of the output bias", [("claim-b2", "Derivation: gradient of b2", "5")]),
    "Q1.3": ("Backpropagation without stored activations", [("marked", "A person reads this answer", "5")]),
    "Q2.1": (
        "Forward pass: sigmoid",
        [
            ("toy-loss", "Sigmoid: loss on the toy data", "1"),
            ("scores", "Sigmoid: scores on hidden networks", "2"),
            ("penalty", "Sigmoid: regularisation in the loss", "2"),
        ],
    ),
    "Q2.2": (
        "Backward pass: sigmoid",
        [
            ("grad-W2", "Sigmoid: gradient of W2", "2.5"),
            ("grad-b2", "Sigmoid: gradient of b2", "2.5"),
            ("grad-W1", "Sigmoid: gradient of W1", "2.5"),
            ("grad-b1", "Sigmoid: gradient of b1", "2.5"),
        ],
    ),
    "Q2.3": (
        "Training and prediction",
        [
            ("toy-training", "Sigmoid: training on the toy data", "2"),
            ("decay", "The learning rate decays", "0.5"),
            ("predict", "predict returns labels", "1.5"),
            ("accuracy", "Sigmoid: accuracy", "1"),
        ],
    ),
    "Q2.4": (
        "ReLU activation",
        [("relu-grad", "ReLU: gradients", "3"), ("relu-accuracy", "ReLU: accuracy", "2")],
    ),
    "Q3.1": ("L2 regularisation: update rule", [("claim-l2", "Derivation: update with L2", "10")]),
    "Q3.2": ("L1 regularisation: update rule", [("claim-l1", "Derivation: update with L1", "10")]),
}
MISTAKES = {
    "relu-mask-omitted": "The gradient passes back through ReLU as if ReLU were not there.",
    "penalty-half-forgotten": "The penalty counts twice: the factor 0.5 is missing.",
    "b1-summed-not-averaged": "The gradient of b1 is a sum over the examples; the loss is a mean.",
    "loss-summed": "The loss is a sum over the examples; a mean was asked for.",
    "decay-missing": "The learning rate stays the same in all epochs.",
    "predict-one-hot": "predict returns rows of zeros and ones; labels were asked for.",
    "sign-left-out": "The sign of theta is missing: the slope of |theta| is -1 where theta is negative.",
    "factor-two-missing": "The factor 2 is missing: what is the derivative of a square?",
}
SHOWS_IN = {
    "relu-mask-omitted": ("relu-grad",),
    "penalty-half-forgotten": ("penalty", "toy-loss"),
    "b1-summed-not-averaged": ("grad-b1",),
    "loss-summed": ("toy-loss", "grad-W2", "grad-b2", "grad-W1", "grad-b1"),
    "decay-missing": ("decay",),
    "predict-one-hot": ("predict", "accuracy"),
    "sign-left-out": ("claim-l1",),
    "factor-two-missing": ("claim-l2",),
}
"""The checks that each mistake costs."""
FIRST = (
    "Ada",
    "Ben",
    "Chloé",
    "Dmitri",
    "Emeka",
    "Fatima",
    "Giulia",
    "Hana",
    "Ivo",
    "Jun",
    "Kofi",
    "Lucía",
    "Mina",
    "Noor",
    "Ola",
    "Priya",
)
LAST = (
    "Adler",
    "Brandt",
    "Castro",
    "Díaz",
    "Eze",
    "Fischer",
    "Grabowski",
    "Haddad",
    "Ito",
    "Jansen",
    "Khan",
    "Lindqvist",
    "Moreau",
    "Nakamura",
)


def head(**more: object) -> ClassHead:
    """A class whose assignment is the one of `CHECKS`."""
    questions = tuple(
        QuestionHead(id, title, sum((points(of) for *_, of in checks), Decimal(0)))
        for id, (title, checks) in CHECKS.items()
    )
    fields: dict[str, object] = {
        "title": "Problem Set 3: Neural Networks",
        "points": sum((question.points for question in questions), Decimal(0)),
        "questions": questions,
        "run": 12,
        "graded_at": "2026-03-02T10:41:07Z",
        "dataset": "mnist",
        "marked_on": "mnist",
        "tier": "A: bubblewrap",
        "fingerprints": {"rubric": "3b7e1c90aa52", "reference": "77d01e5fb8c4"},
    }
    return ClassHead(**(fields | more))  # type: ignore[arg-type]


def small_head(*of: str, **more: object) -> ClassHead:
    """A class with the questions Q1, Q2 and so on, of so many points each."""
    questions = tuple(QuestionHead(f"Q{n}", f"Question {n}", points(text)) for n, text in enumerate(of, 1))
    return head(questions=questions, points=sum((q.points for q in questions), Decimal(0)), **more)


def entry(id: str, *questions: QuestionResult, **more: object) -> Entry:
    """A hand-in with these questions."""
    return Entry(report(*questions, submission=id), **more)  # type: ignore[arg-type]


def asked(id: str, of: str, *checks: CheckResult) -> QuestionResult:
    """A question made of checks."""
    return question_result(id, f"Question {id[1:]}", points(of), checks)


def students(count: int, seed: int = 3) -> Iterator[Entry]:
    """Hand-ins as a class makes them: most good, some with known mistakes, a few for persons to look at."""
    dice = random.Random(seed)
    for number in range(count):
        skill = min(1.0, dice.betavariate(5, 1.6))
        made = [name for rank, name in enumerate(MISTAKES) if dice.random() < (1.3 - skill) / (2 + rank)]
        broken = dice.random() < 0.03
        questions = [_question(id, made, skill, broken, dice) for id in CHECKS]
        if number % 5:
            given = Mark(points(str(dice.choice((2, 3, 4, 4.5, 5)))), "tutor", "2026-03-02T09:00:00Z")
            questions = [
                _marked(question, given) if question.id == "Q1.3" else question for question in questions
            ]
        earned = sum((q.earned for q in questions), Decimal(0))
        minutes = dice.choice((-300, -45, -20, -3, 8, 130, 1500)) if dice.random() < 0.15 else -60
        off = round_points(min(earned, Decimal(4))) if minutes > 10 else Decimal(0)
        late = Lateness(minutes, off, f"Late by {minutes} minutes." if minutes > 0 else "")
        name = f"{dice.choice(FIRST)} {dice.choice(LAST)}"
        person = Person(name=name, number=f"{402_000 + number * 37}", section=f"Group {number % 4 + 1}")
        tier = "B: Landlock" if number % 25 == 24 else "A: bubblewrap"
        yield Entry(
            report(*questions, submission=f"mlp-{number:04}", host=Host(tier, {}, {})),
            person=person,
            late=late,
            seconds=round(dice.lognormvariate(2.6, 0.5), 2),
        )


def _marked(question: QuestionResult, mark: Mark) -> QuestionResult:
    one = marked(report(question), {question.id: mark})
    return one.questions[0]


def _question(id: str, made: list[str], skill: float, broken: bool, dice: random.Random) -> QuestionResult:
    title, checks = CHECKS[id]
    total = sum((points(of) for *_, of in checks), Decimal(0))
    results = [_check(name, text, of, made, skill, broken, dice) for name, text, of in checks]
    return question_result(id, title, total, results)


def _check(
    id: str, title: str, of: str, made: list[str], skill: float, broken: bool, dice: random.Random
) -> CheckResult:
    luck = dice.random()
    if id == "marked":
        return check(id, title, Outcome.NEEDS_REVIEW, "0", of, "A person reads this answer.")
    if id == "accuracy" and luck < 0.03:
        return check(id, title, Outcome.ERROR, "0", of, "The dataset could not be read.")
    if id.startswith("claim") and luck < 0.06:
        return check(id, title, Outcome.NEEDS_REVIEW, "0", of, "The formula could not be read.")
    named = tuple(name for name in made if id in SHOWS_IN[name])
    if named:
        return check(id, title, Outcome.FAILED, "0", of, "Differs from the reference.", mistakes=named)
    if broken and id in ("toy-training", "predict", "accuracy", "relu-accuracy"):
        return check(id, title, Outcome.SKIPPED, "0", of, "Not run.")
    if luck > 0.8 + 0.2 * skill:
        half = str(points(of) / 2)
        return check(id, title, Outcome.PARTIAL, half, of, "Agrees in a part of the cases.")
    return check(id, title, earned=of, of=of)


def mixed_head() -> ClassHead:
    """For a class of `students`, with two that could not be graded and some that are absent."""
    return head(
        failed={
            "mlp-broken-zip": "The archive ends in the middle of a file.",
            "mlp-no-files": "Neither mlp.py nor a notebook was found.",
        },
        absent=(
            Person(name="Zoë Adler", number="402999"),
            Person(name="Ömer Haddad", number="402998"),
            Person(email="someone@example.org"),
        ),
    )


def hostile() -> tuple[ClassHead, list[Entry]]:
    """Hostile text in every field that text from outside can reach."""
    bad = Person(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    results = (
        check(HOSTILE, HOSTILE, Outcome.FAILED, "0", "2", HOSTILE, mistakes=(HOSTILE, "known")),
        check(f"{HOSTILE}2", HOSTILE, Outcome.NEEDS_REVIEW, "0", "2", HOSTILE),
        check(f"{HOSTILE}3", HOSTILE, Outcome.ERROR, "0", "2", HOSTILE),
    )
    question = question_result(HOSTILE, HOSTILE, points("6"), results)
    one = report(
        question,
        submission=HOSTILE,
        dataset=HOSTILE,
        provisional=True,
        host=Host(HOSTILE + "practice", {}, {}),
    )
    wicked = head(
        title=HOSTILE,
        questions=(QuestionHead(HOSTILE, HOSTILE, points("6")),),
        points=points("6"),
        graded_at=HOSTILE,
        dataset=HOSTILE,
        marked_on=HOSTILE,
        tier=HOSTILE,
        fingerprints={HOSTILE: HOSTILE},
        absent=(bad,),
        failed={HOSTILE + "4": HOSTILE},
    )
    late = Lateness(5, points("0"), HOSTILE)
    return wicked, [
        Entry(one, bad, HOSTILE, late, HOSTILE, 1.0),
        Entry(one, Person(), late=late, seconds=2.0),
    ]
