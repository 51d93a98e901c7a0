"""Which points a free text makes, as far as words tell: a guess, for the person who marks it.

The rubric lists phrases. A phrase is there where all its words stand close together in one clause, in any order, each
in any of its forms ("recomputed" for "recompute") or replaced by what the rubric calls a synonym. What a text denies,
belittles or takes back it does not say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ..assignment.rubric import Expected, Question
from . import prose

Synonyms = Mapping[str, Sequence[str]]
"""A word to what may stand for it: words, or several in a row."""

_CLOSE: Final = 12
"""Words that a phrase may be spread over."""
_MOST: Final = 20
"""Places of a phrase in a clause that are looked at."""
_MOST_CLAUSES: Final = 400
"""Clauses of a text that are looked at."""
_WORD: Final = re.compile(r"[a-z]+|\d+(?:\.\d+)?")
_BREAKS: Final = re.compile(
    r"[;:,()—–?]|->|=>|\s-\s|\band (?=not\b)|\band\b(?=\s+(?:would|has to|have to|must|needs? to)\b)"
    r"|\b(?:but|although|though|however|whereas|while|so|because|since|bc|as|which)\b"
    r"|\b(?=(?:than(?! (?:once|twice))|unlike|like|compared|versus|vs|if|instead of|rather than|over (?!and|again))\b)"
    r"|(?<=preferable )(?=to\b)|(?<=preferred )(?=to\b)|(?<=superior )(?=to\b)"
)
"""Where a clause ends: what is said or denied before is not said of what comes after."""
_NEW_SUBJECT: Final = re.compile(
    r"(?<!think )(?<!believe )(?<!say )(?<!that )(?<!mean )(?<!do )(?<!does )(?<!if )"
    r"\b(?=(?:we|you|u|they|one|it|its)\s+[a-z])"
)
"""Where what is denied before is no longer denied, within a clause."""
_NOT: Final = re.compile(
    rf"{prose.NO}|\b(?:(?:wo|do|does|did|is|are|was|were|ca|could|would|should)nt|no|nothing|none|doubt|if \w+ were)\b"
)
_JUST_BEFORE: Final = re.compile(
    r"\b(?:without|avoid\w*|prevent\w*|skip\w*|spares?|saves?)(?:\s+\w+){0,2}\s*$"
)
_BEHIND: Final = re.compile(
    r"\b(?:is|are|was|were|do|does|did|would|will|can|could|need|has|have|should|must|may|might)\s*(?:be\s*)?"
    r"(?:n't|not|never|hardly)\b|\bcannot\b|\b(?:unnecessary|superfluous|needless|avoidable)\b"
)
_HARMLESS: Final = re.compile(
    r"(?:\bnot|n't|\bnever|\bno)\s+(?:only|just|merely|simply|doubt|matter|problem|issue|wonder)\b"
    r"|\b(?:no|without) (?:stored|saved|kept|available)\b"
    r"|(?:\bnot|n't|nt\b|\bnever|\bno longer|\bnone)\s+"
    r"(?:(?:be|being|been|have|having|had|to|of|them|it|the|these|those|any|all"
    r"|values?|results?|outputs?)\s+)*"
    r"(?:stored?|saved?|kept|keep|available|there|known?|included?|remember(?:ed)?|memori[sz]ed|at hand|done)\b"
)
"""What is denied without the rest of the clause being denied."""
_ABOUT_THE_LAST: Final = re.compile(r"\W*(?:it|its|this|that|which|and|thus|hence|therefore|then)\b")
_COMPARED: Final = re.compile(
    r"\b(?:unlike|compared|comparison|contrary|contrast|than|against|versus|vs|opposed)\b"
)


_Forms = frozenset[tuple[str, ...]]
"""Rows of stems, any of which may stand for a word."""
_Known = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Phrase:
    """What the rubric looks for."""

    words: tuple[_Forms, ...]
    without: _Forms
    """What must not be in the clause, nor be what the clause is about."""
    is_alone: bool
    """Whether nothing else may be in the clause."""


@dataclass(frozen=True)
class _Clause:
    text: str
    stems: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    before: tuple[str, ...] = ()
    """The stems of the clause that a pronoun at its start is about; empty where there is none."""


def points_made(question: Question, text: str, synonyms: Synonyms) -> tuple[bool, ...]:
    """For each expected point whether it seems to be there; none is where the text says the contrary."""
    known = tuple((word, tuple(others)) for word, others in sorted(synonyms.items()))
    return _points_made(question.expect, question.contrary, text, known)


@lru_cache(maxsize=4096)
def _points_made(
    expect: tuple[Expected, ...], contrary: tuple[str, ...], text: str, known: _Known
) -> tuple[bool, ...]:
    """Kept: the same answers are marked again for every page of a class."""
    sentences = [_clauses(sentence) for sentence in prose.asserted(text)]
    clauses = list(dict.fromkeys(clause for sentence in sentences for clause in sentence))[:_MOST_CLAUSES]
    if any(_is_said(phrase(wanted, known), clauses) for wanted in contrary):
        return (False,) * len(expect)
    return tuple(_is_made(point, clauses, known) for point in expect)


def _is_made(point: Expected, clauses: Sequence[_Clause], known: _Known) -> bool:
    return (
        any(_is_said(phrase(wanted, known), clauses) for wanted in point.says)
        or any(_is_denied(phrase(wanted, known), clauses) for wanted in point.denies)
        or (bool(point.pattern) and any(_matches(point.pattern, clause) for clause in clauses))
    )


@lru_cache(maxsize=1024)
def phrase(written: str, known: _Known) -> Phrase:
    """A phrase as the rubric writes it: `-word` for what must not be there, a full stop for nothing else."""
    synonyms = dict(known)
    is_alone = written.endswith(".")
    words = [word for word in written.removesuffix(".").split() if not word.startswith("-")]
    without = [word[1:] for word in written.removesuffix(".").split() if word.startswith("-")]
    return Phrase(
        tuple(_forms(word, synonyms) for word in words),
        frozenset().union(*(_forms(word, synonyms) for word in without)),
        is_alone,
    )


def _forms(word: str, synonyms: Synonyms) -> _Forms:
    return frozenset(tuple(stem for stem, _ in _stems(one)) for one in (word, *synonyms.get(word, ())))


def _stems(text: str) -> list[tuple[str, tuple[int, int]]]:
    return [(_stem(match[0]), match.span()) for match in _WORD.finditer(text)]


@lru_cache(maxsize=8192)
def _stem(word: str) -> str:
    from snowballstemmer.english_stemmer import EnglishStemmer

    stem: str = EnglishStemmer().stemWord(word)
    return stem


def _clauses(sentence: str) -> list[_Clause]:
    sentence = re.sub(r"\bre-\s?(?=[a-z])", "re", sentence)
    found: list[_Clause] = []
    start = 0
    for stop, begin in [*(match.span() for match in _BREAKS.finditer(sentence)), (len(sentence),) * 2]:
        if clause := sentence[start:stop].strip():
            stems = _stems(clause)
            is_about = found and _ABOUT_THE_LAST.match(clause) and not _COMPARED.search(found[-1].text)
            before = found[-1].stems if is_about else ()
            found.append(
                _Clause(clause, tuple(s for s, _ in stems), tuple(span for _, span in stems), before)
            )
        start = begin
    return found


def _is_said(wanted: Phrase, clauses: Sequence[_Clause]) -> bool:
    return any(
        not _denies(clause, start, end) for clause in clauses for start, end in _places(wanted, clause)
    )


def _is_denied(wanted: Phrase, clauses: Sequence[_Clause]) -> bool:
    return any(_denies(clause, start, end) for clause in clauses for start, end in _places(wanted, clause))


def _matches(pattern: str, clause: _Clause) -> bool:
    match = re.search(pattern, clause.text, re.IGNORECASE)
    return match is not None and not _denies(clause, *match.span())


def _denies(clause: _Clause, start: int, end: int) -> bool:
    """Whether a clause denies what stands there in it."""
    text = clause.text
    borders = [match.start() for match in _NEW_SUBJECT.finditer(text)]
    begin = max((border for border in borders if border <= start), default=0)
    close = min((border for border in borders if border >= end), default=len(text))
    return bool(
        _NOT.search(_HARMLESS.sub(" ", text[begin:end]))
        or _JUST_BEFORE.search(text[begin:start])
        or _BEHIND.search(text[end:close])
    )


def _places(wanted: Phrase, clause: _Clause) -> Iterator[tuple[int, int]]:
    """Where all words of a phrase stand close together, as places in the clause's text."""
    each = [_occurrences(forms, clause.stems) for forms in wanted.words]
    if not all(each) or any(_occurrences(wanted.without, stems) for stems in (clause.stems, clause.before)):
        return
    latest: dict[int, tuple[int, int]] = {}
    count = 0
    for place, number in sorted((place, number) for number, found in enumerate(each) for place in found):
        latest[number] = place
        if len(latest) < len(each):
            continue
        start, end = min(one for one, _ in latest.values()), max(one for _, one in latest.values())
        is_whole = start == 0 and end == len(clause.stems) - 1
        if end - start < _CLOSE and (is_whole or not wanted.is_alone):
            yield clause.spans[start][0], clause.spans[end][1]
            count += 1
            if count == _MOST:
                return


def _occurrences(forms: _Forms, stems: Sequence[str]) -> list[tuple[int, int]]:
    """First and last place of each row of stems that is one of the forms."""
    starts = {form[0] for form in forms if form}
    if starts.isdisjoint(stems):
        return []
    return [
        (i, i + len(form) - 1)
        for i, stem in enumerate(stems)
        if stem in starts
        for form in forms
        if tuple(stems[i : i + len(form)]) == form
    ]
