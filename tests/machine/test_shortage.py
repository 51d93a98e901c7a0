"""What the machine refuses is told from faults of the grader and of hand-ins, in words that say what to do."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from grader.handin.plain_files import read_plain
from grader.handin.staging import fingerprint
from grader.machine.shortage import refused_to_read, shortage, unwritable
from tests import finding


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/tmp/x"), "/tmp/x: the disk cannot be written"),
        (OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), "TMPDIR"),
        (OSError(errno.EROFS, os.strerror(errno.EROFS)), "Read-only"),
        (OSError(errno.EFBIG, os.strerror(errno.EFBIG)), "too large"),
        (OSError(errno.EMFILE, os.strerror(errno.EMFILE)), "ulimit -n"),
        (OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)), "ulimit -v"),
        (MemoryError(), "ulimit -v"),
        (BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN)), "ulimit -u"),
        (RuntimeError("can't start new thread"), "ulimit -u"),
    ],
)
def test_what_is_short_is_named(error: Exception, says: str):
    text = shortage(error)
    assert says in text
    assert text.endswith("give the command again: it goes on where it was")
    assert "\n" not in text


@pytest.mark.parametrize(
    "error",
    [
        ValueError("disk full"),
        RuntimeError("dictionary changed"),
        FileNotFoundError(2, "No such file"),
        KeyError(28),
    ],
)
def test_other_errors_are_not_the_machines(error: Exception):
    assert shortage(error) == ""


def test_too_many_open_files_say_nothing_of_a_hand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "mlp.py").write_text("class TwoLayerMLP:\n    pass\n")
    real = os.open

    def full(path: object, *args: object, **kwargs: object) -> int:
        if "mlp.py" in str(path):
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return real(path, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(OSError, match="Too many open files") as error:
        fingerprint(finding.find([tmp_path], "TwoLayerMLP")[0])
    assert refused_to_read(error.value)


def test_a_damaged_file_is_its_owners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def damaged(*args: object, **kwargs: object) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    (tmp_path / "x").touch()
    monkeypatch.setattr(os, "open", damaged)
    assert read_plain(tmp_path / "x", 1) == (b"", os.strerror(errno.EIO))


def test_what_cannot_be_written_is_said_with_what_to_do(tmp_path: Path):
    text = unwritable(tmp_path / "x", OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert text.startswith(f"{tmp_path / 'x'}: cannot be written (No space left on device); make room")
