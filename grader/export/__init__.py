"""Marks of a class in the formats that others read: course systems, spreadsheets, CI. See docs/exports.md.

Every format takes the hand-ins as a stream and keeps none of them. Numbers are written from decimals, never from
binary floats, and equal input gives equal bytes. Formats that students get to see run `for_students` first.
"""

from . import canvas, csv, gradescope, json, junit, markdown, moodle
from .format import Format

FORMATS: dict[str, Format] = {
    "csv": Format(
        "a spreadsheet: every question, the total, who handed in nothing",
        "marks.csv",
        csv.write,
        per_person=True,
        for_spreadsheet=True,
    ),
    "canvas": Format("Canvas, Grades > Import", "canvas.csv", canvas.write, per_person=True),
    "moodle": Format("Moodle, Upload grading worksheet", "moodle.csv", moodle.write, per_person=True),
    "gradescope": Format(
        "results.json for Gradescope, one folder a hand-in",
        "gradescope",
        write_folder=gradescope.write_folder,
    ),
    "json": Format("the class for programs", "marks.json", json.write),
    "junit": Format("JUnit XML for CI", "junit.xml", junit.write),
    "markdown": Format("a table for a wiki or an issue", "marks.md", markdown.write),
}
"""Name on the command line to the format."""

__all__ = ["FORMATS", "Format"]
