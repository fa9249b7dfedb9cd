"""The supervisor's view: queues, deadlines past and near, who does what, silence; and giving cases."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response

from desk.clients import Session
from desk.forms import Form
from desk.pages import Pages, wants
from desk.routes.guard import SignedIn, Typed
from desk.routes.writing import written


def build(pages: Pages) -> APIRouter:
    """The routes under `/supervision`."""
    router = APIRouter(prefix="/supervision")

    @router.get("")
    async def show(request: Request, desk: SignedIn) -> Response:
        seen = await desk.store.get("/supervision")
        template = "supervision/_glance.html" if wants(request, "glance") else "supervision/page.html"
        return pages.render(request, template, seen=seen)

    @router.get("/assign/{code}")
    async def ask(request: Request, desk: SignedIn, code: str) -> Response:
        return await _assigning(pages, request, desk.store, code, Form())

    @router.post("/assign/{code}")
    async def assign(request: Request, desk: SignedIn, code: str, typed: Typed) -> Response:
        form = Form(typed)
        body = {"staff_id": form.maybe("staff_id")}
        send = partial(desk.store.send, "POST", f"/cases/{code}/assign", body, version=form["version"])
        if await written(form, send) is None:
            return await _assigning(pages, request, desk.store, code, form)
        return pages.redirect(
            "/supervision", "supervision.assigned" if body["staff_id"] else "supervision.freed"
        )

    return router


async def _assigning(pages: Pages, request: Request, store: Session, code: str, form: Form) -> Response:
    """A case and the colleagues of its desk, those first who have least in hand."""
    case = await store.get(f"/cases/{code}")
    seen, staff = await store.get("/supervision"), await store.get("/staff", active=True)
    claims = {one["id"]: one["claims"] for one in seen["staff"]}
    colleagues = _colleagues(staff["staff"], case["desk"], claims)
    template = "supervision/_assign.html" if wants(request, "assign") else "supervision/assign.html"
    shown = {"case": case, "colleagues": colleagues, "claims": claims, "form": form}
    return pages.render(request, template, form.status, **shown)


def _colleagues(
    staff: Sequence[Mapping[str, Any]], desk: str, claims: Mapping[str, int]
) -> list[Mapping[str, Any]]:
    able = [
        one for one in staff if desk in one["desks"] and {"agent", "expert", "supervisor"} & {*one["roles"]}
    ]
    return sorted(able, key=lambda one: (claims.get(one["id"], 0), one["name"]))
