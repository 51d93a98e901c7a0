"""Answers as real students write them, by the habits that they show: how many are decided, and none wrongly.

The tables were written by somebody who had not seen the reader.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader.written.judge import Judge

TABLES = {"answers": (0.98, 0.89), "fresh": (0.95, 0.84), "third": (0.93, 0.86), "fourth": (0.99, 0.86)}
"""By table: the share of right claims that must have full marks, and of wrong ones that must be decided.

The reader has been worked on with all but the last in sight. Of each it had seen nothing when it was measured first:
80 % of the right claims of "fresh" had full marks then, 68 % of those of "third", whose habits are the oddest, and all
113 of those of "fourth".
"""
FULL = {"correct", "turned", "carried"}
"""Verdicts that earn every point."""
OPEN = {"unreadable", "error"}


@dataclass(frozen=True)
class Claim:
    """One claim of an answer: what a person says of it, and what the judge does."""

    question: str
    habit: str
    answer: str
    wanted: str
    found: str
    reason: str
    mistake: str

    @property
    def is_decided(self) -> bool:
        """Whether it counts without a person: what no known mistake explains does not."""
        return self.found not in OPEN and (self.found != "incorrect" or bool(self.mistake))

    def __str__(self) -> str:
        return (
            f"{self.question} {self.habit}: {self.found}, wanted {self.wanted} ({self.reason})\n{self.answer}"
        )


def judged(judge: Judge, table: str) -> Iterator[Claim]:
    text = (Path(__file__).parent / "habits" / f"{table}.toml").read_text(encoding="utf-8")
    groups: list[dict[str, Any]] = tomllib.loads(text)["group"]
    for group in groups:
        question, verdict = group["question"], group["verdict"]
        wanted = verdict if isinstance(verdict, list) else [verdict]
        for answer in group["answers"]:
            found = judge.judge({**group.get("before", {}), question: answer})[question]
            for want, one in zip(wanted, found, strict=True):
                yield Claim(question, group["habit"], answer, want, one.kind.value, one.reason, one.mistake)


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES)
def test_the_confusion_matrix(table: str, judge: Judge):
    claims = [*judged(judge, table)]
    counts = Counter((claim.wanted, claim.found) for claim in claims)
    rows, columns = sorted({want for want, _ in counts}), sorted({found for _, found in counts})
    print("\n" + f"{table:12}", *(f"{column:>12}" for column in columns))
    for row in rows:
        print(f"{row:12}", *(f"{counts[row, column]:12}" for column in columns))
    right = [claim for claim in claims if claim.wanted == "correct"]
    wrong = [claim for claim in claims if claim.wanted == "incorrect"]
    share_right, share_wrong = TABLES[table]
    assert sum(claim.found in FULL for claim in right) >= share_right * len(right)
    decided = sum(claim.is_decided for claim in wrong)
    print(f"{decided} of {len(wrong)} wrong claims are decided with what is wrong with them")
    assert decided >= share_wrong * len(wrong)
    assert [str(claim) for claim in wrong if claim.found in FULL] == []
    assert [str(claim) for claim in right if claim.found == "incorrect"] == []
