"""What goes wrong, in Open311's form: 403 for a key, 404 for what is not there, 400 for nearly all else.

Only what helps a client to go on keeps a status of its own: 409, 429 and 503 with `Retry-After`.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from envelope.errors import PayamError
from gateway_portal import errors
from gateway_portal.pages import language_of
from gateway_portal.routes.open311.documents import answer
from gateway_portal.schemas.open311 import Fault, Format
from gateway_portal.words import say

PREFIX: Final = "/open311/"
_TOLD: Final[Mapping[type[PayamError], tuple[int, str]]] = {
    errors.KeyRefusedError: (403, "key"),
    errors.ScopeError: (403, "scope"),
    errors.NotThereError: (404, "not_there"),
    errors.TooLongError: (400, "too_long"),
    errors.KeyReusedError: (400, "key_reused"),
    errors.UnderWayError: (409, "under_way"),
    errors.QuotaError: (429, "quota"),
}
"""Each error's status, and its words under `open311.fault.`"""
_log = structlog.get_logger()


def refusal(request: Request, error: Exception) -> Response:
    """The answer to a request that failed."""
    if isinstance(error, errors.FormRefusedError):
        status = HTTPStatus.NOT_FOUND if error.unknown else HTTPStatus.BAD_REQUEST
        return _answer(request, status, error.faults)
    if isinstance(error, RequestValidationError):
        places = [fault["loc"] for fault in error.errors()]
        if any(place[0] == "path" for place in places):
            return _answer(request, HTTPStatus.NOT_FOUND, ["address"])
        return _answer(request, HTTPStatus.BAD_REQUEST, ["query"] * len(places))
    if isinstance(error, HTTPException):
        words = "address" if error.status_code == HTTPStatus.NOT_FOUND else "method"
        return _answer(request, error.status_code, [words], error.headers)
    if isinstance(error, PayamError):
        return _ours(request, error)
    _log.error("request_crashed", error=type(error).__name__)
    return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, ["crashed"])


def _ours(request: Request, error: PayamError) -> Response:
    known = next((_TOLD[kind] for kind in type(error).__mro__ if kind in _TOLD), None)
    if known is None:
        known = (503, "away") if error.retriable else (500, "crashed")
    status, words = known
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.warning("request_failed", error=type(error).__name__, status=status)
    headers = {"Retry-After": str(getattr(error, "seconds", 5))} if error.retriable else {}
    return _answer(request, status, [words], headers)


def _answer(
    request: Request, status: int, words: Sequence[str], headers: Mapping[str, str] | None = None
) -> Response:
    """XML, the format that the specification requires, wherever JSON was not asked for."""
    form = Format.JSON if request.url.path.endswith(f".{Format.JSON}") else Format.XML
    language = language_of(request)
    faults = [Fault(code=status, description=say(language, f"open311.fault.{word}")) for word in words]
    return answer(form, "errors", faults, status, headers)
