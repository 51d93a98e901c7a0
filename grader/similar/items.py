"""Single things that two hand-ins share and few others have: comments, texts, names and words; and named mistakes."""

from __future__ import annotations

import hashlib
import keyword
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

import numpy as np

from . import lexing
from .hand_in import Work
from .lexing import Token
from .rarity import Kind, counts, matrix, most, shared, weigh
from .result import Evidence, Excerpt, KindName, excerpt

MOST_ITEMS = 12
"""Of a pair that are shown."""
_LONGEST = 200
"""Characters of a comment or text that are compared."""
_WORD = re.compile(r"[^\W\d_]++")
_QUOTES = re.compile(r"\A[A-Za-z]{0,2}['\"]{1,3}|['\"]{1,3}\Z")
_BESIDE = "beside it, both have a line of the same form"
MOST_LINES = 3
"""Of those that are shown beside a mistake."""
_LEAST_LINE = 6
"""Tokens of a line that is shown."""
_LEAST_WORDS, _LEAST_TEXT, _LEAST_NAME, _LEAST_WORD = 3, 8, 4, 5
"""What is shorter is alike by chance: words of a comment, characters of a text, a name, a word."""
Own = dict[str, tuple[str, int]]
"""What a hand-in has, in words, to its file and line."""


def words(works: Sequence[Work], given: Iterable[str], members: int) -> Kind:
    """The kind of evidence that comments, texts, names and words are; `given` is the code that was handed out."""
    known: Own = {}
    for source in given:
        known |= said({"": source})
    owned = [{item: at for item, at in said(work.code).items() if item not in known} for work in works]
    return _kind("words", owned, [work.code for work in works], members)


def said(code: Mapping[str, str]) -> Own:
    """All that is in words in some files, each with the first place where it stands."""
    found: Own = {}
    for file, source in code.items():
        for piece in lexing.pieces(source):
            for item in _in(piece):
                found.setdefault(item, (file, piece.line))
    return found


def _in(piece: lexing.Piece) -> list[str]:
    if piece.kind == "name":
        name = piece.text[:_LONGEST]
        is_own = len(name) >= _LEAST_NAME and not keyword.iskeyword(name) and not lexing.is_library(name)
        return [f"name {name}"] if is_own else []
    if piece.kind not in ("comment", "text"):
        return []
    text = piece.text[:_LONGEST]
    found = _WORD.findall(text.casefold())
    items = [f"word {word}" for word in found if len(word) >= _LEAST_WORD]
    if piece.kind == "comment" and len(found) >= _LEAST_WORDS:
        items.append(f"comment {' '.join(found)}")
    bare = _QUOTES.sub("", text)
    if piece.kind == "text" and len(bare) >= _LEAST_TEXT and found:
        items.append(f"text {' '.join(bare.split())}")
    return items


def mistakes(works: Sequence[Work], code: Sequence[Mapping[str, Sequence[Token]]], members: int) -> Kind:
    """The kind of evidence that named mistakes are; `code` has the tokens of each hand-in's files.

    Where the diagnosis says in which line, the same line is rarer than the mistake, and weighs more. Where it does not,
    lines that few have and both of them are shown beside it, and weigh nothing here: they do so as runs of code.
    """
    owned, within = [], {}
    for work in works:
        own: Own = {}
        for one in work.mistakes:
            item = f"{one.question}: {one.name}"
            own[item] = next(iter(one.lines.values()), ("", 0))
            for form, place in one.lines.items():
                own[f"{item}, in the same line: {form}"] = place
                within[f"{item}, in the same line: {form}"] = item
        owned.append(own)
    texts = [work.code for work in works]
    kind = _kind("mistakes", owned, texts, members, within)
    lines = list(map(_lines, code))
    have = Counter(form for own in lines[:members] for form in own)

    def evidence(i: int, j: int) -> list[Evidence]:
        if not (found := kind.evidence(i, j)):
            return []
        both = sorted((have[form], form) for form in lines[i].keys() & lines[j].keys())
        rare = [(count, form) for count, form in both if count <= most(members)]
        for count, form in rare[:MOST_LINES]:
            left, right = _line(lines[i][form], texts[i]), _line(lines[j][form], texts[j])
            found.append(Evidence("mistakes", _BESIDE, count, 0.0, left, right))
        return found

    return Kind("mistakes", kind.amounts, evidence)


def _lines(code: Mapping[str, Sequence[Token]]) -> Own:
    """Lines by their normal form, each where it first stands; none that is too short to be anybody's own."""
    found: Own = {}
    for file, tokens in code.items():
        for number, own in groupby(tokens, key=lambda token: token.line):
            words = [token.word for token in own]
            if len(words) >= _LEAST_LINE:
                found.setdefault(" ".join(words), (file, number))
    return found


def _kind(
    name: KindName,
    owned: Sequence[Own],
    texts: Sequence[Mapping[str, str]],
    members: int,
    within: Mapping[str, str] | None = None,
) -> Kind:
    """`within`: what is one of several forms of something that weighs by itself, to that."""
    hashed = [np.unique(np.fromiter(map(_hash, own), np.uint64)) for own in owned]
    has, features = matrix(hashed)
    have = counts(has, members)
    place = {one: i for i, one in enumerate(features.tolist())}
    among = np.full(len(features), float(members))
    for form, whole in (within or {}).items():
        among[place[_hash(form)]] = have[place[_hash(whole)]]
    limit = most(members)

    def evidence(i: int, j: int) -> list[Evidence]:
        both = [(have[place[_hash(item)]], item) for item in owned[i].keys() & owned[j].keys()]
        rare = sorted((int(count), -len(item), item) for count, item in both if count <= limit)
        found = []
        for count, _, item in rare[:MOST_ITEMS]:
            left, right = _line(owned[i][item], texts[i]), _line(owned[j][item], texts[j])
            found.append(Evidence(name, item[:_LONGEST], count, weigh(count, members), left, right))
        return found

    return Kind(name, shared(has, members, among), evidence)


def _hash(item: str) -> int:
    return int.from_bytes(
        hashlib.blake2b(item.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little"
    )


def _line(place: tuple[str, int], texts: Mapping[str, str]) -> Excerpt | None:
    file, number = place
    if not number:
        return None
    return excerpt(file, number, texts[file].split("\n")[number - 1 : number])
