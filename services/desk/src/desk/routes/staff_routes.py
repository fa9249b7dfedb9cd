"""The staff: employ, change, help back in, sign out."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final
from uuid import uuid4

from fastapi import APIRouter, Request, Response

from desk.clients import Session
from desk.employing import ROLES, read_change, read_employed, typed_of
from desk.forms import Form
from desk.pages import Pages, wants
from desk.routes.guard import SignedIn, Typed
from desk.routes.writing import Taken, written

_BLANK: Final = {"language": "fa", "role_agent": "yes", "active": "yes"}
_HELP: Final[Mapping[str, str]] = {"unlock": "organisation.unlocked", "sign-out": "organisation.signed_out"}


def build(pages: Pages) -> APIRouter:
    """The routes under `/staff`."""
    router = APIRouter(prefix="/staff")

    @router.get("")
    async def show(
        request: Request, desk: SignedIn, q: str = "", unit: str = "", role: str = "", gone: str = ""
    ) -> Response:
        asked = {"q": q.strip(), "unit": unit, "role": role, "gone": gone}
        found = await desk.store.get("/staff", unit=unit, role=role, active=None if gone else True)
        rows = [one for one in found["staff"] if asked["q"] in one["name"] or asked["q"] in one["username"]]
        template = "staff/_rows.html" if wants(request, "rows") else "staff/list.html"
        return pages.render(request, template, rows=rows, asked=asked, roles=ROLES)

    @router.get("/new")
    async def new(request: Request) -> Response:
        form = Form({**_BLANK, "key": uuid4().hex})
        return pages.render(request, "staff/edit.html", form=form, member=None, roles=ROLES)

    @router.post("/new")
    async def employ(request: Request, desk: SignedIn, typed: Typed) -> Response:
        form = Form(typed)
        body = read_employed(form, request.state.places.units)
        send = partial(desk.store.send, "POST", "/staff", body, key=form["key"])
        made = await written(form, send, taken=Taken("username", "organisation.username_taken"))
        if made is None:
            return pages.render(request, "staff/edit.html", form.status, form=form, member=None, roles=ROLES)
        return pages.render(
            request, "staff/password.html", 201, member=made["staff"], password=made["password"]
        )

    @router.get("/{staff_id}")
    async def edit(request: Request, desk: SignedIn, staff_id: str) -> Response:
        return await _edit(pages, request, desk.store, staff_id)

    @router.post("/{staff_id}")
    async def change(request: Request, desk: SignedIn, staff_id: str, typed: Typed) -> Response:
        form = Form(typed)
        body = read_change(form, request.state.places.units)
        send = partial(desk.store.send, "PATCH", f"/staff/{staff_id}", body, version=form["version"])
        taken = Taken("refused", "organisation.staff_refused")
        if await written(form, send, taken=taken) is None:
            return await _edit(pages, request, desk.store, staff_id, form)
        return pages.redirect(f"/staff/{staff_id}", "organisation.saved")

    @router.post("/{staff_id}/password")
    async def reset(request: Request, desk: SignedIn, staff_id: str, typed: Typed) -> Response:
        body = {"second_factor": bool(typed.get("second_factor"))}
        made = await desk.store.send("POST", f"/staff/{staff_id}/password-reset", body)
        member = await desk.store.get(f"/staff/{staff_id}")
        return pages.render(request, "staff/password.html", member=member, password=made["password"])

    @router.post("/{staff_id}/help")
    async def help_in(desk: SignedIn, staff_id: str, typed: Typed) -> Response:
        verb = typed["do"] if typed.get("do") in _HELP else "unlock"
        await desk.store.send("POST", f"/staff/{staff_id}/{verb}")
        return pages.redirect(f"/staff/{staff_id}", _HELP[verb])

    return router


async def _edit(
    pages: Pages, request: Request, store: Session, staff_id: str, form: Form | None = None
) -> Response:
    member: Mapping[str, Any] = await store.get(f"/staff/{staff_id}")
    form = form or Form(typed_of(member))
    return pages.render(request, "staff/edit.html", form.status, form=form, member=member, roles=ROLES)
