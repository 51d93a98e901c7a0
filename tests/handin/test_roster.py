"""Class lists of every origin, and whose hand-in is whose. All names are invented."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.handin import roster, tables
from grader.handin.roster import Roster, Student
from grader.model import Person


def read(tmp_path: Path, text: str | bytes) -> tuple[Student, ...]:
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return roster.read(path).students


# ---- reading ---------------------------------------------------------------------------------------

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,PS 3 (77)
,,,,,Manual Posting
    Points Possible,,,,,80.00
"Doe, Jane",101,00123,jdoe,Lecture and Lab 1,
"Roe, Rick",102,00124,rroe,Lecture,
"Student, Test",999,,abc,Lecture,
"""


def test_a_gradebook_of_canvas(tmp_path: Path):
    jane, rick = read(tmp_path, CANVAS)
    expected = Person(
        name="Doe, Jane", number="00123", login="jdoe", course_id="101", section="Lecture and Lab 1"
    )
    assert jane == Student(expected)
    assert rick.person.course_id == "102"


@pytest.mark.parametrize(
    "text",
    [
        "First Name,Last Name,SID,Email,Sections\nJane,Doe,123,jane@example.org,A\n",
        "Name,Email,SID,Role,Sections\nJane Doe,jane@example.org,123,Student,A\n",
        "Last Name\tFirst Name\tSID\tEmail\tSection\nDoe\tJane\t123\tjane@example.org\tA\n",
    ],
)
def test_a_roster_of_gradescope(tmp_path: Path, text: str):
    (jane,) = read(tmp_path, text)
    assert jane.person == Person(name="Jane Doe", number="123", email="jane@example.org", section="A")


@pytest.mark.parametrize(
    "text",
    [
        "Identifier,Full name,ID number,Email address,Grade\nParticipant 4001,Jane Doe,123,jane@example.org,\n",
        '\ufeff"First name";"Surname";"ID number";"Email address";Identifier\n'
        "Jane;Doe;123;jane@example.org;Teilnehmer4001\n",
        "First name,Last name,ID number,Email address,Identifier\nJane,Doe,123,jane@example.org,4001\n",
    ],
)
def test_lists_of_moodle(tmp_path: Path, text: str):
    (jane,) = read(tmp_path, text)
    assert jane.person == Person(name="Jane Doe", number="123", email="jane@example.org", course_id="4001")


def test_a_roster_of_github_classroom(tmp_path: Path):
    text = '"identifier","github_username","github_id","name"\n"123","jdoe","5","Jane Doe"\n"r@example.org","","",""\n'
    jane, rick = read(tmp_path, text)
    assert jane.person == Person(name="Jane Doe", number="123", login="jdoe")
    assert rick.person == Person(email="r@example.org")


def test_our_own(tmp_path: Path):
    text = (
        "id,name,email,number,login,course_id,section,due,extension_hours,submitted\n"
        "jane jane-2,Jane Doe,j@example.org,1,jd,9,A,2026-10-01T23:59+02:00,24.5,2026-10-01T20:00:00Z\n"
        "rick,,,,,,,,,\n"
    )
    jane, rick = read(tmp_path, text)
    assert jane == Student(
        Person("Jane Doe", "j@example.org", "1", "jd", "9", "A"),
        ("jane", "jane-2"),
        "2026-10-01T23:59:00+02:00",
        Decimal("24.5"),
        "2026-10-01T20:00:00+00:00",
    )
    assert rick == Student(Person(), ("rick",))


def test_decisions_may_stand_in_any_list(tmp_path: Path):
    text = "Student;ID;Extension_Hours\nDoe, Jane;101;48\n"
    assert read(tmp_path, text)[0].extension_hours == 48


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("name,nick\nJane,j\n", "line 1: found the column 'nick'"),
        ("section\nA\n", "line 1: found the column section"),
        ("name,name\nJane,j\n", "line 1: found the column 'name' twice"),
        ("id,name\nj,Jane,more\n", "line 2: found 3 cells, wanted 2"),
        ("id,name\nj,Jane\n\nj2,x,y\n", "line 4: found 3 cells"),
        ("id,section\n,A\n", "line 2: found nothing that says who it is"),
        ("id,due\nj,2026-10-01\n", "line 2, due: found '2026-10-01', wanted a time with offset"),
        ("id,due\nj,tomorrow\n", "line 2, due: found 'tomorrow'"),
        ("id,submitted\nj,1\n", "line 2, submitted: found '1'"),
        ("id,extension_hours\nj,two\n", "line 2, extension_hours: found 'two', wanted a number of hours"),
        ("id,extension_hours\nj,-1\n", "extension_hours: found '-1'"),
        ("id,extension_hours\nj,NaN\n", "extension_hours: found 'NaN'"),
        ("id,extension_hours\nj,sNaN\n", "extension_hours: found 'sNaN'"),
        ("id,extension_hours\nj,1e999999\n", "extension_hours: found"),
        ("id,email\nj,A@x\nk,a@X\n", "line 3, email: found 'a@x', which line 2 has too"),
        ("id\nj\nJ\n", "line 3, id: found 'j', which line 2 has too"),
        ('id,name\nj,"Jane\n', "is no CSV"),
        (b"id,name\nj,M\xfcller\n", "is not UTF-8"),
        ("id,name\nj," + "x" * 200_000 + "\n", "is no CSV"),
    ],
)
def test_mistakes_are_named_with_their_line(tmp_path: Path, text: str | bytes, message: str):
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text)
    assert message in str(caught.value)
    assert "roster.csv" in str(caught.value)


