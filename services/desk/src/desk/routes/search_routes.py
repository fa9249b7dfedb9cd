"""Search: one box for codes, numbers, national ids and words; a POST, for none of these may be in a URL."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from desk.forms import Form
from desk.pages import Pages, wants
from desk.routes.guard import SignedIn, Typed

_LONGEST: Final = 200


def build(pages: Pages) -> APIRouter:
    """The routes under `/search`."""
    router = APIRouter(prefix="/search")

    @router.get("")
    async def show(request: Request) -> Response:
        return pages.render(request, "search/search.html", form=Form(), found=None)

    @router.post("")
    async def search(request: Request, desk: SignedIn, typed: Typed) -> Response:
        form = Form(typed)
        asked = {"q": form.text("q", most=_LONGEST), "cursor": form.maybe("cursor")}
        if not form.right:
            return pages.render(request, "search/search.html", 422, form=form, found=None)
        found = await desk.store.send("POST", "/search", asked)
        if asked["cursor"] is None and (code := _the_only_case(found)):
            return pages.redirect(f"/cases/{code}")
        template = "search/_cases.html" if wants(request, "more") else "search/search.html"
        return pages.render(request, template, form=form, found=found)

    return router


def _the_only_case(found: Mapping[str, Any]) -> str | None:
    """The case to go to at once: a code was typed, and it leads to one."""
    cases = found["cases"]
    return str(cases[0]["tracking_code"]) if found["kind"] == "code" and len(cases) == 1 else None
