"""The figures of a class, against ones that were worked out by hand."""

from __future__ import annotations

import statistics
from decimal import Decimal
from fractions import Fraction

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.model import Entry, Host, Lateness, Mark, Outcome, Person, QuestionHead, marked, question_result
from grader.report.class_figures import Bin, Cost, MistakeFigures, Part
from grader.report.classroom import histogram, mean, median, summarise
from tests.report import class_samples as classes
from tests.report.class_samples import asked, entry
from tests.report.report_samples import check, points, report

HUNDREDTHS = st.integers(0, 8000).map(lambda n: Decimal(n) / 100)


def three() -> list[Entry]:
    """Of 4 + 2 points: 3 + 2, 1 + 1 with the grader's own failure, 4 + ? with an answer to read."""
    return [
        entry(
            "cy",
            asked("Q1", "4", check("a", "A", Outcome.PARTIAL, "1", "2"), check("b", "B", earned="2")),
            asked("Q2", "2", check("c", "C", earned="2")),
            seconds=3.5,
        ),
        entry(
            "amy",
            asked(
                "Q1",
                "4",
                check("a", "A", Outcome.PARTIAL, "1", "2", mistakes=("twice",)),
                check("b", "B", Outcome.ERROR, "0", "2", "The grader failed."),
            ),
            asked("Q2", "2", check("c", "C", Outcome.PARTIAL, "1", "2", mistakes=("twice", "once"))),
            person=Person(name="Zoë"),
            late=Lateness(90, points("0.5"), "Late."),
            seconds=9.0,
        ),
        entry(
            "bo",
            asked("Q1", "4", check("a", "A"), check("b", "B", earned="2")),
            asked("Q2", "2", check("c", "C", Outcome.NEEDS_REVIEW, "0", "2", "Cannot be read.")),
        ),
    ]


HEAD = classes.small_head("4", "2", failed={"dee": "It is empty."}, absent=(Person(name="Eve"),))


def test_totals_by_hand() -> None:
    summary = summarise(HEAD, three())
    assert [(row.name, row.total) for row in summary.rows] == [
        ("bo", 4),
        ("cy", 5),
        ("dee", None),
        ("Zoë", Decimal("1.5")),
    ]
    assert summary.graded == 3
    assert summary.mean == Decimal("3.5")
    assert summary.median == 4
    assert (summary.waiting, summary.open_points) == (2, 4)
    assert (summary.late, summary.deducted) == (1, Decimal("0.5"))
    assert [row.name for row in summary.rows if row.faulty] == ["dee", "Zoë"]
    assert [row.name for row in summary.slowest] == ["Zoë", "cy"]
    assert summary.absent == (Person(name="Eve"),)


def test_questions_count_what_is_decided() -> None:
    first, second = summarise(HEAD, three()).questions
    assert (first.decided, first.full, first.mean, first.median) == (2, 1, Decimal("3.5"), Decimal("3.5"))
    assert (first.waiting, first.open_points) == (1, 2)
    assert (second.decided, second.full, second.mean, second.median) == (2, 1, Decimal("1.5"), Decimal("1.5"))
    assert (second.waiting, second.open_points) == (1, 2)


def test_costs_and_mistakes_by_hand() -> None:
    summary = summarise(HEAD, three())
    assert summary.costs == (Cost("Q1", "a", "A", points("2"), 2), Cost("Q2", "c", "C", points("1"), 1))
    assert summary.mistakes == (
        MistakeFigures("twice", 1, points("2"), ("Q1", "Q2")),
        MistakeFigures("once", 1, points("1"), ("Q2",)),
    )


def test_what_waits_and_what_failed_are_two_queues() -> None:
    summary = summarise(HEAD, three())
    (review,), (fault,) = summary.review, summary.faults
    assert (review.check, review.points, review.message, review.ids) == ("c", 2, "Cannot be read.", ("bo",))
    assert (fault.check, fault.points, fault.message, fault.ids) == ("b", 2, "The grader failed.", ("amy",))


def test_messages_that_differ_are_left_to_the_reports() -> None:
    def waits(id: str, message: str) -> Entry:
        return entry(id, asked("Q1", "2", check(outcome=Outcome.NEEDS_REVIEW, earned="0", message=message)))

    head = classes.small_head("2")
    (queue,) = summarise(head, [waits("a", "One."), waits("b", "Two."), waits("c", "One.")]).review
    assert queue.message == ""


def test_a_persons_mark_stands_for_the_checks() -> None:
    """It costs what the person took off; open checks and faults of that question are done with."""
    entries = [
        msgspec.structs.replace(
            e, report=marked(e.report, {"Q1": Mark(points("2.5"), "tutor", "2026-03-02T09:00:00Z")})
        )
        for e in three()
    ]
    summary = summarise(HEAD, entries)
    assert Cost("Q1", "", "", points("4.5"), 3) in summary.costs
    assert not any(cost.check in ("a", "b") for cost in summary.costs)
    assert summary.faults == ()
    assert MistakeFigures("twice", 1, points("1"), ("Q1", "Q2")) in summary.mistakes
    assert summary.waiting == 1


