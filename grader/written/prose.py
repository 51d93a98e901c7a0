"""The words around formulas: what denies or doubts what stands beside it.

A formula is a claim only where the text asserts it. Which words take that away is a list; what the list misses is
read as asserted, and where it goes too far a person reads the answer: neither is a zero.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from .struck import unstruck

FORMULA: Final = "\x00"
"""Stands for a formula among words."""
_ALIKE: Final = str.maketrans("аеорсухіѕоνɑ", "aeopcyxisova")
"""Letters of other alphabets that look like ours."""


def _any(phrases: str) -> str:
    """A pattern for any of the phrases, which commas part."""
    return rf"\b(?:{'|'.join(' '.join(phrase.split()) for phrase in phrases.split(','))})\b"


NO: Final = r"n't\b|" + _any(
    "not, never, nor, neither, cannot, no longer, in no way, in no case, by no means, hardly, far from, anything but,"
    "instead of, rather than, other than, as opposed to, opposite of, differs? from, different from, unlike, unequal,"
    "contrary to, refuted?, absurd, rules? out, impossible, fails? to,"
    "falso, falsa, onjuist, błędne, неверно, не,"
    "deny, denies, denied, reject(?:s|ed)?, exclude[sd]?, contradicts?, disproved?, nicht, pas"
)
_WRONG: Final = r"[❌✗✘❎🚫👎]|不对|错|間違|" + _any(
    "wrong(?:ly)?, incorrect(?:ly)?, false(?:ly|hood)?, untrue, invalid, mistakes?, mistaken, nonsense, bogus,"
    "erroneous(?:ly)?, fallacy, myth, rubbish, garbage, jok(?:e|ing), kidding, fake, falsch, faux, naive, misconception"
)
_DOUBT: Final = r"(?<!no )(?<!without )(?<!without a )\bdoubt(?:s|ed|ful)?\b|" + _any(
    "maybe, perhaps, guess(?:es|ed|ing)?, unsure, uncertain, no idea, no clue, possibly, who knows, whichever,"
    "suppose, to show, want to show, to prove,"
    "one of (?:them|these|those|both), supposedly, allegedly, so-called, if it were, pretend,"
    "only (?:if|when|for|where|holds?|true|valid|works?), unless,"
    "tempt(?:ed|ing), is claimed,"
    "(?:might|could|may|would|someone|somebody|people|many) (?:\\w+ )?(?:think|say|believe|guess|write|claim),"
    "(?:might|could|may) (?:also |well )?be(?! (?:\\w+ly )?(?:\\w+ed|written|rewritten|found|seen|put|left|done)\\b)"
)
_TAKEN_BACK: Final = _any(
    "(?:ignore|disregard|scrap|scratch|discard|delete|forget) (?:this|that|it|them|all|everything|above|my|what),"
    "(?:ignore|disregard|scrap|scratch|discard|delete|forget) the (?:above|following|answer|formula),"
    "cross(?:ed)? out, struck out, void, placeholder, todo, tbd, retract(?:ed)?, withdrawn?,"
    "i meant?, oops, nope, sign (?:is|must be|should be) (?:reversed|flipped),"
    "(?:minus|factor|sign)(?: sign)? (?:is |was )?missing, whose negative,"
    "(?:must|has to|have to|needs to) still be multiplied, drop the, should not be there, negative of this,"
    "is its negative, with a minus in front, different sign, chatgpt, absorbed, numerator layout, denominator layout,"
    "now includes?, i forgot the, mse, mean squared error, squared loss, quadratic loss,"
    "take (?:it|this|that) back, never ?mind, don't know, do not know, not sure, obsolete, old answer"
)
_BELITTLES: Final = re.compile(
    f"{_WRONG}|{_TAKEN_BACK}|"
    + _any(
        "useless, pointless, irrelevant, unaffected, unchanged, the same speed, for free, overrated, worthless,"
        "(?:costs?|changes?|means?|gains?) nothing, equally (?:fast|quick), no (?:difference|effect|impact|influence)"
    )
)
_HARMLESS: Final = re.compile(
    r"(?:\bnot|n't|\bnever|\bcannot|\bnicht|\bpas)\s+(?:(?:yet|necessarily|really|usually|to|be|have)\s+)*"
    + _any(
        "only, just, merely, differentiable, differenzierbar, différentiable, dérivable, defined,"
        " smooth, zero, 0, unique, continuous, an issue, a problem, exist,"
        "depend\\w*, needed, necessary, required, chang\\w+, matter, forget, confused, simplif\\w+, regulari[sz]ed,"
        "affect\\w*, involve\\w*, contain\\w*, us(?:e|es|ed), include\\w*, need\\w*, summed, elementwise, element-wise,"
        "an? (?:row|column|vector|matrix|scalar|number|sum), multiplied, transposed, of interest, of importance,"
        "vice versa, appear\\w*, shown, written, worked? out, known, the other way (?:round|around), becom\\w+,"
        "vanish\\w*, saturat\\w*, grow\\w*, shrink\\w*, reach\\w*"
    )
    + "|"
    + _any(
        "hardly (?:ever )?matters?, (?:predictions?|labels?|networks?|models?|units?) (?:is|are|was|were) wrong,"
        "false (?:positives?|negatives?), (?:zero|0|positive|negative) only (?:if|when|for|where),"
        "(?:sub-?gradients?|signs?|values?) (?:may|might|could) be"
    )
)
"""What is denied without any formula's being denied: "not differentiable at 0", "do not forget"."""
_AGAINST: Final = re.compile(f"{NO}|{_WRONG}")
_ANY: Final = re.compile(f"{_WRONG}|{_DOUBT}|{_TAKEN_BACK}")
_OPENLY: Final = re.compile(f"{_DOUBT}|{_TAKEN_BACK}")
_VERB: Final = _any(
    "is, are, was, were, would, will, can, could, does, do, did, has, had, seems?, looks?, isn, aren, wasn,"
    "can't, cannot, it's, must, should, may, might"
)
_BACKWARDS: Final = re.compile(rf"\W*(?:(?:which|that|this|it)\W+)?{_VERB}")
"""How words begin that are about the formula before them."""
_ABOUT_IT: Final = re.compile(
    r"(?:(?:but|and|however|actually|in fact|sorry|of course|note|edit|update|no|wait|hmm|oops|ps|correction|well)"
    r"\W+)*+"
    + _any(
        "this, that, it, which, the above, above, these, those, they, all, everything, i, my (?:answer|formula|result),"
        "the (?:answer|formula|result|equation|expression|line|claim)"
    )
)
"""How sentences begin that are about what stands before them."""
_CLAUSES: Final = re.compile(
    r"[,;:()—–]|\s-\s|\band\b|(?<!anything )\bbut\b|(?<!that )(?<!do )(?<!\w)(?=we (?:get|have|obtain|find)\b)"
)
_CONSEQUENCE: Final = re.compile(r"\W*(?:so|hence|thus|therefore|then|giving|consequently|we)\b")
_SENTENCES: Final = re.compile(r"(?<=[.!?])(?<!\b\w\.)[)\]\"']*(?=\s|$)")
_OR: Final = re.compile(r"/|(?:or|resp|respectively|alternatively|otherwise|else|vs|versus)\b")
_WORDS_INSIDE: Final = re.compile(
    r"\\(?:text|mathrm|textrm|textbf|textit|mbox|operatorname|mathit|mathbf|tag)\w*\*?\s*\{([^{}]*)\}"
)
_BULLET: Final = re.compile(r"\s*(?:[-*+•]\s+|\(?\d+(?:\.\d+)*[.)]\s*|\(\w\)\s*)*")
_LEFT_OUTSIDE: Final = re.compile(
    r"(?=.*[\d+*/·×^½²³≠¬−-])(?!.*[-=]>)[\d()+−=/^*·×½²³≠¬<>!&;\s-]+|.*(?:≠|!=|<>|&ne;)\s*"
)
"""The words of a line before a formula, where they are a part of the formula: it stands outside the dollars."""
_RIGHT_OUTSIDE: Final = re.compile(r"[\s`]*+(?:[\^/²³½]|\)\s*[\^/²³]|(?:[+·×]|\*(?!\*))\s*[\w(]|[-−]\s*\d)")
"""How they go on behind one."""
_CHANGED_AHEAD: Final = re.compile(
    r"(?:^|\W)(?:twice|half|roughly|approximately|proportional to|(?:less|greater|larger|smaller) than|ignore|forget"
    r"|for contradiction|(?:negative|square|inverse|sign|half|absolute value) of)(?: the)?[\s,:]*",
    re.IGNORECASE,
)
_CHANGES: Final = (
    r"times|multipl\w+|divided|squared|cubed|halved|doubled|transposed?|inverse|averaged|summed|flipped|negated|plus|minus"
    r"|(?:with )?(?:the )?opposite"
)
_CHANGED_BEHIND: Final = re.compile(
    rf"[\s,()`]*(?:but |and |then )*(?:up to (?:the |a )?(?:sign|factor|constant)|with the sign|or (?:the|its) negative"
    rf"|(?:{_CHANGES})\b|fails\b|nope\b|clipped|normali[sz]ed|take the absolute|\+ ?momentum|with (?:\+ ?)?momentum"
    r"|with (?:λ|η|lambda|eta) (?:negative|zero))",
    re.IGNORECASE,
)
"""Words that make something else of the formula that they end before, or begin behind."""
_CASE: Final = (
    r"(?:if|when|whenever|as long as|so long as|provided(?: that)?|in case|assuming(?: that)?|given that"
    r"|supposing(?: that)?|for|while)\s+(?:the )?(?:true )?(?:"
    r"(?:[hyaxwz]\w{0,3}|label|output|prediction|target|class)(?:\^?[({[]*\d[)}\]]*)?\s*(?:is )?"
    r"(?:[<>≤≥]|=\s*[01]\b|(?:larger|greater|bigger|smaller|less|higher|lower|more) than|positive|negative|equals?\b"
    r"|non-?zero|zero\b|one\b|[01]\b)|(?:positive|negative) (?:examples?|labels?|weights?|class(?:es)?|entries))"
    r"(?![^.;\n]{0,80}\b(?:or|otherwise|else|gives)\b)"
)
_IN_SOME_CASES: Final = re.compile(rf"\W*(?:but |and |only )*{_CASE}", re.IGNORECASE)
"""Words behind a formula that say it for some values of its symbols only."""
_IN_ONE_CASE: Final = re.compile(rf"(?<!\w){_CASE}[^.;\n$]{{0,30}}$", re.IGNORECASE)
"""The same before one."""
_EMPHASIS: Final = re.compile(r"(?<![*_])(?:\*{1,3}|_{1,3})$")
"""Bold or italic type that begins before a formula."""
_NEAR: Final = 80
"""Characters of words before a formula that are looked at for what changes it."""
_EDIT: Final = r"\b(?:edit|correction|corrected|erratum)\b"
_CORRECTS: Final = re.compile(
    rf"{_EDIT}[^\w]*$|{_EDIT}[^\x00]{{0,160}}?\bthe (?:correct|right|corrected) "
    r"(?:one|answer|result|version|formula|gradient|update|rule|expression) (?:is|reads)\W*$"
)
_CONCLUDES: Final = re.compile(
    r"\b(?:answer|result|hence|thus|therefore|simplif\w+(?: to)?|equals?|equal to|that is|equivalently|becomes|comes to"
    r"|precisely|rather|actually|sorry|instead)\W*(?:is|are)?\W*$"
    r"|\b(?:must|has to|have to|needs? to|still|then|finally)\b[^.\n]{0,30}\bmultipl\w+\b[^.\n]{0,40}$"
    r"|\bi\.?e\.?\W*$|\b(?:i )?meant?\W*$|\b(?:oops|nope)\W*$"
)
_SPEAKS_OF: Final = re.compile(
    r"\b(?:terms?|errors?|contains?|depends?|sum of|half|minus|sign|suppose|to show|assume|difference|proportional)\b"
)
_RIGHT_ONE: Final = re.compile(
    r"\b(?:correct|right|corrected|real|true) (?:one|answer|result|version|formula|gradient|update|rule|expression)"
    r" (?:is|reads|would be|should be)\W*$|\b(?:should|must) (?:be|read)\W*$"
)
_PAST: Final = re.compile(
    r"(?:^|[.(\n\x00])\s*i (?:had|got) the \w+ wrong (?:at first|first|initially)(?=\W*(?:$|[.)\n\x00]))"
)
"""What is said of a mistake that is no longer there."""


