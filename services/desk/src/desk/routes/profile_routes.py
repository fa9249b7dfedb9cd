"""One's own account: a new password, the second factor as a picture to scan, and where one begins."""

from http import HTTPStatus

import segno
from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from desk.errors import InvalidError, NotAllowedError, RefusedError, TakenError
from desk.navigation import home
from desk.pages import Pages
from desk.routes.guard import SignedIn, Typed
from desk.sessions import Sessions


def build(pages: Pages, sessions: Sessions) -> APIRouter:
    """The routes under `/profile`, and the first page."""
    router = APIRouter()

    @router.get("/")
    async def begin(desk: SignedIn) -> Response:
        return pages.redirect(home(desk.staff))

    @router.get("/profile")
    async def show(request: Request) -> Response:
        return pages.render(request, "profile.html", faults={}, setting_up=None)

    @router.get("/profile/password")
    async def ask_password(request: Request) -> Response:
        return pages.render(request, "password.html", faults={})

    @router.post("/profile/password")
    async def change_password(request: Request, desk: SignedIn, form: Typed) -> Response:
        faults = await _change(desk, form)
        if faults:
            return pages.render(request, "password.html", HTTPStatus.UNPROCESSABLE_ENTITY, faults=faults)
        sessions.forget(desk.store.token)
        return pages.redirect("/profile", "profile.password.changed")

    _second_factor(router, pages, sessions)
    return router


def _second_factor(router: APIRouter, pages: Pages, sessions: Sessions) -> None:
    @router.post("/profile/second-factor")
    async def begin_second_factor(request: Request, desk: SignedIn) -> Response:
        made = await desk.store.send("POST", "/sessions/current/second-factor")
        return pages.render(
            request, "profile.html", faults={}, setting_up=made, picture=_picture(made["uri"])
        )

    @router.post("/profile/second-factor/confirm")
    async def confirm_second_factor(request: Request, desk: SignedIn, form: Typed) -> Response:
        try:
            await desk.store.send("PUT", "/sessions/current/second-factor", {"code": form.get("code", "")})
        except RefusedError:
            return pages.render(
                request,
                "profile.html",
                HTTPStatus.UNPROCESSABLE_ENTITY,
                faults={"code": "profile.second.wrong"},
                setting_up={"secret": form.get("secret", ""), "uri": form.get("uri", "")},
                picture=_picture(form.get("uri", "")),
            )
        sessions.forget(desk.store.token)
        return pages.redirect("/profile", "profile.second.on")

    @router.post("/profile/second-factor/remove")
    async def remove_second_factor(request: Request, desk: SignedIn, form: Typed) -> Response:
        try:
            await desk.store.send("DELETE", "/sessions/current/second-factor", {"code": form.get("code", "")})
        except (InvalidError, TakenError, NotAllowedError):
            faults = {"code": "profile.second.wrong"}
            return pages.render(
                request, "profile.html", HTTPStatus.UNPROCESSABLE_ENTITY, faults=faults, setting_up=None
            )
        sessions.forget(desk.store.token)
        return pages.redirect("/profile", "profile.second.off")


async def _change(desk: SignedIn, form: dict[str, str]) -> dict[str, str]:
    if form.get("new", "") != form.get("again", ""):
        return {"again": "profile.password.differs"}
    told = {"current": form.get("current", ""), "new": form.get("new", "")}
    try:
        await desk.store.send("POST", "/sessions/current/password", told)
    except InvalidError as error:
        return {"current" if "current" in error.faults else "new": "profile.password.weak"}
    except (TakenError, NotAllowedError):
        return {"current": "profile.password.wrong"}
    return {}


def _picture(uri: str) -> Markup:
    """The address as a QR code in SVG, made here: it holds a secret that no other server may see."""
    return Markup(segno.make(uri, error="m").svg_inline(scale=5, border=3, omitsize=True, svgclass="qr"))  # noqa: S704  (segno's own markup)
