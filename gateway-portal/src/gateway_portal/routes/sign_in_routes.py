"""Prove a number by a code read off the phone, and be signed in.

The page that asks for the code is read by GET, the handle in its address: whoever looks at the SMS and
comes back finds it again, even where the browser has let go of it meanwhile. A handle alone opens nothing.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final, NamedTuple

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from chassis.forms import inside
from envelope import tracking
from envelope.addresses import latin_digits, parse_msisdn
from envelope.models import Language
from gateway_portal.clients.case_store import CaseStore
from gateway_portal.errors import CodesUnavailableError, RedisAwayError, StoreAwayError, TooManyError
from gateway_portal.handlers.one_time_codes import OneTimeCodes
from gateway_portal.pages import Pages, language_of
from gateway_portal.repository.pending import Waiting
from gateway_portal.repository.sessions import Sessions
from gateway_portal.routes.guard import SESSION_COOKIE, Visitor
from gateway_portal.routes.typed import Typed
from gateway_portal.settings import GatewayPortalSettings

_HOME: Final = "/cases"
"""Where whoever came of their own accord goes on to."""
_LONGEST_NEXT: Final = 1_000
_LONGEST_TYPED: Final = 60
_LONGEST_HANDLE: Final = 64
_LATER: Final = 60
"""Seconds that a page asks for when a part of ours is away."""
_MOBILE: Final = "+989"
_CODE_DIGITS: Final = 10
_log = structlog.get_logger()
_Sending = Callable[[Request, str, str, str | None, str | None], Awaitable[Response]]
"""To whoever has this number or this tracking code, and on to the page that asks for the code."""


def build(
    pages: Pages, codes: OneTimeCodes, sessions: Sessions, store: CaseStore, settings: GatewayPortalSettings
) -> APIRouter:
    """The routes `/sign-in`, `/sign-in/code`, `/sign-in/again`, `/sign-out`."""
    router = APIRouter()
    shown = _Shown(pages, codes)
    sending = _sending(pages, codes, store)
    _asking(router, shown, sending)
    _asking_again(router, shown, codes, sending)
    _checking(router, shown, codes, sessions, settings)
    return router


def _sending(pages: Pages, codes: OneTimeCodes, store: CaseStore) -> _Sending:
    async def send(
        request: Request, visitor: str, onward: str, msisdn: str | None, code: str | None
    ) -> Response:
        if code is not None:
            await codes.admit(visitor)
            msisdn = await store.owner(code)
        handle = await codes.send(msisdn, visitor, language_of(request), asked_by=code)
        carried = {"next": onward} if onward else {}
        return pages.redirect(request, "/sign-in/code", handle=handle, **carried)

    return send


def _asking(router: APIRouter, shown: "_Shown", sending: _Sending) -> None:
    """Where somebody says who they are, and a code goes out."""

    @router.get("/sign-in")
    async def ask(request: Request, next: str = "") -> Response:  # noqa: A002  (the address says so)
        if request.state.person is not None:
            return _go_on(request, _ours(next))
        return shown.start(request, _ours(next))

    @router.post("/sign-in")
    async def send(request: Request, told: Typed, visitor: Visitor) -> Response:
        onward, typed = _ours(told.get("next", "")), _typed(told)
        msisdn, code = _whose(typed)
        if msisdn is None and code is None:
            return shown.start(request, onward, typed, fault=_fault(told, typed))
        try:
            return await sending(request, visitor, onward, msisdn, code)
        except TooManyError as error:
            return shown.start(request, onward, typed, trouble="too_many", seconds=error.seconds)
        except StoreAwayError:
            return shown.start(request, onward, typed, trouble="no_store", seconds=_LATER)
        except CodesUnavailableError:
            return shown.start(request, onward, typed, trouble="away", seconds=_LATER)


def _asking_again(router: APIRouter, shown: "_Shown", codes: OneTimeCodes, sending: _Sending) -> None:
    """Where another code goes out in the place of one that did not come."""

    @router.post("/sign-in/again")
    async def send_again(request: Request, told: Typed, visitor: Visitor) -> Response:
        onward, handle = _ours(told.get("next", "")), _handle(told)
        waiting = None
        try:
            waiting = await codes.standing(handle)
            if waiting is None:
                return shown.start(request, onward, trouble="over")
            return await sending(request, visitor, onward, waiting.msisdn, waiting.asked_by)
        except TooManyError as error:
            return shown.code(request, onward, handle, waiting, trouble="too_soon", seconds=error.seconds)
        except (CodesUnavailableError, StoreAwayError):
            return shown.code(request, onward, handle, waiting, trouble="away", seconds=_LATER)


def _checking(
    router: APIRouter,
    shown: "_Shown",
    codes: OneTimeCodes,
    sessions: Sessions,
    settings: GatewayPortalSettings,
) -> None:
    """Where the code is typed, and a session begins and ends."""

    @router.get("/sign-in/code")
    async def read(request: Request, handle: str = "", next: str = "") -> Response:  # noqa: A002  (as above)
        try:
            waiting = await codes.standing(handle)
        except CodesUnavailableError:
            cut = handle[:_LONGEST_HANDLE]
            return shown.code(request, _ours(next), cut, None, trouble="away", seconds=_LATER)
        if waiting is None:
            return shown.start(request, _ours(next), trouble="over")
        return shown.code(request, _ours(next), handle, waiting)

    @router.post("/sign-in/code")
    async def check(request: Request, told: Typed) -> Response:
        onward, handle = _ours(told.get("next", "")), _handle(told)
        typed = told.get("code", "").strip()[:_LONGEST_TYPED]
        try:
            proved = await codes.check(handle, typed)
            if proved is None:
                waiting = await codes.standing(handle)
                if waiting is None:
                    return shown.start(request, onward, trouble="over")
                return shown.code(request, onward, handle, waiting, trouble="wrong", typed=typed)
            await sessions.end(request.cookies.get(SESSION_COOKIE))
            token = await sessions.begin(proved)
        except (CodesUnavailableError, RedisAwayError):
            return shown.code(request, onward, handle, None, trouble="away", seconds=_LATER, typed=typed)
        _log.info("signed_in")
        response = _go_on(request, onward)
        response.set_cookie(SESSION_COOKIE, token, httponly=True, samesite="lax", secure=settings.secure)
        return response

    @router.post("/sign-out")
    async def leave(request: Request) -> Response:
        await sessions.end(request.cookies.get(SESSION_COOKIE))
        response = shown.pages.redirect(request, "/")
        response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax", secure=settings.secure)
        return response


class _Fault(NamedTuple):
    """The field that was meant, and what is wrong with it."""

    field: str
    words: str


class _Shown:
    """The two pages, in every state that they can be in."""

    STATUSES: Final[Mapping[str, HTTPStatus]] = {
        "over": HTTPStatus.GONE,
        "wrong": HTTPStatus.UNPROCESSABLE_ENTITY,
        "too_many": HTTPStatus.TOO_MANY_REQUESTS,
        "too_soon": HTTPStatus.TOO_MANY_REQUESTS,
        "away": HTTPStatus.SERVICE_UNAVAILABLE,
        "no_store": HTTPStatus.SERVICE_UNAVAILABLE,
    }

    def __init__(self, pages: Pages, codes: OneTimeCodes) -> None:
        self.pages = pages
        self._codes = codes

    def start(
        self,
        request: Request,
        onward: str,
        typed: Mapping[str, str] | None = None,
        *,
        fault: "_Fault | None" = None,
        trouble: str | None = None,
        seconds: int = 0,
    ) -> HTMLResponse:
        """Who are you? With what was typed still there."""
        status = HTTPStatus.UNPROCESSABLE_ENTITY if fault else self.STATUSES.get(trouble or "", HTTPStatus.OK)
        return self.pages.render(
            *(request, "sign_in/start.html", status, _retry_after(seconds)),
            onward=onward,
            typed=typed or {"mobile": "", "code": ""},
            fault=fault,
            trouble=trouble,
            seconds=seconds,
        )

    def code(  # noqa: PLR0913  (what the page may show)
        self,
        request: Request,
        onward: str,
        handle: str,
        waiting: Waiting | None,
        *,
        typed: str = "",
        trouble: str | None = None,
        seconds: int = 0,
    ) -> HTMLResponse:
        """What is the code? `waiting` is None where nobody can say how it stands."""
        return self.pages.render(
            *(request, "sign_in/code.html", self.STATUSES.get(trouble or "", HTTPStatus.OK)),
            headers=_retry_after(seconds),
            onward=onward,
            handle=handle,
            waiting=waiting,
            good_until=datetime.fromtimestamp(waiting.good_until, UTC) if waiting else None,
            again_in=self._codes.again_in(waiting) if waiting else 0,
            typed=typed,
            # Nothing is said of a code that nobody has typed.
            trouble="empty" if trouble == "wrong" and not typed else trouble,
            seconds=seconds,
        )


def _typed(told: Mapping[str, str]) -> dict[str, str]:
    return {name: told.get(name, "").strip()[:_LONGEST_TYPED] for name in ("mobile", "code")}


def _whose(typed: Mapping[str, str]) -> tuple[str | None, str | None]:
    """A mobile number or a tracking code, in whichever field it stands.

    Ten digits that begin with 9 may be either: there the field decides, and a slip in a code must not
    send a text to a stranger.
    """
    if msisdn := _mobile(typed["mobile"]):
        return msisdn, None
    if code := tracking.parse(typed["code"]) or tracking.parse(typed["mobile"]):
        return None, code
    if sum(digit.isdigit() for digit in typed["code"]) > _CODE_DIGITS:
        return _mobile(typed["code"]), None
    return None, None


def _mobile(typed: str) -> str | None:
    msisdn = parse_msisdn(typed)
    return msisdn if msisdn is not None and msisdn.startswith(_MOBILE) else None


def _fault(told: Mapping[str, str], typed: Mapping[str, str]) -> _Fault:
    field = "code" if "code" in told and not typed["mobile"] else "mobile"
    if not typed[field]:
        return _Fault(field, "missing")
    abroad = field == "mobile" and latin_digits(typed[field]).startswith(("+", "00"))
    return _Fault(field, "abroad" if abroad else "wrong")


def _ours(wanted: str) -> str:
    """Where they wanted to be, if it is a page of ours that is not this one; else nothing."""
    path = inside(wanted, "") if len(wanted) <= _LONGEST_NEXT else ""
    return "" if path.startswith(("/sign-in", "/sign-out")) else path


def _go_on(request: Request, onward: str) -> RedirectResponse:
    path = (onward or _HOME).partition("#")[0]
    if language_of(request) is Language.EN and "lang=" not in path:
        path += ("&" if "?" in path else "?") + "lang=en"
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


def _retry_after(seconds: int) -> Mapping[str, str]:
    return {"Retry-After": str(seconds)} if seconds else {}


def _handle(told: Mapping[str, str]) -> str:
    return told.get("handle", "")[:_LONGEST_HANDLE]
