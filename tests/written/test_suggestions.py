"""Which points of a free text seem to be there: not those that it denies."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from grader.assignment.rubric import Rubric
from grader.written import marks
from grader.written.free_text import phrase

HERE = Path(__file__).parent
SAYS = {
    "Q1.6": {
        "It would be slower, as all activations have to be recomputed for every layer.": "5",
        "If we don't store the forward pass we have to recompute the values again at every step.": "4",
        "Without it, the values of all the layers below are recomputed, so the cost is quadratic in the depth.": "5",
        "Each gradient needs the previous layers. The work grows quadratically, not exponentially.": "4",
        "If the pass was not included, it would take longer.": "1",
        "It is not only slower: it needs the earlier layers again.": "5",
        "backpropagation does *not* avoid recomputation": "0",
        "It would not be slower.": "0",
        "It wouldn't be any slower, since nothing has to be recomputed again.": "0",
        "caching is useless, recomputing is as quick": "0",
        "Recomputing is not needed.": "0",
        "It is never slower. The cost is not quadratic.": "0",
        "It makes no difference that values are recomputed.": "0",
        "<del>it becomes slower</del>": "0",
        "~~it becomes slower~~ I have no idea": "0",
        "It becomes slower. This is wrong.": "0",
        "Values are recomputed for every layer. Not!": "0",
        "The claim that it is slower is a myth.": "0",
        "It is **n**ot slower.": "0",
        "It is no slower, and no recomputation takes place.": "0",
        "Nothing is recomputed.": "0",
        "": "0",
    },
    "Q2.5": {
        "ReLU, since it does not saturate, so gradients do not vanish, and it is cheaper.": "4.5",
        "I prefer ReLU because this function doesn't have a saturation problem.": "3.5",
        "The sigmoid saturates and its gradients vanish. ReLU trains faster.": "4",
        "ReLU avoids saturation; it does not need exponentials.": "3.5",
        "ReLU. No saturation, no vanishing gradients.": "3.5",
        "The sigmoid does not saturate.": "0",
        "ReLU is not faster.": "0",
        "ReLU is not cheaper and not simpler.": "0",
        "Saturation is irrelevant.": "0",
    },
}
FURTHER: dict[str, Any] = tomllib.loads((HERE / "free_text.toml").read_text(encoding="utf-8"))
FAIR: list[dict[str, Any]] = tomllib.loads((HERE / "habits" / "words.toml").read_text(encoding="utf-8"))[
    "answer"
]


def suggested(rubric: Rubric, id: str, text: str) -> Decimal:
    question = next(question for question in rubric.questions if question.id == id)
    result = marks.by_hand(question, text, rubric.synonyms)
    assert result.earned == 0, "a suggestion is never a mark"
    return result.suggested or Decimal(0)


@pytest.mark.parametrize(("id", "text"), [(id, text) for id, texts in SAYS.items() for text in texts])
def test_suggested(ps3: Rubric, id: str, text: str):
    assert suggested(ps3, id, text) == Decimal(SAYS[id][text])


@pytest.mark.parametrize(
    ("id", "text"), [(id, text) for id, texts in FURTHER["sane"].items() for text in texts]
)
def test_sane_answers_get_half_of_the_marks(ps3: Rubric, id: str, text: str):
    assert suggested(ps3, id, text) >= Decimal("2.5")


@pytest.mark.parametrize(
    ("id", "text"), [(id, text) for id, texts in FURTHER["none"].items() for text in texts]
)
def test_denials_and_wrong_claims_get_none(ps3: Rubric, id: str, text: str):
    assert suggested(ps3, id, text) == 0


def test_suggestions_are_near_those_of_a_fair_teacher(ps3: Rubric):
    """At least half of the marks, but for what makes none of the rubric's points; none where none are due."""
    rows = []
    for answer in FAIR:
        share = float(suggested(ps3, answer["question"], answer["text"]) / 5)
        rows.append((abs(share - answer["share"]), share, answer))
    rows.sort(key=lambda row: -row[0])
    mean = sum(off for off, _, _ in rows) / len(rows)
    print(f"\n{len(rows)} free texts, mean distance from a fair teacher's share {mean:.3f}; the worst:")
    for _, share, answer in rows[:8]:
        print(f"{answer['question']}  fair {answer['share']:4}  suggested {share:.2f}  {answer['text'][:90]}")
    assert mean < 0.1
    assert all(not share for _, share, answer in rows if not answer["share"])
    wanted = [(share, answer) for _, share, answer in rows if answer["points"] != ["depends on the task"]]
    assert [answer["text"] for share, answer in wanted if share < answer["share"] / 2] == []


def test_a_phrase_is_found_by_stems_and_synonyms():
    found = phrase("recompute often -avoid", (("often", ("many times",)),))
    assert found.words == (frozenset({("recomput",)}), frozenset({("often",), ("mani", "time")}))
    assert found.without == frozenset({("avoid",)})
    assert phrase("relu.", ()).is_alone


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit", ["slow ", "not slow ", "compute again ", "each layer, ", "no no ", "if it were ", "it is ", "re-"]
)
def test_long_texts_end(ps3: Rubric, unit: str):
    for id in SAYS:
        suggested(ps3, id, unit * (20_000 // len(unit)))
