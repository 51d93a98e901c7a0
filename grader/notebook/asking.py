"""Which blocks of a notebook's prose ask which question, which begin an answer, and which begin something else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from . import wording
from .labels import Label, number_of
from .prose import Block, Prose, Sentence

MAX_CELLS = 400
"""Cells that may ask a question without a label; a homework has some sixty."""
_TITLE = 80
"""Characters of a heading that may be a question's title."""


class Asked(Protocol):
    """A question, as far as finding its answer needs it."""

    @property
    def id(self) -> str:
        """How the notebook numbers it."""

    @property
    def find(self) -> str:
        """A pattern for what it asks; empty for none."""

    @property
    def checks(self) -> object:
        """True where it is about code."""

    @property
    def claims(self) -> object:
        """True where its answer is a derivation."""


@dataclass(frozen=True)
class Known:
    """What is known of what students were given, in the form of `wording.key`."""

    asked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Sentence that asks something to the ids of the questions that it belongs to."""
    texts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Id of a question to its whole text."""
    left: frozenset[tuple[str, str]] = frozenset()
    """Id of a question and sentence that stands under it from the start, such as a placeholder."""
    elsewhere: frozenset[str] = frozenset()
    """Headings and paragraphs that belong to no written question, in the form of `key_of`."""


def key_of(prose: Prose, block: Block) -> str:
    """The same for blocks that differ in white space and the like only."""
    return ("#" if block.heading else "") + wording.key(prose.text(block))


Kind = Literal["asks", "answers", "ends", "goes on"]


@dataclass(frozen=True)
class Role:
    """What a block is."""

    kind: Kind = "goes on"
    question: str | None = None
    """None where it is none of the rubric's."""
    is_weak: bool = False
    """Whether the label is one of an answer only where the question has no other: `(1.1)` may number an equation."""
    until: tuple[int, int] = (-1, 0)
    """Cell and offset up to which the question's own text goes."""


@dataclass(frozen=True)
class _Reading:
    """A block that may ask something or begin an answer, with what follows it in its cell."""

    content: tuple[tuple[int, Sentence], ...]
    """Cell and sentence, up to the next label."""
    asks: bool
    question: str | None
    """The one that its text asks."""
    is_bare: bool
    """Whether nothing is in the cell but the label and a title."""


