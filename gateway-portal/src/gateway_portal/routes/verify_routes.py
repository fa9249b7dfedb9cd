"""The page `/verify`: a form, and what it finds; it works without a script and without a cookie."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from gateway_portal.errors import StoreAwayError, TooManyError
from gateway_portal.handlers.verifying import LONGEST_CODE, Verifying
from gateway_portal.pages import Pages
from gateway_portal.routes.guard import Visitor
from gateway_portal.routes.typed import Typed
from gateway_portal.schemas import Verdict


def build(pages: Pages, verifying: Verifying) -> APIRouter:
    """The routes under `/verify`."""
    router = APIRouter()

    def show(  # noqa: PLR0913  (what the page may show)
        request: Request,
        typed: str = "",
        status: int = HTTPStatus.OK,
        *,
        verdict: Verdict | None = None,
        trouble: str | None = None,
        missing: bool = False,
        seconds: int = 0,
    ) -> HTMLResponse:
        headers = {"Retry-After": str(seconds)} if seconds else {}
        return pages.render(
            *(request, "verify.html", status, headers),
            typed=typed,
            verdict=verdict,
            trouble=trouble,
            missing=missing,
            seconds=seconds,
        )

    @router.get("/verify")
    async def form(request: Request) -> HTMLResponse:
        return show(request)

    @router.post("/verify")
    async def check(request: Request, told: Typed, visitor: Visitor) -> HTMLResponse:
        typed = told.get("code", "").strip()[:LONGEST_CODE]
        if not typed:
            return show(request, status=HTTPStatus.UNPROCESSABLE_ENTITY, missing=True)
        try:
            verdict = await verifying.check(visitor, typed)
        except TooManyError as error:
            return show(
                *(request, typed, HTTPStatus.TOO_MANY_REQUESTS), trouble="too_many", seconds=error.seconds
            )
        except StoreAwayError:
            return show(request, typed, HTTPStatus.SERVICE_UNAVAILABLE, trouble="away", seconds=60)
        return show(request, typed, verdict=verdict)

    return router
