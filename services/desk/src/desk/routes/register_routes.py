"""Register a telephone call or a visit: one page, by keyboard, in less than twenty seconds."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from uuid import uuid4

from fastapi import APIRouter, Request, Response

from desk.clients import Session
from desk.errors import NotThereError
from desk.finding import best_fitting
from desk.forms import Form
from desk.pages import Pages
from desk.reading.reaching import number_to_call
from desk.registering import BLANK, REFUSALS, is_own, number_of, registration
from desk.routes.guard import SignedIn, Typed
from desk.routes.writing import Taken, written

_SHOWN_ANSWERS: Final = 9
"""One key each."""
_ANSWERED, _REFERRED, _USE, _CONTINUE = "answered", "refer", "use:", "continue:"
_TAKEN: Final = Taken("refused", "register.refused")


def build(pages: Pages) -> APIRouter:
    """The routes under `/register`."""
    router = APIRouter(prefix="/register")

    @router.get("")
    async def show(request: Request, desk: SignedIn, case: str = "") -> Response:
        form = Form({**BLANK, "key": uuid4().hex, "shown_at": datetime.now(UTC).isoformat()})
        if not case:
            return pages.render(request, "register/register.html", form=form, person=None, answers=None)
        return await _again(pages, request, desk.store, await _about(desk.store, form, case))

    @router.post("")
    async def register(request: Request, desk: SignedIn, typed: Typed) -> Response:
        form = await _with_answer(desk.store, Form(typed))
        if form["do"] in {_ANSWERED, _REFERRED}:
            body = registration(form, answered=form["do"] == _ANSWERED)
            await _offer(desk.store, form)
        elif form["do"].startswith(_CONTINUE):
            form = await _with_topic(desk.store, form)
            body = registration(form, answered=bool(form.maybe("answer")), case=_case(form))
        else:
            return await _again(pages, request, desk.store, form)
        send = partial(desk.store.send, "POST", "/cases", body, key=form["key"])
        case = await written(form, send, refusals=REFUSALS, taken=_TAKEN)
        if case is None:
            return await _again(pages, request, desk.store, form)
        shown = {"case": case, "notified": body["notify"], "joined": "case" in body}
        return pages.render(request, "register/done.html", 201, **shown)

    @router.post("/person")
    async def person(request: Request, desk: SignedIn, typed: Typed) -> Response:
        found = await _person(desk.store, Form(typed))
        return pages.render(request, "register/_person.html", form=Form(typed), person=found)

    @router.post("/answers")
    async def answers(request: Request, desk: SignedIn, typed: Typed) -> Response:
        found = await _answers(desk.store, Form(typed))
        return pages.render(request, "register/_answers.html", form=Form(typed), answers=found)

    return router


async def _again(pages: Pages, request: Request, store: Session, form: Form) -> Response:
    """The page with what was typed, the person behind the number and the answers of the topic."""
    shown = {"form": form, "person": await _person(store, form), "answers": await _answers(store, form)}
    return pages.render(request, "register/register.html", form.status, **shown)


async def _person(store: Session, form: Form) -> Mapping[str, Any] | None:
    """Whose number or case it is, with their open cases; None while there is neither."""
    number = number_of(Form(form.values))
    if form["case"]:
        case = await store.get(f"/cases/{form['case']}")
        return {"number": number or "", "contact": case["person"], "cases": [case]}
    if number is None:
        return None
    try:
        contact = await store.send("POST", "/contacts/search", {"address": number})
    except NotThereError:
        return {"number": number, "contact": None, "cases": []}
    found = await store.get("/cases", contact=contact["id"], undecided=True, limit=10)
    return {"number": number, "contact": contact, "cases": found["cases"]}


async def _offer(store: Session, form: Form) -> None:
    """Open cases of the person have to be shown before a new one is made: noted, once for each number."""
    if not form.right or form["offered"] == (number_of(form) or ""):
        return
    person = await _person(store, form)
    if person and not all(is_own(form, case) for case in person["cases"]):
        form.wrong("offered", "register.offered")


async def _answers(store: Session, form: Form) -> Sequence[Mapping[str, Any]] | None:
    """The approved answers of the topic, those first that fit what was said; None while there is no topic."""
    if not form["topic"]:
        return None
    found = await store.get("/answers", topic=form["topic"], state="approved", limit=50)
    offered = [answer for answer in found["answers"] if answer["offered"]]
    return best_fitting(form["text"], offered, _SHOWN_ANSWERS)


async def _with_answer(store: Session, form: Form) -> Form:
    """Without script an answer is put in by a button that sends the form."""
    if not form["do"].startswith(_USE):
        return form
    wanted = form["do"].removeprefix(_USE)
    chosen = [answer for answer in await _answers(store, form) or () if str(answer["id"]) == wanted]
    if not chosen:
        return form
    put_in = {"answer": chosen[0]["text"], "answer_id": wanted, "answer_number": str(chosen[0]["number"])}
    return Form({**form.values, **put_in})


def _case(form: Form) -> str:
    """The code of the open case that this call is more of."""
    return form["do"].removeprefix(_CONTINUE)


async def _about(store: Session, form: Form, code: str) -> Form:
    """A call about a case that somebody has before them; with the number that its person was called at."""
    case = await store.get(f"/cases/{code}")
    number = number_to_call(case["person"]) or ""
    told = {"case": case["tracking_code"], "topic": case["topic"], "number": number.replace("+98", "0", 1)}
    return Form({**form.values, **told})


async def _with_topic(store: Session, form: Form) -> Form:
    """More of an open case is about what the case is about, unless something else was chosen."""
    if form["topic"]:
        return form
    case = await store.get(f"/cases/{_case(form)}")
    return Form({**form.values, "topic": case["topic"]})
