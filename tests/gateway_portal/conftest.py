"""The portal on a real Redis and a spool on disk, with a bus in memory; the case store is played over HTTP.

`portal` is the whole app, started; `portal.visit()` is somebody's browser, which keeps its cookies.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import httpx
import pytest
from fastapi import FastAPI

from bus.memory import MemoryBus
from chassis.settings import RedisSettings
from envelope import topics
from envelope.models import Envelope, OutboundMessage
from gateway_portal.app import create_app
from gateway_portal.clients.case_store import CaseStore
from gateway_portal.clients.partners import PartnerStore
from gateway_portal.clients.webhook_work import WebhookWork
from gateway_portal.model import Scope
from gateway_portal.settings import GatewayPortalSettings
from minting.client import CaseStoreClient
from minting.settings import CaseStoreSettings
from tests.redis_server import RedisServer

KEY = "5c" * 32
PARTNER, LIVE_KEY, SANDBOX_KEY = "tamin-man", "payam_live_" + "a" * 43, "payam_test_" + "b" * 43
Answer = Callable[[Any], object]
ASKED_ALL_THE_TIME: dict[str, Callable[[Any], object]] = {
    "/partners/book": lambda store: {"partners": store.partners},
    "/webhooks/claims": lambda _: {"work": []},
}
"""Nobody's doing, so they are not among `asked`, as long as a test has no answer of its own."""


def a_key(key: str, *scopes: str, sandbox: bool = False, **more: object) -> dict[str, object]:
    """A key as the store's book tells it; without scopes it may do everything."""
    return {
        "id": str(uuid5(NAMESPACE_URL, key)),
        "sha256": hashlib.sha256(key.encode()).hexdigest(),
        "scopes": scopes or tuple(Scope),
        "sandbox": sandbox,
        "expires_at": None,
        **more,
    }


def a_partner(*keys: dict[str, object], **more: object) -> dict[str, object]:
    """A partner as the store's book tells it."""
    return {"id": PARTNER, "name": "تأمین من", "per_minute": 600, "per_day": 100_000, "keys": keys, **more}


class StoreStandIn:
    """Answers as the case store documents: `answers[path]` is JSON, a response, or a function of the body.

    `partners` are those of its book. What is not there is 404; `away` refuses every connection; `status` is
    put over every answer but leases and the book.
    """

    def __init__(self) -> None:
        self.answers: dict[str, object] = {}
        self.partners = [a_partner(a_key(LIVE_KEY), a_key(SANDBOX_KEY, sandbox=True))]
        self.status: int | None = None
        self.away = False
        self.asked: list[tuple[str, str, Any]] = []
        self._leased = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("away")
        path = request.url.path.removeprefix("/api/v1")
        body = json.loads(request.content) if request.content else dict(request.url.params)
        if path == "/tracking-code-leases":
            self._leased += body["size"]
            return httpx.Response(201, json={"first": self._leased - body["size"] + 1, "last": self._leased})
        if path not in self.answers and path in ASKED_ALL_THE_TIME:
            return httpx.Response(200, json=ASKED_ALL_THE_TIME[path](self))
        self.asked.append((path, request.headers.get("authorization", ""), body))
        answer = self.answers.get(path, httpx.Response(404, json={"title": "Not Found"}))
        if callable(answer) and not isinstance(answer, httpx.Response):
            answer = answer(body)
        if isinstance(answer, httpx.Response):
            return answer
        return httpx.Response(self.status or 200, json=answer)


class Bus(MemoryBus):
    """A bus in memory that can be a part of a service."""

    name = "bus"

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def health(self) -> str | None:
        return None

    def on_forgotten(self, _listener: object) -> None: ...


@dataclass
class Portal:
    """The started app and what stands around it."""

    app: FastAPI
    behind: StoreStandIn
    bus: Bus
    settings: GatewayPortalSettings

    def visit(self, address: str = "198.51.100.7", **headers: str) -> httpx.AsyncClient:
        """Somebody's browser, at an address of theirs."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=(address, 40_000), raise_app_exceptions=False),
            base_url="http://portal",
            headers={"Sec-Fetch-Site": "same-origin", **headers},
        )

    def partner(self, key: str = LIVE_KEY, **headers: str) -> httpx.AsyncClient:
        """A partner's service, with its key."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False),
            base_url="http://portal",
            headers={"Authorization": f"Bearer {key}", **headers},
        )

    @property
    def envelopes(self) -> list[Envelope]:
        """What was handed in, in order."""
        return [Envelope.from_json(record.value) for record in self.bus.of(topics.INBOUND)]

    @property
    def texts(self) -> list[OutboundMessage]:
        """What was to be sent by SMS, in order."""
        return [OutboundMessage.from_json(record.value) for record in self.bus.of(topics.OUTBOUND_SMS)]


@pytest.fixture
def behind() -> StoreStandIn:
    return StoreStandIn()


def put_together(folder: Path, redis: RedisServer, behind: StoreStandIn, **changes: object) -> Portal:
    """The app, not yet started."""
    values: dict[str, Any] = {
        "attempts_per_minute": 5,
        "trusted_proxies": "10.0.0.0/8",
        "spool_dir": folder / "spool",
        "objects_url": str(folder / "objects"),
        "GATEWAY_PORTAL_SECRET": KEY,
        "TRACKING_CODE_KEY": KEY,
        "redis": RedisSettings(url=redis.url, timeout_seconds=1),
        "case_store": CaseStoreSettings(token="a-service-token"),
    }
    settings = GatewayPortalSettings(**(values | changes))
    transport, bus = httpx.MockTransport(behind), Bus()
    app = create_app(
        settings,
        bus=bus,
        store=CaseStore(settings, transport),
        leasing=CaseStoreClient(settings.case_store, transport),
        partners=PartnerStore(settings, transport),
        work=WebhookWork(settings, transport),
    )
    return Portal(app, behind, bus, settings)


Started = Callable[..., AbstractAsyncContextManager[Portal]]


@pytest.fixture
def started(redis: RedisServer, behind: StoreStandIn, tmp_path: Path) -> Started:
    """`async with started(redis=…, any_setting=…) as portal`."""

    @asynccontextmanager
    async def start(redis: RedisServer = redis, **changes: object) -> AsyncIterator[Portal]:
        portal = put_together(tmp_path, redis, behind, **changes)
        async with portal.app.router.lifespan_context(portal.app):
            yield portal

    return start


@pytest.fixture
async def portal(started: Started) -> AsyncIterator[Portal]:
    async with started() as portal:
        yield portal


@pytest.fixture
def visit(portal: Portal) -> Callable[..., httpx.AsyncClient]:
    return portal.visit
