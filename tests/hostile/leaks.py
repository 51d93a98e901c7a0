"""What gets out: channels between two hand-ins, what can be seen of files that cannot be read, and hidden inputs.

That students read no hidden inputs, the suite looks at in the report of every hand-in; these here try to tell them.
"""

from __future__ import annotations

from decimal import Decimal

from tests.checks.handins import handin, method

from .cases import Case, held

ATTACK_IN_LOSS = handin(method("loss", "attack(self, X)"))
ANSWERS = handin(
    ("return loss, grads", "return answer(X, (loss, grads))"),
    ("            return scores\n", "            return answer(X, scores)\n"),
)
OF_PUBLIC = Decimal("9")
"""At most what is left to code that is right on the toy problem alone, and with a right loss supplied."""

CASES: tuple[Case, ...] = (
    *held("channels", "metadata"),
    Case("leak_names", ATTACK_IN_LOSS, OF_PUBLIC, r"an exception of your own", harmless=True),
    Case(
        "leak_places",
        ATTACK_IN_LOSS,
        OF_PUBLIC,
        r"raised ValueError in mlp\.py, line \d+: `[^`]*`\.$",
        harmless=True,
    ),
    Case("leak_kept", ATTACK_IN_LOSS, harmless=True),
    Case("leak_printed", ATTACK_IN_LOSS, harmless=True),
    Case("leak_answers", ANSWERS, OF_PUBLIC, r"another size", harmless=True),
)
