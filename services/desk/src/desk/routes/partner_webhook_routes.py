"""Where a partner is told what happens: its endpoints, and what became of each telling."""

from collections.abc import Awaitable, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

from fastapi import APIRouter, Request, Response

from desk.clients import Session
from desk.errors import ChangedError, InvalidError, TakenError
from desk.forms import Form
from desk.pages import Pages
from desk.partnering import TYPES, read_webhook, shown_type
from desk.routes.guard import SignedIn, Typed
from desk.routes.partner_routes import once, place
from desk.routes.writing import Taken, written

_STATES: Final = ("pending", "delivered", "dead")
_REFUSALS: Final = {"url": "partners.url_wrong"}
_TURNED: Final[Mapping[str, str]] = {"active": "partners.turned_on", "disabled": "partners.turned_off"}


def build(pages: Pages) -> APIRouter:
    """The pages under `/partners/{partner_id}/webhooks`."""
    router = APIRouter(prefix="/partners/{partner_id}/webhooks")

    @router.get("/new")
    async def new(request: Request, desk: SignedIn, partner_id: str) -> Response:
        return await _new(pages, request, desk.store, partner_id, Form({"key": uuid4().hex}))

    @router.post("/new")
    async def make(request: Request, desk: SignedIn, partner_id: str, typed: Typed) -> Response:
        form = Form(typed)
        send = partial(desk.store.send, "POST", f"{place(partner_id)}/webhooks", read_webhook(form))
        made = await written(form, send, refusals=_REFUSALS, taken=Taken("url", "partners.too_many"))
        if made is None:
            return await _new(pages, request, desk.store, partner_id, form)
        return await _secret(pages, request, desk.store, partner_id, made)

    @router.get("/{webhook_id}")
    async def show(
        request: Request, desk: SignedIn, partner_id: str, webhook_id: str, state: str = "", cursor: str = ""
    ) -> Response:
        here = _place(partner_id, webhook_id)
        chosen = state * (state in _STATES)
        log = await desk.store.get(f"{here}/deliveries", state=chosen, cursor=cursor, limit=30)
        return pages.render(
            request,
            "partners/webhook.html",
            partner=await desk.store.get(place(partner_id)),
            webhook=await desk.store.get(here),
            log=log,
            state=chosen,
            states=_STATES,
            shown_type=shown_type,
        )

    @router.post("/{webhook_id}/secret")
    async def renew(request: Request, desk: SignedIn, partner_id: str, webhook_id: str) -> Response:
        made = await desk.store.send("POST", f"{_place(partner_id, webhook_id)}/secret")
        return await _secret(pages, request, desk.store, partner_id, made)

    @router.post("/{webhook_id}/test")
    async def test(desk: SignedIn, partner_id: str, webhook_id: str) -> Response:
        sent = desk.store.send("POST", f"{_place(partner_id, webhook_id)}/test")
        return await _done(pages, partner_id, webhook_id, sent, "partners.tested")

    @router.post("/{webhook_id}/state")
    async def turn(desk: SignedIn, partner_id: str, webhook_id: str, typed: Typed) -> Response:
        state = _turned(typed)
        sent = desk.store.send("PATCH", _place(partner_id, webhook_id), {"state": state})
        return await _done(pages, partner_id, webhook_id, sent, _TURNED[state])

    @router.post("/{webhook_id}/removal")
    async def remove(desk: SignedIn, partner_id: str, webhook_id: str) -> Response:
        await desk.store.send("DELETE", _place(partner_id, webhook_id))
        return pages.redirect(f"/partners/{partner_id}", "partners.removed")

    @router.post("/{webhook_id}/deliveries/{delivery_id}")
    async def replay(desk: SignedIn, partner_id: str, webhook_id: str, delivery_id: str) -> Response:
        path = f"{_place(partner_id, webhook_id)}/deliveries/{quote(delivery_id, safe='')}/replay"
        sent = desk.store.send("POST", path)
        return await _done(pages, partner_id, webhook_id, sent, "partners.replayed")

    return router


def _place(partner_id: str, webhook_id: str) -> str:
    return f"{place(partner_id)}/webhooks/{quote(webhook_id, safe='')}"


def _turned(typed: Mapping[str, str]) -> str:
    return "disabled" if typed.get("state") == "disabled" else "active"


async def _done(
    pages: Pages, partner_id: str, webhook_id: str, sent: Awaitable[object], told: str
) -> Response:
    """The endpoint's page, which says what came of a step."""
    try:
        await sent
    except (TakenError, ChangedError, InvalidError):
        told = "partners.refused"
    return pages.redirect(f"/partners/{partner_id}/webhooks/{webhook_id}", told)


async def _secret(
    pages: Pages, request: Request, store: Session, partner_id: str, made: Mapping[str, Any]
) -> Response:
    partner = await store.get(place(partner_id))
    back = f"/partners/{partner_id}/webhooks/{made['id']}"
    return once(pages, request, partner, made["secret"], "secret", back=back)


async def _new(pages: Pages, request: Request, store: Session, partner_id: str, form: Form) -> Response:
    partner = await store.get(place(partner_id))
    return pages.render(
        request, "partners/new_webhook.html", form.status, form=form, partner=partner, types=TYPES
    )
