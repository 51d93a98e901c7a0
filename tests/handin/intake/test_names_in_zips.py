"""Names in zips of other systems, and downloads of Moodle without folders."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest

from tests.handin.intake.making import CODE, content, found_in, write, zipped


def raw_zip(path: Path, names: list[bytes], system: int = 0, flags: int = 0) -> Path:
    """A zip with these bytes for names, made by hand: `zipfile` writes others."""
    out, central = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(), "w") as _:
        pass
    import zlib

    data = CODE.encode()
    crc = zlib.crc32(data)
    for name in names:
        at = out.tell()
        body = b"" if name.endswith((b"/", b"\\")) else data
        sum_ = crc if body else 0
        head = struct.pack("<HHHHHIII", 20, flags, 0, 0, 0x21, sum_, len(body), len(body))
        out.write(b"PK\3\4" + head + struct.pack("<HH", len(name), 0) + name + body)
        central.write(
            b"PK\1\2"
            + bytes([20, system])
            + head
            + struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, at)
            + name
        )
    start, size = out.tell(), central.tell()
    out.write(central.getvalue())
    out.write(b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, len(names), len(names), size, start, 0))
    path.write_bytes(out.getvalue())
    return path


@pytest.mark.parametrize(
    ("names", "ids"),
    [
        (["Müller", "Zoë"], "cp437"),
        (["李雷", "韩梅梅"], "gbk"),
        (["Müller", "李雷"], "utf-8"),
    ],
)
def test_names_of_students_in_one_code_page(tmp_path: Path, names: list[str], ids: str):
    path = raw_zip(tmp_path / "submissions.zip", [f"{name}/mlp.py".encode(ids) for name in names])
    found = found_in(tmp_path / "w", path)
    assert {one.id for one in found} == set(names)
    assert all(one.module == "mlp.py" and not one.problem for one in found)


def test_names_in_an_encoding_that_is_not_certain_are_refused_and_say_so(tmp_path: Path):
    path = raw_zip(tmp_path / "class.zip", [b"anna/mlp.py", "ben/Übung.py".encode("latin-1")])
    anna, ben = found_in(tmp_path / "w", path)
    assert (anna.module, anna.problem) == ("mlp.py", "")
    assert "its name is in no encoding that is certain" in ben.problem


def test_backslashes_of_windows_are_folders(tmp_path: Path):
    names = [b"anna\\", b"anna\\hw\\mlp.py", b"ben\\mlp.py"]
    anna, ben = found_in(tmp_path / "w", raw_zip(tmp_path / "class.zip", names))
    assert (anna.id, anna.notes, ben.module) == ("anna", ("hw/mlp.py was graded as mlp.py",), "mlp.py")


def test_backslashes_that_lead_outside_are_refused(tmp_path: Path):
    write(tmp_path / "class", "bob/mlp.py", "carl/mlp.py")
    raw_zip(tmp_path / "class/eve.zip", [b"mlp.py", b"..\\..\\evil.py"])
    eve = found_in(tmp_path / "w", tmp_path / "class")[2]
    assert (eve.module, eve.problem) == ("mlp.py", "")
    assert not list(tmp_path.rglob("evil.py"))


@pytest.mark.parametrize(("system", "more"), [(3, b"x.py"), (0, b"folder/x.py")])
def test_backslashes_that_may_be_part_of_a_name_are_refused(tmp_path: Path, system: int, more: bytes):
    path = raw_zip(tmp_path / "alice.zip", [b"mlp.py", b"a\\b.py", more], system)
    (one,) = found_in(tmp_path / "w", path)
    assert any("backslash" in note for note in one.notes)


FILES = [
    "Jane Doe_4001_assignsubmission_file_mlp.py",
    "Jane Doe_4002_assignsubmission_file_mlp (1).py",
    "Jane Doe_4001_assignsubmission_file_report.pdf",
    "Zoë O'Neill_4004_assignsubmission_file_ps3.ipynb",
    "Rick Roe_4003_assignsubmission_onlinetext_text.html",
]


@pytest.mark.parametrize("as_zip", [False, True])
def test_a_moodle_download_without_folders(tmp_path: Path, as_zip: bool):
    path = write(tmp_path / "ps3", *FILES)
    if as_zip:
        path = zipped(tmp_path / "ps3.zip", dict.fromkeys(FILES, CODE))
    jane, other, rick, zoe = found_in(tmp_path / "w", path)
    assert [one.id for one in (jane, other, rick)] == ["Jane_Doe_4001", "Jane_Doe_4002", "Rick_Roe_4003"]
    assert (jane.module, jane.notes) == ("mlp.py", ("not used: report.pdf",))
    assert (other.module, other.person.course_id) == ("mlp (1).py", "4002")
    assert "text.html" in rick.problem
    assert (zoe.notebook, zoe.origin) == ("ps3.ipynb", "Moodle download")
    assert content(jane)["mlp.py"] == CODE
