"""What a grading run produces, as plain frozen data. No I/O, no computation beyond adding points.

Every renderer (`grader.report`) and every store works from these classes alone. Points are decimals;
NaN and infinity are legal in every float and survive `to_json` / `from_json`.
"""

from .classes import ClassHead, Entry, QuestionHead
from .figures import ConfusionMatrix, Curves, Figure, Image, ImageGrid, Series
from .notebooks import CellRun, NotebookPlot, NotebookResult, PrintedValue
from .people import Cover, Lateness, Person
from .report import SCHEMA_VERSION, GradeReport, Host, from_json, marked, spell_text, to_json
from .results import (
    CENT,
    ZERO,
    Answered,
    CheckResult,
    Comparison,
    Mark,
    MarkItem,
    Misfit,
    Outcome,
    QuestionResult,
    SourcePlace,
    question_result,
    round_points,
)

__all__ = [
    "CENT",
    "SCHEMA_VERSION",
    "ZERO",
    "Answered",
    "CellRun",
    "CheckResult",
    "ClassHead",
    "Comparison",
    "ConfusionMatrix",
    "Cover",
    "Curves",
    "Entry",
    "Figure",
    "GradeReport",
    "Host",
    "Image",
    "ImageGrid",
    "Lateness",
    "Mark",
    "MarkItem",
    "Misfit",
    "NotebookPlot",
    "NotebookResult",
    "Outcome",
    "Person",
    "PrintedValue",
    "QuestionHead",
    "QuestionResult",
    "Series",
    "SourcePlace",
    "from_json",
    "marked",
    "question_result",
    "round_points",
    "spell_text",
    "to_json",
]
