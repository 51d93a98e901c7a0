"""What a student may see of a report."""

from __future__ import annotations

import msgspec

from ..model import CheckResult, GradeReport, Host, NotebookResult, QuestionResult
from . import wording


def for_students(report: GradeReport) -> GradeReport:
    """A copy without hidden values, staff's remarks and details, logins of staff, tracebacks and captured output.

    Nor the timings: code can take as long as it likes, to the millisecond. Of where it was when time ran out in a
    hidden check, the innermost line. The copy is built from a list of what may stay, so that a field added to a
    hidden check or to the host block is kept back until somebody decides otherwise.
    """
    return msgspec.structs.replace(
        report,
        audience="student",
        questions=tuple(_question(question, report) for question in report.questions),
        host=Host(
            tier=report.host.tier,
            versions=report.host.versions,
            timings={},
            stacks=_stacks(report),
        ),
        notebook=_notebook(report.notebook) if report.notebook else None,
        staff_notes=(),
        sources={},
    )


def _stacks(report: GradeReport) -> dict[str, str]:
    hidden = {check.id for question in report.questions for check in question.checks if check.hidden}
    return {id: text.rpartition("; ")[2] if id in hidden else text for id, text in report.host.stacks.items()}


def _notebook(notebook: NotebookResult) -> NotebookResult:
    """How its cells went, and its plots. That a claim was not borne out is for staff to look into first."""
    return NotebookResult(notebook.file, notebook.summary, notebook.cells, (), notebook.plots)


def _question(question: QuestionResult, report: GradeReport) -> QuestionResult:
    mark = question.mark and msgspec.structs.replace(question.mark, by="", since="")
    # What a check waits for is an id; whose it is stands in the sentence.
    told = (
        msgspec.structs.replace(check, message=wording.message(report, check)) for check in question.checks
    )
    checks = tuple(_check(check, question) for check in told)
    return msgspec.structs.replace(question, checks=checks, mark=mark)


def _check(check: CheckResult, question: QuestionResult) -> CheckResult:
    if not check.hidden:
        is_marked = question.mark is not None and check.id == f"{question.id}-manual"
        detail = _looked_for(check.detail) if is_marked else ""
        return msgspec.structs.replace(check, detail=detail, suggested=None, waits_for="")
    return CheckResult(
        id=check.id,
        title=check.title,
        outcome=check.outcome,
        earned=check.earned,
        points=check.points,
        message=check.message,
        hint=check.hint,
        diagnosis=check.diagnosis,
        notes=check.notes,
        hidden=True,
        carried_from=check.carried_from,
        formula=check.formula,
        place=check.place,
    )


def _looked_for(detail: str) -> str:
    """What was looked for in a free text that a person has marked, and what of it seems to be there."""
    return "\n".join(line for line in detail.splitlines() if not line.startswith("Suggested: "))
