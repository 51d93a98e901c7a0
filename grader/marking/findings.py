"""What grading found in one hand-in, before it is marked: plain data that the gradebook keeps.

Marks are made from it by `marking`, as often as a rubric's points change, without running student code again. What
is bulky stands apart in `Exhibits`, so that marking a class reads little.
"""

from __future__ import annotations

import zlib
from typing import TypeVar

import msgspec

from ..errors import GradebookError
from ..known_types import known
from ..model import CheckResult, Figure, Host, Image, NotebookResult, Outcome, spell_text
from ..written.judgement import Judgement

T = TypeVar("T")


class Unread(msgspec.Struct, frozen=True):
    """Something that was not read or judged, and is left to a person."""

    why: str
    """A sentence without full stop."""
    ours: bool = False
    """Whether the grader or the machine is at fault."""


class Exhibits(msgspec.Struct, frozen=True):
    """What reports show and no mark depends on."""

    figures: dict[str, tuple[Figure, ...]] = {}
    """By check id."""
    images: dict[str, tuple[Image, ...]] = {}
    """What was pasted into answers, by question id."""
    notebook: NotebookResult | None = None
    stacks: dict[str, str] = {}
    errors: dict[str, str] = {}
    outputs: dict[str, str] = {}
    sources: dict[str, str] = {}
    """The code that was graded, by the name of its file, the module first."""


class Findings(msgspec.Struct, frozen=True):
    """What marks are made from."""

    dataset: str
    results: dict[str, CheckResult]
    """Of the checks of code, by id, with the points of the rubric that they were graded by; without figures."""
    texts: dict[str, str]
    """Written answers by question id; empty where the question was found and nothing is written under it."""
    judgements: dict[str, tuple[Judgement, ...]]
    """Of the answers that are derivations, by question id."""
    pasted: tuple[str, ...]
    """Ids of the questions whose answers hold images, which are exhibits."""
    files: dict[str, str]
    """Name of each file that was graded, as handed in, to its SHA-256."""
    notes: tuple[str, ...]
    host: Host
    """Without stacks, errors and outputs, which are exhibits."""
    unread: dict[str, Unread] = {}
    """Answers that were not read or not judged, by question id."""
    content: str = ""
    """The fingerprint (see `submission`) of the files that were graded; empty where they could not be copied."""
    machine_failed: bool = False
    """Whether the grader or the machine was at fault somewhere: then grading again may find more."""
    nonce: str = ""
    """What, beside the secret, the hidden inputs varied by."""
    code: str = ""
    """First 12 hex digits of a hash of the code, lines of comments and empty ones left out."""
    pictures: dict[str, str] = {}
    """The same of the pictures in an answer, by question id."""


def machine_failed(results: dict[str, CheckResult], stacks: dict[str, str], errors: dict[str, str]) -> bool:
    """Whether some check ended in a fault of the grader's own, or ran out of time on the wall's clock."""
    return bool(errors) or any(
        result.outcome is Outcome.ERROR or (result.outcome is Outcome.NEEDS_REVIEW and id in stacks)
        for id, result in results.items()
    )


def packed(value: msgspec.Struct) -> bytes:
    """As compressed MessagePack, in which NaN and infinities stay what they are; text that is no Unicode is escaped."""
    try:
        content = msgspec.msgpack.encode(value)
    except UnicodeEncodeError:
        content = msgspec.msgpack.encode(spell_text(msgspec.to_builtins(value, builtin_types=(bytes,))))
    return zlib.compress(content, 1)


MAX_EXHIBITS = 4 << 20
"""Bytes, packed, that are kept of what a hand-in's report shows; an ordinary one has a tenth of that."""


def packed_exhibits(exhibits: Exhibits) -> bytes:
    """As `packed`, and without what is too much: what was printed first, then pictures, then all."""
    said = {"notebook": f"(left out: what a report shows is kept up to {MAX_EXHIBITS >> 20} MB)"}
    silent = msgspec.structs.replace(exhibits, outputs=said)
    plain = msgspec.structs.replace(
        silent, images={}, figures={}, sources={}, notebook=_without_plots(exhibits.notebook)
    )
    forms = (exhibits, silent, plain, Exhibits(outputs=said, errors=exhibits.errors))
    return next(
        (content for content in map(packed, forms) if len(content) <= MAX_EXHIBITS), packed(Exhibits())
    )


def _without_plots(notebook: NotebookResult | None) -> NotebookResult | None:
    return notebook and msgspec.structs.replace(notebook, plots=())


def unpacked(content: bytes, kind: type[T]) -> T:
    """Read back what `packed` made; `ValueError` where it is something else."""
    try:
        return msgspec.msgpack.decode(zlib.decompress(content), type=known(kind))
    except (zlib.error, msgspec.MsgspecError) as error:
        raise ValueError(f"no {kind.__name__}: {error}") from None


def stored(content: bytes | None, kind: type[T]) -> T:
    """What the gradebook holds, of which it has said that it is there; `GradebookError` where it is not."""
    try:
        return unpacked(content or b"", kind)
    except ValueError as error:
        raise GradebookError(
            f"the gradebook holds a damaged finding ({error}); grade the hand-in again"
        ) from None


def same(one: bytes, other: bytes) -> bool:
    """Whether two packed findings say the same of a hand-in; how long it took and on which machine is not of it."""
    nowhere = Host("", {}, {})
    bare = [msgspec.structs.replace(stored(content, Findings), host=nowhere) for content in (one, other)]
    first, second = (msgspec.msgpack.encode(found, order="deterministic") for found in bare)
    return first == second


def split(
    results: dict[str, CheckResult],
) -> tuple[dict[str, CheckResult], dict[str, tuple[Figure, ...]]]:
    """Results without their figures, and the figures by check id."""
    light = {id: msgspec.structs.replace(result, figures=()) for id, result in results.items()}
    return light, {id: result.figures for id, result in results.items() if result.figures}
