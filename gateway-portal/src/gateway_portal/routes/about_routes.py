"""The home page, opening hours, privacy, and the door to one's own cases."""

import asyncio

from fastapi import APIRouter, Request, Response

from gateway_portal.handlers.following import Following, today_in_tehran
from gateway_portal.pages import Pages


def build(pages: Pages, following: Following) -> APIRouter:
    """The routes `/`, `/hours`, `/privacy`, `/follow`."""
    router = APIRouter()

    @router.get("/")
    async def home(request: Request) -> Response:
        standing, told = await asyncio.gather(following.standing(), following.announcements())
        return pages.render(request, "about/home.html", standing=standing, announcements=told)

    @router.get("/hours")
    async def hours(request: Request) -> Response:
        standing, days = await following.standing(), await following.days()
        today = today_in_tehran()
        return pages.render(request, "about/hours.html", standing=standing, days=days, today=today)

    @router.get("/privacy")
    async def privacy(request: Request) -> Response:
        return pages.render(request, "about/privacy.html")

    @router.get("/follow")
    async def follow(request: Request) -> Response:
        if request.state.person is not None:
            return pages.redirect(request, "/cases")
        return pages.redirect(request, "/sign-in", next="/cases")

    return router