class Roles:
    """Finds the roles of blocks."""

    def __init__(self, prose: Prose, questions: Sequence[Asked], known: Known) -> None:
        self._prose = prose
        self._blocks = prose.blocks
        self._questions = {question.id: question for question in questions}
        self._finds = {question.id: re.compile(question.find) for question in questions if question.find}
        self._ids = {number_of(question.id): question.id for question in questions}
        self._known = known
        self._readings: dict[int, _Reading] = {}
        for i, block in enumerate(self._blocks):
            if block.label is not None and self._is_of_question(block.label):
                self._readings[i] = self._read(i)
        self._numbers = self._numbering()
        self._bare_style = self._asked_without_word()

    def find(self) -> list[Role]:
        """One for each block."""
        asked = {
            self._question(i) for i, reading in self._readings.items() if reading.asks or reading.is_bare
        }
        roles = []
        for i, block in enumerate(self._blocks):
            role = self._labelled(i, block) if block.label is not None else None
            may_ask = block.fresh and block.cell < MAX_CELLS and not asked.issuperset(self._questions)
            if role is None and may_ask:
                role = self._unlabelled(i, asked)
            if role is None:
                is_other = key_of(self._prose, block) in self._known.elsewhere
                role = Role("ends") if is_other else Role()
            roles.append(role)
        return roles

    # ---- what one block says ---------------------------------------------------------------------

    def _read(self, i: int) -> _Reading:
        content = self._content(i)
        block = self._blocks[i]
        label = block.label
        by_number = self._ids.get(label.number) if label is not None else None
        lead: list[str] = []
        asks = label is not None and label.points
        for n, sentence in content:
            text = self._text(n, sentence)
            if self._is_known(text) or wording.asks(text):
                asks = True
            elif wording.tells(text):
                lead.append(text)  # what is asked may stand before what is told, on one line
                break
            lead.append(text)
        is_others = label is not None and bool(label.number) and label.number not in self._ids
        question = self._asked_by(lead, by_number, asks, is_others)
        asks = asks or (question is not None and (self._is_derivation(question) or is_others))
        said = [s for n, s in content if wording.says_something(self._text(n, s))]
        titled = len(said) == 1 and block.heading > 0 and said[0].end <= block.end
        return _Reading(content, asks, question, not said or (titled and len(lead[0]) <= _TITLE))

    def _content(self, i: int) -> tuple[tuple[int, Sentence], ...]:
        """The sentences from a block up to the next label in its cell."""
        block = self._blocks[i]
        found = [(block.cell, sentence) for sentence in block.sentences]
        for n in range(i + 1, len(self._blocks)):
            later = self._blocks[n]
            if later.cell != block.cell or later.label is not None:
                break
            found += [(later.cell, sentence) for sentence in later.sentences]
        return tuple(found)

    def _is_of_question(self, label: Label) -> bool:
        """Whether it may be that of a question: `1.` is a list's."""
        has_number = "." in label.number or label.word or label.number in self._ids
        return label.points or (bool(label.number) and (has_number or label.section))

    def _asked_by(
        self, lead: Sequence[str], by_number: str | None, asks: bool, is_others: bool = False
    ) -> str | None:
        """The question that some sentences ask, `by_number` where several may be meant.

        `asks`: whether their words ask something; `is_others`: whether their label is of another year's question.
        """
        counted = Counter(id for text in lead for id in self._known.asked.get(wording.key(text), ()))
        if counted:
            most = max(counted.values())
            best = [id for id, count in counted.items() if count == most]
            return by_number if by_number in best else best[0]
        text = "".join(lead)
        places = {}
        for id, pattern in self._finds.items():
            found = pattern.search(text)
            told = wording.stated(pattern, text) if found else None
            is_open = self._is_derivation(id) and (told is None or told > found.start()) if found else False
            if found and (asks or is_open or (is_others and not self._is_derivation(id))):
                places[id] = found.start()
        if by_number in places:
            return by_number
        return min(places, key=lambda id: places[id], default=None)

    # ---- which number is which question ----------------------------------------------------------

    def _numbering(self) -> dict[str, str | None]:
        """Number of a label to question: by what is asked behind it, or else as the rubric numbers them."""
        found: dict[str, str | None] = {}
        for i, reading in self._readings.items():
            number = self._number(i)
            if number and reading.asks and reading.question is not None:
                found.setdefault(number, reading.question)
        same = sum(self._ids.get(number) == id for number, id in found.items())
        own_numbers = same * 2 >= len(found)
        taken = set(found.values())
        for i, reading in self._readings.items():
            number = self._number(i)
            id = self._ids.get(number)
            if number in found or id is None:
                continue
            doubtful = reading.asks and self._is_derivation(id) and id in self._finds
            found[number] = None if id in taken or (doubtful and not own_numbers) else id
        return found

    def _number(self, i: int) -> str:
        label = self._blocks[i].label
        number = label.number if label is not None else ""
        if number in self._ids or not number[-1:].isalpha():
            return number
        return number[:-1] if number[:-1] in self._ids else number

    def _asked_without_word(self) -> set[str]:
        """Numbers whose question is labelled by the number alone, or not at all: so may be its answer's label."""
        with_word = set()
        for i, reading in self._readings.items():
            label = self._blocks[i].label
            if reading.asks and label is not None and label.word:
                with_word.add(self._number(i))
        return set(self._numbers) - with_word

    def _question(self, i: int) -> str | None:
        reading, number = self._readings[i], self._number(i)
        by_text = reading.question if reading.asks else None
        if by_text is not None and not (number in self._ids and self._is_asked_by_number(by_text, number)):
            return by_text
        id = self._numbers.get(number)
        is_moved = id is not None and self._ids.get(number) != id
        return None if is_moved and reading.asks and by_text is None and not reading.is_bare else id

    def _is_asked_by_number(self, id: str, number: str) -> bool:
        """Whether a question is asked at its own number, where that is another one: its words are then a chance."""
        own = number_of(id)
        return own != number and self._numbers.get(own) == id

    # ---- roles -----------------------------------------------------------------------------------

    def _labelled(self, i: int, block: Block) -> Role | None:
        label = block.label
        assert label is not None
        if i not in self._readings:
            return Role()  # `Solution`: the answer to what is asked above
        reading, number = self._readings[i], self._number(i)
        is_known_number = number in self._numbers
        if label.section and number and "." not in number and (number not in self._ids):
            return Role("ends") if label.set_off else Role()
        if label.answers and is_known_number:
            return Role("answers", self._numbers[number])
        if label.answers:
            return Role()
        id = self._question(i)
        if reading.asks and id is not None:
            return Role("asks", id, until=self._until(id, reading, i))
        if not is_known_number:
            starts_another = block.fresh and label.set_off and (reading.asks or block.heading > 0)
            return Role("ends") if starts_another and (label.word or label.points) else None
        if reading.asks:
            return Role("ends") if id is None else Role("asks", id, until=self._until(id, reading, i))
        is_strong = label.word or label.bold or number in self._bare_style
        if not (label.set_off and (is_strong or block.fresh)):
            return Role()
        if reading.is_bare:
            return Role("asks", id, until=self._until(id, reading, i)) if id is not None else Role("ends")
        return Role("answers", id, is_weak=not is_strong)

    def _unlabelled(self, i: int, asked: set[str | None]) -> Role | None:
        """A cell that asks a question which no label belongs to."""
        reading = self._read(i)
        id = reading.question
        if not reading.asks or id is None or id in asked:
            return None
        first = reading.content[0] if reading.content else None
        if first is None or wording.tells(self._text(*first)):
            return None
        asked.add(id)
        return Role("asks", id, until=self._until(id, reading, i))

    def _until(self, id: str, reading: _Reading, i: int) -> tuple[int, int]:
        """Where the text of a question ends that begins with block i."""
        block = self._blocks[i]
        label_end = (block.cell, block.start + (block.label.end if block.label else 0))
        if not reading.is_bare:
            return max(label_end, self._asked_until(id, reading.content, block))
        until = (block.cell, block.end)
        following = i + 1
        if following < len(self._blocks) and self._blocks[following].label is None:
            content = self._content(following)
            texts = [self._text(n, sentence) for n, sentence in content]
            asks = any(self._is_known(text) or wording.asks(text) for text in texts)
            if self._asked_by(texts, id, asks) == id:
                until = max(until, self._asked_until(id, content, self._blocks[following]))
        return until

    def _asked_until(self, id: str, content: Sequence[tuple[int, Sentence]], block: Block) -> tuple[int, int]:
        """Where the question's own text ends among sentences that begin with it."""
        if content and (end := self._given_until(id, content)):
            return (content[0][0], end)
        pattern = self._finds.get(id)
        derived = self._is_derivation(id)
        until = (-1, 0)
        for n, sentence in content:
            text = self._text(n, sentence)
            told = wording.stated(pattern, text) if pattern and derived else None
            found = pattern.search(text) if pattern else None
            is_first = until < (0, 0)
            is_title = block.heading > 0 and sentence.end <= block.end and (found is not None or derived)
            asks = wording.asks(text) or (found is not None and (derived or is_first)) or is_title
            if self._is_known(text):
                until = (n, sentence.end)
            elif told is not None:
                if asks and found and found.start() < told:
                    until = (n, sentence.start + told)
                break
            elif asks:
                until = (n, sentence.end)
            elif wording.tells(text):
                break
        return until

    def _given_until(self, id: str, content: Sequence[tuple[int, Sentence]]) -> int:
        """The same where it begins with a text that students were given; 0 where it does not."""
        cell, first = content[0]
        source = self._prose.stretch(cell, first.start, content[-1][1].end)
        ends = (wording.end_of(source, text) for text in self._known.texts.get(id, ()) if text)
        return max((first.start + end for end in ends if end), default=0)

    def _text(self, cell: int, sentence: Sentence) -> str:
        return self._prose.stretch(cell, sentence.start, sentence.end)

    def _is_known(self, text: str) -> bool:
        return wording.key(text) in self._known.asked

    def _is_derivation(self, id: str) -> bool:
        return bool(self._questions[id].claims)
