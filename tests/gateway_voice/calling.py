"""The calls' half of the gateway, put together as `app.py` does, with a shelf in memory for recordings."""

import asyncio
import wave
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from bus.errors import NotAcceptedError
from gateway_voice.calls.model import Step
from gateway_voice.clients.ari import Ari
from gateway_voice.clients.call_store import CallStore
from gateway_voice.clients.case_store import CaseStore
from gateway_voice.handlers.asked_calls import AskedCalls
from gateway_voice.handlers.calls import Calls
from gateway_voice.handlers.stored import Stored
from gateway_voice.handlers.world import World
from gateway_voice.model import Recording
from gateway_voice.repository.asked import CallNotes
from gateway_voice.repository.notes import Notes
from gateway_voice.settings import AsteriskSettings
from minting.settings import CaseStoreSettings
from tests.gateway_ussd.services import HttpService
from tests.gateway_voice.desk_double import Desk

OPEN = {"open": True, "until": "2099-01-01T00:00:00Z", "next_opening": "2026-01-01T00:00:00Z"}
CLOSED = {"open": False, "until": None, "next_opening": "2099-01-01T00:00:00Z"}
STANDING = "GET /api/v1/calendar/open"
NIGHT = {STANDING: (200, CLOSED)}
_codes = count(1_000_000_000)


@dataclass
class Shelf:
    """Where recordings are kept; `full` refuses them."""

    kept: list[Recording] = field(default_factory=list)
    sounds: list[bytes] = field(default_factory=list)
    full: bool = False

    async def keep(self, recording: Recording) -> None:
        if self.full:
            raise NotAcceptedError("no space left")
        self.sounds.append(recording.audio.read_bytes())
        await asyncio.sleep(0.02)
        self.kept.append(recording)

    @property
    def ids(self) -> list[str]:
        return [recording.id for recording in self.kept]


@dataclass
class Gateway:
    """One run of it; `died` leaves everything as a crash does."""

    settings: AsteriskSettings
    folder: Path
    service: HttpService
    shelf: Shelf
    codes: Callable[[], str | None]
    desk: Desk = field(default_factory=Desk)
    """Where agents ask for calls."""
    ari: Ari = field(init=False)
    stored: Stored = field(init=False)
    asked: AskedCalls = field(init=False)
    calls: Calls = field(init=False)

    def __post_init__(self) -> None:
        self.ari = Ari(self.settings)
        case_store = CaseStore(CaseStoreSettings(url=self.service.url, token="a-token"))
        self.stored = Stored(self.ari, Notes(self.folder), self.shelf, self.settings.app, "1420")
        told = CaseStoreSettings(url="http://store", token="a-token")
        self.asked = AskedCalls(
            self.ari,
            self.stored,
            CallStore(told, httpx.MockTransport(self.desk)),
            CallNotes(self.asked_folder),
            self.settings,
        )
        self.calls = Calls(World(self.ari, self.stored, case_store, self.codes, self.settings), self.asked)

    @property
    def asked_folder(self) -> Path:
        return self.folder.with_name("asked")

    async def start(self) -> "Gateway":
        await self.stored.start()
        await self.asked.start()
        await self.ari.start()
        await self.calls.start()
        await until(lambda: self.ari.health() is None)
        return self

    async def stop(self) -> None:
        await self.calls.stop()
        await self.asked.stop()
        await self.ari.stop()
        await self.calls._world.case_store.stop()

    async def again(self) -> "Gateway":
        """Another run on the same folder."""
        await self.stop()
        return await replace(self).start()

    def step(self, channel: str | None = None) -> Step | None:
        """Where a call stands; of the only one where none is named."""
        live = self.calls._live
        found = live.get(channel) if channel else next(iter(live.values()), None)
        return found._call.step if found else None

    async def comes_to(self, step: Step | None, channel: str | None = None, seconds: float = 60) -> None:
        await until(lambda: self.step(channel) is step, seconds, what=f"{step}, not {self.step(channel)}")


def a_code() -> str:
    return str(next(_codes))


async def until(true: Callable[[], Any], seconds: float = 10, what: str = "") -> None:
    try:
        async with asyncio.timeout(seconds):
            while not true():  # noqa: ASYNC110  (a telephone rings no bell of asyncio's)
                await asyncio.sleep(0.03)
    except TimeoutError:
        message = f"never came: {what or true}"
        raise AssertionError(message) from None


def write_wav(path: Path, samples: bytes) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(samples)
    return path


class Wire:
    """Between the gateway and Asterisk: `cut` ends every connection, and none comes until `mend`."""

    def __init__(self, port: int) -> None:
        self._far = port
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._far)
        self._writers |= {writer, far_writer}
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_pass_on(reader, far_writer))
                both.create_task(_pass_on(far_reader, writer))
        finally:
            self._writers -= {writer, far_writer}


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while content := await reader.read(65_536):
            writer.write(content)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
