"""Queues, the supervisor's view, what the classifier can learn, and live changes."""

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from case_store.cursors import from_cursor
from case_store.errors import UnauthenticatedError
from case_store.handlers.casework import Casework
from case_store.handlers.changes import Changes
from case_store.handlers.sessions import Sessions
from case_store.routes.guard import Caller, Token
from case_store.routes.parameters import Cursor, Limit, cut
from case_store.schemas.beside import LessonGiven, LessonPage
from case_store.schemas.queues import QueuesGiven, SupervisionGiven
from case_store.staffing import Actor, Right
from envelope.errors import PayamError

_BEAT_SECONDS: Final = 15.0
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def build(work: Casework, sessions: Sessions) -> APIRouter:
    """The routes beside `/cases` that a desk lives on."""
    router = APIRouter(tags=["queues"])

    @router.get("/queues", summary="What waits at each desk")
    async def show_queues(actor: Caller) -> QueuesGiven:
        """The desks within reach, with counts and the nearest deadline."""
        return QueuesGiven.model_validate(await work.queues.standing(actor))

    @router.get("/supervision", summary="Everything at a glance")
    async def supervise(actor: Caller) -> SupervisionGiven:
        """Queues, breaches and near ones, who does what, silent channels, what is stuck."""
        return SupervisionGiven.model_validate(await work.supervision.glance(actor))

    @router.get("/corrections", summary="What the classifier can learn")
    async def corrections(actor: Caller, limit: Limit = 50, cursor: Cursor = None) -> LessonPage:
        """What staff said cases were about, the newest first; `text` for who may export."""
        rows = await work.sorting.learnt(actor, from_cursor(cursor) if cursor else None, limit + 1)
        page, next_cursor = cut(rows, limit, "corrected_at")
        lessons = [LessonGiven.model_validate(row) for row in page]
        return LessonPage(corrections=lessons, next_cursor=next_cursor)

    @router.get(
        "/changes",
        summary="Live changes",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {}}, "description": "Server-sent events."}},
    )
    async def changes(actor: Caller, token: Token) -> StreamingResponse:
        """Server-sent events `change` with `{"cases": [...], "desks": [...], "types": [...]}`, within reach.

        More than 200 cases are not named: look at the desks again. All three empty: look at everything
        again. The type `delivery_moved` tells that an answer has come further, `transcript_kept` that a
        machine has listened to a recording. A comment comes every 15 seconds; the stream ends with the
        session.
        """
        actor.demand(Right.READ)
        # A service has no session that could end.
        still = (lambda: sessions.still(token)) if actor.staff_id else _for_ever
        stream = told(work.changes, actor, still)
        return StreamingResponse(stream, media_type="text/event-stream", headers=_HEADERS)

    return router


async def told(
    changes: Changes, actor: Actor, still: Callable[[], Awaitable[object]], beat: float = _BEAT_SECONDS
) -> AsyncIterator[str]:
    """Changes as server-sent events, till the service stops, the client goes or `still` raises."""
    with changes.subscribed(actor) as subscription:
        yield "retry: 2000\n\n"
        asked = time.monotonic()
        while not subscription.ended:
            change = await subscription.next(beat)
            if time.monotonic() - asked >= beat:
                try:
                    await still()
                except UnauthenticatedError:
                    return
                except PayamError as error:  # PostgreSQL is away: who it was stays so till it is back
                    if not error.retriable:
                        raise
                asked = time.monotonic()
            yield f"event: change\ndata: {json.dumps(change)}\n\n" if change else ": still here\n\n"


async def _for_ever() -> None:
    """Nothing ends it."""
