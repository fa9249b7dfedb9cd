"""Writing standard answers: a new one, or a new version of one."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final
from uuid import uuid4

from fastapi import APIRouter, Request, Response

from desk.clients import Session
from desk.forms import Form
from desk.pages import Pages, language_of
from desk.routes.guard import SignedIn, Typed
from desk.routes.writing import Taken, written
from desk.wording import read_answer, read_version, typed_of

_REFUSALS: Final = {"shortcut": "answers.shortcut_wrong"}
_BLANK: Final = {"language": "fa"}


def build(pages: Pages) -> APIRouter:
    """`/answers/new` and `/answers/{id}/edit`."""
    router = APIRouter(prefix="/answers")

    @router.get("/new")
    async def new(request: Request, topic: str = "") -> Response:
        form = Form({**_BLANK, "topic": topic, "key": uuid4().hex})
        return pages.render(request, "answers/edit.html", form=form, answer=None)

    @router.post("/new")
    async def add(request: Request, desk: SignedIn, typed: Typed) -> Response:
        form = Form(typed)
        body = read_answer(form)
        taken = Taken("shortcut", "answers.shortcut_taken")
        send = partial(desk.store.send, "POST", "/answers", body, key=form["key"])
        if answer := await written(form, send, taken=taken, refusals=_REFUSALS):
            return await _stored(pages, desk.store, form, answer)
        return pages.render(request, "answers/edit.html", form.status, form=form, answer=None)

    @router.get("/{answer_id}/edit")
    async def edit(request: Request, desk: SignedIn, answer_id: str) -> Response:
        answer = await desk.store.get(f"/answers/{answer_id}")
        form = Form({**typed_of(answer, language_of(request)), "key": uuid4().hex})
        return pages.render(request, "answers/edit.html", form=form, answer=answer)

    @router.post("/{answer_id}/edit")
    async def write(request: Request, desk: SignedIn, answer_id: str, typed: Typed) -> Response:
        form, path = Form(typed), f"/answers/{answer_id}"
        sure: dict[str, Any] = {"key": form["key"], "version": form["version"]}
        send = partial(desk.store.send, "POST", f"{path}/versions", read_version(form), **sure)
        if answer := await written(form, send):
            return await _stored(pages, desk.store, form, answer)
        answer = await desk.store.get(path)
        return pages.render(request, "answers/edit.html", form.status, form=form, answer=answer)

    return router


async def _stored(pages: Pages, store: Session, form: Form, answer: Mapping[str, Any]) -> Response:
    """The newest version is stored; send it for approval if that was the button."""
    path = f"/answers/{answer['id']}"
    if form["do"] != "submit":
        return pages.redirect(path, "answers.saved")
    number = max(version["number"] for version in answer["versions"])
    await store.send("POST", f"{path}/versions/{number}/submit")
    return pages.redirect(path, "answers.submitted")
