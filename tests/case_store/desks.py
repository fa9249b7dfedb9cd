"""The API on a real database, and members of the staff who call it with sessions of their own."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import httpx

from case_store.staffing import Actor, Role
from tests.case_store.conftest import Store
from tests.case_store.one_api import TOKEN, Api

EVERY_SECTION = ("insurance", "treatment", "retirement", "general")


class Member(httpx.AsyncClient):
    """Somebody at their desk."""

    actor: Actor

    async def ok(self, method: str, path: str, **more: object) -> dict:
        answer = await self.request(method, path, **more)  # type: ignore[arg-type]
        assert answer.is_success, (answer.status_code, answer.text)
        return answer.json() if answer.content else {}


class Office:
    """Where they work."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.app = Api(store, routes=True)
        self.clients: list[Member] = []

    async def member(
        self,
        *roles: Role,
        units: Collection[str] = ("retirement",),
        name: str | None = None,
    ) -> Member:
        actor, token = await self.store.a_member(roles or (Role.AGENT,), units, name=name)
        member = self._client(token)
        member.actor = actor
        return member

    def service(self) -> Member:
        return self._client(TOKEN)

    def _client(self, token: str) -> Member:
        client = Member(
            transport=httpx.ASGITransport(self.app),
            base_url="http://test/api/v1",
            headers={"Authorization": f"Bearer {token}"},
        )
        self.clients.append(client)
        return client


@asynccontextmanager
async def opened(store: Store) -> AsyncIterator[Office]:
    office = Office(store)
    try:
        yield office
    finally:
        for client in office.clients:
            await client.aclose()
