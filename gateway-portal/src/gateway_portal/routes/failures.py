"""Our errors and unknown addresses: pages for people, problem documents or Open311's errors for programs."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final, cast
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from bus.errors import NotAcceptedError
from chassis.forms import CrossSiteError
from envelope.errors import PayamError
from gateway_portal import errors
from gateway_portal.pages import Pages
from gateway_portal.routes.api.problems import problem_of
from gateway_portal.routes.open311.failures import PREFIX as OPEN311
from gateway_portal.routes.open311.failures import refusal

_STATUSES: Final[Mapping[type[PayamError], tuple[int, str]]] = {
    CrossSiteError: (403, "cross_site"),
    errors.SignedOutError: (401, "signed_out"),
    errors.NotThereError: (404, "not_there"),
    errors.TooLongError: (413, "too_long"),
    errors.TooManyError: (429, "too_many"),
    errors.StoreAwayError: (503, "away"),
    errors.RedisAwayError: (503, "away"),
    errors.CodesUnavailableError: (503, "no_codes"),
    NotAcceptedError: (503, "not_accepted"),
}
"""Each error's status, and its words under `failure.`"""
_API: Final = "/api/"
_KINDS: Final = (PayamError, HTTPException, RequestValidationError, Exception)
_Answer = Callable[[Request, Exception], Awaitable[Response]]
_Handlers = Mapping[object, _Answer]
_log = structlog.get_logger()


def install_failures(app: FastAPI, pages: Pages) -> None:
    """Answer each in the form that whoever asked can read."""
    shown = _Shown(pages)
    installed = cast("_Handlers", dict(app.exception_handlers))
    for kind in _KINDS:
        app.add_exception_handler(kind, _answering(shown, installed[kind]))


def _answering(shown: "_Shown", otherwise: _Answer) -> _Answer:
    """`otherwise` is what every service says to programs."""

    async def answer(request: Request, error: Exception) -> Response:
        path = request.url.path
        if path.startswith(OPEN311):
            return refusal(request, error)
        if path.startswith(_API):
            problem = problem_of(error)
            return problem.response() if problem else await otherwise(request, error)
        return shown.failure(request, error)

    return answer


class _Shown:
    """Failures as pages that say what to do next, with what was typed still there."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def failure(self, request: Request, error: Exception) -> Response:
        """The page."""
        if isinstance(error, HTTPException):
            missing = error.status_code == HTTPStatus.NOT_FOUND
            return self._page(request, error.status_code, "not_there" if missing else "invalid")
        if isinstance(error, RequestValidationError):
            return self._page(request, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid")
        if isinstance(error, errors.SignedOutError) and request.method == "GET":
            return self._pages.redirect(request, "/sign-in", next=_whence(request))
        known = next((_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES), None)
        if known is None or not isinstance(error, PayamError):
            _log.error("page_crashed", error=type(error).__name__, method=request.method)
            return self._page(request, HTTPStatus.INTERNAL_SERVER_ERROR, "crashed")
        headers = {"Retry-After": str(getattr(error, "seconds", 60))} if error.retriable else {}
        return self._page(request, *known, headers)

    def _page(
        self, request: Request, status: int, words: str, headers: Mapping[str, str] | None = None
    ) -> Response:
        return self._pages.render(request, "failure.html", status, headers, words=words)


def _whence(request: Request) -> str:
    return request.url.path + (f"?{quote(request.url.query, safe='=&')}" if request.url.query else "")
