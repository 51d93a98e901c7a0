"""What travels between the coordinator and a worker: bytes that say themselves whether they were changed.

A message is the SHA-256 of a MessagePack, and that MessagePack. There is no pickle in it: what Dask pickles is the name
of a function of `work` and these bytes.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TypeVar

import msgspec

from ..handin.staging import File, Material, Seen
from ..handin.submission import Submission

T = TypeVar("T", bound=msgspec.Struct)
_DIGEST = 32
"""Bytes of a SHA-256."""


class Changed(Exception):
    """A message that is not what was sent, in words."""


class Facts(msgspec.Struct, frozen=True):
    """What has to be the same on two machines for them to find the same in a hand-in; see `handshake`."""

    versions: dict[str, str]
    grader: str
    reads_names_as: str
    """The encoding of file names."""
    rubric: str = ""
    asking: str = ""
    reference: str = ""
    secret: str = ""
    dataset: str = ""
    dataset_hash: str = ""
    small_hash: str = ""
    """Of the dataset that notebooks may be executed on in place of it; empty where there is none."""
    machine: str = ""
    """The architecture, such as x86_64. Told, and never compared: what counts is the `figure`."""
    figure: tuple[str, ...] = ()
    """What NumPy computes; see `figure`."""


class Settings(msgspec.Struct, frozen=True):
    """What a worker is to grade by."""

    facts: Facts
    """Of the coordinator."""
    rubric: str
    """Where the rubric is, if it is at the same place everywhere; empty for the one that comes with the grader."""
    full: bool = False
    """See `Rubric.in_full`."""
    jobs: int = 0
    """Student processes at once; 0 for as many as Dask runs threads there."""


class Hello(msgspec.Struct, frozen=True):
    """What a worker answers to settings."""

    refused: str = ""
    """Why it grades nothing by them, in a line; empty where it does."""
    tier: str = ""
    remarks: tuple[str, ...] = ()
    """What whoever grades should know of it."""


class Sent(msgspec.Struct, frozen=True):
    """A file of a hand-in. Names are bytes, as in Unix: not each is a text."""

    name: bytes
    content: bytes
    refused: str
    left_out: str
    sha256: str


class Work(msgspec.Struct, frozen=True):
    """A hand-in to observe; who handed it in is not told."""

    settings: Settings
    key: str
    """Of what will be found; see `Hashes.finding_key`."""
    nonce: str
    tier: str
    """In which all hand-ins of the run are."""
    topic: str
    """Under which events of it are told."""
    module: bytes | None
    notebook: bytes | None
    stage_as: bytes
    problem: str
    notebook_problem: str
    files: tuple[Sent, ...]
    notes: tuple[str, ...]
    trouble: str
    notebook_file: Sent | None

    def submission(self) -> Submission:
        """The hand-in, without a place: its files are `material`."""
        nowhere = Path("/nowhere")
        return Submission(
            "hand-in",
            nowhere,
            None if self.module is None else os.fsdecode(self.module),
            None if self.notebook is None else os.fsdecode(self.notebook),
            problem=self.problem,
            notebook_problem=self.notebook_problem,
            stage_as=os.fsdecode(self.stage_as),
        )

    def material(self) -> Material:
        """What was read of it."""
        notebook = self.notebook_file
        return Material(
            tuple(map(_file, self.files)),
            self.notes,
            self.trouble,
            None if notebook is None else _file(notebook),
        )


class Answer(msgspec.Struct, frozen=True):
    """What came of a hand-in. Of `refused`, `short`, `failed` at most one says something; else it was observed."""

    key: str
    """As it was in the work."""
    worker: str
    """Address of the worker."""
    content: str = ""
    final: bool = False
    findings: bytes = b""
    exhibits: bytes = b""
    refused: str = ""
    """Why the worker grades nothing any more by these settings."""
    short: str = ""
    """What the machine is short of; another one may have it."""
    failed: str = ""
    """Why it could not be graded, in a line."""
    trace: str = ""
    """The traceback, where that is the grader's own fault."""


def sealed(message: msgspec.Struct) -> bytes:
    """A message as it travels."""
    content = msgspec.msgpack.encode(message)
    return hashlib.sha256(content).digest() + content


def opened(sealed: object, kind: type[T]) -> T:
    """The message that was sealed; `Changed` where it is something else now."""
    if not isinstance(sealed, bytes):
        raise Changed(f"found {type(sealed).__name__}, wanted bytes")
    digest, content = sealed[:_DIGEST], memoryview(sealed)[_DIGEST:]
    if hashlib.sha256(content).digest() != digest:
        raise Changed("its bytes are not those that were sealed")
    try:
        return msgspec.msgpack.decode(content, type=kind)
    except msgspec.MsgspecError as error:
        raise Changed(f"it is no {kind.__name__} ({error})") from None


def work_of(
    submission: Submission,
    material: Material,
    settings: Settings,
    key: str,
    nonce: str,
    tier: str,
    topic: str,
) -> Work:
    """What is sent of a hand-in."""
    return Work(
        settings,
        key,
        nonce,
        tier,
        topic,
        None if submission.module is None else os.fsencode(submission.module),
        None if submission.notebook is None else os.fsencode(submission.notebook),
        os.fsencode(submission.stage_as),
        submission.problem,
        submission.notebook_problem,
        tuple(map(_sent, material.files)),
        material.notes,
        material.trouble,
        None if material.notebook is None else _sent(material.notebook),
    )


def _sent(file: File) -> Sent:
    seen = file.seen
    return Sent(os.fsencode(seen.name), file.content, seen.refused, file.left_out, seen.sha256)


def _file(sent: Sent) -> File:
    return File(Seen(os.fsdecode(sent.name), sent.refused, sent.sha256), sent.content, sent.left_out)
