"""Which stretch of a notebook's prose belongs to which question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from . import wording
from .asking import Asked, Known, Role, Roles, key_of
from .labels import number_of
from .prose import Block, Prose, prose

_LEAST = 6
"""Characters of a sentence of the question's that is no answer; shorter ones may be one by chance."""
_WORDS_ELSEWHERE = 6
"""Words of a paragraph of the handout's that shows that an answer has ended."""
_OF_AN_ANSWER = re.compile(
    r"answer|solution|result|derivation|step|proof|conclusion|idea|final|check|remark|note|summary|explanation|reason",
    re.IGNORECASE,
)
"""What headings inside an answer say."""
_REFERS = re.compile(
    r"\W*(?:from|using|with|by|as|like|see|recall|since|above|we know|we have seen)\b", re.IGNORECASE
)
"""How a sentence begins that uses what was found before."""
_WORDS_OF_AN_ANSWER = 8
"""Words behind which a heading may begin something else."""
_NO_LEVEL = 6


@dataclass(frozen=True)
class Piece:
    """A sentence of an answer, or a heading or label in it."""

    question: str
    cell: int
    start: int
    end: int
    says: bool
    """Whether it is something, and no mere heading, label or placeholder."""
    waiting: tuple[str, ...] = ()
    """The questions that are asked above it, with nothing in between."""


@dataclass
class Layout:
    """What was found in a notebook."""

    prose: Prose
    questions: tuple[str, ...]
    """Ids of all questions that are asked or answered, in the order of the rubric."""
    pieces: list[Piece]
    """In order."""
    asked: Mapping[str, frozenset[str]]
    """See `Known`."""
    whole: Mapping[str, str]
    """Id of a question to all of its text, in the form of `wording.key`."""
    elsewhere: frozenset[str]
    owners: Mapping[int, str]
    """Cell to the question that it belongs to at its end."""

    def texts(self) -> dict[str, str]:
        """The answers by question id; empty where nothing is said."""
        found = dict.fromkeys(self.questions, "")
        for id in found:
            own = [piece for piece in self.pieces if piece.question == id]
            if any(piece.says for piece in own):
                found[id] = "\n\n".join(self._joined(own)).strip()
        return found

    def _joined(self, pieces: Sequence[Piece]) -> Iterator[str]:
        """Stretches without a gap, as they are written."""
        start = -1
        for n, piece in enumerate(pieces):
            source = self.prose.sources[piece.cell]
            start = piece.start if start < 0 else start
            following = pieces[n + 1] if n + 1 < len(pieces) else None
            if (
                following is None
                or following.cell != piece.cell
                or source[piece.end : following.start].strip()
            ):
                if text := source[start : piece.end].strip():
                    yield text
                start = -1


def lay_out(cells: Sequence[tuple[str, str]], questions: Sequence[Asked], known: Known) -> Layout:
    """Find where each question is asked and answered; cells are (type, source)."""
    names = [id for question in questions if not (id := number_of(question.id))[:1].isdigit()]
    return _Walk(prose(cells, names), questions, known).layout()


def known(templates: Sequence[Sequence[str]], questions: Sequence[Asked]) -> Known:
    """What is in notebooks that students were given; each is the sources of its prose cells."""
    asked: dict[str, frozenset[str]] = {}
    left: set[tuple[str, str]] = set()
    elsewhere: set[str] = set()
    texts: dict[str, frozenset[str]] = {}
    about_code = {question.id for question in questions if question.checks}
    for cells in templates:
        found = lay_out([("markdown", source) for source in cells], questions, Known())
        for sentence, ids in found.asked.items():
            asked[sentence] = asked.get(sentence, frozenset()) | ids
        for id, text in found.whole.items():
            texts[id] = texts.get(id, frozenset()) | {text}
        for piece in found.pieces:
            if piece.question not in about_code:
                left.add(
                    (piece.question, wording.key(found.prose.stretch(piece.cell, piece.start, piece.end)))
                )
        elsewhere |= found.elsewhere
    return Known(asked, texts, frozenset(left), frozenset(elsewhere))


