"""The portal before a stand-in for the case store's answers, over ASGI."""

import json
from collections.abc import Callable

import httpx
import pytest

from gateway_portal.app import create_app
from gateway_portal.clients import CaseStore
from gateway_portal.settings import GatewayPortalSettings

GENUINE = {
    "known": True,
    "genuine": True,
    "issued_at": "2026-11-21T08:05:00Z",
    "text": "سابقهٔ شما کامل است.\n<b>پایان</b>",
}
REVOKED = {
    "known": True,
    "genuine": False,
    "issued_at": "2026-11-21T08:05:00Z",
    "revoked_at": "2026-11-22T08:05:00Z",
}
UNKNOWN = {"known": False, "genuine": False}


class StoreStandIn:
    """Answers as the case store documents; a test changes what."""

    def __init__(self) -> None:
        self.answer: object = UNKNOWN
        self.status = 200
        self.away = False
        self.asked: list[tuple[str, str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("away")
        code = json.loads(request.content)["code"]
        self.asked.append((request.url.path, request.headers["authorization"], code))
        return httpx.Response(self.status, json=self.answer)


@pytest.fixture
def behind() -> StoreStandIn:
    return StoreStandIn()


@pytest.fixture
def settings() -> GatewayPortalSettings:
    return GatewayPortalSettings(
        case_store_token="a-service-token", attempts_per_minute=5, trusted_proxies="10.0.0.0/8"
    )


@pytest.fixture
def visit(behind: StoreStandIn, settings: GatewayPortalSettings) -> Callable[..., httpx.AsyncClient]:
    app = create_app(settings, store=CaseStore(settings, httpx.MockTransport(behind)))

    def from_(address: str = "198.51.100.7") -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app, client=(address, 40_000))
        return httpx.AsyncClient(transport=transport, base_url="http://portal")

    return from_
