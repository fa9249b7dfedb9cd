"""Dead letters: list, look, send again."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from case_store.cursors import from_cursor
from case_store.handlers.dead_letters import DeadLetters
from case_store.model import DeadLetterState
from case_store.routes.guard import Caller, demand
from case_store.routes.parameters import Cursor, Limit, cut
from case_store.schemas.operations import DeadLetterGiven, DeadLetterPage, DeadLetterSummary, Replayed
from case_store.schemas.requests import ReplayAllRequest, ReplayRequest
from case_store.staffing import Right


def build(dead_letters: DeadLetters) -> APIRouter:
    """The routes under `/dead-letters`."""
    router = APIRouter(prefix="/dead-letters", tags=["dead letters"], dependencies=[demand(Right.OPERATE)])

    @router.get("", summary="List dead letters, the newest first")
    async def list_letters(
        topic: Annotated[str | None, Query(max_length=200, description="Where it was read.")] = None,
        state: Annotated[DeadLetterState | None, Query(description="Whether it was sent again.")] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> DeadLetterPage:
        """Without their words: those are shown one at a time."""
        after = from_cursor(cursor) if cursor else None
        rows = await dead_letters.page(topic=topic, state=state, after=after, limit=limit + 1)
        page, next_cursor = cut(rows, limit, "failed_at")
        items = [DeadLetterSummary.model_validate(row) for row in page]
        return DeadLetterPage(items=items, next_cursor=next_cursor)

    @router.post("/replay", summary="Send all that wait again")
    async def replay_all(actor: Caller, body: ReplayAllRequest) -> Replayed:
        """Of one topic or of all; who did it is written down."""
        return Replayed(replayed=await dead_letters.replay_waiting(actor, body.topic, body.actor))

    @router.get("/{letter_id}", summary="A dead letter whole")
    async def show_letter(letter_id: UUID) -> DeadLetterGiven:
        """Its bytes in Base64, and every time that it was sent again."""
        return _given(await dead_letters.find(letter_id))

    @router.post("/{letter_id}/replay", summary="Send one again")
    async def replay_letter(
        actor: Caller, letter_id: UUID, body: ReplayRequest | None = None
    ) -> DeadLetterGiven:
        """To its own topic with its own key and value; who did it is written down."""
        return _given(await dead_letters.replay(actor, letter_id, (body or ReplayRequest()).actor))

    return router


def _given(letter: Mapping[str, Any]) -> DeadLetterGiven:
    encoded = {name: b64encode(letter[name]).decode() for name in ("key", "value")}
    return DeadLetterGiven.model_validate({**letter, **encoded})
