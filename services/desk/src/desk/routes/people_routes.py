"""A person: name, national id, addresses, cases."""

from functools import partial
from typing import Final
from uuid import uuid4

from fastapi import APIRouter, Request, Response

from desk.clients import Session
from desk.forms import Form
from desk.pages import Pages, wants
from desk.routes.guard import SignedIn, Typed
from desk.routes.writing import Taken, written
from envelope.tracking import is_valid

_REFUSALS: Final = {"national_id": "people.national_id_wrong"}
_SHOWN: Final = 20


def build(pages: Pages) -> APIRouter:
    """The routes under `/people`."""
    router = APIRouter(prefix="/people")

    @router.get("/{person_id}")
    async def show(request: Request, desk: SignedIn, person_id: str, cursor: str = "") -> Response:
        return await _page(pages, request, desk.store, person_id, cursor=cursor)

    @router.post("/{person_id}")
    async def change(request: Request, desk: SignedIn, person_id: str, typed: Typed) -> Response:
        form = Form(typed)
        fields: dict[str, object] = {"name": form.maybe("name")}
        if told := form.maybe("national_id"):
            fields["national_id"] = told
        send = partial(desk.store.send, "PATCH", f"/contacts/{person_id}", fields, version=form["version"])
        if await written(form, send, refusals=_REFUSALS) is None:
            return await _page(pages, request, desk.store, person_id, form)
        return pages.redirect(f"/people/{person_id}", "people.saved")

    @router.post("/{person_id}/read-aloud")
    async def read_aloud(desk: SignedIn, person_id: str, typed: Typed) -> Response:
        """From their own page, or from that of the case that the form names."""
        wanted, case = typed.get("wanted") == "yes", typed.get("case", "")
        await desk.store.send("PATCH", f"/contacts/{person_id}", {"read_aloud": wanted})
        told = "people.read_aloud_on" if wanted else "people.read_aloud_off"
        return pages.redirect(f"/cases/{case}" if is_valid(case) else f"/people/{person_id}", told)

    @router.post("/{person_id}/addresses")
    async def add_address(request: Request, desk: SignedIn, person_id: str, typed: Typed) -> Response:
        form = Form(typed)
        body, path = {"address": form.text("address", most=200)}, f"/contacts/{person_id}/addresses"
        taken = Taken("address", "people.address_taken")
        if (
            await written(form, partial(desk.store.send, "POST", path, body, key=form["key"]), taken=taken)
            is None
        ):
            return await _page(pages, request, desk.store, person_id, form)
        return pages.redirect(f"/people/{person_id}", "people.added")

    return router


async def _page(
    pages: Pages,
    request: Request,
    store: Session,
    person_id: str,
    form: Form | None = None,
    *,
    cursor: str = "",
) -> Response:
    person = await store.get(f"/contacts/{person_id}")
    if person.get("merged_into"):
        return pages.redirect(f"/people/{person['merged_into']}", "people.is_merged")
    shown = {
        "person": person,
        "cases": await store.get("/cases", contact=person_id, limit=_SHOWN, cursor=cursor),
        "merges": await store.get(f"/contacts/{person_id}/merges"),
        "form": form or Form({"name": person["name"] or "", "key": uuid4().hex}),
    }
    template = "people/_cases.html" if wants(request, "cases") else "people/one.html"
    return pages.render(request, template, form.status if form else 200, **shown)
