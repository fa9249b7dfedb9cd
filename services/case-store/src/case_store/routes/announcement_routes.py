"""What the portal tells everybody: read by all, written by whoever may announce."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from case_store.cursors import from_cursor
from case_store.handlers.announcements import Announcements
from case_store.routes.guard import Caller
from case_store.routes.parameters import Cursor, IfMatch, Limit, cut, version_of
from case_store.schemas.announcements import (
    AnnouncementChange,
    AnnouncementGiven,
    AnnouncementPage,
    AnnouncementRequest,
    columns_of,
)


def build(announcements: Announcements) -> APIRouter:
    """The routes under `/announcements`."""
    router = APIRouter(prefix="/announcements", tags=["announcements"])

    async def given(announcement_id: UUID, response: Response) -> AnnouncementGiven:
        found = await announcements.find(announcement_id)
        response.headers["ETag"] = f'"{found["version"]}"'
        return AnnouncementGiven.model_validate(found)

    @router.get("", summary="List announcements")
    async def list_announcements(
        at: Annotated[
            Literal["now"] | None, Query(description="`now`: what is shown now; left out, all there are.")
        ] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> AnnouncementPage:
        """All of them the latest beginning first; what is shown now on one page, the important first."""
        if at is not None:
            return _page(await announcements.shown(), None)
        rows = await announcements.page(from_cursor(cursor) if cursor else None, limit + 1)
        return _page(*cut(rows, limit, "shown_from"))

    @router.get("/{announcement_id}", summary="An announcement")
    async def show(announcement_id: UUID, response: Response) -> AnnouncementGiven:
        """Whether it is shown, still to come or over."""
        return await given(announcement_id, response)

    @router.post("", status_code=HTTPStatus.CREATED, summary="Announce something")
    async def write(actor: Caller, body: AnnouncementRequest, response: Response) -> AnnouncementGiven:
        """Shown by itself from its moment on; portals hear of it within a minute."""
        return await given(await announcements.write(actor, body.columns(datetime.now(UTC))), response)

    @router.patch("/{announcement_id}", summary="Change an announcement")
    async def change(
        actor: Caller,
        announcement_id: UUID,
        body: AnnouncementChange,
        response: Response,
        if_match: IfMatch = None,
    ) -> AnnouncementGiven:
        """Its words or its time; one that is over may be shown again by a later end."""
        await announcements.change(actor, announcement_id, columns_of(body), version_of(if_match))
        return await given(announcement_id, response)

    @router.post("/{announcement_id}/end", summary="Show an announcement no more")
    async def end(
        actor: Caller, announcement_id: UUID, response: Response, if_match: IfMatch = None
    ) -> AnnouncementGiven:
        """From now on; it stays in the list. Ending it twice changes nothing."""
        await announcements.end(actor, announcement_id, version_of(if_match))
        return await given(announcement_id, response)

    return router


def _page(rows: Sequence[Mapping[str, Any]], next_cursor: str | None) -> AnnouncementPage:
    shown = [AnnouncementGiven.model_validate(row) for row in rows]
    return AnnouncementPage(announcements=shown, next_cursor=next_cursor)
