"""Whether a worker may grade: only where it would find the same as the coordinator's machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from ..grading.fingerprints import grader_fingerprint
from ..grading.run import Run
from ..grading.runner import versions
from .figure import architecture, figure
from .messages import Facts

_DATA = "`grade data status` says what is where"


def of_the_program() -> Facts:
    """What is known before a rubric is read."""
    return Facts(
        versions(), grader_fingerprint(), sys.getfilesystemencoding(), machine=architecture(), figure=figure()
    )


def of_run(run: Run) -> Facts:
    """All of it, for a run."""
    known = of_the_program()
    return Facts(
        known.versions,
        known.grader,
        known.reads_names_as,
        run.rubric.fingerprint,
        run.rubric.asking,
        run.reference.fingerprint,
        run.rubric.secret_fingerprint,
        run.dataset.name,
        run.dataset.fingerprint,
        run.small.fingerprint if run.small is not None else "",
        known.machine,
        known.figure,
    )


def program_refused(found: Facts, wanted: Facts) -> str:
    """Why a worker's programs will not do, in a line; empty where they do."""
    return next(_programs(found, wanted), "")


def refused(found: Facts, wanted: Facts) -> str:
    """Why a worker will not do, in a line; empty where it does. Of several reasons the first."""
    return next(_programs(found, wanted), "") or next(_assignment(found, wanted), "")


def wrong_tier(found: str, wanted: str) -> str:
    """That a worker's sandbox is another one than that of the run."""
    return f"the sandbox: found tier {found}, wanted {wanted}, in which this run is; see grade doctor"


def _programs(found: Facts, wanted: Facts) -> Iterator[str]:
    for name in sorted({*found.versions, *wanted.versions}):
        has, needs = found.versions.get(name, "none"), wanted.versions.get(name, "none")
        if has != needs:
            yield f"{name}: found {has}, wanted {needs}; install the same with -c constraints.txt"
    if found.grader != wanted.grader:
        yield (
            f"the grader's own files: found {found.grader}, wanted {wanted.grader}; install the same commit there, "
            "and start the worker anew"
        )
    if found.reads_names_as != wanted.reads_names_as:
        yield (
            f"names of files: found {found.reads_names_as}, wanted {wanted.reads_names_as}; start the worker with "
            "PYTHONUTF8=1"
        )
    if found.figure != wanted.figure:
        has, needs = next(
            (pair for pair in zip(found.figure, wanted.figure, strict=False) if pair[0] != pair[1]),
            (f"{len(found.figure)} figures", f"{len(wanted.figure)}"),
        )
        yield (
            f"its processor or BLAS computes something else ({found.machine}, here {wanted.machine}): found {has}, "
            f"wanted {needs}; use machines of one kind, with NumPy from the same wheels"
        )


def _assignment(found: Facts, wanted: Facts) -> Iterator[str]:
    same = "copy the assignment there as it is here, or name its rubric with GRADE_RUBRIC"
    if found.secret != wanted.secret:
        yield (
            f"the course secret: found the hash {found.secret}, wanted {wanted.secret}; put the same file there, where "
            "the rubric names it"
        )
    if found.asking != wanted.asking:
        yield f"what the rubric asks: found {found.asking}, wanted {wanted.asking}; {same}"
    if found.rubric != wanted.rubric:
        yield f"the rubric: found {found.rubric}, wanted {wanted.rubric}; {same}"
    if found.reference != wanted.reference:
        yield f"the reference: found {found.reference}, wanted {wanted.reference}; {same}"
    if (found.dataset, found.dataset_hash) != (wanted.dataset, wanted.dataset_hash):
        yield (
            f"the dataset: found {found.dataset} {found.dataset_hash}, wanted {wanted.dataset} "
            f"{wanted.dataset_hash}; {_DATA}"
        )
    if found.small_hash != wanted.small_hash:
        yield (
            f"the dataset for notebooks: found {found.small_hash or 'none'}, wanted {wanted.small_hash or 'none'}; "
            f"{_DATA}"
        )
