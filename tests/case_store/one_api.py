"""The API of every test's store: its routes are made once, for that takes a second."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, reduce
from typing import Any

from fastapi import FastAPI
from pydantic import SecretStr
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from case_store.routes import STATUSES, Handlers, build_router
from case_store.routes.guard import identifier
from case_store.routes.idempotency import install_idempotency
from chassis.service import build_service
from tests.case_store.conftest import Store

TOKEN = "a-token-for-tests-only"
_called: ContextVar[Handlers] = ContextVar("the handlers of the store that is called")


class Api:
    """One store's API: `routes` alone, or with what stands before the routes."""

    def __init__(self, store: Store, *, routes: bool = False) -> None:
        self._handlers = store.handlers
        self._app = _made(routes=routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with _calling(self._handlers):
            await self._app(scope, receive, send)

    @property
    def routes(self) -> list[BaseRoute]:
        return self._app.routes

    def openapi(self) -> dict[str, Any]:
        return self._app.openapi()


class Late:
    """A place among the handlers: while routes are made a place only, during a call what is there."""

    def __init__(self, *path: str) -> None:
        self._path = path

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._found(), name) if _called.get(None) else Late(*self._path, name)

    def __call__(self, *given: object, **named: object) -> object:
        return self._found()(*given, **named)

    def _found(self):
        return reduce(getattr, self._path, _called.get())


def made(handlers: Handlers, *, routes: bool = False) -> FastAPI:
    """As the app makes it."""
    app = build_service(
        name="case-store",
        description="Under test.",
        parts=[],
        routers=[build_router(handlers, SecretStr(TOKEN))],
        problems=STATUSES,
    )
    if not routes:
        identify = identifier(SecretStr(TOKEN), handlers.access.sessions)
        install_idempotency(app, handlers.access.idempotency, identify)
    return app


@cache
def _made(*, routes: bool) -> FastAPI:
    return made(Late(), routes=routes)  # type: ignore[arg-type]


@contextmanager
def _calling(handlers: Handlers) -> Iterator[None]:
    before = _called.set(handlers)
    try:
        yield
    finally:
        _called.reset(before)
