"""Errors as RFC 9457 problem documents: one shape for every service, and never the input back."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from envelope.errors import PayamError

_log = structlog.get_logger()
MEDIA_TYPE = "application/problem+json"
_SCHEMA: Mapping[str, Any] = {
    "title": "Problem",
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"detail": {"type": "string"}, "pointer": {"type": "string"}},
                "required": ["detail", "pointer"],
            },
        },
    },
    "required": ["type", "title", "status"],
}
DESCRIBED: dict[int | str, dict[str, Any]] = {
    statuses: {"description": words, "content": {MEDIA_TYPE: {"schema": _SCHEMA}}}
    for statuses, words in {
        "4XX": "What is wrong with the request, as a problem document (RFC 9457)",
        "5XX": "What is wrong with us; a 503 has done nothing",
    }.items()
}
"""What the description of an API says of every route, for FastAPI's `responses`."""
_HEADERS_OF: Mapping[int, Mapping[str, str]] = {
    401: {"WWW-Authenticate": "Bearer"},
    503: {"Retry-After": "5"},
}


class Problem(Exception):  # noqa: N818  (RFC 9457's own word)
    """Raised by a route to answer with a problem document."""

    def __init__(  # noqa: PLR0913  (what RFC 9457 has members for)
        self,
        status: int,
        title: str,
        detail: str | None = None,
        *,
        type: str = "about:blank",  # noqa: A002  (RFC 9457's own word)
        errors: Sequence[Mapping[str, str]] = (),
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`errors` are `{detail, pointer}`: what is wrong and where, never the value; `members` extend it."""
        super().__init__(title)
        self.status = status
        self.body: dict[str, Any] = {**(members or {}), "type": type, "title": title, "status": status}
        if detail:
            self.body["detail"] = detail
        if errors:
            self.body["errors"] = list(errors)
        self.headers = dict(headers or {})

    def response(self) -> JSONResponse:
        """The answer."""
        return JSONResponse(self.body, self.status, headers=self.headers, media_type=MEDIA_TYPE)


def install_problems(app: FastAPI, statuses: Mapping[type[Exception], int]) -> None:
    """Answer `Problem`, our errors by `statuses`, validation errors and everything unforeseen."""

    @app.exception_handler(Problem)
    async def _problem(_request: Request, error: Problem) -> JSONResponse:
        return error.response()

    @app.exception_handler(HTTPException)
    async def _http(_request: Request, error: HTTPException) -> JSONResponse:
        phrase = HTTPStatus(error.status_code).phrase
        detail = error.detail if error.detail != phrase else None
        return Problem(error.status_code, phrase, detail, headers=error.headers).response()

    @app.exception_handler(RequestValidationError)
    async def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        faults = [
            {"detail": str(fault["msg"]), "pointer": "/" + "/".join(str(step) for step in fault["loc"])}
            for fault in error.errors()
        ]
        title = "The request is not of the documented form"
        return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, title, errors=faults).response()

    @app.exception_handler(PayamError)
    async def _ours(_request: Request, error: PayamError) -> JSONResponse:
        status = _status_of(error, statuses)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            _log.warning("request_failed", error=type(error).__name__, status=status)
        return Problem(
            status,
            HTTPStatus(status).phrase,
            str(error),
            members=jsonable_encoder(error.members),
            headers=_HEADERS_OF.get(status),
        ).response()

    @app.exception_handler(Exception)
    async def _unforeseen(_request: Request, error: Exception) -> JSONResponse:
        _log.error("request_crashed", error=type(error).__name__)
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return Problem(status, status.phrase, "This is our fault; it has been recorded.").response()


def _status_of(error: PayamError, statuses: Mapping[type[Exception], int]) -> int:
    for kind in type(error).__mro__:
        if kind in statuses:
            return statuses[kind]
    return HTTPStatus.SERVICE_UNAVAILABLE if error.retriable else HTTPStatus.INTERNAL_SERVER_ERROR