@dataclass
class _Walk:
    """Goes through the blocks in order and remembers what was asked last."""

    prose: Prose
    questions: Sequence[Asked]
    known: Known
    owner: str | None = None
    waiting: tuple[str, ...] = ()
    words: int = 0
    """How many are said since the last question."""
    has_formula: bool = False
    """Whether something is said to equal something since then."""
    until: tuple[int, int] = (-1, 0)
    """Cell and offset up to which the text of the last question goes."""
    section: int = _NO_LEVEL
    """Level of the heading under which the last question stands."""
    pieces: list[Piece] = field(default_factory=list)
    asked: dict[str, set[str]] = field(default_factory=dict)
    whole: dict[str, str] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)
    found: set[str] = field(default_factory=set)
    said: set[str] = field(default_factory=set)
    """Questions that something is said to."""
    owners: dict[int, str] = field(default_factory=dict)

    def layout(self) -> Layout:
        """All of it."""
        self._finds = {q.id: re.compile(q.find) for q in self.questions if q.find and q.claims}
        self._about_code = {q.id for q in self.questions if q.checks}
        roles = Roles(self.prose, self.questions, self.known).find()
        for block, role in zip(self.prose.blocks, roles, strict=True):
            if role.is_weak and role.question in self.said:
                role = Role()  # noqa: PLW2901
            leaves = role.kind == "goes on" and self.owner is not None and self._leaves(block)
            if leaves or role.kind == "ends" or (role.kind == "answers" and role.question is None):
                self._end()
            elif role.question is not None and role.kind == "asks":
                self._ask(role.question, role.until, block)
            elif role.question is not None and role.kind == "answers":
                self._answer(role.question)
            if self.owner is None or self.owner in self._about_code:
                self._note_elsewhere(block)
            if self.owner is None:
                self.section = block.heading or self.section
            else:
                self.owners[block.cell] = self.owner
                self._take(block, self.owner, bool(role.question and block.label and block.label.number))
        self._drop_end()
        ids = tuple(q.id for q in self.questions if q.id in self.found)
        asked = {sentence: frozenset(ids) for sentence, ids in self.asked.items()}
        pieces = list(self._routed())
        return Layout(self.prose, ids, pieces, asked, self.whole, frozenset(self.elsewhere), self.owners)

    # ---- what is asked ---------------------------------------------------------------------------

    def _ask(self, id: str, until: tuple[int, int], block: Block) -> None:
        if id != self.owner:
            self._drop_end()
            is_waiting = self.owner is not None and not self.words
            self.waiting = (*self.waiting, id) if is_waiting else (id,)
            self.owner, self.words, self.has_formula = id, 0, False
        self.until = until
        self.section = block.heading or self.section
        self.found.add(id)

    def _answer(self, id: str) -> None:
        if id != self.owner:
            self._drop_end()
        self.owner, self.waiting, self.words, self.has_formula = id, (id,), _WORDS_OF_AN_ANSWER, True
        self.found.add(id)

    def _end(self) -> None:
        self._drop_end()
        self.owner, self.waiting = None, ()

    def _drop_end(self) -> None:
        """Headings and labels with nothing behind them belong to what comes next."""
        while self.pieces and not self.pieces[-1].says and self.pieces[-1].question == self.owner:
            self.pieces.pop()

    def _leaves(self, block: Block) -> bool:
        """Whether a heading begins something else."""
        if not block.fresh or not block.heading or block.heading > self.section:
            return False
        if _OF_AN_ANSWER.search(self.prose.text(block)[:200]):
            return False
        source = self.prose.stretch(block.cell, block.start, len(self.prose.sources[block.cell]))
        pattern = self._finds.get(self.owner or "")
        if pattern is not None and wording.stated(pattern, source) is not None:
            return False
        is_told = self.owner not in self._finds and self.words >= _WORDS_OF_AN_ANSWER
        return self.has_formula or is_told

    def _note_elsewhere(self, block: Block) -> None:
        text = self.prose.text(block)
        if block.heading or len(text[:500].split()) >= _WORDS_ELSEWHERE:
            self.elsewhere.add(key_of(self.prose, block))

    def _note_asked(self, id: str, text: str) -> None:
        sentence = wording.key(text)
        self.asked.setdefault(sentence, set()).add(id)
        self.whole[id] = self.whole.get(id, "") + sentence

    # ---- what is answered ------------------------------------------------------------------------

    def _take(self, block: Block, id: str, is_numbered: bool) -> None:
        """Keep what of the block is no text of the question's."""
        label_end = block.start + (block.label.end if block.label else 0)
        begun = label_end if is_numbered else block.start
        if not block.sentences and not is_numbered and (block.cell, block.end) > self.until:
            self.pieces.append(Piece(id, block.cell, begun, block.end, False, self.waiting))
        for sentence in block.sentences:
            start, end = begun, sentence.end
            begun = sentence.end
            text = self.prose.stretch(block.cell, sentence.start, sentence.end)
            if (block.cell, end) <= self.until:
                self._note_asked(id, text)
                continue
            if self.until[0] == block.cell and self.until[1] > start:
                start = self.until[1]
                self._note_asked(id, self.prose.stretch(block.cell, sentence.start, start))
            if self._is_given(id, text):
                continue
            says = wording.says_something(
                self.prose.stretch(block.cell, start, end)
            ) and not self._is_heading_only(block)
            if says:
                self.said.add(id)
                self.words += len(text.split())
                self.has_formula = self.has_formula or "=" in text
            self.pieces.append(Piece(id, block.cell, start, end, says, self.waiting))

    def _is_given(self, id: str, text: str) -> bool:
        """Whether it is a part of the question, or holds the place of an answer."""
        sentence = wording.key(text)
        if wording.is_placeholder(text) or (id, sentence) in self.known.left:
            return True
        if len(sentence) < _LEAST:
            return False
        return id in self.asked.get(sentence, ()) or id in self.known.asked.get(sentence, ())

    def _is_heading_only(self, block: Block) -> bool:
        words = wording.bare(self.prose.text(block)[:200])
        return block.heading > 0 and len(words.split()) <= 3 and _OF_AN_ANSWER.search(words) is not None

    # ---- answers to several questions in one place -----------------------------------------------

    def _routed(self) -> Iterator[Piece]:
        """The pieces; where several questions wait, each goes to the one whose left side it has."""
        for (_, waiting), some in groupby(self.pieces, lambda piece: (piece.cell, piece.waiting)):
            pieces = list(some)
            if len(waiting) < 2:
                yield from pieces
                continue
            states = [self._states(piece, waiting) for piece in pieces]
            current = next((id for id in states if id), None)
            last = max((n for n, id in enumerate(states) if id), default=-1)
            for n, (piece, id) in enumerate(zip(pieces, states, strict=True)):
                current = id or current
                is_word = n > last and piece.question not in self._finds
                yield piece if current is None or is_word else _moved(piece, current)

    def _states(self, piece: Piece, waiting: Sequence[str]) -> str | None:
        text = self.prose.stretch(piece.cell, piece.start, piece.end)
        if _REFERS.match(text):
            return None
        places = {id: wording.stated(self._finds[id], text) for id in waiting if id in self._finds}
        stated = {id: place for id, place in places.items() if place is not None}
        return min(stated, key=lambda id: stated[id], default=None)


def _moved(piece: Piece, id: str) -> Piece:
    return Piece(id, piece.cell, piece.start, piece.end, piece.says)
