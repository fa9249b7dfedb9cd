"""The desk on a real case store, on a real PostgreSQL; a browser's part is played by an HTTP client."""

from collections.abc import AsyncIterator, Callable, Collection

import httpx
import pytest
from fastapi import FastAPI

from case_store.staffing import Role
from desk.app import create_app
from desk.clients import CaseStore
from desk.settings import SESSION_COOKIE, DeskSettings
from envelope.tracking import mint
from tests.case_store.conftest import KEY, Store, database, routed, store, url
from tests.case_store.one_api import Api

__all__ = ["CODE", "OTHER_CODE", "Staff", "database", "routed", "store", "url"]
CODE, OTHER_CODE = mint(100, KEY), mint(101, KEY)
ADDRESS = "http://desk"


class Staff(httpx.AsyncClient):
    """Somebody's browser at the desk: it says where its forms come from, as browsers do."""

    async def html(self, path: str, *, status: int = 200, **headers: str) -> str:
        answer = await self.get(
            path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        assert answer.status_code == status, answer.text[-2000:]
        return answer.text

    async def fill(self, path: str, status: int = 303, **form: object) -> httpx.Response:
        answer = await self.post(path, data=form)
        assert answer.status_code == status, answer.text[-2000:]
        return answer


@pytest.fixture
def settings() -> DeskSettings:
    return DeskSettings(staff_kept_seconds=0)


@pytest.fixture
def app(store: Store, settings: DeskSettings) -> FastAPI:
    return create_app(settings, store=CaseStore(settings, httpx.ASGITransport(Api(store))))


@pytest.fixture
async def visitor(app: FastAPI) -> AsyncIterator[Staff]:
    """Nobody yet."""
    async with browser(app) as client:
        yield client


@pytest.fixture
async def sign_in(app: FastAPI, store: Store) -> AsyncIterator[Callable[..., object]]:
    """`await sign_in("agent", units=["retirement"], name=…)` → their browser, signed in."""
    opened: list[Staff] = []

    async def enter(*roles: str, units: Collection[str] = ("retirement",), name: str | None = None) -> Staff:
        actor, token = await store.a_member([Role(role) for role in roles], units, name=name)
        client = browser(app)
        client.cookies.set(SESSION_COOKIE, token)
        client.actor = actor  # type: ignore[attr-defined]  # for tests that look into the store
        opened.append(client)
        return client

    yield enter
    for client in opened:
        await client.aclose()


def browser(app: FastAPI) -> Staff:
    return Staff(
        transport=httpx.ASGITransport(app), base_url=ADDRESS, headers={"Sec-Fetch-Site": "same-origin"}
    )
