"""Single sign-on: to the organisation's own login and back, tied to this browser."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Cookie, Depends, Request, Response
from fastapi.responses import RedirectResponse

from chassis.auth import open_to_all
from desk.errors import RefusedError
from desk.pages import Pages
from desk.routes.login_routes import entered
from desk.sessions import Sessions

_COOKIE: Final = "payam_sso"
_SECONDS: Final = 600


def build(pages: Pages, sessions: Sessions) -> APIRouter:
    """There and back."""
    router = APIRouter(dependencies=[Depends(open_to_all("whoever signs in has no session yet"))])
    outside = sessions.store.as_("")

    @router.get("/login/sso")
    async def begin(request: Request) -> Response:
        told = {"redirect_uri": _back(request, pages)}
        begun = await outside.send("POST", "/sessions/sso/begin", told)
        response = RedirectResponse(begun["authorization_url"], HTTPStatus.SEE_OTHER)
        # Lax: the provider's page sends the browser back from another site.
        response.set_cookie(
            _COOKIE,
            begun["state"],
            max_age=_SECONDS,
            httponly=True,
            samesite="lax",
            secure=pages.settings.secure,
        )
        return response

    @router.get("/login/sso/back")
    async def end(
        request: Request, state: str = "", code: str = "", payam_sso: Annotated[str, Cookie()] = ""
    ) -> Response:
        told = {"state": state, "code": code, "redirect_uri": _back(request, pages)}
        begun_here = bool(state) and state == payam_sso
        try:
            answer = await outside.send("POST", "/sessions/sso", told) if begun_here else None
        except RefusedError:
            answer = None
        if answer is None:
            context = {"to": "/", "form": {}, "wrong": True, "second": False}
            return pages.render(request, "login.html", HTTPStatus.UNAUTHORIZED, **context)
        response = entered(pages, request, answer, "/")
        response.delete_cookie(_COOKIE)
        return response

    return router


def _back(request: Request, pages: Pages) -> str:
    base = pages.settings.public_url or f"{request.url.scheme}://{request.url.netloc}"
    return f"{base.rstrip('/')}/login/sso/back"
