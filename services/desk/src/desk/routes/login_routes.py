"""Signing in and out: a password, then a one-time code; every failure reads the same."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Request, Response
from fastapi.responses import RedirectResponse

from chassis.auth import open_to_all
from chassis.forms import inside
from desk.clients import Session
from desk.errors import DeskError, InvalidError, RefusedError, SignedOutError
from desk.pages import LANGUAGE_COOKIE, THEME_COOKIE, THEMES, Pages
from desk.routes.guard import Typed
from desk.sessions import Sessions
from desk.settings import SESSION_COOKIE
from desk.words import LANGUAGES

_SECOND_FACTOR = "/second-factor-needed"


def build(pages: Pages, sessions: Sessions) -> APIRouter:
    """The pages before a session, and the one that ends it."""
    router = APIRouter(dependencies=[Depends(open_to_all("whoever signs in has no session yet"))])
    outside = sessions.store.as_("")

    @router.get("/login")
    async def ask(request: Request, next: str = "/") -> Response:  # noqa: A002  (the address says so)
        to = inside(next)
        if request.headers.get("sec-fetch-site") == "cross-site" and SESSION_COOKIE not in request.cookies:
            # A strict cookie stays behind on the way from another site; one step from here, it comes.
            return pages.render(request, "onward.html", to=to if to != "/" else "/login")
        return pages.render(request, "login.html", to=to, form={}, wrong=False, second=False)

    @router.post("/login")
    async def enter(request: Request, form: Typed) -> Response:
        to = inside(form.get("next"))
        told = {name: form[name] for name in ("username", "password", "code") if form.get(name)}
        try:
            answer = await outside.send("POST", "/sessions", told)
        except (SignedOutError, InvalidError) as error:
            second = str(error.problem.get("type", "")).endswith(_SECOND_FACTOR)
            wrong = not second or bool(form.get("code"))
            kept = {"username": form.get("username", "")}
            return pages.render(
                request,
                "_login_step.html" if request.headers.get("hx-request") else "login.html",
                HTTPStatus.OK if second and not wrong else HTTPStatus.UNAUTHORIZED,
                to=to,
                form=kept,
                wrong=wrong,
                second=second or bool(form.get("code")),
            )
        return entered(pages, request, answer, to)

    _leaving(router, pages, sessions)
    return router


def entered(pages: Pages, request: Request, answer: Mapping[str, object], to: str) -> Response:
    """Signed in: the session's token in a cookie, and on to where they wanted to be."""
    response = _onward(request, pages, to)
    response.set_cookie(
        SESSION_COOKIE,
        str(answer["token"]),
        httponly=True,
        samesite="strict",
        secure=pages.settings.secure or request.url.scheme == "https",
    )
    return response


def _leaving(router: APIRouter, pages: Pages, sessions: Sessions) -> None:
    @router.post("/logout")
    async def leave(payam_session: Annotated[str, Cookie()] = "") -> Response:
        if payam_session:
            sessions.forget(payam_session)
            await _ended(sessions.store.as_(payam_session))
        response = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
        response.delete_cookie(SESSION_COOKIE)
        response.headers["Clear-Site-Data"] = '"storage"'
        return response

    @router.post("/preferences")
    async def prefer(form: Typed, payam_session: Annotated[str, Cookie()] = "") -> Response:
        response = pages.redirect(inside(form.get("back")))
        for name, cookie, allowed in (
            ("language", LANGUAGE_COOKIE, LANGUAGES),
            ("theme", THEME_COOKIE, THEMES),
        ):
            if form.get(name) in allowed:
                response.set_cookie(cookie, form[name], max_age=31_536_000, httponly=True, samesite="strict")
        if payam_session and form.get("language") in LANGUAGES:
            await _remembered(sessions, payam_session, form["language"])
        return response


def _onward(request: Request, pages: Pages, to: str) -> Response:
    """One step inside the site, so that the strict cookie goes along from the very first page."""
    if request.headers.get("hx-request"):
        return Response(headers={"HX-Redirect": to})
    if request.method == "POST":
        return pages.redirect(to)
    return pages.render(request, "onward.html", to=to)


async def _remembered(sessions: Sessions, token: str, language: str) -> None:
    """The language goes with the account to other machines; here the cookie is enough."""
    try:
        desk = await sessions.desk(token)
        await desk.store.send("PATCH", f"/staff/{desk.staff.id}", {"language": language})
    except DeskError:
        return
    sessions.forget(token)


async def _ended(session: Session) -> None:
    """End it at the store; one that has ended by itself is as good."""
    try:
        await session.send("DELETE", "/sessions/current")
    except RefusedError:
        return