def doubts(pieces: Sequence[str]) -> list[str]:
    """For each formula of an answer what denies, doubts or changes it around it; empty where the text asserts it.

    `pieces` are words and formulas in turn, words first and last.
    """
    words = [plain(piece) for piece in pieces[::2]]
    for i, formula in enumerate(pieces[1::2]):
        if formula.rstrip().endswith((".", "!", "?")):  # a sentence that ends inside the mathematics
            words[i + 1] = f"{formula.rstrip()[-1]} {words[i + 1]}"
    inside = [_words_inside(piece) for piece in pieces[1::2]]
    count = len(inside)
    found = [""] * count
    number = 0
    for sentence in _SENTENCES.split(FORMULA.join(words)):
        segments = sentence.split(FORMULA)
        here = range(number, number + len(segments) - 1)
        number += len(segments) - 1
        for i, why in enumerate(_of_sentence(segments)):
            if i < len(here):
                found[here[i]] = found[here[i]] or why
        if not here and (why := _of_words(sentence)):
            found = [one or why for one in found]
    inside = [_in_text(piece) or against(said) for piece, said in zip(pieces[1::2], inside, strict=True)]
    around = [_changed(pieces[i - 1], pieces[i + 1], i == 1) for i in range(1, len(pieces), 2)]
    return [one or said or other for one, said, other in zip(found, inside, around, strict=True)]


