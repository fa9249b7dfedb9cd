"""The watch list of referrals, the nearest deadline first; and one alone, for who may see no more."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from desk.clients import Session
from desk.errors import NotThereError
from desk.forms import Form
from desk.pages import Pages, wants
from desk.routes.guard import SignedIn, Typed
from desk.routes.writing import written
from desk.sessions import Desk

_STATES: Final = ("open", "forwarded", "answered", "returned", "recalled")
_FIELDS: Final[Mapping[str, str]] = {
    "answer": "text",
    "return": "reason",
    "forward": "question",
    "recall": "reason",
}
"""What each verb wants written, by the store's name of it."""
_TOLD: Final[Mapping[str, str]] = {
    "claim": "referrals.claimed",
    "answer": "referrals.answered",
    "return": "referrals.returned",
    "forward": "referrals.forwarded",
    "recall": "referrals.recalled",
}
_LONGEST: Final = 4_000


def build(pages: Pages) -> APIRouter:
    """The routes under `/referrals`."""
    router = APIRouter(prefix="/referrals")

    @router.get("")
    async def watch(
        request: Request,
        desk: SignedIn,
        whose: str = "all",
        state: str = "open",
        overdue: bool = False,  # noqa: FBT001, FBT002  (a tick in the address)
        cursor: str = "",
    ) -> Response:
        state = state if state in _STATES else "open"
        found = await desk.store.get(
            "/referrals",
            mine=whose == "mine" or None,
            state=state,
            overdue=overdue or None,
            cursor=cursor,
            limit=50,
        )
        asked = {"whose": whose, "state": state, "overdue": overdue}
        template = "referrals/_rows.html" if wants(request, "rows") else "referrals/list.html"
        return pages.render(request, template, found=found, asked=asked, states=_STATES)

    @router.get("/{referral_id}")
    async def show(request: Request, desk: SignedIn, referral_id: str) -> Response:
        return await _one(pages, request, desk, referral_id, Form())

    @router.post("/{referral_id}")
    async def settle(request: Request, desk: SignedIn, referral_id: str, typed: Typed) -> Response:
        form = Form(typed)
        verb = form["do"] if form["do"] in _TOLD else "claim"
        body, path = _body(form, verb), f"/referrals/{referral_id}"
        send = partial(desk.store.send, "POST", f"{path}/{verb}", body, version=form["version"])
        if await written(form, send) is None:
            return await _one(pages, request, desk, referral_id, form)
        return pages.redirect(path if verb == "claim" else "/referrals", _TOLD[verb])

    return router


async def _one(pages: Pages, request: Request, desk: Desk, referral_id: str, form: Form) -> Response:
    referral = await desk.store.get(f"/referrals/{referral_id}")
    said = await _said(desk.store, str(referral["tracking_code"]))
    return pages.render(request, "referrals/one.html", form.status, referral=referral, said=said, form=form)


async def _said(store: Session, code: str) -> list[Mapping[str, Any]]:
    """What the person said, where the case is within reach."""
    try:
        case = await store.get(f"/cases/{code}")
    except NotThereError:
        return []
    messages: list[Mapping[str, Any]] = case["messages"]
    return messages


def _body(form: Form, verb: str) -> dict[str, object]:
    """What the store wants with a verb; on the page its field is called `<verb>_<name>`."""
    if verb not in _FIELDS:
        return {}
    name = _FIELDS[verb]
    body: dict[str, object] = {name: form.text(f"{verb}_{name}", most=_LONGEST)}
    if verb == "forward":
        tier, _, unit = form["forward_unit"].partition(":")
        if not unit:
            form.wrong("forward_unit", "typed.missing")
        body |= {"tier": tier, "unit_id": unit}
    return body
