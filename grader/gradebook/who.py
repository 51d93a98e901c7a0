"""Which hand-in somebody means who types an id, the beginning of one, a name, a number or a login."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping

from ..errors import UsageError
from ..model import Person
from ..report.safe_text import one_line

_NEAR = 5
"""How many are offered."""


def meant(word: str, persons: Mapping[str, Iterable[Person]], where: str = "") -> str:
    """The id of the hand-in that is meant; `persons` are those of each hand-in, by its id.

    The id itself comes first, then a number, a login, an e-mail address or a whole name, then the beginning of an id, a
    login or a name. `UsageError` with the nearest ids where none is meant, and with all of them where several are.
    """
    if word in persons:
        return word
    typed = _plain(word)
    exact = [id for id, known in persons.items() if typed in {_plain(id), *_exact(known)}]
    begun = [
        id for id, known in persons.items() if any(w.startswith(typed) for w in (_plain(id), *_begun(known)))
    ]
    for found in (exact, begun if typed else []):
        if len(found) == 1:
            return found[0]
        if found:
            some = ", ".join(_shown(id, persons[id]) for id in found[:_NEAR])
            more = f" and {len(found) - _NEAR} more" if len(found) > _NEAR else ""
            raise UsageError(f"{word!r} can be {len(found)} hand-ins{where}: {some}{more}; type more of one")
    near = _nearest(typed, persons)
    some = ", ".join(_shown(id, persons[id]) for id in near)
    told = f"did you mean {some}?" if some else "no id, name, number or login is like it"
    raise UsageError(f"there is no hand-in {word!r}{where}; {told}")


def _nearest(typed: str, persons: Mapping[str, Iterable[Person]]) -> list[str]:
    """Ids, the nearest first."""
    forms = {id: [_plain(id), *_exact(known), *_begun(known)] for id, known in persons.items()}
    like = {
        id: max(difflib.SequenceMatcher(None, typed, form).ratio() for form in own)
        for id, own in forms.items()
    }
    near = [id for id in sorted(like, key=lambda id: (-like[id], id)) if like[id] >= 0.5]
    return near[:_NEAR] or sorted(persons)[:_NEAR]


def _exact(persons: Iterable[Person]) -> set[str]:
    found = set()
    for one in persons:
        found |= {_plain(text) for text in (one.number, one.login, one.email, one.course_id)} | _names(one)
    return found - {""}


def _begun(persons: Iterable[Person]) -> set[str]:
    found = set()
    for one in persons:
        found |= {_plain(one.login)} | _names(one)
    return found - {""}


def _names(person: Person) -> set[str]:
    """Of `Doe, Jane` and of `Jane Doe` both forms."""
    family, comma, first = person.name.partition(",")
    if not comma:
        first, _, family = person.name.rpartition(" ")
    return {_plain(f"{first} {family}"), _plain(f"{family} {first}"), _plain(f"{family}, {first}")} - {
        "",
        ",",
    }


def _plain(text: str) -> str:
    """Without case, accents, and space that says nothing."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in folded if not unicodedata.combining(c)).split())


def _shown(id: str, persons: Iterable[Person]) -> str:
    names = " and ".join(one.name for one in persons if one.name)
    return one_line(f"{id} ({names})" if names else id)
