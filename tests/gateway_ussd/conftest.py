"""What gateway-ussd's tests stand on: a real Redis, real HTTP services, a bus in memory, a phone."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from bus.intake import Intake
from bus.memory import MemoryBus
from chassis.service import build_service
from chassis.settings import RedisSettings
from envelope import topics
from envelope.models import Envelope, OutboundMessage
from gateway_ussd.clients.case_store import case_store, sources_of
from gateway_ussd.clients.outside import Outside
from gateway_ussd.handlers.background import Background
from gateway_ussd.handlers.following import Following
from gateway_ussd.handlers.handing_in import HandingIn
from gateway_ussd.handlers.limits import Limits
from gateway_ussd.handlers.lookups import Lookups
from gateway_ussd.handlers.pace import Pace
from gateway_ussd.handlers.readings import Rules
from gateway_ussd.handlers.screens import KEEPING, SafeScreens
from gateway_ussd.handlers.submitting import Submitting
from gateway_ussd.handlers.texting import Texting
from gateway_ussd.handlers.turns import Turns
from gateway_ussd.model import EndReason, Screen, Step, StepKind
from gateway_ussd.providers import PROVIDERS
from gateway_ussd.repository.sessions import Sessions
from gateway_ussd.repository.shared_answers import SharedAnswers
from gateway_ussd.repository.shelf import MenuShelf
from gateway_ussd.repository.store import RedisStore
from gateway_ussd.routes import STATUSES, build_router
from gateway_ussd.settings import GatewayUssdSettings, LookupSettings, ProviderSettings
from minting.book import Block
from minting.client import CaseStoreClient
from minting.file import LeaseFile
from minting.mint import CodeMint
from minting.settings import CaseStoreSettings
from tests.gateway_ussd.services import HttpService
from tests.redis_server import RedisServer

MENUS = Path(__file__).parent / "engine_menus"
CODE = "*4*1420#"
_numbers = count(9_120_000_000)
_sessions = count(1)
_leases = count(0, 100_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A step has a second, whoever else is at work: every test here measures time."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.alone)


@pytest.fixture
async def service() -> AsyncIterator[HttpService]:
    """Plays the case store and every other service that menus ask."""
    server = HttpService()
    await server.start()
    yield server
    await server.stop()


def settings_for(
    folder: Path, redis: RedisServer, service: HttpService, **changes: object
) -> GatewayUssdSettings:
    values: dict[str, Any] = {
        "spool_dir": folder / "spool",
        "TRACKING_CODE_KEY": "ab" * 32,
        "menus": MENUS,
        "budget_seconds": 1.0,
        "redis": RedisSettings(url=redis.url, timeout_seconds=1),
        "case_store": CaseStoreSettings(url=service.url, token="a-token"),
        "lookups": {"basket": LookupSettings(url=service.url + "/basket/{national_id}")},
        "providers": {
            "last": ProviderSettings(form="comviva"),
            "chain": ProviderSettings(form="africastalking"),
            "latin": ProviderSettings(form="comviva", latin_only=True),
        },
    }
    return GatewayUssdSettings(**(values | changes))


@dataclass
class Gateway:
    """The gateway put together as `app.py` does, with the bus in memory."""

    settings: GatewayUssdSettings
    bus: MemoryBus
    store: RedisStore
    sessions: Sessions
    shelf: MenuShelf
    intake: Intake
    lookups: Lookups
    background: Background
    limits: Limits
    paces: dict[str, Pace]
    screens: SafeScreens
    app: FastAPI
    parts: list[Any] = field(default_factory=list)

    @property
    def envelopes(self) -> list[Envelope]:
        return [Envelope.from_json(record.value) for record in self.bus.of(topics.INBOUND)]

    @property
    def texts(self) -> list[OutboundMessage]:
        return [OutboundMessage.from_json(record.value) for record in self.bus.of(topics.OUTBOUND_SMS)]

    def phone(self, provider: str = "last", msisdn: str | None = None) -> "Phone":
        return Phone(self, provider, msisdn or f"+98{next(_numbers)}")

    async def start(self) -> "Gateway":
        for part in self.parts:
            await part.start()
        return self

    async def stop(self) -> None:
        for part in reversed(self.parts):
            await part.stop()


@dataclass
class Phone:
    """A person's phone on one operator; `chain` operators send every input of the session each time."""

    gateway: Gateway
    provider: str
    msisdn: str
    session_id: str = ""
    typed: tuple[str, ...] = ()

    async def dial(self, tail: str = "", session_id: str | None = None) -> Screen:
        self.session_id = session_id or f"s{next(_sessions)}"
        self.typed = tuple(tail.split("*")) if tail else ()
        return await self.gateway.screens(self.dialled(tail))

    async def type(self, text: str) -> Screen:
        self.typed = (*self.typed, text)
        return await self.gateway.screens(self.last())

    async def drop(self, reason: EndReason = EndReason.TIMED_OUT) -> None:
        await self.gateway.screens(self._step(StepKind.END, reason=reason))

    def dialled(self, tail: str = "") -> Step:
        if self.provider != "chain":
            return self._step(StepKind.BEGIN, typed=tail or None)
        return self._step(StepKind.CONTINUE if tail else StepKind.BEGIN, chain=self.typed)

    def last(self) -> Step:
        """The step that was taken last, as it would be repeated."""
        if self.provider == "chain":
            return self._step(StepKind.CONTINUE, chain=self.typed)
        return self._step(StepKind.CONTINUE, typed=self.typed[-1])

    def _step(self, kind: StepKind, **told: object) -> Step:
        return Step(self.provider, self.session_id, self.msisdn, CODE, kind, **told)  # type: ignore[arg-type]


