"""Archives and lists made to hold up, fill or mislead what opens them: each costs its student alone, within limits."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.handin.intake import gradescope, members
from grader.handin.intake.archives import ONE
from tests.handin.intake import monsters
from tests.handin.intake.making import CODE, content, found_in, write, zipped

PROBLEM = {
    "10 GB": "mlp.py was left out: it has more than 2,097,152 bytes",
    "dictionary of LZMA": "it is compressed in a way that is not read",
    "70,000 entries": "it has more than 10,000 entries",
    "long names": "its list of files has more than 16 MB",
    "dictionary of xz": "it is damaged or no tarball",
    "10 million entries": "it has more than 10,000 entries",
    "skipped entries": "it ",
    "endless records": "it ",
    "long paths": "it ",
    "sparse": "it holds a sparse file",
    "huge size": "when it is unpacked",
    "bzip2 of zeros": "when it is unpacked",
}
"""What is said of those that give nothing to grade; of others something may be graded, or a fast machine may. Where a
slow one comes to the limit of computing before that of size, only that something is said."""


@pytest.fixture(autouse=True)
def sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fifth of the seconds: what takes all of them shows no more with the others."""
    for module in (members, gradescope):
        monkeypatch.setattr(module, "ONE", replace(ONE, seconds=4.0))


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(monsters.ARCHIVES))
def test_a_monster_costs_its_student_alone(tmp_path: Path, name: str):
    ending, make = monsters.ARCHIVES[name]
    folder = write(tmp_path / "class", "alice/mlp.py")
    for student in ("bob", "zoe"):
        zipped(folder / f"{student}.zip", {"mlp.py": CODE})
    make(folder / f"eve{ending}")
    tracemalloc.start()
    found = {one.id: one for one in found_in(tmp_path / "w", folder)}
    assert tracemalloc.get_traced_memory()[1] < 64 << 20
    tracemalloc.stop()
    assert sorted(found) == ["alice", "bob", "eve", "zoe"]
    for student in ("alice", "bob", "zoe"):
        assert (found[student].module, found[student].problem) == ("mlp.py", "")
        assert content(found[student]) == {"mlp.py": CODE}
    assert PROBLEM.get(name, "") in found["eve"].problem
    (folder / f"eve{ending}").unlink()


QUICK_LISTS = {"laughs", "deep", "deep mappings"}
READ = {
    *("32 MB of keys", "32 MB of entries", "32 MB of a text"),
    *("anchors", "anchors and aliases", "laughs", "shared groups"),
}
"""Those that may be read: they are large, or harmless where no alias is written out."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=[] if n in QUICK_LISTS else pytest.mark.slow) for n in sorted(monsters.LISTS)],
)
def test_a_monstrous_list_is_read_or_a_line(tmp_path: Path, name: str):
    folder = write(tmp_path / "submissions", "submission_1/mlp.py", "submission_2/mlp.py")
    (folder / "submission_metadata.yml").write_bytes(monsters.LISTS[name]())
    try:
        found = found_in(tmp_path / "w", folder)
    except UsageError as error:
        assert "submission_metadata.yml: cannot be read: " in str(error)
        assert "\n" not in str(error)
    else:
        assert name in READ
        assert {"submission_1", "submission_2"} <= {one.id for one in found}