def test_a_check_without_points_may_wait_too() -> None:
    look = check("look", outcome=Outcome.NEEDS_REVIEW, earned="0", of="0")
    summary = summarise(classes.small_head("2"), [entry("a", asked("Q1", "2", check(), look))])
    assert summary.waiting == 1
    assert summary.review[0].points == 0


def test_a_class_of_nobody() -> None:
    summary = summarise(classes.small_head("4"), [])
    assert (summary.mean, summary.median, summary.rows) == (None, None, ())
    assert sum(column.count for column in summary.histogram) == 0


def test_a_question_that_a_report_lacks_is_no_zero() -> None:
    summary = summarise(
        classes.small_head("4", "2"), [entry("a", asked("Q1", "4", check(earned="4", of="4")))]
    )
    assert summary.rows[0].cells[1] is None
    assert summary.questions[1].decided == 0


def test_machines_and_datasets_are_counted() -> None:
    one, other = list(classes.students(2))
    changed = msgspec.structs.replace(
        other.report, dataset="digits", provisional=True, host=Host("practice", {}, {})
    )
    summary = summarise(classes.head(), [one, msgspec.structs.replace(other, report=changed)])
    assert summary.datasets == (Part("digits", 1), Part("mnist", 1))
    assert summary.tiers == (Part("A: bubblewrap", 1), Part("practice", 1))
    assert summary.provisional == (Part("digits", 1),)


def test_entries_are_read_once_from_any_iterable() -> None:
    assert summarise(classes.head(), classes.students(30)) == summarise(
        classes.head(), list(classes.students(30))
    )


@settings(deadline=None, max_examples=25)
@given(st.permutations(range(12)))
def test_order_does_not_matter(order: list[int]) -> None:
    entries = list(classes.students(12, seed=7))
    shuffled = [entries[index] for index in order]
    assert summarise(classes.mixed_head(), shuffled) == summarise(classes.mixed_head(), entries)


def test_lost_points_add_up() -> None:
    """What checks and persons cost is what is missing from the decided points, before the late policy."""
    entries = list(classes.students(60))
    summary = summarise(classes.head(), entries)
    missing = sum((e.report.decided - e.report.earned for e in entries), Decimal(0))
    assert sum((cost.lost for cost in summary.costs), Decimal(0)) == missing


def test_a_mistake_counts_once_a_student() -> None:
    summary = summarise(classes.head(), classes.students(60))
    for mistake in summary.mistakes:
        assert mistake.count == sum(mistake.name in row.mistakes for row in summary.rows)


def test_half_a_hundredth_goes_up() -> None:
    assert mean([points("0"), points("0.01")]) == points("0.01")
    assert median([points("0.02"), points("0.01")]) == points("0.02")
    assert mean([]) is None


@given(st.lists(HUNDREDTHS, min_size=1, max_size=60))
def test_medians_are_right(values: list[Decimal]) -> None:
    exact = statistics.median([Fraction(value) for value in values])
    assert median(values) == Decimal(int(exact * 100 + Fraction(1, 2))) / 100


@settings(max_examples=60)
@given(st.lists(st.tuples(HUNDREDTHS, st.booleans()), max_size=40), st.integers(0, 30000))
def test_the_histogram_counts_everybody(totals: list[tuple[Decimal, bool]], hundredths: int) -> None:
    worth = Decimal(hundredths) / 100
    bins = histogram(totals, worth)
    assert 1 <= len(bins) <= 20
    assert sum(column.count for column in bins) == len(totals)
    assert sum(column.waiting for column in bins) == sum(waits for _, waits in totals)
    assert bins[0].low == 0
    if worth:
        assert bins[-1].high == worth
    for column in bins[:-1]:
        assert column.count == sum(column.low <= total < column.high for total, _ in totals)


def test_the_histogram_by_hand() -> None:
    bins = histogram([(points("5"), False), (points("79.99"), True), (points("80"), False)], points("80"))
    assert len(bins) == 16
    assert bins[1] == Bin(points("5"), points("10"), 1, 0)
    assert bins[-1] == Bin(points("75"), points("80"), 1, 1)


def test_what_waits_for_another_check_is_no_queue_of_its_own() -> None:
    """One cause, one line: with all points that hang on it, and nothing of checks without points."""
    first = check("module", "It imports", Outcome.NEEDS_REVIEW, "0", "0", "It imports layers.")
    second = check("loss", "Loss", Outcome.NEEDS_REVIEW, "0", "2", "Not run.", waits_for="module")
    third = check("grad", "Gradient", Outcome.NEEDS_REVIEW, "0", "3", "Not run.", waits_for="loss")
    questions = [
        question_result("Q1", "One", Decimal(2), [first, second]),
        question_result("Q2", "Two", Decimal(3), [third]),
    ]
    heads = tuple(QuestionHead(q.id, q.title, q.points) for q in questions)
    head = msgspec.structs.replace(classes.mixed_head(), questions=heads, points=Decimal(5))
    entries = [Entry(msgspec.structs.replace(report(*questions), submission=id)) for id in ("ann", "ben")]
    (queue,) = summarise(head, entries).review
    assert (queue.check, queue.question, queue.points, queue.ids) == ("module", "Q1", 10, ("ann", "ben"))
    assert queue.message == "It imports layers."
