"""What a person reads when something does not go: kind words, a way on, and all they had typed."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from chassis.forms import CrossSiteError
from desk import errors
from desk.pages import Pages
from desk.routes.guard import typed
from envelope.errors import PayamError

_log = structlog.get_logger()
_SECRET_FIELDS: Final = frozenset({"password", "current", "new", "again", "code"})
_STATUSES: Final[Mapping[type[PayamError], tuple[int, str]]] = {
    CrossSiteError: (403, "cross_site"),
    errors.StoreAwayError: (503, "away"),
    errors.SignedOutError: (401, "signed_out"),
    errors.NotAllowedError: (403, "not_allowed"),
    errors.NotThereError: (404, "not_there"),
    errors.TakenError: (409, "taken"),
    errors.ChangedError: (412, "changed"),
    errors.InvalidError: (422, "invalid"),
}
"""Each error's status, and its words under `failure.`"""


def install_failures(app: FastAPI, pages: Pages) -> None:
    """Answer our errors and unknown addresses with pages; the problem documents stay for programs."""

    @app.exception_handler(CrossSiteError)
    @app.exception_handler(errors.DeskError)
    async def _ours(request: Request, error: PayamError) -> Response:
        if isinstance(error, errors.PasswordDueError):
            return RedirectResponse("/profile/password", 303)
        status, words = next(_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES)
        if isinstance(error, errors.SignedOutError) and request.method == "GET":
            return _to_login(request)
        return await show_failure(pages, request, status, words)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        words = "not_there" if error.status_code == HTTPStatus.NOT_FOUND else "invalid"
        return await show_failure(pages, request, error.status_code, words)

    @app.exception_handler(Exception)
    async def _unforeseen(request: Request, error: Exception) -> Response:
        _log.error("page_crashed", error=type(error).__name__, method=request.method)
        return await show_failure(pages, request, HTTPStatus.INTERNAL_SERVER_ERROR, "crashed")

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, _error: RequestValidationError) -> Response:
        return await show_failure(pages, request, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid")


async def show_failure(pages: Pages, request: Request, status: int, words: str) -> Response:
    """A whole page with the typed text and a button to send it again; for htmx a notice above the form."""
    if request.headers.get("hx-request") == "true":
        response: Response = pages.render(request, "_failure.html", status, words=words)
        response.headers["HX-Retarget"] = "#notices"
        response.headers["HX-Reswap"] = "innerHTML"
        response.headers["HX-Push-Url"] = "false"
        return response
    kept = await _kept(request) if request.method == "POST" else {}
    again = str(request.url.path) + (f"?{request.url.query}" if request.url.query else "")
    response = pages.render(request, "failure.html", status, words=words, kept=kept, again=again)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "5"
    return response


async def _kept(request: Request) -> dict[str, str]:
    try:
        form = await typed(request)
    except (RuntimeError, HTTPException):  # the body was read by somebody else, or is no form
        return {}
    return {name: value for name, value in form.items() if name not in _SECRET_FIELDS}


def _to_login(request: Request) -> Response:
    whence = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    to = "/login" if whence == "/" else f"/login?next={quote(whence)}"
    if request.headers.get("hx-request") == "true":
        # The page that asked is of somebody who has left: all of it goes.
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": "/login"})
    return RedirectResponse(to, HTTPStatus.SEE_OTHER)
