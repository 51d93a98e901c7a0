"""The pages: what is shown at each address, and what is done with what they post. All work without script."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from importlib import resources
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from ..errors import GraderError, UsageError
from ..gradebook import Crossing, MarkRecord, items
from ..model import GradeReport, Outcome, QuestionResult
from ..report import code, wording
from ..report.html import environment
from .desk import Changed, Choice, Desk, Gone, Session, of_name
from .forms import Form, TooLarge, read
from .places import Place, handle

_STYLES = ("report.css", "single.css", "review.css")
Handler = Callable[[Request, Session], Response]
_MOST_SOUGHT = 100
"""Characters of what is looked for."""
_MOST_FOUND = 50


def app(desk: Desk) -> Starlette:
    """The pages of a class; for a `guard`, which puts the session into each request's state."""
    pages = _Pages(desk)
    return Starlette(
        routes=[
            Route("/", partial(_shown, pages.start), methods=["GET"]),
            Route("/style.css", _style, methods=["GET"]),
            Route("/keys.js", _script, methods=["GET"]),
            Route("/find", partial(_shown, pages.find), methods=["GET"]),
            Route("/me", partial(_taken, pages.me), methods=["POST"]),
            Route("/undo", partial(_taken, pages.undo), methods=["POST"]),
            Route("/items/{question}", partial(_shown, pages.items), methods=["GET"]),
            Route("/items/{question}", partial(_taken, pages.edit), methods=["POST"]),
            Route("/q/{question}", partial(_shown, pages.first), methods=["GET"]),
            Route("/q/{question}/{handle}", partial(_shown, pages.answer), methods=["GET"]),
            Route("/q/{question}/{handle}", partial(_taken, pages.decide), methods=["POST"]),
            Route("/q/{question}/{handle}/all", partial(_shown, pages.hand_in), methods=["GET"]),
        ],
        exception_handlers={404: _not_there, 405: _not_there},
    )


async def _shown(handler: Handler, request: Request) -> Response:
    return await run_in_threadpool(_told, handler, request, request.state.session)


async def _taken(handler: Callable[[Request, Session, Form], Response], request: Request) -> Response:
    session: Session = request.state.session
    try:
        form = await read(request)
    except TooLarge:
        return PlainTextResponse("grade review: the form is too large; nothing was saved\n", 413)
    except UsageError as error:
        return _trouble(str(error), 400)

    def handle(request: Request, session: Session) -> Response:
        return handler(request, session, form)

    return await run_in_threadpool(_told, handle, request, session)


def _told(handler: Handler, request: Request, session: Session) -> Response:
    """What a handler answers; what goes wrong is said in words, on a page."""
    try:
        return handler(request, session)
    except Gone:
        return _trouble(
            "There is no such answer now. It may have been graded again since: go on from the start.", 404
        )
    except UsageError as error:
        return _trouble(f"Nothing was saved: {error}", 400)
    except GraderError as error:
        return _trouble(f"Nothing was saved: {error}", 500)


def _trouble(words: str, status: int) -> Response:
    return _page("review_trouble.html.j2", status, words=words)


