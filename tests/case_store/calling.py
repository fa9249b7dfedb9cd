"""Callers of the API with tokens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from tests.case_store.one_api import TOKEN, Api

__all__ = ["TOKEN", "calling"]


@asynccontextmanager
async def calling(app: Api, token: str | None = TOKEN) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who holds this token, or the service; None for nobody."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False),
        base_url="http://test/api/v1",
        headers={"Authorization": f"Bearer {token}"} if token else {},
    ) as client:
        yield client
