"""What a check that has lost points says: what was seen, and one thing to do."""

from __future__ import annotations

from . import local
from .conftest import Grade
from .handins import handin


def test_a_hint_about_values_is_not_given_where_the_form_of_an_answer_is_wrong(grade: Grade):
    """The message says then what was found and wanted; where a part is missing, the hint is about that."""
    three = local.checks(grade(handin(("return loss, grads\n", "return loss, grads, probs\n"))))
    assert three["sigmoid-toy-loss"].message.endswith("wanted two values: `return loss, grads`.")
    assert three["sigmoid-toy-loss"].hint == ""
    missing = local.checks(grade(handin(("'b1': db1, ", ""))))
    assert missing["sigmoid-grad-b1"].message.startswith("grads has no entry 'b1'")
    assert missing["sigmoid-grad-b1"].hint


def test_of_examples_nothing_is_said_where_the_weights_go_another_way(grade: Grade):
    """Here train changes X first, so that W1 moves along other examples' gradients than those that it was given."""
    start = "        num_train = X.shape[0]\n"
    turned, centred = (
        local.checks(grade(handin((start, start + f"        X = {changed}\n"))))["epoch"]
        for changed in ("X[:, ::-1]", "X - X.mean()")
    )
    assert turned.message.startswith("W1 does not move as any mixture of the examples' gradients would")
    assert turned.hint == ""
    assert centred.message.startswith(
        "The losses of train's iterations are no means over batch_size of the examples"
    )
