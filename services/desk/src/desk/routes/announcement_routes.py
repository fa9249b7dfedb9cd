"""What the portal tells everybody: written, changed and ended here."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final
from uuid import uuid4

from fastapi import APIRouter, Request, Response

from desk.announcing import LONGEST_BODY, LONGEST_TITLE, WEIGHTS, read_announcement, read_change, typed_of
from desk.clients import Session
from desk.forms import Form
from desk.pages import Pages, language_of, wants
from desk.routes.guard import SignedIn, Typed
from desk.routes.writing import Taken, written

_LIMITS: Final = {"longest_title": LONGEST_TITLE, "longest_body": LONGEST_BODY, "weights": WEIGHTS}
_NONSENSE: Final = Taken("until_day", "announcements.order")
"""What the store refuses of a change that each field alone would allow."""


def build(pages: Pages) -> APIRouter:
    """The pages under `/announcements`."""
    router = APIRouter(prefix="/announcements")

    @router.get("")
    async def show(request: Request, desk: SignedIn, cursor: str = "") -> Response:
        return await _list(pages, request, desk.store, cursor)

    @router.get("/new")
    async def new(request: Request) -> Response:
        form = Form({"weight": WEIGHTS[0], "key": uuid4().hex})
        return _edit(pages, request, form)

    @router.post("/new")
    async def write(request: Request, desk: SignedIn, typed: Typed) -> Response:
        form = Form(typed)
        send = partial(desk.store.send, "POST", "/announcements", read_announcement(form), key=form["key"])
        if await written(form, send) is None:
            return _edit(pages, request, form)
        return pages.redirect("/announcements", "announcements.written")

    @router.get("/{announcement_id}")
    async def edit(request: Request, desk: SignedIn, announcement_id: str) -> Response:
        one = await desk.store.get(f"/announcements/{announcement_id}")
        return _edit(pages, request, Form(typed_of(one, language_of(request))), one)

    @router.post("/{announcement_id}")
    async def change(request: Request, desk: SignedIn, announcement_id: str, typed: Typed) -> Response:
        form, path = Form(typed), f"/announcements/{announcement_id}"
        send = partial(desk.store.send, "PATCH", path, read_change(form), version=form["version"])
        if await written(form, send, taken=_NONSENSE) is None:
            return _edit(pages, request, form, await desk.store.get(path))
        return pages.redirect("/announcements", "announcements.saved")

    @router.post("/{announcement_id}/end")
    async def end(request: Request, desk: SignedIn, announcement_id: str, typed: Typed) -> Response:
        form = Form(typed)
        path = f"/announcements/{announcement_id}/end"
        if await written(form, partial(desk.store.send, "POST", path, version=form["version"])) is None:
            return await _list(pages, request, desk.store, form=form)
        return pages.redirect("/announcements", "announcements.ended")

    return router


async def _list(
    pages: Pages, request: Request, store: Session, cursor: str = "", form: Form | None = None
) -> Response:
    form = form or Form()
    found = await store.get("/announcements", cursor=cursor, limit=20)
    template = "announcements/_rows.html" if wants(request, "rows") else "announcements/list.html"
    return pages.render(request, template, form.status, found=found, changed=form.changed)


def _edit(pages: Pages, request: Request, form: Form, one: Mapping[str, Any] | None = None) -> Response:
    return pages.render(request, "announcements/edit.html", form.status, form=form, one=one, **_LIMITS)