def _changed(before: str, behind: str, is_first: bool) -> str:
    """What changes a formula from outside its dollars, on its line, as far as can be told; empty where nothing does."""
    ahead = before.rpartition("\n")[2]
    if is_first or "\n" in before:
        ahead = ahead[_BULLET.match(ahead).end() :]  # type: ignore[union-attr]
    mark = _EMPHASIS.search(ahead)
    if mark and behind.startswith(mark[0]):
        ahead, behind = ahead[: mark.start()], behind[len(mark[0]) :]
    if ahead.strip() and _LEFT_OUTSIDE.fullmatch(ahead):
        return ahead.strip()
    *_, words = ahead[-_NEAR:].rpartition("$")
    changed = [match for match in _CHANGED_AHEAD.finditer(words) if match.end() == len(words)]
    following = behind.partition("\n")[0]
    found = (
        changed[0]
        if changed
        else _RIGHT_OUTSIDE.match(following)
        or _CHANGED_BEHIND.match(following)
        or _IN_SOME_CASES.match(following)
        or _IN_ONE_CASE.search(words)
    )
    return found[0].strip(" ,:(") if found else ""


def changes(text: str) -> str:
    """The words of a text, wherever they stand, that make something else of a formula."""
    match = re.search(rf"(?<![\\\w])(?:{_CHANGES})\b", text, re.IGNORECASE)
    return match[0] if match else ""


