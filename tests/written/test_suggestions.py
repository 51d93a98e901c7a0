"""Which points of a free text seem to be there: not those that it denies."""

from __future__ import annotations

from decimal import Decimal

import pytest

from grader.rubric import Rubric
from grader.written import marks

SAYS = {
    "Q1.6": {
        "It would be slower, as all activations have to be recomputed for every layer.": "2",
        "If we don't store the forward pass we have to recompute the values again at every step.": "2",
        "Without it, the values of all the layers below are recomputed, so the cost is quadratic in the depth.": "5",
        "Each gradient needs the previous layers. The work grows quadratically, not exponentially.": "3",
        "If the pass was not included, it would take longer.": "2",
        "It is not only slower: it needs the earlier layers again.": "3",
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
        "ReLU, since it does not saturate, so gradients do not vanish, and it is cheaper.": "5",
        "I prefer ReLU because this function doesn't have a saturation problem.": "2",
        "The sigmoid saturates and its gradients vanish. ReLU trains faster.": "5",
        "ReLU avoids saturation; it does not need exponentials.": "3",
        "ReLU. No saturation, no vanishing gradients.": "4",
        "The sigmoid does not saturate.": "0",
        "ReLU is not faster.": "0",
        "ReLU is not cheaper and not simpler.": "0",
        "Saturation is irrelevant.": "0",
    },
}


@pytest.mark.parametrize(("id", "text"), [(id, text) for id, texts in SAYS.items() for text in texts])
def test_suggested(ps3: Rubric, id: str, text: str):
    question = next(question for question in ps3.questions if question.id == id)
    suggested = marks.by_hand(question, text).suggested
    assert (suggested or Decimal(0)) == Decimal(SAYS[id][text])
