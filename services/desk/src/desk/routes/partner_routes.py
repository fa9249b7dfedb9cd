"""Partners: who hands in for others; what is shown once of their secrets."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

from fastapi import APIRouter, Request, Response

from desk.clients import Session
from desk.forms import Form
from desk.pages import Pages
from desk.partnering import OVERLAPS, read_change, read_made, shown_type, typed_of
from desk.routes.guard import SignedIn, Typed
from desk.routes.writing import Taken, written

_BLANK: Final = {"per_minute": "600", "per_day": "100000", "active": "yes"}
_REFUSALS: Final = {"id": "partners.id_wrong"}


def build(pages: Pages) -> APIRouter:
    """The pages under `/partners`."""
    router = APIRouter(prefix="/partners")

    @router.get("")
    async def show(request: Request, desk: SignedIn) -> Response:
        found = await desk.store.get("/partners")
        return pages.render(request, "partners/list.html", rows=found["partners"])

    @router.get("/new")
    async def new(request: Request) -> Response:
        form = Form({**_BLANK, "key": uuid4().hex})
        return pages.render(request, "partners/new.html", form=form)

    @router.post("/new")
    async def make(request: Request, desk: SignedIn, typed: Typed) -> Response:
        form = Form(typed)
        send = partial(desk.store.send, "POST", "/partners", read_made(form), key=form["key"])
        made = await written(form, send, refusals=_REFUSALS, taken=Taken("id", "partners.id_taken"))
        if made is None:
            return pages.render(request, "partners/new.html", form.status, form=form)
        return pages.redirect(f"/partners/{made['id']}", "partners.made")

    @router.get("/{partner_id}")
    async def one(request: Request, desk: SignedIn, partner_id: str) -> Response:
        return await _one(pages, request, desk.store, partner_id)

    @router.post("/{partner_id}")
    async def change(request: Request, desk: SignedIn, partner_id: str, typed: Typed) -> Response:
        form = Form(typed)
        body = read_change(form)
        send = partial(desk.store.send, "PATCH", place(partner_id), body, version=form["version"])
        if await written(form, send) is None:
            return await _one(pages, request, desk.store, partner_id, form)
        return pages.redirect(f"/partners/{partner_id}", "partners.saved")

    return router


def place(partner_id: str) -> str:
    """Where the store keeps a partner."""
    return f"/partners/{quote(partner_id, safe='')}"


def once(
    pages: Pages, request: Request, partner: Mapping[str, Any], secret: str, kind: str, *, back: str
) -> Response:
    """A page that shows a `key` or a `secret` this once; no cache keeps it."""
    response = pages.render(
        request, "partners/once.html", 201, partner=partner, secret=secret, kind=kind, back=back
    )
    response.headers["Cache-Control"] = "no-store"
    return response


async def _one(
    pages: Pages, request: Request, store: Session, partner_id: str, form: Form | None = None
) -> Response:
    partner: Mapping[str, Any] = await store.get(place(partner_id))
    form = form or Form(typed_of(partner))
    return pages.render(
        request,
        "partners/one.html",
        form.status,
        form=form,
        partner=partner,
        keys=(await store.get(f"{place(partner_id)}/keys"))["keys"],
        webhooks=(await store.get(f"{place(partner_id)}/webhooks"))["webhooks"],
        overlaps=[*OVERLAPS],
        shown_type=shown_type,
    )