def test_a_roster_that_is_not_there_or_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(UsageError, match="cannot be read"):
            roster.read(path)
    monkeypatch.setattr(tables, "MAX_FILE", 10)
    with pytest.raises(UsageError, match="wanted a class list"):
        read(tmp_path, CANVAS)


def test_what_spreadsheets_add(tmp_path: Path):
    assert read(tmp_path, "\ufeffsep=;\r\nID;Name\r\nj; Jane   Doe \r\n;\r\n") == (
        Student(Person(name="Jane Doe"), ("j",)),
    )


heads = st.sampled_from(
    [
        CANVAS.splitlines()[0],
        "name,sid",
        "identifier;full name",
        "github_username,name",
        ",".join(roster._OWN),
    ]
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(st.text(), st.tuples(heads, st.text(alphabet='a1,;\t"\n\r \0é', max_size=80)).map("\n".join))
)
@example("\0")
@example("id\n\0")
@example("IDENTIFIER\n0\r0\r0")
@example("id,extension_hours\nj,²\n")
@example("id,due\nj,0001-01-01T00:00+23:59\n")
def test_any_text_is_a_roster_or_a_usage_error(tmp_path: Path, text: str):
    try:
        students = read(tmp_path, text.encode("utf-8", "surrogatepass"))
    except UsageError as error:
        assert all("roster.csv" in line for line in str(error).split("\n") if not line.startswith("and "))
        return
    for student in students:
        Roster(students).match("x", student.person)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_bytes_are_a_roster_or_a_usage_error(tmp_path: Path, data: bytes):
    try:
        read(tmp_path, data)
    except UsageError as error:
        assert "roster.csv" in str(error)


word = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=8)
person = st.builds(
    Person,
    **{f: st.one_of(st.just(""), word) for f in ("name", "email", "number", "login", "course_id", "section")},
)
student = st.builds(
    Student,
    person,
    st.lists(word, max_size=2, unique=True).map(tuple),
    st.sampled_from(["", "2026-10-01T23:59:00+02:00"]),
    st.one_of(st.none(), st.decimals(0, 1000, places=2)),
    st.sampled_from(["", "2026-10-01T20:00:00+00:00"]),
)


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(student, max_size=4), st.sampled_from(",;\t"))
def test_what_is_written_is_read_back(tmp_path: Path, students: list[Student], delimiter: str):
    keys = [key for one in students for key in roster._keys(one)]
    named = all(one.ids or any(getattr(one.person, f) for f in (*roster._KEYS, "name")) for one in students)
    if len(keys) != len(set(keys)) or not named:
        return
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(roster._OWN)
    for one in students:
        p = one.person
        hours = "" if one.extension_hours is None else one.extension_hours
        cells = (p.name, p.email, p.number, p.login, p.course_id, p.section, one.due, hours, one.submitted)
        writer.writerow((" ".join(one.ids), *cells))
    assert read(tmp_path, file.getvalue()) == tuple(students)


def test_all_rows_that_are_wrong_are_told_at_once(tmp_path: Path):
    rows = ["id,due", "a,tomorrow", "b,", "c,2026-10-01T23:59+02:00", "b,", ",2026-10-01T23:59+02:00"]
    with pytest.raises(UsageError) as trouble:
        read(tmp_path, "\n".join(rows))
    assert [
        line.partition("roster.csv, ")[2].partition(":")[0] for line in str(trouble.value).split("\n")
    ] == [
        "line 2, due",
        "line 5, id",
        "line 6",
    ]


def test_of_many_wrong_rows_the_first_are_told(tmp_path: Path):
    with pytest.raises(UsageError) as trouble:
        read(tmp_path, "id,due\n" + "".join(f"s{i},soon\n" for i in range(30)))
    assert str(trouble.value).endswith("\nand 10 more")


# ---- matching --------------------------------------------------------------------------------------

JANE = Student(Person("Doe, Jane", "jane@example.org", "00123", "jdoe", "101"), ("j",))
RICK = Student(Person("Rick van der Roe", "rick@example.org", "00124", "rroe", "102"))
ZOE = Student(Person("O'Neill, Zoë"))
ANN = Student(Person("Ann Lee", number="7"))
ANN2 = Student(Person("Lee, Ann", number="8"))
CLASS = Roster((JANE, RICK, ZOE, ANN, ANN2))


