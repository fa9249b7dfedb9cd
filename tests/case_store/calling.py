"""The API as the app serves it, on a store of the test's own, and callers with tokens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from case_store.routes import STATUSES, build_router
from case_store.routes.guard import identifier
from case_store.routes.idempotency import install_idempotency
from chassis.service import build_service
from tests.case_store.conftest import Store

TOKEN = "a-token-for-tests-only"


def app_of(store: Store) -> FastAPI:
    """Every route, and what stands before the routes."""
    router = build_router(store.handlers, SecretStr(TOKEN))
    app = build_service(
        name="case-store", description="Under test.", parts=[], routers=[router], problems=STATUSES
    )
    identify = identifier(SecretStr(TOKEN), store.access.sessions)
    install_idempotency(app, store.access.idempotency, identify)
    return app


@asynccontextmanager
async def calling(app: FastAPI, token: str | None = TOKEN) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who holds this token, or the service; None for nobody."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False),
        base_url="http://test/api/v1",
        headers={"Authorization": f"Bearer {token}"} if token else {},
    ) as client:
        yield client
