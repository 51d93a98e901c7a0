"""The pages: what is shown at each address, and what is done with what they post. All work without script."""

from __future__ import annotations

from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ..errors import UsageError
from ..gradebook import FlagRecord
from ..report import wording
from .answer_page import AnswerPages
from .desk import Desk
from .forms import Form
from .people import Session, of_name
from .places import Place
from .second_page import SecondPages
from .web import flash, not_there, page, script, shown, style, taken

_MOST_SOUGHT = 100
"""Characters of what is looked for."""
_MOST_FOUND = 50


def app(desk: Desk) -> Starlette:
    """The pages of a class; for a `guard`, which puts the session into each request's state."""
    pages = _Pages(desk)
    answers = AnswerPages(desk, pages.start)
    seconds = SecondPages(desk, answers)
    return Starlette(
        routes=[
            Route("/", partial(shown, pages.start), methods=["GET"]),
            Route("/style.css", style, methods=["GET"]),
            Route("/keys.js", script, methods=["GET"]),
            Route("/find", partial(shown, pages.find), methods=["GET"]),
            Route("/failed/{handle}", partial(shown, pages.failure), methods=["GET"]),
            Route("/me", partial(taken, pages.me), methods=["POST"]),
            Route("/undo", partial(taken, pages.undo), methods=["POST"]),
            Route("/items/{question}", partial(shown, pages.items), methods=["GET"]),
            Route("/items/{question}", partial(taken, pages.edit), methods=["POST"]),
            Route("/q/{question}", partial(shown, answers.first), methods=["GET"]),
            Route("/q/{question}/{handle}", partial(shown, answers.answer), methods=["GET"]),
            Route("/q/{question}/{handle}", partial(taken, answers.decide), methods=["POST"]),
            Route("/q/{question}/{handle}/since", partial(shown, answers.since), methods=["GET"]),
            Route("/q/{question}/{handle}/group/{kind}", partial(shown, answers.group), methods=["GET"]),
            Route("/q/{question}/{handle}/all", partial(shown, answers.hand_in), methods=["GET"]),
            Route("/second/{question}", partial(shown, seconds.first), methods=["GET"]),
            Route("/second/{question}/{handle}", partial(shown, seconds.answer), methods=["GET"]),
            Route("/second/{question}/{handle}", partial(taken, seconds.decide), methods=["POST"]),
            Route("/agreement", partial(shown, seconds.agreement), methods=["GET"]),
        ],
        exception_handlers={404: not_there, 405: not_there},
    )


class _Pages:
    """The handlers of a class."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def start(self, request: Request, session: Session) -> Response:
        """What waits, by question."""
        desk = self._desk
        if left := request.query_params.get("from", ""):
            question, _, handle = left.partition("/")
            desk.opened.close(question, handle)
        ready = desk.answers.is_read.is_set()
        return page(
            "review_start.html.j2",
            title=desk.answers.book.rubric.title,
            session=session,
            flash=flash(session),
            ready=ready,
            read=desk.answers.read,
            of=desk.answers.of,
            tallies=desk.tallies() if ready else [],
            flagged=self._flagged(session) if ready else [],
            seconds=self._seconds(session) if ready else [],
            share=desk.seconds.share,
            failed=desk.attention.failed() if ready else [],
            claims=desk.attention.claims() if ready else [],
            looking=not desk.attention.is_read.is_set(),
            old=desk.answers.is_old(),
        )

    def _flagged(self, session: Session) -> list[tuple[Place, FlagRecord]]:
        """What is flagged, but for what this person is to decide unseen."""
        flagged = self._desk.flagged()
        return [(place, flag) for place, flag in flagged if not self._desk.seconds.unseen(session, place)]

    def _seconds(self, session: Session) -> list[dict[str, Any]]:
        """Second opinions, by question, where any were drawn."""
        found = []
        for id, question in self._desk.answers.questions.items():
            draw = self._desk.seconds.of(id)
            if draw.drawn:
                mine = len(self._desk.seconds.waiting(session, id))
                differ = sum(not (pair.alike or pair.settled) for pair in draw.pairs)
                own = {"drawn": draw.drawn, "given": len(draw.pairs), "mine": mine, "differ": differ}
                found.append({"question": question, **own})
        return found

    def find(self, request: Request, session: Session) -> Response:
        """The hand-ins that somebody looks for by a part of a name or an id."""
        if not self._desk.answers.is_read.is_set():
            return self.start(request, session)
        text = request.query_params.get("who", "").strip()[:_MOST_SOUGHT]
        found = self._desk.answers.hand_ins(text) if text else []
        return page("review_found.html.j2", text=text, found=found[:_MOST_FOUND], count=len(found))

    def failure(self, request: Request, session: Session) -> Response:
        """A hand-in that could not be graded."""
        desk = self._desk
        if not desk.answers.is_read.is_set():
            return self.start(request, session)
        found = desk.attention.failure(request.path_params["handle"])
        book = desk.answers.book
        return page(
            "review_failed.html.j2",
            failed=found,
            names=book.persons_of(found.hand_in),
            marks=book.book.marks(book.rubric.id, found.hand_in.submission).get(found.hand_in.submission, {}),
            mark_line=wording.mark,
        )

    def me(self, request: Request, session: Session, form: Form) -> Response:
        """Who marks, and what that person wants to see."""
        if name := form.text("name"):
            session.name = of_name(name)
        if shown := form.text("suggests"):
            session.suggests = shown == "yes"
        return RedirectResponse("/", 303)

    def undo(self, request: Request, session: Session, form: Form) -> Response:
        """Take the last save back, and go there."""
        try:
            is_second = bool(session.saves) and session.saves[-1].is_second
            last = (self._desk.seconds if is_second else self._desk.saving).undo(session)
        except UsageError as error:
            session.flash = f"Nothing was taken back: {error}."
            return RedirectResponse("/", 303)
        if last.is_second:
            session.flash = "Taken back: your last second opinion."
            return RedirectResponse(f"/second/{last.question}/{last.handle}", 303)
        count = f" of {len(last.given)} answers" if len(last.given) > 1 else ""
        session.flash = f"Taken back: the last mark{count}."
        return RedirectResponse(f"/q/{last.question}/{last.handle}", 303)

    def items(self, request: Request, session: Session) -> Response:
        """The items of a question, to be changed."""
        question = self._desk.answers.question(request.path_params["question"])
        return page(
            "review_items.html.j2",
            session=session,
            flash=flash(session),
            question=question,
            items=self._desk.answers.items(question),
        )

    def edit(self, request: Request, session: Session, form: Form) -> Response:
        """Change an item, or add one."""
        question = self._desk.answers.question(request.path_params["question"])
        id, text = form.text("id", 100), form.text("text")
        if not form.text("points").strip():
            raise UsageError("points: found nothing, wanted points, such as 1.5 or -1")
        count = self._desk.saving.edit(session, question, id, text, form.points("points"))
        given = "1 mark was" if count == 1 else f"{count} marks were"
        session.flash = f"The item is {'changed' if id else 'added'}; {given} given anew."
        return RedirectResponse(f"/items/{question.id}", 303)
