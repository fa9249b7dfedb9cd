"""Cases: list, look, reply, close."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from case_store.cursors import from_cursor
from case_store.handlers.cases import Cases
from case_store.handlers.staff import Staff
from case_store.model import CaseState
from case_store.repository.cases import Filters
from case_store.routes.parameters import (
    Code,
    Cursor,
    IdempotencyKey,
    IfMatch,
    Limit,
    cut,
    unquoted,
    version_of,
)
from case_store.schemas.cases import CaseGiven, CasePage, CaseSummary, OutboundGiven
from case_store.schemas.requests import CloseRequest, ReplyRequest
from envelope.models import Channel
from envelope.taxonomy import Kind, Section, Topic


def build(cases: Cases, staff: Staff) -> APIRouter:
    """The routes under `/cases`."""
    router = APIRouter(prefix="/cases", tags=["cases"])

    @router.get("", summary="List cases, the newest first")
    async def list_cases(  # noqa: PLR0913, PLR0917  (one parameter a filter)
        state: Annotated[CaseState | None, Query(description="Where it stands.")] = None,
        desk: Annotated[str | None, Query(max_length=100, description="Whose queue.")] = None,
        topic: Annotated[Topic | None, Query(description="What it is about.")] = None,
        section: Annotated[Section | None, Query(description="The section of the topic.")] = None,
        kind: Annotated[Kind | None, Query(description="What the person wants.")] = None,
        channel: Annotated[Channel | None, Query(description="The door it was opened by.")] = None,
        contact: Annotated[UUID | None, Query(description="The person, by id.")] = None,
        created_after: Annotated[AwareDatetime | None, Query(description="Opened then or later.")] = None,
        created_before: Annotated[AwareDatetime | None, Query(description="Opened earlier.")] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> CasePage:
        """Keyset paging: rows added meanwhile neither repeat nor hide one."""
        filters = Filters(state, desk, topic, section, kind, channel, contact, created_after, created_before)
        rows = await cases.page(filters, from_cursor(cursor) if cursor else None, limit + 1)
        page, next_cursor = cut(rows, limit, "opened_at")
        return CasePage(cases=[CaseSummary.model_validate(row) for row in page], next_cursor=next_cursor)

    @router.get("/{tracking_code}", summary="A case whole")
    async def show_case(tracking_code: Code, response: Response) -> CaseGiven:
        """With its person, messages, answers with their delivery, and history. An alias finds it too."""
        case = CaseGiven.model_validate(await cases.find(tracking_code))
        response.headers["ETag"] = f'"{case.version}"'
        return case

    @router.post("/{tracking_code}/replies", status_code=HTTPStatus.CREATED, summary="Write to the person")
    async def reply(
        tracking_code: Code,
        body: ReplyRequest,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
    ) -> OutboundGiven:
        """By SMS to the number the person last wrote from. The same reply_id or key writes once."""
        given = str(body.reply_id) if body.reply_id else unquoted(idempotency_key or "")
        sent = await staff.reply(
            tracking_code, body.text, body.author, key=given or None, version=version_of(if_match)
        )
        return OutboundGiven.model_validate(sent)

    @router.post("/{tracking_code}/close", summary="Close a case")
    async def close(
        tracking_code: Code, body: CloseRequest, response: Response, if_match: IfMatch = None
    ) -> CaseGiven:
        """Closing a closed case changes nothing. A reply within the reopen window opens it again."""
        await staff.close(
            tracking_code, body.reason, body.author, notify=body.notify, version=version_of(if_match)
        )
        case = CaseGiven.model_validate(await cases.find(tracking_code))
        response.headers["ETag"] = f'"{case.version}"'
        return case

    return router
