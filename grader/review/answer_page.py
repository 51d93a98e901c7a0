"""The page of one answer: what it shows, and what a person says there. Works without script."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from ..assignment.rubric import Item
from ..errors import UsageError
from ..gradebook import Crossing, MarkRecord, items
from ..model import GradeReport, Mark, Outcome, QuestionResult
from ..report import code, wording
from .answers import Gone
from .desk import Desk
from .forms import Form
from .people import Choice, Session
from .places import Alike, Place, handle
from .saving import Changed
from .web import Handler, flash, page

_MOST_SHOWN = 30
"""Answers of a group that are shown together."""


class AnswerPages:
    """The handlers of one answer."""

    def __init__(self, desk: Desk, reading: Handler) -> None:
        """`reading` shows how far the class is read, before there are answers."""
        self._desk, self.reading = desk, reading

    def first(self, request: Request, session: Session) -> Response:
        """To the first answer of a question that waits."""
        question = self._desk.answers.question(request.path_params["question"])
        if not self._desk.answers.is_read.is_set():
            return self.reading(request, session)  # which loads this address again
        return self.next(session, question.id)

    def next(self, session: Session, question: str, after: str = "") -> Response:
        """To the next answer of a question that waits, or back to the start."""
        found = self._desk.next_waiting(session, question, after)
        if found is None:
            session.flash = f"{session.flash} Nothing waits any more in {question}.".strip()
            return RedirectResponse("/", 303)
        return RedirectResponse(f"/q/{question}/{found.handle}", 303)

    def answer(self, request: Request, session: Session) -> Response:
        """One answer."""
        if not self._desk.answers.is_read.is_set():
            return self.reading(request, session)
        place = self._desk.answers.place(request.path_params["question"], request.path_params["handle"])
        if left := request.query_params.get("from", ""):
            self._desk.opened.close(place.question, left)
        if self._desk.seconds.unseen(session, place):
            return RedirectResponse(f"/second/{place.question}/{place.handle}", 303)
        return self.shown(request, session, place)

    def shown(
        self,
        request: Request,
        session: Session,
        place: Place,
        status: int = 200,
        mine: Choice | None = None,
        theirs: MarkRecord | None = None,
        trouble: str = "",
        second: bool = False,
    ) -> Response:
        """The page of an answer; as `second` without all that a first person said of it."""
        desk = self._desk
        seen = desk.answers.last_mark()  # before the mark itself is read
        graded = desk.answers.graded(place)
        place, report, result = desk.answers.report(place, marked=not second)
        question = desk.answers.question(place.question)
        record = None if second else desk.answers.mark(place)
        other = desk.opened.note(session, place)
        decides = not second and (session.suggests or not desk.answers.waits(place))
        chosen = mine or (_chosen(record.mark) if record else None)
        flag = None if second else desk.flags().get((place.submission, question.id))
        wants = request.query_params
        return page(
            "review_answer.html.j2",
            status,
            session=session,
            flash=flash(session),
            trouble=trouble,
            question=question,
            place=place,
            result=result,
            record=record,
            waits=desk.answers.waits(place),
            mine=mine,
            theirs=theirs,
            chosen=chosen,
            ids={one.id for one in chosen.items} if chosen else set(),
            items=desk.answers.items(question),
            most=question.points,
            seen=seen,
            other=other,
            second=second,
            graded=graded,
            pair=None if second else desk.seconds.pair(place),
            **self._around(place, session, second),
            flag=flag,
            undo=bool(session.saves),
            who=desk.answers.whose(place.submission) if "who" in wants else "",
            sources=code.sources(report) if "code" in wants else [],
            has_code=bool(report.sources),
            checks=[_read(report, result, check.id) for check in result.checks],
            suggested=place.suggested if decides else None,
            decides=decides,
            mark_line=wording.mark,
            made_of=wording.mark_of_items,
            signed=wording.signed,
            evidence=wording.evidence,
            found=_FOUND[result.answered],
            automatic=not place.bare.open_points,
        )

    def _around(self, place: Place, session: Session, second: bool) -> dict[str, object]:
        """The other answers to the question, as far as the page has to do with them."""
        answers, question = self._desk.answers, place.question
        return {
            "number": answers.number(place),
            "count": answers.shown(question),
            "left": answers.left(question),
            "before": answers.beside(question, place.handle, -1),
            "behind": answers.beside(question, place.handle, 1),
            "same": 0 if second else len(answers.group(place, "same")),
            "alike": 0 if second else len(answers.group(place, "alike")),
            "notes": answers.notes(question, session.name if second else ""),
        }

    def since(self, request: Request, session: Session) -> Response:
        """What has become of an answer since its page was made, for its script; empty where it is as it was."""
        answers = self._desk.answers
        place = answers.place(request.path_params["question"], request.path_params["handle"])
        wants = request.query_params
        try:
            graded = answers.graded(place)
        except Gone:
            graded = ""
        if graded != wants.get("graded", ""):
            return PlainTextResponse(
                "This hand-in was graded again: load the page again to see what is there now."
            )
        if not self._desk.seconds.unseen(session, place):
            for record in answers.marks_since(place, Form(list(wants.items())).number("seen")):
                return PlainTextResponse(f"{record.mark.by} has marked this answer since.")
        return PlainTextResponse("")

    def group(self, request: Request, session: Session) -> Response:
        """The texts that a mark can be given to together: whether they deserve the same is for a person to say."""
        answers = self._desk.answers
        place = answers.place(request.path_params["question"], request.path_params["handle"])
        kind: Alike = "same" if request.path_params["kind"] == "same" else "alike"
        everybody = answers.group(place, kind)
        shown = []
        for one in [place, *everybody[:_MOST_SHOWN]]:
            fresh, _, result = answers.report(one, marked=False)
            shown.append((fresh, result))
        return page("review_group.html.j2", place=place, answers=shown, count=len(everybody), kind=kind)

    def hand_in(self, request: Request, session: Session) -> Response:
        """All questions of the hand-in that an answer is of."""
        place = self._desk.answers.place(request.path_params["question"], request.path_params["handle"])
        place, report, _ = self._desk.answers.report(place)
        handles = [handle(report.rubric, one.id, report.submission) for one in report.questions]
        unseen = {
            one.id
            for one, own in zip(report.questions, handles, strict=True)
            if self._desk.seconds.unseen(session, self._desk.answers.place(one.id, own))
        }
        return page(
            "review_hand_in.html.j2",
            place=place,
            questions=list(zip(report.questions, handles, strict=True)),
            label=wording.label,
            score=wording.score,
            unseen=unseen,
            flags=wording.flags(report.notebook) if report.notebook else (),
            who=self._desk.answers.whose(place.submission) if "who" in request.query_params else "",
        )

    def decide(self, request: Request, session: Session, form: Form) -> Response:
        """Save, skip, flag, or take back what one answer has."""
        desk = self._desk
        place = desk.answers.place(request.path_params["question"], request.path_params["handle"])
        here = f"/q/{place.question}/{place.handle}"
        match form.text("do"):
            case "skip":
                session.skipped.add((place.question, place.handle))
                desk.opened.close(place.question, place.handle)
                return self.next(session, place.question, place.handle)
            case "flag" | "unflag":
                desk.flag(session, place, form.text("do") == "flag", form.text("note"))
                session.flash = (
                    "Flagged for a colleague." if form.text("do") == "flag" else "No longer flagged."
                )
                return RedirectResponse(here, 303)
            case "withdraw":
                try:
                    desk.saving.withdraw(session, place, form.number("seen"))
                except Crossing as crossing:
                    return self.shown(request, session, place, 409, theirs=crossing.met)
                session.flash = "The mark is taken back."
                return RedirectResponse(here, 303)
            case "save":
                return self._save(request, session, form, place)
        raise UsageError("found no button of this page; load it again")

    def _save(self, request: Request, session: Session, form: Form, place: Place) -> Response:
        desk = self._desk
        question = desk.answers.question(place.question)
        mine = said(form, desk.answers.items(question))
        trouble = misfit(form, mine)
        if not trouble and not place.bare.open_points and not mine.note.strip():
            trouble = "the checks decide this one; say in the note why they are wrong"
        if trouble:
            return self.shown(request, session, place, 400, mine, trouble=f"Nothing was saved: {trouble}.")
        try:
            mark, count = desk.saving.save(
                session, place, mine, form.number("seen"), form.text("answer", 100)
            )
        except Crossing as crossing:
            return self.shown(request, session, place, 409, mine, crossing.met)
        except Changed:
            trouble = "Nothing was saved: the hand-in was graded again, and this answer is another one now. Look again."
            return self.shown(request, session, place, 409, mine, trouble=trouble)
        desk.opened.close(place.question, place.handle)
        for_all = f" for {count} answers" if count > 1 else ""
        session.flash = (
            f"Saved: {wording.points(mark.points)} of {wording.counted(question.points)}{for_all}."
        )
        return self.next(session, place.question, place.handle)


def said(form: Form, offered: Iterable[Item]) -> Choice:
    """What a person says of an answer, of these items; `UsageError` where it can be read in no way."""
    chosen = items.chosen(offered, form.all("item"))
    return Choice(chosen, form.points("adjust"), form.text("note"), form.group())


def misfit(form: Form, mine: Choice) -> str:
    """Why that cannot be saved, without full stop; empty where it can."""
    if not mine.items and not form.text("none") and not form.text("adjust").strip():
        return "press the key of an item, 0 for none of them, or type points"
    if mine.items and form.text("none"):
        return "items and “none of these” are both chosen"
    return ""


_FOUND = {
    "": "It is answered by code.",
    "written": "",
    "nothing": "Nothing was written here.",
    "not found": "No answer was found in the notebook: look into it.",
    "not read": "It could not be read: open the file itself.",
    "elsewhere": "It seems to be in another file: open that.",
    "picture": "The answer holds a picture.",
}


def _read(report: GradeReport, result: QuestionResult, id: str) -> dict[str, Any]:
    """What the grader read of an answer, and what it says to that."""
    check = next(one for one in result.checks if one.id == id)
    by_hand = check.id == f"{result.id}-manual"
    return {
        "check": check,
        "by_hand": by_hand,
        "title": "What a full answer says" if by_hand else check.title,
        "message": "" if by_hand else wording.message(report, check),
        "label": None if by_hand or check.outcome is Outcome.NEEDS_REVIEW else wording.label(check.outcome),
    }


def _chosen(mark: Mark) -> Choice:
    """What a mark says, as the page has it: its items, or else its points as an adjustment of none."""
    return Choice(mark.items, mark.adjustment if mark.items else mark.points, mark.note)
