"""What everybody is told: the page with all of it; the home page shows the beginning of each."""

from fastapi import APIRouter, Request, Response

from gateway_portal.handlers.following import Following
from gateway_portal.pages import Pages


def build(pages: Pages, following: Following) -> APIRouter:
    """The route `/announcements`."""
    router = APIRouter()

    @router.get("/announcements")
    async def announcements(request: Request) -> Response:
        told = await following.announcements()
        return pages.render(request, "about/announcements.html", announcements=told)

    return router
