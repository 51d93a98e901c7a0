"""The pages of `grade review`, asked as a browser without script asks them."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from urllib.parse import quote

import pytest

from grader.gradebook import Gradebook, MarkRecord
from tests.desks import Desk, Member
from tests.review.conftest import SLOW
from tests.review.serving import Client, Server, serving


def marks(desk: Desk, question: str = "Q1.6") -> dict[str, MarkRecord]:
    with Gradebook(desk.out, create=False, read_only=True) as book:
        found = book.marks("ps3")
    return {id: own[question] for id, own in found.items() if question in own}


def of(kim: Client, text: str, question: str = "Q1.6") -> str:
    """The path of an answer with a text."""
    first = path = kim.first(question)
    while True:
        page = kim.get(path).text
        if text in page.partition("What the grader read")[0]:
            return path
        found = re.search(r'href="([^"?]+)\?[^"]*" data-key="n"', page)
        assert found, f"no answer behind {first} says {text}"
        path = found[1]


@pytest.mark.slow
def test_the_first_page_says_what_waits(kim: Client):
    text = " ".join(re.sub(r"<[^>]+>", " ", kim.get("/").text).split())
    assert "Q1.6 Backpropagation without stored activations 8 8 6 0 0" in text
    assert "Q2.5" in text
    assert "student-" not in text


@pytest.mark.slow
def test_an_answer_is_anonymous_until_it_is_asked_for_and_so_is_the_code(kim: Client):
    path = kim.first("Q1.6")
    page = kim.get(path).text
    assert "student-" not in page and "Name " not in page and "secret_of_the_code" not in page
    assert re.search(r"Name \d \(student-\d\)", kim.get(f"{path}?who=1").text)
    code = kim.get(f"{path}?code=1").text
    assert "secret_of_the_code = &#39;&lt;b&gt;&#39;" in code
    assert "student-" not in code


@pytest.mark.slow
def test_a_hand_in_is_found_by_a_part_of_its_name_or_id(kim: Client):
    found = kim.get("/find?who=STUDENT-3").text
    (link,) = re.findall(r'<li><a href="([^"]+)">[^<]*student-3[^<]*</a>', found)
    assert "The whole hand-in" in kim.get(link).text
    everybody = kim.get("/find?who=name").text
    assert len(re.findall("<li>", everybody)) == 8 and "8 found." in everybody


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", "nobody of this name", "<script>alert(1)</script>", "%00", "x" * 1000])
def test_looking_for_what_is_nowhere_finds_nothing_and_shows_no_markup(kim: Client, text: str):
    found = kim.get(f"/find?who={quote(text)}").text
    assert "student-" not in found and "<script>alert" not in found
    assert ("No graded hand-in has" if text else "A part of the name") in found


@pytest.mark.slow
def test_a_save_is_in_the_gradebook_and_leads_to_the_next(desk: Desk, kim: Client):
    path = kim.first("Q1.6")
    done = kim.save(path, "1", "5", note="Good.", adjust="-0,5")
    assert done.status == 303
    assert done.location.startswith("/q/Q1.6/") and done.location != path
    (record,) = marks(desk).values()
    assert (record.mark.by, record.mark.note, str(record.mark.points)) == ("kim", "Good.", "2.5")
    assert [item.text for item in record.mark.items] == [
        "activations have to be computed again", "it becomes slower",
    ]  # fmt: skip
    after = kim.get(done.location).text
    assert "Saved: 2.5 of 5 points." in after
    assert "Saved:" not in kim.get(done.location).text
    assert '<option value="Good.">' in after


@pytest.mark.slow
def test_nothing_chosen_is_no_zero(desk: Desk, kim: Client):
    path = kim.first("Q1.6")
    refused = kim.save(path)
    assert refused.status == 400
    assert "press the key of an item" in refused.text
    assert "both chosen" in kim.save(path, "1", none="1").text
    assert marks(desk) == {}
    assert kim.save(path, none="1").status == 303
    assert [record.mark.points for record in marks(desk).values()] == [0]


@pytest.mark.slow
def test_a_group_is_marked_at_once_and_taken_back_at_once(desk: Desk, kim: Client):
    path = of(kim, SLOW[:20])
    assert "and 2 of the same text that wait" in kim.get(path).text
    done = kim.save(path, "1", group="same")
    assert "Saved: 2 of 5 points for 3 answers." in kim.get(done.location).text
    assert {id: record.mark.points for id, record in marks(desk).items()} == {
        f"student-{n}": 2 for n in range(3)
    }
    back = kim.post("/undo", {})
    assert back.location == path
    assert "Taken back: the last mark of 3 answers." in kim.get(path).text
    assert marks(desk) == {}
    with Gradebook(desk.out, create=False, read_only=True) as book:
        assert [record.withdrawn for record in book.all_marks()] == [False] * 3 + [True] * 3


@pytest.mark.slow
def test_a_group_is_shown_before_it_is_marked(kim: Client):
    path = of(kim, SLOW[:20])
    (link,) = re.findall(r'href="([^"]+/group/same)"', kim.get(path).text)
    page = kim.get(link).text
    assert page.count(SLOW) == 3 and "2 like it that wait" in page
    assert "student-" not in page
    for other in re.findall(r'href="(/q/Q1\.6/\w+)">Answer', page):
        assert SLOW in kim.get(other).text
    assert kim.get(f"{path}/group/alike").status == 200


@pytest.mark.slow
def test_an_answer_says_how_many_are_left(kim: Client):
    path = kim.first("Q1.6")
    assert "which waits; 8 wait; 5 points" in kim.get(path).text
    kim.save(path, "1")
    assert "which is decided; 7 wait; 5 points" in kim.get(path).text


@pytest.mark.slow
def test_one_of_a_group_is_taken_back_alone_and_the_others_stay(desk: Desk, kim: Client):
    path = of(kim, SLOW[:20])
    kim.save(path, "1", group="same")
    done = kim.post(path, {**kim.form(path), "do": "withdraw"})
    assert done.status == 303
    assert len(marks(desk)) == 2


@pytest.mark.slow
def test_undo_brings_the_mark_before_back(desk: Desk, kim: Client):
    path = kim.first("Q1.6")
    kim.save(path, "1")
    kim.save(path, "5")
    assert [record.mark.points for record in marks(desk).values()] == [1]
    kim.post("/undo", {})
    assert [record.mark.points for record in marks(desk).values()] == [2]
    kim.post("/undo", {})
    assert marks(desk) == {}
    assert "nothing of yours to take back" in kim.get(kim.post("/undo", {}).location).text


@pytest.mark.slow
def test_two_tabs_in_conflict_are_both_shown_and_neither_is_lost(desk: Desk, server: Server, kim: Client):
    lee = Client(server)
    lee.begin()
    lee.post("/me", {"name": "lee"})
    path = kim.first("Q1.6")
    old = kim.form(path)
    assert lee.save(path, "5", note="Mine").status == 303
    crossing = kim.post(path, {**old, "do": "save", "item": kim.items(path)["1"], "note": "No, mine"})
    assert crossing.status == 409
    assert "lee has marked this since" in crossing.text
    assert "+2 activations have to be computed again" in crossing.text and "note: No, mine" in crossing.text
    assert "it becomes slower" in crossing.text
    assert [record.mark.by for record in marks(desk).values()] == ["lee"]
    page = crossing.text
    again = {**dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)), "do": "save"}
    assert kim.post(path, {**again, "item": kim.items(path)["1"], "note": "No, mine"}).status == 303
    with Gradebook(desk.out, create=False, read_only=True) as book:
        assert [(record.mark.by, record.mark.note) for record in book.all_marks()] == [
            ("lee", "Mine"), ("kim", "No, mine"),
        ]  # fmt: skip
    assert "cannot be taken back: kim has marked" in lee.get(lee.post("/undo", {}).location).text


@pytest.mark.slow
def test_a_mark_of_the_command_line_is_a_conflict_too(desk: Desk, kim: Client):
    path = of(kim, "faster")
    old = kim.form(path)
    assert desk("mark", "student-6", "Q1.6", "1").code == 0
    crossing = kim.post(path, {**old, "do": "save", "none": "1"})
    assert crossing.status == 409
    assert "has marked this since" in crossing.text


@pytest.mark.slow
def test_what_somebody_else_has_open_is_passed_over(server: Server, kim: Client):
    lee = Client(server)
    lee.begin()
    path = kim.first("Q1.6")
    kim.get(path)
    other = lee.first("Q1.6")
    assert other != path
    assert "has this answer open as well" in lee.get(path).text


@pytest.mark.slow
def test_skipped_and_flagged(desk: Desk, server: Server, kim: Client):
    path = kim.first("Q1.6")
    on = kim.post(path, {"do": "skip"}).location
    assert on != path
    kim.post(on, {"do": "flag", "note": "<i>What</i> is this?"})
    assert "&lt;i&gt;What&lt;/i&gt; is this?" in kim.get("/").text
    assert "Flagged by kim" in kim.get(on).text
    kim.post(on, {"do": "unflag"})
    assert "Flagged by kim" not in kim.get(on).text
    assert marks(desk) == {}


@pytest.mark.slow
def test_an_item_with_other_points_marks_everybody_anew(desk: Desk, kim: Client):
    path = of(kim, SLOW[:20])
    kim.save(path, "1", group="same")
    id = kim.items(path)["1"]
    done = kim.post("/items/Q1.6", {"id": id, "text": "computed again", "points": "1,5"})
    assert done.status == 303
    assert "3 marks were given anew" in kim.get("/items/Q1.6").text
    assert {str(record.mark.points) for record in marks(desk).values()} == {"1.5"}
    assert "is worth 1.5 now, and was 2" in desk("history", "student-0").out
    kim.post("/items/Q1.6", {"id": "", "text": "a new <one>", "points": "-1"})
    assert "a new &lt;one&gt;" in kim.get(path).text
    assert "a new <one>" in desk("rubric", "items", "Q1.6").out
    assert "found 99 points" in kim.post("/items/Q1.6", {"id": id, "text": "x", "points": "99"}).text


@pytest.mark.slow
def test_a_hand_in_that_was_graded_again_is_said(desk: Desk, kim: Client):
    path = of(kim, "faster")
    old = kim.form(path)
    desk.grade(Member("student-6", {"Q1.6": "Something else now."}))
    done = kim.post(path, {**old, "do": "save", "none": "1"})
    assert done.status == 409
    assert "graded again" in done.text and "Something else now." in done.text
    assert marks(desk) == {}


@pytest.mark.slow
def test_suggestions_come_after_a_decision_or_when_they_are_asked_for(kim: Client):
    path = of(kim, SLOW[:20])
    assert "It suggests" not in kim.get(path).text and "seems there" not in kim.get(path).text
    kim.save(path, "1")
    assert "seems there" in kim.get(path).text and "It suggests" in kim.get(path).text
    kim.post("/me", {"suggests": "yes"})
    assert "It suggests" in kim.get(kim.first("Q1.6")).text


@pytest.mark.slow
def test_texts_in_which_the_same_points_are_found_are_a_group(kim: Client):
    page = kim.get(of(kim, "quadratically")).text
    assert "read in the same way" not in page
    assert "and 2 of the same text" in kim.get(of(kim, SLOW[:20])).text


@pytest.mark.slow
def test_what_the_checks_decide_can_be_marked_with_a_reason(desk: Desk, kim: Client):
    whole = kim.get(f"{kim.first('Q1.6')}/all").text
    found = re.search(r'href="(/q/Q2\.1/\w+)"', whole)
    assert found and "student-" not in whole
    assert "It is answered by code." in kim.get(found[1]).text
    assert "why they are wrong" in kim.save(found[1], none="1").text
    done = kim.save(found[1], none="1", note="The loss was copied.")
    assert done.status == 303
    ((id, record),) = marks(desk, "Q2.1").items()
    assert (record.mark.points, record.mark.note) == (0, "The loss was copied.")
    assert "Q2.1" in kim.get("/").text
    assert desk("remark").code == 0
    assert "The loss was copied." in (desk.out / id / "report.html").read_text()


@pytest.mark.slow
def test_whoever_goes_back_to_the_start_finds_the_same_answer_again(kim: Client):
    path = kim.first("Q1.6")
    kim.get(path)
    assert kim.first("Q1.6") != path
    kim.get(f"/?from={path.removeprefix('/q/')}")
    assert kim.first("Q1.6") == path


@pytest.mark.slow
def test_browsers_keep_the_files_of_ours_and_no_page(kim: Client):
    start = kim.get("/")
    assert start.headers["cache-control"] == "no-store"
    for at in re.findall(r'(?:href|src)="(/(?:style\.css|keys\.js)\?\w+)"', start.text):
        found = kim.get(at)
        assert found.status == 200 and "immutable" in found.headers["cache-control"]
        assert found.headers["x-content-type-options"] == "nosniff"


@pytest.mark.slow
def test_formulas_and_photos_of_an_answer_are_drawn(tmp_path: Path):
    desk = Desk(tmp_path)
    text = r"It costs $n(n+1)/2$ instead of $n$."
    desk.grade(Member("student-0", {"Q1.6": text}, pictures=("Q2.5",)))
    with serving(desk.out) as server:
        kim = Client(server)
        kim.begin()
        assert re.search(r"<math[ >].*<mi>n</mi>", kim.get(kim.first("Q1.6")).text, re.DOTALL)
        photo = kim.get(kim.first("Q2.5")).text
        assert 'src="data:image/png;base64,aGVsbG8="' in photo and "The answer holds a picture." in photo


@pytest.mark.slow
def test_a_verdict_stands_with_the_example_that_shows_it(tmp_path: Path):
    desk = Desk(tmp_path)
    wrong = r"$$\nabla_{b^{(1)}} J = 2 W^{(2)T} (h^{(2)} - y) \odot h^{(1)} \odot (1 - h^{(1)})$$"
    wrong += r" and $$\nabla_{W^{(1)}} J = \Xi$$"
    desk.grade(Member("student-0", {"Q1.5": wrong}, judged=True))
    with serving(desk.out) as server:
        kim = Client(server)
        kim.begin()
        page = kim.get(kim.first("Q1.5")).text
        assert "The result is the right one times a constant that does not belong there." in page
        value = "value at h1 = [0.5; 0.2; 0.6], W2 = [3, -2, 1], h2 = 0.8, y = 1: [-0.3; 0.128; -0.096]"
        assert f"{value}, and right is [-0.15; 0.064; -0.048]" in page
        assert "A person reads this: nothing says what \\Xi is." in page


@pytest.mark.slow
def test_its_end_draws_the_reports(desk: Desk, kim: Client, server: Server):
    assert desk("remark").code == 0  # as a run, it draws all reports and the class page
    before = (desk.out / "index.html").read_text()
    kim.save(kim.first("Q1.6"), "1", note="Read this.")
    code, out = server.stop()
    assert code == 0, server.said.read_text()
    assert "the reports and the class page are drawn" in out
    (id,) = marks(desk)
    assert "Read this." in (desk.out / id / "report.html").read_text()
    assert desk.rows()[id]["Q1.6"] == "2"
    drawn = (desk.out / id / "report.html").read_text()
    assert (desk.out / "index.html").read_text() != before
    assert desk("remark").code == 0
    assert (desk.out / id / "report.html").read_text() == drawn
    assert "Traceback" not in server.said.read_text()
    assert desk("gradebook", "check").code == 0


@pytest.mark.slow
def test_sigterm_ends_it_as_well(server: Server):
    assert server.stop(signal.SIGTERM)[0] == 0


@pytest.mark.slow
def test_a_question_to_begin_with(desk: Desk):
    with serving(desk.out, "--question", "q2.5") as server:
        client = Client(server)
        assert 'url=/q/Q2.5"' in client.get(server.address.partition(server.host)[2]).text


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--question", "Q9"], "found 'Q9', wanted one of"),
        (["--host", "0.0.0.0"], "wanted the one address"),
        (["--host", "203.0.113.1"], "cannot be listened at"),
    ],
)
def test_mistakes_on_the_command_line_are_a_line(desk: Desk, options: list[str], told: str):
    done = desk("review", "--no-browser", *options)
    assert done.code in (2, 3)
    assert told in done.said


def test_no_gradebook_no_page(tmp_path: Path):
    desk = Desk(tmp_path)
    assert "grade first" in desk("review", "--no-browser").said


def test_a_gradebook_without_hand_ins_of_the_rubric_is_said(desk: Desk):
    desk.edit('id = "ps3"', 'id = "ps4"')
    done = desk("review", "--no-browser")
    assert done.code == 2
    assert "holds no hand-in of 'ps4'" in done.said
