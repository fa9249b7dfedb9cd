"""Cases in bulk, streamed."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from case_store.handlers.exports import Exports, Format
from case_store.routes.filters import CaseFilters
from case_store.routes.guard import Caller


def build(exports: Exports) -> APIRouter:
    """The routes under `/exports`."""
    router = APIRouter(prefix="/exports", tags=["exports"])

    @router.get("/cases.csv", summary="Cases as CSV", response_class=StreamingResponse)
    async def as_csv(actor: Caller, filters: CaseFilters) -> StreamingResponse:
        """RFC 4180 in UTF-8 with its mark, the newest first; nothing in it is taken for a formula."""
        pieces = await exports.cases(actor, filters, Format.CSV, messages=False)
        return _streamed(pieces, "text/csv; charset=utf-8; header=present", "cases.csv")

    @router.get("/cases.jsonl", summary="Cases as JSON lines", response_class=StreamingResponse)
    async def as_jsonl(
        actor: Caller,
        filters: CaseFilters,
        beside: Annotated[
            Literal["messages"] | None, Query(alias="with", description="Also what the person said.")
        ] = None,
    ) -> StreamingResponse:
        """One case a line, the newest first."""
        pieces = await exports.cases(actor, filters, Format.JSONL, messages=beside == "messages")
        return _streamed(pieces, "application/jsonl; charset=utf-8", "cases.jsonl")

    return router


def _streamed(pieces: AsyncIterator[bytes], media_type: str, name: str) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(pieces, media_type=media_type, headers=headers)
