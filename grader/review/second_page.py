"""The pages of second opinions: one answer, unseen; and how the two persons compare. Work without script."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ..errors import UsageError
from ..report import wording
from .agreement import FEWEST, by_item
from .answer_page import AnswerPages, misfit, said
from .desk import Desk
from .forms import Form
from .people import Session
from .places import Place
from .saving import Changed
from .web import flash, page


class SecondPages:
    """The handlers of second opinions."""

    def __init__(self, desk: Desk, answers: AnswerPages) -> None:
        self._desk, self._answers = desk, answers

    def first(self, request: Request, session: Session) -> Response:
        """To the first answer of a question that waits for this person's second opinion."""
        question = self._desk.answers.question(request.path_params["question"])
        if not self._desk.answers.is_read.is_set():
            return self._answers.reading(request, session)
        return self._next(session, question.id)

    def _next(self, session: Session, question: str, after: str = "") -> Response:
        found = self._desk.seconds.next(session, question, after)
        if found is None:
            session.flash = f"{session.flash} No answer of {question} waits for your second opinion.".strip()
            return RedirectResponse("/", 303)
        return RedirectResponse(f"/second/{question}/{found.handle}", 303)

    def answer(self, request: Request, session: Session) -> Response:
        """One answer, without what the first person said; that is shown where this one is not to decide it unseen."""
        if not self._desk.answers.is_read.is_set():
            return self._answers.reading(request, session)
        place = self._place(request)
        if not self._desk.seconds.unseen(session, place):
            return RedirectResponse(f"/q/{place.question}/{place.handle}", 303)
        return self._answers.shown(request, session, place, second=True)

    def _place(self, request: Request) -> Place:
        return self._desk.answers.place(request.path_params["question"], request.path_params["handle"])

    def decide(self, request: Request, session: Session, form: Form) -> Response:
        """Save, or skip."""
        desk, place = self._desk, self._place(request)
        question = desk.answers.question(place.question)
        match form.text("do"):
            case "skip":
                desk.seconds.skip(session, place)
            case "save":
                mine = said(form, desk.answers.items(question))
                if trouble := misfit(form, mine):
                    trouble = f"Nothing was saved: {trouble}."
                    return self._answers.shown(
                        request, session, place, 400, mine, trouble=trouble, second=True
                    )
                try:
                    mark = desk.seconds.save(session, place, mine, form.text("answer", 100))
                except Changed:
                    session.flash = "Nothing was saved: the hand-in was graded again."
                    return self._next(session, place.question)
                points = f"{wording.points(mark.points)} of {wording.counted(question.points)}"
                session.flash = f"Saved: {points}, as a second opinion."
            case _:
                raise UsageError("found no button of this page; load it again")
        desk.opened.close(place.question, place.handle)
        return self._next(session, place.question, place.handle)

    def agreement(self, request: Request, session: Session) -> Response:
        """How the two persons compare, by question and item; and where they differ."""
        if not self._desk.answers.is_read.is_set():
            return self._answers.reading(request, session)
        return page(
            "review_agreement.html.j2",
            flash=flash(session),
            questions=[
                found for id in self._desk.answers.questions if (found := self._compared(id))["pairs"]
            ],
            fewest=FEWEST,
            made_of=wording.mark_of_items,
        )

    def _compared(self, id: str) -> dict[str, Any]:
        """Of a question, what its page shows."""
        question, pairs = self._desk.answers.question(id), self._desk.seconds.of(id).pairs
        texts = {item.id: item.text for item in self._desk.answers.items(question)}
        return {
            "question": question,
            "pairs": pairs,
            "alike": sum(pair.alike for pair in pairs),
            "items": by_item(texts, [(pair.first.mark, pair.second.mark) for pair in pairs]),
            "differ": sorted((pair for pair in pairs if not pair.alike), key=lambda pair: pair.settled),
        }