def against(text: str) -> str:
    """The words of a text, wherever they stand in it, that deny or doubt something; empty where none do."""
    said = _harmless_left_out(plain(text))
    match = _AGAINST.search(said) or _ANY.search(said)
    return match[0] if match else ""


def corrects(words: str, is_alone: bool = False) -> bool:
    """Whether words before a formula announce that it replaces what was said before: "EDIT: the correct rule is".

    `is_alone`: nothing is said of what it is; without an edit, "the correct answer is" may say that, too.
    """
    said = plain(words)[-200:]
    return bool(_CORRECTS.search(said) or (is_alone and _RIGHT_ONE.search(said)))


def concludes(words: str) -> bool:
    """Whether words before a formula make it what the formula before comes to: "which simplifies to"."""
    return _CONCLUDES.search(plain(words)[-_NEAR:]) is not None


def speaks_of(words: str) -> bool:
    """Whether words before a formula say something of it, and not that it is the answer."""
    return _SPEAKS_OF.search(plain(words)) is not None


def announces(words: str) -> bool:
    """Whether words speak of a correction, wherever that stands."""
    return re.search(_EDIT, plain(words)) is not None


def offers(words: str) -> str:
    """How words between two formulas offer the second for the first: "or"; "beside" where there are none; or empty."""
    words = plain(words).lstrip(" \n,;&|")
    return "beside" if words.strip() in ("", "and") else "or" if _OR.match(words) else ""


def plain(words: str) -> str:
    """Words as they are read: without mark-up, entities, invisible characters and capitals."""
    words = html.unescape(re.sub(r"<[^<>]*>", " ", words))
    if not words.isascii():
        words = unicodedata.normalize("NFKC", words)
        words = "".join(c for c in words if unicodedata.category(c) != "Cf").replace("’", "'")
    words = words.lower()
    return re.sub(r"[*_`#>|\\]+", "", words.translate(_ALIKE))


