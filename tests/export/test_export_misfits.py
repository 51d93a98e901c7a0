"""Marks of persons that do not count, as the rubric has changed, are named by every export and on the class's page."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from grader.export import FORMATS
from grader.model import Mark, Misfit
from grader.report import class_page, classroom
from tests.export import export_samples as samples

NOTE = "<b>well put</b>"


def misfits(count: int) -> tuple[Misfit, ...]:
    mark = Mark(Decimal("3.5"), "kim", "2026-01-31T09:00:00+00:00", NOTE)
    return tuple(
        Misfit(f"s{i:02}", "Q1.6", mark, "the rubric has no such question now") for i in range(count)
    )


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("count", [0, 1, 30])
def test_every_export_counts_and_names_them(name: str, count: int, tmp_path: Path):
    head, format = samples.head(misfits=misfits(count)), FORMATS[name]
    if format.write_folder is None:
        _, said = samples.told(name, samples.small_class(), head)
    else:
        said = format.write_folder(head, samples.small_class(), tmp_path)
    found = [line for line in said if "not count" in line]
    assert len(found) == bool(count)
    if count:
        assert found[0].startswith("1 mark of a person" if count == 1 else "30 marks of persons")
        assert (
            f"s00 Q1.6, 3.5 points by kim on 2026-01-31, {NOTE}: the rubric has no such question now"
            in found[0]
        )
        assert ("..." in found[0]) == (count > 8)


def test_programs_get_all_of_them():
    content, _ = samples.told("json", samples.small_class(), samples.head(misfits=misfits(30)))
    found = json.loads(content)["misfits"]
    assert len(found) == 30
    assert found[0] == {
        "id": "s00",
        "question": "Q1.6",
        "points": "3.5",
        "by": "kim",
        "at": "2026-01-31T09:00:00+00:00",
        "note": NOTE,
        "why": "the rubric has no such question now",
    }


def test_the_page_of_the_class_lists_all_of_them():
    page = class_page.render(
        classroom.summarise(samples.head(misfits=misfits(30)), samples.small_class()), {}
    )
    assert "30 marks of persons" in page
    assert all(f"s{i:02}, " in page for i in range(30))
    assert "3.5 points by kim on 2026-01-31, &lt;b&gt;well put" in page
    assert NOTE not in page
    without = class_page.render(classroom.summarise(samples.head(), samples.small_class()), {})
    assert "do not count" not in without
