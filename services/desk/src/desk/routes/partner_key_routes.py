"""The keys of partners: given, each shown once, and taken back."""

from datetime import UTC, datetime
from functools import partial
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from desk.clients import Session
from desk.errors import InvalidError, TakenError
from desk.forms import Form
from desk.pages import Pages
from desk.partnering import SCOPES, read_key, read_revocation
from desk.routes.guard import SignedIn, Typed
from desk.routes.partner_routes import once, place
from desk.routes.writing import written

_NEW_KEY: Final = {f"scope_{scope}": "yes" for scope in SCOPES if scope != "messages:vouch"}
"""To speak for a number is a trust of its own."""


def build(pages: Pages) -> APIRouter:
    """The pages under `/partners/{partner_id}/keys`."""
    router = APIRouter(prefix="/partners/{partner_id}/keys")

    @router.get("/new")
    async def new_key(request: Request, desk: SignedIn, partner_id: str) -> Response:
        return await _new_key(pages, request, desk.store, partner_id, Form(_NEW_KEY))

    @router.post("/new")
    async def give_key(request: Request, desk: SignedIn, partner_id: str, typed: Typed) -> Response:
        form = Form(typed)
        body = read_key(form, datetime.now(UTC))
        made = await written(form, partial(desk.store.send, "POST", f"{place(partner_id)}/keys", body))
        if made is None:
            return await _new_key(pages, request, desk.store, partner_id, form)
        partner = await desk.store.get(place(partner_id))
        return once(pages, request, partner, made["key"], "key", back=f"/partners/{partner_id}")

    @router.post("/{key_id}/revocation")
    async def revoke(desk: SignedIn, partner_id: str, key_id: str, typed: Typed) -> Response:
        body = read_revocation(Form(typed), datetime.now(UTC))
        path, told = f"{place(partner_id)}/keys/{quote(key_id, safe='')}/revocation", "partners.revoked"
        try:
            await desk.store.send("POST", path, body)
        except (TakenError, InvalidError):
            told = "partners.revoked_already"
        return pages.redirect(f"/partners/{partner_id}", told)

    return router


async def _new_key(pages: Pages, request: Request, store: Session, partner_id: str, form: Form) -> Response:
    partner = await store.get(place(partner_id))
    return pages.render(
        request, "partners/new_key.html", form.status, form=form, partner=partner, scopes=SCOPES
    )
