from __future__ import annotations

from pathlib import Path

from grader.machine.cache import cache_folder


def test_the_cache_folder() -> None:
    assert cache_folder({"GRADE_CACHE": "some"}) == Path.cwd() / "some"
    assert cache_folder({"GRADE_CACHE": ""}) == cache_folder({})
    assert cache_folder({}).name == "mlp-grader"
