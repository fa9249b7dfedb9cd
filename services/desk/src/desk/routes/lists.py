"""One page of a list of cases, as both the queues and a case beside its list show it."""

from typing import Any, Final

from desk.reading.lists import ListView
from desk.sessions import Desk

PAGE: Final = 30
"""Rows a page."""


MOST: Final = 200
"""Rows at once, when a list that was read on for some pages is refreshed."""


async def listed(desk: Desk, view: ListView, cursor: str = "", rows: int = 0) -> dict[str, Any]:
    """What `_list.html` wants: `view`, `rows` (as many as there were, if told), the next page's address."""
    limit = min(max(PAGE, rows), MOST)
    page = await desk.store.get("/cases", **view.asked(), limit=limit, cursor=cursor)
    following = page.get("next_cursor") or ""
    return {
        "view": view,
        "rows": page["cases"],
        "next": view.link(cursor=following) if following else "",
        "first": not cursor,
    }
