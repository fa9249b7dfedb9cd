"""What changes, as it changes: the store's feed with the reader's own token, handed on to the browser."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from desk.pages import Pages
from desk.routes.guard import SignedIn


def build(_pages: Pages) -> APIRouter:
    """`/events`."""
    router = APIRouter()

    @router.get("/events")
    async def watch(desk: SignedIn) -> Response:
        stack = AsyncExitStack()
        opened = await stack.enter_async_context(desk.store.stream("/changes"))

        async def body() -> AsyncIterator[bytes]:
            async with stack:
                async for piece in desk.store.feed(opened):
                    yield piece

        return StreamingResponse(
            body(),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    return router
