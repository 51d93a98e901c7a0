"""A notebook's prose as a tree: cells, in them blocks, in these sentences.

A block is a paragraph, a heading, or what a label begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .labels import Label, label

MAX_BLOCKS = 3_000
"""Blocks of a notebook; what comes later in a cell is one block. A homework has some three hundred."""
MAX_SENTENCES = 6_000
"""The same of sentences."""
MAX_LINES = 20_000
"""The same of lines that are looked at."""
LOOKED_AT = 3000
"""Characters of one sentence or block by whose words it is told what it is."""
_MAGIC = re.compile(r"\s{0,99}%%(?:latex|markdown|html|md)\b[^\n]{0,99}(?:\n|$)", re.IGNORECASE)
"""How a code cell begins that holds prose."""
_FENCE = re.compile(r"\s{0,9}```")
_HEADING = re.compile(r"\s{0,3}(#{1,6})(?!#)")
_BULLET = re.compile(r"\s{0,9}(?:[-*+]\s|\d{1,2}[.)]\s|>|\|)")
_AFTER_FORMULA = re.compile(r"[$\\]\n\s{0,9}[A-Z$]")
_ENDED = re.compile(r"[.?!:;$>*_¶)\]}`\\]\s*$")
"""How a line ends behind which a label may stand: a wrapped sentence goes on otherwise."""
_END_OF_SENTENCE = re.compile(r"(?:[.?!][\"'”’)\]*_]{0,5}\s|<br ?/?>|</?p>|\n)\s*+", re.IGNORECASE)
WRAPPED = 60
"""Characters of a line from which on its end is taken for a wrap, and not for the end of a sentence."""


@dataclass(frozen=True)
class Sentence:
    """A stretch of a cell's source."""

    start: int
    end: int


@dataclass(frozen=True)
class Block:
    """A paragraph, a heading, or what begins with a label."""

    cell: int
    """Index among all cells."""
    start: int
    """Offset in the cell's source."""
    end: int
    fresh: bool
    """Whether its cell begins with it."""
    heading: int
    """Level, 1 to 6; 0 for none."""
    label: Label | None
    sentences: tuple[Sentence, ...]
    """All of it, behind the label."""


@dataclass(frozen=True)
class Prose:
    """What is written in a notebook, code left out."""

    sources: tuple[str, ...]
    """Of all cells; empty for code."""
    blocks: tuple[Block, ...]
    """In order."""

    def text(self, block: Block) -> str:
        """The source of a block, as far as it is looked at."""
        return self.stretch(block.cell, block.start, block.end)

    def stretch(self, cell: int, start: int, end: int) -> str:
        """A stretch of a cell's source, as far as it is looked at."""
        return self.sources[cell][start : min(end, start + LOOKED_AT)]


def prose(cells: Sequence[tuple[str, str]], names: Sequence[str]) -> Prose:
    """The tree of cells, given as (kind, source). `names`: see `labels.label`."""
    sources = tuple(_written(kind, source) for kind, source in cells)
    blocks: list[Block] = []
    lines, sentences = MAX_LINES, MAX_SENTENCES
    for i, source in enumerate(sources):
        known = len(blocks)
        for start, end in _pieces(source, names, MAX_BLOCKS - known, lines):
            block = _block(i, source, start, end, names, sentences, fresh=len(blocks) == known)
            sentences -= len(block.sentences)
            blocks.append(block)
        lines = max(lines - source.count("\n"), 0)
    return Prose(sources, tuple(blocks))


def _written(kind: str, source: str) -> str:
    """The prose of a cell; that of code which is none is empty."""
    if kind != "code":
        return source
    magic = _MAGIC.match(source)
    return " " * magic.end() + source[magic.end() :] if magic else ""


def _pieces(source: str, names: Sequence[str], most: int, lines: int) -> Iterator[tuple[int, int]]:
    """Where blocks begin and end: at blank lines, around headings, before labels."""
    begun, at, before, fenced = -1, 0, "", False
    while at < len(source):
        end = source.find("\n", at) + 1 or len(source)
        if lines <= 0 or most <= 1:
            yield (at if begun < 0 else begun), len(source)
            return
        line = source[at:end]
        fenced ^= _FENCE.match(line) is not None
        heading = None if fenced else _HEADING.match(line)
        blank = not line.strip() and not fenced
        if begun >= 0 and (blank or heading or (not fenced and _begins(line, before, names))):
            yield begun, at
            begun, most = -1, most - 1
        if begun < 0 and not blank:
            begun = at
        if heading:
            yield begun, end
            begun, most = -1, most - 1
        at, before, lines = end, line, lines - 1
    if begun >= 0:
        yield begun, len(source)


def _begins(line: str, before: str, names: Sequence[str]) -> bool:
    """Whether a line within a paragraph begins a labelled block."""
    found = label(line, names)
    return found is not None and (found.points or found.answers or bool(_ENDED.search(before[-99:])))


def _block(i: int, source: str, start: int, end: int, names: Sequence[str], most: int, fresh: bool) -> Block:
    text = source[start:end]
    is_code = _FENCE.match(text) is not None
    found = None if is_code else label(text[:2000], names)
    heading = None if is_code else _HEADING.match(text)
    behind = start + (found.end if found else 0)
    return Block(
        cell=i,
        start=start,
        end=end,
        fresh=fresh,
        heading=len(heading[1]) if heading else 0,
        label=found,
        sentences=tuple(_sentences(source, behind, end, most)),
    )


def _sentences(source: str, start: int, end: int, most: int) -> Iterator[Sentence]:
    """Ends are points and the like, and ends of lines that are too short to be wrapped."""
    begun = line = start
    for found in _END_OF_SENTENCE.finditer(source, start, end):
        if most <= 1:
            break
        is_line = found[0].isspace()
        is_long = found.start() - line >= WRAPPED and not _AFTER_FORMULA.match(source, found.start() - 1)
        wrapped = is_line and is_long and not _BULLET.match(source, found.end())
        if "\n" in found[0]:
            line = found.end()
        if not wrapped:
            if source[begun : found.end()].strip():
                yield Sentence(begun, found.end())
            begun = found.end()
        most -= 1
    if source[begun:end].strip():
        yield Sentence(begun, end)
