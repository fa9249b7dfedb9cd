"""Weekly patterns: which hours are worked on which weekday from a date on, split shifts and all."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request, Response

from desk.clients import Session
from desk.errors import NotThereError
from desk.forms import Form
from desk.pages import Pages, language_of
from desk.routes.guard import SignedIn, Typed
from desk.routes.writing import Taken, written
from desk.worktime import WEEKDAYS, in_force, read_week, typed_week
from persian.dates import tehran_date

_TAKEN = Taken("valid_from", "calendar.week_taken")


def build(pages: Pages) -> APIRouter:
    """The routes under `/calendar/weeks`."""
    router = APIRouter(prefix="/calendar/weeks")

    @router.get("")
    async def show(request: Request, desk: SignedIn) -> Response:
        return await _page(pages, request, desk.store)

    @router.get("/new")
    async def new(request: Request, desk: SignedIn, like: str = "") -> Response:
        weeks = await desk.store.get("/working-weeks")
        pattern = next((week for week in weeks if week["id"] == like), None)
        told = typed_week(pattern, language_of(request)) if pattern else {}
        form = Form({**told, "valid_from": "", "note": "", "version": "", "key": uuid4().hex})
        return await _page(pages, request, desk.store, form)

    @router.post("/new")
    async def add(request: Request, desk: SignedIn, typed: Typed) -> Response:
        form = Form(typed)
        body = read_week(form)
        send = partial(desk.store.send, "POST", "/working-weeks", body, key=form["key"])
        if await written(form, send, taken=_TAKEN) is None:
            return await _page(pages, request, desk.store, form)
        return pages.redirect("/calendar/weeks", "calendar.week_saved")

    @router.get("/{week_id}")
    async def edit(request: Request, desk: SignedIn, week_id: str) -> Response:
        weeks = await desk.store.get("/working-weeks")
        week = next((week for week in weeks if week["id"] == week_id), None)
        if week is None:
            raise NotThereError({"title": "no such week"})
        return await _page(pages, request, desk.store, Form(typed_week(week, language_of(request))), week_id)

    @router.post("/{week_id}")
    async def save(request: Request, desk: SignedIn, week_id: str, typed: Typed) -> Response:
        form = Form(typed)
        body, path = read_week(form), f"/working-weeks/{week_id}"
        send = partial(desk.store.send, "PUT", path, body, version=form["version"])
        if await written(form, send, taken=_TAKEN) is None:
            return await _page(pages, request, desk.store, form, week_id)
        return pages.redirect("/calendar/weeks", "calendar.week_saved")

    @router.post("/{week_id}/remove")
    async def remove(desk: SignedIn, week_id: str, typed: Typed) -> Response:
        await desk.store.send("DELETE", f"/working-weeks/{week_id}", version=typed.get("version"))
        return pages.redirect("/calendar/weeks", "calendar.week_removed")

    return router


async def _page(
    pages: Pages, request: Request, store: Session, form: Form | None = None, week_id: str | None = None
) -> Response:
    """The patterns, and beside them the one in hand if there is one."""
    weeks: Sequence[Mapping[str, Any]] = await store.get("/working-weeks")
    now = next((week for week in weeks if week["id"] == week_id), None)
    holding = in_force(weeks, tehran_date(datetime.now(UTC)).isoformat())
    shown = {"weeks": weeks, "form": form, "week_id": week_id, "now": now, "holding": holding}
    status = form.status if form else 200
    return pages.render(request, "calendar/weeks.html", status, weekdays=WEEKDAYS, **shown)
