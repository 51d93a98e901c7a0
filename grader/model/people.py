"""Whose a hand-in is, when it came, and what that does to the total."""

from __future__ import annotations

from decimal import Decimal

import msgspec


class Person(msgspec.Struct, frozen=True):
    """A student, as a roster or a course system names them. Any field may be empty; all are untrusted."""

    name: str = ""
    email: str = ""
    number: str = ""
    """The student number: Canvas's SIS User ID, Gradescope's SID, Moodle's ID number."""
    login: str = ""
    """Canvas's SIS Login ID; a forge's user name."""
    course_id: str = ""
    """The course system's own id: Canvas's ID, Moodle's participant."""
    section: str = ""
    returned_as: str = ""
    """How the name of a file has to begin that the course system takes back for this hand-in: Canvas's
    `name_userid_attachmentid_`. Empty where it asks for none, or that is not known."""


class Lateness(msgspec.Struct, frozen=True):
    """What the late policy does to one hand-in. It is applied where marks leave the gradebook, and stored nowhere."""

    minutes: int
    """Minutes past the student's own due time; zero or less where it was in time."""
    deduction: Decimal
    """Points taken off the total, rounded to hundredths; never more than was earned."""
    why: str
    """In a sentence, for the student; empty where nothing is deducted and nothing is to be said."""
    own_due: str = ""
    """In a sentence, where the student has another due time than the class; empty where not."""


class Cover(msgspec.Struct, frozen=True):
    """What stands on a report beside what was graded: whose it is, when it came in, and what that does to the total."""

    names: tuple[str, ...] = ()
    """Of those who handed it in, as the roster or the course system has them."""
    submitted: str = ""
    """ISO 8601 with offset; empty where nobody knows."""
    late: tuple[tuple[str, Lateness], ...] = ()
    """What the late policy does, by name; one without a name where it does the same to all. Empty without a policy."""
    links: tuple[tuple[str, str], ...] = ()
    """Words and where they lead, for staff: to the page of the class, and to the reports before and after."""
