"""What archives may try: nothing is ever written outside, no cap is passed, one bad entry harms no other."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import struct
import tarfile
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from grader.errors import GraderError, UsageError
from grader.handin.intake.archives import CLASS, ONE, unpack
from grader.handin.intake.place import Desk
from grader.handin.submission import Submission
from grader.handin.unpacking import tars, zips
from grader.handin.unpacking.entry import BadArchive
from grader.handin.unpacking.messages import Caps
from grader.handin.unpacking.process import Opener
from tests.handin.intake.making import (
    CODE,
    NOTEBOOK,
    WANTED,
    content,
    found_in,
    tar_entry,
    tarred,
    tree,
    write,
    zip_link,
    zipped,
)
from tests.hangs import no_hang


def in_class(tmp_path: Path, name: str = "eve.zip") -> Submission:
    """The hand-in of the archive of that name, in a class with others that it must not harm."""
    write(tmp_path / "class", "alice/mlp.py", "bob/mlp.py")
    found = {one.id: one for one in found_in(tmp_path / "w", tmp_path / "class")}
    assert not found["alice"].problem
    assert len(found) == 3
    return found["eve"]


def made(tmp_path: Path) -> Path:
    (tmp_path / "class").mkdir()
    return tmp_path / "class"


OUTSIDE = [
    "../evil.py",
    "a/../../evil.py",
    "/evil.py",
    "C:evil.py",
    "C:\\evil.py",
    "..\\evil.py",
    "a/..\\..\\evil.py",
]


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("make", [zipped, tarred], ids=["zip", "tar"])
def test_a_path_that_leads_outside_is_refused_and_the_rest_counts(tmp_path: Path, name: str, make: object):
    ending = "zip" if make is zipped else "tgz"
    path = make(made(tmp_path) / f"eve.{ending}", {"mlp.py": CODE, name: "evil"})  # type: ignore[operator]
    before = tree(tmp_path)
    eve = in_class(tmp_path)
    assert content(eve) == {"mlp.py": CODE}
    assert not eve.problem
    assert "was left out: its path" in eve.notes[0]
    assert not any("evil" in p for p in tree(tmp_path) - before)
    assert not Path("/evil.py").exists()
    (alone,) = found_in(tmp_path / "w2", path)
    assert (alone.module, alone.notes) == ("mlp.py", eve.notes)


def test_an_archive_with_nothing_but_paths_outside_is_a_problem(tmp_path: Path):
    zipped(made(tmp_path) / "eve.zip", {"../mlp.py": CODE})
    assert "its path leads out of the archive" in in_class(tmp_path).problem


def test_the_archive_of_a_class_with_paths_outside_is_refused(tmp_path: Path):
    path = zipped(tmp_path / "class.zip", {"alice/mlp.py": CODE, "bob/mlp.py": CODE, "../../evil.py": ""})
    with pytest.raises(UsageError, match="leads out of the archive"):
        found_in(tmp_path / "w", path)


def test_backslashes_inside_a_name_are_refused(tmp_path: Path):
    zipped(made(tmp_path) / "eve.zip", {"mlp.py": CODE, "x\\y.py": "", "back\\slash/z.py": ""})
    eve = in_class(tmp_path)
    assert content(eve) == {"mlp.py": CODE}
    assert sum("backslash" in note for note in eve.notes) == 2


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (stat.S_IFLNK, "symbolic link"),
        (stat.S_IFIFO, "not a plain file"),
        (stat.S_IFCHR, "not a plain file"),
        (stat.S_IFSOCK, "not a plain file"),
    ],
)
def test_links_and_devices_in_zip_files(tmp_path: Path, kind: int, why: str):
    zipped(made(tmp_path) / "eve.zip", {"mlp.py": CODE})
    zip_link(tmp_path / "class/eve.zip", "utils.py", "/etc/passwd", kind)
    eve = in_class(tmp_path)
    assert content(eve) == {"mlp.py": CODE}
    assert why in eve.notes[0]


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (tarfile.SYMTYPE, "symbolic link"),
        (tarfile.LNKTYPE, "hard link"),
        (tarfile.CHRTYPE, "not a plain file"),
        (tarfile.BLKTYPE, "not a plain file"),
        (tarfile.FIFOTYPE, "not a plain file"),
        (b"V", "of a kind that is not read"),
    ],
)
def test_links_and_devices_in_tarballs(tmp_path: Path, kind: bytes, why: str):
    tar_entry(made(tmp_path) / "eve.tar", "utils.py", kind, "/etc/passwd")
    eve = in_class(tmp_path)
    assert content(eve) == {"mlp.py": CODE}
    assert why in eve.notes[0]


def test_a_file_through_a_folder_that_is_a_link_stays_inside(tmp_path: Path):
    (tmp_path / "outside").mkdir()
    path = made(tmp_path) / "eve.tar"
    with tarfile.open(path, "w") as archive:
        link = tarfile.TarInfo("d")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "outside")
        archive.addfile(link)
    with tarfile.open(path, "a") as archive:
        archive.add(write(tmp_path / "src", "mlp.py") / "mlp.py", "d/mlp.py")
    eve = in_class(tmp_path)
    assert eve.module == "mlp.py"
    assert not list((tmp_path / "outside").iterdir())


def test_a_module_that_is_a_link_is_a_problem(tmp_path: Path):
    zip_link(zipped(made(tmp_path) / "eve.zip", {"readme.txt": ""}), "mlp.py", "/etc/passwd")
    assert in_class(tmp_path).problem == "mlp.py was left out: it is a symbolic link"


# ---- names -----------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_entries_of_one_name_are_all_refused(tmp_path: Path):
    with zipfile.ZipFile(made(tmp_path) / "eve.zip", "w") as archive:
        archive.writestr("mlp.py", CODE)
        archive.writestr("./mlp.py", CODE + "# other\n")
        archive.writestr("readme.md", "")
        archive.writestr("README.md", "")
    eve = in_class(tmp_path)
    assert eve.problem == "mlp.py was left out: it is in the archive twice"
    assert eve.notes[0] == eve.problem
    assert len(eve.notes) == 3


def test_names_that_differ_in_case_only_are_refused(tmp_path: Path):
    tarred(made(tmp_path) / "eve.tgz", {"hw/mlp.py": CODE, "HW/MLP.py": CODE, "hw/Mlp.py": CODE})
    assert "upper and lower case only" in in_class(tmp_path).problem


def test_a_file_where_a_folder_is_needed(tmp_path: Path):
    zipped(made(tmp_path) / "eve.zip", {"a.py": "", "a.py/mlp.py": CODE, "mlp.py": CODE})
    eve = in_class(tmp_path)
    assert eve.module == "mlp.py"
    assert "its folder cannot be made" in eve.notes[0]


def test_names_that_are_too_long_or_too_deep(tmp_path: Path):
    files = {"mlp.py": CODE, "x" * 300 + ".py": "", "d/" * 40 + "y.py": ""}
    eve_zip = zipped(made(tmp_path) / "eve.zip", files)
    eve = in_class(tmp_path)
    assert content(eve) == {"mlp.py": CODE}
    assert len(eve.notes) == 2
    assert eve_zip.exists()


def patched(path: Path, old: bytes, new: bytes) -> Path:
    path.write_bytes(path.read_bytes().replace(old, new))
    return path


def test_names_that_are_not_utf8(tmp_path: Path):
    zipped(made(tmp_path) / "eve.zip", {"mlp.py": CODE, "aaaa.py": ""})
    patched(tmp_path / "class/eve.zip", b"aaaa.py", b"a\xff\xfea.py")
    eve = in_class(tmp_path)
    assert (eve.module, eve.problem) == ("mlp.py", "")
    assert eve.notes[0].endswith("or in plain letters")


def test_utf8_names_without_the_flag_are_read(tmp_path: Path):
    path = zipped(tmp_path / "eve.zip", {"xxbung/mlp.py": CODE, "readme.txt": ""})
    (one,) = found_in(tmp_path / "w", patched(path, b"xxbung", "Übung".encode()))
    assert (one.folder.name, one.module) == ("Übung", "mlp.py")


def test_names_that_only_claim_to_be_utf8(tmp_path: Path):
    zipped(made(tmp_path) / "eve.zip", {"mlp.py": CODE, "ü.py": ""})
    patched(tmp_path / "class/eve.zip", "ü.py".encode(), b"\xff\xfe.py")
    assert "not UTF-8" in in_class(tmp_path).problem


def test_a_tarball_with_names_that_are_not_utf8(tmp_path: Path):
    path = made(tmp_path) / "eve.tar"
    with tarfile.open(path, "w", encoding="latin-1", format=tarfile.GNU_FORMAT) as archive:
        archive.add(write(tmp_path / "src", "mlp.py") / "mlp.py", "mlp.py")
        archive.add(tmp_path / "src/mlp.py", "Übung.py")
    eve = in_class(tmp_path)
    assert content(eve) == {"mlp.py": CODE}
    assert eve.notes == ("\\udcdcbung.py was left out: its name is not UTF-8",)


def test_what_is_not_graded_is_not_unpacked(tmp_path: Path):
    files = {
        "mlp.py": CODE,
        "__MACOSX/mlp.py": "",
        "._mlp.py": "",
        ".git/hooks/x.py": "",
        ".venv/x.py": "",
        "venv/x.py": "",
        "env/lib/site-packages/x.py": "",
        "node_modules/x.py": "",
        "data.npy": "x" * 1000,
        "inner.zip": "x",
    }
    (one,) = found_in(tmp_path / "w", zipped(tmp_path / "a.zip", files))
    assert one.notes[0] == "not used: inner.zip"
    assert {p.name for p in (tmp_path / "w").rglob("*") if p.is_file()} == {"mlp.py", "inner.zip", "data.npy"}


# ---- encryption and damage -------------------------------------------------------------------------


def encrypted(path: Path, name: str) -> Path:
    """Set the flag of an entry, here and in the list at the end."""
    data = bytearray(path.read_bytes())
    for signature, flags, text in ((b"PK\3\4", 6, 30), (b"PK\1\2", 8, 46)):
        at = data.find(signature)
        while at >= 0:
            if data[at + text : at + text + len(name)] == name.encode():
                data[at + flags] |= 1
            at = data.find(signature, at + 4)
    path.write_bytes(data)
    return path


def test_encrypted_entries_are_refused_and_the_rest_counts(tmp_path: Path):
    encrypted(zipped(made(tmp_path) / "eve.zip", {"mlp.py": CODE, "ps3.ipynb": NOTEBOOK, "x.py": ""}), "x.py")
    eve = in_class(tmp_path)
    assert (eve.problem, eve.notes) == ("", ("x.py was left out: it is encrypted",))
    (tmp_path / "class/eve.zip").unlink()
    encrypted(zipped(tmp_path / "class/eve.zip", {"mlp.py": CODE, "ps3.ipynb": NOTEBOOK}), "ps3.ipynb")
    (tmp_path / "w3").mkdir()
    found = {one.id: one for one in found_in(tmp_path / "w3", tmp_path / "class")}
    assert found["eve"].problem == "ps3.ipynb was left out: it is encrypted"


@pytest.mark.parametrize("name", ["eve.zip", "eve.tar", "eve.tar.gz", "eve.tar.xz", "eve.tar.bz2"])
@pytest.mark.parametrize(
    "data", [b"", b"PK", b"\x1f\x8b", b"BZh9", b"\xfd7zXZ\0", b"x" * 600, b"\0" * 600, b"\xff" * 600]
)
def test_what_is_no_archive(tmp_path: Path, name: str, data: bytes):
    (made(tmp_path) / name).write_bytes(data)
    eve = in_class(tmp_path)
    assert eve.problem.startswith(f"{name} cannot be unpacked: ") or (eve.module, eve.notebook) == (
        None,
        None,
    )
    with pytest.raises(UsageError):
        found_in(tmp_path / "w2", tmp_path / "class" / name)


@pytest.mark.parametrize("name", ["eve.zip", "eve.tar", "eve.tgz", "eve.txz", "eve.tbz2"])
def test_truncated_and_flipped_archives_never_end_the_run(tmp_path: Path, name: str, opener: Opener):
    modes = {"eve.tar": "w", "eve.tgz": "w:gz", "eve.txz": "w:xz", "eve.tbz2": "w:bz2"}
    files = {"mlp.py": CODE * 50, "ps3.ipynb": NOTEBOOK * 50}
    whole = tmp_path / name
    if name == "eve.zip":
        zipped(whole, files)
    else:
        tarred(whole, files, modes[name])
    data = whole.read_bytes()
    desk = Desk(WANTED, tmp_path, opener)
    broken = tmp_path / f"x{name}"
    for i in range(0, len(data), max(1, len(data) // 25)):
        for bad in (data[:i], data[:i] + bytes([data[i] ^ 0x55]) + data[i + 1 :]):
            broken.write_bytes(bad)
            try:
                unpack(broken, ONE, desk)
            except BadArchive as error:
                assert "\n" not in str(error)


def test_a_wrong_sum_is_damage(tmp_path: Path):
    with zipfile.ZipFile(made(tmp_path) / "eve.zip", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("mlp.py", CODE)
    patched(tmp_path / "class/eve.zip", b"pass", b"fail")
    assert "mlp.py was left out: it is damaged" in in_class(tmp_path).problem


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_without_bound_are_refused(tmp_path: Path, method: int):
    with zipfile.ZipFile(made(tmp_path) / "eve.zip", "w", method) as archive:
        archive.writestr("mlp.py", CODE)
    assert "compressed in a way that is not read" in in_class(tmp_path).problem


def test_sparse_files_are_refused(tmp_path: Path):
    path = made(tmp_path) / "eve.tar"
    with tarfile.open(path, "w") as archive:
        for name, headers in (("mlp.py", {}), ("x.py", {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"})):
            info = tarfile.TarInfo(name)
            info.pax_headers = headers
            archive.addfile(info)
    eve = in_class(tmp_path)
    assert eve.notes == ("x.py was left out: it is a sparse file",)


# ---- bombs -----------------------------------------------------------------------------------------


def test_an_entry_larger_than_its_cap_is_left_out_whatever_it_declares(tmp_path: Path):
    path = zipped(made(tmp_path) / "eve.zip", {"mlp.py": CODE, "x.py": b"0" * (3 << 20)})
    patched(path, struct.pack("<I", 3 << 20), struct.pack("<I", 10))
    eve = in_class(tmp_path)
    assert eve.module == "mlp.py"
    assert not (eve.folder / "x.py").exists()
    assert "x.py was left out" in eve.notes[0]


@pytest.mark.parametrize("name", ["eve.zip", "eve.tgz"])
def test_totals_are_capped(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("grader.handin.intake.members.ONE", replace(ONE, share=100_000, total=100_000))
    files = {"mlp.py": CODE, **{f"x{i}.py": b"0" * 30_000 for i in range(8)}}
    (zipped if name == "eve.zip" else tarred)(made(tmp_path) / name, files)
    eve = in_class(tmp_path)
    assert sum(p.stat().st_size for p in eve.folder.iterdir()) <= 100_000
    assert (eve.module, eve.problem) == ("mlp.py", "")
    assert "past 0 MB in all" in eve.notes[0]


def test_a_bomb_that_hides_the_module_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("grader.handin.intake.members.ONE", replace(ONE, share=100_000, total=100_000))
    zipped(made(tmp_path) / "eve.zip", {"big.ipynb": b"0" * 99_900, "mlp.py": CODE * 10})
    assert in_class(tmp_path).problem == "mlp.py was left out: past 0 MB in all"


def test_the_share_of_one_student_in_the_archive_of_a_class(tmp_path: Path, opener: Opener):
    caps = replace(CLASS, share=100_000)
    files = {
        "c/eve/mlp.py": CODE,
        **{f"c/eve/x{i}.ipynb": b"0" * 60_000 for i in range(9)},
        "c/zoe/mlp.py": CODE,
    }
    where = unpack(tarred(tmp_path / "class.tgz", files), caps, Desk(WANTED, tmp_path, opener))
    assert (where.folder / "c/zoe/mlp.py").exists()
    assert {r.path[1] for r in where.refused} == {"eve"}


def test_what_is_skipped_of_a_tarball_is_capped_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("grader.handin.intake.members.ONE", replace(ONE, read=1 << 20))
    tarred(made(tmp_path) / "eve.tgz", {"mlp.py": CODE, "data.npy": b"0" * (2 << 20)})
    assert "more than 1 MB when it is unpacked" in in_class(tmp_path).problem


def test_entries_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("grader.handin.intake.members.ONE", replace(ONE, entries=10))
    zipped(made(tmp_path) / "eve.zip", {"mlp.py": CODE, **{f"{i}.txt": "" for i in range(10)}})
    assert "more than 10 entries" in in_class(tmp_path).problem


def test_a_list_of_files_without_end_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(zips, "MAX_READ", 10_000)
    path = zipped(tmp_path / "eve.zip", {f"{i}.txt": "" for i in range(1000)})
    with path.open("rb") as file, pytest.raises(BadArchive, match="list of files"):
        list(zips.entries(file.fileno()))


def test_a_header_that_declares_gigabytes_takes_no_memory(tmp_path: Path, opener: Opener):
    for name, kind in (("a.tar", tarfile.GNUTYPE_LONGNAME), ("b.tar", tarfile.XHDTYPE)):
        info = tarfile.TarInfo("x")
        info.type, info.size = kind, 4 << 30
        (tmp_path / name).write_bytes(info.tobuf() + b"\0" * 10_240)
        tracemalloc.start()
        with pytest.raises(BadArchive, match="header of 4,294,967,296 bytes"):
            unpack(tmp_path / name, ONE, Desk(WANTED, tmp_path, opener))
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
        tracemalloc.stop()


def test_a_header_made_to_keep_a_search_busy_does_not(tmp_path: Path, opener: Opener):
    data = b"1" * 60_000
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, len(data)
    (tmp_path / "a.tar").write_bytes((info.tobuf() + data + b"\0" * (-len(data) % 512)) * 20)
    with no_hang(), pytest.raises(BadArchive, match="malformed"):
        unpack(tmp_path / "a.tar", ONE, Desk(WANTED, tmp_path, opener))


def test_ten_million_zeros_a_byte_are_not_kept_in_memory(tmp_path: Path, opener: Opener):
    bomb = zipped(tmp_path / "a.zip", {"mlp.py": b"0" * (40 << 20)})
    tracemalloc.start()
    where = unpack(bomb, ONE, Desk(WANTED, tmp_path, opener))
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()
    assert "more than" in where.refused[0].why


def test_a_full_disk_is_nobodys_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opener: Opener):
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    path = zipped(tmp_path / "a.zip", {"mlp.py": CODE})
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(GraderError, match="set TMPDIR"):
        unpack(path, ONE, Desk(WANTED, tmp_path, opener))


def test_a_damaged_archive_leaves_nothing_behind(tmp_path: Path, opener: Opener):
    path = tarred(tmp_path / "a.tar", {"mlp.py": CODE, "x.py": CODE}, "w")
    path.write_bytes(path.read_bytes()[:1100])
    (tmp_path / "w").mkdir()
    with pytest.raises(BadArchive):
        unpack(path, ONE, Desk(WANTED, tmp_path / "w", opener))
    assert not list((tmp_path / "w").iterdir())


# ---- any names -------------------------------------------------------------------------------------

part = st.one_of(
    st.sampled_from(["..", ".", "", "a", "A", "mlp.py", "x.py", "~", "C:", "\\", "a\\..\\b.py"]),
    st.text(max_size=12),
)
member = st.lists(part, min_size=1, max_size=6).map("/".join).filter(lambda name: "\0" not in name)
KEPT = {".py", ".ipynb", ".yml", ".zip"}
small = Caps(1 << 20, 50, 10_000, 20_000, 1 << 20, 20.0)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Duplicate name")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(member, max_size=8), as_zip=st.booleans(), of_class=st.booleans())
@example(names=["../../x.py", "/x.py", "a/../x.py", "x.py/"], as_zip=True, of_class=True)
def test_nothing_is_ever_written_outside(
    tmp_path: Path, names: list[str], as_zip: bool, of_class: bool, opener: Opener
):
    shutil.rmtree(tmp_path / "example", ignore_errors=True)
    where = tmp_path / "example"
    where.mkdir()
    path = where / ("a.zip" if as_zip else "a.tar")
    try:
        if as_zip:
            with zipfile.ZipFile(path, "w") as archive:
                for i, name in enumerate(names):
                    archive.writestr(name or "x", str(i))
        else:
            tarred(path, {name: str(i) for i, name in enumerate(names)}, "w")
    except (UnicodeError, ValueError):
        return
    (where / "w").mkdir()
    before = tree(tmp_path)
    try:
        place_of_it = unpack(path, CLASS if of_class else small, Desk(WANTED, where / "w", opener))
    except BadArchive:
        assert tree(tmp_path) == before
        return
    inside = str(place_of_it.folder.relative_to(tmp_path))
    new = tree(tmp_path) - before
    assert all(p == inside or p.startswith(inside + "/") for p in new)
    assert all(
        (tmp_path / p).is_dir() or (tmp_path / p).suffix.lower() in KEPT or not (tmp_path / p).stat().st_size
        for p in new
    )
    assert not any((tmp_path / p).is_symlink() for p in new)


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=2000),
    name=st.sampled_from(["a.zip", "a.tar", "a.tgz"]),
    with_sum=st.booleans(),
)
def test_any_bytes_are_an_archive_or_bad(
    tmp_path: Path, data: bytes, name: str, with_sum: bool, opener: Opener
):
    if with_sum and len(data) >= 512:  # as far as the fields of a tarball's header
        head = data[:148] + b" " * 8 + data[156:512]
        data = head[:148] + b"%06o\0 " % sum(head) + head[156:] + data[512:]
    if name == "a.tgz":
        data = b"\x1f\x8b" + data
    (tmp_path / name).write_bytes(data)
    with contextlib.suppress(BadArchive):
        unpack(tmp_path / name, ONE, Desk(WANTED, tmp_path, opener))


def test_xz_is_decompressed_within_bounded_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tarred(tmp_path / "a.tar.xz", {"mlp.py": CODE}, "w:xz")
    monkeypatch.setattr(tars, "_MAX_MEMORY", 100_000)
    with path.open("rb") as file, pytest.raises(BadArchive):
        list(tars.entries(file.fileno(), 1 << 20))