@pytest.mark.parametrize(
    ("id", "person", "expected"),
    [
        ("x", Person(course_id="101", number="00124"), None),
        ("x", Person(number="00124", login="jdoe"), None),
        ("x", Person(course_id="101", number="00123"), JANE),
        ("x", Person(course_id="107", name="doejane"), None),
        ("j", Person(course_id="107"), None),
        ("00123", Person(course_id="107"), None),
        ("x", Person(number="123"), None),
        ("x", Person(number="123", name="Jane Doe"), None),
        ("x", Person(email="Jane@Example.org", name="Jane Doe"), None),
        ("x", Person(email="jane@example.org", name="somebody"), JANE),
        ("x", Person(name="Jane Doe (they/them)"), None),
        ("x", Person(login="JDoe"), JANE),
        ("x", Person(email="Rick@Example.org"), None),
        ("j", Person(), JANE),
        ("J", Person(name="Rick van der Roe"), JANE),
        ("rroe", Person(), RICK),
        ("00123", Person(), JANE),
        ("x", Person(name="doejane", course_id="555"), None),
        ("x", Person(name="doejane", number="00123"), JANE),
        ("x", Person(name="jane DOE"), JANE),
        ("x", Person(name="Doe, Jane"), JANE),
        ("x", Person(name="roerickvander"), RICK),
        ("x", Person(name="oneillzoe"), ZOE),
        ("x", Person(name="Zoë O'Neill"), ZOE),
        ("doe_jane", Person(), JANE),
        ("x", Person(name="leeann"), None),
        ("x", Person(name="Ann Lee", number="8"), ANN2),
        ("x", Person(name="Jane"), None),
        ("x", Person(name="?!"), None),
        ("x", Person(), None),
    ],
)
def test_whose_hand_in_it_is(id: str, person: Person, expected: Student | None):
    assert CLASS.match(id, person) == expected


@pytest.mark.parametrize(
    ("id", "person", "told"),
    [
        (
            "x",
            Person(course_id="107", name="doejane"),
            "Doe, Jane (00123), but the id in the course is '101' there",
        ),
        ("x", Person(number="123"), "the number is '00123' there and '123' here"),
        ("123", Person(), "the number is '00123' there and '123' here"),
        ("x", Person(email="Jane@Example.org"), "the e-mail address is 'jane@example.org' there"),
        ("x", Person(name="Jane Doe (they/them)"), "the name is 'Doe, Jane' there"),
        ("x", Person(name="Dr. Jane Doe"), "the name is 'Doe, Jane' there"),
        ("x", Person(name="Ann Lee"), "Ann Lee (7), but others have that name too; or of Lee, Ann (8)"),
        ("x", Person(name="Somebody Else"), "nobody on it is like that"),
    ],
)
def test_who_is_near_is_proposed_and_never_taken(id: str, person: Person, told: str):
    assert told in CLASS.strangers([(id, person)])[id]
    assert CLASS.match(id, person) is None


few = st.sampled_from(["", "1", "01", "2", "a@x.org", "A@x.org", "ann"])
known = st.builds(
    Person,
    name=st.sampled_from(["", "Ann Lee", "Lee, Ann", "Bo Lee", "ann"]),
    number=few,
    course_id=few,
    email=few,
    login=few,
)


@pytest.mark.slow
@settings(max_examples=400)
@given(st.lists(st.builds(Student, known, st.lists(few, max_size=1).map(tuple)), max_size=4), known, few)
def test_nobody_is_matched_against_a_key_that_differs(students: list[Student], person: Person, id: str):
    """As the rules say it, spelt out anew."""
    matched = Roster(tuple(students)).match(id, person)
    if matched is None:
        assert id in Roster(tuple(students)).strangers([(id, person)])
        return
    for kind in ("course_id", "number", "login", "email"):
        ours, theirs = getattr(matched.person, kind), getattr(person, kind)
        assert (
            not ours or not theirs or ours == theirs or (kind != "email" and ours.lower() == theirs.lower())
        )


def test_those_who_handed_in_nothing(tmp_path: Path):
    found = [
        ("x", Person(course_id="101")),
        ("rroe", Person()),
        ("y", Person(name="Ann Lee")),
        ("z", Person()),
    ]
    assert CLASS.absent(found) == (ZOE, ANN, ANN2)
    assert set(CLASS.strangers(found)) == {"y", "z"}
    assert CLASS.absent([]) == CLASS.students
    assert Roster().absent(found) == ()
    assert Roster().match("x", Person(name="Jane")) is None


@pytest.mark.slow
@given(st.lists(person, max_size=5), word)
def test_nobody_is_matched_twice_over_by_a_name_of_several(persons: list[Person], id: str):
    students = tuple(Student(p) for p in persons)
    for p in persons:
        matched = Roster(students).match(id, Person(name=p.name))
        assert matched is None or matched in students
