"""The page `/verify`: a form, and what it finds; it works without a script and without a cookie."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment

from chassis.auth import open_to_all
from chassis.pages import templates
from envelope.models import Language
from gateway_portal.errors import StoreAwayError, TooLongError, TooManyError
from gateway_portal.handlers import LONGEST_CODE, Verifying
from gateway_portal.schemas import Verdict
from gateway_portal.settings import GatewayPortalSettings
from gateway_portal.visitors import visitor
from gateway_portal.words import WORDS

_LONGEST_FORM: Final = 4_096


def build_router(verifying: Verifying, settings: GatewayPortalSettings) -> APIRouter:
    """The public routes."""
    router = APIRouter(
        dependencies=[Depends(open_to_all("anybody may hold a letter"))], include_in_schema=False
    )
    show = _shower(templates("gateway_portal"))

    @router.get("/")
    async def begin() -> RedirectResponse:
        return RedirectResponse("/verify", HTTPStatus.SEE_OTHER)

    @router.get("/verify")
    async def form(lang: str = "") -> HTMLResponse:
        return show(_language(lang))

    @router.post("/verify")
    async def check(request: Request) -> HTMLResponse:
        try:
            told = await _form(request)
        except TooLongError:
            return show(Language.FA, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, trouble="too_long")
        language, typed = _language(told.get("lang", "")), told.get("code", "").strip()[:LONGEST_CODE]
        if not typed:
            return show(language, status=HTTPStatus.UNPROCESSABLE_ENTITY, missing=True)
        peer = request.client.host if request.client else ""
        forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
        try:
            verdict = await verifying.check(visitor(peer, forwarded, settings.trusted_proxies), typed)
        except TooManyError as error:
            headers = {"Retry-After": str(error.seconds)}
            return show(
                *(language, typed, HTTPStatus.TOO_MANY_REQUESTS, headers),
                trouble="too_many",
                seconds=error.seconds,
            )
        except StoreAwayError:
            headers = {"Retry-After": "60"}
            return show(language, typed, HTTPStatus.SERVICE_UNAVAILABLE, headers, trouble="away")
        return show(language, typed, verdict=verdict)

    return router


def _shower(pages: Environment) -> Callable[..., HTMLResponse]:
    page = pages.get_template("verify.html")

    def show(
        language: Language,
        typed: str = "",
        status: int = HTTPStatus.OK,
        headers: dict[str, str] | None = None,
        *,
        verdict: Verdict | None = None,
        trouble: str | None = None,
        **more: Any,  # noqa: ANN401  (for the template)
    ) -> HTMLResponse:
        shown = {"missing": False, "seconds": 0, **more}
        text = page.render(
            language=language, t=WORDS[language], typed=typed, verdict=verdict, trouble=trouble, **shown
        )
        return HTMLResponse(text, status, headers)

    return show


async def _form(request: Request) -> dict[str, str]:
    """The fields of a small form; a big one is not read to its end."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_FORM:
            message = "more was sent than the form can hold"
            raise TooLongError(message)
    fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10) if body.count(b"&") < 10 else {}  # noqa: PLR2004  (as many as max_num_fields)
    return {name: values[0] for name, values in fields.items()}


def _language(asked: str) -> Language:
    return Language.EN if asked == Language.EN else Language.FA