def put_together(settings: GatewayUssdSettings, bus: MemoryBus | None = None) -> Gateway:
    bus, budget, latin = bus or MemoryBus(), settings.budget_seconds, settings.latin_only
    store = RedisStore(settings.redis, KEEPING * budget)
    sessions = Sessions(store, settings.kept_seconds)
    shelf = MenuShelf(settings.menus, 2 * settings.kept_seconds)
    intake = Intake(bus, settings.spool)
    leases = LeaseFile(settings.spool_dir / "tracking-codes.json")
    mint = CodeMint(leases, CaseStoreClient(settings.case_store), settings.code_key, settings.lease_size)
    first = next(_leases)
    mint._book.add(Block(first, first + 99_999))
    mint._book.grant(100_000)
    calls = case_store(settings.case_store)
    outside = [Outside(name, each) for name, each in settings.lookups.items()]
    lookups = Lookups([*sources_of(calls), *outside], SharedAnswers(store))
    background = Background()
    texting = Texting(bus, settings.sms_line, settings.texts_a_second, background)
    submitting = Submitting(sessions, mint, HandingIn(intake, settings.line, background))
    following = Following(lookups, texting, background)
    rules = Rules(settings.session_seconds, settings.resume_seconds)
    turns = Turns(sessions, shelf, rules, lookups, submitting, following, latin)
    limits = Limits(settings.tps, settings.steps_a_minute, settings.in_flight, budget / 4)
    paces = {name: Pace(name, budget / 2) for name in settings.providers}
    screens = SafeScreens(turns, limits, paces, texting, budget, latin)
    providers = {name: PROVIDERS[each.form](name, each, screens) for name, each in settings.providers.items()}
    router = build_router(providers, settings.networks, settings.longest_body)
    parts = [shelf, intake, store, calls, *(each.calls for each in outside), lookups, background]
    app = build_service(
        name="test",
        description="",
        parts=[*paces.values()],
        routers=[router],
        problems=STATUSES,
        works_without={pace.name for pace in paces.values()},
    )
    return Gateway(
        settings, bus, store, sessions, shelf, intake, lookups, background, limits, paces, screens, app, parts
    )


@pytest.fixture
async def make_gateway(
    tmp_path: Path, redis: RedisServer, service: HttpService
) -> AsyncIterator[Callable[..., Any]]:
    started: list[Gateway] = []

    async def make(
        bus: MemoryBus | None = None, with_redis: RedisServer = redis, **changes: object
    ) -> Gateway:
        folder = tmp_path / f"replica-{len(started)}"
        settings = settings_for(folder, with_redis, service, **changes)
        started.append(await put_together(settings, bus).start())
        return started[-1]

    yield make
    for gateway in started:
        await gateway.stop()


@pytest.fixture
async def gateway(make_gateway: Callable[..., Any]) -> Gateway:
    return await make_gateway()  # type: ignore[no-any-return]
