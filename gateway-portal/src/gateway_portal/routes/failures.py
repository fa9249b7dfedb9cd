"""Our errors and unknown addresses as pages that say what to do next, with what was typed still there."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
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
_log = structlog.get_logger()


def install_failures(app: FastAPI, pages: Pages) -> None:
    """Answer with pages."""

    @app.exception_handler(PayamError)
    async def _ours(request: Request, error: PayamError) -> Response:
        if isinstance(error, errors.SignedOutError) and request.method == "GET":
            return pages.redirect(request, "/sign-in", next=_whence(request))
        known = [kind for kind in type(error).__mro__ if kind in _STATUSES]
        if not known:
            return _crashed(request, error)
        status, words = _STATUSES[known[0]]
        seconds = getattr(error, "seconds", 60)
        headers = {"Retry-After": str(seconds)} if error.retriable else {}
        return _page(request, status, words, headers)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        words = "not_there" if error.status_code == HTTPStatus.NOT_FOUND else "invalid"
        return _page(request, error.status_code, words)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, _error: RequestValidationError) -> Response:
        return _page(request, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid")

    @app.exception_handler(Exception)
    async def _unforeseen(request: Request, error: Exception) -> Response:
        return _crashed(request, error)

    def _crashed(request: Request, error: Exception) -> Response:
        _log.error("page_crashed", error=type(error).__name__, method=request.method)
        return _page(request, HTTPStatus.INTERNAL_SERVER_ERROR, "crashed")

    def _page(
        request: Request, status: int, words: str, headers: Mapping[str, str] | None = None
    ) -> Response:
        return pages.render(request, "failure.html", status, headers, words=words)


def _whence(request: Request) -> str:
    return request.url.path + (f"?{quote(request.url.query, safe='=&')}" if request.url.query else "")
