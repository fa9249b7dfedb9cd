"""One search for everything that somebody may type."""

from fastapi import APIRouter

from case_store.cursors import from_cursor, to_cursor
from case_store.handlers.search import Search
from case_store.routes.guard import Caller
from case_store.routes.parameters import cut
from case_store.schemas.search import Found, FoundCase, SearchRequest


def build(search: Search) -> APIRouter:
    """`/search`."""
    router = APIRouter(tags=["search"])

    @router.post("/search", summary="Find cases by a code, a number, a national id or words")
    async def find(actor: Caller, body: SearchRequest) -> Found:
        """Within reach, the newest first. A short page may have a `next_cursor` too: go on with it."""
        after = from_cursor(body.cursor) if body.cursor else None
        found = await search.find(actor, body.q, after, body.limit + 1)
        page, next_cursor = cut(found.cases, body.limit, "opened_at")
        if next_cursor is None and found.resume is not None:
            next_cursor = to_cursor(found.resume)
        return Found.model_validate(
            {
                "kind": found.kind,
                "cases": [FoundCase.model_validate(row) for row in page],
                "people": found.people,
                "next_cursor": next_cursor,
            }
        )

    return router
