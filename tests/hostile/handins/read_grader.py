"""Read what belongs to the grader and to others: answers, rubrics, labels, a sibling, the home folder."""

import os
from pathlib import Path

from attempts import attempt, read
from facts import FOLDERS, FORBIDDEN, HOME, HOME_NAMES, MARK

own = Path(__file__).resolve().parent
links = [folder for folder in (Path.cwd(), own, Path("/tmp")) if folder.is_dir()]
for path in FORBIDDEN:
    attempt(f"read {path}", lambda path=path: read(path))
    attempt(f"read /proc/self/root{path}", lambda path=path: read(f"/proc/self/root{path}"))
    attempt(f"read {path} from below", lambda path=path: read(str(own) + "/.." * 12 + path))
    for folder in links:
        link = folder / f"{MARK}-{os.urandom(4).hex()}"
        attempt(
            f"read {path} by a link in {folder}",
            lambda path=path, link=link: (link.symlink_to(path), read(link)),
        )
for folder in FOLDERS:
    attempt(f"list {folder}", lambda folder=folder: os.listdir(folder))
attempt("list the home folder", lambda: os.listdir(HOME), lambda names: bool(set(names) & set(HOME_NAMES)))
for folder in (own.parent, Path.cwd().parent):
    attempt(
        f"see other hand-ins in {folder}",
        lambda folder=folder: [
            n for n in os.listdir(folder) if "grade" in n and n not in (own.name, Path.cwd().name)
        ],
        bool,
    )
