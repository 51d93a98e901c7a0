"""What a student may see of a report."""

from __future__ import annotations

import msgspec

from ..model import CheckResult, GradeReport, Host, NotebookResult, QuestionResult


def for_students(report: GradeReport) -> GradeReport:
    """A copy without hidden values, staff's details, the grader's own tracebacks and captured output.

    Nor the timings: code can take as long as it likes, to the millisecond. Of where it was when time ran out in a
    hidden check, the innermost line. The copy is built from a list of what may stay, so that a field added to a
    hidden check or to the host block is kept back until somebody decides otherwise.
    """
    return msgspec.structs.replace(
        report,
        audience="student",
        questions=tuple(_question(question) for question in report.questions),
        host=Host(
            tier=report.host.tier,
            versions=report.host.versions,
            timings={},
            stacks=_stacks(report),
        ),
        notebook=_notebook(report.notebook) if report.notebook else None,
    )


def _stacks(report: GradeReport) -> dict[str, str]:
    hidden = {check.id for question in report.questions for check in question.checks if check.hidden}
    return {id: text.rpartition("; ")[2] if id in hidden else text for id, text in report.host.stacks.items()}


def _notebook(notebook: NotebookResult) -> NotebookResult:
    """How its cells went, and its plots. That a claim was not borne out is for staff to look into first."""
    return NotebookResult(notebook.file, notebook.summary, notebook.cells, (), notebook.plots)


def _question(question: QuestionResult) -> QuestionResult:
    return msgspec.structs.replace(question, checks=tuple(_check(check) for check in question.checks))


def _check(check: CheckResult) -> CheckResult:
    if not check.hidden:
        return msgspec.structs.replace(check, detail="", suggested=None)
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
