"""The page: what students wrote is text and nothing else, names are hidden, nothing is fetched and nobody is judged."""

from __future__ import annotations

import re
from functools import cache

import msgspec

from grader.similar import Similar, Work, compare, page
from tests.conftest import ROOT
from tests.similar.sources import SHARED, class_of, own, work

HOSTILE = "</pre><script>alert(1)</script><img src=x onerror=alert(2)>\x1b[31m\u202e"


@cache
def found() -> Similar:
    comment = f"# the gradeint {HOSTILE}\nname_of_mine = '{HOSTILE}'\n"
    persons = {"names": f"Ana {HOSTILE}", "link": "t0/report.html"}
    works = [work("t0", own(100), comment + SHARED, **persons), work("t1", own(101), comment + SHARED)]
    outside = [Work(f"old/Bea {HOSTILE}", source=f"old {HOSTILE}", code={f"{HOSTILE}.py": SHARED})]
    return compare(f"Test {HOSTILE}", [*class_of(30), *works, *outside], left_out={f"Cem{HOSTILE}": HOSTILE})


def test_nothing_of_students_is_markup():
    html = page.render(found())
    assert "gradeint" in html
    assert "&lt;script&gt;" in html
    assert not re.search(r"<(?:script|img)|\x1b|\u202e", html)


def test_it_needs_no_network_and_no_script():
    html = page.render(found())
    assert "default-src 'none'" in html
    assert not re.search(r"https?://|url\(|@import|<link|<script", html)


def test_names_are_hidden_until_asked_for():
    html = page.render(found())
    outside_names = re.sub(r'<(span|p) class="named">.*?</\1>', "", html)
    assert "Ana" in html
    assert "Ana" not in outside_names
    assert ">t1<" not in outside_names
    assert "Bea" in html
    assert "Bea" not in outside_names
    assert "Cem" not in re.sub(r'<b class="named">.*?</b>', "", outside_names)


def test_nobody_is_judged():
    html = page.render(found()).casefold()
    assert not re.search("plagiar|cheat|guilt|suspect|copied|offen[cs]e", html)


def test_the_word_is_nowhere():
    """Not in what is said, nor in the code and its documentation."""
    files = [
        *ROOT.glob("grader/**/*.py"),
        *ROOT.glob("grader/**/*.j2"),
        *ROOT.glob("docs/*.md"),
        ROOT / "README.md",
    ]
    assert len(files) > 300
    assert not [path for path in files if b"plagiari" in path.read_bytes().lower()]


def test_the_same_comparison_is_the_same_page():
    again = msgspec.json.decode(msgspec.json.encode(found()), type=Similar)
    assert page.render(again) == page.render(found())


def test_where_more_are_above_the_line_than_are_shown_it_is_said():
    result = found()
    pair = next(one for one in result.pairs if one.is_above)
    many = tuple(msgspec.structs.replace(pair, evidence=()) for _ in range(300))
    assert "Not all are here" in page.render(msgspec.structs.replace(result, pairs=many))
    assert "Not all are here" not in page.render(msgspec.structs.replace(result, pairs=many[1:]))


def test_a_small_class_is_told_so_and_an_empty_one_is_a_page():
    assert "Small class" in page.render(compare("Test", class_of(5)))
    assert "Small class" not in page.render(found())
    assert "No two hand-ins share so much" in page.render(compare("Test", []))