def _page(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    text = environment().get_template(template).render(**values)
    return HTMLResponse(text.encode("utf-8", "replace"), status)


async def _not_there(request: Request, error: Exception) -> Response:
    return _trouble("There is no such page.", 404)


@cache
def _static(names: tuple[str, ...]) -> bytes:
    folder = resources.files("grader.report") / "templates"
    return b"\n".join((folder / name).read_bytes() for name in names)


async def _style(request: Request) -> Response:
    return Response(_static(_STYLES), media_type="text/css")


async def _script(request: Request) -> Response:
    return Response(_static(("review.js",)), media_type="text/javascript")


class _Pages:
    """The handlers of a class."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def start(self, request: Request, session: Session) -> Response:
        """What waits, by question."""
        desk = self._desk
        if left := request.query_params.get("from", ""):
            question, _, handle = left.partition("/")
            desk.close(question, handle)
        ready = desk.is_read.is_set()
        return _page(
            "review_start.html.j2",
            title=desk.book.rubric.title,
            session=session,
            flash=_flash(session),
            ready=ready,
            read=desk.read,
            of=desk.of,
            tallies=desk.tallies() if ready else [],
            flagged=desk.flagged() if ready else [],
            failed=desk.book.failed if ready else {},
            old=desk.is_old(),
        )

    def find(self, request: Request, session: Session) -> Response:
        """The hand-ins that somebody looks for by a part of a name or an id."""
        if not self._desk.is_read.is_set():
            return self.start(request, session)
        text = request.query_params.get("who", "").strip()[:_MOST_SOUGHT]
        found = self._desk.hand_ins(text) if text else []
        return _page("review_found.html.j2", text=text, found=found[:_MOST_FOUND], count=len(found))

    def me(self, request: Request, session: Session, form: Form) -> Response:
        """Who marks, and what that person wants to see."""
        if name := form.text("name"):
            session.name = of_name(name)
        if shown := form.text("suggests"):
            session.suggests = shown == "yes"
        return RedirectResponse("/", 303)

    def first(self, request: Request, session: Session) -> Response:
        """To the first answer of a question that waits."""
        question = self._desk.question(request.path_params["question"])
        if not self._desk.is_read.is_set():
            return self.start(request, session)  # which loads this address again
        return self._next(session, question.id)

    def _next(self, session: Session, question: str, after: str = "") -> Response:
        found = self._desk.next_waiting(session, question, after)
        if found is None:
            session.flash = f"{session.flash} Nothing waits any more in {question}.".strip()
            return RedirectResponse("/", 303)
        return RedirectResponse(f"/q/{question}/{found.handle}", 303)

    def answer(self, request: Request, session: Session) -> Response:
        """One answer."""
        if not self._desk.is_read.is_set():
            return self.start(request, session)
        place = self._desk.place(request.path_params["question"], request.path_params["handle"])
        if left := request.query_params.get("from", ""):
            self._desk.close(place.question, left)
        return self._answer(request, session, place)

    def _answer(
        self,
        request: Request,
        session: Session,
        place: Place,
        status: int = 200,
        mine: Choice | None = None,
        theirs: MarkRecord | None = None,
        trouble: str = "",
    ) -> Response:
        desk = self._desk
        seen = desk.last_mark()  # before the mark itself is read
        place, report, result = desk.report(place)
        question = desk.question(place.question)
        record = desk.mark(place)
        other = desk.open(session, place)
        mark = record.mark if record else None
        chosen = mine or (Choice(mark.items, mark.adjustment, mark.note) if mark else None)
        if chosen is not None and mine is None and mark and not mark.items:
            chosen = Choice((), mark.points, mark.note)
        flag = desk.flags().get((place.submission, question.id))
        wants = request.query_params
        return _page(
            "review_answer.html.j2",
            status,
            session=session,
            flash=_flash(session),
            trouble=trouble,
            question=question,
            place=place,
            result=result,
            record=record,
            waits=desk.waits(place),
            mine=mine,
            theirs=theirs,
            chosen=chosen,
            ids={one.id for one in chosen.items} if chosen else set(),
            items=desk.items(question),
            most=question.points,
            seen=seen,
            other=other,
            number=desk.number(place),
            count=desk.shown(question.id),
            before=desk.beside(question.id, place.handle, -1),
            behind=desk.beside(question.id, place.handle, 1),
            same=len(desk.group(place, "same")),
            alike=len(desk.group(place, "alike")),
            notes=desk.notes(question.id),
            flag=flag,
            undo=bool(session.saves),
            who=desk.whose(place.submission) if "who" in wants else "",
            sources=code.sources(report) if "code" in wants else [],
            has_code=bool(report.sources),
            checks=[_read(report, result, check.id) for check in result.checks],
            suggested=place.suggested if session.suggests or not desk.waits(place) else None,
            decides=session.suggests or not desk.waits(place),
            mark_line=wording.mark,
            made_of=wording.mark_of_items,
            signed=wording.signed,
            evidence=wording.evidence,
            found=_FOUND[result.answered],
            automatic=not place.bare.open_points,
        )

    def hand_in(self, request: Request, session: Session) -> Response:
        """All questions of the hand-in that an answer is of."""
        place = self._desk.place(request.path_params["question"], request.path_params["handle"])
        place, report, _ = self._desk.report(place)
        handles = [handle(report.rubric, one.id, report.submission) for one in report.questions]
        return _page(
            "review_hand_in.html.j2",
            place=place,
            questions=list(zip(report.questions, handles, strict=True)),
            label=wording.label,
            score=wording.score,
        )

    def decide(self, request: Request, session: Session, form: Form) -> Response:
        """Save, skip, flag, or take back what one answer has."""
        desk = self._desk
        place = desk.place(request.path_params["question"], request.path_params["handle"])
        here = f"/q/{place.question}/{place.handle}"
        match form.text("do"):
            case "skip":
                session.skipped.add((place.question, place.handle))
                desk.close(place.question, place.handle)
                return self._next(session, place.question, place.handle)
            case "flag" | "unflag":
                desk.flag(session, place, form.text("do") == "flag", form.text("note"))
                session.flash = (
                    "Flagged for a colleague." if form.text("do") == "flag" else "No longer flagged."
                )
                return RedirectResponse(here, 303)
            case "withdraw":
                try:
                    desk.withdraw(session, place, form.number("seen"))
                except Crossing as crossing:
                    return self._answer(request, session, place, 409, theirs=crossing.met)
                session.flash = "The mark is taken back."
                return RedirectResponse(here, 303)
            case "save":
                return self._save(request, session, form, place)
        raise UsageError("found no button of this page; load it again")

    def _save(self, request: Request, session: Session, form: Form, place: Place) -> Response:
        desk = self._desk
        question = desk.question(place.question)
        note, adjustment = form.text("note"), form.points("adjust")
        chosen = items.chosen(desk.items(question), form.all("item"))
        mine = Choice(chosen, adjustment, note, form.group())
        if not chosen and not form.text("none") and not form.text("adjust").strip():
            trouble = "Nothing was saved: press the key of an item, 0 for none of them, or type points."
            return self._answer(request, session, place, 400, mine, trouble=trouble)
        if not place.bare.open_points and not note.strip():
            trouble = "Nothing was saved: the checks decide this one; say in the note why they are wrong."
            return self._answer(request, session, place, 400, mine, trouble=trouble)
        if chosen and form.text("none"):
            trouble = "Nothing was saved: items and “none of these” are both chosen."
            return self._answer(request, session, place, 400, mine, trouble=trouble)
        try:
            mark, count = desk.save(session, place, mine, form.number("seen"), form.text("answer", 100))
        except Crossing as crossing:
            return self._answer(request, session, place, 409, mine, crossing.met)
        except Changed:
            trouble = "Nothing was saved: the hand-in was graded again, and this answer is another one now. Look again."
            return self._answer(request, session, place, 409, mine, trouble=trouble)
        desk.close(place.question, place.handle)
        for_all = f" for {count} answers" if count > 1 else ""
        session.flash = (
            f"Saved: {wording.points(mark.points)} of {wording.counted(question.points)}{for_all}."
        )
        return self._next(session, place.question, place.handle)

    def undo(self, request: Request, session: Session, form: Form) -> Response:
        """Take the last save back, and go there."""
        try:
            last = self._desk.undo(session)
        except UsageError as error:
            session.flash = f"Nothing was taken back: {error}."
            return RedirectResponse("/", 303)
        count = f" of {len(last.given)} answers" if len(last.given) > 1 else ""
        session.flash = f"Taken back: the last mark{count}."
        return RedirectResponse(f"/q/{last.question}/{last.handle}", 303)

    def items(self, request: Request, session: Session) -> Response:
        """The items of a question, to be changed."""
        question = self._desk.question(request.path_params["question"])
        return _page(
            "review_items.html.j2",
            session=session,
            flash=_flash(session),
            question=question,
            items=self._desk.items(question),
        )

    def edit(self, request: Request, session: Session, form: Form) -> Response:
        """Change an item, or add one."""
        question = self._desk.question(request.path_params["question"])
        id, text = form.text("id", 100), form.text("text")
        if not form.text("points").strip():
            raise UsageError("points: found nothing, wanted points, such as 1.5 or -1")
        count = self._desk.edit(session, question, id, text, form.points("points"))
        given = "1 mark was" if count == 1 else f"{count} marks were"
        session.flash = f"The item is {'changed' if id else 'added'}; {given} given anew."
        return RedirectResponse(f"/items/{question.id}", 303)


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


def _flash(session: Session) -> str:
    """What was done, once."""
    said, session.flash = session.flash, ""
    return said
