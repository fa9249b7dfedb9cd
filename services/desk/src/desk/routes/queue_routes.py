"""The queues with their counts, and one's own work: lists of cases, the nearest deadline first."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response

from desk.pages import Pages, wants
from desk.reading.lists import ALL, MINE, named_list
from desk.routes.guard import SignedIn
from desk.routes.lists import listed
from desk.sessions import Desk


def build(pages: Pages) -> APIRouter:
    """`/queues` and `/mine`; htmx may ask for the list, its next rows, or the counts alone."""
    router = APIRouter()

    @router.get("/queues")
    async def queues(request: Request, desk: SignedIn, cursor: str = "") -> Response:
        return await _show(pages, request, desk, _own_queue(desk), cursor)

    @router.get("/mine")
    async def mine(request: Request, desk: SignedIn, cursor: str = "") -> Response:
        return await _show(pages, request, desk, MINE, cursor)

    return router


async def _show(pages: Pages, request: Request, desk: Desk, name: str, cursor: str) -> Response:
    view = named_list(request.query_params, name)
    if wants(request, "more"):
        return pages.render(request, "_rows.html", **await listed(desk, view, cursor))
    if wants(request, "counts"):
        return pages.render(request, "_counts.html", view=view, queues=await counts(desk))
    if wants(request, "overview"):
        return pages.render(request, "_overview.html", view=view, queues=await counts(desk))
    if wants(request, "list"):
        shown = request.query_params.get("rows", "")
        rows = int(shown) if shown.isascii() and shown.isdigit() else 0
        return pages.render(request, "_list.html", **await listed(desk, view, rows=rows))
    rows, queues = await asyncio.gather(listed(desk, view, cursor), counts(desk))
    return pages.render(request, "queues.html", queues=queues, **rows)


async def counts(desk: Desk) -> list[dict[str, Any]]:
    """Every desk within reach with its numbers, in the organisation's order."""
    answer = await desk.store.get("/queues")
    return list(answer["queues"] if isinstance(answer, dict) else answer)


def _own_queue(desk: Desk) -> str:
    """Where somebody of one desk begins: at it."""
    return desk.staff.desks[0] if len(desk.staff.desks) == 1 else ALL
