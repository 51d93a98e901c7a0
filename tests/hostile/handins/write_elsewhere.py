"""Write, rename, link or change the mode of what others need: its own source, packages, answers, a sibling."""

import os
from pathlib import Path

from attempts import attempt
from facts import CHILD, FOLDERS, FORBIDDEN, MARK, PACKAGES, SIBLING, WRITABLE

own = Path(__file__).resolve()
for folder in (own.parent, CHILD, *PACKAGES, *FOLDERS, *WRITABLE):
    path = f"{folder}/{MARK}"
    attempt(f"write into {folder}", lambda path=path: Path(path).write_text("hostile"))
    attempt(f"make a folder in {folder}", lambda path=path: os.mkdir(path + "-folder"))
    attempt(f"make a link in {folder}", lambda path=path: os.symlink("/etc/passwd", path + "-link"))
    attempt(f"make a pipe in {folder}", lambda path=path: os.mkfifo(path + "-pipe"))
for path in (
    str(own),
    f"{CHILD}/worker.py",
    f"{CHILD}/protocol.py",
    *[f"{p}/numpy/__init__.py" for p in PACKAGES],
):
    attempt(f"open {path} to write", lambda path=path: os.close(os.open(path, os.O_WRONLY | os.O_APPEND)))
for path in FORBIDDEN:
    attempt(f"open {path} to write", lambda path=path: os.close(os.open(path, os.O_WRONLY | os.O_APPEND)))
victim = f"{SIBLING}/mlp.py"  # the harness's own, and watched by it
attempt("change its mode", lambda: os.chmod(victim, 0o4777))
attempt("change its times", lambda: os.utime(victim, (0, 0)))
attempt("change its owner", lambda: os.chown(victim, os.getuid(), os.getgid()))
attempt("change its attributes", lambda: os.setxattr(victim, "user.hostile", b"x"))
attempt("truncate it", lambda: os.truncate(victim, 0))
attempt("rename it", lambda: os.rename(victim, victim + "-gone"))
attempt("link it", lambda: os.link(victim, f"{MARK}-hard"))
attempt("remove it", lambda: os.unlink(victim))
attempt("remove its folder", lambda: os.rmdir(SIBLING))
attempt("change the mode of its folder", lambda: os.chmod(SIBLING, 0))
