"""The gateway as `app.py` puts it together, with a bus in memory and a case store that only leases codes."""

import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import httpx
from fastapi import FastAPI

from bus.memory import MemoryBus
from envelope import topics
from envelope.models import Envelope
from gateway_voice.app import create_app
from gateway_voice.clients.call_store import CallStore
from gateway_voice.model import Recording
from gateway_voice.settings import GatewayVoiceSettings
from minting.client import CaseStoreClient
from minting.settings import CaseStoreSettings
from objects.errors import ObjectsUnavailableError
from objects.keyring import Keyring
from objects.store import Objects, Opened, objects_at
from tests.gateway_voice.desk_double import Desk

SECRET = "5c" * 32
AT = datetime(2026, 11, 20, 19, 30, tzinfo=UTC)


class Bus(MemoryBus):
    """A bus in memory that can be a part of a service."""

    name = "bus"

    def __init__(self) -> None:
        super().__init__()
        self.listeners: list[Callable[[], None]] = []

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def health(self) -> str | None:
        return None

    def on_forgotten(self, listener: Callable[[], None]) -> None:
        self.listeners.append(listener)


class Store:
    """An object store that can be away."""

    def __init__(self, folder: Path, keyring: Keyring | None = None) -> None:
        self._inner: Objects = objects_at(str(folder), keyring)
        self.away = False
        self.asked = 0

    async def put(self, sha256: str, content: IO[bytes]) -> None:
        self.asked += 1
        if self.away:
            message = "away"
            raise ObjectsUnavailableError(message)
        await self._inner.put(sha256, content)

    async def open(self, sha256: str) -> Opened:
        return await self._inner.open(sha256)

    async def probe(self) -> None: ...

    async def bytes_of(self, sha256: str) -> bytes:
        opened = await self._inner.open(sha256)
        return b"".join([piece async for piece in opened.chunks])


class Leasing:
    """The case store, asked for codes alone."""

    def __init__(self) -> None:
        self.leased = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != "/api/v1/tracking-code-leases":
            return httpx.Response(404, json={"title": "Not Found"})
        self.leased += 1_000
        return httpx.Response(201, json={"first": self.leased - 999, "last": self.leased})


@dataclass
class House:
    """The started gateway and what stands around it."""

    app: FastAPI
    settings: GatewayVoiceSettings
    bus: Bus
    store: Store
    pbx: httpx.AsyncClient
    desk: Desk

    @property
    def envelopes(self) -> list[Envelope]:
        """What was handed in, in order."""
        return [Envelope.from_json(record.value) for record in self.bus.of(topics.INBOUND)]

    @property
    def recordings(self) -> Path:
        return self.settings.spool_dir / "recordings"

    async def push(
        self, audio: bytes, *, secret: str = SECRET, age: float = 0, tamper: bytes = b"", **facts: str
    ) -> httpx.Response:
        """A recording as a PBX pushes it; `facts` change what it tells."""
        told = {"caller": "09121234567", "called": "1420", "at": AT.isoformat(), "id": str(uuid4())} | facts
        request = self.pbx.build_request(
            "POST",
            "/recordings",
            data={name: value for name, value in told.items() if value != "<none>"},
            files={"audio": ("message.wav", audio, "audio/wav")},
        )
        await request.aread()
        return await self.send(request.headers["Content-Type"], request.content, secret, age, tamper)

    async def send(
        self, content_type: str, body: bytes, secret: str = SECRET, age: float = 0, tamper: bytes = b""
    ) -> httpx.Response:
        """Any body, signed as the README says."""
        timestamp = str(int(time.time() - age))
        signed = f"POST\n/recordings\n{timestamp}\n".encode() + body
        headers = {
            "Content-Type": content_type,
            "X-Payam-Timestamp": timestamp,
            "X-Payam-Signature": f"v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}",
        }
        return await self.pbx.post("/recordings", content=body + tamper, headers=headers)


def settings_for(folder: Path, **changes: object) -> GatewayVoiceSettings:
    values: dict[str, Any] = {
        "spool_dir": folder / "spool",
        "push_secret": SECRET,
        "lease_size": 1_000,
        "TRACKING_CODE_KEY": "ab" * 32,
        "case_store": CaseStoreSettings(token="a-service-token"),
    }
    return GatewayVoiceSettings(**(values | changes))


@asynccontextmanager
async def house_at(
    folder: Path, *, away: bool = False, desk: Desk | None = None, **changes: object
) -> AsyncIterator[House]:
    """The gateway on one folder: started again there, it is the same one after a restart."""
    settings, bus = settings_for(folder, **changes), Bus()
    store = Store(folder / "objects", settings.objects.keyring)
    store.away = away
    leasing = CaseStoreClient(settings.case_store, httpx.MockTransport(Leasing()))
    desk = desk or Desk()
    calls = CallStore(settings.case_store, httpx.MockTransport(desk))
    app = create_app(settings, bus=bus, objects=store, leasing=leasing, call_store=calls)  # type: ignore[arg-type]  # bus: its twin
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://voice") as pbx,
    ):
        yield House(app, settings, bus, store, pbx, desk)


def recording(audio: Path, **changes: object) -> Recording:
    """As a call over ARI leaves it."""
    values = {
        "provider": "asterisk",
        "id": "1732300000.17",
        "caller": "+989121234567",
        "called": "1420",
        "at": AT,
    }
    return Recording(audio=audio, **(values | changes))  # type: ignore[arg-type]
