"""The working calendar: a month as a grid, days that differ entered at a day's notice, what they move."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from desk.clients import Session
from desk.errors import RefusedError
from desk.forms import Form
from desk.months import Month
from desk.pages import Pages, language_of
from desk.reading.days import typed_day
from desk.routes.guard import SignedIn, Typed
from desk.routes.writing import written
from desk.sessions import Desk
from desk.words import say
from desk.worktime import read_day
from persian.dates import tehran_date
from persian.words import PROVINCES

_REASONS: Final = ("air", "cold", "power", "heat", "mourning")
"""Told in Persian to everybody: a reason stands with every deadline that it moves."""
_COMPARED: Final = 12
"""Cases whose deadlines are told before and after; all others move as well."""


def build(pages: Pages) -> APIRouter:
    """The routes under `/calendar`."""
    router = APIRouter(prefix="/calendar")

    @router.get("")
    async def show(
        request: Request, desk: SignedIn, month: str = "", province: str = "", day: str = ""
    ) -> Response:
        chosen = _day(day) or _today() + timedelta(days=1)
        shown = Month.read(month, chosen if day else _today())
        form = Form({"date": typed_day(chosen, language_of(request)), "province": province, "how": "closed"})
        return await _page(pages, request, desk.store, shown, form, chosen=chosen)

    @router.post("")
    async def enter(request: Request, desk: SignedIn, typed: Typed) -> Response:
        form = Form(typed)
        entered = read_day(form)
        chosen = _day(entered.date) or _today()
        before = await _nearest(desk, entered.body["province"]) if form.right else []
        path = f"/calendar/days/{entered.date}"
        send = partial(desk.store.send, "PUT", path, entered.body, version=form["version"])
        done = await written(form, send) is not None
        moved = await _moved(desk.store, before) if done else None
        return await _page(
            pages, request, desk.store, Month.of(chosen), form, chosen=chosen, moved=moved, done=done
        )

    @router.post("/remove")
    async def remove(desk: SignedIn, typed: Typed) -> Response:
        day, province = typed.get("day", ""), typed.get("province", "")
        where = f"?province={province}" if province in PROVINCES else ""
        await desk.store.send("DELETE", f"/calendar/days/{day}{where}", version=typed.get("version"))
        back = f"/calendar?day={day}&province={province if province in PROVINCES else ''}"
        return pages.redirect(back, "calendar.removed")

    return router


async def _page(  # noqa: PLR0913  (a grid, a day in it, and what was typed about it)
    pages: Pages,
    request: Request,
    store: Session,
    month: Month,
    form: Form,
    *,
    chosen: date,
    moved: Sequence[Mapping[str, Any]] | None = None,
    done: bool = False,
) -> Response:
    province = form["province"] if form["province"] in PROVINCES else ""
    span = {"from": month.first.isoformat(), "to": month.last.isoformat()}
    found = await store.get("/calendar", **span, province=province)
    days = {day["date"]: day for day in found["days"]}
    shown = {"month": month, "days": days, "form": form, "province": province, "moved": moved, "done": done}
    shown["reasons"] = {name: say("fa", f"calendar.reasons.{name}") for name in _REASONS}
    today = {"today": _today().isoformat(), "chosen": chosen.isoformat()}
    return pages.render(request, "calendar/month.html", form.status, **shown, **today)


async def _nearest(desk: Desk, province: object) -> list[Mapping[str, Any]]:
    """The cases whose deadlines come first, for who may see cases."""
    if not desk.staff.may("read"):
        return []
    found = await desk.store.get("/cases", undecided=True, order="due", province=province, limit=_COMPARED)
    return [case for case in found["cases"] if case["due_at"]]


async def _moved(store: Session, before: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Of those, the ones that are due at another moment by the calendar as it is now."""
    after = await asyncio.gather(*(_due(store, case["tracking_code"]) for case in before))
    told = zip(before, after, strict=True)
    return [{**case, "now_due": due} for case, due in told if due and due != case["due_at"]]


async def _due(store: Session, code: str) -> str | None:
    try:
        found = await store.get(f"/cases/{code}/deadlines")
    except RefusedError:
        return None
    running = [clock["explanation"]["due_at"] for clock in found["clocks"] if not clock["stopped_at"]]
    return min(running, default=None)


def _today() -> date:
    return tehran_date(datetime.now(UTC))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
