"""The table of agreed deadlines: which tier has how much time for what."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

from fastapi import APIRouter, Request, Response

from desk.clients import Session
from desk.errors import NotThereError
from desk.forms import Form
from desk.pages import Pages
from desk.routes.guard import SignedIn, Typed
from desk.routes.writing import written
from desk.typed import typed_number

_BLANK: Final = {"tier": "agent", "unit": "working_days", "allowance": "3", "warn": "75"}
_MOST: Final = {"working_days": 365, "working_minutes": 100_000}
_MATTER: Final = ("section", "topic", "kind", "channel")


def build(pages: Pages) -> APIRouter:
    """The routes under `/allowances`."""
    router = APIRouter(prefix="/allowances")

    @router.get("")
    async def show(request: Request, desk: SignedIn) -> Response:
        return await _page(pages, request, desk.store)

    @router.get("/new")
    async def new(request: Request, desk: SignedIn) -> Response:
        return await _page(pages, request, desk.store, Form({**_BLANK, "key": uuid4().hex}))

    @router.post("/new")
    async def add(request: Request, desk: SignedIn, typed: Typed) -> Response:
        form = Form(typed)
        body = _read(form)
        if await written(form, lambda: desk.store.send("POST", "/olas", body, key=form["key"])):
            return pages.redirect("/allowances", "allowances.saved")
        return await _page(pages, request, desk.store, form)

    @router.get("/{row_id}")
    async def edit(request: Request, desk: SignedIn, row_id: str) -> Response:
        row = next((row for row in await _rows(desk.store) if row["id"] == row_id), None)
        if row is None:
            raise NotThereError({"title": "no such row"})
        return await _page(pages, request, desk.store, Form(_typed_of(row)), row_id)

    @router.post("/{row_id}")
    async def save(request: Request, desk: SignedIn, row_id: str, typed: Typed) -> Response:
        form = Form(typed)
        body, path = _read(form), f"/olas/{row_id}"
        if await written(form, lambda: desk.store.send("PUT", path, body, version=form["version"])):
            return pages.redirect("/allowances", "allowances.saved")
        return await _page(pages, request, desk.store, form, row_id)

    @router.post("/{row_id}/remove")
    async def remove(desk: SignedIn, row_id: str, typed: Typed) -> Response:
        await desk.store.send("DELETE", f"/olas/{row_id}", version=typed.get("version"))
        return pages.redirect("/allowances", "allowances.removed")

    return router


async def _page(
    pages: Pages, request: Request, store: Session, form: Form | None = None, row_id: str | None = None
) -> Response:
    """The table, and beside it the row in hand if there is one."""
    rows = await _rows(store)
    now = next((row for row in rows if row["id"] == row_id), None)
    status = form.status if form else HTTPStatus.OK
    shown = {"rows": rows, "form": form, "row_id": row_id, "now": now}
    return pages.render(request, "allowances/list.html", status, **shown)


async def _rows(store: Session) -> list[Mapping[str, Any]]:
    rows = await store.get("/olas")
    return [row for row in rows if row["active"]]


def _read(form: Form) -> dict[str, object]:
    """The body of a row; a share in per cent becomes one of 1."""
    unit = form["unit"] if form["unit"] in _MOST else "working_days"
    share = form.read("warn", lambda text: typed_number(text, 1, 100))
    return {
        "tier": form["tier"],
        **{name: form.maybe(name) for name in _MATTER},
        "allowance": form.read("allowance", lambda text: typed_number(text, 1, _MOST[unit])),
        "unit": unit,
        "warn_share": (share or 100) / 100,
        "note": form["note"].strip(),
    }


def _typed_of(row: Mapping[str, Any]) -> dict[str, str]:
    """A row as one would type it."""
    told = {name: "" if value is None else str(value) for name, value in row.items()}
    return {**told, "warn": str(round(row["warn_share"] * 100))}