def asserted(text: str) -> Iterator[str]:
    """The sentences of a text of words, plain, without those that belittle something or are taken back behind it."""
    sentences = _SENTENCES.split(plain(unstruck(text)).replace("\n\n", ". "))
    for sentence, behind in zip(sentences, (*sentences[1:], ""), strict=True):
        if not _BELITTLES.search(_harmless_left_out(sentence)) and not _takes_back(behind):
            yield sentence


def _takes_back(sentence: str) -> bool:
    """Whether a sentence of words takes back the one before: "This is wrong.", "Not!"."""
    said = _harmless_left_out(sentence).strip(" \n,;:-")
    is_short = len(said.split()) <= 3
    if re.search(f"{_WRONG}|{_TAKEN_BACK}", said):
        return is_short or _ABOUT_IT.match(said) is not None
    return is_short and (_AGAINST.search(said) or re.fullmatch(r"(?:no|nope|nah)\W*", said)) is not None


def _of_sentence(segments: Sequence[str]) -> Iterator[str]:
    """For each formula in a sentence what denies or doubts it; `segments` are the words around them."""
    last = len(segments) - 1
    shared = ""
    for segment in segments if last else ():
        if match := _OPENLY.search(_harmless_left_out(segment)):
            shared = match[0]
    if last and segments[-1].rstrip().endswith("?"):
        shared = "?"
    before = ""
    for i in range(last):
        before = before if i and _goes_with(segments[i]) else ""  # neither this nor that
        before = before or _ahead(segments[i], is_first=i == 0)
        yield shared or before or _behind(segments[i + 1], is_last=i + 1 == last)


def _goes_with(between: str) -> bool:
    """Whether words between two formulas join the second to the first, so that what is said of one is said of both."""
    return between.strip(" \n,;:&|/") in ("", "and", "or", "nor")


def _ahead(segment: str, *, is_first: bool) -> str:
    """What of the words before a formula is against it."""
    parts = _clauses(segment)
    if is_first:
        start = max((i for i, part in enumerate(parts) if i and _CONSEQUENCE.match(part)), default=0)
        parts = parts[start:]
    else:
        parts = [part for part in parts[-2:] if part.strip()][-1:] if len(parts) > 1 else parts
    return _against(parts)


def _behind(segment: str, *, is_last: bool) -> str:
    """What of the words behind a formula is against it."""
    parts = _clauses(segment)
    if is_last:
        return _against(parts)
    first = parts[0] if parts[0].strip() or len(parts) == 1 else parts[1] if len(parts) > 2 else ""
    return _against([first]) if _BACKWARDS.match(first) else ""


def _clauses(segment: str) -> list[str]:
    return _CLAUSES.split(_harmless_left_out(segment))


def _against(parts: Sequence[str]) -> str:
    return next((match[0] for part in parts if (match := _AGAINST.search(part))), "")


def _of_words(sentence: str) -> str:
    """What of a sentence without a formula is against all that was written."""
    said = _harmless_left_out(sentence)
    if match := _ANY.search(said):
        return match[0]
    if re.fullmatch(r"\W*(?:no|nope|nah)\W*", said):
        return said.strip()
    match = _AGAINST.search(said)
    if match and (_ABOUT_IT.match(said.strip(" \n,;:-")) or len(said.split()) <= 3):
        return match[0]
    return ""


def _harmless_left_out(words: str) -> str:
    return _HARMLESS.sub(" ", _PAST.sub(" ", words))


def _in_text(formula: str) -> str:
    """What words within a formula make of it: "if y = 1", "negated"."""
    said = [plain(words) for words in _WORDS_INSIDE.findall(formula)]
    changed = re.search(r"\b(?:negated|flipped|reversed|squared|halved)\b", " ".join(said))
    cases = [case for words in said if (case := _IN_SOME_CASES.match(words))]
    return changed[0] if changed else cases[0][0].strip() if cases else ""


def _words_inside(formula: str) -> str:
    """The words of a formula's own `\\text{...}`, plain."""
    found = _WORDS_INSIDE.findall(formula)
    return " ".join([*found, *(["not"] if re.search(r"\\not(?![A-Za-z])", formula) else [])])
