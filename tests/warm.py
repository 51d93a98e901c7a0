"""Which of the processes of a grader are warm parents, that stay as long as their sandbox does, and what they fork."""

from __future__ import annotations

import os

import psutil


def parents(grader: int | None = None) -> set[psutil.Process]:
    """The warm parents: children of the grader (of this process), or of the bubblewrap in which they are the first."""
    grader = grader or os.getpid()
    return {
        one
        for one in _of_program("child.warm", grader)
        if (above := _above(one)) is not None and (above.name() == "bwrap" or above.pid == grader)
    }


def workers(grader: int) -> set[psutil.Process]:
    """The workers: those that started by themselves, and those that were forked by who was forked from a parent."""
    standing = parents(grader)
    forked = {one for one in _of_program("child.warm", grader) if one not in standing}
    return {one for one in forked if _above(one) not in standing} | set(_of_program("child.worker", grader))


def _of_program(program: str, grader: int) -> list[psutil.Process]:
    found = []
    for one in psutil.Process(grader).children(recursive=True):
        try:
            if one.name() != "bwrap" and any(program in part for part in one.cmdline()):
                found.append(one)
        except psutil.Error:  # it has ended
            continue
    return found


def _above(process: psutil.Process) -> psutil.Process | None:
    try:
        return process.parent()
    except psutil.Error:
        return None
