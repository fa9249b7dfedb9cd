"""Keeps the outbox empty: woken by PostgreSQL when something is added, and now and then by the clock."""

import asyncio
import contextlib
from typing import Any, Final, cast

import structlog

from case_store.handlers.outbox import Outbox
from case_store.repository.database import Database, translated
from case_store.repository.outbox import CHANNEL
from envelope.errors import PayamError

_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0
_log = structlog.get_logger()


class Dispatcher:
    """Run as a Task; several processes may, and an advisory lock lets one publish at a time."""

    def __init__(self, database: Database, outbox: Outbox, *, poll_seconds: float) -> None:
        """Take the outbox and how long to wait at most between two looks."""
        self._database = database
        self._outbox = outbox
        self._poll_seconds = poll_seconds
        self._woken = asyncio.Event()
        self._ear: Any = None

    async def run(self) -> None:
        """Publish for ever; while the bus or PostgreSQL is away, rows wait and the pause grows."""
        pause = _FIRST_PAUSE
        async with contextlib.AsyncExitStack() as listening:
            while True:
                try:
                    await self._listen(listening)
                    await self._drain()
                    pause = _FIRST_PAUSE
                    await self._wait()
                except PayamError as error:
                    if not error.retriable:
                        raise
                    _log.warning("outbox_held_back", error=type(error).__name__, pause=pause)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE)

    async def _drain(self) -> None:
        self._woken.clear()
        while await self._outbox.publish_next():
            pass

    async def _wait(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), self._poll_seconds)

    async def _listen(self, listening: contextlib.AsyncExitStack) -> None:
        """Hold a connection that hears the channel; a lost one is replaced, till then the clock serves."""
        if self._ear is not None and not self._ear.is_closed():
            return
        self._ear = None
        with translated():
            await listening.aclose()
            connection = await listening.enter_async_context(self._database.engine.connect())
            ear = (await connection.get_raw_connection()).driver_connection
            await cast("Any", ear).add_listener(CHANNEL, lambda *_: self._woken.set())
        self._ear = ear
